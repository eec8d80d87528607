"""What a caller gives to learn from or to score: checked, and read as columns and an outcome."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.assess.binning.columns import Column, column, finite, named, names, unfit, whole

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def shape(x: Any) -> tuple[int, int]:  # noqa: ANN401 - arrays, tables and frames alike
    """Return rows and columns; anything that is no table is refused with a named error."""
    if isinstance(x, pa.Table):
        return x.num_rows, x.num_columns
    if hasattr(x, "toarray"):
        unfit("models_sparse", "x")
    found = x if hasattr(x, "columns") else np.asarray(x)
    if np.ndim(found) != 2:
        unfit("models_dimensions", "x", found=np.ndim(found))
    if isinstance(found, np.ndarray) and found.dtype.kind == "c":
        unfit("models_complex", "x")
    rows, columns = found.shape
    return rows, columns


def columns(x: Any, specials: tuple[float, ...]) -> dict[str, Column]:  # noqa: ANN401 - as above
    """Return all columns by name; infinite values are refused unless they are special codes."""
    rows, count = shape(x)
    if not rows:
        unfit("models_no_rows", "x")
    if not count:
        unfit("models_no_columns", "x", rows=rows)
    table = x if named(x) else np.asarray(x)
    return _read(table, names(table), specials)


def known_columns(
    x: Any, known: list[str], specials: tuple[float, ...]  # noqa: ANN401 - as above
) -> dict[str, Column]:  # fmt: skip
    """Return the columns that a card knows: by name, or by place if they have no names."""
    _, count = shape(x)
    if not named(x):
        if count != len(known):
            unfit("models_features", "x", found=count, expected=len(known))
        here = [f"x{j}" for j in range(count)]
        return dict(zip(known, _read(np.asarray(x), here, specials).values(), strict=True))
    if missing := [n for n in known if n not in names(x)]:
        unfit("bins_columns", "x", names=", ".join(missing))
    return _read(x, known, specials)


def _read(x: Any, wanted: list[str], specials: tuple[float, ...]) -> dict[str, Column]:  # noqa: ANN401 - as above
    found = {n: column(x, n) for n in wanted}
    for name, values in found.items():
        if isinstance(values, np.ndarray):
            finite(values, name, specials)
    return found


def outcome(y: Any, rows: int, event: Any) -> tuple[NDArray[Any], Bool]:  # noqa: ANN401 - anything like an array
    """Return the two classes in order, and which rows are of the one that is the event."""
    if y is None:
        unfit("models_no_target", "y")
    found = np.asarray(y)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        unfit("models_vector", "y", found=found.ndim)
    if len(found) != rows:
        unfit("bins_rows", "y", found=len(found), rows=rows)
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        unfit("models_target_absent", "y", rows=int((~np.isfinite(found)).sum()))
    classes = np.unique(found)
    if len(classes) == 1:
        unfit("models_one_class", "y", value=classes[0])
    if len(classes) > 2:
        kind = "multiclass"
        if found.dtype.kind == "f" and (found != np.floor(found)).any():
            kind = "continuous"
        unfit("models_target_kind", "y", found=len(classes), kind=kind)
    if event is not None and event not in classes:
        unfit("models_no_event", "y", event=event, known=", ".join(map(str, classes)))
    return classes, np.asarray(found == (classes[1] if event is None else event))


def weights(given: Any, bad: Bool) -> Int:  # noqa: ANN401 - anything like an array
    """Return the rows that each row stands for; empty if none were given."""
    if given is None:
        return np.empty(0, np.int64)
    found = np.asarray(given)
    if found.ndim != 1:
        unfit("models_vector", "sample_weight", found=found.ndim)
    found = whole(found, "sample_weight", len(bad))
    if len(np.unique(bad[found > 0])) < 2:
        unfit("models_one_class_weighs", "sample_weight")
    return found


def hidden(given: Any, table: Mapping[str, Column]) -> Bool | None:  # noqa: ANN401 - anything like an array
    """Return which values were not shared, in the shape of the table; None if none were given."""
    if given is None:
        return None
    found = np.asarray(given, bool)
    expected = len(next(iter(table.values()))), len(table)
    if found.shape != expected:
        unfit("models_withheld", "withheld", found=found.shape, expected=expected)
    return found
