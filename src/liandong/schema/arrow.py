"""Tables as Arrow: types, empty tables, and putting a table into its schema's shape."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import InputError, InvariantError
from liandong.schema.field import Kind, Table
from liandong.schema.tables import table
from liandong.texts import both

REASON = pa.struct([("code", pa.string()), ("points", pa.int64())])

_TYPES: dict[Kind, pa.DataType] = {
    "money": pa.int64(),
    "rate": pa.int32(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "reasons": pa.list_(REASON),
}


def arrow_type(kind: Kind) -> pa.DataType:
    """Return the Arrow type of a field kind; all kinds of text are ``string``."""
    return _TYPES.get(kind, pa.string())


def known(values: Sequence[float] | NDArray[np.float64]) -> pa.Array:
    """Return figures as a column, in which what is no finite number is null."""
    found = np.asarray(values, np.float64)
    return pa.array(found, mask=~np.isfinite(found))


@cache
def arrow_schema(name: str) -> pa.Schema:
    """Return the Arrow schema of the table called ``name``."""
    return pa.schema(
        [pa.field(f.name, arrow_type(f.kind), nullable=f.null) for f in table(name).fields]
    )


@cache
def empty(name: str) -> pa.Table:
    """Return the table called ``name`` without rows."""
    return arrow_schema(name).empty_table()


def build(name: str, columns: dict[str, object]) -> pa.Table:
    """Make a table from arrays or lists by column name; absent nullable columns become null.

    Raises
    ------
    InvariantError
        If a required column is absent or an unknown one is given.
    """
    schema = arrow_schema(name)
    unknown = set(columns) - set(schema.names)
    missing = {f.name for f in schema if not f.nullable} - set(columns)
    if unknown or missing:
        off = {"unknown": sorted(unknown), "missing": sorted(missing)}
        raise InvariantError(what=both("fault.built", table=name, **off), row="-")
    given = {n: _array(columns[n], schema.field(n).type) for n in schema.names if n in columns}
    rows = len(next(iter(given.values()))) if given else 0
    return pa.table([given.get(f.name, pa.nulls(rows, f.type)) for f in schema], schema=schema)


def _array(values: object, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == kind else cast(values, kind)
    return pa.array(values, kind)


def cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return values as another type; text of a moment without a zone is in UTC."""
    if pa.types.is_string(values.type) and pa.types.is_timestamp(kind):
        values = pc.cast(values, pa.timestamp(kind.unit))
    return pc.cast(values, kind)


def text_bytes(texts: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where in the bytes each text begins and the last one ends, and the bytes, uncopied.

    Examples
    --------
    >>> begins, data = text_bytes(pa.array(["ab", None, "c"])[1:])
    >>> begins.tolist(), data.tobytes()
    ([2, 2, 3], b'abc')
    """
    _, ends, data = texts.buffers()
    begins = np.frombuffer(ends, np.int32) if ends else np.zeros(1, np.int32)
    begins = begins[texts.offset : texts.offset + len(texts) + 1]
    return begins, np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)


def conform(name: str, data: pa.Table) -> pa.Table:
    """Return ``data`` with the columns, order and types of table ``name``; extra columns go.

    Raises
    ------
    InputError
        If values do not fit the type, such as NaN where whole numbers are wanted.
    """
    if data.schema == arrow_schema(name):
        return data
    shared = [n for n in arrow_schema(name).names if n in data.column_names]
    return build(name, {n: _fitting(name, n, data[n]) for n in shared})


def _fitting(name: str, column: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return _array(values, arrow_schema(name).field(column).type)
    except pa.ArrowInvalid as error:
        what = both("fault.column_type", field=column, why=error)
        raise InputError(file=name, what=what, remedy=both("advice.see_dictionary")) from error


def sort_by_key(name: str, data: pa.Table) -> pa.Table:
    """Return ``data`` in the order of the table's key."""
    spec: Table = table(name)
    return data.sort_by([(k, "ascending") for k in spec.key])
