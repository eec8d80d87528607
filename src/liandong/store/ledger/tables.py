"""What posting reads from the books and writes to them, many rows at once."""

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pyarrow import csv

from liandong.schema.arrow import arrow_schema, cast
from liandong.schema.sql import METADATA
from liandong.store.wire import ask

STATE = METADATA.tables["ledger_state"]
RESERVATION = METADATA.tables["reservation"]
SCHEMA = arrow_schema("entry")
# Typed, since arrow looks for the type of each bare text that it is given.
PENDING = pa.scalar("pending", pa.string())
ENDING = pa.array(["post", "void"])
"""Phases that end a reservation."""
NO_ENTRIES = SCHEMA.empty_table()
_AT_ONCE = 100
"""Rows in a statement to SQLite."""
_STATE = {
    "sqlite": "SELECT book_time, closed_to FROM ledger_state",
    # Times are told without their zone, which is always UTC.
    "postgresql": (
        "SELECT book_time, closed_to, set_config('TimeZone', 'UTC', true) "
        "FROM ledger_state FOR UPDATE"
    ),
}
State: TypeAlias = tuple[datetime | None, date | None]
"""The last book time and the last closed day."""


def lock(c: sa.Connection) -> State:
    """Be the only one who posts until the transaction ends; return the state of the ledger."""
    return locking(c)()


def locking(c: sa.Connection) -> Callable[[], State]:
    """Ask for what :func:`lock` returns."""
    found = ask(c, _STATE[c.dialect.name])

    def state() -> State:
        last, closed = found()[0][:2]
        if isinstance(last, str):
            last = datetime.fromisoformat(last).replace(tzinfo=UTC)
        return last, date.fromisoformat(closed) if isinstance(closed, str) else closed

    return state


def having(
    c: sa.Connection, names: Sequence[str], into: str, key: str, values: list[str]
) -> Callable[[], list[Any]]:
    """Ask for columns of the rows of a table whose key is among ``values``."""
    if not values:
        return list
    wanted = "IN (SELECT value FROM json_each(?))"
    if c.dialect.name == "postgresql":
        wanted = "= ANY (ARRAY(SELECT json_array_elements_text(?::json)))"
    query = f"SELECT {', '.join(names)} FROM {into} WHERE {key} {wanted}"  # noqa: S608 - names are ours
    return ask(c, query, json.dumps(values))


def entries(c: sa.Connection, ids: list[str]) -> Callable[[], pa.Table]:
    """Ask for entries by their ids."""
    found = having(c, SCHEMA.names, "entry", "entry_id", ids)
    return lambda: _entries(found())


def entries_where(c: sa.Connection, which: str) -> pa.Table:
    """Return entries by a condition in SQL."""
    query = f"SELECT {', '.join(SCHEMA.names)} FROM entry WHERE {which}"  # noqa: S608 - ours
    return _entries([tuple(r) for r in c.exec_driver_sql(query)])


def _entries(rows: list[Any]) -> pa.Table:
    if not rows:
        return NO_ENTRIES
    columns = zip(*rows, strict=True)
    return pa.table(
        [cast(pa.array(v), f.type) for v, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def told(entry: pa.Table) -> bytes:
    """Return entries as the bytes that the act of their posting hashes."""
    sink = io.BytesIO()
    columns = [_without_zone(column) for column in entry.columns]
    plain = pa.table(columns, names=entry.column_names)
    csv.write_csv(plain, sink, csv.WriteOptions(include_header=False))
    return sink.getvalue()


def digest(entry: bytes) -> str:
    """Return the hash of :func:`told`."""
    return hashlib.sha256(entry).hexdigest()


def add_entries(c: sa.Connection, entry: pa.Table, text: bytes) -> None:
    """Add entries, of which ``text`` is told."""
    if c.dialect.name == "postgresql":
        cursor: Any = c.connection.cursor()  # psycopg's has more to it than the standard says
        with cursor, cursor.copy(f"COPY entry ({', '.join(SCHEMA.names)}) FROM STDIN CSV") as copy:
            copy.write(text)
        return
    # Each value that is bound, and each statement, costs a good part of what writing it does.
    columns = {n: _text(entry[n]).to_pylist() for n in SCHEMA.names}
    same = {n: v[0] for n, v in columns.items() if n != "entry_id" and v.count(v[0]) == len(entry)}
    own = [v for n, v in columns.items() if n not in same]
    values: list[Any] = [None] * (len(entry) * len(own))
    for k, column in enumerate(own):
        values[k :: len(own)] = column
    names = [*same, *(n for n in columns if n not in same)]
    into = f"INSERT INTO entry ({', '.join(names)}) VALUES "  # noqa: S608 - names are ours
    row = f"({', '.join([*(f'?{k + 1}' for k in range(len(same))), *'?' * len(own)])})"
    rest = len(entry) % _AT_ONCE
    whole = len(values) - rest * len(own)
    for rows, part in ((_AT_ONCE, values[:whole]), (rest, values[whole:])):
        if part:
            size = rows * len(own)
            given = [(*same.values(), *part[k : k + size]) for k in range(0, len(part), size)]
            c.exec_driver_sql(into + ", ".join([row] * rows), given)


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return dates and times as SQLite keeps them."""
    plain = _without_zone(values)
    return pc.cast(plain, pa.string()) if pa.types.is_temporal(plain.type) else plain


def _without_zone(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(values, pa.timestamp("us")) if pa.types.is_timestamp(values.type) else values


def due(c: sa.Connection, after: datetime | None = None) -> datetime | None:
    """Return when the time of the next open reservation is over."""
    query = sa.select(sa.func.min(RESERVATION.c.until))
    if after is not None:
        query = query.where(RESERVATION.c.until > after)
    found: datetime | None = c.execute(query).scalar()
    return found


def overdue(c: sa.Connection, now: datetime) -> list[str]:
    """Return the open reservations whose time is over."""
    return list(
        c.execute(sa.select(RESERVATION.c.entry_id).where(RESERVATION.c.until <= now)).scalars()
    )


def set_reservations(c: sa.Connection, entry: pa.Table) -> datetime | None:
    """Begin and end reservations as accepted entries say; return the first end of those begun."""
    if entry["phase"].unique().to_pylist() == ["posted"]:
        return None
    begun = entry.filter(pc.equal(entry["phase"], PENDING))
    if len(begun):
        c.execute(sa.insert(RESERVATION), begun.select(["entry_id", "until"]).to_pylist())
    ended = entry.filter(pc.is_in(entry["phase"], value_set=ENDING))
    if len(ended):
        mark = "%s" if c.dialect.name == "postgresql" else "?"
        gone = [(r,) for r in ended["ref"].to_pylist()]
        c.exec_driver_sql(f"DELETE FROM reservation WHERE entry_id = {mark}", gone)  # noqa: S608 - a mark
    first: datetime | None = pc.min(begun["until"]).as_py()
    return first
