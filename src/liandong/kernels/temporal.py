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


class Work(NamedTuple):
    """Arrays of a search, used again from place to place: make them with :func:`work_on`.

    Attributes
    ----------
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


@njit(cache=True, nogil=True)
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
    src, dst, amount = flows
    able, last = np.zeros(accounts, np.int64), np.full(accounts, NOWHERE)
    able[start] = supply
    total = supply.sum()
    rows, room = len(start), FIRST_ROOM + len(start)
    row, before = np.full(room, NOWHERE), np.full(2 * room, NOWHERE)
    last[start] = 2 * np.arange(rows) + 1
    for i in range(len(src)):
        s, d = src[i], dst[i]
        if able[s] == 0 or s == d or amount[i] == 0:
            continue
        if rows == room:
            room *= 2
            row, before = _longer(row, room), _longer(before, 2 * room)
        row[rows], before[2 * rows], before[2 * rows + 1] = i, last[s], last[d]
        # At most so much can be where it goes: where nothing can be, nothing has to be followed.
        x = min(able[s], amount[i])
        able[s], able[d] = min(able[s], held[0][i]), min(able[d] + x, held[1][i], total)
        last[s] = 2 * rows if able[s] > 0 else NOWHERE
        last[d] = 2 * rows + 1
        rows += 1
    row, before = row[:rows].copy(), before[: 2 * rows].copy()
    balance, after = np.zeros(2 * rows, np.int64), np.full(2 * rows, NOWHERE)
    moved = np.empty(rows, np.int64)
    for k in range(rows):
        if row[k] == NOWHERE:
            moved[k] = balance[2 * k + 1] = supply[k]
        else:
            moved[k] = amount[row[k]]
            balance[2 * k], balance[2 * k + 1] = held[0][row[k]], held[1][row[k]]
        for v in (2 * k, 2 * k + 1):
            if before[v] != NOWHERE:
                after[before[v]] = v
    return Network(row, moved, balance, before, after, last)


@njit(cache=True, nogil=True)
def waiting(src: Int, dst: Int, amount: Int, undoes: Int, accounts: int) -> NDArray[np.bool_]:
    """Tell which transfers give back money that has waited for it with the payee.

    That is so if the payee has paid nothing else since he got it: then all of it is still there,
    whatever the rule.

    Parameters
    ----------
    src, dst, amount
        As for :func:`balances`.
    undoes
        Shape (flows,), the earlier transfer that each gives back, or -1.
    accounts
        How many there are.
    """
    waits, left = np.zeros(len(src), np.bool_), amount.copy()
    paid = np.full(accounts, -1)
    for i in range(len(src)):
        s, o = src[i], undoes[i]
        if s == dst[i] or amount[i] == 0:
            continue
        if o >= 0 and dst[o] == s and amount[i] <= left[o] and paid[s] < o:
            left[o] -= amount[i]
            waits[i] = True
        else:
            paid[s] = i
    return waits


@njit(cache=True, nogil=True)
def _longer(a: Int, room: int) -> Int:
    more = np.empty(room, np.int64)
    more[: len(a)] = a
    return more


def work_on(net: Network) -> Work:
    """Make what searches in a network work with."""
    events = len(net.balance)
    zeros = [np.zeros(n, np.int64) for n in (len(net.row), *[events] * 7, 2)]
    return Work(*zeros)


@njit(cache=True, nogil=True)
def bounds(
    net: Network, work: Work, supply: Int, places: Int, ends: Int
) -> tuple[Int, Int, Int]:
    """Return the least and the most of the money that can be at each place at the end.

    Parameters
    ----------
    net, work
        The network, and what :func:`work_on` made for it.
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
        Shape (rows, 3): place, 0 for what limits the least and 1 for the most, and an arc: twice
        the event for what it pays, and 1 more for what its account keeps after it. The amounts and
        balances of the arcs of a place, and the supply of starts that all flows, add up to the
        most; or to what at most is elsewhere, which is all the supply less the least. There are
        none where the most is all the supply, or the least is 0.

    Notes
    -----
    A maximal flow and a minimal cut (Ford and Fulkerson 1956), found along paths of decreasing
    width (Gabow 1985), in the network expanded in time of the events that matter for the place.
    """
    count = len(ends) - 1
    least, most = np.zeros(count, np.int64), np.zeros(count, np.int64)
    limits, rows = np.empty((FIRST_ROOM, 3), np.int64), 0
    lazy, eager = _outcome(net, supply, LAZY), _outcome(net, supply, EAGER)
    for p in range(count):
        place = places[ends[p] : ends[p + 1]]
        members, able = _members(net, work, place)
        most[p], cut = _flow(net, work, supply, members, THERE, able)
        limits, rows = _noted(limits, rows, p, 1, cut)
        if min(_at(net, place, lazy), _at(net, place, eager)) > 0:
            elsewhere, cut = _flow(net, work, supply, members, ELSEWHERE, supply.sum())
            least[p] = _supplied(net, work, supply).sum() - elsewhere
            if least[p] > 0:
                limits, rows = _noted(limits, rows, p, 0, cut)
    return least, most, limits[:rows].copy()


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
        paid = min(kept[pay], net.amount[k]) if haste == EAGER else max(kept[pay] - net.balance[pay], 0)
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
def _noted(limits: Int, rows: int, place: int, side: int, cut: Int) -> tuple[Int, int]:
    """Write the arcs of a cut into the limits, in more room if there is need."""
    if rows + len(cut) > len(limits):
        more = np.empty((2 * len(limits) + len(cut), 3), np.int64)
        more[:rows] = limits[:rows]
        limits = more
    for arc in cut:
        limits[rows, 0], limits[rows, 1], limits[rows, 2] = place, side, arc
        rows += 1
    return limits, rows


@njit(cache=True, nogil=True)
def _supplied(net: Network, work: Work, supply: Int) -> Int:
    """Return how much of each supply matters for the place: the rest can never get there."""
    left = np.zeros(len(supply), np.int64)
    for j in range(len(supply)):
        if work.place[2 * j] == work.clock[0]:
            left[j] = supply[j]
    return left


@njit(cache=True, nogil=True)
def _flow(
    net: Network, work: Work, supply: Int, members: int, goal: int, able: int
) -> tuple[int, Int]:
    """Lead a maximal flow to a goal that can take so much; return it, and its minimal cut.

    The cut is empty if all that is supplied flows.
    """
    for v in work.member[:members]:
        work.kept[v] = work.moved[v // 2] = 0
    left = _supplied(net, work, supply)
    supplied, flow, width = left.sum(), 0, 1
    while width << WIDTHS <= min(able, supplied):
        width <<= WIDTHS
    while width > 0 and flow < supplied:
        found = _search(net, work, left, goal, width)
        flow += found
        if found == 0:
            width >>= WIDTHS
    if flow == supplied:
        return flow, np.empty(0, np.int64)
    return flow, _cut(net, work, members, goal)


@njit(cache=True, nogil=True)
def _members(net: Network, work: Work, place: Int) -> tuple[int, int]:
    """Mark the events from which the place can be reached; return how many, and its balance."""
    work.clock[0] += 1
    count = able = 0
    for a in place:
        if net.last[a] != NOWHERE:
            work.end[net.last[a]] = work.clock[0]
            count = _join(net, work, net.last[a], count)
            able += net.balance[net.last[a]]
    looked = 0
    while looked < count:
        v = work.member[looked]
        looked += 1
        count = _join(net, work, net.before[v], count)
        if v % 2 == 1:
            count = _join(net, work, v - 1, count)
    return count, able


@njit(cache=True, nogil=True)
def _join(net: Network, work: Work, v: int, count: int) -> int:
    if v == NOWHERE or work.place[v] == work.clock[0]:
        return count
    work.place[v] = work.clock[0]
    work.member[count] = v
    return count + 1


@njit(cache=True, nogil=True)
def _arc(net: Network, work: Work, v: int, arc: int) -> tuple[int, int]:
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
def _search(net: Network, work: Work, left: Int, goal: int, width: int) -> int:
    """Lead flow along paths of at least a width until all events in sight have been tried."""
    work.clock[1] += 1
    found = 0
    for j in range(len(left)):
        v = 2 * j
        if left[j] < width or work.seen[v] == work.clock[1]:
            continue
        work.path[0], work.arc[v], work.seen[v] = v, 0, work.clock[1]
        steps = 1
        while steps > 0 and left[j] >= width:
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
                x, steps = _lead(net, work, left[j], steps, width)
                left[j] -= x
                found += x
            else:
                work.path[steps], work.arc[w], work.seen[w] = w, 0, work.clock[1]
                steps += 1
        for u in work.path[:steps]:
            work.seen[u] = 0
    return found


@njit(cache=True, nogil=True)
def _lead(net: Network, work: Work, most: int, steps: int, width: int) -> tuple[int, int]:
    """Lead what fits along the path; return how much, and the steps up to where it is full."""
    for v in work.path[:steps]:
        most = min(most, _arc(net, work, v, work.arc[v])[1])
    for v in work.path[:steps]:
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
    for v in work.path[kept:steps]:
        work.seen[v] = 0  # off the path, and open again
    return most, kept


@njit(cache=True, nogil=True)
def _cut(net: Network, work: Work, members: int, goal: int) -> Int:
    """Return the arcs from what the last search saw to what it did not see."""
    arcs = np.empty(2 * members, np.int64)
    count = 0
    for v in work.member[:members]:
        if work.seen[v] != work.clock[1]:
            continue
        for arc in (PAY, WAIT):
            w, _ = _arc(net, work, v, arc)
            if w == goal or (w >= 0 and work.seen[w] != work.clock[1]):
                arcs[count] = 2 * v + arc
                count += 1
    return np.sort(arcs[:count])
