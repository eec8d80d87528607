"""Who shares what: a category that was not shared is not the same as a value that is absent."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.catalogue import MEASURES, PUBLIC
from liandong.assess.measures.events import rows_of
from liandong.assess.measures.invoices import Columns, Trade
from liandong.step.consents import asked_for, consenting

Bool = NDArray[np.bool_]

PURPOSE = "credit"
"""What consents must be for."""


def shared(
    consent: pa.Table, firms: pa.Array, seen: dict[str, Bool], as_of: date
) -> dict[str, Bool]:
    """Return by category which firms share it on ``as_of``.

    Public categories need nobody's consent. If there is any consent for credit, the others are
    shared by those who consented (dataset = category, or ``*`` for all) until that day or longer.
    Without any, nobody was asked: what was loaded of a firm counts as shared.

    Parameters
    ----------
    consent
        The table.
    firms
        Ids of the firms in order.
    seen
        By category: which firms there are rows of.
    """
    asked = asked_for(consent, PURPOSE)
    found = {c: np.ones(len(firms), bool) for c in {m.category for m in MEASURES}}
    for category in found.keys() - PUBLIC:
        if len(asked):
            at = rows_of(consenting(asked, category, as_of), firms)
            found[category] = np.isin(np.arange(len(firms)), at)
        else:
            found[category] = seen.get(category, ~found[category])
    return found


def seen(
    signal: pa.Table, trade: Trade, bank: pa.Table, firms: pa.Array, as_of: date
) -> dict[str, Bool]:
    """Return by category of which firms there were any rows on ``as_of``.

    Parameters
    ----------
    bank
        Sums of transfers by firm (row of ``firms``).
    """
    everybody = np.arange(len(firms))
    here = pc.fill_null(pc.less_equal(signal["seen_at"], pa.scalar(as_of)), fill_value=True)
    pairs = signal.filter(here).select(["party_id", "source"])
    pairs = pairs.group_by(["party_id", "source"], use_threads=False).aggregate([])
    at = rows_of(pairs["party_id"], firms)
    sources = pairs["source"].to_numpy(zero_copy_only=False)
    found = {s: np.isin(everybody, at[sources == s]) for s in np.unique(sources.astype(str))}
    return {
        **found, "invoice": trade.shared, "bank": np.isin(everybody, bank["firm"].to_numpy()),
    }  # fmt: skip


def withheld(columns: Columns, sharing: dict[str, Bool]) -> tuple[Columns, dict[str, Bool]]:
    """Return the measures without what was not shared, and by measure which values that hides."""
    hidden = {m.name: ~sharing[m.category] for m in MEASURES}
    return {n: np.where(hidden[n], np.nan, columns[n]) for n in hidden}, hidden
