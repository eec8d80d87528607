"""The least of the smoothed dual: Newton steps at falling temperatures, coarse to fine.

The dual of an assignment has one variable for each capacity and each side, however many projects
there are, so second derivatives are a small matrix. They are added up along with the first ones
over those projects alone that are a close call at the temperature; the colder, the fewer. Where
the path starts is found on small samples of projects.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.cholesky import solve
from liandong.match.core.active import Active, Limits, Point, every, narrowed, point
from liandong.match.core.crew import Run
from liandong.match.core.problem import MOST_RATE, Problem

Float = NDArray[np.float64]
Int = NDArray[np.int64]

SAMPLES = (2_500, 20_000, 160_000)
"""Projects of the samples, as far as they are fewer than all."""
HOT = 0.15
"""The first temperature, in mean absolute values of arcs."""
NOISE = 50.0
"""Prices that fit s projects tell nothing colder than HOT times the root of this over s."""
WARM = 50
"""Prices of yesterday are worth those of this many times the projects."""
COOL = 4.0
"""Temperatures fall by this factor."""
ROOM = 4.0
"""How far rates may move at a temperature before arcs that do not matter are looked at again."""
STRAY = 1.0
"""At least by this share of the step that led there."""
CAP = 15.0
"""No step goes much further than this many temperatures."""
STRAIGHT = 0.9
"""Without a curve the dual falls by its slope times the step: by this share of it, say."""
FARTHER = 10.0
"""Then the next step may be this many times as long."""
CEILING = 15.0
"""No price of a sample is above this many mean values."""
LOOSE = 0.02
"""Temperatures fall once a step promises less than this share of what flows lose."""
CLOSE = 1e-7
"""The last temperature is one at which flows lose less than this share of the dual."""
STEPS = 40
"""Most Newton steps at one temperature."""
COLDEST = 1.0
"""Colder than a unit of prices there is nothing to see."""


def minimum(run: Run, problem: Problem, warm: Float | None) -> Float:
    """Return prices of products and sides of nearly the least dual, 1 / UNIT.

    Where sides cannot hold together the dual has no least: prices end far up.

    Parameters
    ----------
    warm
        Prices to start from, of a problem that differs in few projects.
    """
    root, limits = every(run, problem)
    count = problem.projects
    some = problem.value[:: len(problem) // SAMPLES[0] + 1].astype(float)
    scale = float(np.abs(some).mean()) or 1.0
    at, known = np.zeros(len(limits.capacity) + len(limits.least)), 0
    if warm is not None:
        at, known = warm, WARM * count
    for size in [s for s in SAMPLES if known < s < count]:
        ceiling = min(CEILING * scale, float(MOST_RATE))
        path = Path(run, limits, [_sample(root, size)], _told(known, scale), ceiling)
        at, known = path.cool(at, max(_told(size, scale), COLDEST)), size
    return Path(run, limits, [root], _told(known, scale), float(MOST_RATE)).cool(at, COLDEST)


def _told(size: int, scale: float) -> float:
    """Return the temperature below which prices that fit a sample tell nothing."""
    return HOT * scale * float(min(1.0, (NOISE / max(size, 1)) ** 0.5))


def _sample(root: Active, size: int) -> Active:
    """Return so many projects spread evenly over all."""
    count = len(root.project)
    within = np.random.default_rng(size).random(size)
    project = ((np.arange(size) + within) * (count / size)).astype(np.int64)
    return replace(root, project=project, weight=count / size)


def _free(now: Point, ceiling: float) -> NDArray[np.bool_]:
    """Tell which prices may move: a price of 0 cannot fall, one at the ceiling cannot rise."""
    return ((now.at > 0) | (now.slope < 0)) & ((now.at < ceiling) | (now.slope > 0))


def _direction(now: Point, longest: float, ceiling: float) -> Float:
    """Return the Newton step, damped so that no price moves much more than ``longest``."""
    free = np.flatnonzero(_free(now, ceiling))
    slope, curve = now.slope[free], now.curve[np.ix_(free, free)]
    damp = np.abs(slope) / longest + 1e-10 * np.abs(np.diag(curve)).max(initial=0) + 1e-12
    curve[np.diag_indices_from(curve)] += damp
    out = np.zeros(len(now.at))
    out[free] = -solve(curve, slope)
    return out


@dataclass
class Path:
    """The way from some temperature down, on fewer and fewer arcs.

    Attributes
    ----------
    wider
        Arcs to choose from, the most first: all of them, and those chosen at higher temperatures.
    heat, ceiling
        The temperature, and the highest price: a sample may not be able to hold all sides.
    """

    run: Run
    limits: Limits
    wider: list[Active]
    heat: float
    ceiling: float

    def cool(self, at: Float, end: float) -> Float:
        """Go down until flows lose nearly nothing, or to the temperature ``end``."""
        before = None
        while True:
            now = self._balanced(at, end)
            if self._cold(now, end):
                return now.at
            # Near the end prices move along with the temperature.
            at = now.at if before is None else now.at + (now.at - before) / COOL
            at, before = np.clip(at, 0, self.ceiling), now.at
            self.heat = max(self.heat / COOL, end)

    def _cold(self, now: Point, end: float) -> bool:
        return self.heat <= end or now.regret <= CLOSE * abs(now.value)

    def _balanced(self, at: Float, end: float) -> Point:
        """Return where flows meet capacities at this temperature."""
        now, longest = self._point(at, ROOM * self.heat, fresh=True), CAP * self.heat
        for _ in range(STEPS):
            direction = _direction(now, longest, self.ceiling)
            cold = self._cold(now, end)
            enough = CLOSE * abs(now.value) / 10 if cold else LOOSE * now.regret
            if -now.slope @ direction < 2 * enough:
                break
            new = self._lower(now, direction)
            if new is None:
                break
            straight = now.value - new.value > STRAIGHT * (now.slope @ (now.at - new.at))
            longest = longest * FARTHER if straight else max(longest / FARTHER, CAP * self.heat)
            now = new
        return now

    def _lower(self, now: Point, direction: Float) -> Point | None:
        """Return a lower point in some direction, None if there is none."""
        size = 1.0
        for _ in range(12):
            at = np.clip(now.at + size * direction, 0, self.ceiling)
            new = self._point(at, max(ROOM * self.heat, STRAY * self.limits.moves(at - now.at)[1]))
            if new.value <= now.value + 1e-4 * now.slope @ (at - now.at) + 1e-13 * abs(now.value):
                return new
            size *= 0.35
        return None

    def _point(self, at: Float, radius: float, *, fresh: bool = False) -> Point:
        """Return the dual at some prices, on arcs that will matter as far around them."""
        active = self.wider[-1]
        if fresh or not active.holds(self.limits, at, self.heat):
            while len(self.wider) > 1 and not self.wider[-1].holds(
                self.limits, at, self.heat, radius
            ):
                self.wider.pop()
            active = narrowed(self.run, self.wider[-1], self.limits, at, self.heat, radius)
            self.wider.append(active)
        return point(self.run, active, self.limits, at, self.heat)
