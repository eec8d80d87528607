"""Warnings out to whoever waits for them: in order, again and again until they are taken."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, Protocol, Self

from liandong.store.books import Books
from liandong.store.outbox import OutboxBooks

AT_ONCE = 100
"""Warnings of one delivery at most."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
"""Before the second try, and before any later one: each waits twice as long as the one before."""
PAUSE = 0.2
"""Seconds between looks into the books."""
SAID = ("warning_id", "code", "rule", "subject_id", "event_id", "level", "amends")

Warnings = Sequence[dict[str, Any]]


class Sink(Protocol):
    """Somewhere outside. What is sent twice has the same ids: whoever reads them counts it once."""

    name: str

    def send(self, warnings: Warnings) -> None:
        """Return when all are taken; an OSError means that they have to be sent again."""


class Outbox:
    """Sends the warnings of a watch to its sinks, each at its own pace.

    Parameters
    ----------
    books
        Those of the board.
    watch
        Name of the watch.
    sinks
        Where to.
    """

    def __init__(self, books: Books, watch: str, sinks: Sequence[Sink]) -> None:
        self._books, self._sinks = OutboxBooks(books, watch), sinks
        self._end = Event()
        self._threads = [Thread(target=self._run, args=(s,), daemon=True) for s in sinks]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def step(self, sink: Sink, at: datetime) -> bool:
        """Send the next warnings to a sink if it is time to; return whether it took some."""
        state = self._books.state(sink.name)
        if state["next_at"] is not None and at < state["next_at"]:
            return False
        warnings = self._books.waiting(state["sent"], AT_ONCE)
        if not warnings:
            return False
        try:
            sink.send(warnings)
        except OSError as error:
            wait = min(FIRST_WAIT * 2 ** min(state["tries"], 20), LONGEST_WAIT)
            self._books.set_failed(sink.name, f"{type(error).__name__}: {error}", at + wait)
            return False
        self._books.set_sent(sink.name, warnings[-1]["seq"])
        return True

    def _run(self, sink: Sink) -> None:
        while not self._end.is_set():
            if not self.step(sink, datetime.now(UTC)):
                self._end.wait(PAUSE)
        while self.step(
            sink, datetime.now(UTC)
        ):  # what was committed last goes out as well, if it can
            pass


def plain(warning: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a warning outside."""
    times = {n: warning[n].isoformat() for n in ("at", "seen_at")}
    more = {"evidence": json.loads(warning["evidence"]), "reasons": warning["reasons"]}
    return {n: warning[n] for n in SAID} | times | more


def encoded(warning: dict[str, Any]) -> bytes:
    """Return it as one message of a stream."""
    return json.dumps(plain(warning), ensure_ascii=False).encode()
