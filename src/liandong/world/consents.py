"""Who lets the platform use what for credit: most firms everything, some not all, some no more."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import chance, dates, pick
from liandong.world.firms import Cast
from liandong.world.months import Months

DATASETS = ("*", "invoice", "tax", "utility", "staff", "ip", "customs", "bank")
"""What consents are for; ``*`` is all of it."""
WHOLE, GIVEN, LAPSED = 0.85, 0.8, 0.1
"""Share of the firms that consent to all; that each other one consents to a data set; and of such
consents that end within the world."""
PURPOSE = "credit"


def consent_table(asking: pa.ChunkedArray, cast: Cast, months: Months, rng: Generator) -> pa.Table:
    """Return ``consent``; all have a year from the last day, but those that lapsed.

    Parameters
    ----------
    asking
        Ids of firms that ask for money: they consent to the use of their invoices, and stand by it.
    """
    whole = chance(rng, WHOLE, cast.firms)
    some = chance(rng, GIVEN, cast.firms * (len(DATASETS) - 1)).reshape(cast.firms, -1)
    some[whole] = False
    given = np.column_stack([whole, some])
    asks = pc.is_in(cast.ids[: cast.firms], value_set=pc.unique(asking))
    needed = asks.to_numpy(zero_copy_only=False) & ~whole
    given[needed, 1] = True
    firm, dataset = np.nonzero(given)
    until = np.full(len(firm), months.end + 365)
    lapsed = chance(rng, LAPSED, len(firm)) & (dataset > 0) & ~(needed[firm] & (dataset == 1))
    until[lapsed] = rng.integers(months.first[0], months.end, int(lapsed.sum()))
    party, what, end = pick(cast.ids, firm), pick(DATASETS, dataset), dates(until)
    # The books only grow: a consent of another world must not bear the number of this one.
    name = pc.binary_join_element_wise("K", party, what, pc.cast(end, pa.string()), "-")
    return build("consent", {
        "consent_id": name, "party_id": party, "dataset": what,
        "purpose": pa.repeat(PURPOSE, len(firm)), "until": end,
    })  # fmt: skip
