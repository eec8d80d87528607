"""Transfers sent through accounts that are emptied by a method, lot by lot, in one pass."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, inlined
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.money.givingback import give_back
from liandong.kernels.money.lotrows import (
    DEBT,
    FACILITY,
    LEFT,
    LOOSE,
    LOW,
    NEXT,
    ORIGIN,
    QUEUE,
    SHORT,
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
from liandong.kernels.money.proportion import times_over

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

ALL = -1
# Accounts are sent for so many flows ahead, then the rows to which their queues point, and then the
# rows behind those that will be used up.
AHEAD, NEAR, NEXT_UP = 24, 14, 6


@borrowing
def run(flows: Flows, memory: Memory, rule: Method, at: int, rest: int) -> tuple[int, int]:
    """Go on at flow ``at``, of which ``rest`` is still to be moved.

    Returns the same two for the next call where the room for rows ran out.
    """
    src, dst, amount, undoes, _, arrives = flows
    accounts, first = memory.accounts, rule.loose_first
    plain_only = len(undoes) == 0 and len(arrives) == 0
    if rest != ALL:
        rest = _go_on(flows, memory, rule, at, rest)
        if rest > 0:
            return at, rest
        at += 1
    for i in range(at, len(src)):
        _expect(memory, src, dst, amount, i)
        s, d, need = np.uint32(src[i]), np.uint32(dst[i]), amount[i]
        if s == d:
            continue
        if not plain_only:
            need, stops = _not_plain(flows, memory, rule, i)
            if stops:
                return i, need
        loose = accounts[s, LOOSE]
        lack = max(need - loose, 0)
        plain = accounts[s, QUEUE] == 0 or (first and lack == 0 and loose >= 0)
        if plain and accounts[d, LOOSE] >= 0 and (lack == 0 or accounts[s, FACILITY] == 0):
            # Most transfers are between accounts without lots: no call, and nothing to guess.
            accounts[s, LOOSE] = loose - need + lack
            accounts[s, SHORT] += lack
            accounts[d, LOOSE] += need
            continue
        need = _move(memory, rule, i, int(s), int(d), need)
        if need > 0:
            return i, need
    return len(src), ALL


@borrowing
def _go_on(flows: Flows, memory: Memory, rule: Method, i: int, rest: int) -> int:
    """Move what is still to be moved of a flow; return what then is, if there is no room."""
    if len(flows.arrives) > 0 and flows.arrives[i] != flows.amount[i]:
        return int(_exchanged(flows, memory, rule, i, rest))
    return int(_move(memory, rule, i, int(flows.src[i]), int(flows.dst[i]), rest))


@borrowing
def _not_plain(flows: Flows, memory: Memory, rule: Method, i: int) -> tuple[int, bool]:
    """Give back or exchange money; return what is still to be moved, and whether room ran out."""
    need = flows.amount[i]
    if len(flows.arrives) > 0 and flows.arrives[i] != need:
        rest = _exchanged(flows, memory, rule, i, need)
        return rest, rest > 0
    if len(flows.undoes) > 0 and flows.undoes[i] >= 0:
        given = give_back(flows, memory, rule, i)
        return (ALL, True) if given < 0 else (need - given, False)
    return need, False


@inlined
def _expect(memory: Memory, src: Int32, dst: Int32, amount: Int, i: int) -> None:
    """Send for what the flows after ``i`` will need: waiting for memory is most of the work."""
    last = len(src) - 1
    soon, near, next_up = min(i + AHEAD, last), min(i + NEAR, last), min(i + NEXT_UP, last)
    prefetch(memory.accounts, src[soon])
    prefetch(memory.accounts, dst[soon])
    head = memory.accounts[np.uint32(src[near]), QUEUE] & LOW
    if head != 0:
        prefetch(memory.fen, head)
        prefetch(memory.fen, memory.accounts[np.uint32(dst[near]), QUEUE] >> 32)
    head = memory.accounts[np.uint32(src[next_up]), QUEUE] & LOW
    if head != 0 and memory.fen[head, LEFT] <= amount[next_up]:
        prefetch(memory.fen, memory.row[head, NEXT])


@inlined
def _move(memory: Memory, rule: Method, i: int, s: int, d: int, need: int) -> int:
    """Move money lot by lot; return what is still to be moved when the room ran out."""
    while need > 0:
        if memory.used[TOP] + STEP_ROOM > len(memory.row):
            return need
        most = need
        if memory.accounts[d, LOOSE] < 0:  # one debt at a time is paid
            most = min(need, memory.fen[memory.accounts[d, QUEUE] & LOW, LEFT])
        x, lot = _take(memory, rule, s, most)
        if x == 0:
            x = most
            _owe(memory, i, s, x)
        need -= x
        _arrive(memory, rule, i, d, x, lot)
    return 0


@borrowing
def _exchanged(flows: Flows, memory: Memory, rule: Method, i: int, need: int) -> int:
    """Move money lot by lot into another currency; return what is to be moved without room."""
    s, d, whole = int(flows.src[i]), int(flows.dst[i]), flows.amount[i]
    while need > 0:
        if memory.used[TOP] + STEP_ROOM + length(memory, d) > len(memory.row):
            return need
        x, lot = _take(memory, rule, s, need)
        if x == 0:
            x = need
            _owe(memory, i, s, x)
        before = times_over(flows.arrives[i], whole - need, whole)
        need -= x
        y = times_over(flows.arrives[i], whole - need, whole) - before
        _bring(memory, rule, i, d, (y, x), lot)
    return 0


@borrowing
def _bring(memory: Memory, rule: Method, i: int, d: int, sums: tuple[int, int], lot: int) -> None:
    """Let ``sums`` arrive, the first number here, which was the second in the payer's account."""
    y, x = sums
    had, rest = 0, y
    while rest > 0 or (y == 0 and had == 0 and lot != 0):
        part, n = rest, memory.used[TOP]
        if memory.accounts[d, LOOSE] < 0:
            part = min(rest, memory.fen[memory.accounts[d, QUEUE] & LOW, LEFT])
        if y == 0:
            new(memory, i, memory.row[lot, ORIGIN], lot, 0)  # a sum too small to arrive
        else:
            _arrive(memory, rule, i, d, part, lot)
        rest -= part
        upto = x if y == 0 else times_over(x, y - rest, y)
        if lot != 0:
            memory.returned[n] = upto - had
        had = upto


@inlined
def _take(memory: Memory, rule: Method, a: int, most: int) -> tuple[int, int]:
    """Take what leaves account ``a`` first; return how much, and of which lot (0: untraced)."""
    accounts, row = memory.accounts, memory.row
    loose, n = accounts[a, LOOSE], accounts[a, QUEUE] & LOW
    if n == 0 or loose < 0 or (rule.loose_first and loose > 0):
        x = max(0, min(loose, most))
        accounts[a, LOOSE] -= x
        return x, 0
    lot = n if row[n, ORIGIN] > 0 else 0
    x = min(memory.fen[n, LEFT], most)
    memory.fen[n, LEFT] -= x
    if memory.fen[n, LEFT] == 0:
        unlink(memory, a, 0, n)
        if rule.newest_first:
            loosen_first(memory, a)
    return x, lot


@inlined
def _arrive(memory: Memory, rule: Method, i: int, d: int, x: int, lot: int) -> None:
    """Add money of ``lot`` (0: untraced) as the newest of account ``d``, or pay its oldest debt."""
    accounts, row = memory.accounts, memory.row
    if accounts[d, LOOSE] < 0:
        pay(memory, i, d, x, lot)
        return
    if lot == 0:
        accounts[d, LOOSE] += x
        return
    n = new(memory, i, row[lot, ORIGIN], lot, x)
    end = accounts[d, QUEUE] & LOW if rule.newest_first else accounts[d, QUEUE] >> 32
    buries = rule.mixed and accounts[d, LOOSE] > 0
    if rule.merge and not buries and end != 0 and row[end, ORIGIN] == row[n, ORIGIN]:
        memory.fen[end, LEFT] += x
        memory.fen[n, LEFT] = 0
        return
    if buries:
        clean = untraced(memory, i, accounts[d, LOOSE])
        accounts[d, LOOSE] = 0
        link(memory, d, 0 if rule.newest_first else end, clean)
        end = clean
    link(memory, d, 0 if rule.newest_first else end, n)


@borrowing
def _owe(memory: Memory, i: int, a: int, x: int) -> None:
    """Let an account that holds nothing owe ``x``, as far as its facility goes."""
    accounts = memory.accounts
    debt = min(x, accounts[a, FACILITY] + accounts[a, LOOSE])
    accounts[a, SHORT] += x - debt
    if debt == 0:
        return
    accounts[a, LOOSE] -= debt
    last = accounts[a, QUEUE] >> 32
    if last != 0 and memory.flow[last] == i:
        memory.fen[last, LEFT] += debt
    else:
        link(memory, a, last, new(memory, i, DEBT, 0, debt))
