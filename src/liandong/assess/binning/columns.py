"""Reading columns and outcomes from arrays, tables and data frames, and refusing what is wrong."""

from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import InputError
from liandong.texts import both

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Column = Any
"""An array of numbers (NaN where absent), or a dictionary array of text (null where absent)."""


def unfit(code: str, name: str, **params: object) -> NoReturn:
    """Raise the named error of the texts ``fault.CODE`` and ``advice.CODE``.

    Raises
    ------
    InputError
        Always.
    """
    what, remedy = both(f"fault.{code}", **params), both(f"advice.{code}", **params)
    raise InputError(file=name, what=what, remedy=remedy)


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
    if found.dtype.kind in "fiub":
        return np.ascontiguousarray(found, np.float64)
    try:
        return _arrow(pa.array(found, from_pandas=True), name)
    except pa.ArrowException:
        unfit("bins_mixed", name)


def _arrow(found: pa.Array | pa.ChunkedArray, name: str) -> Column:
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    if pa.types.is_dictionary(found.type):
        found = found.dictionary_decode()
    if pa.types.is_string(found.type) or pa.types.is_large_string(found.type):
        return pc.dictionary_encode(found.cast(pa.string()))
    try:
        numbers = found.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException:
        unfit("bins_mixed", name)
    return np.ascontiguousarray(numbers)


def levels(found: pa.DictionaryArray) -> tuple[list[str], Int]:
    """Return the levels of a category, and the place of each row's (their number where absent)."""
    known = found.dictionary.to_pylist()
    place = pc.fill_null(found.indices, len(known)).to_numpy(zero_copy_only=False)
    return known, place.astype(np.int64)


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
