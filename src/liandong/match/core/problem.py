"""What an assignment is made of, what it is worth, and what bounds it.

Each project gets money from one product at most: nothing, or a whole number of steps between the
least and the most of an arc. Where co-financing is allowed it may get parts from several, whose
shares of the most of their arcs are 1 together at most. Capacities of products and pooled rules,
the sides, hold exactly. The value is the sum of amount times value per yuan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import DataError, InvariantError
from liandong.kernels.allocation.arcs import faults
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Bool = NDArray[np.bool_]

UNIT = 100_000_000
"""Values and prices are whole numbers of 1 / UNIT yuan per yuan."""
MOST_MONEY = 2**53
"""Fen of all arcs together, of all capacities together: beyond it a float64 loses fen."""
MOST_RATE = 2**30
"""Of values and prices, in 1 / UNIT: more than ten yuan per yuan is a mistake of units."""


@dataclass(frozen=True)
class Side:
    """A pooled rule: what all amounts together must hold.

    The sum over arcs of amount times coefficient is at least ``least``. A coefficient is the sum
    of three parts, in ppm: that of the product, of the project and of the arc itself.

    Attributes
    ----------
    name
        What the rule is called.
    least
        Fen times ppm.
    by_product, by_project, by_arc
        Shapes (products,), (projects,), (arcs,); None stands for zeros.
    """

    name: str
    least: int
    by_product: Int | None = None
    by_project: Int | None = None
    by_arc: Int | None = None


@dataclass(frozen=True)
class Problem:
    """Arcs, pairs of project and product that may be joined, and what limits them.

    Attributes
    ----------
    start
        Shape (projects + 1,): the arcs of project i are start[i] to start[i + 1]. Projects are
        numbered in the order in which equals are served.
    product
        Of each arc; no product twice within a project.
    least, most, step
        Of the amount on each arc, fen; ``least`` and ``most`` are multiples of ``step``.
    value
        Of each arc, 1 / UNIT yuan per yuan.
    capacity
        Of each product, fen.
    sides
        Pooled rules.
    """

    start: Int
    product: Small
    least: Int
    most: Int
    step: Int
    value: Small
    capacity: Int
    sides: tuple[Side, ...] = ()

    def __len__(self) -> int:
        return len(self.product)

    @property
    def projects(self) -> int:
        """Number of projects."""
        return len(self.start) - 1

    @property
    def project(self) -> Int:
        """Number of the project of each arc."""
        return np.repeat(np.arange(self.projects), np.diff(self.start))

    def arcs_of(self, who: Int) -> tuple[Int, Int]:
        """Return the arcs of some projects, and the place in ``who`` of the project of each."""
        degree = np.diff(self.start)[who]
        begin = np.cumsum(degree) - degree
        place = np.repeat(np.arange(len(who)), degree)
        return self.start[who][place] + np.arange(degree.sum()) - begin[place], place

    def used(self, arc: Int, amount: Int) -> Int:
        """Return what amounts on some arcs take of each product, fen."""
        out = np.zeros(len(self.capacity), np.int64)
        np.add.at(out, self.product[arc], amount)
        return out

    def coefficient(self, side: Side) -> Int:
        """Return the coefficient of a side on each arc, ppm."""
        out = np.zeros(len(self), np.int64)
        if side.by_product is not None:
            out += side.by_product[self.product]
        if side.by_project is not None:
            out += np.repeat(side.by_project, np.diff(self.start))
        if side.by_arc is not None:
            out += side.by_arc
        return out

    def coefficient_at(self, side: Side, arc: Int, project: Int) -> Int:
        """Return the coefficient of a side on some arcs, of whose projects these are, ppm."""
        out = np.zeros(len(arc), np.int64)
        if side.by_product is not None:
            out += side.by_product[self.product[arc]]
        if side.by_project is not None:
            out += side.by_project[project]
        if side.by_arc is not None:
            out += side.by_arc[arc]
        return out

    def owner(self, arc: Int) -> Int:
        """Return the project of each of some arcs."""
        return np.searchsorted(self.start, arc, side="right") - 1

    def check(self) -> None:
        """Refuse what cannot be solved; DataError names the first fault and its arc."""
        codes = ("fault.arc_product", "fault.arc_amount", "fault.arc_step", "fault.arc_value",
                 "fault.arc_twice")  # fmt: skip
        arc, fault = faults(
            self.start, self.product, self.least, self.most, self.step, self.value,
            len(self.capacity), MOST_RATE,
        )  # fmt: skip
        if fault >= 0:
            project = int(self.owner(np.array([arc]))[0])
            raise _unfit(codes[fault], arc=arc, project=project, projects=self.projects)
        money = float(self.most.sum(dtype=float)), float(self.capacity.sum(dtype=float))
        if max(money) > MOST_MONEY or (self.capacity < 0).any():
            raise _unfit("fault.money_most", fen=int(max(money)))


def _unfit(code: str, **values: int) -> DataError:
    what, remedy = both(code, **values), both("advice.mend_arcs")
    return DataError(file="quote", what=what, remedy=remedy)


class Prices(NamedTuple):
    """What scarce things are worth at the margin; none below 0.

    Attributes
    ----------
    product
        Of each product's capacity, 1 / UNIT yuan per yuan.
    side
        Of each side, 1 / UNIT yuan per yuan of its coefficient.
    """

    product: Int
    side: Int

    def taken(self, problem: Problem) -> Int:
        """Return what a yuan of each product uses up, less what it earns for sides."""
        parts = (s.by_product for s in problem.sides)
        return self.product - _earned(parts, self.side, len(problem.capacity))

    def credit(self, problem: Problem) -> Int:
        """Return what a yuan for each project earns for sides."""
        return _earned((s.by_project for s in problem.sides), self.side, problem.projects)

    def own(self, problem: Problem) -> Int:
        """Return what a yuan on each arc itself earns for sides; shape (0,) if nothing does."""
        size = len(problem) if any(s.by_arc is not None for s in problem.sides) else 0
        return _earned((s.by_arc for s in problem.sides), self.side, size)

    def reduced(self, problem: Problem) -> Int:
        """Return the value per yuan of each arc beyond what it uses up, 1 / UNIT."""
        credit = np.repeat(self.credit(problem), np.diff(problem.start))
        net = problem.value - self.taken(problem)[problem.product] + credit
        return np.asarray(net + own if len(own := self.own(problem)) else net)


def _earned(parts: Iterable[Int | None], price: Int, size: int) -> Int:
    """Return the sum of price times coefficient, rounded up: a bound may err upward only."""
    total = np.zeros(size, np.int64)
    for part, p in zip(parts, price.tolist(), strict=True):
        if part is not None:
            total += part * p
    return -(-total // PPM)


@dataclass(frozen=True)
class Assignment:
    """An assignment and what proves how good it is.

    Attributes
    ----------
    arc, amount
        The arcs that get money, ascending, and how much, fen.
    prices
        Of scarce things.
    bound
        No assignment is worth more, fen.
    value
        What this one is worth, fen, rounded down.
    """

    arc: Int
    amount: Int
    prices: Prices
    bound: int
    value: int


def bound(problem: Problem, prices: Prices) -> int:
    """Return the value that no assignment can exceed, in fen: the bound of Lagrange.

    For any prices l of capacities and m of sides, none negative:
    sum_j l_j capacity_j - sum_s m_s least_s + sum_i max(0, max_e most_e reduced_e). Whole numbers
    throughout: whoever found the prices, and with whatever error, the bound holds.
    """
    gain: list[int] = (problem.most.astype(object) * prices.reduced(problem)).tolist()
    start = problem.start.tolist()
    best: int = sum(max([0, *gain[a:b]]) for a, b in pairwise(start))
    held = zip(prices.product.tolist(), problem.capacity.tolist(), strict=True)
    total: int = PPM * (best + sum(p * c for p, c in held))
    total -= sum(p * s.least for p, s in zip(prices.side.tolist(), problem.sides, strict=True))
    return -(-total // (PPM * UNIT))


def worth(problem: Problem, arc: Int, amount: Int) -> Int:
    """Return the value of the amount on each of some arcs, in fen, rounded down."""
    rate = problem.value[arc].astype(np.int64)
    return amount // UNIT * rate + amount % UNIT * rate // UNIT


def total(problem: Problem, arc: Int, amount: Int) -> int:
    """Return the value of all amounts together, in fen, rounded down once."""
    rest = amount % UNIT * problem.value[arc].astype(np.int64) % UNIT
    return int(worth(problem, arc, amount).sum()) + int(rest.sum()) // UNIT


def slack(problem: Problem, side: Side, arc: Int, amount: Int) -> int:
    """Return what a side has to spare, fen times ppm; exact."""
    rate = problem.coefficient_at(side, arc, problem.owner(arc))
    high, low = amount // PPM * rate, amount % PPM * rate
    return int(high.sum()) * PPM + int(low.sum()) - side.least


def check(problem: Problem, arc: Int, amount: Int, *, split: bool = False) -> None:
    """Hold an assignment to every limit in whole fen; InvariantError names the first it breaks."""
    held = {
        "fault.below_least": bool((amount >= problem.least[arc]).all()),
        "fault.above_most": bool((amount <= problem.most[arc]).all()),
        "fault.part_of_step": not (amount % problem.step[arc]).any(),
        "fault.paid_twice": _once(problem, arc, amount, split=split),
        "fault.product_overdrawn": bool((problem.used(arc, amount) <= problem.capacity).all()),
    }
    for code, ok in held.items():
        if not ok:
            raise InvariantError(what=both(code), row=f"n = {len(arc)}")
    for side in problem.sides:
        if slack(problem, side, arc, amount) < 0:
            raise InvariantError(what=both("fault.side_broken", side=side.name), row=side.name)


def _once(problem: Problem, arc: Int, amount: Int, *, split: bool) -> bool:
    """Tell whether every project is paid by one product, or in shares of 1 together at most."""
    mine = problem.owner(arc)
    project, count = np.unique(mine, return_counts=True)
    several = project[count > 1]
    share = dict.fromkeys(several.tolist(), Fraction(0))
    for e in np.flatnonzero(np.isin(mine, several)).tolist():
        share[int(mine[e])] += Fraction(int(amount[e]), int(problem.most[arc[e]]))
    return not share or (split and max(share.values()) <= 1)
