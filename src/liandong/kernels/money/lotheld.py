"""What is in accounts at the end: their queues counted, each brought near before it is walked."""

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.money.lotrows import LEFT, LOOSE, LOW, NEXT, ORIGIN, QUEUE, TOP, Memory
from liandong.kernels.money.lottold import Lots, add, sums

Int = NDArray[np.int64]

# The queues of so many accounts are brought near together, each as far as so many rows.
TOGETHER, DEEP = 512, 128


def held(memory: Memory, origins: int) -> tuple[Int, Int]:
    """Return what is in every account: traced origins as (account, origin, amount), and all."""
    rows, balance = sums(memory.used[TOP]), _loose(memory)
    return rows[: _counted(memory, origins, (0, len(balance)), rows, balance)], balance


def held_by_two(beside: Executor, memory: Memory, origins: int, lots: Lots) -> tuple[Int, Int]:
    """Return the same; half of the accounts are counted beside the others."""
    balance = _loose(memory)
    half = len(balance) // 2
    most = int(np.count_nonzero((lots.account < half) & (lots.left > 0)))
    rows = sums(len(lots.left))
    parts = ((0, half), rows[:most]), ((half, len(balance)), rows[most:])
    job = beside.submit(_counted, memory, origins, *parts[0], balance)
    last = _counted(memory, origins, *parts[1], balance)
    first = job.result()
    _move(rows, most, first, last)
    return rows[: first + last], balance


def _loose(memory: Memory) -> Int:
    return memory.accounts[:, LOOSE].copy()


def _counted(
    memory: Memory, origins: int, accounts: tuple[int, int], rows: Int, balance: Int
) -> int:
    latest, at = np.full(origins, -1), np.empty(TOGETHER, np.int64)
    return _count(memory, accounts, latest, at, rows, balance)


@borrowing
def _count(
    memory: Memory, accounts: tuple[int, int], latest: Int, at: Int, rows: Int, balance: Int
) -> int:
    """Count some accounts at a time; ``balance`` is their loose money at first."""
    row, fen, count = memory.row, memory.fen, 0
    for begin in range(accounts[0], accounts[1], len(at)):
        end = min(begin + len(at), accounts[1])
        _fetch(memory, begin, end, at)
        for a in range(begin, end):
            n = memory.accounts[a, QUEUE] & LOW if balance[a] >= 0 else 0
            while n != 0:
                balance[a] += fen[n, LEFT]
                if row[n, ORIGIN] > 0:
                    count = add(rows, latest, count, a, row[n, ORIGIN], fen[n, LEFT])
                n = np.int64(row[n, NEXT])
    return count


@borrowing
def _move(rows: Int, begin: int, to: int, count: int) -> None:
    """Move rows up, row by row: a copy of all would need as much memory again."""
    for k in range(count if to < begin else 0):
        for c in range(rows.shape[1]):
            rows[to + k, c] = rows[begin + k, c]


@borrowing
def _fetch(memory: Memory, begin: int, end: int, at: Int) -> None:
    """Bring queues near, all one row further in turn: within one, each row is told by the last.

    ``at`` is where each is that goes on.
    """
    going = 0
    for a in range(begin, end):
        n = memory.accounts[a, QUEUE] & LOW
        prefetch(memory.fen, n)
        at[going] = n
        going += n != 0
    for _ in range(DEEP):
        were, going = going, 0
        for k in range(were):
            n = memory.row[at[k], NEXT]
            prefetch(memory.fen, n)
            at[going] = n
            going += n != 0
