"""Output of regions from what a board knows of its firms: sales by industry, patents by field."""

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build
from liandong.step import Tables, fold
from liandong.survey.regions import cut

DERIVED = "derived"
"""Vintage of what is added up from firms."""
DIVISION = 3
"""Letters of an industry code that name its division."""
FIELD = "patents."
"""Measures of ``signal`` that count the patents of one field: ``patents.H01L``."""


@fold(reads=("party", "invoice", "signal"), writes=("region_output",))
def outputs(tables: Tables, rule: object) -> Tables:  # noqa: ARG001 - the signature of a step
    """Add up what the firms of each province sell by industry, and invent by field, a year.

    What comes of it has the vintage ``derived`` and stands beside loaded statistics, never added
    to them. Firms without a region, or without an industry, are left out of sales; void invoices
    too, and red ones take away what they take back.
    """
    firms = tables["party"].select(["party_id", "region_id", "industry"])
    province = cut(firms["region_id"], "province")
    division = pc.utf8_slice_codeunits(firms["industry"], 0, DIVISION)
    firms = pa.table({"firm": firms["party_id"], "region_id": province, "division": division})
    parts = (_sales(tables["invoice"], firms), _patents(tables["signal"], firms))
    return {"region_output": pa.concat_tables(parts)}


def _sales(invoice: pa.Table, firms: pa.Table) -> pa.Table:
    rows = invoice.filter(pc.not_equal(invoice["status"], "void"))
    year = pc.strftime(rows["date"], format="%Y")
    sold = pa.table({"firm": rows["seller"], "period": year, "value": rows["net"]})
    found = _joined(sold, firms, "division")
    yuan = pc.divide(pc.cast(found["value"], pa.float64()), 100.0)
    return _output(found.set_column(found.column_names.index("value"), "value", yuan),
                   "industry", "yuan")  # fmt: skip


def _patents(signal: pa.Table, firms: pa.Table) -> pa.Table:
    rows = signal.filter(pc.starts_with(signal["measure"], FIELD))
    counted = pa.table({
        "firm": rows["party_id"],
        "period": pc.utf8_slice_codeunits(rows["period"], 0, 4),
        "item": pc.utf8_slice_codeunits(rows["measure"], len(FIELD)),
        "value": rows["value"],  # whole numbers: their order changes no sum
    })  # fmt: skip
    return _output(_joined(counted, firms, "item"), "patent", "patents")


def _joined(rows: pa.Table, firms: pa.Table, item: str) -> pa.Table:
    """Add up values by region, item and period."""
    own = [c for c in rows.column_names if c != "value"]
    summed = rows.group_by(own).aggregate([("value", "sum")]).rename_columns([*own, "value"])
    found = summed.join(firms, "firm", join_type="inner")
    by = ["region_id", item, "period"]
    found = found.filter(pc.and_(found["region_id"].is_valid(), found[item].is_valid()))
    found = found.group_by(by).aggregate([("value", "sum")])
    return found.rename_columns(["region_id", "item", "period", "value"])


def _output(found: pa.Table, kind: str, unit: str) -> pa.Table:
    rows = len(found)
    return build("region_output", {
        **{n: found[n] for n in ("region_id", "item", "period", "value")},
        "kind": pa.repeat(kind, rows),
        "vintage": pa.repeat(DERIVED, rows),
        "unit": pa.repeat(unit, rows),
    })  # fmt: skip
