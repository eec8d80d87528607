"""How much money of one origin can be at a place: paths to and from the place in a flow over time.

By any rule the money is somewhere at the end: that is a flow through all of a
:class:`~liandong.kernels.graphs.temporal.Network`. Whether more of it can be at the place, or less,
is looked for from the place backwards or forwards: which way could money have come that went
elsewhere instead, and which way could money have gone that is here? Only what is between the place
and those other ways is ever looked at, and what happened after the last event of the place not at
all: what can leave for there can always go on, since all the money did.

What a search sees that finds no way is the place's side of a minimal cut, the one nearest to the
place: the arcs across are the proof of the bound.

Passing on as much as possible in the order of time is not enough. Let A hold 100 of a loan and 100
of others' money, pay 100 to B, then 100 to C; B pays 10 to X, C pays 100 to X. Passing on at once
puts the loan's money at B and 10 of it at X, while 100 can be there: earlier money is taken back.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.temporal import NOWHERE, Network

Int = NDArray[np.int64]

ELSEWHERE, THERE = -2, -3
"""Where money is led: away from the place, or to it."""

LAZY, EAGER = 0, 1
"""Whether the money leaves an account after all other money, or before it."""

# Arcs of an event: what it pays and what its account then keeps, and the same of what came before
# it. The first two are numbered 2 * event + arc.
PAY, WAIT, PAID, WAITED, ARCS = 0, 1, 2, 3, 4
FIRST_ROOM = 1 << 12
WIDTHS = 4  # a width is 2^4 times the next one


class Ways(NamedTuple):
    """The arcs of a network: by event what comes before and after it, by arc the most it moves."""

    before: Int
    after: Int
    most: Int


class Search(NamedTuple):
    """What a search works with, used again from place to place.

    Attributes
    ----------
    flow, rule
        Shape (2, arcs): the flow, and that by the rule ``LAZY`` or ``EAGER`` it began with.
    touched, changed
        By arc, the search that changed it; and the arcs that have been changed.
    seen, far, tried
        By event: the pass that saw it, after how many arcs, and the arc that is tried.
    path, visited
        Events of a way, and all that were seen, the near ones first.
    clock
        Shape (4,): searches and passes so far, events seen, arcs changed.
    """

    flow: Int
    rule: Int
    touched: Int
    changed: Int
    seen: Int
    far: Int
    tried: Int
    path: Int
    visited: Int
    clock: Int


SEARCHES, PASSES, VISITED, CHANGED = 0, 1, 2, 3


def bounds(net: Network, supply: Int, places: Int, ends: Int) -> tuple[Int, Int, Int]:
    """Return the least and the most of the money that can be at each place at the end.

    Parameters
    ----------
    net
        The network of the money.
    supply
        Shape (starts,), as for :func:`~liandong.kernels.graphs.temporal.network`.
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
        balances of the arcs of a place, and the supply of starts on that side of them, add up to
        the most; or to what at most is elsewhere, which is all the supply less the least. There are
        none where the most is all the supply, or the least is 0.

    Notes
    -----
    A maximal flow and a minimal cut (Ford and Fulkerson 1956), found along the widest ways
    first (Gabow 1985), and of these the shortest, all of one length at a time (Dinitz 1970).
    """
    least, most = np.zeros((2, len(ends) - 1), np.int64)
    events, total = len(net.balance), int(supply.sum())
    ways = _ways(net)
    rule = np.stack([_outcome(net, supply, haste) for haste in (LAZY, EAGER)])
    sizes = (*[2 * events] * 2, *[events] * 5, 4)
    search = Search(rule.copy(), rule, *(np.zeros(n, np.int64) for n in sizes))
    limits, at, used = np.empty((FIRST_ROOM, 3), np.int64), 0, 0
    where = net.last[places], ends
    while True:
        at, used = _bound(
            ways, search, where, (total, len(supply)), (least, most, limits), at, used
        )
        if at == len(least):
            return least, most, limits[:used]
        limits = np.concatenate([limits, np.empty((len(limits) + 4 * events, 3), np.int64)])


def _ways(net: Network) -> Ways:
    """Return the arcs: what event v pays has number 2v, what its account keeps 2v + 1."""
    most = np.zeros(2 * len(net.balance), np.int64)
    most[4 * np.arange(len(net.row)) + PAY], most[WAIT::2] = net.amount, net.balance
    return Ways(net.before, net.after.copy(), most)


@njit(cache=True, nogil=True)
def _bound(
    ways: Ways, work: Search, where: tuple[Int, Int], given: tuple[int, int],
    found: tuple[Int, Int, Int], at: int, used: int,
) -> tuple[int, int]:  # fmt: skip
    """Go on at place ``at``; return the next one, where room runs out, and the room used."""
    total, starts = given
    least, most, limits = found
    for p in range(at, len(least)):
        doors = where[0][where[1][p] : where[1][p + 1]]
        doors = doors[doors != NOWHERE]
        by_rule = _there(work.rule[LAZY], doors), _there(work.rule[EAGER], doors)
        many = LAZY if by_rule[LAZY] >= by_rule[EAGER] else EAGER
        most[p], least[p], now = by_rule[many], by_rule[1 - many], used
        most[p] += _led(ways, work, doors, THERE, many, total - most[p])
        if most[p] < total:
            now = _cut(ways, work, doors, THERE, starts, limits, now, p)
        if least[p] > 0:
            least[p] -= _led(ways, work, doors, ELSEWHERE, 1 - many, least[p])
            if least[p] > 0 and now >= 0:
                now = _cut(ways, work, doors, ELSEWHERE, starts, limits, now, p)
        if now < 0:
            return p, used
        used = now
    return len(least), used


@njit(cache=True, nogil=True)
def _outcome(net: Network, supply: Int, haste: int) -> Int:
    """Return the flow, by arc, by the rule that the money leaves first, or last."""
    flow = np.zeros(2 * len(net.balance), np.int64)
    for k in range(len(net.row)):
        pay, get = 2 * k, 2 * k + 1
        here = supply[k] if k < len(supply) else 0
        if net.before[pay] != NOWHERE:
            here += flow[2 * net.before[pay] + WAIT]
        paid = min(here, net.amount[k]) if haste == EAGER else max(here - net.balance[pay], 0)
        there = paid
        if net.before[get] != NOWHERE:
            there += flow[2 * net.before[get] + WAIT]
        flow[2 * pay + PAY], flow[2 * pay + WAIT], flow[2 * get + WAIT] = paid, here - paid, there
    return flow


@njit(cache=True, nogil=True)
def _there(flow: Int, doors: Int) -> int:
    total = 0
    for end in doors:
        total += flow[2 * end + WAIT]
    return total


@njit(cache=True, nogil=True)
def _led(ways: Ways, work: Search, doors: Int, goal: int, rule: int, enough: int) -> int:
    """Return how much more than by a rule can be led there, or elsewhere.

    If it is ``enough``, nobody has to be told what limits it, and nothing is seen that does.
    """
    flow, clock = work.flow[rule], work.clock
    clock[SEARCHES] += 1
    clock[CHANGED], until, led = 0, NOWHERE, 0
    for end in doors:
        ways.after[end], until = end, max(until, end)  # what stays there is not elsewhere
    able = 0
    for end in doors:
        able += _door(ways, flow, end, goal)
    width = 1
    while width << WIDTHS <= min(able, enough):
        width <<= WIDTHS
    while width > 0 and led < enough:
        if _look(ways, work, flow, doors, goal, until, width):
            led += _pass(ways, work, flow, doors, goal, until, width)
        else:
            width >>= WIDTHS
    for c in range(clock[CHANGED]):
        flow[work.changed[c]] = work.rule[rule, work.changed[c]]
    for end in doors:
        ways.after[end] = NOWHERE
    return led


@njit(cache=True, nogil=True, inline="always")
def _arc(ways: Ways, flow: Int, v: int, arc: int, goal: int, until: int) -> tuple[int, int, int]:
    """Return where an arc of an event leads, how much more it lets through, and its number.

    Money is led there by taking what goes on from an event, or letting more come to it; and
    elsewhere the other way round.
    """
    before, after, most = ways
    if arc <= WAIT:
        w, a = (v + 1 - 2 * (v & 1), 2 * v) if arc == PAY else (after[v], 2 * v + WAIT)
        if w < v or w > until:
            w = goal
        room = most[a] - flow[a] if goal == ELSEWHERE else flow[a]
        return w, room, a
    w, a = (v - 1, 2 * v - 2) if arc == PAID else (before[v], 2 * before[v] + WAIT)
    if w < 0 or (arc == PAID and v & 1 == 0):
        return NOWHERE, 0, 0
    return w, flow[a] if goal == ELSEWHERE else most[a] - flow[a], a


@njit(cache=True, nogil=True)
def _look(
    ways: Ways, work: Search, flow: Int, doors: Int, goal: int, until: int, width: int
) -> bool:
    """Look from the place for a way of a width, all events of a distance before the next ones.

    Tells whether there is one; what was seen is noted with its distance.
    """
    seen, far, visited, clock = work.seen, work.far, work.visited, work.clock
    clock[PASSES] += 1
    now, count, looked, near = clock[PASSES], 0, 0, len(seen)
    for end in doors:
        if seen[end] != now and _door(ways, flow, end, goal) >= width:
            seen[end], far[end], visited[count] = now, 0, end
            count += 1
    while looked < count and far[visited[looked]] < near:
        v = visited[looked]
        looked += 1
        work.tried[v] = 0
        for arc in range(ARCS):
            w, room, _ = _arc(ways, flow, v, arc, goal, until)
            if room < width:
                continue
            if w == goal:
                near = far[v] + 1
            elif seen[w] != now:
                seen[w], far[w], visited[count] = now, far[v] + 1, w
                count += 1
    clock[VISITED] = count
    return near < len(seen)


@njit(cache=True, nogil=True)
def _pass(
    ways: Ways, work: Search, flow: Int, doors: Int, goal: int, until: int, width: int
) -> int:
    """Lead money along all shortest ways, until each has an arc that is full."""
    seen, far, tried, path, now = work.seen, work.far, work.tried, work.path, work.clock[PASSES]
    found = 0
    for end in doors:
        room = _door(ways, flow, end, goal)
        if seen[end] != now:
            continue
        path[0], steps = end, 1
        while steps > 0 and room >= width:
            v, w = path[steps - 1], NOWHERE
            while tried[v] < ARCS:
                w, through, _ = _arc(ways, flow, v, tried[v], goal, until)
                if through >= width and (w == goal or (seen[w] == now and far[w] == far[v] + 1)):
                    break
                tried[v] += 1
            if tried[v] == ARCS:
                steps -= 1
                if steps > 0:
                    tried[path[steps - 1]] += 1
            elif w == goal:
                x, steps = _lead(ways, work, flow, goal, until, room, steps, width)
                room -= x
                found += x
            else:
                path[steps] = w
                steps += 1
    return found


@njit(cache=True, nogil=True, inline="always")
def _door(ways: Ways, flow: Int, end: int, goal: int) -> int:
    """Return how much more can be let in, or out, by the last event of an account of the place."""
    a = 2 * end + WAIT
    return int(flow[a] if goal == ELSEWHERE else ways.most[a] - flow[a])


@njit(cache=True, nogil=True)
def _lead(
    ways: Ways, work: Search, flow: Int, goal: int, until: int, most: int, steps: int, width: int
) -> tuple[int, int]:
    """Lead what fits along the path; return how much, and the steps up to where it is full."""
    path, tried, kept = work.path, work.tried, steps
    for step in range(steps):
        most = min(most, _arc(ways, flow, path[step], tried[path[step]], goal, until)[1])
    _add(work, flow, 2 * path[0] + WAIT, most if goal == THERE else -most)
    for step in range(steps - 1, -1, -1):
        v = path[step]
        _, room, a = _arc(ways, flow, v, tried[v], goal, until)
        out = tried[v] <= WAIT
        _add(work, flow, a, most if out == (goal == ELSEWHERE) else -most)
        if room - most < width:
            kept = step + 1
    return most, kept


@njit(cache=True, nogil=True, inline="always")
def _add(work: Search, flow: Int, a: int, x: int) -> None:
    touched, changed, clock = work.touched, work.changed, work.clock
    if touched[a] != clock[SEARCHES]:
        touched[a] = clock[SEARCHES]
        changed[clock[CHANGED]] = a
        clock[CHANGED] += 1
    flow[a] += x


@njit(cache=True, nogil=True)
def _cut(
    ways: Ways, work: Search, doors: Int, goal: int, starts: int, limits: Int, used: int, p: int
) -> int:
    """Note the arcs around what the last pass saw; return the room used, -1 if there is none."""
    seen, now = work.seen, work.clock[PASSES]
    if len(limits) - used < 2 * work.clock[VISITED] + len(doors):
        return -1
    for end in doors:
        if goal == THERE and seen[end] != now:
            limits[used, 0], limits[used, 1], limits[used, 2] = p, goal, 2 * end + WAIT
            used += 1
    for v in work.visited[: work.clock[VISITED]]:
        for k in range(2):
            arc = k + (PAY if goal == ELSEWHERE else PAID)
            w, _, a = _arc(ways, ways.most, v, arc, goal, len(seen))
            across = w == goal or (w >= 0 and seen[w] != now)
            supplied = arc == PAID and v // 2 < starts
            door = arc == WAIT and (doors == v).any()
            if across and not supplied and not door and ways.most[a] > 0:
                limits[used, 0], limits[used, 1], limits[used, 2] = p, goal, a
                used += 1
    return used
