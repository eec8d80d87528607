"""The linear relaxation and the integer program of an assignment, solved by HiGHS."""

from dataclasses import dataclass
from math import ceil, gcd, inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.match.core.problem import UNIT, Prices, Problem
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]

OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0}


@dataclass(frozen=True)
class _Rows:
    """Rows of a program: entries (row, column, coefficient), and bounds of the rows."""

    row: Int
    column: Int
    coefficient: Float
    low: Float
    high: Float

    def below(self, upper: "_Rows") -> "_Rows":
        """Put these rows below others."""
        mine = (self.row + len(upper.low), self.column, self.coefficient, self.low, self.high)
        theirs = (upper.row, upper.column, upper.coefficient, upper.low, upper.high)
        return _Rows(*(np.concatenate(pair) for pair in zip(theirs, mine, strict=True)))


def _unit(problem: Problem) -> int:
    """Return the amount that all steps are multiples of: programs count in it."""
    return gcd(*problem.step.tolist())


def _limits(
    problem: Problem, chosen: Int, money: Int, size: Float, unit: float, capacity: Float | Int
) -> _Rows:
    """Return the rows of an assignment: projects, products, sides.

    ``chosen`` and ``money`` are the columns that say whether an arc is used and how much flows on
    it; one of the latter is ``size`` units. Capacity is in units.
    """
    n, m, arcs = problem.projects, len(problem.capacity), len(problem)
    k = len(problem.sides)
    sides = [size * problem.coefficient(s) / PPM for s in problem.sides]
    return _Rows(
        np.concatenate([problem.project, n + problem.product, *(np.full(arcs, n + m + s)
                                                                for s in range(k))]),
        np.concatenate([chosen, money, *([money] * k)]),
        np.concatenate([np.ones(arcs), size, *sides]),
        np.concatenate([np.full(n + m, -inf), [s.least / PPM / unit for s in problem.sides]]),
        np.concatenate([np.ones(n), capacity, np.full(k, inf)]),
    )  # fmt: skip


def relaxed(problem: Problem) -> tuple[Float, Prices] | None:
    """Solve the linear relaxation, in which any share of an arc's most may flow.

    Returns
    -------
    share, prices
        The share that flows on each arc, and the prices: duals of the limits. None if no share
        of anything holds all sides.
    """
    arcs = np.arange(len(problem))
    unit = float(problem.most.mean())
    size = problem.most / unit
    rows = _limits(problem, arcs, arcs, size, unit, problem.capacity / unit)
    highs = _highs(problem.value / UNIT * size, np.ones(len(problem)), rows)
    highs.run()
    if _status(highs) == "kInfeasible":
        return None
    _need(highs, "kOptimal")
    solution = highs.getSolution()
    m, k = len(problem.capacity), len(problem.sides)
    dual = np.abs(solution.row_dual)[len(solution.row_dual) - m - k :]
    fine = np.rint(dual * UNIT).astype(np.int64)
    return np.array(solution.col_value), Prices(fine[:m], fine[m:])


def integral(problem: Problem, gap: int, nodes: int) -> tuple[Int, int] | None:
    """Solve the integer program.

    Parameters
    ----------
    gap
        Value, in fen, within which of the optimum the search may stop.
    nodes
        Most nodes of the search: unlike a time limit, it gives the same answer everywhere.

    Returns
    -------
    amount, bound
        The amount on each arc and the proved bound of the value, fen; None if nothing is possible.
    """
    arcs, unit = len(problem), _unit(problem)
    chosen, steps = np.arange(arcs), np.arange(arcs) + arcs
    most = problem.most // problem.step
    size = problem.step / unit
    link = _linked(chosen, steps, most, problem.least // problem.step)
    cost = np.concatenate([np.zeros(arcs), problem.value / UNIT * size])
    limits = _limits(problem, chosen, steps, size, unit, problem.capacity // unit)
    rows = link.below(limits)
    highs = _highs(cost, np.concatenate([np.ones(arcs), most]), rows, whole=True)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", gap / unit)
    highs.setOptionValue("mip_max_nodes", nodes)
    highs.run()
    if _status(highs) == "kInfeasible":
        return None
    _need(highs, "kOptimal", "kSolutionLimit")
    info = highs.getInfo()
    if info.mip_gap == inf:
        return None
    found = np.rint(highs.getSolution().col_value).astype(np.int64)
    amount = np.where(found[:arcs] > 0, found[arcs:], 0) * problem.step
    return amount, ceil(info.mip_dual_bound * unit)


def _linked(chosen: Int, steps: Int, most: Int, least: Int) -> _Rows:
    """Return the rows that keep the steps of a chosen arc between least and most, others at 0."""
    arcs = len(chosen)
    ones, flat, free = np.ones(arcs), np.zeros(arcs), np.full(arcs, inf)
    row = np.arange(2 * arcs)
    return _Rows(
        np.concatenate([row, row]),
        np.concatenate([steps, steps, chosen, chosen]),
        np.concatenate([ones, ones, -most, -least]),
        np.concatenate([-free, flat]),
        np.concatenate([flat, free]),
    )


def _highs(cost: Float, high: Float, rows: _Rows, *, whole: bool = False) -> Any:  # noqa: ANN401 - highspy has no types
    """Return a HiGHS model that maximises ``cost`` over columns from 0 to ``high``."""
    import highspy
    from highspy._core import (
        _Highs,
    )  # the public Highs() prints a banner before it can be told not to

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(cost), len(rows.low)
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(len(cost)), high
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    order = np.lexsort((rows.row, rows.column))
    count = np.bincount(rows.column, minlength=len(cost))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(count)])
    lp.a_matrix_.index_ = rows.row[order]
    lp.a_matrix_.value_ = rows.coefficient[order]
    if whole:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(cost)
    highs = _Highs()
    for name, setting in OPTIONS.items():
        highs.setOptionValue(name, setting)
    highs.passModel(lp)
    return highs


def _status(highs: Any) -> str:  # noqa: ANN401 - highspy has no types
    return str(highs.getModelStatus()).rpartition(".")[2]


def _need(highs: Any, *allowed: str) -> None:  # noqa: ANN401 - highspy has no types
    if (status := _status(highs)) not in allowed:
        raise InvariantError(what=both("fault.no_solution"), row=status)
