"""What scores said of borrowers on a day and when their loans were made."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Int = NDArray[np.int64]

UNKNOWN = -1
_DAYS = 1 << 32
"""More than there are days: a party and a day in one number."""


class Looks(NamedTuple):
    """Probabilities of default in ppm, UNKNOWN where there is no score, one entry a loan.

    Attributes
    ----------
    now
        By the newest score until the day.
    then
        By the newest score until the loan was made; or else the first after that, if it is not
        the newest one itself.
    at_start
        Whether ``then`` was known when the loan was made.
    grade
        Grade of the newest score, null without one.
    """

    now: Int
    then: Int
    at_start: NDArray[np.bool_]
    grade: pa.Array


def looks(score: pa.Table, party: pa.Array, start: Int, day: int) -> Looks:
    """Look up what scores say of borrowers.

    Of several scores of a day that of the highest risk counts.

    Parameters
    ----------
    score
        Table ``score``.
    party
        Borrower of each loan.
    start
        Shape (n,), day of each loan, days since 1970-01-01.
    day
        The day of the assessment, likewise.
    """
    rows = score.filter(pc.is_in(score["party_id"], value_set=party))
    order = [("party_id", "ascending"), ("as_of", "ascending"), ("pd", "ascending"),
             ("rule_id", "descending")]  # fmt: skip
    rows = rows.sort_by(order).combine_chunks()
    known = pc.unique(rows["party_id"])
    code = pc.index_in(rows["party_id"], value_set=known).to_numpy().astype(np.int64)
    key = code * _DAYS + rows["as_of"].cast(pa.int32()).to_numpy()
    worst = np.flatnonzero(np.diff(key, append=-1) != 0)  # the last of each party and day
    key, rows = key[worst], rows.take(pa.array(worst))
    own = pc.fill_null(pc.index_in(party, value_set=known), UNKNOWN).to_numpy().astype(np.int64)
    newest = _before(key, own, np.full(len(own), day))
    first = _before(key, own, start)
    at_start = first != UNKNOWN
    later = np.searchsorted(key, own * _DAYS + start, side="right")
    first = np.where(at_start, first, np.where(later < newest, later, UNKNOWN))
    pd = np.append(rows["pd"].to_numpy().astype(np.int64), UNKNOWN)
    at = pa.array(newest, mask=newest == UNKNOWN)
    return Looks(pd[newest], pd[first], at_start, rows["grade"].combine_chunks().take(at))


def _before(key: Int, own: Int, day: Int) -> Int:
    """Return the last row of each party until a day, or UNKNOWN."""
    at = np.searchsorted(key, own * _DAYS + day, side="right") - 1
    right = (at >= 0) & (own != UNKNOWN)
    right[right] = key[at[right]] // _DAYS == own[right]
    return np.where(right, at, UNKNOWN)
