"""Lots in queues, whose memory can be copied and gone back to."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money.lotfound import Traced, found
from liandong.kernels.money.lotmemory import copied, doubled, put, start
from liandong.kernels.money.lotpass import ALL
from liandong.kernels.money.lotrows import METHODS, STEP_ROOM, TOP, Flows
from liandong.kernels.money.lotstream import LATEST, carry, code, enter, told
from liandong.trace.live.rows import Row, Rows

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Columns = tuple[Int32, Int32, Int32, Int]


class Lots(NamedTuple):
    """A copy of all that changes.

    Attributes
    ----------
    accounts, used
        See :class:`liandong.kernels.money.lotrows.Memory`.
    fen, row
        See :func:`liandong.kernels.money.lotmemory.copied`.
    steps
        See :func:`liandong.kernels.money.lotstream.told`.
    """

    accounts: Int
    fen: Int
    row: Int32
    used: Int
    steps: Int


class Queued:
    """The money of accounts in lots.

    Parameters
    ----------
    method, merge
        Which one of ``METHODS``, and whether neighbouring lots of one origin become one.
    opening, facility
        By node, at the start.
    """

    def __init__(self, method: str, opening: Int, facility: Int, *, merge: bool) -> None:
        self._method = code(METHODS[method]._replace(merge=merge))
        self._memory = start(opening, np.zeros_like(opening), facility)
        for column in self._memory:
            np.copyto(column, column.copy())  # memory that is touched now, not row by row
        self._steps = np.zeros((1, 2), np.int64)
        self._top = int(self._memory.used[TOP])

    def size(self) -> int:
        """Return how many rows a copy has."""
        return len(self._memory.accounts) + self._top

    def make_room(self, nodes: int, loans: int) -> None:
        """Have room for at least so many nodes and loans."""
        if nodes > len(self._memory.accounts):
            self._memory = self._memory._replace(accounts=_more(self._memory.accounts, nodes))
        if loans >= len(self._steps):
            self._steps = _more(self._steps, loans + 1)

    def enter(self, rows: Rows, row: Row) -> Int | None:
        """Write a transfer behind all others and let it happen; return as :meth:`carry`."""
        i = rows.count
        at, rest, top = enter(rows.narrow, rows.wide, *self._memory, self._method, i, *row)
        if at == i:
            return self._on(rows, at, i + 1, rest)
        return self._told(top) if top > self._top else None

    def carry(self, rows: Rows, at: int, end: int) -> Int | None:
        """Let transfers happen; return what they moved of loans, None if nothing.

        Returns
        -------
        numpy.ndarray
            Shape (rows, 4): row, 1 + loan, fen, and which step of the loan it is.
        """
        at, rest, top = carry(rows.narrow, rows.wide, *self._memory, self._method, at, end, ALL)
        if at < end:
            return self._on(rows, at, end, rest)
        return self._told(top) if top > self._top else None

    def _on(self, rows: Rows, at: int, end: int, rest: int) -> Int | None:
        """Go on where the room ran out."""
        top = self._top
        while at < end:
            self._memory = doubled(self._memory)
            at, rest, top = carry(
                rows.narrow, rows.wide, *self._memory, self._method, at, end, rest
            )  # fmt: skip
        return self._told(top)

    def _told(self, top: int) -> Int | None:
        began, self._top = self._top, top
        moved: Int = told(*self._columns(), self._steps, began, top)
        return moved if len(moved) else None

    def _columns(self) -> Columns:
        """Return what :func:`told` looks at."""
        memory = self._memory
        return memory.flow, memory.row, memory.parent, memory.amount

    def since(self, row: int) -> Columns:
        """Return the lots that rows from ``row`` on brought, for :meth:`told_of`."""
        first = 1 + int(np.searchsorted(self._memory.flow[1 : self._top], row))
        of, (flow, rows, parent, amount) = slice(first, self._top), self._columns()
        return flow[of].copy(), rows[of].copy(), parent[of].copy(), amount[of].copy()

    def told_of(self, lots: Columns) -> Int:
        """Return what lots moved, as :meth:`carry` does, if they came next."""
        moved: Int = told(*lots, self._steps.copy(), 0, len(lots[0]))
        return moved

    def copy(self, nodes: int, loans: int) -> Lots:
        """Return a copy of all, of so many nodes and loans, for :meth:`go_back`."""
        self._steps[:, LATEST] = 0
        accounts, steps = self._memory.accounts[:nodes].copy(), self._steps[: loans + 1].copy()
        return Lots(accounts, *copied(self._memory, 0, self._top), self._memory.used.copy(), steps)

    def go_back(self, to: Lots) -> None:
        """Make all as it was; nodes and loans that came since hold nothing."""
        self.make_room(len(to.accounts), len(to.steps) - 1)
        while len(self._memory.row) < len(to.row) + STEP_ROOM:
            self._memory = doubled(self._memory)
        accounts = self._memory.accounts
        accounts[: len(to.accounts)], accounts[len(to.accounts) :] = to.accounts, 0
        put(self._memory, to.fen, to.row, self._top)
        self._memory.used[:] = to.used
        self._steps[: len(to.steps)], self._steps[len(to.steps) :] = to.steps, 0
        self._top = len(to.row)

    def answer(self, rows: Rows, loans: int) -> Traced:
        """Return what is found by now; a source holds nothing before it pays."""
        c, n = rows.columns, rows.count
        flows = Flows(c.src[:n], c.dst[:n], c.amount[:n], c.undoes[:n], c.kept[:n], c.undoes[:0])
        return found(flows, self._memory, loans + 1)


def _more(rows: Int, count: int) -> Int:
    more = np.zeros((2 * count, rows.shape[1]), np.int64)
    more[: len(rows)] = rows
    return more
