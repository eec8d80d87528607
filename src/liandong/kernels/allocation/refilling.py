"""Filling a product anew: by the best choice among the projects in it and those nowhere.

Where that leaves room, projects of other products are pulled in, and the products they leave are
filled anew in turn. Capacities and sides hold after every change; it is kept if it gains.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.allocation.assignment import Band, Core, Plan, part, put

Int = NDArray[np.int64]
Float = NDArray[np.float64]

ITEMS = 40
"""Most projects that may join or leave a product when it is filled anew; at most 62."""


class Toggles(NamedTuple):
    """Arcs by which projects may join a product or leave it, those of least loss first.

    With each: what it takes of the room (below 0 if it leaves), and what it gains.
    """

    arc: Int
    weight: Int
    gain: Float
    loss: Float


@njit(cache=True, nogil=True)
def _toggles(core: Core, plan: Plan, band: Band, j: int, price: float, limit: float) -> Toggles:
    """Return the toggles of product j whose loss at the price of room is below a limit."""
    arc, weight = np.empty(ITEMS, np.int64), np.empty(ITEMS, np.int64)
    gain, loss = np.empty(ITEMS), np.empty(ITEMS)
    found = 0
    for e in core.near[core.begin[j] : core.begin[j + 1]]:
        now = plan.arc[core.project[e]]
        if now >= 0 and now != e:
            continue
        w = core.most[e] if now < 0 else -plan.amount[core.project[e]]
        v = band.worth[e] * w
        lost = price * w - v
        if lost >= limit or (found == ITEMS and lost >= loss[ITEMS - 1]):
            continue
        found = min(found + 1, ITEMS)
        at = found - 1
        while at > 0 and loss[at - 1] > lost:
            arc[at], weight[at], gain[at], loss[at] = (
                arc[at - 1], weight[at - 1], gain[at - 1], loss[at - 1],
            )  # fmt: skip
            at -= 1
        arc[at], weight[at], gain[at], loss[at] = e, w, v, lost
    return Toggles(arc[:found], weight[:found], gain[:found], loss[:found])


@njit(cache=True, nogil=True)
def _permitted(core: Core, plan: Plan, band: Band, toggles: Toggles, mask: int) -> bool:
    """Tell whether sides are in their bands once some of the toggles are made."""
    for s in range(len(plan.slack)):
        after = plan.slack[s]
        for t in range(len(toggles.arc)):
            if mask >> t & 1:
                adds = part(core, toggles.arc[t], abs(toggles.weight[t]), s)
                after += adds if toggles.weight[t] > 0 else -adds
        if after < band.low[s] or after > band.high[s]:
            return False
    return True


class States(NamedTuple):
    """Room for two generations of choices: what each uses and gains, and its toggles as bits.

    ``left`` is how many more choices and arcs may be looked at.
    """

    used: Int
    gain: Float
    mask: Int
    left: Int


@njit(cache=True, nogil=True)
def _chosen(
    core: Core,
    plan: Plan,
    band: Band,
    toggles: Toggles,
    states: States,
    room: int,
    price: float,
    above: float,
) -> tuple[float, int]:
    """Return the best gain above ``above`` of toggles that fit into a room, and their bits.

    A knapsack around the choice that stands: dynamic programming over toggles from the least loss
    on. States that others dominate are left out, and those that could not exceed what was found
    even if all room that they leave were sold at the price (after Pisinger's minimal algorithm,
    1997). Bits are -1 if nothing exceeds ``above``.
    """  # fmt: skip
    states.used[0], states.gain[0], states.mask[0] = 0, 0.0, 0
    best, bits = above, -1
    if room >= 0 and above < 0.0 and _permitted(core, plan, band, toggles, states.mask[0]):
        best, bits = 0.0, 0
    used, gain, mask = states.used, states.gain, states.mask
    half = len(used) // 2
    old, new, count = 0, half, 1
    for t in range(len(toggles.arc)):
        if price * room - toggles.loss[t] <= best or count > half // 2:
            break
        weight, more = toggles.weight[t], toggles.gain[t]
        a = b = old
        end, to, last = old + count, new, -np.inf
        states.left[0] -= 2 * count
        while a < end or b < end:
            # The lighter of the next state without this toggle and the next with it.
            if b == end or (a < end and used[a] <= used[b] + weight):
                w, v, m = used[a], gain[a], mask[a]
                a += 1
            else:
                w, v, m = used[b] + weight, gain[b] + more, mask[b] | (np.int64(1) << t)
                b += 1
            if v <= last or v + price * (room - w) <= best:
                continue
            if w <= room and v > best and _permitted(core, plan, band, toggles, m):
                best, bits = v, m
            used[to], gain[to], mask[to] = w, v, m
            to += 1
            last = v
        count = to - new
        old, new = new, old
    return best, bits


class Trail(NamedTuple):
    """What was changed, so that it can be undone: project, arc and amount before; and how many."""

    project: Int
    arc: Int
    amount: Int
    length: Int


@njit(cache=True, nogil=True)
def _change(core: Core, plan: Plan, trail: Trail, i: int, e: int, amount: int) -> None:
    """Give project i an amount on arc e and note what it had."""
    at = trail.length[0]
    trail.project[at], trail.arc[at], trail.amount[at] = i, plan.arc[i], plan.amount[i]
    trail.length[0] += 1
    put(core, plan, i, e, amount)


@njit(cache=True, nogil=True)
def _undo(core: Core, plan: Plan, trail: Trail, mark: int) -> None:
    """Take back what was changed since there were ``mark`` changes."""
    for at in range(trail.length[0] - 1, mark - 1, -1):
        put(core, plan, trail.project[at], trail.arc[at], trail.amount[at])
    trail.length[0] = mark


class Desk(NamedTuple):
    """What the filling of products works with: what has changed, and room for choices."""

    trail: Trail
    states: States


@njit(cache=True, nogil=True)
def _filled(
    core: Core, plan: Plan, band: Band, desk: Desk, j: int, price: float, above: float
) -> float:
    """Fill product j by the best choice of those in it and those nowhere, if it exceeds ``above``.

    Returns the gain, or -inf.
    """
    room = plan.room[j]
    if price * room <= above:
        return -np.inf
    desk.states.left[0] -= core.begin[j + 1] - core.begin[j]
    toggles = _toggles(core, plan, band, j, price, price * room - above)
    best, bits = _chosen(core, plan, band, toggles, desk.states, room, price, above)
    if bits < 0:
        return -np.inf
    for t in range(len(toggles.arc)):
        if bits >> t & 1:
            joins = toggles.weight[t] > 0
            arc = toggles.arc[t] if joins else -1
            amount = toggles.weight[t] if joins else 0
            _change(core, plan, desk.trail, core.project[toggles.arc[t]], arc, amount)
    return best


@njit(cache=True, nogil=True)
def _pulled(
    core: Core, plan: Plan, band: Band, desk: Desk, price: Float, e: int, owed: float
) -> float:
    """Move a project onto arc e from its product, and fill that of the arc anew.

    Returns what was gained with what is owed; -inf, and nothing is changed, if even the sale of
    all room of the product it leaves could not make that a gain.
    """
    i = core.project[e]
    now, has, mark = plan.arc[i], plan.amount[i], desk.trail.length[0]
    gain: float = owed + band.worth[e] * core.most[e] - band.worth[now] * has
    _change(core, plan, desk.trail, i, e, core.most[e])
    j, left = core.product[e], core.product[now]
    above = band.gain - gain - price[left] * plan.room[left]
    more = _filled(core, plan, band, desk, j, price[j], above)
    if more == -np.inf:
        _undo(core, plan, desk.trail, mark)
    return gain + more


@njit(cache=True, nogil=True)
def _others(core: Core, plan: Plan, j: int, count: int) -> Int:
    """Return the first arcs of product j whose projects another product has."""
    out, found = np.empty(count, np.int64), 0
    for e in core.near[core.begin[j] : core.begin[j + 1]]:
        now = plan.arc[core.project[e]]
        if found < count and now >= 0 and now != e:
            out[found] = e
            found += 1
    return out[:found]


@njit(cache=True, nogil=True)
def _chained(
    core: Core, plan: Plan, band: Band, desk: Desk, price: Float, e: int, pulls: Int
) -> float:
    """Pull a project onto arc e, and fill the product it leaves: anew, or by another pull.

    Returns the gain; 0, and nothing is changed, if there is none.
    """
    i, begun = core.project[e], desk.trail.length[0]
    left = core.product[plan.arc[i]]
    gain = _pulled(core, plan, band, desk, price, e, 0.0)
    if gain == -np.inf:
        return 0.0
    more = _filled(core, plan, band, desk, left, price[left], band.gain - gain)
    if more > -np.inf:
        return gain + more
    mark = desk.trail.length[0]
    for f in _others(core, plan, left, pulls[1] if len(pulls) > 1 else 0):
        if core.project[f] == i or desk.states.left[0] < 0:
            continue
        last = core.product[plan.arc[core.project[f]]]
        second = _pulled(core, plan, band, desk, price, f, gain)
        if second == -np.inf:
            continue
        more = _filled(core, plan, band, desk, last, price[last], band.gain - second)
        if more > -np.inf:
            return second + more
        _undo(core, plan, desk.trail, mark)
    _undo(core, plan, desk.trail, begun)
    return 0.0


def desk(size: int, work: int) -> Desk:
    """Return empty room for the filling of products.

    Parameters
    ----------
    size
        Most choices kept at a time while a product is filled.
    work
        Choices to look at before no more projects of other products are tried.
    """
    half, most = 4 * size + 4, 4 * (ITEMS + 1)
    states = States(
        np.empty(half, np.int64), np.empty(half), np.empty(half, np.int64), np.full(1, work)
    )
    trail = Trail(
        np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64),
        np.zeros(1, np.int64),
    )  # fmt: skip
    return Desk(trail, states)


@njit(cache=True, nogil=True)
def refill(
    core: Core, plan: Plan, band: Band, desk: Desk, order: Int, price: Float, pulls: Int
) -> float:
    """Fill each product anew; then try to with a project that another product has.

    Parameters
    ----------
    order
        Products in the order in which they are filled.
    price
        Of a unit of room of each product.
    pulls
        Most projects of other products that are tried: for each product, and for each that such a
        pull leaves with room.

    Returns
    -------
    float
        What was gained.
    """
    total = 0.0
    for j in order:
        by = _around(plan, band)
        gain = _filled(core, plan, by, desk, j, price[j], band.gain)
        desk.trail.length[0] = 0
        if gain > 0.0:
            total += gain
        for e in _others(core, plan, j, pulls[0]):
            now = plan.arc[core.project[e]]
            if now >= 0 and now != e and desk.states.left[0] >= 0:
                total += _chained(core, plan, _around(plan, band), desk, price, e, pulls)
                desk.trail.length[0] = 0
    return total


@njit(cache=True, nogil=True)
def _around(plan: Plan, band: Band) -> Band:
    """Return a band that is wide enough for what the plan has now."""
    low, high = np.minimum(band.low, plan.slack), np.maximum(band.high, plan.slack)
    return Band(band.worth, low, high, band.gain)
