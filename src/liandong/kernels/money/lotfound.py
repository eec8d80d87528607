"""What lots tell once all transfers were made: who holds what, and which flow moved how much."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.money.lotrows import (
    LEFT,
    LOOSE,
    LOW,
    NEXT,
    ORIGIN,
    PAID,
    QUEUE,
    SHORT,
    TOP,
    Flows,
    Memory,
)

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

NO_DEBT = -2
NOTHING = np.empty(0, np.int64)
# The queues of so many accounts are brought near together, each as far as so many rows.
TOGETHER, DEEP = 512, 128
ALONE = 1 << 16
"""A second thread is not worth its while for fewer rows."""


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


class Traced(NamedTuple):
    """What :func:`liandong.kernels.money.queues.trace` finds; described there."""

    moved: Int
    held: Int
    balance: Int
    short: Int
    debts: Int
    lots: Lots
    taken: Int


def found(flows: Flows, memory: Memory, origins: int, *, last: bool = False) -> Traced:
    """Return all that is found.

    ``last`` tells that the memory is not needed any more: its columns become those of lots.
    """
    if memory.used[TOP] < ALONE:
        held, balance = _counted(memory, origins)
        moved, lots, taken = _told(flows, memory, origins, last=last)
    else:
        with ThreadPoolExecutor(1) as other:
            counted = other.submit(_counted, memory, origins)
            moved, lots, taken = _told(flows, memory, origins, last=last)
            held, balance = counted.result()
    return Traced(moved, held, balance, memory.accounts[:, SHORT].copy(), _paid(lots), lots, taken)


def by_flow(flow: Int32, origin: Int32, amount: Int, origins: int) -> Int:
    """Add up lots in order of flow: (flow, origin, amount), one row for a pair.

    Parameters
    ----------
    flow, origin, amount
        Shape (lots,); a flow below 0 is left out.
    origins
        More than the largest origin.
    """
    rows = _rows(len(flow))
    return rows[: _by_flow(flow, origin, amount, np.full(origins, -1), rows)]


def _rows(most: int) -> Int:
    """Return room for rows of sums: what nobody writes to takes no memory.

    Arrays that Numba makes are in small pages, each of which costs as much as the rows in it.
    """
    return np.empty((most, 3), np.int64)


@borrowing
def _by_flow(flow: Int32, origin: Int32, amount: Int, latest: Int, rows: Int) -> int:
    count = 0
    for n in range(len(flow)):
        if flow[n] >= 0:
            count = _add(rows, latest, count, flow[n], origin[n], amount[n])
    return count


@borrowing
def _add(rows: Int, latest: Int, count: int, key: int, origin: int, x: int) -> int:
    """Add to the row of (key, origin), the keys coming one after the other; return the count."""
    k = latest[origin]
    if k < 0 or rows[k, 0] != key:
        k = latest[origin] = count
        rows[k, 0], rows[k, 1], rows[k, 2] = key, origin, 0
        count += 1
    rows[k, 2] += x
    return count


def _counted(memory: Memory, origins: int) -> tuple[Int, Int]:
    """Return what is in every account: traced origins as (account, origin, amount), and all."""
    held, balance = _rows(memory.used[TOP]), memory.accounts[:, LOOSE].copy()
    at = np.empty(TOGETHER, np.int64)
    return held[: _count(memory, np.full(origins, -1), at, held, balance)], balance


@borrowing
def _count(memory: Memory, latest: Int, at: Int, held: Int, balance: Int) -> int:
    """Count some accounts at a time; ``balance`` is their loose money."""
    row, fen, count = memory.row, memory.fen, 0
    for begin in range(0, len(balance), len(at)):
        end = min(begin + len(at), len(balance))
        _fetch(memory, begin, end, at)
        for a in range(begin, end):
            n = memory.accounts[a, QUEUE] & LOW if balance[a] >= 0 else 0
            while n != 0:
                balance[a] += fen[n, LEFT]
                if row[n, ORIGIN] > 0:
                    count = _add(held, latest, count, a, row[n, ORIGIN], fen[n, LEFT])
                n = np.int64(row[n, NEXT])
    return count


@borrowing
def _fetch(memory: Memory, begin: int, end: int, at: Int) -> None:
    """Bring queues near, all one row further in turn: rows of one queue come one after the other.

    ``at`` is where each is, if it goes on.
    """
    going = 0
    for a in range(begin, end):
        n = memory.accounts[a, QUEUE] & LOW
        prefetch(memory.fen, n)
        at[going] = n
        going += n != 0
    for _ in range(DEEP):
        left, going = going, 0
        for k in range(left):
            n = memory.row[at[k], NEXT]
            prefetch(memory.fen, n)
            at[going] = n
            going += n != 0


def _told(flows: Flows, memory: Memory, origins: int, *, last: bool) -> tuple[Int, Lots, Int]:
    """Return what lots tell by themselves."""
    taken = NOTHING
    if len(flows.arrives) > 0:
        taken = np.empty(memory.used[TOP], np.int64)
        taken = taken[: _taken(memory, flows.arrives, flows.amount, taken)].copy()
    top = memory.used[TOP]
    amount, left = memory.amount if last else np.empty(top, np.int64), np.empty(top, np.int64)
    flow, parent = (c if last else np.empty(top, np.int32) for c in (memory.flow, memory.parent))
    number, origin, paid, account = (np.empty(top, np.int32) for _ in range(4))
    lots = Lots(flow, origin, amount, left, parent, paid, account)
    count = _number(memory, flows.dst, number, lots)
    lots = Lots._make(column[:count] for column in lots)
    return by_flow(lots.flow, lots.origin, lots.amount, origins), lots, taken


@borrowing
def _taken(memory: Memory, arrives: Int, amount: Int, taken: Int) -> int:
    """Tell of all traced rows what was taken of their parents."""
    k = 0
    for n in range(1, memory.used[TOP]):
        if memory.row[n, ORIGIN] > 0:
            i = memory.flow[n]
            exchanged = i >= 0 and arrives[i] != amount[i]
            taken[k] = memory.returned[n] if exchanged else memory.amount[n]
            k += 1
    return k


@borrowing
def _number(memory: Memory, dst: Int32, number: Int32, lots: Lots) -> int:
    """Give traced rows new numbers; ``lots`` may be columns of the memory: rows only move up."""
    row, k = memory.row, 0
    for n in range(1, memory.used[TOP]):
        if row[n, ORIGIN] <= 0:
            continue
        number[n] = k
        i, above = memory.flow[n], memory.parent[n]
        lots.flow[k] = i = i if above >= 0 else -1
        lots.origin[k], lots.amount[k] = row[n, ORIGIN], memory.amount[n]
        lots.left[k] = memory.fen[n, LEFT]
        lots.parent[k] = number[above] if above > 0 else -1
        lots.account[k] = dst[i] if i >= 0 else -1 - above
        lots.paid[k] = PAID - row[n, NEXT] if row[n, NEXT] < 0 else NO_DEBT
        k += 1
    return k


def _paid(lots: Lots) -> Int:
    """Return what of each origin paid debts as (account, origin, amount)."""
    paid = np.flatnonzero(lots.paid != NO_DEBT)
    pairs = np.stack([lots.account[paid], lots.origin[paid]], axis=1).astype(np.int64)
    of, pair = np.unique(pairs, axis=0, return_inverse=True)
    total = np.zeros(len(of), np.int64)
    np.add.at(total, pair.ravel(), lots.amount[paid])
    return np.column_stack([of, total])
