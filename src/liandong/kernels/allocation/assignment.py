"""Whole amounts for the close calls of an assignment: placing them, and moving them one by one.

The projects that prices do not decide clearly are few, whatever the number of all. They are placed
in an order, then moved: a project goes to another product, or comes in where another leaves.
Capacities and sides hold after every move; a move is made if it gains. To fill a whole product
anew is in :mod:`liandong.kernels.allocation.refilling`.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


class Core(NamedTuple):
    """The projects that are close calls, and their arcs.

    Attributes
    ----------
    start
        Shape (projects + 1,): arcs of project i are start[i] to start[i + 1].
    product, project
        Of each arc.
    least, most, step
        Of the amount on each arc.
    rate, surplus
        Value of a unit of amount on each arc, and what is left of it at the prices.
    coefficient
        Shape (arcs, sides).
    shift
        Shape (sides,): sides count amounts in units of 2^shift, rounded against themselves.
    cap
        Shape (sides,): whether nothing adds to a side. What it has to spare is room, like that of
        a product: an amount is cut to fit.
    begin, near
        Arcs of product j are near[begin[j]] to near[begin[j + 1]], those of least loss first.
    """

    start: Int
    product: Int
    project: Int
    least: Int
    most: Int
    step: Int
    rate: Float
    surplus: Float
    coefficient: Int
    shift: Int
    cap: NDArray[np.bool_]
    begin: Int
    near: Int


class Plan(NamedTuple):
    """Who gets what; kernels write to it.

    Attributes
    ----------
    arc, amount
        Of each project; -1 and 0 for nothing.
    room
        What each product has left.
    slack
        What each side has to spare, in the units of its shift.
    """

    arc: Int
    amount: Int
    room: Int
    slack: Int


class Band(NamedTuple):
    """What moves go by.

    Attributes
    ----------
    worth
        Of a unit of amount on each arc.
    low, high
        Where the slack of each side may be.
    gain
        Least gain of a move: above what rounding makes of none.
    """

    worth: Float
    low: Int
    high: Int
    gain: float


@njit(cache=True, nogil=True)
def part(core: Core, e: int, amount: int, s: int) -> int:
    """Return what an amount on an arc adds to a side; never too much."""
    if e < 0:
        return 0
    c: int = core.coefficient[e, s]
    h: int = core.shift[s]
    if c >= 0:
        return (amount >> h) * c
    return -((amount + (1 << h) - 1) >> h) * -c


@njit(cache=True, nogil=True)
def _held(core: Core, plan: Plan, band: Band, e: int, a: int, x: int, y: int) -> bool:
    """Tell whether sides stay in their bands when arc e gets a and arc x loses y.

    A side outside its band may move towards it.
    """
    for s in range(len(plan.slack)):
        change = part(core, e, a, s) - part(core, x, y, s)
        after = plan.slack[s] + change
        if (change < 0 and after < band.low[s]) or (change > 0 and after > band.high[s]):
            return False
    return True


@njit(cache=True, nogil=True)
def put(core: Core, plan: Plan, i: int, e: int, amount: int) -> None:
    """Give project i an amount on arc e, or nothing (-1), instead of what it has."""
    old = plan.arc[i]
    if old >= 0:
        plan.room[core.product[old]] += plan.amount[i]
        for s in range(len(plan.slack)):
            plan.slack[s] -= part(core, old, plan.amount[i], s)
    plan.arc[i], plan.amount[i] = e, amount
    if e >= 0:
        plan.room[core.product[e]] -= amount
        for s in range(len(plan.slack)):
            plan.slack[s] += part(core, e, amount, s)


@njit(cache=True, nogil=True)
def _whole(core: Core, plan: Plan, e: int, room: int, x: int, y: int) -> int:
    """Return the most that arc e can carry once arc x has lost y; 0 if less than its least.

    Within some room of its product, and what caps have to spare.
    """
    fits = min(core.most[e], room)
    for s in range(len(plan.slack)):
        c = -core.coefficient[e, s]
        if core.cap[s] and c > 0:
            spare = plan.slack[s] - part(core, x, y, s)
            fits = min(fits, max(spare, 0) // c << core.shift[s])
    amount = fits // core.step[e] * core.step[e]
    return amount if amount >= core.least[e] else 0


@njit(cache=True, nogil=True)
def place(core: Core, plan: Plan, order: Int, surplus: Float, floor: float) -> None:
    """Give projects, in an order, what has the highest surplus and fits.

    Parameters
    ----------
    surplus
        Shape (arcs,): surplus of a unit at the prices.
    floor
        Least surplus of a unit: below 0, so that room is used that the prices would leave idle.
    """
    for i in order:
        best, arc, amount = -np.inf, -1, 0
        for e in range(core.start[i], core.start[i + 1]):
            a = _whole(core, plan, e, plan.room[core.product[e]], -1, 0)
            if a > 0 and surplus[e] > floor and surplus[e] * a > best:
                best, arc, amount = surplus[e] * a, e, a
        put(core, plan, i, arc, amount)


@njit(cache=True, nogil=True)
def insert(core: Core, plan: Plan, band: Band) -> float:
    """Let each project in turn have what is worth most to it of what has room; return the gain."""
    total = 0.0
    for i in range(len(plan.arc)):
        now, has = plan.arc[i], plan.amount[i]
        worth = band.worth[now] * has if now >= 0 else 0.0
        best, arc, amount = band.gain, -1, 0
        for e in range(core.start[i], core.start[i + 1]):
            j = core.product[e]
            here = now >= 0 and core.product[now] == j
            a = _whole(core, plan, e, plan.room[j] + (has if here else 0), now, has)
            gain = band.worth[e] * a - worth
            if a > 0 and gain > best and _held(core, plan, band, e, a, now, has):
                best, arc, amount = gain, e, a
        if arc >= 0:
            put(core, plan, i, arc, amount)
            total += best
    return total


@njit(cache=True, nogil=True)
def exchange(core: Core, plan: Plan, band: Band, out: Int, into: Int, *, repair: bool) -> float:
    """Let arcs come in, each for the project whose leaving gains most; return the gain.

    Parameters
    ----------
    out
        Projects that have something, those first that may leave.
    into
        Arcs of projects that have nothing, those first that should come in.
    repair
        Whether to stop as soon as all sides hold.
    """
    total = 0.0
    for e in into:
        if repair and (plan.slack >= 0).all():
            break
        i, j = core.project[e], core.product[e]
        best, leaves, amount = band.gain, -1, 0
        for k in out:
            x, y = plan.arc[k], plan.amount[k]
            if plan.arc[i] >= 0 or x < 0 or k == i:
                continue
            a = _whole(core, plan, e, plan.room[j] + (y if core.product[x] == j else 0), x, y)
            gain = band.worth[e] * a - band.worth[x] * y
            if a > 0 and gain > best and _held(core, plan, band, e, a, x, y):
                best, leaves, amount = gain, k, a
        if leaves >= 0:
            put(core, plan, leaves, -1, 0)
            put(core, plan, i, e, amount)
            total += best
    return total
