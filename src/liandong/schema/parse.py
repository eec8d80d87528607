"""Text and foreign types into the types of a field, a column at a time.

Where Arrow reads a column of text as a whole, and reads it as the slow way would, it does so;
otherwise each distinct text is read once.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import partial
from math import isfinite

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import arrow_type
from liandong.schema.field import Field, Kind
from liandong.schema.provinces import adcodes
from liandong.types import INT64_MAX, Money, Rate

Parsed = tuple[pa.ChunkedArray, pa.ChunkedArray | None]
_ArrowError = (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError)

UNITS: dict[Kind, dict[str, int]] = {
    "money": {
        "fen": 1, "分": 1, "yuan": 100, "元": 100, "千元": 10**5, "万元": 10**6, "亿元": 10**10,
    },
    "rate": {"ppm": 1, "bp": 100, "‰": 1_000, "%": 10_000, "1": 1_000_000},
}  # fmt: skip
"""What one unit is in fen or in parts per million; powers of ten."""
USUAL_UNIT: dict[Kind, str] = {"money": "yuan", "rate": "1"}
"""Unit of text and of doubles that name none."""
_MINOR: dict[Kind, str] = {"money": "fen", "rate": "ppm"}
_LIMIT: dict[Kind, int] = {"money": INT64_MAX, "rate": 2**31 - 1, "int": INT64_MAX}
_TYPED: dict[Kind, Callable[[pa.DataType], bool]] = {
    "int": pa.types.is_integer,
    "float": lambda t: pa.types.is_integer(t) or pa.types.is_floating(t),
    "date": lambda t: pa.types.is_timestamp(t) or pa.types.is_date(t),
    "time": lambda t: pa.types.is_timestamp(t) or pa.types.is_date(t),
    "bool": pa.types.is_boolean,
    "reasons": pa.types.is_list,
}
FLOAT_EXACT = 2.0**49
"""Beyond this many fen the error of a double could pass for a part of a fen."""


def parse_column(col: pa.ChunkedArray, f: Field, unit: str = "") -> Parsed:
    """Turn ``col`` into the type of ``f``.

    Parameters
    ----------
    col
        Text, or values of a related type. Blank text and not-a-number are null.
    f
        The field; money and rates are read exactly or not at all.
    unit
        A name out of :data:`UNITS`. By default text and doubles are in yuan (a rate: as a share)
        and whole numbers in fen (parts per million).

    Returns
    -------
    tuple
        The typed column, null where a value could not be read, and a mask of those rows (None if
        all could be read).
    """
    target = arrow_type(f.kind)
    col = _plain(col)
    if pa.types.is_string(target):
        return _called(_blank_to_null(_as_string(col)), f), None
    if pa.types.is_null(col.type):
        return pc.cast(col, target), None
    if pa.types.is_string(col.type):
        return _read_text(col, f.kind, unit)
    return _read_typed(col, f.kind, unit)


def _as_string(col: pa.ChunkedArray) -> pa.ChunkedArray:
    return col if pa.types.is_string(col.type) else as_text(col)


def _called(col: pa.ChunkedArray, f: Field) -> pa.ChunkedArray:
    """Put what common words stand for in their place: names of provinces, words of a choice."""
    words = adcodes() if f.kind == "region" else dict(f.words)
    at = pc.index_in(col, value_set=pa.array(words, pa.string())) if words else None
    if at is None or at.null_count == len(at):
        return col
    return pc.coalesce(pa.array(words.values(), pa.string()).take(at), col)


def _plain(col: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return ``col`` without dictionaries and with the usual kind of text."""
    if pa.types.is_dictionary(col.type):
        col = pc.cast(col, col.type.value_type)
    large = pa.types.is_large_string(col.type) or pa.types.is_string_view(col.type)
    return pc.cast(col, pa.string()) if large else col


def _read_typed(col: pa.ChunkedArray, kind: Kind, unit: str) -> Parsed:
    if pa.types.is_floating(col.type):
        col = pc.if_else(pc.is_nan(col), None, col)
    if kind in UNITS and pa.types.is_integer(col.type):
        with suppress(pa.ArrowInvalid):  # not every unsigned number is an int64
            return _scaled_ints(pc.cast(col, pa.int64()), kind, unit or _MINOR[kind])
        return _read_text(as_text(col), kind, unit or _MINOR[kind])
    if kind in UNITS and pa.types.is_floating(col.type):
        return _scaled_floats(col, kind, unit)
    if kind == "float" and pa.types.is_floating(col.type):
        wrong = pc.fill_null(pc.is_inf(col), fill_value=False)
        return pc.cast(pc.if_else(wrong, None, col), pa.float64()), _or_none(wrong)
    if kind in _TYPED and _TYPED[kind](col.type):
        with suppress(*_ArrowError):
            return pc.cast(col, arrow_type(kind)), None
    return _read_text(as_text(col), kind, unit)


def _blank_to_null(col: pa.ChunkedArray) -> pa.ChunkedArray:
    trimmed = pc.utf8_trim_whitespace(col)
    blank = pc.equal(trimmed, "")
    return pc.if_else(blank, None, trimmed) if pc.any(blank).as_py() else trimmed


def as_text(col: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write values of any type as text; numbers without a fraction as whole numbers."""
    col = _plain(col)
    if pa.types.is_floating(col.type):
        # A column of ids with gaps often comes as doubles.
        with suppress(pa.ArrowInvalid):
            col = pc.cast(col, pa.int64())
    try:
        return pc.cast(col, pa.string())
    except _ArrowError:
        texts = [None if v is None else str(v) for v in col.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])


def _or_none(mask: pa.ChunkedArray) -> pa.ChunkedArray | None:
    return mask if pc.any(mask).as_py() else None


def _scaled_ints(col: pa.ChunkedArray, kind: Kind, unit: str) -> Parsed:
    scale = UNITS[kind][unit]
    most = _LIMIT[kind] // scale
    beyond = pc.or_(pc.greater(col, most), pc.less(col, -most))
    wrong = pc.fill_null(beyond, fill_value=False)
    kept = pc.multiply(pc.if_else(wrong, None, col), scale)
    return pc.cast(kept, arrow_type(kind)), _or_none(wrong)


def _scaled_floats(col: pa.ChunkedArray, kind: Kind, unit: str) -> Parsed:
    """Doubles to whole minor units; one that is not a whole number of them is wrong."""
    scaled = pc.multiply(pc.cast(col, pa.float64()), float(UNITS[kind][unit or USUAL_UNIT[kind]]))
    whole = pc.round(scaled)
    size = pc.abs(scaled)
    # Reading and scaling a double are off by at most 2^-52 of it together; 0.001 still finds 0.005.
    slack = pc.add(pc.multiply(size, 2.0**-52), 1e-3)
    off = pc.greater(pc.abs(pc.subtract(scaled, whole)), slack)
    most = min(FLOAT_EXACT, float(_LIMIT[kind]))
    wrong = pc.fill_null(pc.or_(off, pc.greater(size, most)), fill_value=False)
    return pc.cast(pc.if_else(wrong, None, whole), arrow_type(kind)), _or_none(wrong)


def _read_text(col: pa.ChunkedArray, kind: Kind, unit: str) -> Parsed:
    col = _blank_to_null(col)
    try:
        return _at_once(col, kind, unit), None
    except _ArrowError:
        return _each_distinct(col, _reader(kind, unit), arrow_type(kind))


def _each_distinct(
    col: pa.ChunkedArray, read: Callable[[str], object], target: pa.DataType
) -> Parsed:
    """Read each distinct text once, after full-width characters were made plain."""
    coded = pc.dictionary_encode(col.combine_chunks())
    values, wrong = [], []
    for word in coded.dictionary.to_pylist():
        try:
            values.append(read(unicodedata.normalize("NFKC", word)))
            wrong.append(False)
        except (ValueError, ArithmeticError, TypeError, KeyError):
            values.append(None)
            wrong.append(True)
    typed = pa.chunked_array([pa.array(values, target).take(coded.indices)])
    if not any(wrong):
        return typed, None
    mask = pc.fill_null(pa.array(wrong).take(coded.indices), fill_value=False)
    return typed, pa.chunked_array([mask])


def _at_once(col: pa.ChunkedArray, kind: Kind, unit: str) -> pa.ChunkedArray:
    """Read a whole column, or raise; what is read here, the readers below read alike."""
    if kind in UNITS:
        scale = UNITS[kind][unit or USUAL_UNIT[kind]]
        exact = pc.cast(col, pa.decimal128(26, len(str(scale)) - 1))
        minor = pc.multiply(exact, pa.scalar(Decimal(scale), pa.decimal128(11, 0)))
        return pc.cast(pc.cast(minor, pa.int64()), arrow_type(kind))
    if kind == "float":
        values = pc.cast(col, pa.float64())
        if pc.all(pc.is_finite(values)).as_py():
            return values
    if kind == "time":
        with suppress(pa.ArrowInvalid):  # some have a zone: then all must
            return pc.cast(pc.cast(col, pa.timestamp("us")), arrow_type("time"))
        return pc.cast(col, arrow_type("time"))
    raise pa.ArrowInvalid("one by one")


# ── one text ────────────────────────────────────────────────────────────────────────────────────

_EXACT = Context(prec=60, traps=[InvalidOperation, Inexact, Overflow])
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(?![\d,])")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)? ?(Z|[+-]\d{2}:?\d{2})?")
_DATE = re.compile(
    r"(?P<y>\d{4})(?:(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    r"|(?P<m2>\d{2})(?P<d2>\d{2})|年(?P<m3>\d{1,2})月(?P<d3>\d{1,2})日)"
)


def _number(word: str) -> str:
    """Take away the currency sign and commas between thousands; other commas are no number."""
    text = word.strip().lstrip("¥").strip()
    if "," in text:
        grouped = _GROUPED.match(text)
        if not grouped or "," in text[grouped.end() :]:
            raise ValueError(word)
        text = text.replace(",", "")
    return text


def _reader(kind: Kind, unit: str) -> Callable[[str], object]:
    if kind in UNITS:
        return partial(_whole, kind=kind, scale=UNITS[kind][unit or USUAL_UNIT[kind]])
    return _READERS[kind]


_NAMED_UNIT: dict[Kind, Callable[[str], int]] = {"money": Money.parse, "rate": Rate.parse}


def _whole(word: str, kind: Kind, scale: int) -> int:
    """Read a plain number in units of ``scale``, or one that names its own unit."""
    text = _number(word)
    try:
        minor = _EXACT.multiply(_EXACT.create_decimal(text), Decimal(scale))
    except InvalidOperation:
        minor = Decimal(_NAMED_UNIT.get(kind, int)(text))
    if not minor.is_finite() or minor != minor.to_integral_value() or abs(minor) > _LIMIT[kind]:
        raise ValueError(word)
    return int(minor)


def _float(word: str) -> float:
    value = float(_number(word))
    if not isfinite(value):
        raise ValueError(word)
    return value


def _date(word: str) -> date:
    day, _, clock = word.replace("T", " ", 1).partition(" ")
    match = _DATE.fullmatch(day)
    if not match or (clock and not _CLOCK.fullmatch(clock.strip())):
        raise ValueError(word)
    m = match.groupdict()
    return date(int(m["y"]), int(m["m"] or m["m2"] or m["m3"]), int(m["d"] or m["d2"] or m["d3"]))


def _time(word: str) -> datetime:
    """Read a moment; one without a zone is taken as it stands."""
    day, _, clock = word.replace("T", " ", 1).partition(" ")
    clock = clock.replace(" ", "") or "00:00"
    clock = clock if clock[1:2] != ":" else f"0{clock}"
    at = datetime.fromisoformat(f"{_date(day).isoformat()}T{clock}")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


_TRUTH = dict.fromkeys(("true", "1", "yes", "y", "t", "是", "有效"), True) | dict.fromkeys(
    ("false", "0", "no", "n", "f", "否", "无效"), False
)


def _bool(word: str) -> bool:
    return _TRUTH[word.lower()]


def _reasons(word: str) -> list[dict[str, object]]:
    return [{"code": str(r["code"]), "points": int(r["points"])} for r in json.loads(word)]


_READERS: dict[Kind, Callable[[str], object]] = {
    "int": partial(_whole, kind="int", scale=1),
    "float": _float,
    "date": _date,
    "time": _time,
    "bool": _bool,
    "reasons": _reasons,
}
