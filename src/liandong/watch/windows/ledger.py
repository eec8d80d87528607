"""Events by running number, as long as somebody may ask for them."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.layout import Int
from liandong.schema.arrow import arrow_schema, build, empty

MANY = 1_024
"""Single events are put together to tables of so many."""
LARGEST = 1 << 13
"""Tables are put together up to so many rows: larger ones would be copied for little."""

ORDER = ("at", "source", "seq", "event_id")
"""The one order of events."""

Row = tuple[object, ...]
NONE = np.empty(0, np.int64)


def micros(column: pa.ChunkedArray) -> Int:
    """Return times as microseconds since 1970."""
    whole = [chunk.view(pa.int64()).to_numpy() for chunk in column.chunks]
    found: Int = whole[0] if len(whole) == 1 else np.concatenate([*whole, NONE])
    return found


def in_order(events: pa.Table) -> pa.Table:
    """Return events in the one order."""
    at = micros(events["at"])
    if (at[1:] > at[:-1]).all():
        return events
    order = np.argsort(at, kind="stable")
    if (at[order[1:]] > at[order[:-1]]).all():
        return events.take(order)
    return events.take(by_place(events))


def by_place(events: pa.Table) -> pa.Array:
    """Return the rows of events in the one order; those alike stay as they stand."""
    return pc.sort_indices(events, sort_keys=[(n, "ascending") for n in ORDER])


def like_before(events: pa.Table) -> NDArray[np.bool_]:
    """Tell of events in order which are of the same place as the one before them."""
    alike = np.zeros(len(events), np.bool_)
    if (np.diff(micros(events["at"])) == 0).any():
        same = [pc.equal(events[n][1:], events[n][:-1]) for n in ORDER]
        alike[1:] = np.logical_and.reduce([s.to_numpy() for s in same])
    return alike


class _Piece:
    """A table of events and the running number of its first."""

    def __init__(self, first: int, events: pa.Table) -> None:
        self.first, self.events = first, events
        self.newest = int(micros(events["at"]).max())


class Ledger:
    """The texts of events, which the compiled code knows by number only."""

    def __init__(self) -> None:
        self.end = 0
        self._pieces: list[_Piece] = []
        self._single: list[Row] = []

    def add(self, events: pa.Table) -> None:
        """Take the next events, of the table ``watch_event``."""
        self._put_together()
        if len(events):
            self._append(events)
            self.end += len(events)

    def add_one(self, event: Row) -> None:
        """Take the next event: its fields in order, times as microseconds."""
        self._single.append(event)
        self.end += 1
        if len(self._single) >= MANY:
            self._put_together()

    def of(self, numbers: Int) -> pa.Table:
        """Return events by their running numbers."""
        self._put_together()
        if not len(numbers):
            return empty("watch_event")
        starts = np.array([p.first for p in self._pieces], np.int64)
        piece = np.searchsorted(starts, numbers, side="right") - 1
        used = np.unique(piece)
        sizes = np.array([len(self._pieces[u].events) for u in used], np.int64)
        place = np.searchsorted(used, piece)
        within = numbers - starts[piece] + (np.cumsum(sizes) - sizes)[place]
        return pa.concat_tables([self._pieces[u].events for u in used]).take(within)

    def forget(self, until: int) -> None:
        """Drop tables in which nothing is newer than ``until``."""
        if self._pieces and self._pieces[0].newest <= until:
            self._pieces = [p for p in self._pieces if p.newest > until]

    def _put_together(self) -> None:
        if not self._single:
            return
        rows, self._single = self._single, []
        self._append(table_of(rows), self.end - len(rows))

    def _append(self, events: pa.Table, first: int | None = None) -> None:
        piece = _Piece(self.end if first is None else first, events)
        while self._pieces and self._joins(self._pieces[-1], piece):
            last = self._pieces.pop()
            together = pa.concat_tables([last.events, piece.events]).combine_chunks()
            piece = _Piece(last.first, together)
        self._pieces.append(piece)

    @staticmethod
    def _joins(last: _Piece, new: _Piece) -> bool:
        adjoin = last.first + len(last.events) == new.first
        small = len(last.events) + len(new.events) <= LARGEST
        return adjoin and small and len(last.events) <= 2 * len(new.events)


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Return rows of ``watch_event``, times as microseconds, as a table."""
    schema = arrow_schema("watch_event")
    columns = dict(zip(schema.names, zip(*rows, strict=True), strict=True))
    whole = {n: pa.array(c, pa.int64()) for n, c in columns.items() if n in {"at", "seen_at"}}
    times = {n: c.cast(schema.field(n).type) for n, c in whole.items()}
    texts = {n: pa.array(c, schema.field(n).type) for n, c in columns.items() if n not in times}
    return build("watch_event", {**texts, **times})
