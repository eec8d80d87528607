"""Local search among close calls, guided by what the gap is made of.

At prices the bound exceeds the value by exactly: the price of all room that products leave idle,
the price of what sides have to spare, and the regret of each project that does not have its best
arc. A product is filled anew where idle room costs most; that may pull projects out of others,
which are filled anew in turn. While the search is on, slack of a side counts at its price and may
vary a little, so that moves which only shift it are free; in the end it is used up.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.assignment import Plan, insert, refill
from liandong.match.core.problem import UNIT, Prices
from liandong.match.core.rounding import Start, band

Float = NDArray[np.float64]


class Effort(NamedTuple):
    """How far a round of the search looks.

    Attributes
    ----------
    pulls
        How many projects of other products are tried for each product, and again for each that
        such a pull has emptied.
    size
        Choices kept at a time when a product is filled anew.
    sweeps
        Most sweeps over all products.
    """

    pulls: tuple[int, ...]
    size: int
    sweeps: int


EFFORTS = (Effort((20,), 500, 4), Effort((40, 8), 500, 3), Effort((40, 40), 500, 3))
"""Rounds of the search, one after the other as long as the gap is not small enough."""
SMALL = 1e-6
"""Share of the bound: a sweep that gains less is the last of its round."""
REPAIRS = 16
"""Most sweeps in which sides that do not hold yet are favoured more and more."""
NUDGE = 0.002
"""What a broken side is favoured by at first, yuan per yuan of its coefficient."""


def refine(begun: Start, prices: Prices, bound: int, target: int) -> bool:
    """Improve a plan in place until its gap is small enough or no round finds more.

    Parameters
    ----------
    begun
        The plan, and what is decided already.
    prices, bound
        What prices prove, fen.
    target
        Gap, fen, that is small enough.

    Returns
    -------
    bool
        Whether all sides hold. If not, the plan is the one that came closest.
    """
    price, weight = prices.product / UNIT, prices.side / UNIT
    if not _repaired(begun, price, weight, SMALL * bound):
        return False
    for effort in EFFORTS:
        _swept(begun, price, weight, effort, SMALL * bound)
        _swept(begun, price, 0 * weight, effort, SMALL * bound)
        if gap(begun.plan, begun, prices) <= target:
            break
    return True


def _swept(begun: Start, price: Float, weight: Float, effort: Effort, least: float) -> None:
    """Sweep over all products until that gains too little."""
    by = band(begun.core, weight, ample=not weight.any())
    pulls = np.array(effort.pulls)
    for _ in range(effort.sweeps):
        gain = insert(begun.core, begun.plan, by)
        gain += refill(begun.core, begun.plan, by, price, pulls, effort.size)
        if gain < least:
            return


def _repaired(begun: Start, price: Float, weight: Float, least: float) -> bool:
    """Sweep, with broken sides favoured more each time, until all hold."""
    extra = np.zeros(len(weight))
    once = EFFORTS[0]._replace(sweeps=1)
    for _ in range(REPAIRS):
        _swept(begun, price, weight + extra, once, least)
        broken = begun.plan.slack < 0
        if not broken.any():
            return True
        extra = np.where(broken, np.maximum(2 * extra, NUDGE + weight / 8), extra)
    return False


def gap(plan: Plan, begun: Start, prices: Prices) -> float:
    """Return by how much the bound exceeds the value, fen: its three terms added up.

    Every clear call has its best arc, so that only those of the core have any regret.
    """
    core = begun.core
    idle = float(plan.room @ prices.product) / UNIT
    spare = plan.slack * 2.0**core.shift
    gain = np.zeros(len(plan.arc))
    have = np.flatnonzero(np.diff(core.start))
    gain[have] = np.maximum.reduceat(core.net * core.most, core.start[have]).clip(0)
    given = plan.arc >= 0
    gain[given] -= core.net[plan.arc[given]] * plan.amount[given]
    return float(idle + spare @ (prices.side / UNIT) / 1e6 + gain.sum())
