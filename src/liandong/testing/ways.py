"""All the ways in which events may come to a watch, and that they end in the same."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import conform
from liandong.watch import Watcher, WatchRule
from liandong.watch.windows.intake import Admitted
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.rules import micros as length
from liandong.watch.windows.told import Told

MOST_BATCHES = 16
SHARDS = (1, 2, 4)


class Way(NamedTuple):
    """How some events come.

    Attributes
    ----------
    first, rows
        Which of all events.
    size
        Events of a batch.
    shards
        Over how many watchers, by subject.
    restarts
        After which batches all of them are made anew of what they keep.
    mixed
        Seed of an order of arrival in which none is too late; None: as they are.
    """

    first: int
    rows: int
    size: int
    shards: int
    restarts: tuple[int, ...]
    mixed: int | None


def check_watch(rule: WatchRule, events: pa.Table, cases: int = 200, seed: int = 0) -> int:
    """Hold a watch to the same result in many ways; AssertionError names the first that differs.

    What windows say in the end at each event, and which rules hold there, must not depend on the
    sizes of batches, on how subjects are shared out, on restarts, or on the order of arrival.

    Parameters
    ----------
    rule
        Windows and rules.
    events
        Rows of ``watch_event``, none too late for the rule.
    cases
        How many ways are drawn.
    seed
        Of the drawing.

    Returns
    -------
    int
        How many warnings there were in all, over all ways.
    """
    events, found = conform("watch_event", events), 0
    for way in ways(len(events), cases, seed):
        mine = events.slice(way.first, way.rows)
        at_once = outcome(rule, mine, Way(0, way.rows, way.rows, 1, (), None))
        if outcome(rule, mine, way) != at_once:
            raise AssertionError(f"another outcome: {way}")
        found += at_once.warnings
    return found


def ways(rows: int, cases: int, seed: int) -> Iterator[Way]:
    """Draw ways for so many events: many small batches of few events, or large ones of many."""
    rng = np.random.default_rng(seed)
    for case in range(cases):
        size = int(np.exp(rng.uniform(0, np.log(rows))))
        most = min(rows, size * int(rng.integers(2, MOST_BATCHES)))
        batches = -(-most // size)
        restarts = rng.choice(batches, rng.integers(min(4, batches)), replace=False)
        yield Way(
            int(rng.integers(rows - most + 1)), most, size, SHARDS[case % len(SHARDS)],
            tuple(sorted(restarts.tolist())), int(rng.integers(1 << 32)) if case % 2 else None,
        )  # fmt: skip


class Outcome(NamedTuple):
    """A hash of all values and warnings in the end, and how many warnings there are."""

    digest: str
    warnings: int


def outcome(rule: WatchRule, events: pa.Table, way: Way) -> Outcome:
    """Return what comes of events in one way."""
    if way.mixed is not None:
        events = events.take(_arrival(rule, events, way.mixed))
    shard = np.array([crc32(s.encode()) % way.shards for s in events["subject_id"].to_pylist()])
    one_by_one = [_One(rule) for _ in range(way.shards)]
    for n, begin in enumerate(range(0, len(events), way.size)):
        rows = slice(begin, begin + way.size)
        batch = events.slice(begin, way.size)
        for number, one in enumerate(one_by_one):
            one.take(batch.filter(shard[rows] == number))
            if n in way.restarts:
                one.restart()
    values = {k: v for one in one_by_one for k, v in one.values.items()}
    holds = {k: v for one in one_by_one for k, v in one.holds.items() if v is not None}
    told = repr((sorted(values.items()), sorted(holds.items())))
    return Outcome(hashlib.sha256(told.encode()).hexdigest(), len(holds))


class _Heard(Watcher):
    """A watcher that also tells what its windows say."""

    said_of: dict[str, tuple[Any, ...]]

    def _judged(self, events: pa.Table | Admitted) -> tuple[Told, pa.Table]:
        told, warnings = super()._judged(events)
        self._hear(told.values)
        self._hear(told.amended)
        return told, warnings

    def _hear(self, values: pa.Table) -> None:
        rows = zip(*(c.to_pylist() for c in values.columns), strict=True)
        self.said_of |= {row[0]: row for row in rows}


class _One:
    """One of the watchers, with its last words."""

    def __init__(self, rule: WatchRule) -> None:
        self.values: dict[str, tuple[Any, ...]] = {}
        self.holds: dict[tuple[str, str], str | None] = {}
        self._taken: list[pa.Table] = []
        self._watcher = self._made(rule)

    def _made(self, rule: WatchRule) -> _Heard:
        made = _Heard(rule)
        made.said_of = self.values
        return made

    def take(self, events: pa.Table) -> None:
        if not len(events):
            return
        seen = self._watcher.take(events)
        self._taken.append(seen.taken)
        columns = (seen.warnings[n].to_pylist() for n in ("rule", "event_id", "level"))
        self.holds |= {(rule, event): level for rule, event, level in zip(*columns, strict=True)}

    def restart(self) -> None:
        if self._taken:
            said, self._watcher = self._watcher.said(), self._made(self._watcher.rule)
            self._watcher.recall(pa.concat_tables(self._taken))
            self._watcher.remember(said)


def _arrival(rule: WatchRule, events: pa.Table, seed: int) -> NDArray[np.int64]:
    """Return an order in which no event is older than the newest before it by ``late``."""
    delay = np.random.default_rng(seed).integers(0, max(1, length(rule.late)), len(events))
    order: NDArray[np.int64] = np.argsort(micros(events["at"]) + delay, kind="stable")
    return order
