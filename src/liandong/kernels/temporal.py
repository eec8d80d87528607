"""Flows over time: how much money of one origin can be at a place, whatever rule parts the money.

Every account is a chain of events: what it pays, what it receives. Money waits along the chain and
runs along transfers from the payer's event to the payee's. Money of one origin is a flow in this
network that fits under all the money: a transfer moves at most its amount of it, and between two
events an account keeps at most its balance of it. Conversely, the rest of the money then fills what
is left of every transfer and every balance, so each such flow is the outcome of some rule, and each
rule that hands on money in the order of time is such a flow.

Hence the most that can be at a place is a maximal flow, and the least is what does not fit
elsewhere: all of it, less a maximal flow to everywhere else. Only events from which a place can
still be reached matter for it; what leaves them can always go on, since all the money did.

Going through the transfers in order of time and passing on as much as possible is not enough. Let A
hold 100 of a loan and 100 of others' money, pay 100 to B, then 100 to C; B pays 10 to X, C pays 100
to X. Passing on at once puts the loan's money at B and 10 of it at X, while 100 can be there. So
paths are searched which may take earlier money back, the wide ones first.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

NOWHERE = -1
"""Instead of an event: there is none."""
ELSEWHERE, THERE = -2, -3
"""Where flows are led: out of the events that matter for a place, or to the place."""

LAZY, EAGER = 0, 1
"""Whether the money leaves an account after all other money, or before it."""

# Arcs of an event: pay, wait, and take back what was paid or kept.
PAY, WAIT, UNPAY, UNWAIT, ARCS = 0, 1, 2, 3, 4
FIRST_ROOM = 1 << 12
WIDTHS = 4  # a width is 2^4 times the next one


class Network(NamedTuple):
    """The transfers that can move money of an origin, and the events of their accounts.

    Transfer k joins event 2k of its payer to event 2k + 1 of its payee. The first are the money's
    starts: it arrives where it is at the beginning, from events of no account.

    Attributes
    ----------
    row
        Shape (transfers,): which of all transfers; NOWHERE for a start.
    amount
        Shape (transfers,): its amount.
    balance
        Shape (events,): what the account holds after the event.
    before, after
        Shape (events,): the account's events before and after; NOWHERE where its chain begins or
        ends. A chain ends where the account is empty.
    last
        Shape (accounts,): the last event of an account that can hold the money at the end.
    """

    row: Int
    amount: Int
    balance: Int
    before: Int
    after: Int
    last: Int


class Search(NamedTuple):
    """What a search works with, used again from place to place.

    Attributes
    ----------
    supply, left
        By start: the money there, and what of it has not been led anywhere.
    moved, kept
        The flow, by transfer and by event.
    place, end
        By event: the place for which it matters, and that at which it is the last.
    seen, arc
        By event: the search that came by, and the arc that is tried.
    path, member
        Events of a path, and all that matter for a place.
    clock
        Shape (2,): places and searches so far.
    """

    supply: Int
    left: Int
    moved: Int
    kept: Int
    place: Int
    end: Int
    seen: Int
    arc: Int
    path: Int
    member: Int
    clock: Int


@njit(cache=True, nogil=True)
def balances(src: Int, dst: Int, amount: Int, opening: Int) -> tuple[Int, Int]:
    """Return what payer and payee of each transfer hold after it.

    Parameters
    ----------
    src, dst, amount
        Shape (flows,), in order of time; amounts are not negative.
    opening
        Shape (accounts,), money at the start.

    Returns
    -------
    payer, payee
        Shape (flows,). What a payer lacks comes from outside, so nobody holds less than nothing.
    """
    now = opening.copy()
    payer, payee = np.empty(len(src), np.int64), np.empty(len(src), np.int64)
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s != d:
            now[s] = max(now[s] - amount[i], 0)
            now[d] += amount[i]
        payer[i], payee[i] = now[s], now[d]
    return payer, payee


def network(
    flows: tuple[Int, Int, Int], held: tuple[Int, Int], start: Int, supply: Int, accounts: int
) -> Network:
    """Build the network of the transfers that can move money of one origin.

    Parameters
    ----------
    flows
        ``src``, ``dst`` and ``amount`` as for :func:`balances`.
    held
        What :func:`balances` returned.
    start, supply
        Shape (starts,): accounts that hold the money at the start, and how much; more than 0.
    accounts
        How many there are.
    """
    able, last = np.zeros(accounts, np.int64), np.full(accounts, NOWHERE)
    able[start], last[start] = supply, 2 * np.arange(len(start)) + 1
    rows, at = len(start), 0
    row, before = np.full(rows, NOWHERE), np.full(2 * rows, NOWHERE)
    while at < len(flows[0]):
        row = np.append(row[:rows], np.empty(rows + FIRST_ROOM, np.int64))
        before = np.append(before[: 2 * rows], np.empty(2 * (rows + FIRST_ROOM), np.int64))
        at, rows = _reach(flows, held, (able, last, supply), row, before, at, rows)
    row, before = row[:rows].copy(), before[: 2 * rows].copy()
    real = row[len(start) :]
    amount = np.append(supply, flows[2][real])
    balance = np.empty(2 * rows, np.int64)
    balance[0 : 2 * len(start) : 2], balance[1 : 2 * len(start) : 2] = 0, supply
    balance[2 * len(start) :: 2], balance[2 * len(start) + 1 :: 2] = held[0][real], held[1][real]
    after = np.full(2 * rows, NOWHERE)
    behind = np.flatnonzero(before != NOWHERE)
    after[before[behind]] = behind
    return Network(row, amount, balance, before, after, last)


@njit(cache=True, nogil=True)
def _reach(
    flows: tuple[Int, Int, Int], held: tuple[Int, Int], state: tuple[Int, Int, Int],
    row: Int, before: Int, at: int, rows: int,
) -> tuple[int, int]:  # fmt: skip
    """Go on at flow ``at``; return the next one, where room runs out, and the room used."""
    src, dst, amount = flows
    able, last, supply = state
    total = supply.sum()
    for i in range(at, len(src)):
        s, d = src[i], dst[i]
        if able[s] == 0 or s == d or amount[i] == 0:
            continue
        if rows == len(row):
            return i, rows
        row[rows], before[2 * rows], before[2 * rows + 1] = i, last[s], last[d]
        # At most so much can be where it goes: where nothing can be, nothing has to be followed.
        x = min(able[s], amount[i])
        able[s], able[d] = min(able[s], held[0][i]), min(able[d] + x, held[1][i], total)
        last[s] = 2 * rows if able[s] > 0 else NOWHERE
        last[d] = 2 * rows + 1
        rows += 1
    return len(src), rows


@njit(cache=True, nogil=True)
def debts(src: Int, dst: Int, amount: Int, opening: Int, facility: Int) -> Int:
    """Return how much of each transfer pays a debt of its payee.

    Parameters
    ----------
    src, dst, amount
        As for :func:`balances`.
    opening, facility
        Shape (accounts,), money at the start, below nothing if it is a debt; and how far in debt an
        account may be. What it pays beyond that comes from outside.
    """
    now, paid = opening.copy(), np.zeros(len(src), np.int64)
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if s != d:
            now[s] = max(now[s] - amount[i], -facility[s])
            paid[i] = min(max(-now[d], 0), amount[i])
            now[d] += amount[i]
    return paid


@njit(cache=True, nogil=True)
def waiting(
    src: Int, dst: Int, amount: Int, undoes: Int, paid: Int, accounts: int
) -> NDArray[np.bool_]:
    """Tell which transfers give back money that has waited for it with the payee.

    That is so if the payee has paid nothing else since he got it, and no debt with it: then all of
    it is still there, whatever the rule.

    Parameters
    ----------
    src, dst, amount
        As for :func:`balances`.
    undoes
        Shape (flows,), the earlier transfer that each gives back, or -1.
    paid
        What :func:`debts` returned.
    accounts
        How many there are.
    """
    waits, left = np.zeros(len(src), np.bool_), amount.copy()
    last = np.full(accounts, -1)
    for i in range(len(src)):
        s, o = src[i], undoes[i]
        if s == dst[i] or amount[i] == 0:
            continue
        whole = o >= 0 and dst[o] == s and paid[o] == 0
        if whole and amount[i] <= left[o] and last[s] < o:
            left[o] -= amount[i]
            waits[i] = True
        else:
            last[s] = i
    return waits


def bounds(net: Network, supply: Int, places: Int, ends: Int) -> tuple[Int, Int, Int]:
    """Return the least and the most of the money that can be at each place at the end.

    Parameters
    ----------
    net
        The network of the money.
    supply
        Shape (starts,), as for :func:`network`.
    places
        Accounts of all places, one place behind the other.
    ends
        Shape (places + 1,): place p is accounts ``places[ends[p]:ends[p + 1]]``, which count
        together.

    Returns
    -------
    least, most
        Shape (places,).
    limits
        Shape (rows, 3): place, ELSEWHERE for what limits the least and THERE for the most, and an
        arc: twice the event for what it pays, and 1 more for what its account keeps. Amounts and
        balances of the arcs of a place, and the supply of starts that all flows, add up to the
        most; or to what at most is elsewhere, which is all the supply less the least. There are
        none where the most is all the supply, or the least is 0.

    Notes
    -----
    A maximal flow and a minimal cut (Ford and Fulkerson 1956), found along paths of decreasing
    width (Gabow 1985), in the network expanded in time of the events that matter for the place.
    """
    least, most = np.zeros((2, len(ends) - 1), np.int64)
    sizes = (len(supply), len(net.row), *[len(net.balance)] * 7, 2)
    search = Search(supply, *(np.zeros(n, np.int64) for n in sizes))
    rules = _outcome(net, supply, LAZY), _outcome(net, supply, EAGER)
    limits, at, used = np.empty((FIRST_ROOM, 3), np.int64), 0, 0
    while True:
        at, used = _bound(net, search, (places, ends), rules, (least, most, limits), at, used)
        if at == len(least):
            return least, most, limits[:used]
        room = len(limits) + 2 * len(net.balance)
        limits = np.concatenate([limits, np.empty((room, 3), np.int64)])


@njit(cache=True, nogil=True)
def _bound(
    net: Network, work: Search, where: tuple[Int, Int], rules: tuple[Int, Int],
    found: tuple[Int, Int, Int], at: int, used: int,
) -> tuple[int, int]:  # fmt: skip
    """Go on at place ``at``; return the next one, where room runs out, and the room used."""
    places, ends = where
    least, most, limits = found
    for p in range(at, len(least)):
        place = places[ends[p] : ends[p + 1]]
        members, able = _members(net, work, place)
        if len(limits) - used < 4 * members:
            return p, used
        supplied = _supply(work)
        most[p] = _flow(net, work, members, THERE, min(able, supplied))
        if most[p] < supplied:
            used = _cut(net, work, members, THERE, limits, used, p)
        if min(_at(net, place, rules[0]), _at(net, place, rules[1])) > 0:
            elsewhere = _flow(net, work, members, ELSEWHERE, supplied)
            least[p] = supplied - elsewhere
            if least[p] > 0:
                used = _cut(net, work, members, ELSEWHERE, limits, used, p)
    return len(least), used


@njit(cache=True, nogil=True)
def _outcome(net: Network, supply: Int, haste: int) -> Int:
    """Return what is at each event by the rule that the money leaves first, or last.

    The least is no more than what any rule gives: mostly nothing, and need not be searched for.
    """
    kept = np.zeros(len(net.balance), np.int64)
    for j in range(len(supply)):
        kept[2 * j] = supply[j]
    for k in range(len(net.row)):
        pay, get = 2 * k, 2 * k + 1
        for v in (pay, get):
            if net.before[v] != NOWHERE:
                kept[v] += kept[net.before[v]]
        paid = max(kept[pay] - net.balance[pay], 0)
        if haste == EAGER:
            paid = min(kept[pay], net.amount[k])
        kept[pay] -= paid
        kept[get] += paid
    return kept


@njit(cache=True, nogil=True)
def _at(net: Network, place: Int, kept: Int) -> int:
    total = 0
    for a in place:
        if net.last[a] != NOWHERE:
            total += kept[net.last[a]]
    return total


@njit(cache=True, nogil=True)
def _supply(work: Search) -> int:
    """Set what is left to be supplied to what matters for the place: the rest is elsewhere."""
    total = 0
    for j in range(len(work.supply)):
        matters = work.place[2 * j] == work.clock[0]
        work.left[j] = work.supply[j] if matters else 0
        total += work.left[j]
    return total


@njit(cache=True, nogil=True)
def _flow(net: Network, work: Search, members: int, goal: int, able: int) -> int:
    """Return a maximal flow to a goal that can take no more than so much."""
    for m in range(members):
        v = work.member[m]
        work.kept[v] = work.moved[v // 2] = 0
    supplied, flow, width = _supply(work), 0, 1
    while width << WIDTHS <= able:
        width <<= WIDTHS
    while width > 0 and flow < supplied:
        found = _widen(net, work, goal, width)
        flow += found
        if found == 0:
            width >>= WIDTHS
    return flow


@njit(cache=True, nogil=True)
def _members(net: Network, work: Search, place: Int) -> tuple[int, int]:
    """Mark the events from which the place can be reached; return how many, and its balance."""
    work.clock[0] += 1
    count = able = 0
    for a in place:
        if net.last[a] != NOWHERE:
            work.end[net.last[a]] = work.clock[0]
            count = _join(work, net.last[a], count)
            able += net.balance[net.last[a]]
    looked = 0
    while looked < count:
        v = work.member[looked]
        looked += 1
        count = _join(work, net.before[v], count)
        if v % 2 == 1:
            count = _join(work, v - 1, count)
    return count, able


@njit(cache=True, nogil=True)
def _join(work: Search, v: int, count: int) -> int:
    if v == NOWHERE or work.place[v] == work.clock[0]:
        return count
    work.place[v] = work.clock[0]
    work.member[count] = v
    return count + 1


@njit(cache=True, nogil=True)
def _arc(net: Network, work: Search, v: int, arc: int) -> tuple[int, int]:
    """Return where an arc of an event leads, and how much more it lets through."""
    k = v // 2
    if arc == PAY:
        if v % 2 == 1:
            return NOWHERE, 0
        inside = work.place[v + 1] == work.clock[0]
        return v + 1 if inside else ELSEWHERE, net.amount[k] - work.moved[k]
    if arc == WAIT:
        w = net.after[v]
        if work.end[v] == work.clock[0]:
            w = THERE
        elif w == NOWHERE or work.place[w] != work.clock[0]:
            w = ELSEWHERE
        return w, net.balance[v] - work.kept[v]
    if arc == UNPAY:
        return (v - 1, work.moved[k]) if v % 2 == 1 else (NOWHERE, 0)
    w = net.before[v]
    return w, work.kept[w] if w != NOWHERE else 0


@njit(cache=True, nogil=True)
def _widen(net: Network, work: Search, goal: int, width: int) -> int:
    """Lead flow along paths of at least a width until all events in sight have been tried."""
    work.clock[1] += 1
    found = 0
    for j in range(len(work.left)):
        v = 2 * j
        if work.left[j] < width or work.seen[v] == work.clock[1]:
            continue
        work.path[0], work.arc[v], work.seen[v] = v, 0, work.clock[1]
        steps = 1
        while steps > 0 and work.left[j] >= width:
            v = work.path[steps - 1]
            w, room = NOWHERE, 0
            while work.arc[v] < ARCS:
                w, room = _arc(net, work, v, work.arc[v])
                if room >= width and (w == goal or (w >= 0 and work.seen[w] != work.clock[1])):
                    break
                work.arc[v] += 1
            if work.arc[v] == ARCS:
                steps -= 1  # a dead end: it stays marked
                if steps > 0:
                    work.arc[work.path[steps - 1]] += 1
            elif w == goal:
                x, steps = _lead(net, work, work.left[j], steps, width)
                work.left[j] -= x
                found += x
            else:
                work.path[steps], work.arc[w], work.seen[w] = w, 0, work.clock[1]
                steps += 1
        for step in range(steps):
            work.seen[work.path[step]] = 0
    return found


@njit(cache=True, nogil=True)
def _lead(net: Network, work: Search, most: int, steps: int, width: int) -> tuple[int, int]:
    """Lead what fits along the path; return how much, and the steps up to where it is full."""
    for step in range(steps):
        v = work.path[step]
        most = min(most, _arc(net, work, v, work.arc[v])[1])
    for step in range(steps):
        v = work.path[step]
        if work.arc[v] == PAY:
            work.moved[v // 2] += most
        elif work.arc[v] == WAIT:
            work.kept[v] += most
        elif work.arc[v] == UNPAY:
            work.moved[v // 2] -= most
        else:
            work.kept[net.before[v]] -= most
    kept = 0
    while kept < steps - 1:
        v = work.path[kept]
        kept += 1
        if _arc(net, work, v, work.arc[v])[1] < width:
            break
    else:
        kept = steps
    for step in range(kept, steps):
        work.seen[work.path[step]] = 0  # off the path, and open again
    return most, kept


@njit(cache=True, nogil=True)
def _cut(
    net: Network, work: Search, members: int, goal: int, limits: Int, used: int, place: int
) -> int:
    """Note the arcs from what the last search saw to what it did not see; return the room used."""
    for m in range(members):
        v = work.member[m]
        if work.seen[v] != work.clock[1]:
            continue
        for arc in (PAY, WAIT):
            w, _ = _arc(net, work, v, arc)
            if w == goal or (w >= 0 and work.seen[w] != work.clock[1]):
                limits[used, 0], limits[used, 1], limits[used, 2] = place, goal, 2 * v + arc
                used += 1
    return used
