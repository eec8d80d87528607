"""Assigning money to projects: the relaxation, then whole steps for those that are close calls."""

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.exact import integral, relaxed
from liandong.match.core.problem import Assignment, Prices, Problem, bound, check, worth

Int = NDArray[np.int64]

NODES = 2_000
"""Most nodes of one search for whole steps."""


def assign(problem: Problem, *, split: bool = False, gap: int = 10) -> Assignment:
    """Return an assignment of nearly the highest value, with a bound that says how nearly.

    Parameters
    ----------
    problem
        Arcs and limits.
    split
        Whether several products may finance one project together.
    gap
        Share of the bound, in 10^-6, within which the search may stop.

    Raises
    ------
    DataError
        If the problem has a fault, or its sides cannot hold together.
    InvariantError
        If the result were to break a limit by a single fen.
    """
    problem.check()
    if not len(problem):
        return nothing(problem)
    _, prices = relaxed(problem) or (None, nothing(problem).prices)
    proved = bound(problem, prices)
    amount, tighter = integral(problem, proved * gap // 10**6, NODES) or (0 * problem.most, proved)
    proved = min(proved, tighter)
    arc = np.flatnonzero(amount)
    check(problem, arc, amount[arc], split=split)
    value = int(worth(problem, arc, amount[arc]).sum())
    return Assignment(arc, amount[arc], prices, max(proved, value), value)


def nothing(problem: Problem) -> Assignment:
    """Return the assignment that gives nobody anything, for problems without arcs."""
    none = np.zeros(0, np.int64)
    free = Prices(0 * problem.capacity, np.zeros(len(problem.sides), np.int64))
    return Assignment(none, none, free, 0, 0)
