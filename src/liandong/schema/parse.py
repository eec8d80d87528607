"""Text and foreign types into the types of a field, a column at a time."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import arrow_type
from liandong.schema.field import Field
from liandong.types import INT64_MAX, Money, Rate

Parsed = tuple[pa.ChunkedArray, pa.ChunkedArray | None]
FEN_EXACT = 2**52  # beyond this many fen a float can no longer tell one fen from the next


def parse_column(col: pa.ChunkedArray, f: Field) -> Parsed:
    """Turn ``col`` into the type of ``f``.

    Returns
    -------
    tuple
        The typed column, null where a value could not be read, and a mask of those rows (None if
        all could be read).
    """
    target = arrow_type(f.kind)
    if pa.types.is_dictionary(col.type):
        col = pc.cast(col, col.type.value_type)
    if pa.types.is_large_string(col.type):
        col = pc.cast(col, pa.string())
    if col.type == target:
        return (pc.utf8_trim_whitespace(col), None) if pa.types.is_string(target) else (col, None)
    if pa.types.is_null(col.type):
        return pc.cast(col, target), None
    if f.kind == "money" and pa.types.is_floating(col.type):
        return _fen_of_floats(col)
    if pa.types.is_string(col.type) and f.kind in _READERS:
        return _each_distinct(col, _READERS[f.kind], target)
    try:
        return pc.cast(col, target), None
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = pa.chunked_array(
            [pa.array([None if v is None else str(v) for v in col.to_pylist()], pa.string())]
        )
        if pa.types.is_string(target):
            return texts, None
        return _each_distinct(texts, _READERS[f.kind], target)


def _fen_of_floats(col: pa.ChunkedArray) -> Parsed:
    """Yuan held as doubles to fen; a value that is not a whole number of fen is wrong."""
    scaled = pc.multiply(pc.cast(col, pa.float64()), 100.0)
    whole = pc.round(scaled)
    slack = pc.abs(pc.subtract(scaled, whole))
    # A double of n fen is off by at most 2^-52 n; 0.001 fen leaves room and still finds 0.005.
    wrong = pc.or_kleene(pc.greater(slack, 1e-3), pc.greater(pc.abs(whole), float(FEN_EXACT)))
    wrong = pc.or_kleene(wrong, pc.invert(pc.is_finite(whole)))
    wrong = pc.fill_null(wrong, fill_value=False)
    fen = pc.cast(pc.if_else(wrong, None, whole), pa.int64())
    return fen, wrong if pc.any(wrong).as_py() else None


def _each_distinct(
    col: pa.ChunkedArray, read: Callable[[str], object], target: pa.DataType
) -> Parsed:
    """Read each distinct text once; blank text is null."""
    coded = pc.dictionary_encode(pc.utf8_trim_whitespace(col)).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = pa.concat_arrays(coded.chunks)
    values, wrong = [], []
    for word in coded.dictionary.to_pylist():
        try:
            values.append(read(word) if word else None)
            wrong.append(False)
        except (ValueError, OverflowError, InvalidOperation):
            values.append(None)
            wrong.append(True)
    typed = pa.array(values, target).take(coded.indices)
    if not any(wrong):
        return pa.chunked_array([typed]), None
    mask = pc.fill_null(pa.array(wrong).take(coded.indices), fill_value=False)
    return pa.chunked_array([typed]), pa.chunked_array([mask])


_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$")


def _date(word: str) -> date:
    match = _DATE.match(word[:10] if word[10:11] in {" ", "T"} else word)
    if not match:
        raise ValueError(word)
    return date(int(match[1]), int(match[2]), int(match[3]))


def _time(word: str) -> datetime:
    try:
        at = datetime.fromisoformat(word.replace("/", "-"))
    except ValueError:
        day = _date(word)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _int(word: str) -> int:
    value = Decimal(word.replace(",", "").replace("，", ""))
    if value != value.to_integral_value() or abs(value) > INT64_MAX:
        raise ValueError(word)
    return int(value)


def _float(word: str) -> float:
    value = float(word.replace(",", ""))
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN test
        raise ValueError(word)
    return value


_TRUE = {"true", "1", "yes", "y", "t", "是", "有效"}
_FALSE = {"false", "0", "no", "n", "f", "否", "无效"}


def _bool(word: str) -> bool:
    lowered = word.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(word)
    return lowered in _TRUE


_READERS: dict[str, Callable[[str], object]] = {
    "money": lambda w: int(Money.parse(w.replace("，", "").replace("¥", "").replace("￥", ""))),
    "rate": lambda w: int(Rate.parse(w)),
    "int": _int,
    "float": _float,
    "date": _date,
    "time": _time,
    "bool": _bool,
}
