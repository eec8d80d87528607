"""Transfers in their order, with room to grow and to put a late one among them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Key = tuple[int, int, str]
"""Place in the order: time in microseconds, bank's number, id."""

FIRST_ROOM = 1 << 12
NONE = -1


class Row(NamedTuple):
    """A transfer as numbers.

    Attributes
    ----------
    payer, payee
        Accounts as the bank keeps them, in the direction of the money.
    src, dst
        Nodes that give and receive.
    lent
        1 + the loan that it pays out from its source, 0 for none.
    amount, kept, undoes
        Fen, not negative; what of it has not been given back; which row it gives back, or -1.
    at, seq
        Time in microseconds, and the bank's number.
    number
        How many came in before it.
    """

    payer: int
    payee: int
    src: int
    dst: int
    lent: int
    amount: int
    kept: int
    undoes: int
    at: int
    seq: int
    number: int


class Columns(NamedTuple):
    """The columns of :class:`Row`, longer than there are rows."""

    payer: Int32
    payee: Int32
    src: Int32
    dst: Int32
    lent: Int32
    amount: Int
    kept: Int
    undoes: Int
    at: Int
    seq: Int
    number: Int


NARROW = ("payer", "payee", "src", "dst", "lent")
EMPTY = Columns(
    *(np.empty(0, np.int32 if name in NARROW else np.int64) for name in Columns._fields)
)


class Rows:
    """All transfers so far.

    Attributes
    ----------
    count
        How many there are.
    columns
        What they are, in order.
    ids
        Ids in the order in which they came in.
    number
        By id, which one that is.
    """

    def __init__(self, columns: Columns = EMPTY, ids: list[str] | None = None) -> None:
        self.ids = ids if ids is not None else []
        self.count = len(self.ids)
        self.number = {name: n for n, name in enumerate(self.ids)}
        self.columns, self._place = columns, np.empty(self.count, np.int64)
        self._place[columns.number[: self.count]] = np.arange(self.count)
        self._make_room(0)

    def place(self, flow: str) -> int:
        """Return the row of a transfer, -1 if it is not there."""
        number = self.number.get(flow)
        return NONE if number is None else int(self._place[number])

    def key(self, row: int) -> Key:
        """Return the place of a row in the order."""
        c = self.columns
        return int(c.at[row]), int(c.seq[row]), self.ids[c.number[row]]

    def before(self, key: Key) -> int:
        """Return how many rows are before a place in the order."""
        low, high = (
            int(np.searchsorted(self.columns.at[: self.count], key[0], side))
            for side in ("left", "right")
        )  # fmt: skip
        while low < high:
            middle = (low + high) // 2
            if self.key(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def append(self, row: Row, flow: str) -> None:
        """Add a transfer that comes after all others."""
        n = self.count
        if n == len(self._place):
            self._make_room(1)
        for column, value in zip(self.columns, row, strict=True):
            column[n] = value
        self._place[row.number] = n
        self.number[flow] = row.number
        self.ids.append(flow)
        self.count = n + 1

    def insert(self, rows: list[Row], flows: list[str], at: list[int]) -> Int:
        """Put transfers in order before the rows ``at``; return where all from the first on are.

        ``undoes`` of rows behind them is no longer right.
        """
        self._make_room(len(rows))
        first, end = at[0], self.count
        where, count = np.array(at) - first, end + len(rows)
        for k, column in enumerate(self.columns):
            new = [row[k] for row in rows]
            column[first:count] = np.insert(column[first:end], where, new)
        numbers = [row.number for row in rows]
        self.number.update(zip(flows, numbers, strict=True))
        self.ids.extend(flow for _, flow in sorted(zip(numbers, flows, strict=True)))
        before = self._place[: len(self.ids) - len(rows)].copy()
        self._place[self.columns.number[first:count]] = np.arange(first, count)
        self.count = count
        moved = np.flatnonzero(before >= first)
        found = np.empty(end - first, np.int64)
        found[before[moved] - first] = self._place[moved]
        return found

    def _make_room(self, more: int) -> None:
        room = len(self._place)
        if self.count + more <= room and room >= FIRST_ROOM:
            return
        room = max(2 * (self.count + more), FIRST_ROOM)
        grown = []
        for column in (*self.columns, self._place):
            wide = np.zeros(room, column.dtype)
            wide[: self.count] = column[: self.count]
            grown.append(wide)
        self._place = grown.pop()
        self.columns = Columns(*grown)
