"""Transfers in their order, with room to grow and to put a late one among them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money.lotstream import LENT, PLACE

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Key = tuple[int, int, str]
"""Place in the order: time in microseconds, bank's number, id."""

FIRST_ROOM = 1 << 12
NONE = -1


class Columns(NamedTuple):
    """What transfers are, in their order; longer than there are transfers.

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


Row = tuple[int, ...]
"""A transfer as numbers, in the order of :class:`Columns`, but for ``kept``."""


class Rows:
    """All transfers so far.

    Attributes
    ----------
    count
        How many there are.
    narrow, wide, columns
        What they are, in order: see :mod:`liandong.kernels.money.lotstream`, and the same by name.
    ids
        Ids in the order in which they came in.
    number
        By id, which one that is.
    """

    def __init__(self) -> None:
        self.ids, self.number, self.count = list[str](), dict[str, int](), 0
        self.narrow, self.wide = (
            np.zeros((LENT + 1, 0), np.int32),
            np.zeros((PLACE + 1, 0), np.int64),
        )
        self.make_room(1)

    def fill(self, narrow: Int32, wide: Int, ids: list[str]) -> None:
        """Have these transfers, and ids in the order in which they came in."""
        self.make_room(len(ids))
        self.ids, self.count = ids, len(ids)
        self.number = {name: n for n, name in enumerate(ids)}
        self.narrow[:, : self.count], self.wide[:, : self.count] = narrow, wide

    def place(self, flow: str) -> int:
        """Return the row of a transfer, -1 if it is not there."""
        number = self.number.get(flow)
        return NONE if number is None else int(self.wide[PLACE, number])

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

    def name(self, flow: str) -> None:
        """Note the id of a transfer that has been written behind all others."""
        self.number[flow] = len(self.ids)
        self.ids.append(flow)
        self.count += 1

    def insert(self, rows: list[Row], flows: list[str], at: list[int]) -> Int:
        """Put transfers in order before the rows ``at``; return where all from the first on are.

        ``undoes`` of rows behind them is no longer right.
        """
        self.make_room(len(rows))
        first, end, held = at[0], self.count, len(self.ids)
        where, count = np.array(at) - first, end + len(rows)
        table = np.array([(*row[: LENT + 2], *row[LENT + 1 :]) for row in rows], np.int64)
        columns: list[NDArray[Any]] = [*self.narrow, *self.wide[:PLACE]]
        for k, column in enumerate(columns):
            column[first:count] = np.insert(column[first:end], where, table[:, k])
        numbers = table[:, -1].tolist()
        self.number.update(zip(flows, numbers, strict=True))
        self.ids.extend(flow for _, flow in sorted(zip(numbers, flows, strict=True)))
        place = self.wide[PLACE]
        moved = np.flatnonzero(place[:held] >= first)
        before = place[moved]
        place[self.columns.number[first:count]] = np.arange(first, count)
        self.count = count
        found = np.empty(end - first, np.int64)
        found[before - first] = place[moved]
        return found

    def make_room(self, more: int) -> None:
        """Have room for more transfers."""
        room = self.narrow.shape[1]
        if self.count + more <= room:
            return
        room = max(2 * (self.count + more), FIRST_ROOM)
        self.narrow, self.wide = (_widened(rows, room) for rows in (self.narrow, self.wide))
        self.columns = Columns(*self.narrow, *self.wide[:PLACE])


def _widened(rows: NDArray[Any], room: int) -> NDArray[Any]:
    wide = np.empty((len(rows), room), rows.dtype)
    wide[:, : rows.shape[1]] = rows
    # Written now: memory that is first touched when a transfer comes makes that one wait.
    wide[:, rows.shape[1] :] = 0
    return wide
