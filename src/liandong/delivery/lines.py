"""Lines of JSON as events: whole blocks at once where all is well, else line by line."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as pa_json

from liandong.delivery.source import EVENT, Refused, refused, table, writable
from liandong.schema.arrow import text_bytes
from liandong.schema.field import Field
from liandong.schema.tables import table as spec

FIELDS = {f.name: f for f in spec("watch_event").fields}
GIVEN = ("source", "seq", "seen_at")
"""Fields that need not be there: the source's own name, 0, and the moment of reading."""
NEEDED = tuple(n for n, f in FIELDS.items() if not f.null and n not in GIVEN)


def _bounds(field: Field) -> tuple[Any, Any]:
    if field.kind != "time":
        return field.bounds
    low, high = (datetime.fromisoformat(str(b)).replace(tzinfo=UTC) for b in field.bounds)
    return low, high


BOUNDS = {name: _bounds(field) for name, field in FIELDS.items()}
"""Least and most of each field, None where there is no bound."""
_WHOLE = pa_json.ParseOptions(explicit_schema=EVENT, unexpected_field_behavior="error")
FEW = 1 << 13
"""Bytes up to which lines are sooner read one by one than as a block."""
_SERIAL = pa_json.ReadOptions(use_threads=False, block_size=1 << 30)


def read(data: bytes, source: str, place: str = "") -> tuple[pa.Table, list[Refused]]:
    """Return the events of lines of JSON, and what is none.

    Parameters
    ----------
    data
        Objects with the fields of ``watch_event``, one a line. Times are ISO 8601, in UTC if they
        name no zone; ``source``, ``seq`` and ``seen_at`` may be absent.
    source
        Name of the source of events that name none.
    place
        Of the first line, for what is said of those refused.
    """
    if not data.strip():
        return EVENT.empty_table(), []
    try:
        events = pa_json.read_json(pa.BufferReader(data), _SERIAL, _WHOLE)
    except pa.ArrowInvalid:
        return _one_by_one(data, source, place)
    if len(events) != np.count_nonzero([bool(line.strip()) for line in data.splitlines()]):
        return _one_by_one(data, source, place)
    events = events.cast(EVENT) if events.schema != EVENT else events
    return (filled(events, source), []) if sound(events) else _one_by_one(data, source, place)


def filled(events: pa.Table, source: str) -> pa.Table:
    """Return events with the source's name and the number 0 where they have none."""
    for name, value in (("source", source), ("seq", 0)):
        if events[name].null_count:
            at = EVENT.get_field_index(name)
            events = events.set_column(at, EVENT.field(at), pc.fill_null(events[name], value))
    return events


def sound(events: pa.Table) -> bool:
    """Tell whether all rows are events, but for what need not be given."""
    for name, field in FIELDS.items():
        column = events[name]
        if name in NEEDED and column.null_count:
            return False
        if field.kind == "id" and pc.min(pc.binary_length(column)).as_py() == 0:
            return False
        if pa.types.is_string(column.type) and any(map(_has_zero, column.chunks)):
            return False
        if BOUNDS[name] != (None, None) and not _within(column, *BOUNDS[name]):
            return False
    return True


def _has_zero(texts: pa.StringArray) -> bool:
    """Tell whether there is a byte of zero in texts; all at once, since the least byte tells."""
    begins, data = text_bytes(texts)
    return bool(data[begins[0] : begins[-1]].min(initial=1) == 0)


def _within(column: pa.ChunkedArray, low: object, high: object) -> bool:
    """Tell whether all values there are lie between two that may be left out."""
    found = pc.min_max(column)
    pairs = ((pc.less, found["min"], low), (pc.greater, found["max"], high))
    return not any(b is not None and beyond(v, b).as_py() for beyond, v, b in pairs)


def _one_by_one(data: bytes, source: str, place: str) -> tuple[pa.Table, list[Refused]]:
    rows, bad = one_by_one(data, source, place)
    return table(rows), bad


def one_by_one(data: bytes, source: str, place: str) -> tuple[list[dict[str, Any]], list[Refused]]:
    """Return rows of events as :func:`read` does, line by line: quick for a few."""
    rows, bad = list[dict[str, Any]](), list[Refused]()
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        text = line.decode("utf-8", "replace")
        where = f"{place}+{number}"
        try:
            row = event(json.loads(line), source, where, text)
        except (ValueError, RecursionError) as error:
            row = refused("not_json", where, str(error), text)
        (bad if "reason" in row else rows).append(row)
    return rows, bad


def messages(given: Iterable[tuple[str, bytes]], source: str) -> tuple[pa.Table, list[Refused]]:
    """Return the events of messages, each with its place and an object of JSON."""
    rows, bad = list[dict[str, Any]](), list[Refused]()
    for where, data in given:
        good, wrong = one_by_one(data.replace(b"\n", b" "), source, where)
        rows += good
        bad += wrong if good or wrong else [refused("not_json", where, "", "")]
    return table(rows), bad


def event(found: object, source: str, where: str, text: str) -> dict[str, Any]:
    """Return a row of :data:`EVENT`, or of what was refused, which has a ``reason``."""
    if not isinstance(found, dict):
        return refused("not_json", where, type(found).__name__, text)
    name = found.get("event_id")
    for key in found:
        if key not in FIELDS:
            return refused("field", where, str(key), text, name)
    row: dict[str, Any] = {"source": source, "seq": 0}
    for key, field in FIELDS.items():
        value = found.get(key)
        if value is None:
            if key in NEEDED:
                return refused("missing", where, key, text, name)
            continue
        value = _value(value, field)
        if value is None:
            return refused("text", where, key, text, name)
        row[key] = value
    return row


def _value(value: object, field: Field) -> object:
    """Return a value as its field has it; None if it is none of it."""
    if field.kind == "time":
        value = _moment(value)
    elif field.kind == "int":
        value = value if isinstance(value, int) and not isinstance(value, bool) else None
    elif not isinstance(value, str) or not writable(value) or (field.kind == "id" and not value):
        return None
    low, high = BOUNDS[field.name]
    outside = value is None or (low is not None and value < low)
    return None if outside or (high is not None and value > high) else value


def _moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(found, datetime):
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):  # the first and last hours of all time have no UTC
        return None
