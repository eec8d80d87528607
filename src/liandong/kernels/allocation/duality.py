"""The dual of an assignment, smoothed: value, gradient and Hessian; and arcs that still matter.

For prices p of products and m of sides, project i earns s_e (v_e - p_j + m (g_i + h_e)) per unit
of its amount a_i on arc e: v_e is the value of a unit, s_e the arc's share of the amount, g_i and
h_e are what a unit adds to the sides. The dual takes the highest or 0; at temperature t it takes
t log(1 + sum_e exp(./t)) instead, which is smooth and above by at most t log(1 + arcs).
Projects are summed in blocks of equal size: same blocks, same bits.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Float = NDArray[np.float64]
Single = NDArray[np.float32]

REACH = 14.0
"""Arcs that earn less than the best by more temperatures than this get less than 10^-6."""


class Arcs(NamedTuple):
    """Arcs of projects.

    Attributes
    ----------
    start
        Shape (projects + 1,): arcs of project i are start[i] to start[i + 1].
    product, value
        Of each arc; value of a unit of money, in any unit of rates.
    share
        Of each arc: its amount over that of the project; shape (0,) where all are 1.
    volume
        Of each project: the largest of its arcs.
    pool
        Shape (projects, sides): what a unit for the project adds to each side.
    own
        Shape (arcs, sides): what a unit on the arc itself adds; shape (0, sides) for nothing.
    """

    start: Int
    product: Small
    value: Float | Small
    share: Float
    volume: Float
    pool: Single
    own: Single


class Sums(NamedTuple):
    """What blocks of projects add up to, written by :func:`smooth`.

    Attributes
    ----------
    worth
        Shape (blocks, 2): the smoothed dual without capacities and floors, and what the shares
        that flow earn less than the best arcs would.
    money
        Shape (blocks, products): what flows into each product.
    side
        Shape (blocks, sides): what flows adds to each side.
    curve
        Shape (blocks, products + sides, products + sides): second derivatives.
    """

    worth: Float
    money: Float
    side: Float
    curve: Float


@njit(cache=True, nogil=True)
def _rates(arcs: Arcs, i: int, price: Float, credit: Float, out: Float) -> float:
    """Write what each arc of a project earns per unit of its amount; return the highest."""
    most, base = -np.inf, 0.0
    for s in range(len(credit)):
        base += credit[s] * arcs.pool[i, s]
    plain = len(arcs.own) == 0 and len(arcs.share) == 0
    # Numba need not look for indices from the end where they are unsigned.
    for at, e in enumerate(range(np.uint64(arcs.start[i]), np.uint64(arcs.start[i + 1]))):
        rate = arcs.value[e] - price[np.uint32(arcs.product[e])] + base
        if not plain:
            rate = _uneven(arcs, e, credit, rate)
        out[at] = rate
        most = max(most, rate)
    return most


@njit(cache=True, nogil=True)
def _uneven(arcs: Arcs, e: int, credit: Float, rate: float) -> float:
    """Return the rate of an arc that adds to sides by itself, or is of less money than others."""
    if len(arcs.own):
        for s in range(len(credit)):
            rate += credit[s] * arcs.own[e, s]
    return rate * arcs.share[e] if len(arcs.share) else rate


class _Close(NamedTuple):
    """Arcs of one project that are a close call: rates, flows, shares, products, what they add."""

    rate: Float
    flow: Float
    part: Float
    product: Small
    adds: Float


@njit(cache=True, nogil=True)
def _closest(arcs: Arcs, i: int, most: float, heat: float, close: _Close) -> tuple[int, float]:
    """Move the arcs near the best to the front; return how many and the sum of their flows.

    The rates of all arcs are there; flows are relative to that of an arc that earns ``most``.
    """
    begin, near, total = arcs.start[i], 0, 0.0
    for e in range(begin, arcs.start[i + 1]):
        rate = close.rate[e - begin]
        if rate > most - REACH * heat:
            close.rate[near] = rate
            close.flow[near] = np.exp((rate - most) / heat)
            total += close.flow[near]
            close.product[near] = arcs.product[e]
            if len(arcs.share):
                close.part[near] = arcs.share[e]
            for s in range(close.adds.shape[1]):
                own = arcs.own[e, s] if len(arcs.own) else 0.0
                close.adds[near, s] = close.part[near] * (arcs.pool[i, s] + own)
            near += 1
    return near, total


@njit(cache=True, nogil=True)
def _curve(close: _Close, near: int, mean: Float, scale: float, out: Float) -> None:
    """Add a project's second derivatives: covariances of what its arcs take and add."""
    products = len(out) - len(mean)
    product, weight, adds = close.product, close.flow, close.adds
    for c in range(near):
        j, x = product[c], scale * weight[c]
        out[j, j] += x * close.part[c]
        for d in range(near):
            out[j, product[d]] -= x * weight[d]
        for s in range(len(mean)):
            y = x * (adds[c, s] - mean[s])
            out[j, products + s] -= y
            out[products + s, j] -= y
    for s in range(len(mean)):
        for r in range(len(mean)):
            y = -mean[s] * mean[r]
            for c in range(near):
                y += weight[c] / close.part[c] * adds[c, s] * adds[c, r]
            out[products + s, products + r] += scale * y


@njit(cache=True, nogil=True)
def smooth(
    block: int, size: int, arcs: Arcs, price: Float, credit: Float, heat: float, sums: Sums
) -> None:
    """Add up the smoothed dual and its derivatives by price and credit.

    Parameters
    ----------
    block, size
        Which block, and how many projects there are in each.
    arcs
        Of all projects.
    price, credit
        Shapes (products,), (sides,), in the unit of value.
    heat
        The temperature, in the same unit.
    sums
        All zero; those of the block are written.
    """
    projects = range(block * size, min(len(arcs.volume), (block + 1) * size))
    sides, longest = len(credit), 1
    for i in projects:
        longest = max(longest, arcs.start[i + 1] - arcs.start[i])
    mean, close = np.empty(sides), _Close(
        np.empty(longest), np.empty(longest), np.ones(longest), np.empty(longest, np.int32),
        np.empty((longest, sides)),
    )  # fmt: skip
    for i in projects:
        amount, most = arcs.volume[i], max(_rates(arcs, i, price, credit, close.rate), 0.0)
        near, total = _closest(arcs, i, most, heat, close)
        if near == 0:
            continue
        rest = np.exp(-most / heat)
        total += rest
        mean[:] = 0.0
        regret = most * rest / total
        for c in range(near):
            flow = close.flow[c] / total
            regret += flow * (most - close.rate[c])
            for s in range(sides):
                mean[s] += flow * close.adds[c, s]
            close.flow[c] = flow * close.part[c]
            sums.money[block, close.product[c]] += amount * close.flow[c]
        sums.worth[block, 0] += amount * (most + heat * np.log(total))
        sums.worth[block, 1] += amount * regret
        for s in range(sides):
            sums.side[block, s] += amount * mean[s]
        if near > 1 or rest > 1e-7 * total:
            _curve(close, near, mean, amount / heat, sums.curve[block])


@njit(cache=True, nogil=True)
def matter(
    project: Int, arcs: Arcs, price: Float, credit: Float, apart: float, alone: float
) -> tuple[Int, Int, Int, Float, Float, float]:
    """Return the arcs that could be the best of their project if rates moved a little.

    Parameters
    ----------
    project
        Which projects to look at.
    arcs, price, credit
        As for :func:`smooth`.
    apart
        Arcs that earn less than the best by more than this are left out.
    alone
        So are those that lose more than this; who earns more than this will not end with nothing.
        Projects of one arc left that earns more than this are settled.

    Returns
    -------
    project, count, arc
        Projects with a choice, how many arcs each has, and these arcs.
    money, side, worth
        Of settled projects: what flows into products, adds to sides, and is worth without prices.
    """
    longest, room = 1, 0
    for i in project:
        longest = max(longest, arcs.start[i + 1] - arcs.start[i])
        room += arcs.start[i + 1] - arcs.start[i]
    rate, near, arc = np.empty(longest), np.empty(longest + 1, np.int64), np.empty(room, np.int64)
    left, count = np.empty(len(project), np.int64), np.empty(len(project), np.int64)
    money, side, worth = np.zeros(len(price)), np.zeros(len(credit)), 0.0
    projects, found = 0, 0
    for i in project:
        begin = arcs.start[i]
        most, kept = _rates(arcs, i, price, credit, rate), 0
        least = max(most - apart, -alone)
        for e in range(np.uint64(arcs.start[i + 1] - begin)):
            near[kept] = e  # without a branch, as nobody can foresee which arcs are kept
            kept += int(rate[e] >= least)
        if kept == 1 and most > alone:
            e = begin + near[0]
            flow = arcs.volume[i] * (arcs.share[e] if len(arcs.share) else 1.0)
            money[arcs.product[e]] += flow
            worth += flow * arcs.value[e]
            for s in range(len(credit)):
                side[s] += flow * (arcs.pool[i, s] + (arcs.own[e, s] if len(arcs.own) else 0.0))
        elif kept:
            left[projects], count[projects] = i, kept
            projects += 1
            for e in near[:kept]:
                arc[found] = begin + e
                found += 1
    return left[:projects].copy(), count[:projects].copy(), arc[:found].copy(), money, side, worth


@njit(cache=True, nogil=True)
def largest(low: int, high: int, start: Int, most: Int, out: Float) -> bool:
    """Write the largest money of the arcs of projects ``low`` to ``high``; tell if all are so."""
    even = True
    for i in range(low, high):
        top, differ = np.int64(0), np.int64(0)
        for e in range(np.uint64(start[i]), np.uint64(start[i + 1])):
            top = most[e]
            differ |= top ^ most[np.uint64(start[i])]
        if differ:
            even, top = False, most[start[i] : start[i + 1]].max()
        out[i] = top
    return even
