"""Input–output tables as they are printed, a matrix of sellers and uses, into one row a cell."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.load.base import Raw
from liandong.load.sheet import told

Label = tuple[str, str]
"""Region and industry, or region and use."""


class Block(NamedTuple):
    """A rectangle of the matrix.

    Attributes
    ----------
    cell
        What its cells are, see the table ``input_output``.
    file
        Where they stand.
    rows, columns
        Who sells, and for what.
    values
        Shape (rows, columns); nan where nothing can be read.
    numbers, heads
        Number of each row and head of each column in the file.
    """

    cell: str
    file: str
    rows: Sequence[Label]
    columns: Sequence[Label]
    values: NDArray[np.float64]
    numbers: Sequence[int]
    heads: Sequence[str]


NOBODY = "-"
"""Region of what has none: value added, and totals."""


def floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return the numbers of a column, nan where there is none."""
    if pa.types.is_string(column.type):
        return np.array([_float(word) for word in column.to_pylist()], np.float64)
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)


def _float(word: str | None) -> float:
    try:
        return float(word or "nan")
    except ValueError:
        return float("nan")


def raw(block: Block, period: str, vintage: str, unit: str) -> Raw:
    """Return the cells of a block; those nobody can use are refused one by one.

    Cells of 0 are no rows, but an output of 0 is stated.
    """
    v = block.values
    wrong = {"missing": ~np.isfinite(v)}
    if block.cell in {"inter", "output"}:
        wrong["negative_input"] = v < 0
    faults = [
        told(block.file, [block.numbers[i]], block.heads[j], [f"{v[i, j]:g}"], code)
        for code, bad in wrong.items() for i, j in np.argwhere(bad)
    ]  # fmt: skip
    i, j = np.nonzero(((v != 0) | (block.cell == "output")) & ~np.any(list(wrong.values()), axis=0))
    ends = [
        pa.array([label[k] for label in labels], pa.string()).take(pa.array(at))
        for labels, at in ((block.rows, i), (block.columns, j)) for k in (0, 1)
    ]  # fmt: skip
    data = pa.table({
        "cell": pa.repeat(block.cell, len(i)),
        **dict(zip(("from_region", "from_industry", "to_region", "to_use"), ends, strict=True)),
        "period": pa.repeat(period, len(i)), "vintage": pa.repeat(vintage, len(i)),
        "value": v[i, j], "unit": pa.repeat(unit, len(i)),
    })  # fmt: skip
    at = pa.array(np.asarray(block.numbers, np.int64)[i])
    refused = pa.concat_tables(faults) if faults else None
    return Raw("input_output", data, block.file, at, faults=refused)
