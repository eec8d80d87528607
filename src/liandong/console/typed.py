"""Rows with the types of their columns, which files need: also where there are no rows."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Self, cast, get_args

import pyarrow as pa

from liandong.schema.arrow import REASON, arrow_schema, arrow_type
from liandong.schema.field import Kind

Row = dict[str, Any]
"""One row by column name."""
KINDS = get_args(Kind)
_REASONS = pa.list_(REASON)
_TIME = arrow_type("time")


class Rows(list[Row]):
    """Rows, and what their columns are.

    Parameters
    ----------
    rows
        By column name.
    columns
        Names and Arrow types of what was asked for.
    """

    def __init__(self, rows: Iterable[Row], columns: pa.Schema) -> None:
        super().__init__(rows)
        self._columns = columns

    @cached_property
    def schema(self) -> pa.Schema:
        """Names and types of the columns in a file; what is nested is text of JSON, but reasons."""
        return pa.schema([pa.field(f.name, _flat(f.type)) for f in self._columns])

    @classmethod
    def of(cls, columns: str, rows: Iterable[Row] = ()) -> Self:
        """Return rows with columns such as ``run.run_id entry.amount:paid float.seconds``.

        Each is ``TABLE.FIELD``, with ``:KEY`` where the rows call it otherwise, or ``KIND.KEY``
        with a kind of field; ``TABLE.*`` is all of a table.
        """
        return cls(rows, pa.schema([f for word in columns.split() for f in _fields(word)]))


def _fields(word: str) -> list[pa.Field]:
    source, _, key = word.partition(":")
    first, _, name = source.partition(".")
    if first in KINDS:
        return [pa.field(name, arrow_type(cast("Kind", first)))]
    own = arrow_schema(first)
    return list(own) if name == "*" else [own.field(name).with_name(key or name)]


def _flat(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column in a file: that of a kind of field."""
    if pa.types.is_timestamp(kind):
        return _TIME
    if not pa.types.is_nested(kind):
        return pa.string() if pa.types.is_null(kind) or pa.types.is_dictionary(kind) else kind
    inside = kind.value_type if pa.types.is_list(kind) else kind
    names = [f.name for f in inside] if pa.types.is_struct(inside) else []
    return _REASONS if inside != kind and names == [f.name for f in REASON] else pa.string()
