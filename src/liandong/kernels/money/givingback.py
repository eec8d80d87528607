"""Money given back: the same origins, in proportion, to where they were in the queue."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, owning
from liandong.kernels.money.lotrows import (
    LEFT,
    LOOSE,
    LOW,
    NEXT,
    ORIGIN,
    QUEUE,
    STEP_ROOM,
    TOP,
    Flows,
    Memory,
    Method,
    length,
    link,
    loosen_first,
    new,
    pay,
    unlink,
    untraced,
)
from liandong.kernels.money.proportion import in_proportion

Int = NDArray[np.int64]


@owning
def give_back(flows: Flows, memory: Memory, rule: Method, i: int) -> int:
    """Return money of an earlier flow to where it was; tell how much, -1 if there is no room."""
    s, d, original = flows.src[i], flows.dst[i], flows.undoes[i]
    first, of, parts = _parts(memory, flows.kept, original)
    most = length(memory, s) + 1
    rows_needed = most + len(parts) + length(memory, d) + STEP_ROOM
    if memory.used[TOP] + rows_needed > len(memory.row):
        return -1
    shares = in_proportion(min(flows.amount[i], flows.kept[original]), parts)
    before, given = _place(memory, rule, d, original), 0
    x, lot = np.empty(most, np.int64), np.empty(most, np.int64)
    for k in range(len(parts)):
        got = 0
        for p in range(_take_origin(memory, rule, s, of[k], shares[k], x, lot)):
            before = _put_back(memory, rule, i, d, before, x[p], lot[p])
            got += x[p]
        if of[k] > 0:
            memory.returned[first[k]] += got
        given += got
    flows.kept[original] -= given
    return given


@njit(cache=True, nogil=True)
def _parts(memory: Memory, kept: Int, flow: int) -> tuple[Int, Int, Int]:
    """Return what of a flow by origin was not given back: first rows, origins (0 last), sums."""
    row, top = memory.row, memory.used[TOP]
    start = 1 + np.searchsorted(memory.flow[1:top], flow)
    end = start
    while end < top and memory.flow[end] == flow:
        end += 1
    first, of, parts = np.zeros((3, end - start + 1), np.int64)
    count = 0
    for n in range(start, end):
        if row[n, ORIGIN] <= 0 or memory.parent[n] < 0:
            continue
        k = 0
        while k < count and of[k] != row[n, ORIGIN]:
            k += 1
        if k == count:
            first[k], of[k], parts[k] = n, row[n, ORIGIN], -memory.returned[n]
            count += 1
        parts[k] += memory.amount[n]
    parts[count] = kept[flow] - parts[:count].sum()
    return first[: count + 1], of[: count + 1], parts[: count + 1]


@borrowing
def _place(memory: Memory, rule: Method, a: int, flow: int) -> int:
    """Return the row of the queue of ``a`` behind which money is put that ``flow`` took away.

    That is its original place. Oldest first it was the front; newest first, what came since is
    newer and leaves before it.
    """
    if not rule.newest_first or memory.accounts[a, LOOSE] < 0:
        return 0
    before, n = 0, int(memory.accounts[a, QUEUE] & LOW)
    while n != 0:
        if memory.row[n, ORIGIN] > 0 and memory.flow[n] > flow:
            before = n
        n = int(memory.row[n, NEXT])
    return before


@borrowing
def _put_back(memory: Memory, rule: Method, i: int, d: int, before: int, x: int, lot: int) -> int:
    """Put money behind row ``before`` of the queue, once debts are paid; return its row."""
    accounts = memory.accounts
    while accounts[d, LOOSE] < 0 and x > 0:
        y = min(x, memory.fen[accounts[d, QUEUE] & LOW, LEFT])
        pay(memory, i, d, y, lot)
        x -= y
    if x == 0:
        return before
    # Untraced money is loose where it would be next to what is loose.
    first_or_last = before == 0 if rule.newest_first else before == accounts[d, QUEUE] >> 32
    if lot == 0 and (not rule.mixed or first_or_last):
        accounts[d, LOOSE] += x
        return before
    traced = lot != 0
    n = new(memory, i, memory.row[lot, ORIGIN], lot, x) if traced else untraced(memory, i, x)
    link(memory, d, before, n)
    return n


@borrowing
def _take_origin(
    memory: Memory, rule: Method, a: int, origin: int, most: int, x: Int, lot: Int
) -> int:
    """Take money of one origin in the order in which it leaves, written to ``x`` and ``lot``.

    Returns how many pieces there are.
    """
    accounts, row, fen = memory.accounts, memory.row, memory.fen
    if accounts[a, LOOSE] < 0 or most == 0:
        return 0
    pieces = 0
    if origin == 0 and rule.loose_first:
        pieces, most = _take_loose(accounts, a, most, pieces, x, lot)
    before, n = 0, int(accounts[a, QUEUE] & LOW)
    while n != 0 and most > 0:
        behind = int(row[n, NEXT])
        if row[n, ORIGIN] == origin:
            x[pieces], lot[pieces] = min(fen[n, LEFT], most), n if origin > 0 else 0
            fen[n, LEFT] -= x[pieces]
            most -= x[pieces]
            pieces += 1
        if fen[n, LEFT] == 0:
            unlink(memory, a, before, n)
        else:
            before = n
        n = behind
    _loosen(memory, rule, a)
    if origin == 0 and not rule.loose_first:
        pieces, most = _take_loose(accounts, a, most, pieces, x, lot)
    return pieces


@borrowing
def _take_loose(accounts: Int, a: int, most: int, pieces: int, x: Int, lot: Int) -> tuple[int, int]:
    got = min(accounts[a, LOOSE], most)
    if got == 0:
        return pieces, most
    accounts[a, LOOSE] -= got
    x[pieces], lot[pieces] = got, 0
    return pieces + 1, most - got


@borrowing
def _loosen(memory: Memory, rule: Method, a: int) -> None:
    """Make untraced rows loose that have come to stand next to what is loose."""
    if rule.newest_first:
        loosen_first(memory, a)
        return
    before, n, keep = 0, int(memory.accounts[a, QUEUE] & LOW), 0
    while n != 0:
        if memory.row[n, ORIGIN] > 0:
            keep = n
        n = int(memory.row[n, NEXT])
    before = keep
    n = int(memory.row[keep, NEXT]) if keep != 0 else int(memory.accounts[a, QUEUE] & LOW)
    while n != 0:
        behind = int(memory.row[n, NEXT])
        memory.accounts[a, LOOSE] += memory.fen[n, LEFT]
        unlink(memory, a, before, n)
        n = behind
