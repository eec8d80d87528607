"""The lists of a page as Arrow streams, which programs read with their types."""

import io
import json

import pyarrow as pa

from liandong.console.plain import plain
from liandong.console.typed import Rows


def stream(rows: Rows) -> bytes:
    """Write rows as an Arrow IPC stream: money in fen, rates in ppm, days and times as such.

    The types are those of the columns, whatever the rows are; what is nested is JSON text.
    """
    columns = [pa.array([_value(r.get(f.name), f.type) for r in rows], f.type) for f in rows.schema]
    table = pa.table(columns, rows.schema)
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def _value(value: object, kind: pa.DataType) -> object:
    if value is None or isinstance(value, str) or not pa.types.is_string(kind):
        return value
    return json.dumps(value, ensure_ascii=False, default=plain)
