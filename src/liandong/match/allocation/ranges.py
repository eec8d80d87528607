"""How far a limit may move before its shadow price is another one.

Prices are right where some way of giving out the money, in parts of offers if need be, is worth
exactly the bound that they prove. It can only use offers that are best at these prices, must use up
whatever has a price, and keep every limit. All but a few projects have one best offer; so what is
left open is a small linear program over the others, whatever the size of the pool. The least and
the most of a limit that it reaches, all other limits unchanged, are the range in which the prices
stay right.
"""

from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.problem import UNIT, Prices, Problem
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

WIDEST = UNIT // 1000
"""Beyond 0.1 % of a yuan prices are so far from right that no range is told."""
MOST_OPEN = 20_000
"""Arcs: where more of them tie, no range is told."""
YUAN = 100.0
EXACT = 1e-6
"""Of the largest amount: what the solver may be off by."""
OPTIONS: dict[str, Any] = {"output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off"}


class Range(NamedTuple):
    """Where the price of a limit holds.

    Attributes
    ----------
    low, high
        What the capacity of a product, or the least of a side, may be, fen; None without end.
    directional
        Whether the price holds to one side only: at this very limit it jumps.
    """

    low: int | None
    high: int | None
    directional: bool


NOT_TOLD = Range(None, None, directional=True)


class Ranges(NamedTuple):
    """Ranges of all limits.

    Attributes
    ----------
    tolerance
        1 / UNIT: offers this much a yuan short of the best count as best.
    product, side
        NOT_TOLD if the prices are not right even where they are, or too many offers tie.
    """

    tolerance: int
    product: list[Range]
    side: list[Range]


@dataclass(frozen=True)
class _Open:
    """What prices leave open.

    Attributes
    ----------
    arc
        The arcs of projects with several best offers, one of which may be none.
    project
        The number of the project of each, from 0.
    whole
        Whether such a project must get all it can.
    settled
        What all others use of each product and bring for each side, fen.
    """

    arc: Int
    project: Int
    whole: Bool
    settled: Float


def ranges(problem: Problem, prices: Prices, *, tolerance: int = 100) -> Ranges:
    """Return the range of every limit in which these prices stay right.

    Parameters
    ----------
    problem
        Arcs and limits.
    prices
        Nearly the best ones.
    tolerance
        1 / UNIT. If the prices are right only by more, it is doubled until they are; the ranges
        then tell where they are right by that.
    """
    m = len(problem.capacity)
    at = [*problem.capacity.tolist(), *(s.least / PPM for s in problem.sides)]
    while tolerance <= WIDEST:
        left = _open(problem, prices, tolerance)
        if len(left.arc) > MOST_OPEN:
            break
        model = _Model(problem, prices, left, tolerance)
        if model.possible:
            found = [model.range(k, x) for k, x in enumerate(at)]
            ends = zip(found, model.priced.tolist(), strict=True)
            told = [r if p else _free(r, product=k < m) for k, (r, p) in enumerate(ends)]
            return Ranges(tolerance, told[:m], told[m:])
        tolerance *= 2
    return Ranges(tolerance, [NOT_TOLD] * m, [NOT_TOLD] * len(problem.sides))


def _free(reached: Range, *, product: bool) -> Range:
    """Return the range of a limit without a price: it may be as loose as one likes."""
    if product:
        return Range(reached.low, None, directional=False)
    return Range(None, reached.high, directional=False)


def _open(problem: Problem, prices: Prices, tolerance: int) -> _Open:
    reduced = prices.reduced(problem)
    most = problem.most.astype(float)
    gain = most * reduced
    some = np.flatnonzero(np.diff(problem.start))
    best = np.zeros(problem.projects)
    if len(problem):
        best[some] = np.maximum(np.maximum.reduceat(gain, problem.start[some]), 0)
    short = best[problem.project] - gain
    tied = short <= tolerance * most
    count = np.bincount(problem.project[tied], minlength=problem.projects)
    none = np.ones(problem.projects, bool)
    clear = tied & (gain > tolerance * most)
    none[problem.project[clear]] = False
    settled = tied & ((count == 1) & ~none)[problem.project]
    arc = np.flatnonzero(tied & ~settled)
    _, number = np.unique(problem.project[arc], return_inverse=True)
    whole = np.zeros(int(number.max(initial=-1)) + 1, bool)
    whole[number] = ~none[problem.project[arc]]
    return _Open(arc, number, whole, _used(problem, np.flatnonzero(settled)))


def _used(problem: Problem, arcs: Int) -> Float:
    """Return what the most of some arcs uses of each product and brings for each side, fen."""
    most, m = problem.most[arcs].astype(float), len(problem.capacity)
    sides = [float((most * problem.coefficient(s)[arcs]).sum()) / PPM for s in problem.sides]
    return np.append(np.bincount(problem.product[arcs], most, m), sides)


class _Model:
    """The linear program of what is open; its columns are shares of the most of arcs."""

    def __init__(self, problem: Problem, prices: Prices, left: _Open, near: int) -> None:
        self.scale = float(problem.most.max(initial=1))
        self.product = problem.product[left.arc]
        self.most = problem.most[left.arc] / self.scale
        self.sides = [self.most * problem.coefficient(s)[left.arc] / PPM for s in problem.sides]
        self.settled = left.settled / self.scale
        self.priced = np.append(prices.product, prices.side) > near
        at = np.append(problem.capacity, [s.least / PPM for s in problem.sides]) / self.scale
        below = np.arange(len(at)) < len(problem.capacity)
        self.low = np.where(self.priced | ~below, at, -inf) - self.settled
        self.high = np.where(self.priced | below, at, inf) - self.settled
        self.solver = self._solver(left, len(problem.capacity))
        self.possible = self._reached(0 * self.most) is not None

    def range(self, limit: int, at: float) -> Range:
        """Return what a limit may be: what of it can be reached while all others hold."""
        m = len(self.low) - len(self.sides)
        row = self.most * (self.product == limit) if limit < m else self.sides[limit - m]
        self.solver.changeRowBounds(limit, -inf, inf)
        least, most = self._reached(row), self._reached(-row)
        self.solver.changeRowBounds(limit, self.low[limit], self.high[limit])
        if least is None or most is None:
            return NOT_TOLD
        low, high = (round((self.settled[limit] + x) * self.scale) for x in (least, -most))
        near = max(YUAN, self.scale * EXACT)
        return Range(low, high, min(at - low, high - at) < near)

    def _reached(self, cost: Float) -> float | None:
        """Return the least of a sum over shares; None if nothing is possible."""
        columns = np.arange(len(cost) + 1, dtype=np.int32)
        self.solver.changeColsCost(len(columns), columns, np.append(cost, 0.0))
        self.solver.run()
        if str(self.solver.getModelStatus()).endswith("kOptimal"):
            return float(self.solver.getInfo().objective_function_value)
        return None

    def _solver(self, left: _Open, products: int) -> Any:  # noqa: ANN401 - highspy has no types
        """Return the program: limits, then one row a project; a last column keeps it from empty."""
        import highspy
        from highspy._core import (
            _Highs,
        )  # the public Highs() prints a banner before it can be told not to

        count, limits = len(left.arc), len(self.low)
        rows = [self.product, *(np.full(count, products + s) for s in range(len(self.sides)))]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = count + 1, limits + len(left.whole)
        lp.col_cost_, lp.col_lower_ = np.zeros(count + 1), np.zeros(count + 1)
        lp.col_upper_ = np.append(np.ones(count), 0.0)
        lp.row_lower_ = np.append(self.low, left.whole.astype(float))
        lp.row_upper_ = np.append(self.high, np.ones(len(left.whole)))
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        index = np.stack([*rows, limits + left.project], axis=1)
        value = np.stack([self.most, *self.sides, np.ones(count)], axis=1)
        lp.a_matrix_.start_ = np.append(np.arange(count + 1) * index.shape[1], index.size)
        lp.a_matrix_.index_, lp.a_matrix_.value_ = index.ravel(), value.ravel()
        solver = _Highs()
        for name, setting in OPTIONS.items():
            solver.setOptionValue(name, setting)
        solver.passModel(lp)
        return solver
