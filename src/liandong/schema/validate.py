"""From rows as they came to rows that may be believed; the others go to the error table.

Everything is done column by column: a check returns a mask of the wrong rows, and only those rows
are ever looked at one by one, to say what is wrong and what to do.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import arrow_schema, arrow_type, build, empty
from liandong.schema.field import Field, Table
from liandong.schema.parse import parse_column
from liandong.texts import text
from liandong.types import credit_code_ok

MAX_ERRORS_A_CHECK = 10_000
"""A file that is wrong everywhere is reported, not copied: rows beyond this are only counted."""


@dataclass(frozen=True)
class Checked:
    """The outcome of a validation.

    Attributes
    ----------
    good
        Rows in the schema of the table.
    errors
        Rows of ``load_error``.
    bad_rows
        How many rows were refused (a row may have several errors).
    """

    good: pa.Table
    errors: pa.Table
    bad_rows: int


@dataclass(frozen=True)
class _Fault:
    mask: pa.ChunkedArray
    field: str
    code: str


def validate(name: str, data: pa.Table, file: str, first_row: int = 1) -> Checked:
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
        Number of the first row in the source (2 for a CSV file with a header).

    Returns
    -------
    Checked
        The good rows in schema order, the errors, and the count of refused rows.
    """
    from liandong.schema.tables import table

    spec = table(name)
    raw = {f.name: _column(data, f) for f in spec.fields}
    typed: dict[str, pa.ChunkedArray] = {}
    faults: list[_Fault] = []
    for f in spec.fields:
        typed[f.name], wrong = parse_column(raw[f.name], f)
        faults += [_Fault(wrong, f.name, f"not_{_family(f)}")] if wrong is not None else []
    parsed = pa.table(typed)
    for f in spec.fields:
        faults += _field_faults(parsed[f.name], raw[f.name], f)
    for check in spec.checks:
        faults += [_Fault(m, field, code) for m, field, code in ROW_CHECKS[check](parsed)]
    faults += _duplicates(parsed, spec, _any(faults, len(parsed)))
    faults = [f for f in faults if pc.any(f.mask).as_py()]
    if not faults:
        return Checked(_shaped(name, parsed), empty("load_error"), 0)
    bad = _any(faults, len(parsed))
    good = _shaped(name, parsed.filter(pc.invert(bad)))
    errors = error_table(r for f in faults for r in _rows_of(f, raw, file, first_row))
    return Checked(good, errors, pc.sum(bad).as_py())


def _shaped(name: str, parsed: pa.Table) -> pa.Table:
    return pa.table(parsed.columns, schema=arrow_schema(name))


def _column(data: pa.Table, f: Field) -> pa.ChunkedArray:
    if f.name in data.column_names:
        return data[f.name]
    return pa.chunked_array([pa.nulls(len(data), arrow_type(f.kind))])


def _family(f: Field) -> str:
    return {"money": "money", "rate": "rate", "int": "int", "float": "float", "date": "date",
            "time": "time", "bool": "bool"}.get(f.kind, "text")  # fmt: skip


def _any(faults: list[_Fault], rows: int) -> pa.ChunkedArray:
    mask = pa.chunked_array([pa.repeat(pa.scalar(False), rows)])  # noqa: FBT003
    for f in faults:
        mask = pc.or_(mask, f.mask)
    return mask


def _field_faults(col: pa.ChunkedArray, raw: pa.ChunkedArray, f: Field) -> Iterator[_Fault]:
    if not f.null:
        # A value that was there but could not be read has its own error already.
        absent = pc.and_(pc.is_null(col), pc.is_null(raw))
        if pa.types.is_string(col.type):
            absent = pc.or_(absent, pc.fill_null(pc.equal(col, ""), fill_value=False))
        yield _Fault(absent, f.name, "missing")
    if f.choices:
        unknown = pc.invert(pc.is_in(col, value_set=pa.array(f.choices)))
        yield _Fault(pc.and_(unknown, pc.is_valid(col)), f.name, "not_a_choice")
    if f.kind in PATTERNS:
        off = pc.invert(pc.match_substring_regex(col, PATTERNS[f.kind][0]))
        yield _Fault(pc.fill_null(off, fill_value=False), f.name, PATTERNS[f.kind][1])
    if f.kind == "credit_code":
        yield _Fault(_wrong_codes(col), f.name, "check_digit")
    for bound, op in ((f.low, pc.less), (f.high, pc.greater)):
        if bound is not None:
            edge = pa.scalar(bound).cast(col.type)
            yield _Fault(pc.fill_null(op(col, edge), fill_value=False), f.name, "out_of_range")


PATTERNS = {
    "region": (r"^\d{6}$", "not_adcode"),
    "industry": (r"^[A-T](\d{2,4})?$", "not_industry"),
}


def _wrong_codes(col: pa.ChunkedArray) -> pa.ChunkedArray:
    """Mask of codes whose check digit fails; each distinct code is tested once."""
    distinct = pc.drop_null(pc.unique(col))
    wrong = [c for c in distinct.to_pylist() if not credit_code_ok(c)]
    return pc.is_in(col, value_set=pa.array(wrong, pa.string()))


def _duplicates(t: pa.Table, spec: Table, bad: pa.ChunkedArray) -> Iterator[_Fault]:
    """Mask of rows that repeat the key of an earlier good row."""
    keys = t.select(spec.key).append_column("_row", pa.array(range(len(t)), pa.int64()))
    keys = keys.filter(pc.invert(bad))
    first = keys.group_by(list(spec.key), use_threads=False).aggregate([("_row", "min")])
    if len(first) == len(keys):
        return
    repeated = pc.invert(pc.is_in(keys["_row"], value_set=first["_row_min"]))
    rows = keys["_row"].filter(repeated)
    mask = pc.is_in(pa.chunked_array([pa.array(range(len(t)), pa.int64())]), value_set=rows)
    yield _Fault(mask, "+".join(spec.key), "duplicate")


def _negative_flow(t: pa.Table) -> Iterator[tuple[pa.ChunkedArray, str, str]]:
    bad = pc.and_(pc.less(t["amount"], 0), pc.is_null(t["ref"]))
    yield pc.fill_null(bad, fill_value=False), "amount", "negative_without_ref"


def _negative_invoice(t: pa.Table) -> Iterator[tuple[pa.ChunkedArray, str, str]]:
    plain = pc.and_(pc.equal(t["status"], "valid"), pc.is_null(t["ref"]))
    bad = pc.and_(pc.less(t["net"], 0), plain)
    yield pc.fill_null(bad, fill_value=False), "net", "negative_without_ref"


def _valid_span(t: pa.Table) -> Iterator[tuple[pa.ChunkedArray, str, str]]:
    bad = pc.less(t["valid_to"], t["valid_from"])
    yield pc.fill_null(bad, fill_value=False), "valid_to", "ends_before_start"


def _band(low: str, high: str) -> "RowCheck":
    def check(t: pa.Table) -> Iterator[tuple[pa.ChunkedArray, str, str]]:
        yield pc.fill_null(pc.less(t[high], t[low]), fill_value=False), high, "band_reversed"

    return check


RowCheck = Callable[[pa.Table], Iterator[tuple[pa.ChunkedArray, str, str]]]
ROW_CHECKS: dict[str, RowCheck] = {
    "negative_flow": _negative_flow,
    "negative_invoice": _negative_invoice,
    "valid_span": _valid_span,
    "band_amount": _band("min_amount", "max_amount"),
    "band_rate": _band("min_rate", "max_rate"),
}


def _rows_of(
    fault: _Fault, raw: dict[str, pa.ChunkedArray], file: str, first_row: int
) -> Iterator[dict[str, object]]:
    rows = pc.indices_nonzero(fault.mask)
    shown = rows[:MAX_ERRORS_A_CHECK]
    names = fault.field.split("+")
    values = [raw[n].take(shown).to_pylist() for n in names]
    for i, row in enumerate(shown.to_pylist()):
        value = " / ".join(str(v[i]) for v in values if v[i] is not None)
        yield error_row(file, row + first_row, fault.field, value, fault.code)
    if len(rows) > len(shown):
        rest = str(len(rows) - len(shown))
        yield error_row(file, 0, fault.field, rest, "more_like_this")


def error_row(file: str, row: int, field: str, value: str, code: str) -> dict[str, object]:
    """Return one row of ``load_error``; its texts come from the catalogue by ``code``."""
    return {
        "file": file, "row": row, "field": field, "value": value[:200] or None, "code": code,
        "reason_zh": text(f"check.{code}", "zh", value=value, field=field),
        "reason_en": text(f"check.{code}", "en", value=value, field=field),
        "remedy_zh": text(f"remedy.{code}", "zh", value=value, field=field),
        "remedy_en": text(f"remedy.{code}", "en", value=value, field=field),
    }  # fmt: skip


def error_table(rows: Iterator[dict[str, object]] | list[dict[str, object]]) -> pa.Table:
    """Return a ``load_error`` table of :func:`error_row` rows, in order of file and row."""
    found = list(rows)
    names = arrow_schema("load_error").names
    return build("load_error", {n: [r[n] for r in found] for n in names}).sort_by(
        [(k, "ascending") for k in ("file", "row", "field", "code")]
    )
