"""A table of somebody's own PostgreSQL as a source."""

import json
import time
from typing import Any

from liandong.delivery import lines
from liandong.delivery.source import EVENT, MOST, Batch, Refused, nothing, table
from liandong.step.extras import optional

PAUSE = 0.01


class TableSource:
    """Reads rows in the order in which their transactions began, once these are all over.

    The table has the columns ``tx xid8 DEFAULT pg_current_xact_id()`` and ``id bigint``, unique,
    beside those of ``watch_event``. Numbers alone would not do: a row with a smaller one may be
    committed later. So only rows are read whose transactions are older than all that still run.

    Parameters
    ----------
    server, name
        ``postgresql://…``, and what is read of it.
    follow
        Wait for what is still to come; otherwise it ends when nothing is left.
    """

    def __init__(self, server: str, name: str, *, follow: bool) -> None:
        psycopg = optional("psycopg", "psycopg", "postgres")
        sql = optional("psycopg.sql", "psycopg", "postgres")
        self._table, self._follow = name, follow
        self._error = psycopg.OperationalError
        self._db = psycopg.connect(server, autocommit=True)
        self._query = sql.SQL(
            "SELECT tx::text AS tx, id, {columns} FROM {table}"
            " WHERE tx >= %s::text::xid8 AND (tx, id) > (%s::text::xid8, %s)"
            " AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY tx, id LIMIT %s"
        ).format(
            columns=sql.SQL(", ").join(sql.Identifier(n) for n in EVENT.names),
            table=sql.Identifier(*name.split(".")),
        )

    def read(self, place: str | None, wait: float) -> Batch:
        """Return what comes after a place: a transaction and a row."""
        until = time.monotonic() + wait
        tx, row = json.loads(place) if place else ("0", 0)
        while True:
            found = self._rows(tx, row)
            if found:
                return self._batch(found)
            if not self._follow or time.monotonic() >= until:
                return nothing(place, ended=not self._follow)
            time.sleep(PAUSE)

    def done(self, place: str | None) -> None:
        """Do nothing: the rows stay as they are."""

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _rows(self, tx: str, row: int) -> list[tuple[Any, ...]]:
        try:
            found: list[tuple[Any, ...]] = self._db.execute(
                self._query, (tx, tx, row, MOST)
            ).fetchall()
        except self._error as error:
            raise ConnectionError(str(error)) from error
        return found

    def _batch(self, rows: list[tuple[Any, ...]]) -> Batch:
        good, bad = list[dict[str, Any]](), list[Refused]()
        for tx, number, *values in rows:
            given = dict(zip(EVENT.names, values, strict=True))
            text = json.dumps(given, ensure_ascii=False, default=str)
            row = lines.event(given, self._table, f"{self._table}@{tx}/{number}", text)
            (bad if "reason" in row else good).append(row)
        tx, number = rows[-1][:2]
        return Batch(table(good), bad, json.dumps([tx, number]))
