"""Reading columns and outcomes from arrays, tables and data frames, and refusing what is wrong."""

import warnings
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataWarning, InputError
from liandong.kernels.scores.coding import MOST_LEVELS, encode
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
    InputError
        Always.
    """
    what, remedy = both(f"fault.{code}", **params), both(f"advice.{code}", **params)
    raise InputError(file=name, what=what, remedy=remedy)


def doubt(kind: type[DataWarning], code: str, name: str, **params: object) -> None:
    """Warn of a column with the texts ``fault.CODE`` and ``advice.CODE``."""
    said, remedy = both(f"fault.{code}", **params), both(f"advice.{code}", **params)
    what = {lang: f"{name}: {text}" for lang, text in said.items()}
    warnings.warn(kind(what=what, remedy=remedy), stacklevel=4)


def given(x: Any) -> Any:  # noqa: ANN401 - arrays, tables and data frames alike
    """Return a table or data frame as it is, and all else as an array."""
    if isinstance(x, pa.Table) or hasattr(x, "columns"):
        return x
    if hasattr(x, "tocsr"):
        unfit("bins_sparse", "x")
    return np.asarray(x)


def named(x: Any) -> bool:  # noqa: ANN401 - as above
    """Tell whether columns have names; numbers are none."""
    if isinstance(x, pa.Table):
        return True
    return hasattr(x, "columns") and all(isinstance(c, str) for c in x.columns)


def names(x: Any) -> list[str]:  # noqa: ANN401 - as above
    """Return the names of the columns; those of a plain array are x0, x1, ..."""
    if isinstance(x, pa.Table) or hasattr(x, "columns"):
        found = [str(c) for c in (x.column_names if isinstance(x, pa.Table) else x.columns)]
        if twice := sorted({c for c in found if found.count(c) > 1}):
            unfit("bins_names_twice", "x", names=", ".join(twice))
        return found
    shape = np.shape(x)
    if len(shape) != 2:
        unfit("bins_two_dimensions", "x", found=len(shape))
    return [f"x{j}" for j in range(shape[1])]


def column(x: Any, name: str) -> Column:  # noqa: ANN401 - as above
    """Return one column."""
    if isinstance(x, pa.Table):
        return _arrow(x[name], name)
    if hasattr(x, "columns"):
        found = x[name if named(x) else next(c for c in x.columns if str(c) == name)]
    else:
        found = np.asarray(x)[:, int(name[1:])]
    if getattr(found.dtype, "kind", "") == "c":
        unfit("bins_complex", name)
    try:
        if isinstance(found.dtype, np.dtype) and found.dtype.kind in "fiub":
            return np.ascontiguousarray(found, np.float64)
        if hasattr(found, "__arrow_c_stream__"):
            return _arrow(pa.chunked_array(found), name)
        return _arrow(pa.array(found, from_pandas=True), name)
    except (pa.ArrowException, TypeError):
        unfit("bins_mixed", name)


def _arrow(found: pa.Array | pa.ChunkedArray, name: str) -> Column:
    if isinstance(found, pa.ChunkedArray):
        found = found.chunk(0) if found.num_chunks == 1 else found.combine_chunks()
    text = found.type
    if pa.types.is_dictionary(text):
        text = text.value_type
        plain = found.dictionary.null_count == 0 and len(found.dictionary.unique()) == len(
            found.dictionary
        )
        if not _text(text) or not plain:
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


def _bytes(found: pa.Array) -> tuple[Bytes, NDArray[np.integer], Bytes, int]:
    """Return the bytes of a text column, where each text begins, and which are there."""
    known, ends, data = (np.frombuffer(b or b"", np.uint8) for b in found.buffers())
    size = np.int64 if pa.types.is_large_string(found.type) else np.int32
    wide: NDArray[np.integer] = ends.view(size)
    first = int(found.offset)
    return data, wide[first : first + len(found) + 1], known, first


def finite(values: Float, name: str, specials: tuple[float, ...]) -> None:
    """Refuse infinite values, unless they are special codes."""
    bad = np.isinf(values)
    if bad.any() and (rows := int((bad & ~np.isin(values, specials)).sum())):
        unfit("bins_infinite", name, rows=rows)


def outcome(y: Any, rows: int, *, one_class: bool = False) -> Bool:  # noqa: ANN401 - anything like an array
    """Return the outcome as booleans; it has two values, best 0 and 1, the greater of an event.

    Parameters
    ----------
    y
        Row by row.
    rows
        How many there have to be.
    one_class
        Whether they may all be the same, as in one part of the data; they are 0 and 1 then.
    """
    if y is None:
        unfit("bins_no_outcome", "y")
    found = np.asarray(y)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        unfit("bins_outcome_shape", "y", found=found.ndim)
    if len(found) != rows:
        unfit("bins_rows", "y", found=len(found), rows=rows)
    if found.dtype.kind == "c":
        unfit("bins_complex", "y")
    try:
        values = np.unique(found.astype(np.float64))
    except (TypeError, ValueError):
        unfit("bins_not_binary", "y", found=len(set(found.tolist())))
    if len(values) < 2 and not one_class:
        unfit("bins_one_class", "y", value=f"{values[0]:g}" if len(values) else 0)
    zero_one = np.isin(values, (0, 1)).all()
    if not zero_one and (len(values) != 2 or one_class or not np.isfinite(values).all()):
        unfit("bins_not_binary", "y", found=len(values))
    bad: Bool = found == (1 if zero_one else values[1])
    return bad


def whole(given: Any, name: str, rows: int) -> Int:  # noqa: ANN401 - anything like an array
    """Return weights or cohorts: whole numbers, not negative; none if none were given."""
    if given is None:
        return np.empty(0, np.int64)
    found = np.asarray(given)
    if found.shape != (rows,):
        unfit("bins_rows", name, found=found.shape, rows=rows)
    if len(found) and not ((found >= 0) & (found == np.floor(found))).all():
        unfit("bins_not_whole", name)
    return found.astype(np.int64)
