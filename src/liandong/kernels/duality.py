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
    amount
        Of each project: the largest of its arcs.
    pool
        Shape (projects, sides): what a unit for the project adds to each side.
    own
        Shape (arcs, sides): what a unit on the arc itself adds; shape (0, sides) for nothing.
    """

    start: Int
    product: Small
    value: Float
    share: Float
    amount: Float
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
    begin, most, base = arcs.start[i], -np.inf, 0.0
    for s in range(len(credit)):
        base += credit[s] * arcs.pool[i, s]
    for e in range(begin, arcs.start[i + 1]):
        rate = arcs.value[e] - price[arcs.product[e]] + base
        if len(arcs.own):
            for s in range(len(credit)):
                rate += credit[s] * arcs.own[e, s]
        if len(arcs.share):
            rate *= arcs.share[e]
        out[e - begin] = rate
        most = max(most, rate)
    return most


@njit(cache=True, nogil=True)
def _curve(
    product: Small, weight: Float, part: Float, adds: Float, mean: Float, scale: float, out: Float
) -> None:
    """Add a project's second derivatives: covariances of what its arcs take and add."""
    products = len(out) - len(mean)
    for c in range(len(weight)):
        j, x = product[c], scale * weight[c]
        out[j, j] += x * part[c]
        for d in range(len(weight)):
            out[j, product[d]] -= x * weight[d]
        for s in range(len(mean)):
            y = x * (adds[c, s] - mean[s])
            out[j, products + s] -= y
            out[products + s, j] -= y
    for s in range(len(mean)):
        for r in range(len(mean)):
            y = -mean[s] * mean[r]
            for c in range(len(weight)):
                y += weight[c] / part[c] * adds[c, s] * adds[c, r]
            out[products + s, products + r] += scale * y


@njit(cache=True, nogil=True)
def smooth(
    blocks: tuple[int, int], size: int, arcs: Arcs, price: Float, credit: Float, heat: float,
    sums: Sums,
) -> None:  # fmt: skip
    """Add up the smoothed dual and its derivatives by price and credit.

    Parameters
    ----------
    blocks
        First block of ``size`` projects, and the first one left out.
    arcs
        Of all projects.
    price, credit
        Shapes (products,), (sides,), in the unit of value.
    heat
        The temperature, in the same unit.
    sums
        All zero; those of the blocks are written.
    """
    sides, longest = len(credit), 1
    for i in range(blocks[0] * size, min(len(arcs.amount), blocks[1] * size)):
        longest = max(longest, arcs.start[i + 1] - arcs.start[i])
    rate, flow, part = np.empty(longest), np.empty(longest), np.ones(longest)
    product, adds, mean = np.empty(longest, np.int32), np.empty((longest, sides)), np.empty(sides)
    for block in range(blocks[0], blocks[1]):
        for i in range(block * size, min(len(arcs.amount), (block + 1) * size)):
            begin, amount = arcs.start[i], arcs.amount[i]
            most = max(_rates(arcs, i, price, credit, rate), 0.0)
            near, total = 0, 0.0
            for e in range(begin, arcs.start[i + 1]):
                if rate[e - begin] > most - REACH * heat:
                    rate[near] = rate[e - begin]
                    flow[near] = np.exp((rate[near] - most) / heat)
                    total += flow[near]
                    product[near] = arcs.product[e]
                    if len(arcs.share):
                        part[near] = arcs.share[e]
                    for s in range(sides):
                        own = arcs.own[e, s] if len(arcs.own) else 0.0
                        adds[near, s] = part[near] * (arcs.pool[i, s] + own)
                    near += 1
            if near == 0:
                continue
            rest = np.exp(-most / heat)
            total += rest
            mean[:] = 0.0
            regret = most * rest / total
            for c in range(near):
                flow[c] /= total
                regret += flow[c] * (most - rate[c])
                for s in range(sides):
                    mean[s] += flow[c] * adds[c, s]
                flow[c] *= part[c]
                sums.money[block, product[c]] += amount * flow[c]
            sums.worth[block, 0] += amount * (most + heat * np.log(total))
            sums.worth[block, 1] += amount * regret
            for s in range(sides):
                sums.side[block, s] += amount * mean[s]
            if near > 1 or rest > 1e-7 * total:
                _curve(product, flow[:near], part, adds, mean, amount / heat, sums.curve[block])


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
    rate, arc = np.empty(longest), np.empty(room, np.int64)
    left, count = np.empty(len(project), np.int64), np.empty(len(project), np.int64)
    money, side, worth = np.zeros(len(price)), np.zeros(len(credit)), 0.0
    projects, found = 0, 0
    for i in project:
        most, begin, first = _rates(arcs, i, price, credit, rate), arcs.start[i], found
        least = max(most - apart, -alone)
        for e in range(begin, arcs.start[i + 1]):
            if rate[e - begin] >= least:
                arc[found] = e
                found += 1
        if found == first + 1 and most > alone:
            found, e = first, arc[first]
            flow = arcs.amount[i] * (arcs.share[e] if len(arcs.share) else 1.0)
            money[arcs.product[e]] += flow
            worth += flow * arcs.value[e]
            for s in range(len(credit)):
                side[s] += flow * (arcs.pool[i, s] + (arcs.own[e, s] if len(arcs.own) else 0.0))
        elif found > first:
            left[projects], count[projects] = i, found - first
            projects += 1
    return left[:projects].copy(), count[:projects].copy(), arc[:found].copy(), money, side, worth


@njit(cache=True, nogil=True)
def largest(low: int, high: int, start: Int, most: Int, amount: Float) -> bool:
    """Write the largest money of the arcs of projects ``low`` to ``high``; tell if all are so."""
    even = True
    for i in range(low, high):
        top = 0
        for e in range(start[i], start[i + 1]):
            top = max(top, most[e])
        for e in range(start[i], start[i + 1]):
            even &= most[e] == top
        amount[i] = top
    return even
