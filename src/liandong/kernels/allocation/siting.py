"""A proved bound of what opening sites must cost, with or without capacities.

That every demand point is served is relaxed: at any prices of being served, the sum of the prices
and of the most negative reduced costs of as many sites as may open is at most the cost of every
solution. The reduced cost of a site is what the points that gain there save at these prices; where
its capacity is short, the best shares of them. Prices move along subgradients (Held, Wolfe and
Crowder 1974, Mathematical Programming 6, 62-88; Beasley 1985, European Journal of Operational
Research 21, 270-273). Bounds are sums of whole numbers, rounded down.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.allocation.pmedian import ENDLESS, Field, cost

Int = NDArray[np.int64]
Near = NDArray[np.int32]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

PATIENCE, KEPT, LEAST_STRIDE = 10, 0.5, 1e-3
"""Rounds without a better bound before steps are halved; share of the last direction; last step."""


class Reach(NamedTuple):
    """The points near each site, site after site.

    Attributes
    ----------
    start
        Shape (sites + 1,): those of site s are start[s] to start[s + 1].
    point
        Their numbers.
    cost
        What they cost there.
    most
        By point: what it costs at the nearest site left out; its price stays below.
    load
        By point: what it takes of a capacity.
    """

    start: Int
    point: Near
    cost: Int
    most: Int
    load: Int


class Bound(NamedTuple):
    """What the relaxation proves.

    Attributes
    ----------
    value
        No solution costs less, in 1 / fine of the unit of cost.
    price
        By point: what serving it is worth, in the same unit.
    reduced
        By site: what opening it changes at these prices, 0 or less.
    """

    value: int
    price: Int
    reduced: Int


@njit(cache=True, nogil=True)
def reach(field: Field, radius: Int, load: Int) -> Reach:
    """Return the points of each site that are not farther from it than their radius.

    Parameters
    ----------
    field
        Points and sites.
    radius, load
        By point: how far to look, and what it takes of a capacity.
    """
    points, sites = field.distance.shape
    start = np.zeros(sites + 1, np.int64)
    beyond = np.full(points, field.far)
    for u in range(points):
        for s in range(sites):
            d = np.int64(field.distance[u, s])
            if d <= radius[u]:
                start[s + 1] += 1
            else:
                beyond[u] = min(beyond[u], d)
    start = np.cumsum(start)
    at = start[:-1].copy()
    point, price = np.empty(start[-1], np.int32), np.empty(start[-1], np.int64)
    most = np.empty(points, np.int64)
    for u in range(points):
        most[u] = cost(field, u, beyond[u])
        for s in range(sites):
            d = np.int64(field.distance[u, s])
            if d <= radius[u]:
                point[at[s]], price[at[s]] = u, cost(field, u, d)
                at[s] += 1
    return Reach(start, point, price, most, load)


@njit(cache=True, nogil=True)
def bound(
    near: Reach, fixed: Bool, slots: int, room: Int, start: Int, upper: int, rounds: int, fine: int
) -> Bound:
    """Return the best lower bound that subgradients find.

    Parameters
    ----------
    near
        The points near each site.
    fixed
        By site: whether it has to be open.
    slots
        Sites that may open, those that have to included.
    room
        By site: how much load it takes.
    start
        Prices to begin with.
    upper
        Cost of a known solution.
    rounds
        Most steps.
    fine
        Parts of a unit of cost in which prices and the bound are counted.

    Returns
    -------
    Bound
        The search ends early when nothing cheaper than ``upper`` can be left.
    """
    points, sites = len(near.most), len(fixed)
    price = np.minimum(start, near.most) * fine
    best = Bound(-ENDLESS, price.copy(), np.zeros(sites, np.int64))
    way, stride, idle = np.zeros(points), 1.0, 0
    for _ in range(rounds):
        lack = np.ones(points)
        reduced = np.empty(sites, np.int64)
        for s in range(sites):
            reduced[s] = _taken(near, s, room[s], price, fine, lack, 0.0)
        order = np.argsort(np.where(fixed, -ENDLESS, reduced), kind="mergesort")[:slots]
        value = price.sum() + reduced[order].sum()
        idle += 1
        if value > best.value:
            best, idle = Bound(value, price.copy(), reduced), 0
        if idle >= PATIENCE:
            stride, idle = stride / 2, 0
        for s in order:
            _taken(near, s, room[s], price, fine, lack, 1.0)
        # What remains of earlier directions keeps the steps from going to and fro.
        way = lack + KEPT * way
        size = (way * way).sum()
        if size == 0 or value > (upper - 1) * fine or stride < LEAST_STRIDE:
            break
        step = stride * (upper * fine - value) / size
        for u in range(points):
            moved = np.int64(np.rint(price[u] + step * way[u]))
            price[u] = min(max(moved, 0), near.most[u] * fine)
    return best


@njit(cache=True, nogil=True)
def _taken(near: Reach, s: int, room: int, price: Int, fine: int, lack: Float, share: float) -> int:
    """Return what a site saves, as a number from 0 down, and count whom it serves in ``lack``."""
    low, high, load = near.start[s], near.start[s + 1], 0
    saved = 0
    for i in range(low, high):
        gain = near.cost[i] * fine - price[near.point[i]]
        if gain < 0:
            saved += int(gain)
            load += near.load[near.point[i]]
    if load > room:
        return _packed(near, s, room, price, fine, lack, share)
    if share > 0:
        for i in range(low, high):
            if near.cost[i] * fine < price[near.point[i]]:
                lack[near.point[i]] -= share
    return saved


@njit(cache=True, nogil=True)
def _packed(
    near: Reach, s: int, room: int, price: Int, fine: int, lack: Float, share: float
) -> int:
    """Do the same where not all fit: those who save most per load, the last one in part."""
    low, high, saved = near.start[s], near.start[s + 1], 0
    who = near.point[low:high]
    gain = near.cost[low:high] * fine - price[who]
    load = near.load[who]
    left = room
    for i in np.argsort(gain / np.maximum(load, 1e-9), kind="mergesort"):
        if gain[i] >= 0:
            break
        part = 1.0 if load[i] <= left else left / load[i]
        saved += int(gain[i] if load[i] <= left else np.floor(gain[i] * part))
        lack[who[i]] -= share * part
        left -= min(left, load[i])
    # Floats order the points and cut the last one: more than they could be wrong by is given away.
    return saved - (-saved >> 48) - 1
