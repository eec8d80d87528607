"""The lists of a page as Arrow streams, which programs read with their types."""

import io
import json
from typing import Any

import pyarrow as pa


def stream(rows: list[dict[str, Any]]) -> bytes:
    """Write rows as an Arrow IPC stream: money in fen, rates in ppm, days and times as such.

    A column whose values are of several kinds is written as JSON text.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    table = pa.table({name: _column([row.get(name) for row in rows]) for name in names})
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except pa.ArrowException:
        told = (
            None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values
        )
        return pa.array(told, pa.string())
