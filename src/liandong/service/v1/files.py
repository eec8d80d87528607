"""Whole tables as streams: lines of JSON, CSV, or Arrow; only a few rows are held at a time."""

import io
from collections.abc import Callable, Iterator
from itertools import chain

import pyarrow as pa
from fastapi.responses import StreamingResponse

from liandong.console.exporting import exported
from liandong.console.plain import plain_json
from liandong.console.reading import Reading
from liandong.console.render import sheet
from liandong.schema.arrow import arrow_schema
from liandong.service.v1.asked import Asked

Batches = Iterator[pa.RecordBatch]
KINDS = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
}


def streamed(reading: Reading, asked: Asked, kind: str, lang: str, limit: int) -> StreamingResponse:
    """Answer with rows as a file.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    lang
        Of the reasons in a CSV file.
    limit
        Rows at most; 0 for all.
    """
    spec = asked.spec
    exported(reading, spec.name, None)
    batches = reading.batches(
        'SELECT {columns} FROM "{name}"{where}{order}{limit}', asked.where(), name=spec.name,
        columns=asked.columns(), order=asked.order() if asked.sort or asked.last else "",
        limit=f" LIMIT {limit}" if limit else "",
    )  # fmt: skip
    first = next(batches, None)  # what is wrong with the query is said before anything is sent
    rows = batches if first is None else chain([first], batches)
    names = asked.fields or spec.names
    schema = pa.schema([arrow_schema(spec.name).field(n) for n in names])
    write: dict[str, Callable[[], Iterator[bytes]]] = {
        "ndjson": lambda: map(_lines, rows),
        "csv": lambda: _sheets(rows, names, lang),
        "arrow": lambda: _arrow(rows, schema),
    }
    headers = {"Content-Disposition": f'attachment; filename="{spec.name}.{kind}"',
               "Cache-Control": "no-store"}  # fmt: skip
    return StreamingResponse(write[kind](), media_type=KINDS[kind], headers=headers)


def _lines(batch: pa.RecordBatch) -> bytes:
    return b"".join(plain_json(row) + b"\n" for row in batch.to_pylist())


def _sheets(batches: Batches, names: tuple[str, ...], lang: str) -> Iterator[bytes]:
    yield sheet([], lang, names)
    for batch in batches:
        yield sheet(batch.to_pylist(), lang, names, on=True)


def _arrow(batches: Batches, schema: pa.Schema) -> Iterator[bytes]:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as stream:
        for batch in batches:
            stream.write_batch(pa.Table.from_batches([batch]).cast(schema).to_batches()[0])
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()
