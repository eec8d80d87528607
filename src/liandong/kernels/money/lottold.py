"""What lots tell by themselves, written down while others are still being made.

Only how much is left of a lot changes later: the rest is told row by row, beside the pass.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, inlined
from liandong.kernels.money.lotrows import LEFT, NEXT, ORIGIN, PAID, TOP, Flows, Memory

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

NO_DEBT = -2


class Lots(NamedTuple):
    """Traced lots in order of flow; of one flow in the order in which they left.

    Attributes
    ----------
    flow
        The flow that brought it, -1 for what was there from the start.
    origin, amount, left
        Whose it is, how much it was, and how much is still there at the end.
    parent
        The lot it was taken from, -1 for none.
    paid
        The flow that made the debt that it paid, -1 for a debt from the start; ``NO_DEBT`` for a
        lot that reached the account.
    account
        Where it is.
    """

    flow: Int32
    origin: Int32
    amount: Int
    left: Int
    parent: Int32
    paid: Int32
    account: Int32


class Told(NamedTuple):
    """What rows have told, with room for more: what nobody writes to takes no memory.

    Attributes
    ----------
    lots
        What is left is told at the end.
    taken
        By lot, how much was taken of its parent for it; empty if money is exchanged nowhere.
    moved
        Rows of sums: flow, origin, amount.
    number
        By row, which lot it is.
    latest
        By origin, its latest row of sums.
    upto
        How many rows were told, and how many lots and sums there are.
    """

    lots: Lots
    taken: Int
    moved: Int
    number: Int32
    latest: Int
    upto: Int


def nothing_told(flows: Flows, rows: int, origins: int) -> Told:
    """Return room for what so many rows tell.

    Arrays that Numba makes would be in small pages: to get those takes as long as to fill them.
    """
    flow, origin, parent, paid, account, number = (np.empty(rows, np.int32) for _ in range(6))
    amount, left, taken = (np.empty(rows, np.int64) for _ in range(3))
    lots = Lots(flow, origin, amount, left, parent, paid, account)
    taken = taken if len(flows.arrives) > 0 else taken[:0]
    return Told(lots, taken, sums(rows), number, np.full(origins, -1), np.array([1, 0, 0]))


def sums(rows: int) -> Int:
    """Return room for rows of (key, origin, amount)."""
    return np.empty((rows, 3), np.int64)


@borrowing
def tell(flows: Flows, memory: Memory, told: Told, top: int) -> None:
    """Write down what the rows before ``top`` tell that have not told."""
    row, lots = memory.row, told.lots
    begin, k, count = told.upto
    for n in range(begin, top):
        origin = row[n, ORIGIN]
        if origin <= 0:
            continue
        i, above, x = memory.flow[n], memory.parent[n], memory.amount[n]
        told.number[n] = k
        lots.origin[k], lots.amount[k], lots.left[k] = origin, x, x
        lots.paid[k] = PAID - row[n, NEXT] if row[n, NEXT] < 0 else NO_DEBT
        if above < 0:
            lots.flow[k], lots.parent[k], lots.account[k] = -1, -1, -1 - above
        else:
            lots.flow[k], lots.parent[k], lots.account[k] = i, told.number[above], flows.dst[i]
            count = add(told.moved, told.latest, count, i, origin, x)
        if len(told.taken) > 0:
            exchanged = i >= 0 and flows.arrives[i] != flows.amount[i]
            told.taken[k] = memory.returned[n] if exchanged else x
        k += 1
    told.upto[:] = top, k, count


@inlined
def add(rows: Int, latest: Int, count: int, key: int, origin: int, x: int) -> int:
    """Add to the row of (key, origin), the keys coming one after the other; return the count."""
    k = latest[origin]
    if k < 0 or rows[k, 0] != key:
        k = latest[origin] = count
        rows[k, 0], rows[k, 1], rows[k, 2] = key, origin, 0
        count += 1
    rows[k, 2] += x
    return count


def ended(flows: Flows, memory: Memory, told: Told) -> tuple[Int, Lots, Int]:
    """Return sums by flow and origin, lots, and what was taken of their parents, of all rows."""
    tell(flows, memory, told, memory.used[TOP])
    _left(memory, told.lots.left)
    _, lots, moved = told.upto
    return told.moved[:moved], Lots._make(c[:lots] for c in told.lots), told.taken[:lots]


@borrowing
def _left(memory: Memory, left: Int) -> None:
    k = 0
    for n in range(1, memory.used[TOP]):
        if memory.row[n, ORIGIN] > 0:
            left[k] = memory.fen[n, LEFT]
            k += 1


def by_flow(flow: Int32, origin: Int32, amount: Int, origins: int) -> Int:
    """Add up lots in order of flow: (flow, origin, amount), one row for a pair.

    Parameters
    ----------
    flow, origin, amount
        Shape (lots,); a flow below 0 is left out.
    origins
        More than the largest origin.
    """
    rows = sums(len(flow))
    return rows[: _by_flow(flow, origin, amount, np.full(origins, -1), rows)]


@borrowing
def _by_flow(flow: Int32, origin: Int32, amount: Int, latest: Int, rows: Int) -> int:
    count = 0
    for n in range(len(flow)):
        if flow[n] >= 0:
            count = add(rows, latest, count, flow[n], origin[n], amount[n])
    return count
