"""The memory of sliding windows: rows of keys, log and counters, given out and taken back."""

from typing import NamedTuple

import numpy as np

from liandong.kernels.memory.lines import longer, zeros
from liandong.kernels.streams.bound import WIDTH, bound
from liandong.kernels.streams.counters import reclaim, rehash
from liandong.kernels.streams.layout import (
    COUNTER_END,
    COUNTER_LIVE,
    LATER,
    LOG_END,
    LOG_NEED,
    MASS,
    MASS_MOST,
    META,
    NEXT,
    ORDINAL,
    RING,
    ROUND,
    SLOT,
    TAKEN_SINCE,
    WANTED,
    Events,
    Int,
    State,
    Values,
    Words,
    cut,
    cut_values,
)  # fmt: skip
from liandong.kernels.streams.resting import Scratch, count, lay_down, read, repeat, rouse
from liandong.kernels.streams.windows import (
    again,
    fold,
    numbers,
    pack,
    rows_of,
    settle,
    sweep,
    write,
)  # fmt: skip
from liandong.watch.windows.plan import Chosen
from liandong.watch.windows.resting import Resting, Shelf, Spill, quietest

BLOCK = 1 << 16
"""Events taken at once: between blocks the dead are swept and the pools grow."""
START = 1 << 10
EIGHT = 8
"""Bytes of a whole number."""
HALF = (1 << 32) - 1
GROW = 3
"""Halves of what is needed that there is room for in a log made anew."""
SPARE = 4
"""A sweep looks at all keys: it waits for so many events for each of them."""
UNSWEPT = 1 << 30
"""At most about so many events without a sweep: places are told apart by their lower half."""
PIECE = 1 << 20
"""Events that are laid down at once, about."""
PLAIN = 6
"""The last so many fields of a plan are plain numbers."""
TABLE = 18
"""Arrays by which :func:`.one` takes an event."""
ANY_ORDER = -1
"""In the place of the first running number: the events are known to be in order."""


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
    spill
        Where the events of subjects at rest go, if what is kept needs too much room.

    Attributes
    ----------
    resting
        These subjects.
    bound
        Bytes in use from which on subjects rest.
    table
        Where all that :func:`.one` takes is, always.
    said
        What it says at the event.
    """

    def __init__(self, chosen: Chosen, spill: Spill | None = None) -> None:
        self._whole, self.plan = chosen.whole, chosen.plan
        self._spill, self.resting = spill, Resting()
        self.bound = max(spill.memory, START) if spill else 0
        plan, meta = self.plan, np.zeros(META, np.int64)
        meta[COUNTER_END] = 1
        sizes = [START * w for w in (plan.key_wide, plan.log_wide, plan.counter_wide)]
        keys, log, counters = (zeros(n, 1)[:, 0] for n in sizes)
        self.state = _state(keys, log, counters, np.zeros(2 * START, np.int32), meta)
        self.said = self.values(1)
        self._event = np.zeros((len(Events._fields), 1), np.int64)
        self._numbers = np.array(plan[len(plan) - PLAIN :], np.int64)
        self.table = np.zeros((TABLE, WIDTH), np.int64)
        self._bind()

    def values(self, rows: int) -> Values:
        """Return room for what the windows say at some events."""
        real = sum(not w for w in self._whole)
        return Values(np.empty((rows, len(self._whole) - real), np.int64), np.empty((rows, real)))

    def _room(self, events: int, keys: int, horizon: int) -> None:
        """Make room for so many keys in all, and for the counters of so many more events.

        What is dead is swept first: no event older than ``horizon`` will come.
        """
        state, wide = self.state, self.plan.key_wide
        if keys * wide > len(state.keys):
            longer = _longer(state.keys, keys, wide)
            rest = state.log, state.counters, state.buckets, state.meta
            self.state = _state(longer, *rest)
            self._bind()
        if int(self.state.meta[TAKEN_SINCE]) > UNSWEPT:
            self._sweep(horizon)
        if self._is_short_of_counters(events) and not self._swept(events, horizon):
            self._more_counters(events)

    @property
    def size(self) -> dict[str, int]:
        """Bytes in use: rows of keys, of the log, of counters; the rest is not taken up yet."""
        state, plan = self.state, self.plan
        return {
            "keys": state.keys.nbytes,
            "log": int(state.meta[LOG_END]) * plan.log_wide * EIGHT,
            "counters": int(state.meta[COUNTER_END]) * plan.counter_wide * EIGHT
            + state.buckets.nbytes,
        }

    @property
    def _keys(self) -> int:
        return len(self.state.keys) // self.plan.key_wide

    def _is_short_of_counters(self, events: int) -> bool:
        used = int(self.state.meta[COUNTER_LIVE]) + 1 + events
        return used * self.plan.counter_wide > len(self.state.counters)

    def _swept(self, events: int, horizon: int) -> bool:
        """Sweep, if there were many events since the last time; tell whether that made room."""
        meta = self.state.meta
        if int(meta[TAKEN_SINCE]) < SPARE * self._keys:
            return False
        self._sweep(horizon)
        used = int(meta[COUNTER_LIVE]) * self.plan.counter_wide
        return 2 * used <= len(self.state.counters) and not self._is_short_of_counters(events)

    def _sweep(self, horizon: int) -> None:
        used = np.zeros(int(self.state.meta[COUNTER_END]), np.uint8)
        sweep(self.state, self.plan, horizon, used)
        if self.plan.counter_wide:
            reclaim(self.state, self.plan.counter_wide, used)

    def _more_counters(self, events: int) -> None:
        """Have twice as many counters, and enough for so many events."""
        state, wide = self.state, self.plan.counter_wide
        least = int(state.meta[COUNTER_LIVE]) + 1 + events
        counters = _longer(state.counters, least, wide)
        buckets = np.zeros(2 * len(counters) // wide, np.int32)
        self.state = _state(state.keys, state.log, counters, buckets, state.meta)
        rehash(self.state, wide, state.buckets)
        self._bind()

    def more_log(self, horizon: int) -> None:
        """Have what was asked for in vain: rows of the log, or what is kept of a key at rest."""
        wanted = int(self.state.meta[WANTED])
        if wanted < 0:
            self.state.meta[WANTED] = 0
            self._take_up(np.array([-1 - wanted]), horizon)
        elif int(self.state.meta[TAKEN_SINCE]) < SPARE * self._keys:
            self._longer_log()
        else:
            self._sweep(horizon)
            self._pack()

    def _longer_log(self) -> None:
        state, meta = self.state, self.state.meta
        log = _longer(state.log, int(meta[LOG_END] + meta[WANTED]), self.plan.log_wide)
        self.state = _state(state.keys, log, state.counters, state.buckets, meta)
        self._bind()

    def _pack(self) -> None:
        """Have a log with the rows of those alive, after a sweep, and others."""
        state, meta = self.state, self.state.meta.copy()
        need = int(meta[LOG_NEED])
        rows = max(GROW * need // 2, need + int(meta[WANTED]), START)
        log = zeros(rows * self.plan.log_wide, 1)[:, 0]
        meta[LOG_END] = 0
        self.state = _state(state.keys, log, state.counters, state.buckets, meta)
        pack(state, self.plan, self.state)
        self._bind()

    @property
    def _used(self) -> int:
        """Bytes of rows of the log and of counters that are in use."""
        plan, meta = self.plan, self.state.meta
        rows = int(meta[LOG_END]) * plan.log_wide + int(meta[COUNTER_LIVE]) * plan.counter_wide
        return rows * EIGHT

    def rest(self, horizon: int) -> None:
        """Let subjects rest that have been quiet longest, if what is kept needs too much room.

        Then it needs half of it. If most of those laid down before are back already, they were not
        quiet: rather than lay them down in circles, the bound is doubled. Nothing older than
        ``horizon`` will come.
        """
        if self._spill is None or self._used <= self.bound:
            return
        if self.resting.are_back():
            self.bound *= 2
        rouse(self.state, self.plan, self.resting.expired(horizon - self.plan.longest))
        self._sweep(horizon)
        self._pack()
        keys = quietest(self.state, self.plan, 1 - self.bound / 2 / self._used)
        sizes = np.empty(len(keys), np.int64)
        count(self.state, self.plan, keys, sizes)
        pieces = np.flatnonzero(np.diff(np.cumsum(sizes) // PIECE)) + 1
        for some, lengths in zip(np.split(keys, pieces), np.split(sizes, pieces), strict=True):
            if len(some):
                self._lay_down(self._spill.shelf, some, lengths)
        if len(keys):
            self._sweep(horizon)
            self._pack()

    def _lay_down(self, shelf: Shelf, keys: Int, sizes: Int) -> None:
        events = Events(*np.empty((len(Events._fields), int(sizes.sum())), np.int64))
        read(self.state, self.plan, keys, events)
        self.resting.add(shelf, keys, sizes, events)
        lay_down(self.state, self.plan, keys)

    def _take_up(self, keys: Int, horizon: int) -> None:
        """Let keys rest no more: their events happen once more."""
        for some, sizes, events in self.resting.taken(keys):
            rouse(self.state, self.plan, some)
            # One counter more, for the event that rouses them.
            self._room(len(events.at) + 1, self._keys, horizon)
            scratch, k = self._scratch(int(sizes.max())), 0
            while (k := repeat(self.state, self.plan, k, sizes, events, scratch)) >= 0:
                self._longer_log()  # after a sweep, counters would be missing

    def _scratch(self, most: int) -> Scratch:
        rows = np.zeros((most, self.plan.log_wide), np.int64)
        flat = rows.reshape(-1)
        return Scratch(rows, flat, flat.view(np.int32), np.empty(most, np.int32), self.values(most))

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
            if not left:
                self.rest(first)
            self._take_up(self.resting.among(block.key), first)
            self._room(len(block.key), room.keys, first)
            self._fold(block, since, first, cut_values(values, rows), done[rows])
            left = left or bool((done[rows] == LATER).any())
        return done

    def _fold(self, events: Events, since: int, horizon: int, values: Values, done: Int) -> None:
        at = fold(self.state, self.plan, events, 0, since, values, done)
        while at < len(done):
            self.more_log(horizon)
            at = fold(self.state, self.plan, events, at, since, values, done)

    def room_for_one(self, room: Room) -> None:
        """Make room for one more event, except in the log."""
        self._room(1, room.keys, room.horizon)

    def event(self) -> Events:
        """Return the event that was taken last by itself."""
        return Events(*self._event)

    def _bind(self) -> None:
        """Bind all that taking one event needs; anew whenever there are other arrays."""
        plan = self.plan
        self.table[:] = bound(
            *self.state, plan.tails, plan.lanes, plan.pairs, plan.ends, plan.windows, plan.ratio,
            self._numbers, self._event, *self.said,
        )  # fmt: skip

    def append(self, events: Events, room: Room) -> Values:
        """Take events known to come after all of their keys."""
        values = self.values(len(events.key))
        done = np.empty(len(events.key), np.int64)
        self._room(len(events.key), room.keys, room.horizon)
        self._fold(events, ANY_ORDER, room.horizon, values, done)
        return values

    def alone(self, events: Events, keys: int, late: int, *, is_new: bool) -> tuple[Values, Int]:
        """Take events of keys that are alone here, and in their order; with what became of each.

        Parameters
        ----------
        events
            Key after key, those of one in order of time.
        keys
            How many keys these are.
        late
            How late an event may be.
        is_new
            Nothing came before: what is known of other keys is forgotten, and its room used again.
        """
        if is_new:
            self._clear()
        values, done = self.values(len(events.key)), np.empty(len(events.key), np.int64)
        horizon = int(events.at.min()) - late
        self._room(len(events.key), keys, horizon)
        self._fold(events, ANY_ORDER, horizon, values, done)
        return values, done

    def _clear(self) -> None:
        """Forget all keys; of the log and of counters nothing is read before it is written."""
        for part in (self.state.keys, self.state.buckets, self.state.meta):
            part[:] = 0
        self.state.meta[COUNTER_END] = 1

    def none_left(self, keys: Int) -> None:
        """Note that no event of these keys, each there once, is left for later any more."""
        self.state.keys[keys * self.plan.key_wide + MASS] &= MASS_MOST - 1

    def kept(self, key: int, horizon: int) -> Int:
        """Return the rows of a key's events that events from ``horizon`` on may need."""
        settle(self.state, self.plan, key, horizon)
        return rows_of(self.state, self.plan, key)

    def masses(self, keys: Int) -> Int:
        """Return what the amounts kept of each key add up to, without their signs."""
        found: Int = self.state.keys[keys * self.plan.key_wide + MASS]
        return found

    def newest(self, keys: Int, end: int) -> Int:
        """Return the running numbers of the newest events of keys; all have some."""
        begin, words = 2 * keys * self.plan.key_wide, self.state.key_words
        within = (words[begin + NEXT] - np.int32(1)) & words[begin + ROUND]
        row = (words[begin + RING].astype(np.int64) + within) * self.plan.log_wide
        return _running(self.state.log_words[2 * row + ORDINAL], end)

    def numbers(self, horizon: int, end: int) -> Int:
        """Return the running numbers of all events that those from ``horizon`` on may need."""
        self._sweep(horizon)
        return _running(numbers(self.state, self.plan), end)

    def rows(self, events: Events, room: Room) -> Int:
        """Return rows for events that are in no window yet."""
        self._room(len(events.key), room.keys, room.horizon)
        rows = np.zeros((len(events.key), self.plan.log_wide), np.int64)
        write(self.state, self.plan, events, rows.reshape(-1), rows.reshape(-1).view(np.int32))
        return rows

    def again(self, key: int, rows: Int) -> Values:
        """Let the events of a key happen once more, as these rows, and tell them all."""
        values, slots = self.values(len(rows)), rows.view(np.int32)[:, SLOT].copy()
        while not again(self.state, self.plan, key, rows, slots, values):
            self._longer_log()  # a sweep would give back counters that only these rows need
        return values


def ordinals(rows: Int, end: int) -> Int:
    """Return the running numbers of rows of the log; ``end`` is the next one to come."""
    return _running(rows.view(np.int32)[:, ORDINAL], end)


def _running(halves: Int | Words, end: int) -> Int:
    """Return running numbers from their lower halves: all are less than 2**32 before the end."""
    behind = (end - halves.astype(np.int64)) & HALF
    found: Int = end - behind
    return found


def _state(keys: Int, log: Int, counters: Int, buckets: Words, meta: Int) -> State:
    key_words, log_words, counter_words = (a.view(np.int32) for a in (keys, log, counters))
    return State(keys, key_words, log, log_words, counters, counter_words, buckets, meta)


def _longer(rows: Int, least: int, wide: int) -> Int:
    """Return the same rows and at least as many more."""
    many = max(2 * len(rows) // wide, 1 << (least - 1).bit_length())
    return longer(rows, many * wide)
