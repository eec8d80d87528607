"""Lots in queues: the money of many origins followed through transfers in one pass.

Which money leaves an account first is a method: ``fifo`` the oldest, ``lifo`` the newest,
``clean_first`` what is not traced and then the oldest traced, ``taint_first`` the other way round.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins. Every traced sum that
arrives somewhere is a lot, a row that names the flow that brought it and its parent, the lot it was
taken from. An account is its loose money, which is not traced, and a queue of lots in the order in
which they leave. Nearly all accounts are loose money only: two numbers, and no row.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.prefetch import prefetch
from liandong.kernels.proportion import in_proportion

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

# Columns of an account: loose money, or less than nothing where it is in debt; and its queue, the
# first row and, 32 bits higher, the last. An account in debt holds no lots: its queue is its debts.
# Then how far it may be in debt, and what it paid beyond that. All are one account's: one look into
# the memory finds them together.
LOOSE, QUEUE, FACILITY, SHORT = 0, 1, 2, 3
# Columns of a row: the sum that it was, how much is left of it, and how much of what its flow moved
# of this origin was given back later (kept in the first row of flow and origin).
AMOUNT, LEFT, RETURNED = 0, 1, 2
# The flow that brought it (-1: there from the start), whose it is, the lot it was taken from, and
# the row behind it. A row of origin 0 is untraced money between lots, one of DEBT a debt; only
# these are used again. A lot that paid a debt is in no queue: there NEXT is PAID - the debt's flow.
# Flows never decrease from row to row.
FLOW, ORIGIN, PARENT, NEXT = 0, 1, 2, 3
DEBT, PAID = -1, -2
# Numbers of the memory: the first row never used, and the first to be used again.
TOP, FREE = 0, 1
ALL = -1
AHEAD = 12
LOW = (1 << 32) - 1
STEP_ROOM = 4
FIRST_ROOM = 1 << 16


class Flows(NamedTuple):
    """The transfers as :func:`trace` gets them, and what of each has not been given back."""

    src: Int32
    dst: Int32
    amount: Int
    undoes: Int
    kept: Int


class Method(NamedTuple):
    """How an account is emptied.

    Attributes
    ----------
    loose_first
        Whether loose money leaves before the queue.
    mixed
        Whether untraced money older than a lot keeps its place in the queue.
    newest_first
        Whether what arrives becomes the first of the queue rather than the last.
    merge
        Whether neighbouring lots of one origin become one. Sums are the same and less memory is
        needed, but parents and what is left are then told of the oldest of them only.
    """

    loose_first: bool
    mixed: bool
    newest_first: bool
    merge: bool = False


class Memory(NamedTuple):
    """Accounts and rows; see the columns above."""

    accounts: Int
    fen: Int
    row: Int32
    used: Int


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
FIFO = Method(loose_first=False, mixed=True, newest_first=False)
METHODS = {
    "fifo": FIFO,
    "lifo": Method(loose_first=True, mixed=True, newest_first=True),
    "clean_first": Method(loose_first=True, mixed=False, newest_first=False),
    "taint_first": Method(loose_first=False, mixed=False, newest_first=False),
}


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
    lots = _lots(memory, flows)
    return Traced(
        _moved(lots.flow, lots.origin, lots.amount, origins), held, balance,
        memory.accounts[:, SHORT].copy(), _paid(lots), lots,
    )  # fmt: skip


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
    fen, row = (
        np.concatenate([m, np.zeros((len(m) + STEP_ROOM, m.shape[1]), m.dtype)])
        for m in (memory.fen, memory.row)
    )
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
        soon = min(i + AHEAD, len(src) - 1)
        prefetch(accounts, src[soon])
        prefetch(accounts, dst[soon])
        s, d, need = np.uint32(src[i]), np.uint32(dst[i]), amount[i]
        if s == d:
            continue
        if backs and undoes[i] >= 0:
            given = _give_back(flows, memory, rule, i)
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
        _unlink(memory, a, 0, n)
        if rule.newest_first:
            _loosen_first(memory, a)
    return x, lot


@njit(cache=True, nogil=True)
def _loosen_first(memory: Memory, a: int) -> None:
    """Make untraced money that has become the newest of account ``a`` loose."""
    n = memory.accounts[a, QUEUE] & LOW
    while n != 0 and memory.row[n, ORIGIN] == 0:
        memory.accounts[a, LOOSE] += memory.fen[n, LEFT]
        _unlink(memory, a, 0, n)
        n = memory.accounts[a, QUEUE] & LOW


@njit(cache=True, nogil=True)
def _unlink(memory: Memory, a: int, before: int, n: int) -> None:
    """Take row ``n``, which stands behind row ``before`` (0: first), out of the queue."""
    behind = memory.row[n, NEXT]
    first, last = memory.accounts[a, QUEUE] & LOW, memory.accounts[a, QUEUE] >> 32
    if before != 0:
        memory.row[before, NEXT] = behind
    else:
        first = np.int64(behind)
    if behind == 0:
        last = np.int64(before)
    memory.accounts[a, QUEUE] = first | (last << 32)
    memory.row[n, NEXT] = 0
    if memory.row[n, ORIGIN] <= 0:
        memory.row[n, NEXT] = memory.used[FREE]
        memory.used[FREE] = n


@njit(cache=True, nogil=True)
def _link(memory: Memory, a: int, before: int, n: int) -> None:
    """Put row ``n`` behind row ``before`` (0: first) into the queue."""
    first, last = memory.accounts[a, QUEUE] & LOW, memory.accounts[a, QUEUE] >> 32
    if before != 0:
        memory.row[n, NEXT] = memory.row[before, NEXT]
        memory.row[before, NEXT] = n
    else:
        memory.row[n, NEXT] = first
        first = np.int64(n)
    if before == last:
        last = np.int64(n)
    memory.accounts[a, QUEUE] = first | (last << 32)


@njit(cache=True, nogil=True)
def _arrive(memory: Memory, rule: Method, i: int, d: int, x: int, lot: int) -> None:
    """Add money of ``lot`` (0: untraced) as the newest of account ``d``, or pay its oldest debt."""
    accounts, row = memory.accounts, memory.row
    if accounts[d, LOOSE] < 0:
        _pay(memory, i, d, x, lot)
        return
    if lot == 0:
        accounts[d, LOOSE] += x
        return
    n = _new(memory, i, row[lot, ORIGIN], lot, x)
    end = accounts[d, QUEUE] & LOW if rule.newest_first else accounts[d, QUEUE] >> 32
    buries = rule.mixed and accounts[d, LOOSE] > 0
    if rule.merge and not buries and end != 0 and row[end, ORIGIN] == row[n, ORIGIN]:
        memory.fen[end, LEFT] += x
        memory.fen[n, LEFT] = 0
        return
    if buries:
        clean = _untraced(memory, i, accounts[d, LOOSE])
        accounts[d, LOOSE] = 0
        _link(memory, d, 0 if rule.newest_first else end, clean)
        end = clean
    _link(memory, d, 0 if rule.newest_first else end, n)


@njit(cache=True, nogil=True)
def _new(memory: Memory, i: int, origin: int, parent: int, x: int) -> int:
    """Make a row that was never used before."""
    n = memory.used[TOP]
    memory.used[TOP] += 1
    memory.row[n, FLOW], memory.row[n, ORIGIN], memory.row[n, PARENT] = i, origin, parent
    memory.fen[n, AMOUNT] = memory.fen[n, LEFT] = x
    return int(n)


@njit(cache=True, nogil=True)
def _untraced(memory: Memory, i: int, x: int) -> int:
    """Make a row of untraced money, of one that is free if there is one."""
    n = memory.used[FREE]
    if n == 0:
        return _new(memory, i, 0, 0, x)
    memory.used[FREE] = memory.row[n, NEXT]
    memory.row[n, ORIGIN], memory.row[n, NEXT] = 0, 0
    memory.fen[n, LEFT] = x
    return int(n)


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
        _link(memory, a, last, _new(memory, i, DEBT, 0, debt))


@njit(cache=True, nogil=True)
def _pay(memory: Memory, i: int, a: int, x: int, lot: int) -> None:
    """Pay the oldest debt of account ``a``, which is ``x`` at least."""
    debt = memory.accounts[a, QUEUE] & LOW
    memory.accounts[a, LOOSE] += x
    memory.fen[debt, LEFT] -= x
    if lot != 0:
        n = _new(memory, i, memory.row[lot, ORIGIN], lot, x)
        memory.row[n, NEXT] = PAID - memory.row[debt, FLOW]
    if memory.fen[debt, LEFT] == 0:
        _unlink(memory, a, 0, debt)


@njit(cache=True, nogil=True)
def _give_back(flows: Flows, memory: Memory, rule: Method, i: int) -> int:
    """Return money of an earlier flow to where it was; tell how much, -1 if there is no room."""
    s, d, original = flows.src[i], flows.dst[i], flows.undoes[i]
    first, of, parts = _parts(memory.row, memory.fen, memory.used[TOP], flows.kept, original)
    most = _length(memory, s) + 1
    rows_needed = most + len(parts) + _length(memory, d) + STEP_ROOM
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
            memory.fen[first[k], RETURNED] += got
        given += got
    flows.kept[original] -= given
    return given


@njit(cache=True, nogil=True)
def _parts(row: Int32, fen: Int, top: int, kept: Int, flow: int) -> tuple[Int, Int, Int]:
    """Return what of a flow by origin was not given back: first rows, origins (0 last), sums."""
    start = 1 + np.searchsorted(row[1:top, FLOW], flow)
    end = start
    while end < top and row[end, FLOW] == flow:
        end += 1
    first, of, parts = np.zeros((3, end - start + 1), np.int64)
    count = 0
    for n in range(start, end):
        if row[n, ORIGIN] <= 0:
            continue
        k = 0
        while k < count and of[k] != row[n, ORIGIN]:
            k += 1
        if k == count:
            first[k], of[k], parts[k] = n, row[n, ORIGIN], -fen[n, RETURNED]
            count += 1
        parts[k] += fen[n, AMOUNT]
    parts[count] = kept[flow] - parts[:count].sum()
    return first[: count + 1], of[: count + 1], parts[: count + 1]


@njit(cache=True, nogil=True)
def _length(memory: Memory, a: int) -> int:
    n, length = int(memory.accounts[a, QUEUE] & LOW), 0
    while n != 0:
        n, length = int(memory.row[n, NEXT]), length + 1
    return length


@njit(cache=True, nogil=True)
def _place(memory: Memory, rule: Method, a: int, flow: int) -> int:
    """Return the row of the queue of ``a`` behind which money is put that ``flow`` took away."""
    if not rule.newest_first or memory.accounts[a, LOOSE] < 0:
        return 0
    before, n = 0, int(memory.accounts[a, QUEUE] & LOW)
    while n != 0:
        if memory.row[n, ORIGIN] > 0 and memory.row[n, FLOW] > flow:
            before = n
        n = int(memory.row[n, NEXT])
    return before


@njit(cache=True, nogil=True)
def _put_back(memory: Memory, rule: Method, i: int, d: int, before: int, x: int, lot: int) -> int:
    """Put money behind row ``before`` of the queue, once debts are paid; return its row."""
    accounts = memory.accounts
    while accounts[d, LOOSE] < 0 and x > 0:
        y = min(x, memory.fen[accounts[d, QUEUE] & LOW, LEFT])
        _pay(memory, i, d, y, lot)
        x -= y
    if x == 0:
        return before
    # Untraced money is loose where it would be next to what is loose.
    first_or_last = before == 0 if rule.newest_first else before == accounts[d, QUEUE] >> 32
    if lot == 0 and (not rule.mixed or first_or_last):
        accounts[d, LOOSE] += x
        return before
    traced = lot != 0
    n = _new(memory, i, memory.row[lot, ORIGIN], lot, x) if traced else _untraced(memory, i, x)
    _link(memory, d, before, n)
    return n


@njit(cache=True, nogil=True)
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
            _unlink(memory, a, before, n)
        else:
            before = n
        n = behind
    _loosen(memory, rule, a)
    if origin == 0 and not rule.loose_first:
        pieces, most = _take_loose(accounts, a, most, pieces, x, lot)
    return pieces


@njit(cache=True, nogil=True)
def _take_loose(accounts: Int, a: int, most: int, pieces: int, x: Int, lot: Int) -> tuple[int, int]:
    got = min(accounts[a, LOOSE], most)
    if got == 0:
        return pieces, most
    accounts[a, LOOSE] -= got
    x[pieces], lot[pieces] = got, 0
    return pieces + 1, most - got


@njit(cache=True, nogil=True)
def _loosen(memory: Memory, rule: Method, a: int) -> None:
    """Make untraced rows loose that have come to stand next to what is loose."""
    if rule.newest_first:
        _loosen_first(memory, a)
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
        _unlink(memory, a, before, n)
        n = behind


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
    return held[:count].copy(), balance


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
    return rows[:count].copy()


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
