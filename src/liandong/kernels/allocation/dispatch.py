"""Jobs to hubs and hours by prices of congestion, decided hour by hour on what is known.

A job runs at one hub, in any hours of its window, up to its width in each; what is not served costs
a penalty. Prices of hubs and hours move against excess demand: at given prices every job answers
with its cheapest hub and hours, and what the answers cost less what the capacities are worth is a
bound of every schedule (Lagrangian relaxation of the capacities). Jobs to come are taken to be
those of a day before: nothing that arrives later is looked at.

Amounts are GPU minutes, costs per GPU hour are millionths of a yuan; so sums of their products are
sixtieths of that, and whole.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

DAY = 24
NOBODY = -1


class Jobs(NamedTuple):
    """Jobs in the order in which equals are served.

    Attributes
    ----------
    first, last
        Shape (jobs,): hours in which it may run, the last one excluded. It is known from the first
        hour on.
    volume, width
        Minutes to be run, and most of them in one hour.
    may
        Shape (jobs, hubs): where it may run.
    transfer
        Shape (jobs, hubs): cost of moving its data, in sixtieths of a millionth.
    penalty
        Cost of an hour that is not served.
    """

    first: Int
    last: Int
    volume: Int
    width: Int
    may: Bool
    transfer: Int
    penalty: Int


class Hubs(NamedTuple):
    """Shape (hubs, hours) both: minutes there are, and what an hour costs."""

    capacity: Int
    unit: Int


class Rest(NamedTuple):
    """What is still to be decided.

    Attributes
    ----------
    left
        Minutes of each job that have not run.
    pinned
        Hub where it has begun, or -1.
    since
        First hour that is free to decide.
    """

    left: Int
    pinned: Int
    since: int


class Schedule(NamedTuple):
    """What was run.

    Attributes
    ----------
    hub
        Of each job, -1 if it never ran.
    ran
        Shape (jobs, hours): minutes.
    price
        Shape (hubs, hours): price of congestion when the hour was decided.
    """

    hub: Int
    ran: Int
    price: Int


@njit(cache=True, nogil=True)
def plan(
    jobs: Jobs, j: int, hub: int, rest: Rest, order: Int, cost: Int, room: Int, take: Int
) -> int:
    """Fill the cheapest hours of one hub with what is left of a job; return what that costs.

    Parameters
    ----------
    jobs, j, hub
        Which job, and where.
    rest
        What is still to be decided.
    order
        Shape (hubs, hours): hours of least order are filled first.
    cost
        Shape (hubs, hours): cost of an hour there.
    room
        Shape (hubs, hours): minutes that are left.
    take
        Shape (hours,): where the minutes are written.
    """
    low, high = max(jobs.first[j], rest.since), jobs.last[j]
    value, left, free = 0, rest.left[j], np.ones(max(high - low, 0), np.bool_)
    take[:] = 0
    while left > 0:
        best = -1
        for t in range(low, high):
            if free[t - low] and (best < 0 or order[hub, t] < order[hub, best]):
                best = t
        if best < 0:
            break
        free[best - low] = False
        if cost[hub, best] >= jobs.penalty[j]:
            continue
        take[best] = max(min(left, jobs.width[j], room[hub, best]), 0)
        value += take[best] * cost[hub, best]
        left -= take[best]
    if left < rest.left[j] and rest.pinned[j] < 0:
        value += jobs.transfer[j, hub]
    return int(value + left * jobs.penalty[j])


@njit(cache=True, nogil=True)
def _best(
    jobs: Jobs, j: int, rest: Rest, order: Int, cost: Int, room: Int, take: Int
) -> tuple[int, int]:
    """Do that at the hub where it is cheapest; return the hub and the cost."""
    trial, best, at = np.empty_like(take), 2**62, NOBODY
    for h in range(len(room)):
        if h == rest.pinned[j] or (rest.pinned[j] < 0 and jobs.may[j, h]):
            value = plan(jobs, j, h, rest, order, cost, room, trial)
            if value < best:
                best, at = value, h
                take[:] = trial
    return at, best


@njit(cache=True, nogil=True)
def answers(jobs: Jobs, hubs: Hubs, who: Int, rest: Rest, price: Int, load: Int) -> int:
    """Let jobs answer to prices, as if each were alone; return what they cost, and write the load.

    Parameters
    ----------
    who
        Jobs that answer.
    rest
        What is still to be decided.
    price
        Shape (hubs, hours).
    load
        Shape (hubs, hours): where the demand is written.
    """
    load[:] = 0
    total, take = 0, np.empty(load.shape[1], np.int64)
    cost = hubs.unit + price
    for j in who:
        if rest.left[j] > 0 and jobs.last[j] > rest.since:
            h, value = _best(jobs, j, rest, cost, cost, hubs.capacity, take)
            load[h] += take
            total += value
        else:
            total += rest.left[j] * jobs.penalty[j]
    return int(total)


@njit(cache=True, nogil=True)
def hindsight(jobs: Jobs, hubs: Hubs, price: Int, upper: int, rounds: int) -> tuple[int, Int]:
    """Return a cost that no schedule is below, though it knew all jobs, and the prices that say so.

    Parameters
    ----------
    jobs, hubs
        The problem.
    price
        Prices to begin with.
    upper
        Cost of a known schedule.
    rounds
        Steps of the prices.
    """
    price, load = price.copy(), np.empty_like(price)
    who = np.arange(len(jobs.volume))
    rest = Rest(jobs.volume, np.full(len(who), NOBODY), 0)
    best, top, stride, idle = -(2**62), price.copy(), 1.0, 0
    way = np.zeros(price.shape)
    for _ in range(rounds):
        value = answers(jobs, hubs, who, rest, price, load)
        value -= (price * hubs.capacity).sum()
        idle += 1
        if value > best:
            best, idle = value, 0
            top[:] = price
        if idle >= 8:
            stride, idle = stride / 2, 0
        way = 0.5 * way + (load - hubs.capacity)
        way = np.where((price == 0) & (way < 0), 0.0, way)
        size = (way * way).sum()
        if size == 0.0 or value >= upper:
            break
        moved = price + np.rint(stride * (upper - value) / size * way).astype(np.int64)
        price = np.maximum(moved, 0)
    return best, top


@njit(cache=True, nogil=True)
def congestion(
    jobs: Jobs, hubs: Hubs, who: Int, rest: Rest, price: Int, rounds: int, pace: int
) -> Int:
    """Return prices at which demand fits what there is, nearly: the mean of the later steps.

    Parameters
    ----------
    jobs, hubs, who, rest
        As for :func:`answers`.
    price
        Prices to begin with.
    rounds
        Steps.
    pace
        What twice the capacity as demand adds to a price in the first step; later steps shrink.
    """
    now, mean = price.astype(np.float64), np.zeros(price.shape)
    load, late = np.empty_like(price), rounds // 2
    size = np.maximum(hubs.capacity, 1)
    for k in range(rounds):
        answers(jobs, hubs, who, rest, np.rint(now).astype(np.int64), load)
        over = np.minimum((load - hubs.capacity) / size, 1.0)
        now = np.maximum(now + pace / (1.0 + k / 4.0) * over, 0.0)
        if k >= late:
            mean += now / (rounds - late)
    return np.rint(mean).astype(np.int64)


@njit(cache=True, nogil=True)
def place(
    jobs: Jobs, who: Int, rest: Rest, order: Int, cost: Int, room: Int, passes: int
) -> tuple[Int, Int, int]:
    """Serve jobs one after the other in the room that is left; then let each choose again.

    Parameters
    ----------
    jobs, rest, order, cost
        As for :func:`plan` and :func:`answers`.
    who
        Jobs in the order in which they choose.
    room
        Shape (hubs, hours): what there is; what is left of it is written back.
    passes
        How often they choose.

    Returns
    -------
    hub, take, value
        Shape (jobs that choose,): where, or -1; shape (jobs that choose, hours): minutes; and what
        all that costs.
    """
    hours = room.shape[1]
    hub, takes = np.full(len(who), NOBODY), np.zeros((len(who), hours), np.int64)
    values = np.zeros(len(who), np.int64)
    for _ in range(passes):
        changed = False
        for i in range(len(who)):
            j = who[i]
            if hub[i] >= 0:
                room[hub[i]] += takes[i]
            take = np.zeros(hours, np.int64)
            h, value = _best(jobs, j, rest, order, cost, room, take)
            if hub[i] < 0 or value < values[i]:
                hub[i], takes[i], values[i], changed = h, take, value, True
            room[hub[i]] -= takes[i]
        if not changed:
            break
    return hub, takes, int(values.sum())
