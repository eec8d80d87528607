"""Lots in queues: the money of many origins followed through transfers in one pass.

Which money leaves an account first is a method: ``fifo`` the oldest, ``lifo`` the newest,
``clean_first`` what is not traced and then the oldest traced, ``taint_first`` the other way round.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.lines import zeros
from liandong.kernels.memory.prefetch import prefetch
from liandong.kernels.money.givingback import give_back
from liandong.kernels.money.lotrows import (
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
    TAKEN,
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

__all__ = [
    "ALL", "FIRST_ROOM", "METHODS", "NO_DEBT", "Lots", "Traced", "answer", "by_flow", "doubled",
    "ended", "run", "start", "trace",
]  # fmt: skip

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
    taken: Int


NO_DEBT = -2
NOTHING = np.empty(0, np.int64)


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
        Shape (flows,), not negative. A transfer of nothing or to oneself does nothing. Where money
        is exchanged, shape (2, flows): what leaves the payer and what reaches the payee, each in
        his own currency. A transfer in which they differ gives none back and is not given back.
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
    taken
        Shape (lots,), how much was taken of its parent for it, which differs from its amount where
        money was exchanged; empty if it was nowhere.

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

    Money is exchanged lot by lot in the order in which they leave: when c of an amount a have left,
    floor(c r / a) of the r that arrive have arrived.
    """
    amount, arrives = amount if amount.ndim > 1 else (amount, NOTHING)
    kept = amount.copy() if len(undoes) else amount
    flows = Flows(src, dst, amount, undoes, kept, arrives)
    # Room that is not used takes no memory: this is for more rows than nearly all logs need.
    memory = start(opening, origin, facility, FIRST_ROOM + len(src) // 4)
    origins = 1 + int(origin.max(initial=0))
    at, rest = 0, ALL
    while True:
        at, rest = run(flows, memory, rule, at, rest)
        if at == len(src):
            break
        memory = doubled(memory)
    found = ended(flows, memory, origins)
    del memory  # a heavily traced log has as much of it as of answers
    return answer(*found, origins)


def ended(flows: Flows, memory: Memory, origins: int) -> tuple[Int, Int, Int, Lots, Int]:
    """Return what :func:`trace` does but for what lots tell by themselves."""
    held, balance = _count(memory, origins)
    exchanged = len(flows.arrives) > 0
    taken = _taken(memory, flows.arrives, flows.amount) if exchanged else NOTHING
    return held, balance, memory.accounts[:, SHORT].copy(), _lots(memory, flows), taken


def answer(held: Int, balance: Int, short: Int, lots: Lots, taken: Int, origins: int) -> Traced:
    """Return all that is found, once the memory may be gone."""
    moved = by_flow(lots.flow, lots.origin, lots.amount, origins)
    return Traced(moved, held, balance, short, _paid(lots), lots, taken)


def start(opening: Int, origin: Int, facility: Int, room: int = FIRST_ROOM) -> Memory:
    """Put opening money into accounts: rows are those of traced origins and of debts.

    There is room for ``room`` more.
    """
    of_row = np.flatnonzero(((origin > 0) & (opening > 0)) | (opening < 0))
    used, room = 1 + len(of_row), room + len(of_row)
    fen, row = np.zeros((room, 3), np.int64), np.zeros((room, 4), np.int32)
    accounts = zeros(len(opening), 4)
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


def doubled(memory: Memory) -> Memory:
    """Return the same memory with room for twice as many rows."""
    # Zeros take no memory until they are written to: only what there was is copied.
    old = memory.fen, memory.row
    fen, row = (np.zeros((2 * len(m) + STEP_ROOM, m.shape[1]), m.dtype) for m in old)
    fen[: len(old[0])], row[: len(old[1])] = old
    return memory._replace(fen=fen, row=row)


@njit(cache=True, nogil=True)
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
        _expect(memory, src, dst, i)
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


@njit(cache=True, nogil=True)
def _go_on(flows: Flows, memory: Memory, rule: Method, i: int, rest: int) -> int:
    """Move what is still to be moved of a flow; return what then is, if there is no room."""
    if len(flows.arrives) > 0 and flows.arrives[i] != flows.amount[i]:
        return int(_exchanged(flows, memory, rule, i, rest))
    return int(_move(memory, rule, i, int(flows.src[i]), int(flows.dst[i]), rest))


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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
            memory.fen[n, TAKEN] = upto - had
        had = upto


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
        # Heads of queues come from anywhere; so do the rows behind them.
        far, near = min(a + AHEAD, len(accounts) - 1), min(a + NEAR, len(accounts) - 1)
        head = accounts[far, QUEUE] & LOW
        prefetch(fen, head)
        prefetch(row, head)
        behind = row[accounts[near, QUEUE] & LOW, NEXT]
        prefetch(fen, behind)
        prefetch(row, behind)
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
def by_flow(flow: Int32, origin: Int32, amount: Int, origins: int) -> Int:
    """Add up lots in order of flow: (flow, origin, amount), one row for a pair.

    Parameters
    ----------
    flow, origin, amount
        Shape (lots,); a flow below 0 is left out.
    origins
        More than the largest origin.
    """
    rows, latest, count = np.zeros((len(flow), 3), np.int64), np.full(origins, -1), 0
    for n in range(len(flow)):
        if flow[n] >= 0:
            count = _add(rows, latest, count, flow[n], origin[n], amount[n])
    return rows[:count]


@njit(cache=True, nogil=True)
def _taken(memory: Memory, arrives: Int, amount: Int) -> Int:
    """Return of all traced rows what was taken of their parents."""
    row, fen, top, k = memory.row, memory.fen, memory.used[TOP], 0
    taken = np.empty(top, np.int64)
    for n in range(1, top):
        if row[n, ORIGIN] > 0:
            i = row[n, FLOW]
            exchanged = i >= 0 and arrives[i] != amount[i]
            taken[k] = fen[n, TAKEN] if exchanged else fen[n, AMOUNT]
            k += 1
    return taken[:k].copy()


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
        above = row[n, PARENT]
        flow[k], origin[k] = row[n, FLOW] if above >= 0 else -1, row[n, ORIGIN]
        amount[k], left[k] = fen[n, AMOUNT], fen[n, LEFT]
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
