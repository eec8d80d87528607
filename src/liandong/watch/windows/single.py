"""One event at a time: its fields go to a kernel in one piece, and no object is kept of it."""

import struct
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import numpy as np

from liandong.kernels.streams.admission import Bounds
from liandong.kernels.streams.bound import WIDTH, bound
from liandong.kernels.streams.layout import ABSENT, LARGE, NO_ROOM, NOTHING, Int
from liandong.kernels.streams.single import GIVEN
from liandong.types import EPOCH
from liandong.watch.windows.coding import Coding
from liandong.watch.windows.ledger import Ledger
from liandong.watch.windows.pools import Pools, Room

START = 256
"""Bytes of an event's texts that there is room for at first."""
WORD = 8
FULL = NOTHING + NO_ROOM

Kernel = Callable[[Int, int], int]
"""Takes the event given: :func:`.see`, or one that does more."""


class Event(NamedTuple):
    """One event, as a row of the table ``watch_event``.

    Attributes
    ----------
    event_id, source, seq, kind, subject_id, other_id, amount, tag
        As there.
    at
        When it happened, with a zone.
    seen_at
        When it was known: the clock by which ``at`` may lie in the future. None: at once.
    """

    event_id: str
    source: str
    seq: int
    at: datetime
    kind: str
    subject_id: str
    other_id: str | None = None
    amount: int | None = None
    tag: str | None = None
    seen_at: datetime | None = None


class Single:
    """Gives events to a kernel.

    Parameters
    ----------
    pools, coding, ledger
        What is known of the events before.
    bounds
        What an event may be.

    Attributes
    ----------
    tables
        All that :func:`.see` wants to have bound.
    """

    def __init__(self, pools: Pools, coding: Coding, ledger: Ledger, bounds: Bounds) -> None:
        self._pools, self._coding, self._ledger = pools, coding, ledger
        self._bounds = np.array(bounds, np.int64)
        self._event = np.zeros((3, WIDTH), np.int64)
        self._widen(START)
        self.tables = (pools.table, *(n.table for n in coding.names), ledger.table, self._event)

    def take(
        self, event: Event, see: Kernel, table: Int, clock: int, room: Callable[[], Room]
    ) -> int:
        """Take an event, and return what the kernel does.

        Parameters
        ----------
        see, table
            The kernel, and ``tables`` and perhaps others, bound.
        clock
            The newest time taken so far.
        room
            How things stand, asked if room has to be made.
        """
        try:
            self._give(event)
        except struct.error:
            if abs(event.amount or 0) >> 63:
                return NOTHING + LARGE
            raise
        found = see(table, clock)
        if found == FULL:
            self._make_room(event, room())
            self._give(event)  # the number of its sort is another on another page
            found = see(table, clock)
            while found == FULL:
                self._pools.more_log(room().horizon)
                found = see(table, clock)
            self._pools.rest(room().horizon)
        return found

    def _give(self, event: Event) -> None:
        """Write an event where the kernel finds it.

        Raises
        ------
        struct.error
            If a number does not fit in 64 bits.
        """
        event_id, source, seq, at, kind, subject_id, other_id, amount, tag, seen_at = event
        sort = source, kind, tag
        number, bits = self._ledger.page.sorts.get(sort) or self._sort(sort)
        first, subject = event_id.encode(), subject_id.encode()
        text, other = first + subject, ABSENT
        if other_id is not None:
            last = other_id.encode()
            text, other = text + last, len(last)
        if len(text) > self._wide:
            self._widen(2 * len(text))
        when = at - EPOCH
        seen = when if seen_at is None else seen_at - EPOCH
        self._pack(
            self._given, 0, when.days, when.seconds, when.microseconds,
            seen.days, seen.seconds, seen.microseconds, amount or 0, amount is not None,
            seq, bits, number, len(first), len(subject), other, text,
        )  # fmt: skip

    def _sort(self, sort: tuple[str, str, str | None]) -> tuple[int, int]:
        sorts = self._ledger.page.sorts
        found = sorts[sort] = len(sorts), self._coding.bits(*sort[1:])
        return found

    def _widen(self, size: int) -> None:
        """Have room for the texts of an event of so many bytes."""
        self._wide, begin = size, GIVEN * WORD
        given = np.zeros(begin + size, np.uint8)
        self._given = given.data
        self._pack = struct.Struct(f"={GIVEN}q{size}s").pack_into
        self._event[:] = bound(given[:begin].view(np.int64), given[begin:], self._bounds)

    def _make_room(self, event: Event, room: Room) -> None:
        """Make room for one more event, except in the log."""
        texts = event.event_id, event.subject_id, event.other_id or ""
        sizes = [len(t.encode()) for t in texts]
        for names, size in zip(self._coding.names, sizes[1:], strict=True):
            names.room(1, size)
        self._pools.room_for_one(room._replace(keys=room.keys + 1))
        if not self._ledger.page.has_room(max(sizes)):
            self._ledger.forget(room.horizon)
            self._ledger.turn(max(sizes))
