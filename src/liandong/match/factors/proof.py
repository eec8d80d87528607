"""Small problems of where to open sites as integer programs, solved by HiGHS."""

from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.loads import Load

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]

OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0}
NODES = 2_000
"""Most nodes of one search: unlike a time limit, it gives the same answer everywhere."""
SCALE = 1e4
"""What the known solution costs in the program: floats are most exact about there."""


@dataclass(frozen=True)
class Rows:
    """Rows of a program: entries (row, column, coefficient), and bounds of the rows."""

    row: Int
    column: Int
    coefficient: Float
    low: Float
    high: Float


@dataclass(frozen=True)
class Choice:
    """What an integer program found.

    Attributes
    ----------
    open
        By site; None if nothing is possible, or nothing was found.
    serves
        By point, the number of its site; empty if every point goes to the nearest.
    done
        Whether the search was finished: the choice is the best, or none is possible.
    """

    open: Bool | None
    serves: Int
    done: bool


def sited(costs: Int, forced: Bool, slots: int, value: int, load: Load | None) -> Choice:
    """Open the sites that serve all points at the least cost.

    Parameters
    ----------
    costs
        Shape (points, sites).
    forced
        By site: whether it has to be open.
    slots
        How many open.
    value
        What a known solution costs.
    load
        Sizes of points and rooms of these sites, if they hold only so much.
    """
    points, sites = costs.shape
    # As many sites are open as stay closed at most, so one of the nearest is.
    rank = sites - slots if load is None else sites - 1
    limit = np.partition(costs, rank, axis=1)[:, rank]
    if forced.any() and load is None:
        limit = np.minimum(limit, costs[:, forced].min(axis=1))
    u, s = np.nonzero(costs <= limit[:, None])
    arc = np.arange(len(u)) + sites
    ones = np.ones(len(u))
    first = points + 1
    parts = [
        (u, arc, ones),
        (np.full(sites, points), np.arange(sites), np.ones(sites)),
        (first + np.arange(len(u)), arc, ones),
        (first + np.arange(len(u)), s, -ones),
    ]
    low = [np.ones(points), np.array([slots]), np.full(len(u), -inf)]
    high = [np.ones(points), np.array([slots]), np.zeros(len(u))]
    if load is not None:
        second = first + len(u)
        parts += [
            (second + s, arc, load.size[u].astype(float)),
            (second + np.arange(sites), np.arange(sites), -load.room.astype(float)),
        ]
        low.append(np.full(sites, -inf))
        high.append(np.zeros(sites))
    row, column, coefficient = (np.concatenate([p[i] for p in parts]) for i in range(3))
    rows = Rows(row, column, coefficient, np.concatenate(low), np.concatenate(high))
    price = np.concatenate([np.zeros(sites), costs[u, s] * (SCALE / max(value, 1))])
    whole = np.arange(len(price)) < (sites if load is None else len(price))
    found, done = solved(price, np.concatenate([forced, np.zeros(len(u))]), rows, whole)
    if found is None:
        return Choice(None, u[:0], done)
    serves = np.zeros(points, np.int64)
    used = found[sites:] > 0.5
    serves[u[used]] = s[used]
    return Choice(found[:sites] > 0.5, serves, done)


def covered(near: Bool, forced: Bool, slots: int) -> Choice:
    """Open sites so that every point has one of those near it.

    Parameters
    ----------
    near
        Shape (points, sites): whether a site is near enough.
    forced, slots
        As for :func:`sited`.
    """
    points, sites = near.shape
    u, s = np.nonzero(near)
    rows = Rows(
        np.concatenate([u, np.full(sites, points)]), np.concatenate([s, np.arange(sites)]),
        np.ones(len(u) + sites), np.ones(points + 1), np.append(np.full(points, inf), slots),
    )  # fmt: skip
    found, done = solved(np.ones(sites), forced.astype(float), rows, np.ones(sites, bool))
    return Choice(None if found is None else found > 0.5, u[:0], done)


def solved(price: Float, low: Float, rows: Rows, whole: Bool) -> tuple[Float | None, bool]:
    """Minimise over columns up to 1; return the best found, and whether the search is finished."""
    import highspy
    from highspy._core import _Highs  # the public one prints a banner first

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(price), len(rows.low)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = price, low, np.ones(len(price))
    lp.row_lower_, lp.row_upper_ = rows.low, rows.high
    order = np.lexsort((rows.row, rows.column))
    count = np.bincount(rows.column, minlength=len(price))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(count)])
    lp.a_matrix_.index_, lp.a_matrix_.value_ = rows.row[order], rows.coefficient[order]
    kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    lp.integrality_ = [kinds[int(w)] for w in whole]
    highs = _Highs()
    for name, setting in {**OPTIONS, "mip_max_nodes": NODES}.items():
        highs.setOptionValue(name, setting)
    highs.passModel(lp)
    highs.run()
    return _answer(highs)


def _answer(highs: Any) -> tuple[Float | None, bool]:  # noqa: ANN401 - highspy has no types
    status = str(highs.getModelStatus()).rpartition(".")[2]
    if status == "kInfeasible":
        return None, True
    if highs.getInfo().mip_gap == inf:
        return None, False
    return np.array(highs.getSolution().col_value), status == "kOptimal"
