"""What became of subjects: their first default, and how much was owed then."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Int = NDArray[np.int64]

DEFAULTS = ("default", "enforcement")
"""Kinds of events that are one: 90 days past due, or a court enforces."""
DAY = 86_400_000_000


class Outcomes(NamedTuple):
    """First defaults in order of subject, one a subject.

    Attributes
    ----------
    subject
        Number of the subject.
    at
        Its day, as its first microsecond.
    owed
        Fen, 0 if nobody says.
    """

    subject: Int
    at: Int
    owed: Int


def outcomes(events: pa.Table, subjects: pa.Array, before: int) -> Outcomes:
    """Return the first default of each subject.

    Parameters
    ----------
    events
        Table ``event``.
    subjects
        Who is watched; others are left out.
    before
        Nothing from this moment on is known.
    """
    kinds = pa.array(DEFAULTS, pa.string())
    found = events.filter(pc.is_in(events["kind"], value_set=kinds))
    found = found.filter(pc.is_in(found["party_id"], value_set=subjects))
    subject = pc.index_in(found["party_id"], value_set=subjects).to_numpy().astype(np.int64)
    at = found["at"].cast(pa.int32()).to_numpy().astype(np.int64) * DAY
    owed = pc.fill_null(found["amount"], 0).to_numpy()
    kept = np.flatnonzero(at < before)
    order = kept[np.lexsort((-owed[kept], at[kept], subject[kept]))]
    first = order[np.unique(subject[order], return_index=True)[1]]
    return Outcomes(subject[first], at[first], owed[first])
