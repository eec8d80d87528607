"""Subjects at rest: their events lie on a shelf until there is another one of them."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from liandong.kernels.streams.layout import ABSENT, Events, Int, Plan, State
from liandong.kernels.streams.resting import quiet

START = 1 << 10


class Piece(Protocol):
    """A table that lies on a shelf as long as somebody knows it."""

    @property
    def size(self) -> int:
        """Bytes that it takes up."""

    def read(self, rows: Int) -> pa.Table:
        """Return some of its rows, given in order."""


class Shelf(Protocol):
    """Where tables lie that do not fit into memory."""

    def put(self, table: pa.Table) -> Piece:
        """Lay a table down."""


class Spill(NamedTuple):
    """What is done when windows need too much room.

    Attributes
    ----------
    shelf
        Where the events of subjects go that have been quiet longest.
    memory
        Bytes of events and counterparties from which on they go there, until half of it is in use.
    """

    shelf: Shelf
    memory: int


class _Lain:
    """A piece, the newest of its events, and how many subjects rest in it."""

    def __init__(self, piece: Piece, newest: int, subjects: int) -> None:
        self.piece, self.newest, self.subjects = piece, newest, subjects


class Resting:
    """Knows where the events of subjects at rest lie."""

    def __init__(self) -> None:
        self._pieces: dict[int, _Lain] = {}
        self._end = 0
        self._laid = self._back = 0
        # Of each subject: its piece, where in it its events begin, and how many these are.
        self._at = np.full((3, START), ABSENT, np.int64)

    def __len__(self) -> int:
        return sum(lain.subjects for lain in self._pieces.values())

    @property
    def size(self) -> int:
        """Bytes on the shelf."""
        return sum(lain.piece.size for lain in self._pieces.values())

    def add(self, shelf: Shelf, keys: Int, sizes: Int, events: Events) -> None:
        """Lay down the events of keys, key after key."""
        piece, most = shelf.put(pa.table(events._asdict())), int(keys.max())
        if most >= self._at.shape[1]:
            longer = np.full((3, 2 * (most + 1)), ABSENT, np.int64)
            longer[:, : self._at.shape[1]] = self._at
            self._at = longer
        self._at[0, keys], self._at[1, keys] = self._end, np.cumsum(sizes) - sizes
        self._at[2, keys] = sizes
        self._pieces[self._end] = _Lain(piece, int(events.at.max()), len(keys))
        self._end += 1
        self._laid += len(events.at)

    def are_back(self) -> bool:
        """Tell whether most of the events laid down since this was asked last are back."""
        found = 2 * self._back > self._laid
        self._laid = self._back = 0
        return found

    def among(self, keys: Int) -> Int:
        """Return which of some keys are at rest, each once."""
        if not self._pieces:
            return keys[:0]
        keys = np.unique(keys[keys < self._at.shape[1]])
        found: Int = keys[self._at[0, keys] >= 0]
        return found

    def taken(self, keys: Int) -> Iterator[tuple[Int, Int, Events]]:
        """Return keys at rest, how many events each has, and these, key after key.

        They rest no more. Those of one piece come together.
        """
        pieces = self._at[0, keys]
        for number in np.unique(pieces).tolist():
            some, lain = keys[pieces == number], self._pieces[number]
            some = some[np.argsort(self._at[1, some])]
            first, sizes = self._at[1, some], self._at[2, some]
            begins = np.cumsum(sizes) - sizes
            found = lain.piece.read(np.arange(sizes.sum()) + np.repeat(first - begins, sizes))
            events = Events(*(found[n].to_numpy() for n in Events._fields))
            yield some, sizes, events
            self._at[0, some] = ABSENT
            self._back += len(events.at)
            lain.subjects -= len(some)
            if not lain.subjects:
                del self._pieces[number]

    def expired(self, until: int) -> Int:
        """Return the keys of which no event is newer; they rest no more."""
        old = [number for number, lain in self._pieces.items() if lain.newest <= until]
        for number in old:
            del self._pieces[number]
        keys = np.flatnonzero(np.isin(self._at[0], old))
        self._at[0, keys] = ABSENT
        return keys


def quietest(state: State, plan: Plan, share: float) -> Int:
    """Return the keys quiet longest whose rings have such a share of all rows."""
    newest, rows = np.empty((2, len(state.keys) // plan.key_wide), np.int64)
    quiet(state, plan, newest, rows)
    order = np.argsort(newest, kind="stable")
    found: Int = order[: np.searchsorted(np.cumsum(rows[order]), share * rows.sum())]
    return found
