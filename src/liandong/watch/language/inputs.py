"""From tables to the whole numbers of the row kernel: fields as they are, texts as tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import InputError
from liandong.kernels.streams.exact import MISSING, MOST_MILLIONTHS
from liandong.texts import both
from liandong.watch.language.checking import Typed
from liandong.watch.language.evaluating import evaluate
from liandong.watch.language.nodes import SCALE

Int = NDArray[np.int64]
State = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Input:
    """A column of the kernel: a field that is a number or a bool, or a part that reads texts.

    Attributes
    ----------
    node
        The name, or the test of texts.
    """

    node: Typed

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the table that it is made from."""
        return tuple(dict.fromkeys(_names(self.node)))


def _names(node: Typed) -> list[str]:
    if node.op == "name":
        return [str(node.value)]
    return [n for a in node.args for n in _names(a)]


def encode(inputs: Sequence[Input], rows: pa.Table) -> tuple[Int, State]:
    """Return values and states of the inputs of a program, both of shape (inputs, rows).

    Raises
    ------
    InputError
        If a column is missing or has another type.
    """
    values = np.zeros((len(inputs), rows.num_rows), np.int64)
    states = np.zeros((len(inputs), rows.num_rows), np.uint8)
    for i, one in enumerate(inputs):
        found = _column(rows, str(one.node.value)) if one.node.op == "name" else _test(one, rows)
        values[i] = _whole(found, one).to_numpy(zero_copy_only=False)
        if found.null_count:
            states[i] = pc.is_null(found).to_numpy(zero_copy_only=False) * np.uint8(MISSING)
    return values, states


def _column(rows: pa.Table, name: str) -> pa.Array:
    if name not in rows.column_names:
        raise absent(name, rows.column_names)
    return rows[name].combine_chunks()


def millionths(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return real numbers as rules read them: in millionths, to the nearest; others as they are.

    One that is none, or has no millionths within 64 bits, is missing then.
    """
    if not pa.types.is_floating(column.type):
        return column
    whole, there = scaled(pc.fill_null(column, np.nan).to_numpy())
    return pa.chunked_array([pa.array(whole, mask=~there)])


def scaled(real: NDArray[np.float64]) -> tuple[Int, NDArray[np.bool_]]:
    """Return real numbers in millionths, to the nearest, and which of them have some."""
    found = np.rint(real * SCALE)
    there = np.abs(found) < MOST_MILLIONTHS  # false of what is not a number
    return np.where(there, found, 0).astype(np.int64), there


def absent(name: str, there: Sequence[str]) -> InputError:
    """Return the error that a column is not among those there."""
    what = both("fault.columns", names=name, present=", ".join(there))
    return InputError(file="rows", what=what, remedy=both("advice.expression_column"))


def misfit(names: Sequence[str], kind: object) -> InputError:
    """Return the error that values are of another kind than a test or a field has."""
    what = both("fault.expression_column", name=", ".join(names), kind=kind)
    return InputError(file="rows", what=what, remedy=both("advice.expression_column"))


def _whole(column: pa.Array, one: Input) -> pa.Array:
    kind = column.type
    whole = pa.types.is_integer(kind) and kind != pa.uint64()
    fits = pa.types.is_boolean(kind) if one.node.kind == "bool" else whole
    if not fits and not pa.types.is_null(kind):
        raise misfit(one.names, kind)
    return pc.fill_null(column.cast(pa.int64()), 0)


def _test(one: Input, rows: pa.Table) -> pa.Array:
    """Work out a test of texts, once for each different row of texts."""
    columns = [_text(_column(rows, name), name) for name in one.names]
    if not columns:
        return pa.array([told(one, ())] * rows.num_rows, pa.bool_())
    if len(columns) == 1:
        each = [told(one, (text,)) for text in (*columns[0].dictionary.to_pylist(), None)]
        code = pc.fill_null(columns[0].indices, len(each) - 1)
        return pa.array(each, pa.bool_()).take(code)
    told_of = cache(partial(told, one))
    many = zip(*(c.cast(pa.string()).to_pylist() for c in columns), strict=True)
    return pa.array([told_of(texts) for texts in many], pa.bool_())


def _text(column: pa.Array, name: str) -> pa.DictionaryArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
        column = column.cast(kind)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        raise misfit((name,), kind)
    return column.cast(pa.string()).dictionary_encode()


def told(one: Input, texts: tuple[str | None, ...]) -> bool | None:
    """Return what a test says of texts, in the order of its names."""
    value = evaluate(one.node, dict(zip(one.names, texts, strict=True))).value
    return None if value is None else bool(value)
