"""What happened to parties: courts, fines, and who is known to be in trouble."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.assess.measures.invoices import Columns, Float, share
from liandong.assess.measures.months import Int, days, months_before

TROUBLE = ("default", "enforcement", "listing", "closure")
"""Kinds of events after which a party is in trouble."""
SUITS, FINES = ("lawsuit", "enforcement", "listing"), ("penalty",)
BACK = 2
"""Years that cases and fines are counted back."""


def known_events(event: pa.Table, as_of: date) -> pa.Table:
    """Return the events that had happened and were known on ``as_of``."""
    seen = pc.coalesce(event["seen_at"], event["at"])
    day = pa.scalar(as_of)
    return event.filter(pc.and_(pc.less_equal(seen, day), pc.less_equal(event["at"], day)))


def of_kinds(event: pa.Table, kinds: tuple[str, ...]) -> pa.Table:
    """Return the events of some kinds."""
    return event.filter(pc.is_in(event["kind"], value_set=pa.array(kinds)))


def troubled(event: pa.Table) -> pa.Array:
    """Return the ids of the parties in trouble; ``event`` holds what is known."""
    return pc.unique(of_kinds(event, TROUBLE)["party_id"])


def event_measures(
    event: pa.Table, firms: pa.Array, sales: Float, as_of: date, window: int
) -> Columns:
    """Return measures of courts and fines, one value a firm.

    Courts and authorities publish: whoever is not named there has nothing, so the value is 0.

    Parameters
    ----------
    event
        What was known on ``as_of``.
    sales
        Yearly sales of each firm in yuan: fines are compared with them.
    """
    recent = event.filter(pa.array(months_before(days(event["at"]), as_of) < BACK * window))
    suits, fines = of_kinds(recent, SUITS), of_kinds(recent, FINES)
    fined = np.zeros(len(firms), np.int64)
    at = rows_of(fines["party_id"], firms)
    amount = pc.fill_null(fines["amount"], 0).to_numpy()
    np.add.at(fined, at[at >= 0], amount[at >= 0])
    return {
        "suits_24m": counted(suits["party_id"], firms),
        "penalties_24m": counted(fines["party_id"], firms),
        "penalty_share": against(fined / 100, sales),
    }


def against(claimed: Float, sales: Float) -> Float:
    """Return claims over claims and sales: 0 without any, NaN if nobody knows the sales."""
    return np.where(claimed > 0, share(claimed, claimed + sales), 0.0)


def rows_of(party: pa.ChunkedArray, firms: pa.Array) -> Int:
    """Return the row of each party among ``firms``, -1 for others."""
    return np.asarray(pc.fill_null(pc.index_in(party, value_set=firms), -1).to_numpy(), np.int64)


def counted(party: pa.ChunkedArray, firms: pa.Array) -> Float:
    """Return how often each of ``firms`` is among ``party``."""
    at = rows_of(party, firms)
    return np.bincount(at[at >= 0], minlength=len(firms)).astype(np.float64)
