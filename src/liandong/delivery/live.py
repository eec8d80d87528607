"""The loop of a watch: read, judge, commit; each on a thread of its own, none far ahead."""

import gc
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

import pyarrow as pa
import pyarrow.compute as pc

from liandong.board import Board
from liandong.delivery.group import Group
from liandong.delivery.metrics import Metrics
from liandong.delivery.source import Batch, Source
from liandong.govern.versions import WATCH, in_use
from liandong.schema.arrow import arrow_schema, build
from liandong.store.shelf import Shelf
from liandong.store.watching import PIECE_ROWS, WatchBooks
from liandong.types import since_epoch
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.watcher import Watcher
from liandong.watch.windows.intake import Admitted
from liandong.watch.windows.resting import Spill

ENOUGH = 2_000
"""Events after which a commit is due."""
PATIENCE = 0.01
"""Seconds after an event was read at which it is due in any case: it ends within 50 ms."""
PAUSE = 0.5
"""Seconds between looks whether other rules have been approved."""
MOST_WAITING = 1 << 19
"""Events that may wait for a commit; then reading waits, too."""
POLL = 0.05
"""Seconds that a source may wait for something to read."""
MEMORY = 1 << 30
"""Bytes that events in windows may use before those of quiet subjects go to the disk."""
SWITCH = 0.0005
"""Seconds after which a thread lets another one go on: 5 ms would be as long as a commit."""


class _Read(NamedTuple):
    """A batch, what its events are by number, and when it was read, by two clocks."""

    batch: Batch
    admitted: Admitted
    at: float
    now: datetime


class Live:
    """One watch of a board, from its source into the books.

    Every event is taken once, and what is said of it stands once in the books, whatever happens to
    the process: place, log, warnings and refusals are committed together. Two processes cannot run
    one watch.

    Parameters
    ----------
    board
        Where the books are.
    watch
        Its name; another name is another watch, which begins at the beginning.
    source
        Where the events come from.
    rule
        Windows and rules. If the watch ran by others before, these go on from where it is.
    memory
        Bytes of events from which on those of quiet subjects go to the disk.
    """

    def __init__(
        self, board: Board, watch: str, source: Source, rule: WatchRule, memory: int = MEMORY
    ) -> None:
        self._source, self._board = source, board
        self._books = WatchBooks(board.store, watch, rule.kept)
        self._spill = Spill(Shelf(self._books.folder), memory)
        self._known, self._looks = self._approved(), 0.0
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="watch")
        self._next: WatchRule | None = None
        self._writing: Future[None] | None = None
        self._reading: Future[_Read] | None = None
        self.metrics = Metrics(watch)
        self._rows = PIECE_ROWS
        _warm(rule)
        with ExitStack() as held:
            held.enter_context(self._books.holding())
            self._watcher, self._place = self._begin(rule)
            self._held = held.pop_all()
        self._group = Group(None, 0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def state(self) -> dict[str, Any]:
        """The row of ``watch_state`` of the last commit; empty before the first."""
        return self._books.state

    def _begin(self, rule: WatchRule) -> tuple[Watcher, str | None]:
        """Return the watcher as it was at the last commit, judging by the rule from now on."""
        began = time.perf_counter()
        kept = self._books.recover()
        if kept is None:
            self._judge_by(rule)
            return Watcher(rule, spill=self._spill), None
        gone = self._books.reach
        watcher = Watcher(WatchRule.from_toml(kept.rule), gone=gone, spill=self._spill)
        for taken in kept.before:
            watcher.recall(taken)
        if kept.said is not None:
            watcher.remember(kept.said)
        watcher.again(kept.since, self._books.said_after(watcher.warnings))
        if rule == watcher.rule:  # by another one, another file of the log begins
            self._rows = self._books.rows
        watcher.changed(rule, self._books.log, gone)
        self._judge_by(rule)
        seconds = time.perf_counter() - began
        self.metrics.begun(self._books.state, seconds, watcher.going_on)
        self.metrics.holds(watcher.size, watcher.resting)
        return watcher, kept.place

    def _fresh(self, since: float) -> Group:
        """Return an empty group; a new rule begins with it, and maybe a new file of the log."""
        said = None
        if self._next is not None:
            self._wait()
            if self._reading is not None:
                wait([self._reading])  # who looks at events by other windows does so in order
            self._watcher.changed(self._next, self._books.log, self._books.reach)
            self._judge_by(self._next)
            self._books.keep = self._next.kept
            self._next, self._rows = None, PIECE_ROWS
        if self._rows >= PIECE_ROWS:
            said, self._rows = self._watcher.said(), 0
        return Group(said, since)

    def _judge_by(self, rule: WatchRule) -> None:
        self._books.judge_by(rule, *rule.rules, *rule.shadow)

    def change(self, rule: WatchRule) -> None:
        """Judge by other rules from the next commit on; no event is lost or judged twice.

        Windows that are new or others are filled from the log. One that looks back further than
        the log reaches says nothing until it no longer does; see ``known_from`` of the watcher.

        Raises
        ------
        UsageError
            If the windows have more choices of events than there is room for.
        """
        Watcher(rule)  # what cannot be is refused here, and not in the loop
        self._next = rule

    @property
    def known_from(self) -> dict[str, datetime]:
        """Windows that say nothing yet, and from when on they will."""
        return self._watcher.known_from

    def _look(self) -> None:
        """Go on by the rules that somebody has approved meanwhile."""
        now = time.monotonic()
        if now < self._looks:
            return
        self._looks = now + PAUSE
        approved = self._approved()
        if approved != self._known:
            self._known = approved
            found = in_use(self._board.rule_versions(self._books.watch))
            if found and found["rule"] != (self._next or self._watcher.rule).id:
                self.change(_rule(self._board, found))

    def _approved(self) -> set[str]:
        same = {"action": WATCH.action, "state": "approved"}
        return {c["case_id"] for c in self._board.store.books.rows("case", **same)}

    def run(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Go on until the source has ended, or until told to stop; all that was read is committed.

        Parameters
        ----------
        stop
            Asked after every batch.
        """
        ended = False
        with _undisturbed():
            while not ended and not stop():
                batch = self._read()
                if batch is not None:
                    ended = batch.ended
                self._commit_if_due()
                self._look()
            self._flush()

    def _read(self) -> Batch | None:
        """Take the next batch, and have the one after it read; None if a commit is due first."""
        if self._reading is None:
            self._reading = self._threads.submit(self._ahead, self._place)
        if not self._come(self._reading):
            return None
        read, self._reading = self._reading.result(), None
        batch = read.batch
        if not batch.ended:
            self._reading = self._threads.submit(self._ahead, batch.place)
        if batch.rows:
            self._take(read)
        else:
            self._place = batch.place
        return batch

    def _ahead(self, place: str | None) -> _Read:
        """Read a batch, and look at it as far as that can be done before it is its turn."""
        batch, at, now = self._source.read(place, POLL), time.monotonic(), datetime.now(UTC)
        return _Read(batch, self._watcher.admit(seen_by(batch.events, now)), at, now)

    def _come(self, reading: Future[_Read]) -> bool:
        """Wait for a batch, but no longer than what waits for a commit may; tell if it is there."""
        awaited: set[Future[Any]] = {reading}
        left = None
        if self._group.rows:
            if self._writing is not None and not self._writing.done():
                awaited.add(self._writing)
            else:
                left = max(0.0, self._group.since + PATIENCE - time.monotonic())
        wait(awaited, left, FIRST_COMPLETED)
        return reading.done()

    def _take(self, read: _Read) -> None:
        if self._group.rows == 0:
            self._group = self._fresh(read.at)
        seen = self._watcher.take(read.admitted)
        self._group.add(read.batch, seen, read.now)
        self._place = read.batch.place
        self._rows += len(seen.taken)
        self.metrics.took(read.batch, seen, self._watcher.clock, self._watcher.going_on)

    def _commit_if_due(self) -> None:
        group = self._group
        if not group.rows:
            return
        waited = time.monotonic() - group.since
        if group.rows < ENOUGH and waited < PATIENCE:
            return
        if self._writing is None or self._writing.done() or group.events >= MOST_WAITING:
            self._commit()

    def _commit(self) -> None:
        self._wait()
        sizes = self._watcher.size
        self.metrics.holds(sizes, self._watcher.resting)
        work = self._group.work(self._watcher.clock, datetime.now(UTC), sum(sizes.values()))
        since = self._group.since
        self._group = Group(None, 0.0)

        def write() -> None:
            began = time.monotonic()
            self._books.commit(work)
            ended = time.monotonic()
            self.metrics.committed(len(work.taken), ended - began, ended - since)
            self._source.done(work.place)

        self._writing = self._threads.submit(write)

    def _wait(self) -> None:
        """Wait for the commit that is under way; what went wrong with it is raised here."""
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _flush(self) -> None:
        if self._group.rows:
            self._commit()
        self._wait()

    def close(self) -> None:
        """Let go of source, log and lock; what was not committed is read again next time."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        self._source.close()
        self._books.close()
        self._held.close()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Spare threads long waits for each other, and for who collects garbage.

    What is there already is not looked at meanwhile: all of it would take longer than many commits.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)


def _warm(rule: WatchRule) -> None:
    """Have compiled code at hand before anybody's event waits for it."""
    now, n = datetime.now(UTC), 2
    about = {"source": ["warm"] * n, "kind": ["warm"] * n, "subject_id": ["S"] * n}
    times = {"at": [now, now], "seen_at": [now, now], "event_id": ["a", "b"], "seq": [0, 1]}
    watcher = Watcher(rule)
    watcher.take(watcher.admit(build("watch_event", {
        **about, **times, "other_id": ["O"] * n, "amount": [1, 2], "tag": [None] * n,
    })))  # fmt: skip


def approved_rule(board: Board, watch: str) -> WatchRule | None:
    """Return the rules of a watch that somebody has approved; None if nobody has."""
    found = in_use(board.rule_versions(watch))
    return _rule(board, found) if found else None


def _rule(board: Board, version: dict[str, Any]) -> WatchRule:
    kept = board.store.books.rows("rule", rule_id=version["rule"])
    return WatchRule.from_toml(kept[0]["toml"])


def seen_by(events: pa.Table, now: datetime) -> pa.Table:
    """Return events as seen when they say, or now; nothing was seen later than now."""
    seen, latest = events["seen_at"].cast(pa.int64()), since_epoch(now)
    if seen.null_count or (len(seen) and pc.max(seen).as_py() > latest):
        at = events.schema.get_field_index("seen_at")
        seen = pc.min_element_wise(seen, latest).cast(events.schema.field(at).type)
        events = events.set_column(at, "seen_at", seen)
    return pa.Table.from_arrays(events.columns, schema=arrow_schema("watch_event"))
