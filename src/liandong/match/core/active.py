"""The arcs that still matter near some prices, and the smoothed dual on them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.duality import REACH, Arcs, Sums, largest, matter, smooth
from liandong.match.core.crew import Run, blocks
from liandong.match.core.problem import Problem
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]

BLOCKS = 16
ENTRIES = 1 << 21
"""Most blocks of a sum, and most entries of their matrices of second derivatives."""
SMALL = 1 << 13
"""Fewest projects of a block."""


@dataclass(frozen=True)
class Limits:
    """Capacities and floors in fen, what products add to sides, and the largest coefficients.

    Attributes
    ----------
    capacity, least
        Shapes (products,), (sides,).
    by_product
        Shape (sides, products).
    reach
        Shape (2, sides): how far a price of 1 of a side moves what an arc earns against another
        arc of its project, and against nothing.
    """

    capacity: Float
    least: Float
    by_product: Float
    reach: Float

    def prices(self, at: Float) -> tuple[Float, Float]:
        """Return what a yuan of each product takes up, sides included, and prices of sides."""
        side = at[len(self.capacity) :]
        return at[: len(self.capacity)] - side @ self.by_product, side

    def moves(self, change: Float) -> tuple[float, float]:
        """Return how far changed prices move what arcs earn, against others and against nothing."""
        price, side = self.prices(change)
        own, all_ = self.reach @ np.abs(side)
        most = float(np.abs(price).max(initial=0))
        return most + float(own), most + float(all_)


@dataclass(frozen=True)
class Active:
    """Arcs that matter while prices are near some others, and what is settled meanwhile.

    Attributes
    ----------
    arcs, project
        Arcs of projects, and which of the projects count.
    weight
        How many projects one of them stands for.
    money, side, worth
        What settled projects take of products, add to sides, and are worth.
    at, apart, alone
        Where the arcs were chosen, and by which margins, as in
        :func:`liandong.kernels.allocation.duality.matter`.
    """

    arcs: Arcs
    project: Int
    weight: float
    money: Float
    side: Float
    worth: float
    at: Float
    apart: float = np.inf
    alone: float = np.inf

    def holds(self, limits: Limits, at: Float, heat: float, radius: float = 0.0) -> bool:
        """Tell whether no other arc can matter at some prices, and as far around them."""
        if self.apart == np.inf:
            return True
        other, none = limits.moves(at - self.at)
        apart, alone = 2 * (other + radius) - self.apart, none + radius - self.alone
        return bool(max(apart, alone) + REACH * heat <= 1e-9)


def every(run: Run, problem: Problem) -> tuple[Active, Limits]:
    """Return all arcs of a problem, and its limits, as floats."""
    n, m, k = problem.projects, len(problem.capacity), len(problem.sides)
    amount = np.empty(n)
    most = problem.start, problem.most, amount
    even = all(run(lambda b: largest(b[0], b[1], *most), blocks(problem.projects)))
    share = np.zeros(0) if even else problem.most / np.repeat(amount, np.diff(problem.start))
    pool, by_product = np.zeros((n, k), np.float32), np.zeros((k, m))
    uneven = any(s.by_arc is not None for s in problem.sides)
    own = np.zeros((len(problem) if uneven else 0, k), np.float32)
    for s, side in enumerate(problem.sides):
        for part, into in ((side.by_project, pool[:, s]), (side.by_product, by_product[s])):
            if part is not None:
                np.divide(part, PPM, out=into, casting="same_kind")
        if side.by_arc is not None:
            np.divide(side.by_arc, PPM, out=own[:, s], casting="same_kind")
    apart = np.abs(own).max(0, initial=0) + (0 if even else np.abs(pool).max(0, initial=0))
    alone = np.abs(own).max(0, initial=0) + np.abs(pool).max(0, initial=0)
    limits = Limits(
        problem.capacity.astype(float), np.array([s.least / PPM for s in problem.sides]),
        by_product, np.array([apart, alone]),
    )  # fmt: skip
    arcs = Arcs(problem.start, problem.product, problem.value, share, amount, pool, own)
    return Active(arcs, np.arange(n), 1.0, np.zeros(m), np.zeros(k), 0.0, np.zeros(m + k)), limits


def narrowed(
    run: Run, wide: Active, limits: Limits, at: Float, heat: float, radius: float
) -> Active:
    """Return what matters of ``wide`` while rates move by up to ``radius`` and it gets colder."""
    price, credit = limits.prices(at)
    apart = alone = 2 * radius + REACH * heat

    def work(block: tuple[int, int]) -> tuple[Any, ...]:
        project = wide.project[slice(*block)]
        project, count, arc, *settled = matter(project, wide.arcs, price, credit, apart, alone)
        a = wide.arcs
        taken = (
            a.product[arc],
            a.value[arc].astype(float),
            *(x[arc] if len(x) else x for x in (a.share, a.own)),
        )
        return count, *taken, a.volume[project], a.pool[project], *settled

    parts = run(work, blocks(len(wide.project)) or [(0, 0)])
    count, product, value, share, own, amount, pool, *settled = zip(*parts, strict=True)
    start = np.zeros(sum(map(len, count)) + 1, np.int64)
    np.cumsum(np.concatenate(count), out=start[1:])
    arcs = Arcs(start, *map(np.concatenate, (product, value, share, amount, pool, own)))
    money, side, worth = (
        a + sum(b) for a, b in zip((wide.money, wide.side, wide.worth), settled, strict=True)
    )
    return Active(
        arcs, np.arange(len(start) - 1), wide.weight, money, side, worth, at, apart, alone
    )


@dataclass(frozen=True)
class Point:
    """The smoothed dual at some prices.

    Attributes
    ----------
    at, heat
        Prices of products and sides, and the temperature.
    value, regret
        The smoothed dual, and what the flows it implies earn less than the best arcs would.
    slope, curve
        First and second derivatives.
    """

    at: Float
    heat: float
    value: float
    regret: float
    slope: Float
    curve: Float


def point(run: Run, active: Active, limits: Limits, at: Float, heat: float) -> Point:
    """Return the smoothed dual and its derivatives."""
    m, k, w = len(limits.capacity), len(limits.least), active.weight
    price, credit = limits.prices(at)
    most = min(BLOCKS, max(2, ENTRIES // (m + k) ** 2))
    size = max(-(-len(active.arcs.volume) // most), SMALL)
    count = max(-(-len(active.arcs.volume) // size), 1)
    shapes = (2,), (m,), (k,), (m + k, m + k)
    sums = Sums(*(np.zeros((count, *shape)) for shape in shapes))
    run(lambda b: smooth(b, size, active.arcs, price, credit, heat, sums), range(count))
    worth, money, side, curve = (w * s.sum(0) for s in sums)
    money, side = money + w * active.money, side + w * active.side
    settled = w * (active.worth - active.money @ price + active.side @ credit)
    value = worth[0] + settled + at[:m] @ limits.capacity - credit @ limits.least
    slope = np.concatenate(
        [limits.capacity - money, side + limits.by_product @ money - limits.least]
    )
    return Point(at, heat, float(value), float(worth[1]), slope, _of_sides(curve, limits))


def _of_sides(curve: Float, limits: Limits) -> Float:
    """Return second derivatives by prices of capacities: a side's moves what products take up."""
    m, b = len(limits.capacity), limits.by_product
    if b.any():
        taken, cross = curve[:m, :m].copy(), curve[:m, m:].copy()
        curve[:m, m:] -= taken @ b.T
        curve[m:, :m] = curve[:m, m:].T
        curve[m:, m:] += b @ taken @ b.T - b @ cross - cross.T @ b.T
    return curve
