"""Lots in queues: the money of many origins followed through transfers in one pass.

Which money leaves an account first is a method: ``fifo`` the oldest, ``lifo`` the newest,
``clean_first`` what is not traced and then the oldest traced, ``taint_first`` the other way round.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.givingback import give_back
from liandong.kernels.lotrows import (
    AMOUNT,
    DEBT,
    FACILITY,
    FIFO,
    FLOW,
    LEFT,
    LOOSE,
    LOW,
    METHODS,
    NEXT,
    ORIGIN,
    PAID,
    PARENT,
    QUEUE,
    SHORT,
    STEP_ROOM,
    TOP,
    Flows,
    Memory,
    Method,
    link,
    loosen_first,
    new,
    pay,
    unlink,
    untraced,
)
from liandong.kernels.prefetch import prefetch

__all__ = ["FIRST_ROOM", "METHODS", "NO_DEBT", "Lots", "Traced", "trace"]

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

ALL = -1
# Accounts are sent for so many flows ahead, and then the rows to which their queues point.
AHEAD, NEAR = 16, 6
FIRST_ROOM = 1 << 16


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
    """What :func:`trace` finds; described there."""

    moved: Int
    held: Int
    balance: Int
    short: Int
    debts: Int
    lots: Lots


NO_DEBT = -2


def trace(
    src: Int32, dst: Int32, amount: Int, undoes: Int, opening: Int, origin: Int, facility: Int,
    rule: Method = FIFO,
) -> Traced:  # fmt: skip
    """Send transfers through accounts that are emptied by a method.

    Parameters
    ----------
    src, dst
        Shape (flows,), payer and payee of each transfer, in order of time.
    amount
        Shape (flows,), not negative. A transfer of nothing or to oneself does nothing.
    undoes
        Shape (flows,), the earlier transfer between the same two accounts, the other way round,
        that this one gives back; or -1. May be empty if no transfer gives one back.
    opening, origin
        Shape (accounts,), money at the start and its origin. Below nothing is a debt, which must
        be within the facility and have origin 0.
    facility
        Shape (accounts,), how far below nothing an account may go, not negative.
    rule
        One of ``METHODS``: which money leaves first.

    Returns
    -------
    moved
        Shape (rows, 3): flow, traced origin, how much of it the flow moved; one row for a pair.
    held
        Shape (rows, 3): account, traced origin, how much of it is there at the end.
    balance
        Shape (accounts,), money of all origins at the end, less debts.
    short
        Shape (accounts,), what an account paid out beyond what it held and its facility.
    debts
        Shape (rows, 3): account, traced origin, how much of it paid debts of the account. It is
        not in ``held``: the two together are all that was there at the start.
    lots
        All traced lots.

    Notes
    -----
    The sum of all amounts, opening ones and facilities too, must be below 2^62: then nothing can
    overflow.

    What an account pays beyond what it holds is money of origin 0: a debt within its facility, and
    short beyond. What reaches an account in debt pays the oldest debt first.

    A transfer that gives one back returns the origins of the original in proportion (largest
    remainder, ties to what was moved first, origin 0 last), as far as the payee still holds them,
    to where they were: before what was there then, behind (``lifo``) what came since. What is
    beyond that is an ordinary transfer.
    """
    flows = Flows(src, dst, amount, undoes, amount.copy() if len(undoes) else amount)
    memory = _start(opening, origin, facility)
    origins = 1 + int(origin.max(initial=0))
    at, rest = 0, ALL
    while True:
        at, rest = _run(flows, memory, rule, at, rest)
        if at == len(src):
            break
        memory = _doubled(memory)
    held, balance = _count(memory, origins)
    lots, short = _lots(memory, flows), memory.accounts[:, SHORT].copy()
    del memory  # a heavily traced log has as much of it as of answers
    moved = _moved(lots.flow, lots.origin, lots.amount, origins)
    return Traced(moved, held, balance, short, _paid(lots), lots)


def _start(opening: Int, origin: Int, facility: Int) -> Memory:
    """Put opening money into accounts: rows are those of traced origins and of debts."""
    of_row = np.flatnonzero(((origin > 0) & (opening > 0)) | (opening < 0))
    used, room = 1 + len(of_row), FIRST_ROOM + len(of_row)
    fen, row = np.zeros((room, 3), np.int64), np.zeros((room, 4), np.int32)
    accounts = np.zeros((len(opening), 4), np.int64)
    accounts[:, LOOSE] = np.where(origin > 0, 0, opening)
    accounts[:, FACILITY] = facility
    number = np.arange(1, used)
    accounts[of_row, QUEUE] = number | (number << 32)
    fen[1:used, AMOUNT] = fen[1:used, LEFT] = np.abs(opening[of_row])
    row[:used, FLOW] = -1
    row[1:used, ORIGIN] = np.where(opening[of_row] < 0, DEBT, origin[of_row])
    row[1:used, PARENT] = -1 - of_row
    counts = np.array([used, 0])
    return Memory(accounts, fen, row, counts)


def _doubled(memory: Memory) -> Memory:
    # Zeros take no memory until they are written to: only what there was is copied.
    old = memory.fen, memory.row
    fen, row = (np.zeros((2 * len(m) + STEP_ROOM, m.shape[1]), m.dtype) for m in old)
    fen[: len(old[0])], row[: len(old[1])] = old
    return memory._replace(fen=fen, row=row)


@njit(cache=True, nogil=True)
def _run(flows: Flows, memory: Memory, rule: Method, at: int, rest: int) -> tuple[int, int]:
    """Go on at flow ``at``, of which ``rest`` is still to be moved.

    Returns the same two for the next call where the room for rows ran out.
    """
    src, dst, amount, undoes, _ = flows
    accounts, first, backs = memory.accounts, rule.loose_first, len(undoes) > 0
    if rest != ALL:
        rest = _move(memory, rule, at, src[at], dst[at], rest)
        if rest > 0:
            return at, rest
        at += 1
    for i in range(at, len(src)):
        _expect(memory, src, dst, i)
        s, d, need = np.uint32(src[i]), np.uint32(dst[i]), amount[i]
        if s == d:
            continue
        if backs and undoes[i] >= 0:
            given = give_back(flows, memory, rule, i)
            if given < 0:
                return i, ALL
            need -= given
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


@njit(cache=True, nogil=True, inline="always")
def _expect(memory: Memory, src: Int32, dst: Int32, i: int) -> None:
    """Send for what the flows after ``i`` will need: waiting for memory is most of the work."""
    soon, near = min(i + AHEAD, len(src) - 1), min(i + NEAR, len(src) - 1)
    prefetch(memory.accounts, src[soon])
    prefetch(memory.accounts, dst[soon])
    head, tail = memory.accounts[src[near], QUEUE] & LOW, memory.accounts[dst[near], QUEUE] >> 32
    if (head | tail) != 0:
        for n in (head, tail):
            prefetch(memory.fen, n)
            prefetch(memory.row, n)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _owe(memory: Memory, i: int, a: int, x: int) -> None:
    """Let an account that holds nothing owe ``x``, as far as its facility goes."""
    accounts, row = memory.accounts, memory.row
    debt = min(x, accounts[a, FACILITY] + accounts[a, LOOSE])
    accounts[a, SHORT] += x - debt
    if debt == 0:
        return
    accounts[a, LOOSE] -= debt
    last = accounts[a, QUEUE] >> 32
    if last != 0 and row[last, FLOW] == i:
        memory.fen[last, LEFT] += debt
    else:
        link(memory, a, last, new(memory, i, DEBT, 0, debt))


@njit(cache=True, nogil=True)
def _count(memory: Memory, origins: int) -> tuple[Int, Int]:
    """Return what is in every account: traced origins as (account, origin, amount), and all."""
    accounts, row, fen = memory.accounts, memory.row, memory.fen
    balance = np.zeros(len(accounts), np.int64)
    latest = np.full(origins, -1)
    held = np.zeros((memory.used[TOP], 3), np.int64)
    count = 0
    for a in range(len(accounts)):
        balance[a] = accounts[a, LOOSE]
        n = int(accounts[a, QUEUE] & LOW) if balance[a] >= 0 else 0
        while n != 0:
            balance[a] += fen[n, LEFT]
            if row[n, ORIGIN] > 0:
                count = _add(held, latest, count, a, row[n, ORIGIN], fen[n, LEFT])
            n = int(row[n, NEXT])
    return held[:count], balance  # zeros that nobody wrote to take no memory


@njit(cache=True, nogil=True)
def _add(rows: Int, latest: Int, count: int, key: int, origin: int, x: int) -> int:
    """Add to the row of (key, origin), the keys coming one after the other; return the count."""
    k = latest[origin]
    if k < 0 or rows[k, 0] != key:
        k = latest[origin] = count
        rows[k, 0], rows[k, 1], rows[k, 2] = key, origin, 0
        count += 1
    rows[k, 2] += x
    return count


@njit(cache=True, nogil=True)
def _moved(flow: Int32, origin: Int32, amount: Int, origins: int) -> Int:
    """Return (flow, origin, amount) of lots in order of flow, one row for a pair."""
    rows, latest, count = np.zeros((len(flow), 3), np.int64), np.full(origins, -1), 0
    for n in range(len(flow)):
        if flow[n] >= 0:
            count = _add(rows, latest, count, flow[n], origin[n], amount[n])
    return rows[:count]


@njit(cache=True, nogil=True)
def _lots(memory: Memory, flows: Flows) -> Lots:
    """Return the traced rows, numbered anew."""
    row, fen, top = memory.row, memory.fen, memory.used[TOP]
    number = np.full(top, -1, np.int32)
    count = 0
    for n in range(1, top):
        if row[n, ORIGIN] > 0:
            number[n] = count
            count += 1
    flow, origin, parent, paid, account = np.empty((5, count), np.int32)
    amount, left = np.empty((2, count), np.int64)
    for n in range(1, top):
        k = number[n]
        if k < 0:
            continue
        flow[k], origin[k] = row[n, FLOW], row[n, ORIGIN]
        amount[k], left[k] = fen[n, AMOUNT], fen[n, LEFT]
        above = row[n, PARENT]
        parent[k] = number[above] if above > 0 else -1
        account[k] = flows.dst[flow[k]] if flow[k] >= 0 else -1 - above
        paid[k] = PAID - row[n, NEXT] if row[n, NEXT] < 0 else NO_DEBT
    return Lots(flow, origin, amount, left, parent, paid, account)


def _paid(lots: Lots) -> Int:
    """Return what of each origin paid debts as (account, origin, amount)."""
    paid = np.flatnonzero(lots.paid != NO_DEBT)
    pairs = np.stack([lots.account[paid], lots.origin[paid]], axis=1).astype(np.int64)
    found, pair = np.unique(pairs, axis=0, return_inverse=True)
    total = np.zeros(len(found), np.int64)
    np.add.at(total, pair.ravel(), lots.amount[paid])
    return np.column_stack([found, total])
