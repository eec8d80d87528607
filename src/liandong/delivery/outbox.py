"""Alerts out to whoever waits for them: in order, again and again until they are taken."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import NamedTuple, Protocol, Self

from liandong.delivery.messages import Messages, Row
from liandong.delivery.passing import Passing, next_alerts, next_warnings, woken
from liandong.delivery.wanted import Told, Wanted
from liandong.store.outbox import OutboxBooks
from liandong.store.store import Store

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=5)
"""Before the second try, and before any later one: each waits twice as long as the one before."""
PAUSE = 0.2
"""Seconds between looks into the books."""


class Sink(Protocol):
    """Somewhere outside. What is sent twice has the same ids: whoever reads them counts it once."""

    name: str

    def send(self, messages: Messages) -> None:
        """Return when all are taken; an OSError means that they have to be sent again."""


class Channel(NamedTuple):
    """A sink, and which of both it is told here."""

    sink: Sink
    wanted: Wanted
    told: Told

    @property
    def name(self) -> str:
        """What it is called in the books; how far it is does not depend on its filters."""
        return self.sink.name if self.told == "warnings" else f"{self.sink.name}#{self.told}"


class Outbox:
    """Sends what a watch says to its sinks, each at its own pace.

    What somebody has snoozed is not sent while that lasts. It stands in ``watch_silence``; an alert
    that still goes on afterwards is told once, and so is the end of one that was told of before.

    Parameters
    ----------
    store
        That of the board.
    watch
        Name of the watch.
    channels
        Where to, and what.
    """

    def __init__(self, store: Store, watch: str, channels: Sequence[Channel]) -> None:
        self._store, self._books = store, OutboxBooks(store.books, watch)
        self._end = Event()
        self._threads = [Thread(target=self._run, args=(c,), daemon=True) for c in channels]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def step(self, channel: Channel, at: datetime) -> bool:
        """Send to a channel what is next if it is time to; return whether it got any further."""
        name, state = channel.name, self._books.state(channel.name)
        if state["next_at"] is not None and at < state["next_at"]:
            return False
        found = self._next(channel, state["sent"], at)
        if found is None:
            return False
        try:
            if found.messages:
                channel.sink.send(found.messages)
        except OSError as error:
            wait = min(FIRST_WAIT * 2 ** min(state["tries"], 20), LONGEST_WAIT)
            self._books.set_failed(name, f"{type(error).__name__}: {error}", at + wait)
            return False
        self._books.set_sent(name, found.sent, found.silent, found.told, found.over)
        return True

    def _next(self, channel: Channel, sent: int, at: datetime) -> Passing | None:
        if channel.told == "warnings":
            return next_warnings(self._books, channel.wanted, sent, self._snoozes, at)
        name, wanted = channel.name, channel.wanted
        first = woken(self._books, name, wanted, sent, self._snoozes, at)
        return first or next_alerts(self._books, wanted, sent, self._snoozes, at)

    def _snoozes(self) -> list[Row]:
        found: list[Row] = self._store.read("snooze").to_pylist()
        return found

    def _run(self, channel: Channel) -> None:
        while not self._end.is_set():
            if not self.step(channel, datetime.now(UTC)):
                self._end.wait(PAUSE)
        # What was committed last goes out as well, if it can.
        while self.step(channel, datetime.now(UTC)):
            pass
