"""What a firm looked like on a day: measures from invoices and signals known by then."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.measures.banks import added, bank_measures, flow_sums
from liandong.assess.measures.catalogue import MEASURES
from liandong.assess.measures.course import course_measures
from liandong.assess.measures.events import event_measures, known_events, troubled
from liandong.assess.measures.invoices import (
    Columns,
    Trade,
    grouped,
    invoice_measures,
    invoice_sums,
)
from liandong.assess.measures.network import network_measures
from liandong.assess.measures.owners import Behind, age, owner_measures
from liandong.assess.measures.sharing import seen, shared, withheld
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
    invoice, flow = tables["invoice"], tables["flow"]
    behind = Behind.of(tables["edge"], rule.as_of)
    return {
        "sums": invoice_sums(invoice, firms, rule.as_of),
        "money": flow_sums(flow, tables["bank_account"], behind, firms, rule.as_of),
        "size": size(invoice["net"], invoice["tax"]),
        "moved": size(flow["amount"], tables["bank_account"]["opening_balance"]),
    }


def _merge(left: Tables, right: Tables) -> Tables:
    both = concat(left, right)
    return {**both, "sums": grouped(both["sums"]), "money": added(both["money"])}


@fold(
    reads=("invoice", "signal", "party", "event", "edge", "flow", "bank_account", "consent"),
    writes=("feature",),
    split=("invoice", "flow"),
    rule=FeatureRule,
    partial=_partial,
    merge=_merge,
    part=("as_of",),
)
def features(tables: Tables, rule: FeatureRule) -> Tables:
    """Measure every firm on ``as_of`` by what was known then.

    One row for each firm and measure. A category that the firm does not share is ``withheld`` and
    its values are null, see :func:`liandong.assess.measures.sharing.shared`; a value is null, too,
    where the measure is undefined (growth without a year before). Amounts are in yuan, shares and
    growth in parts of 1. Nothing that a bank says of the firm is a measure.

    Raises
    ------
    DataError
        If there are no firms on ``as_of``, or amounts are too large to be added up.
    """
    must_fit(tables["size"], "invoice")
    must_fit(tables["moved"], "flow")
    firms = _firms(tables["party"], rule.as_of)
    if not len(firms):
        raise DataError(
            file="party",
            what=both("fault.no_firms", day=rule.as_of),
            remedy=both("advice.load_first"),
        )
    columns, hidden = _columns(tables, firms, rule)
    names = [m.name for m in MEASURES]
    value = np.column_stack([columns[n] for n in names]).ravel()
    return output(
        "feature",
        party_id=firms.take(np.repeat(np.arange(len(firms)), len(names))),
        as_of=pa.repeat(rule.as_of, len(value)),
        measure=pa.array(names).take(np.tile(np.arange(len(names)), len(firms))),
        value=pa.array(value, mask=np.isnan(value)),
        withheld=np.column_stack([hidden[n] for n in names]).ravel(),
    )


def _columns(tables: Tables, firms: pa.Array, rule: FeatureRule) -> tuple[Columns, dict[str, Bool]]:
    """Return all measures, and which values are withheld."""
    as_of, window = rule.as_of, rule.window
    trade = Trade.of(tables["sums"], firms)
    event, behind = known_events(tables["event"], as_of), Behind.of(tables["edge"], as_of)
    rows = seen(tables["signal"], trade, tables["money"], firms, as_of)
    sharing = shared(tables["consent"], firms, rows, as_of)
    columns = invoice_measures(trade, window)
    # What is compared with sales must not tell of sales that were not shared.
    sales = np.where(sharing["invoice"], columns["sales_12m"], np.nan)
    columns |= course_measures(trade, window)
    columns |= network_measures(trade, troubled(event), window)
    columns |= signal_measures(tables["signal"], firms, sales, as_of, window)
    columns |= bank_measures(tables["money"], tables["bank_account"], firms, window)
    columns |= event_measures(event, firms, sales, as_of, window)
    columns |= owner_measures(behind, event, firms)
    columns["firm_age"] = age(tables["party"], firms, as_of)
    columns = {n: np.where(np.isfinite(c), c, np.nan) for n, c in columns.items()}
    return withheld(columns, sharing)


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
