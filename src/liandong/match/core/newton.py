"""The least of the smoothed dual: Newton steps at falling temperatures, coarse to fine.

The dual of an assignment has one variable for each capacity and each side, however many projects
there are, so second derivatives are a small matrix. They are added up along with the first ones
over those projects alone that are a close call at the temperature; the colder, the fewer. Where
the path starts is found on small samples of projects.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.active import Active, Limits, Point, every, narrowed, point
from liandong.match.core.crew import Run
from liandong.match.core.problem import MOST_RATE, Problem

Float = NDArray[np.float64]
Int = NDArray[np.int64]

SAMPLES = (2_500, 20_000, 160_000)
"""Projects of the samples, as far as they are fewer than all."""
HOT = 0.15
"""The first temperature, in mean absolute values of arcs."""
KNOWN = 1.0, 225.0
"""Prices that fit s projects are off those that fit all by about the root of the second over s
mean values, and what is colder than the root of the first over s has nothing to tell."""
WARM = 50
"""Prices of yesterday are worth those of this many times the projects."""
COOL = 4.0
"""Temperatures fall by this factor."""
WIDER = 4
ROOM = 4.0
"""How far rates may move at a temperature before arcs that do not matter are looked at again."""
BALANCED = 2e-2
"""Temperatures fall once what flows is this close to each capacity, relative to it."""
CLOSE = 1e-7
"""The last temperature is one at which flows lose less than this share of the dual."""
STEPS = 40
"""Most Newton steps at one temperature."""
SIDE = 0.05
"""Sides count as this share of all capacities where flows are compared to them."""


@dataclass(frozen=True)
class Found:
    """Prices and how good they are.

    Attributes
    ----------
    at
        Prices of products and sides, 1 / UNIT.
    regret
        What the flows that they imply lose, relative to the dual.
    imbalance
        How far these flows are from capacities and floors that have a price, relative to them.
    """

    at: Float
    regret: float
    imbalance: float


def minimum(run: Run, problem: Problem, warm: Float | None) -> Found:
    """Return prices of nearly the least dual.

    Parameters
    ----------
    warm
        Prices to start from, of a problem that differs in few projects.
    """
    root, limits = every(run, problem)
    count = problem.projects
    scale = float(np.abs(problem.value.astype(float)).mean()) or 1.0
    at, known = np.zeros(len(limits.capacity) + len(limits.least)), 0
    if warm is not None:
        at, known = warm, WARM * count
    for size in [*(s for s in SAMPLES if known == 0 and s < count), count]:
        heat, radius = _known(known, scale)
        path = Path(run, limits, [_sample(root, size)], heat, radius)
        end = 0.0 if size == count else _known(size, scale)[0]
        now = path.cool(at, max(end, 1.0))
        at, known = now.at, size
    return Found(at, now.regret / max(abs(now.value), 1.0), _imbalance(limits, now))


def _known(size: int, scale: float) -> tuple[float, float]:
    """Return from which temperature to go on, and how far off prices may be."""
    if size == 0:
        return HOT * scale, np.inf
    heat, radius = (scale * (k / size) ** 0.5 for k in KNOWN)
    return min(heat, HOT * scale), radius


def _sample(root: Active, size: int) -> Active:
    """Return so many projects spread evenly over all."""
    count = len(root.project)
    if size == count:
        return root
    within = np.random.default_rng(size).random(size)
    project = ((np.arange(size) + within) * (count / size)).astype(np.int64)
    return replace(root, project=project, weight=count / size)


def _free(now: Point) -> NDArray[np.bool_]:
    """Tell which prices may move: a price of 0 cannot fall."""
    return (now.at > 0) | (now.slope < 0)


def _imbalance(limits: Limits, now: Point) -> float:
    total = max(limits.capacity.sum(), 1.0)
    scale = np.concatenate(
        [np.maximum(limits.capacity, 1e-6 * total), np.full(len(limits.least), SIDE * total)]
    )
    return float(np.abs(np.where(_free(now), now.slope, 0) / scale).max(initial=0))


def _direction(now: Point, longest: float) -> Float:
    """Return the Newton step, damped so that no price moves much more than ``longest``."""
    free = np.flatnonzero(_free(now))
    slope, curve = now.slope[free], now.curve[np.ix_(free, free)]
    damp = np.abs(slope) / longest + 1e-10 * np.abs(np.diag(curve)).max(initial=0) + 1e-12
    curve[np.diag_indices_from(curve)] += damp
    out = np.zeros(len(now.at))
    out[free] = -np.linalg.solve(curve, slope)
    return out


@dataclass
class Path:
    """The way from some temperature down, on fewer and fewer arcs.

    Attributes
    ----------
    wider
        Arcs to choose from, the most first: all of them, and those chosen at higher temperatures.
    heat, radius
        The temperature, and how far rates may move while it lasts.
    """

    run: Run
    limits: Limits
    wider: list[Active]
    heat: float
    radius: float

    def cool(self, at: Float, end: float) -> Point:
        """Go down until flows lose nearly nothing, or to the temperature ``end``."""
        before = None
        while True:
            now = self._balanced(at)
            if self.heat <= end or now.regret <= CLOSE * abs(now.value):
                return now
            at = (
                now.at
                if before is None
                else np.clip(now.at + (now.at - before) / COOL, 0, MOST_RATE)
            )
            before = now.at
            self.heat = max(self.heat / COOL, end)
            self.radius = ROOM * self.heat

    def _balanced(self, at: Float) -> Point:
        """Return where flows meet capacities at this temperature."""
        active = self._active(at)
        now = point(self.run, active, self.limits, at, self.heat)
        for _ in range(STEPS):
            if _imbalance(self.limits, now) < BALANCED:
                break
            new, strained = self._step(active, now)
            if new is None:
                break
            now = new
            if strained:
                self.radius *= WIDER
                active = self._active(now.at)
        return now

    def _step(self, active: Active, now: Point) -> tuple[Point | None, bool]:
        """Return the next point, None if there is none lower, and if arcs held it up."""
        direction, size, strained = _direction(now, 40 * self.heat), 1.0, False
        for _ in range(20):
            at = np.clip(now.at + size * direction, 0, MOST_RATE)
            if not active.holds(self.limits, at, self.heat):
                strained, size = True, size / 2
                continue
            new = point(self.run, active, self.limits, at, self.heat)
            if new.value <= now.value + 1e-4 * now.slope @ (at - now.at) + 1e-13 * abs(now.value):
                return new, strained
            size *= 0.35
        return (now, True) if strained else (None, False)

    def _active(self, at: Float) -> Active:
        """Return the arcs that matter near some prices, out of the fewest that hold them all."""
        while len(self.wider) > 1 and not self.wider[-1].holds(
            self.limits, at, self.heat, self.radius
        ):
            self.wider.pop()
        new = narrowed(self.run, self.wider[-1], self.limits, at, self.heat, self.radius)
        self.wider.append(new)
        return new
