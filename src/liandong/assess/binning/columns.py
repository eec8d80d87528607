"""Reading columns and outcomes from arrays, tables and data frames, and refusing what is wrong."""

from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.coding import MOST_LEVELS, encode
from liandong.texts import both

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Column = Any
"""An array of numbers (NaN where absent), or an Arrow array of text (null where absent)."""


def unfit(code: str, name: str, **params: object) -> NoReturn:
    """Raise the named error of the texts ``fault.CODE`` and ``advice.CODE``.

    Raises
    ------
    DataError
        Always.
    """
    what, remedy = both(f"fault.{code}", **params), both(f"advice.{code}", **params)
    raise DataError(file=name, what=what, remedy=remedy)


def names(x: Any) -> list[str]:  # noqa: ANN401 - arrays, tables and data frames alike
    """Return the names of the columns; those of a plain array are x0, x1, ..."""
    if isinstance(x, pa.Table):
        return list(x.column_names)
    if hasattr(x, "columns"):
        return [str(c) for c in x.columns]
    if np.ndim(x) != 2:
        unfit("bins_two_dimensions", "x", found=np.ndim(x))
    return [f"x{j}" for j in range(np.shape(x)[1])]


def column(x: Any, name: str) -> Column:  # noqa: ANN401 - as above
    """Return one column."""
    if isinstance(x, pa.Table):
        return _arrow(x[name], name)
    found = x[name] if hasattr(x, "columns") else np.asarray(x)[:, int(name[1:])]
    try:
        if isinstance(found.dtype, np.dtype) and found.dtype.kind in "fiub":
            return np.ascontiguousarray(found, np.float64)
        if hasattr(found, "__arrow_c_stream__"):
            return _arrow(pa.chunked_array(found), name)
        return _arrow(pa.array(found, from_pandas=True), name)
    except pa.ArrowException:
        unfit("bins_mixed", name)


def _arrow(found: pa.Array | pa.ChunkedArray, name: str) -> Column:
    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks == 1 else found.combine_chunks()
    text = found.type
    if pa.types.is_dictionary(text):
        text = text.value_type
        if not _text(text) or found.dictionary.null_count:
            found = found.dictionary_decode()
    if pa.types.is_string_view(text):
        found = found.cast(pa.large_string())
    if _text(text):
        return found
    try:
        numbers = found.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException:
        unfit("bins_mixed", name)
    return np.ascontiguousarray(numbers)


def _text(kind: pa.DataType) -> bool:
    found: bool = (
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )
    return found


def levels(found: pa.Array) -> tuple[list[str], Int]:
    """Return the levels of a category, and the place of each row's (their number where absent)."""
    known, code = coded(found)
    return known, np.where(code < 0, len(known), code).astype(np.int64)


def coded(found: pa.Array) -> tuple[list[str], NDArray[np.int32]]:
    """Return the levels of a category, and the place of each row's (-1 where absent).

    Parameters
    ----------
    found
        Text, plain or as a dictionary.
    """
    if not pa.types.is_dictionary(found.type):
        row, code = np.empty(MOST_LEVELS, np.int64), np.empty(len(found), np.int32)
        count = encode(*_bytes(found), code, row)
        if count >= 0:
            return found.take(pa.array(row[:count])).to_pylist(), code
        found = found.dictionary_encode()
    code = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False)
    return found.dictionary.to_pylist(), code.astype(np.int32, copy=False)


def _bytes(found: pa.Array) -> tuple[Bytes, Int, Bytes, int]:
    """Return the bytes of a text column, where each text begins, and which are there."""
    known, ends, data = (np.frombuffer(b or b"", np.uint8) for b in found.buffers())
    wide = ends.view(np.int64 if pa.types.is_large_string(found.type) else np.int32)
    first = found.offset
    return data, wide[first : first + len(found) + 1], known, first


def finite(values: Float, name: str, specials: tuple[float, ...]) -> None:
    """Refuse infinite values, unless they are special codes."""
    bad = np.isinf(values) & ~np.isin(values, specials)
    if bad.any():
        unfit("bins_infinite", name, rows=int(bad.sum()))


def outcome(y: Any, rows: int) -> Bool:  # noqa: ANN401 - anything like an array
    """Return the outcome as booleans; it has two values, 0 and 1 (or False and True)."""
    found = np.asarray(y)
    if len(found) != rows:
        unfit("bins_rows", "y", found=len(found), rows=rows)
    values = set(np.unique(found.astype(np.float64)).tolist())
    if values <= {0.0, 1.0}:
        if len(values) < 2:
            unfit("bins_one_class", "y", value=int(min(values, default=0)))
        return found.astype(bool)
    unfit("bins_not_binary", "y", found=len(values))


def whole(given: Any, name: str, rows: int) -> Int:  # noqa: ANN401 - anything like an array
    """Return weights or cohorts: whole numbers, not negative; none if none were given."""
    if given is None:
        return np.empty(0, np.int64)
    found = np.asarray(given)
    if len(found) != rows:
        unfit("bins_rows", name, found=len(found), rows=rows)
    if len(found) and not ((found >= 0) & (found == np.floor(found))).all():
        unfit("bins_not_whole", name)
    return found.astype(np.int64)
