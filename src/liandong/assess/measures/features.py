"""What a firm looked like on a day: measures from invoices and signals known by then."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.measures.catalogue import MEASURES
from liandong.assess.measures.invoices import grouped, invoice_measures, invoice_sums
from liandong.assess.measures.signals import signal_measures
from liandong.errors import DataError
from liandong.step import Rule, Tables, fold, output
from liandong.step.core import concat
from liandong.step.totals import must_fit, size
from liandong.texts import both

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

KINDS = ("firm", "coop")


class FeatureRule(Rule):
    """When to look, and how far back.

    Attributes
    ----------
    as_of
        Only what was known at the end of this day counts.
    window
        Months of the latest year; as many before them are what growth is measured against.
    """

    as_of: date
    window: int = Field(default=12, ge=2, le=120)


def _firms(party: pa.Table, day: date) -> pa.Array:
    """Return the ids of the firms that existed on ``day``, in order."""
    some = pc.is_in(party["kind"], value_set=pa.array(KINDS))
    for begin in ("founded", "valid_from"):
        begun = pc.less_equal(party[begin], pa.scalar(day))
        some = pc.and_(some, pc.fill_null(begun, fill_value=True))
    ended = pc.fill_null(pc.less(party["valid_to"], pa.scalar(day)), fill_value=False)
    ids = party["party_id"].filter(pc.and_not(some, ended)).combine_chunks()
    return ids.take(pc.sort_indices(ids))


def _partial(tables: Tables, rule: FeatureRule) -> Tables:
    firms = _firms(tables["party"], rule.as_of)
    invoice = tables["invoice"]
    sums = invoice_sums(invoice, firms, rule.as_of)
    return {"sums": sums, "size": size(invoice["net"], invoice["tax"])}


def _merge(left: Tables, right: Tables) -> Tables:
    both = concat(left, right)
    return {**both, "sums": grouped(both["sums"])}


@fold(
    reads=("invoice", "signal", "party"),
    writes=("feature",),
    split=("invoice",),
    rule=FeatureRule,
    partial=_partial,
    merge=_merge,
    part=("as_of",),
)
def features(tables: Tables, rule: FeatureRule) -> Tables:
    """Measure every firm on ``as_of`` by what was known then.

    One row for each firm and measure; the value is null where the firm did not share the category,
    or where the measure is undefined (growth without a year before). Amounts are in yuan, shares
    and growth in parts of 1. Nothing that a bank says of the firm is a measure.

    Raises
    ------
    DataError
        If there are no firms on ``as_of``, or amounts are too large to be added up.
    """
    must_fit(tables["size"], "invoice")
    firms = _firms(tables["party"], rule.as_of)
    if not len(firms):
        raise DataError(
            file="party",
            what=both("fault.no_firms", day=rule.as_of),
            remedy=both("advice.load_first"),
        )
    columns = invoice_measures(tables["sums"], len(firms), rule.window)
    columns |= signal_measures(
        tables["signal"], firms, columns["sales_12m"], rule.as_of, rule.window
    )
    names = [m.name for m in MEASURES]
    value = np.column_stack([columns[n] for n in names]).ravel()
    return output(
        "feature",
        party_id=firms.take(np.repeat(np.arange(len(firms)), len(names))),
        as_of=pa.repeat(rule.as_of, len(value)),
        measure=pa.array(names).take(np.tile(np.arange(len(names)), len(firms))),
        value=pa.array(value, mask=np.isnan(value)),
    )


def wide(feature: pa.Table, as_of: date, measures: list[str]) -> tuple[pa.Array, Float, Bool]:
    """Return the parties with features on ``as_of`` in order, and their measures side by side.

    Returns
    -------
    ids, values, withheld
        Party ids; shape (parties, measures): values, NaN where one is absent or not finite, and
        which were not shared.
    """
    rows = feature.filter(pc.equal(feature["as_of"], pa.scalar(as_of)))
    ids = pc.unique(rows["party_id"])
    ids = ids.take(pc.sort_indices(ids))
    column = pc.index_in(rows["measure"], value_set=pa.array(measures, pa.string()))
    rows, column = rows.filter(pc.is_valid(column)), pc.drop_null(column)
    values = np.full((len(ids), len(measures)), np.nan)
    withheld = np.zeros(values.shape, bool)
    at = pc.index_in(rows["party_id"], value_set=ids).to_numpy(), column.to_numpy()
    values[at] = rows["value"].to_numpy()
    withheld[at] = pc.fill_null(rows["withheld"], False)  # noqa: FBT003 - the value instead of null
    return ids, np.where(np.isfinite(values), values, np.nan), withheld
