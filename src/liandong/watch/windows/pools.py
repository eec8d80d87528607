"""The memory of sliding windows: rows of keys, log and counters, given out and taken back."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.counters import rehash
from liandong.kernels.streams.layout import (
    ABSENT,
    COUNTER_END,
    COUNTER_FREE,
    COUNTER_HEAD,
    COUNTER_LIVE,
    LATER,
    LOG_FREE,
    LOG_LIVE,
    META,
    Events,
    Int,
    State,
    Values,
)  # fmt: skip
from liandong.kernels.streams.windows import (
    again,
    enter,
    fold,
    numbers,
    one,
    rows_of,
    settle,
    sweep,
)  # fmt: skip
from liandong.watch.windows.plan import Chosen

BLOCK = 1 << 16
"""Events taken at once: between blocks the dead are swept and the pools grow."""
START = 1 << 10
LINE = 8
"""Whole numbers to a line of memory."""
ANY_ORDER = -2
"""In the place of the first running number: the events are known to be in order."""


def cut(events: Events, rows: Int | slice) -> Events:
    """Return some of the events."""
    return Events(*(column[rows] for column in events))


def cut_values(values: Values, rows: Int | NDArray[np.bool_] | slice) -> Values:
    """Return some rows of values."""
    return Values(values.whole[rows], values.real[rows])


class Room(NamedTuple):
    """Keys in all, the time before which no event will come, and how late one may be."""

    keys: int
    horizon: int
    late: int


class Pools:
    """State that grows with what is alive, and no further.

    Parameters
    ----------
    chosen
        What to keep.
    """

    def __init__(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self.plan = chosen.plan
        meta = np.zeros(META, np.int64)
        meta[[LOG_FREE, COUNTER_FREE]] = ABSENT
        counters = START if chosen.counter_width > COUNTER_HEAD else 1
        self.state = State(
            _fresh(START, len(self.plan.blank)),
            _fresh(START, chosen.log_width),
            _fresh(counters, chosen.counter_width),
            np.full((2 * START, 1), ABSENT, np.int64),
            meta,
        )
        self.state.keys[:] = self.plan.blank
        self.said = self.values(1)
        self._event = np.zeros((len(Events._fields), 1), np.int64)
        self._spans = np.array([self.plan.longest, self.plan.reach])
        self._table = self._bound()

    def values(self, rows: int) -> Values:
        """Return room for what the windows say at some events."""
        real = sum(not w for w in self._chosen.whole)
        return Values(
            np.empty((rows, len(self._chosen.whole) - real), np.int64), np.empty((rows, real))
        )

    def room(self, events: int, keys: int, horizon: int) -> None:
        """Make room for so many more events, and for so many keys in all.

        What is dead is swept first: no event older than ``horizon`` will come.
        """
        state = self.state
        if keys > len(state.keys):
            longer = _longer(state.keys, keys)
            longer[len(state.keys) :] = self.plan.blank
            self.state = state = state._replace(keys=longer)
            self._table = self._bound()
        if not self._full(events):
            return
        sweep(state, self.plan, horizon)
        live = int(state.meta[LOG_LIVE])
        if self._full(events) or 2 * live > len(state.log):
            self._grow(events)

    def _full(self, events: int) -> bool:
        state = self.state
        counted = self._chosen.counter_width > COUNTER_HEAD
        return bool(
            state.meta[LOG_LIVE] + events > len(state.log)
            or (counted and state.meta[COUNTER_LIVE] + events > len(state.counters))
        )

    def _grow(self, events: int) -> None:
        log, counters, buckets = self.state.log, self.state.counters, self.state.buckets
        log = _longer(log, int(self.state.meta[LOG_LIVE]) + events)
        if self._chosen.counter_width > COUNTER_HEAD:
            counters = _longer(counters, int(self.state.meta[COUNTER_LIVE]) + events)
        if 2 * len(counters) > len(buckets):
            buckets = np.empty((1 << (2 * len(counters) - 1).bit_length(), 1), np.int64)
            rehash(counters, buckets, int(self.state.meta[COUNTER_END]))
        self.state = self.state._replace(log=log, counters=counters, buckets=buckets)
        self._table = self._bound()

    def take(self, events: Events, since: int, room: Room, values: Values) -> Int:
        """Take events in order, block by block; see :func:`.fold`."""
        n = len(events.key)
        done = np.empty(n, np.int64)
        left = False
        for a in range(0, n, BLOCK):
            rows = slice(a, a + BLOCK)
            block = cut(events, rows)
            # Nothing older than this block is to come but for what was left for later.
            first = room.horizon if left else int(block.at[0]) - room.late
            self.room(len(block.key), room.keys, first)
            told = cut_values(values, rows)
            fold(self.state, self.plan, block, since, told, done[rows])
            left = left or bool((done[rows] == LATER).any())
        return done

    def one(self, numbers: tuple[int, ...], room: Callable[[], Room]) -> int:
        """Take one event, given as in :class:`.Events`, and tell in ``said``."""
        done: int = one(self._table, *numbers)
        if done == ABSENT:
            keys, horizon, _ = room()
            self.room(1, keys, horizon)
            done = one(self._table, *numbers)
        return done

    def event(self) -> Events:
        """Return the event that was taken last by itself."""
        return Events(*self._event)

    def _bound(self) -> Int:
        """Bind all that taking one event needs; anew whenever there are other arrays."""
        plan = self.plan
        return bound(
            *self.state, plan.lanes, plan.windows, plan.ratio, plan.blank, self._spans,
            self._event, *self.said,
        )  # fmt: skip

    def append(self, events: Events) -> Values:
        """Take events known to come after all of their keys, and for which there is room."""
        values = self.values(len(events.key))
        done = np.empty(len(events.key), np.int64)
        fold(self.state, self.plan, events, ANY_ORDER, values, done)
        return values

    def kept(self, key: int, horizon: int) -> Int:
        """Return the rows of a key's events that events from ``horizon`` on may need."""
        settle(self.state, self.plan, key, horizon)
        return rows_of(self.state, key)

    def numbers(self, horizon: int) -> Int:
        """Return the running numbers of all events that those from ``horizon`` on may need."""
        sweep(self.state, self.plan, horizon)
        return numbers(self.state)

    def enter(self, events: Events) -> Int:
        """Write events into the log that are in no window yet, and return their rows."""
        return np.array([enter(self.state, events, k) for k in range(len(events.key))], np.int64)

    def again(self, key: int, rows: Int) -> Values:
        """Let the events of a key happen once more in another order, and tell them all."""
        values = self.values(len(rows))
        again(self.state, self.plan, key, rows, values)
        return values


def _fresh(rows: int, width: int) -> Int:
    """Return rows of zeros that begin where a line of memory begins."""
    whole = np.zeros(rows * width + LINE, np.int64)
    begin = -(whole.ctypes.data // whole.itemsize) % LINE
    return whole[begin : begin + rows * width].reshape(rows, width)


def _longer(rows: Int, least: int) -> Int:
    """Return the same rows and at least as many more."""
    longer = _fresh(max(2 * len(rows), 1 << (least - 1).bit_length()), rows.shape[1])
    longer[: len(rows)] = rows
    return longer
