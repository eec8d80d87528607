"""What still has to go out of a watch: what comes after the last that a sink has taken."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from liandong.schema.sql import METADATA
from liandong.store.books import Books

OUTBOX = METADATA.tables["watch_outbox"]
WARNING = METADATA.tables["live_warning"]
CHANGE = METADATA.tables["alert_change"]
SILENCE = METADATA.tables["watch_silence"]
Row = dict[str, Any]


class OutboxBooks:
    """How far each sink of a watch is; all goes out in the order of its numbers.

    Parameters
    ----------
    books
        Those of the board.
    watch
        Name of the watch.
    """

    def __init__(self, books: Books, watch: str) -> None:
        self._books, self._watch = books, watch

    def state(self, sink: str) -> Row:
        """Return the row of ``watch_outbox`` of a sink."""
        found = self._books.rows("watch_outbox", watch=self._watch, sink=sink)
        new = {"sent": 0, "tries": 0, "next_at": None, "error": None}
        return found[0] if found else {"watch": self._watch, "sink": sink, **new}

    def warnings(self, after: int, most: int) -> list[Row]:
        """Return the next warnings; those of candidates never go out."""
        return self._next(WARNING, after, most, ~WARNING.c.shadow)

    def changes(self, after: int, most: int) -> list[Row]:
        """Return the next changes of alerts."""
        return self._next(CHANGE, after, most)

    def changes_of(self, alerts: Collection[str], until: int) -> list[Row]:
        """Return all changes of some alerts up to a number, in order."""
        mine = CHANGE.c.alert_id.in_(alerts) & (CHANGE.c.seq <= until)
        return self._next(CHANGE, 0, None, mine)

    def silenced(self, sink: str, *which: sa.ColumnElement[bool]) -> list[Row]:
        """Return rows of ``watch_silence`` of a sink."""
        mine = (SILENCE.c.watch == self._watch) & (SILENCE.c.sink == sink)
        query = sa.select(SILENCE).where(mine, *which).order_by(SILENCE.c.seq)
        with self._books.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def due(self, sink: str, at: datetime, most: int) -> list[str]:
        """Return alerts of which a sink was not told, and whose snooze is over."""
        over = (SILENCE.c.outcome == "waiting") & (SILENCE.c.until_at <= at)
        found = dict.fromkeys(r["alert_id"] for r in self.silenced(sink, over))
        return list(found)[:most]

    def silenced_of(self, sink: str, alerts: Collection[str]) -> list[Row]:
        """Return what a sink was not told of some alerts."""
        return self.silenced(sink, SILENCE.c.alert_id.in_(alerts))

    def set_sent(self, sink: str, seq: int, silent: Sequence[Row] = (), told: Sequence[str] = (),
                 over: Sequence[str] = ()) -> None:  # fmt: skip
        """Take note that a sink has everything up to a number.

        Parameters
        ----------
        silent
            Rows of ``watch_silence`` without ``watch`` and ``sink``: what it has not.
        told, over
            Alerts that wait no longer: it was told of them, or there is nothing to tell.
        """
        mine = (SILENCE.c.watch == self._watch) & (SILENCE.c.sink == sink)
        row = {**self.state(sink), "sent": seq, "tries": 0, "next_at": None, "error": None}
        with self._books.writing() as c:
            self._replace(c, row)
            if silent:
                named = {"watch": self._watch, "sink": sink}
                c.execute(sa.insert(SILENCE), [{**named, **r} for r in silent])
            for alerts, outcome in ((told, "told"), (over, "over")):
                here = mine & SILENCE.c.alert_id.in_(alerts) & (SILENCE.c.outcome == "waiting")
                if alerts:
                    c.execute(sa.update(SILENCE).where(here).values(outcome=outcome))

    def wait_for(self, sink: str, alert: str, snooze: Row) -> None:
        """Take note that another snooze hides an alert that was waiting."""
        mine = (SILENCE.c.watch == self._watch) & (SILENCE.c.sink == sink)
        here = mine & (SILENCE.c.alert_id == alert) & (SILENCE.c.outcome == "waiting")
        values = {"snooze_id": snooze["snooze_id"], "until_at": snooze["until_at"]}
        with self._books.writing() as c:
            c.execute(sa.update(SILENCE).where(here).values(**values))

    def set_failed(self, sink: str, error: str, next_at: datetime) -> None:
        """Take note that a sink has not taken what was sent, and when to try again."""
        state = self.state(sink)
        failed = {"tries": state["tries"] + 1, "next_at": next_at, "error": error[:500]}
        with self._books.writing() as c:
            self._replace(c, {**state, **failed})

    def _next(
        self, table: sa.Table, after: int, most: int | None, *which: sa.ColumnElement[bool]
    ) -> list[Row]:
        mine = (table.c.watch == self._watch) & (table.c.seq > after)
        query = sa.select(table).where(mine, *which).order_by(table.c.seq).limit(most)
        with self._books.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def _replace(self, c: sa.Connection, row: Row) -> None:
        c.execute(
            sa.delete(OUTBOX).where(
                (OUTBOX.c.watch == self._watch) & (OUTBOX.c.sink == row["sink"])
            )
        )
        c.execute(sa.insert(OUTBOX), row)
