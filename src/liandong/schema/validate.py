"""From rows as they came to rows that may be believed; the others go to the error table.

Everything is done column by column: a check returns a mask of the wrong rows, and only those rows
are ever looked at one by one, to say what is wrong and what to do.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.schema.arrow import arrow_schema, arrow_type
from liandong.schema.checked import Checked, gather, origin_of, refused
from liandong.schema.field import Field
from liandong.schema.parse import parse_column
from liandong.schema.shapes import SHAPES, fits
from liandong.schema.tables import table
from liandong.texts import LANGUAGES, both
from liandong.types import credit_code_ok

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class _Fault:
    mask: pa.ChunkedArray
    field: str
    code: str


def validate(
    name: str,
    data: pa.Table,
    file: str,
    first_row: int | pa.Array = 1,
    *,
    units: Mapping[str, str] = NOTHING,
    columns: Mapping[str, str] = NOTHING,
) -> Checked:
    """Split ``data`` into good rows and errors.

    Parameters
    ----------
    name
        Table whose schema must hold.
    data
        Columns by field name, typed or as text; absent nullable columns are filled with null.
    file
        Name of the source, for the error table.
    first_row
        Number of the first row in the source (2 for a CSV file with a header), or of each row.
    units
        Units of money and rates by field name, see :data:`liandong.schema.parse.UNITS`.
    columns
        What the source calls a field, where it does so otherwise.

    Returns
    -------
    Checked
        The good rows in schema order, the errors, and the count of refused rows.
    """
    checked = check_rows(name, data, file, first_row, units=units, columns=columns)
    return checked.without_repeats()


def check_rows(
    name: str,
    data: pa.Table,
    file: str,
    first_row: int | pa.Array = 1,
    *,
    units: Mapping[str, str] = NOTHING,
    columns: Mapping[str, str] = NOTHING,
) -> Checked:
    """Do what :func:`validate` does, but let keys repeat: they are looked for over all files."""
    raw = {f.name: _column(data, f) for f in table(name).fields}
    parsed, faults = _parse(name, raw, units)
    numbers = isinstance(first_row, pa.Array)
    rows = first_row if numbers else pa.array(np.arange(len(data)) + first_row)
    origin = origin_of(file, rows)
    if not faults:
        return Checked(name, parsed, origin, gather([]), 0)
    bad = faults[0].mask
    for f in faults[1:]:
        bad = pc.or_(bad, f.mask)
    called = {n: f"{n} ({columns[n]})" for n in columns if columns[n] != n}
    errors = [
        refused(origin, f.mask, [raw[f.field]], called.get(f.field, f.field), f.code)
        for f in faults
    ]
    good = pc.invert(bad)
    return Checked(
        name, parsed.filter(good), origin.filter(good), gather(errors), pc.sum(bad).as_py()
    )


def need_valid(name: str, data: pa.Table) -> None:
    """Refuse rows that are not valid; DataError names the first one and what to do."""
    errors = validate(name, data, name).errors.to_pylist()
    if errors:
        e = errors[0]
        why, remedy = ({lang: e[f"{n}_{lang}"] for lang in LANGUAGES} for n in ("reason", "remedy"))
        what = both("fault.row", row=e["row"], field=e["field"], why=why)
        raise DataError(file=name, what=what, remedy=remedy)


def _parse(
    name: str, raw: Mapping[str, pa.ChunkedArray], units: Mapping[str, str]
) -> tuple[pa.Table, list[_Fault]]:
    """Return the typed columns and what is wrong in them."""
    spec = table(name)
    typed: dict[str, pa.ChunkedArray] = {}
    faults: list[_Fault] = []
    for f in spec.fields:
        typed[f.name], wrong = parse_column(raw[f.name], f, units.get(f.name, ""))
        faults += [_Fault(wrong, f.name, f"not_{f.kind}")] if wrong is not None else []
        faults += _field_faults(typed[f.name], wrong, f)
    for check in spec.checks:
        faults += [_Fault(m, n, code) for m, n, code in ROW_CHECKS[check](typed)]
    parsed = pa.table(list(typed.values()), schema=arrow_schema(name))
    return parsed, [f for f in faults if pc.any(f.mask).as_py()]


def _column(data: pa.Table, f: Field) -> pa.ChunkedArray:
    if f.name in data.column_names:
        return data[f.name]
    return pa.chunked_array([pa.nulls(len(data), arrow_type(f.kind))])


def _field_faults(
    col: pa.ChunkedArray, wrong: pa.ChunkedArray | None, f: Field
) -> Iterator[_Fault]:
    if not f.null and col.null_count:
        absent = pc.is_null(col)
        # A value that was there but could not be read has its own error already.
        yield _Fault(absent if wrong is None else pc.and_not(absent, wrong), f.name, "missing")
    if f.choices:
        unknown = pc.invert(pc.is_in(col, value_set=pa.array(f.choices)))
        yield _Fault(pc.and_(unknown, pc.is_valid(col)), f.name, "not_a_choice")
    if f.kind in PATTERNS:
        off = pc.invert(pc.match_substring_regex(col, PATTERNS[f.kind][0]))
        yield _Fault(pc.fill_null(off, fill_value=False), f.name, PATTERNS[f.kind][1])
    if f.kind == "credit_code":
        yield _Fault(_wrong_values(col, credit_code_ok), f.name, "check_digit")
    if f.kind == "json":
        yield _Fault(_wrong_values(col, lambda v: fits(v, f.shape)), f.name, SHAPES[f.shape][1])
    for bound, beyond in zip(f.bounds, (pc.less, pc.greater), strict=True):
        if bound is not None:
            edge = pa.scalar(date.fromisoformat(bound) if isinstance(bound, str) else bound)
            mask = beyond(col, edge.cast(col.type))
            yield _Fault(pc.fill_null(mask, fill_value=False), f.name, "out_of_range")


PATTERNS = {
    "region": (r"^\d{6}$", "not_adcode"),
    "industry": (r"^[A-T](\d{2,4})?$", "not_industry"),
}


def _wrong_values(col: pa.ChunkedArray, good: Callable[[str], bool]) -> pa.ChunkedArray:
    """Mask of texts that are not good; each distinct one is tested once."""
    distinct = pc.drop_null(pc.unique(col))
    wrong = [c for c in distinct.to_pylist() if not good(c)]
    return pc.is_in(col, value_set=pa.array(wrong, pa.string()))


Columns = Mapping[str, pa.ChunkedArray]
RowFaults = Iterator[tuple[pa.ChunkedArray, str, str]]


def _negative_flow(t: Columns) -> RowFaults:
    bad = pc.and_(pc.less(t["amount"], 0), pc.is_null(t["ref"]))
    yield pc.fill_null(bad, fill_value=False), "amount", "negative_without_ref"


def _negative_invoice(t: Columns) -> RowFaults:
    plain = pc.and_(pc.equal(t["status"], "valid"), pc.is_null(t["ref"]))
    bad = pc.and_(pc.less(t["net"], 0), plain)
    yield pc.fill_null(bad, fill_value=False), "net", "negative_without_ref"


def _valid_span(t: Columns) -> RowFaults:
    bad = pc.less(t["valid_to"], t["valid_from"])
    yield pc.fill_null(bad, fill_value=False), "valid_to", "ends_before_start"


def _band(low: str, high: str) -> Callable[[Columns], RowFaults]:
    def check(t: Columns) -> RowFaults:
        yield pc.fill_null(pc.less(t[high], t[low]), fill_value=False), high, "band_reversed"

    return check


def _received_sign(t: Columns) -> RowFaults:
    # Something may be exchanged for nothing, but not nothing for something.
    lost = pc.and_(pc.equal(t["received"], 0), pc.greater(t["amount"], 0))
    bad = pc.and_not(pc.not_equal(pc.sign(t["amount"]), pc.sign(t["received"])), lost)
    yield pc.fill_null(bad, fill_value=False), "received", "received_sign"


def _currency(t: Columns) -> RowFaults:
    off = pc.invert(pc.match_substring_regex(t["currency"], "^[A-Z]{3}$"))
    yield pc.fill_null(off, fill_value=False), "currency", "not_currency"


def _month(t: Columns) -> RowFaults:
    off = pc.invert(pc.match_substring_regex(t["month"], r"^\d{4}-(0[1-9]|1[0-2])$"))
    yield pc.fill_null(off, fill_value=False), "month", "not_month"


def _sanctioned_handled(t: Columns) -> RowFaults:
    more = pc.greater(t["sanctioned"], t["handled"])
    yield pc.fill_null(more, fill_value=False), "sanctioned", "more_than_handled"


def _stop(t: Columns) -> RowFaults:
    none = pc.and_(pc.is_null(t["arrives"]), pc.is_null(t["departs"]))
    early = pc.fill_null(pc.less(t["departs"], t["arrives"]), fill_value=False)
    yield pc.or_(none, early), "departs", "departs_early"


def _negative_input(t: Columns) -> RowFaults:
    # Stocks may shrink and subsidies exceed taxes, but nobody sells less than nothing.
    sold = pc.is_in(t["cell"], value_set=pa.array(["inter", "output"]))
    yield pc.and_(sold, pc.less(t["value"], 0)), "value", "negative_input"


ROW_CHECKS: dict[str, Callable[[Columns], RowFaults]] = {
    "currency": _currency,
    "month": _month,
    "negative_flow": _negative_flow,
    "received_sign": _received_sign,
    "negative_input": _negative_input,
    "negative_invoice": _negative_invoice,
    "sanctioned_handled": _sanctioned_handled,
    "stop": _stop,
    "valid_span": _valid_span,
    "band_amount": _band("min_amount", "max_amount"),
    "band_rate": _band("min_rate", "max_rate"),
    "band_criterion": _band("low", "high"),
}
