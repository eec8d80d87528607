"""Events by running number, as long as somebody may ask for them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.bound import WIDTH
from liandong.kernels.streams.layout import Int
from liandong.schema.arrow import empty
from liandong.watch.windows.page import Page

LARGEST = 1 << 13
"""Tables are put together up to so many rows: larger ones would be copied for little."""

PAGE = 4
"""Arrays of a page."""

ORDER = ("at", "source", "seq", "event_id")
"""The one order of events."""

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
        self.size: int = events.nbytes


class Ledger:
    """The texts of events, which the compiled code knows by number only.

    Parameters
    ----------
    kept
        How long before the oldest event still to come one may be that is asked for.

    Attributes
    ----------
    page
        Where a kernel writes the next event that comes by itself.
    table
        Where that is, always.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._pieces: list[_Piece] = []
        self._full: list[Page] = []
        self.table = np.zeros((PAGE, WIDTH), np.int64)
        self._open(0)

    @property
    def end(self) -> int:
        """The number of the next event."""
        return self.page.end

    @property
    def size(self) -> int:
        """Bytes of all tables and pages."""
        pages = (*self._full, self.page)
        return sum(p.size for p in self._pieces) + sum(p.size for p in pages)

    def add(self, events: pa.Table) -> None:
        """Take the next events, of the table ``watch_event``."""
        if len(events):
            if len(self.page):
                self.turn()
            self._put_together()
            self._append(_Piece(self.end, events))
            self.page.first = self.end + len(events)

    def turn(self, most: int = 0) -> None:
        """Go on on another page, one with room for an event with a text of so many bytes."""
        self._full.append(self.page)
        self._open(self.end, most)

    def _open(self, first: int, most: int = 0) -> None:
        self.page = Page(first, most)
        self.table[:] = self.page.bound()

    def of(self, numbers: Int) -> pa.Table:
        """Return events by their running numbers."""
        self._put_together()
        if not len(numbers):
            return empty("watch_event")
        pieces = self._pieces
        if len(self.page):
            pieces = [*pieces, _Piece(self.page.first, self.page.events())]
        starts = np.array([p.first for p in pieces], np.int64)
        piece = np.searchsorted(starts, numbers, side="right") - 1
        used = np.unique(piece)
        sizes = np.array([len(pieces[u].events) for u in used], np.int64)
        place = np.searchsorted(used, piece)
        within = numbers - starts[piece] + (np.cumsum(sizes) - sizes)[place]
        return pa.concat_tables([pieces[u].events for u in used]).take(within)

    def forget(self, horizon: int) -> None:
        """Drop tables and pages that nobody asks for, if nothing older than ``horizon`` comes."""
        since = horizon - self._kept
        if self._pieces and self._pieces[0].newest < since:
            self._pieces = [p for p in self._pieces if p.newest >= since]
        if self._full and self._full[0].newest < since:
            self._full = [p for p in self._full if p.newest >= since]

    def _put_together(self) -> None:
        pages, self._full = self._full, []
        for page in pages:
            self._append(_Piece(page.first, page.events()))

    def _append(self, piece: _Piece) -> None:
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
