"""What posting reads from the books and writes to them, many rows at once."""

import hashlib
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from pyarrow import csv

from liandong.schema.arrow import arrow_schema
from liandong.schema.sql import METADATA
from liandong.store.ledger.folding import COUNTERS

STATE = METADATA.tables["ledger_state"]
SCHEMA = arrow_schema("entry")
_LOCK = 0x4C44_4C47  # "LDLG"


def lock(c: sa.Connection) -> tuple[datetime | None, Any]:
    """Be the only one who posts until the transaction ends; return last book time and closing."""
    if c.dialect.name == "postgresql":
        c.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    row = c.execute(sa.select(STATE.c.book_time, STATE.c.closed_to)).one()
    return row[0], row[1]


def having(
    c: sa.Connection, names: Sequence[str], into: str, key: str, values: list[str]
) -> list[Any]:
    """Return columns of the rows of a table whose key is among ``values``."""
    if not values:
        return []
    wanted, given = "SELECT value FROM json_each(?)", json.dumps(values)
    if c.dialect.name == "postgresql":
        wanted, given = "SELECT unnest(%s::text[])", values  # type: ignore[assignment]
    query = f"SELECT {', '.join(names)} FROM {into} WHERE {key} IN ({wanted})"  # noqa: S608 - names are ours
    return [tuple(r) for r in c.exec_driver_sql(query, (given,))]


def entries(c: sa.Connection, ids: list[str]) -> pa.Table:
    """Return entries by their ids."""
    return _entries(having(c, SCHEMA.names, "entry", "entry_id", ids))


def entries_where(c: sa.Connection, which: str) -> pa.Table:
    """Return entries by a condition in SQL."""
    query = f"SELECT {', '.join(SCHEMA.names)} FROM entry WHERE {which}"  # noqa: S608 - ours
    return _entries([tuple(r) for r in c.exec_driver_sql(query)])


def _entries(rows: list[Any]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(SCHEMA)
    return pa.table(
        [_read(pa.array(v), f.type) for v, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def _read(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return what a database gave as what it means: SQLite keeps dates and times as text."""
    if pa.types.is_string(values.type) and pa.types.is_timestamp(kind):
        return pc.cast(pc.cast(values, pa.timestamp("us")), kind)
    return pc.cast(values, kind)


def told(entry: pa.Table) -> bytes:
    """Return entries as the bytes that the act of their posting hashes."""
    sink = io.BytesIO()
    csv.write_csv(entry, sink, csv.WriteOptions(include_header=False))
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
    _insert(c, "entry", entry)


def _insert(c: sa.Connection, into: str, rows: pa.Table) -> None:
    columns = [_text(column).to_pylist() for column in rows.columns]
    marks = ", ".join("?" * len(columns))
    names = ", ".join(rows.column_names)
    statement = f"INSERT INTO {into} ({names}) VALUES ({marks})"  # noqa: S608 - names are ours
    c.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return dates and times as SQLite keeps them."""
    if pa.types.is_timestamp(values.type):
        return pc.cast(pc.cast(values, pa.timestamp("us")), pa.string())
    return pc.cast(values, pa.string()) if pa.types.is_date(values.type) else values


def set_counters(c: sa.Connection, ids: list[str], counters: np.ndarray[Any, Any]) -> None:
    """Write the counters of accounts, ``(accounts, 4)``."""
    columns = [column.tolist() for column in counters.T]
    if c.dialect.name == "postgresql":
        own = ", ".join(f"{n} = u.{n}" for n in COUNTERS)
        c.exec_driver_sql(
            f"UPDATE balance b SET {own} FROM unnest(%s::text[]"  # noqa: S608 - names are ours
            + ", %s::bigint[]" * len(COUNTERS)
            + f") u(account_id, {', '.join(COUNTERS)}) WHERE b.account_id = u.account_id",
            (ids, *columns),
        )
        return
    own = ", ".join(f"{n} = ?" for n in COUNTERS)
    statement = f"UPDATE balance SET {own} WHERE account_id = ?"  # noqa: S608 - names are ours
    c.exec_driver_sql(statement, list(zip(*columns, ids, strict=True)))


def set_reservations(c: sa.Connection, entry: pa.Table) -> None:
    """Begin and end reservations as accepted entries say."""
    begun = entry.filter(pc.equal(entry["phase"], "pending"))
    if len(begun):
        c.execute(
            sa.insert(METADATA.tables["reservation"]),
            begun.select(["entry_id", "until"]).to_pylist(),
        )
    ended = entry.filter(pc.is_in(entry["phase"], value_set=pa.array(["post", "void"])))
    if len(ended):
        mark = "%s" if c.dialect.name == "postgresql" else "?"
        gone = [(r,) for r in ended["ref"].to_pylist()]
        c.exec_driver_sql(f"DELETE FROM reservation WHERE entry_id = {mark}", gone)  # noqa: S608 - a mark
