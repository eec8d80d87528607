"""Deciding arrivals one by one at posted prices, in step with a plan.

What is left of each capacity, and what each side has to spare, should fall in line with what is
still to be asked for. A price rises where more has gone than planned and falls where less has: it
depends on the state alone, not on the way there. Money is whole fen; prices are 1 / 10^8.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Float = NDArray[np.float64]

PPM = 1_000_000
NONE = -1
TOP = 3
"""How many of the best reduced values are kept for each arrival."""
URGENT = 10_000_000
"""Added to the price of a side that is short of more than may be relied on: ten fen a yuan."""
LOOK = 16
"""Arrivals after which it is looked whether the plan still holds."""


class Arcs(NamedTuple):
    """The arcs of all arrivals, and what a yuan on them adds to sides.

    Attributes
    ----------
    start
        Shape (projects + 1,).
    product, least, most, step, value
        Shape (arcs,), as in a problem.
    by_product, by_project, by_arc
        Shapes (sides, products), (sides, projects) and (sides, arcs), ppm. The last may have no
        columns, where no arc has anything of its own.
    """

    start: Int
    product: Small
    least: Int
    most: Int
    step: Int
    value: Small
    by_product: Int
    by_project: Int
    by_arc: Int


class State(NamedTuple):
    """What is left; changed by every decision.

    Attributes
    ----------
    left
        Shape (products,): fen.
    spare
        Shape (sides,): what each side has beyond its least, fen, rounded down; below 0 while a
        floor is not yet reached.
    ahead
        Shape (1,): what is still expected to be asked for, fen.
    """

    left: Int
    spare: Int
    ahead: Int


class Posted(NamedTuple):
    """Prices in force, and the plan that they were made for.

    Attributes
    ----------
    product, side
        Prices, 1 / 10^8.
    left, spare, ahead
        The state in which they were made.
    reserve
        Shape (sides,): what is still to come is expected to add so much to a side, fen. A side may
        be below its least as far as this, less ``doubt``, will make up for it.
    doubt
        Shape (sides,): by how much less it may turn out to be, fen; it shrinks with the root of
        what is ahead.
    seen
        What had been asked for before, fen.
    pace
        How far a price moves when all of what is left, or of the reserve, is off the plan,
        1 / 10^8.
    """

    product: Int
    side: Int
    left: Int
    spare: Int
    ahead: int
    reserve: Int
    doubt: Int
    seen: int
    pace: float


class Made(NamedTuple):
    """What was decided about each project.

    Attributes
    ----------
    arc, amount
        Shape (projects,): the arc and the fen; NONE and 0 if nothing.
    best, worth
        Shape (projects, TOP): the arcs of the highest reduced values, the highest first, NONE if
        there are no more; and these values, 1 / 10^8.
    """

    arc: Int
    amount: Int
    best: Int
    worth: Int


@njit(cache=True, nogil=True)
def decide(
    order: Int, arcs: Arcs, state: State, posted: Posted, made: Made, drift: float, pause: int
) -> int:
    """Decide arrivals in order until the state is off the plan; return how many were decided.

    Each gets the arc that is worth most beyond what it uses up, of those that the state allows,
    if it is worth anything.

    Parameters
    ----------
    order
        Projects in the order of their arrival.
    arcs, state, posted, made
        See there; the last is filled in.
    drift
        Share of the money left, at the last prices, by which use may be off the plan.
    pause
        Arrivals that are decided in any case.
    """
    for at in range(len(order)):
        if at >= pause and at % LOOK == 0 and _off(state, posted) > drift:
            return at
        _one(order[at], arcs, state, posted, made)
    return len(order)


@njit(cache=True, nogil=True)
def _gone(left: int, before: int, ahead: float) -> float:
    """Return by which share of what was there more has gone than planned."""
    return ahead - left / before if before > 0 else 0.0


@njit(cache=True, nogil=True)
def _still(state: State, posted: Posted) -> float:
    """Return which share of what was ahead is still ahead."""
    return max(state.ahead[0], 0) / posted.ahead if posted.ahead > 0 else 0.0


@njit(cache=True, nogil=True)
def _off(state: State, posted: Posted) -> float:
    """Return by which share of the money use is off the plan, where money has a price or lacks."""
    still, off, total = _still(state, posted), 0.0, 0.0
    for j in range(len(state.left)):
        more = _gone(state.left[j], posted.left[j], still)
        total += posted.left[j]
        if more > 0 or posted.product[j] > 0:
            off += abs(more) * posted.left[j]
    return off / total if total > 0 else 0.0


@njit(cache=True, nogil=True)
def _one(i: int, arcs: Arcs, state: State, posted: Posted, made: Made) -> None:
    """Decide one arrival and take what it gets out of the state."""
    # What is ahead is what comes after this one: if nothing does, money has no other use.
    asked = 0
    for e in range(arcs.start[i], arcs.start[i + 1]):
        asked = max(asked, arcs.most[e])
    state.ahead[0] -= asked
    still = _still(state, posted)
    sides, price = len(posted.side), _side_prices(state, posted, still)
    made.best[i], made.worth[i] = NONE, 0
    chosen, given, highest = NONE, 0, 0.0
    for e in range(arcs.start[i], arcs.start[i + 1]):
        j = arcs.product[e]
        more = _gone(state.left[j], posted.left[j], still)
        reduced = float(arcs.value[e])
        if state.ahead[0] > 0:
            reduced -= max(0.0, posted.product[j] + posted.pace * more)
        for s in range(sides):
            reduced += price[s] * _adds(arcs, s, i, j, e) / PPM
        _keep(made.best[i], made.worth[i], e, int(np.floor(reduced)))
        if reduced > 0:
            got = _allowed(i, j, e, arcs, state, posted)
            if got * reduced > highest:
                highest, chosen, given = got * reduced, e, got
    made.arc[i], made.amount[i] = chosen, given
    if chosen != NONE:
        j = arcs.product[chosen]
        state.left[j] -= given
        for s in range(sides):
            state.spare[s] += _portion(given, _adds(arcs, s, i, j, chosen))


@njit(cache=True, nogil=True)
def _side_prices(state: State, posted: Posted, still: float) -> Float:
    """Return the prices of sides now: in step with the plan, and high where one is short."""
    money = 0
    for j in range(len(posted.left)):
        money += posted.left[j]
    price = np.empty(len(posted.side), np.float64)
    for s in range(len(price)):
        reach = posted.reserve[s] if posted.reserve[s] > 0 else max(money, 1)
        behind = (posted.spare[s] * still - state.spare[s]) / reach
        price[s] = max(0.0, posted.side[s] + posted.pace * behind)
        if state.spare[s] + _relied(s, state, posted) < 0:
            price[s] += URGENT
    return price


@njit(cache=True, nogil=True)
def _relied(s: int, state: State, posted: Posted) -> int:
    """Return by how much a side may be short now, fen."""
    still = min(_still(state, posted), 1.0)
    return int(max(posted.reserve[s] * still - posted.doubt[s] * np.sqrt(still), 0.0))


@njit(cache=True, nogil=True)
def _adds(arcs: Arcs, s: int, i: int, j: int, e: int) -> int:
    """Return what a yuan on an arc adds to a side, ppm."""
    own = arcs.by_arc[s, e] if arcs.by_arc.shape[1] else 0
    return int(arcs.by_product[s, j] + arcs.by_project[s, i] + own)


@njit(cache=True, nogil=True)
def _portion(amount: int, ppm: int) -> int:
    """Return a share of an amount, rounded down, without overflow."""
    return amount // PPM * ppm + amount % PPM * ppm // PPM


@njit(cache=True, nogil=True)
def _keep(best: Int, worth: Int, e: int, reduced: int) -> None:
    """Put an arc among the best if it belongs there; of equals the first stays ahead."""
    at = TOP
    while at > 0 and (best[at - 1] == NONE or reduced > worth[at - 1]):
        at -= 1
    for later in range(TOP - 1, at, -1):
        best[later], worth[later] = best[later - 1], worth[later - 1]
    if at < TOP:
        best[at], worth[at] = e, reduced


@njit(cache=True, nogil=True)
def _allowed(i: int, j: int, e: int, arcs: Arcs, state: State, posted: Posted) -> int:
    """Return the most that an arc may get: whole steps within what is left and what sides allow.

    Where a floor is short, what makes all floors together less short is allowed, though it takes
    from some of them: else they would block each other.
    """
    got = min(arcs.most[e], state.left[j])
    free = _less_short(i, j, e, got, arcs, state, posted)
    for s in range(len(posted.side)):
        adds = _adds(arcs, s, i, j, e)
        if adds >= 0 or (free and posted.reserve[s] > 0):
            continue
        room = state.spare[s] + _relied(s, state, posted)
        if room <= 0:
            return 0
        # Rounded so that what it takes, rounded up, is not more than there is.
        got = int(min(float(got), room / -adds * PPM * (1 - 1e-12)))
        while got > 0 and -_portion(got, adds) > room:
            got -= 1 + (-_portion(got, adds) - room)
    got -= got % arcs.step[e]
    return got if got >= arcs.least[e] else 0


@njit(cache=True, nogil=True)
def _less_short(
    i: int, j: int, e: int, got: int, arcs: Arcs, state: State, posted: Posted
) -> bool:  # fmt: skip
    """Tell whether an amount on an arc may take from floors what others gain.

    It may if floors are short, and less so all together afterwards. While there is still time to
    make up for it, it may as well if floors that are tight gain together, and none is left short
    of more than the amount: two tight floors would otherwise block each other.
    """
    before, after, gain, low, time = 0, 0, 0, 0, True
    for s in range(len(posted.side)):
        if posted.reserve[s] > 0:
            adds = _adds(arcs, s, i, j, e)
            relied = _relied(s, state, posted)
            room = state.spare[s] + relied
            then = room + _portion(got, adds)
            before += max(0, -room)
            after += max(0, -then)
            gain += adds if room < got else 0
            low = min(low, then)
            time = time and relied > 0
    return after < before or (time and gain > 0 and low >= -got)
