"""What still has to go out: warnings of a watch after the last one that a sink has taken."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from liandong.schema.sql import METADATA
from liandong.store.books import Books

OUTBOX = METADATA.tables["watch_outbox"]
WARNING = METADATA.tables["live_warning"]


class OutboxBooks:
    """How far each sink of a watch is; warnings go out in the order of their numbers.

    Parameters
    ----------
    books
        Those of the board.
    watch
        Name of the watch.
    """

    def __init__(self, books: Books, watch: str) -> None:
        self._books, self._watch = books, watch

    def state(self, sink: str) -> dict[str, Any]:
        """Return the row of ``watch_outbox`` of a sink."""
        found = self._books.rows("watch_outbox", watch=self._watch, sink=sink)
        new = {"sent": 0, "tries": 0, "next_at": None, "error": None}
        return found[0] if found else {"watch": self._watch, "sink": sink, **new}

    def waiting(self, after: int, most: int) -> list[dict[str, Any]]:
        """Return the next warnings; those of candidates never go out."""
        query = (
            sa.select(WARNING)
            .where(WARNING.c.watch == self._watch, WARNING.c.seq > after, ~WARNING.c.shadow)
            .order_by(WARNING.c.seq)
            .limit(most)
        )
        with self._books.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def set_sent(self, sink: str, seq: int) -> None:
        """Take note that a sink has everything up to a number."""
        self._set(sink, {"sent": seq, "tries": 0, "next_at": None, "error": None})

    def set_failed(self, sink: str, error: str, next_at: datetime) -> None:
        """Take note that a sink has not taken what was sent, and when to try again."""
        tries = self.state(sink)["tries"] + 1
        self._set(sink, {"tries": tries, "next_at": next_at, "error": error[:500]})

    def _set(self, sink: str, values: dict[str, Any]) -> None:
        row = {**self.state(sink), **values}
        mine = (OUTBOX.c.watch == self._watch) & (OUTBOX.c.sink == sink)
        with self._books.writing() as c:
            c.execute(sa.delete(OUTBOX).where(mine))
            c.execute(sa.insert(OUTBOX), row)
