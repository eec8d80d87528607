"""Local search among close calls, guided by what the gap is made of.

At prices the bound exceeds the value by exactly: the price of all room that products leave idle,
the price of what sides have to spare, and the regret of each project that does not have its best
arc. A product is filled anew where idle room costs most; that may pull projects out of others,
which are filled anew in turn. Where a pooled rule and no product is scarce, projects that have
nothing come in for others. While the search is on, slack of a side counts at its price and may
vary a little, so that moves which only shift it are free; in the end it is used up.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.assignment import Band, exchange, insert
from liandong.kernels.allocation.refilling import desk, refill
from liandong.match.core.problem import UNIT, Prices
from liandong.match.core.rounding import Start, band
from liandong.types import PPM

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
    work
        Choices that a sweep may look at.
    """

    pulls: tuple[int, ...]
    size: int
    sweeps: int
    work: int


EFFORTS = (
    Effort((20,), 500, 4, 10_000_000),
    Effort((40, 8), 500, 2, 10_000_000),
    Effort((40, 40), 500, 2, 10_000_000),
)
"""Rounds of the search, one after the other as long as the gap is not small enough."""
SMALL = 1e-6
"""Share of the bound: a sweep that gains less is the last of its round."""
COST = 3e-5
"""Share of the bound that the slack of a side may cost while the search is on."""
REPAIRS = 16
"""Most sweeps in which sides that do not hold yet are favoured more and more."""
NUDGE = 0.002
"""What a broken side is favoured by at first, yuan per yuan of its coefficient."""


LEAVING, COMING = 60, 4_000
"""Projects that may leave for another, and that may come in, each time exchanges are tried."""


class _Aim(NamedTuple):
    """What the search works on and goes by."""

    begun: Start
    prices: Prices
    bound: int
    target: int

    def reached(self) -> bool:
        """Tell whether all sides hold and the gap is small enough."""
        return bool((self.begun.plan.slack >= 0).all()) and gap(self.begun, self.prices) <= (
            self.target
        )


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
        Whether all sides hold.
    """
    aim = _Aim(begun, prices, bound, target)
    if not _repaired(aim):
        return False
    weight = prices.side / UNIT
    best, kept = gap(begun, prices), [x.copy() for x in begun.plan]
    for effort in EFFORTS:
        for favoured in (weight, 0 * weight):
            if not aim.reached():
                _swept(aim, favoured, 0 * weight, effort, ample=not favoured.any())
            if (now := gap(begun, prices)) < best:
                best, kept = now, [x.copy() for x in begun.plan]
    for mine, theirs in zip(begun.plan, kept, strict=True):
        mine[:] = theirs
    return True


def _swept(aim: _Aim, weight: Float, extra: Float, effort: Effort, *, ample: bool) -> None:
    """Sweep over all products until that gains too little, or enough is gained."""
    core, plan = aim.begun.core, aim.begun.plan
    by = band(core, weight, COST * max(aim.bound, 0), ample=ample)
    price, pulls = aim.prices.product / UNIT, np.array(effort.pulls)
    for _ in range(effort.sweeps):
        gain = insert(core, plan, by) + _exchanged(aim, by, extra)
        # Products come in the order of what their idle room costs.
        order = np.argsort(-price * plan.room, kind="stable")
        gain += refill(core, plan, by, desk(effort.size, effort.work), order, price, pulls)
        if gain < SMALL * aim.bound or aim.reached():
            return


def _exchanged(aim: _Aim, by: Band, extra: Float, *, repair: bool = False) -> float:
    """Let projects that have nothing come in for some that have little to lose."""
    core, plan = aim.begun.core, aim.begun.plan
    keen = core.surplus + core.coefficient @ extra / PPM
    given = np.flatnonzero(plan.arc >= 0)
    out = given[np.argsort(keen[plan.arc[given]], kind="stable")][:LEAVING]
    free = np.flatnonzero(plan.arc[core.project] < 0)
    into = free[np.argsort(-keen[free], kind="stable")][:COMING]
    return exchange(core, plan, by, out, into, repair=repair)


def _repaired(aim: _Aim) -> bool:
    """Sweep, with broken sides favoured more each time, until all hold."""
    weight = aim.prices.side / UNIT
    extra = np.zeros(len(weight))
    once = EFFORTS[0]._replace(sweeps=1)
    broken = aim.begun.plan.slack < 0
    for _ in range(REPAIRS):
        if not broken.any():
            return True
        # What exchanges mend alone is mended with the least; a sweep may go far beyond.
        by = band(aim.begun.core, weight + extra, 0.0, ample=True)
        _exchanged(aim, by, extra, repair=True)
        if (aim.begun.plan.slack < 0).any():
            _swept(aim, weight + extra, extra, once, ample=True)
        broken = aim.begun.plan.slack < 0
        extra = np.where(broken, np.maximum(2 * extra, NUDGE + weight / 8), extra)
    return not broken.any()


def gap(begun: Start, prices: Prices) -> float:
    """Return by how much the bound exceeds the value, fen: its three terms added up.

    Every clear call has its best arc, so that only those of the core have any regret.
    """
    core, plan = begun.core, begun.plan
    idle = float(plan.room @ (prices.product / UNIT))
    spare = plan.slack * 2.0**core.shift
    gain = np.zeros(len(plan.arc))
    have = np.flatnonzero(np.diff(core.start))
    gain[have] = np.maximum.reduceat(core.surplus * core.most, core.start[have]).clip(0)
    given = plan.arc >= 0
    gain[given] -= core.surplus[plan.arc[given]] * plan.amount[given]
    return float(idle + spare @ (prices.side / UNIT) / PPM + gain.sum())
