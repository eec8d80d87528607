"""Prices of scarce things from the dual of an assignment, and the exact bound they prove."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.kernels.allocation.wide import LIMIT, SHIFT, Best, Offers, Rates, surplus
from liandong.match.core.crew import blocks, crew
from liandong.match.core.newton import minimum
from liandong.match.core.problem import UNIT, Prices, Problem
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]

THREADS = 2


def prices(problem: Problem, *, warm: Prices | None = None, threads: int = THREADS) -> Prices:
    """Return prices at which the bound is nearly the least: the dual optimum.

    Any prices prove a bound, those of a hard problem too; how good they are shows in the gap.

    Parameters
    ----------
    problem
        Arcs and limits.
    warm
        Prices of nearly the same problem.
    threads
        How many work at it; the result does not depend on it.
    """
    if not len(problem):
        return Prices(0 * problem.capacity, np.zeros(len(problem.sides), np.int64))
    with crew(threads) as run:
        at = minimum(run, problem, None if warm is None else np.concatenate(warm).astype(float))
    fine = np.rint(at).astype(np.int64)
    return Prices(fine[: len(problem.capacity)], fine[len(problem.capacity) :])


class Exact(NamedTuple):
    """What prices prove, in whole numbers.

    Attributes
    ----------
    bound
        No assignment is worth more, fen: that of :func:`liandong.match.core.problem.bound`.
    best
        Of each project: the arc that earns most at these prices, -1 if none earns anything.
    first, second
        Reduced values of that arc (0 if none) and of the next best, 1 / UNIT; the latter is
        far below 0 if there is no such arc.
    """

    bound: int
    best: Int
    first: Int
    second: Int


def exact(problem: Problem, prices: Prices, *, threads: int = THREADS) -> Exact:
    """Return the bound that prices prove, and each project's best arc.

    Raises
    ------
    InvariantError
        If prices are so high that sums would not be exact.
    """
    rates = Rates(prices.taken(problem), prices.credit(problem), prices.own(problem))
    if sum(float(np.abs(r).max(initial=0)) for r in (problem.value, *rates)) >= LIMIT:
        raise InvariantError(what=both("fault.price_most"), row=str(LIMIT))
    best = Best(*(np.empty(problem.projects, np.int64) for _ in range(3)))
    offers = Offers(problem.start, problem.product, problem.value, problem.most)
    with crew(threads) as run:
        parts = run(lambda b: surplus(b[0], b[1], offers, rates, best), blocks(problem.projects))
    total = PPM * sum((high << SHIFT) + low for high, low in parts)
    held = zip(prices.product.tolist(), problem.capacity.tolist(), strict=True)
    total += PPM * sum(p * c for p, c in held)
    total -= sum(p * s.least for p, s in zip(prices.side.tolist(), problem.sides, strict=True))
    return Exact(-(-total // (PPM * UNIT)), *best)
