"""Assigning money to projects: prices, whole amounts for close calls, and a proof of how good."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.errors import UnprovedError
from liandong.match.core.cofinance import shared
from liandong.match.core.conflict import conflict, refusal
from liandong.match.core.dual import Exact, exact
from liandong.match.core.dual import prices as best_prices
from liandong.match.core.exact import integral, relaxed
from liandong.match.core.fairness import fair
from liandong.match.core.problem import Assignment, Prices, Problem, bound, check, slack, total
from liandong.match.core.rounding import arcs_of, start
from liandong.match.core.search import refine

Int = NDArray[np.int64]

WHOLE = 400
"""A problem of no more arcs than this is solved as a whole."""
MIDDLE = 4_000
"""Up to this many arcs the solver of integer programs is asked where the search falls short."""
WORK = 800_000
"""Most nodes of a search for whole steps, times arcs: the larger, the slower is each."""
ASKED = 4
"""How often the solver of integer programs is asked."""
CORE = 16_000
"""Projects that are close calls."""


def assign(
    problem: Problem,
    *,
    split: bool = False,
    gap: int = 10,
    threads: int = 2,
    warm: Prices | None = None,
    nodes: int | None = None,
    quick: bool = False,
) -> Assignment:
    """Return an assignment of nearly the highest value, with a bound that says how nearly.

    Small problems are solved as a whole. Others are priced; what prices decide clearly is kept,
    and close calls are placed and exchanged until the gap is small enough or nothing more is
    found. Of projects that differ in nothing, those of lower number are served first. The result
    depends on nothing but the problem, the gap and ``warm``.

    Parameters
    ----------
    problem
        Arcs and limits.
    split
        Whether several products may finance one project together.
    gap
        Share of the bound, in 10^-6, within which the search may stop.
    threads
        How many work at it.
    warm
        Prices of nearly the same problem.
    nodes
        Most nodes that the solver of integer programs may look at, for problems of few arcs; a
        number that suits their size if None.
    quick
        Whether to take what prices and search find, however large the gap, and to ask the solver
        only about problems that are solved as a whole or where nothing else was found.

    Raises
    ------
    DataError
        If the problem has a fault.
    ConflictingLimitsError
        If the sides cannot hold together, or only while nobody gets anything.
    UnprovedError
        If nothing was found that holds all sides, and no proof that nothing does.
    InvariantError
        If the result were to break a limit by a single fen.
    """
    problem.check()
    nodes = WORK // max(len(problem), 1) if nodes is None else nodes
    if not len(problem):
        found: Assignment | None = nothing(problem)
    elif split:
        found = _shared(problem, threads, warm)
    elif len(problem) <= WHOLE:
        found = _whole(problem, gap, nodes)
    else:
        found = _rounded(problem, gap, nodes, threads, warm, quick=quick)
    if found is None or not len(found.arc):
        found = _empty(problem, found, threads)
    arc, amount = fair(problem, found.arc, found.amount, threads=threads)
    check(problem, arc, amount, split=split)
    return Assignment(arc, amount, found.prices, max(found.bound, found.value), found.value)


def nothing(problem: Problem) -> Assignment:
    """Return the assignment that gives nobody anything, for problems without arcs."""
    none = np.zeros(0, np.int64)
    free = Prices(0 * problem.capacity, np.zeros(len(problem.sides), np.int64))
    return Assignment(none, none, free, 0, 0)


def _whole(problem: Problem, gap: int, nodes: int) -> Assignment | None:
    """Solve all of it; None if nothing holds all sides."""
    solved = relaxed(problem)
    if solved is None:
        return None
    prices = solved[1]
    return _solved(problem, prices, bound(problem, prices), gap, nodes)


def _solved(
    problem: Problem, prices: Prices, proved: int, gap: int, nodes: int
) -> Assignment | None:
    """Ask the solver of integer programs; None if it finds nothing.

    It works in floats: where its answer in whole fen breaks a side by a hair, it is asked again
    for a little more. The bound is that of the problem itself.
    """
    asked = problem
    for _ in range(ASKED):
        found = integral(asked, proved * gap // 10**6, nodes)
        if found is None:
            return None
        if asked is problem:
            proved = min(proved, found[1])
        arc = np.flatnonzero(found[0])
        amount = found[0][arc]
        short = [min(slack(problem, s, arc, amount), 0) for s in problem.sides]
        if not any(short):
            return Assignment(arc, amount, prices, proved, total(problem, arc, amount))
        sides = [replace(s, least=s.least - 2 * h) for s, h in zip(asked.sides, short, strict=True)]
        asked = replace(asked, sides=tuple(sides))
    return None


def _shared(problem: Problem, threads: int, warm: Prices | None) -> Assignment | None:
    """Let several products finance a project; None if nothing holds all sides."""
    solved = relaxed(problem) if len(problem) <= WHOLE else None
    prices = solved[1] if solved else best_prices(problem, warm=warm, threads=threads)
    found = shared(problem, prices, threads=threads)
    if found is None:
        return None
    proved = exact(problem, prices, threads=threads).bound
    return Assignment(*found, prices, proved, total(problem, *found))


def _rounded(
    problem: Problem, gap: int, nodes: int, threads: int, warm: Prices | None, *, quick: bool
) -> Assignment | None:
    """Price, keep what is clear, and search among close calls; None if sides do not hold."""
    prices = best_prices(problem, warm=warm, threads=threads)
    known = exact(problem, prices, threads=threads)
    target = known.bound * gap // 10**6
    best = _searched(problem, prices, known, target)
    short = best is None or (not quick and best.bound - best.value > target)
    if len(problem) <= MIDDLE and short:
        other = _solved(problem, prices, known.bound, gap, nodes)
        rivals = [a for a in (best, other) if a is not None]
        proved = min((a.bound for a in rivals), default=known.bound)
        best = max(rivals, key=lambda a: a.value, default=None)
        return best and Assignment(best.arc, best.amount, best.prices, proved, best.value)
    return best


def _searched(problem: Problem, prices: Prices, known: Exact, target: int) -> Assignment | None:
    """Place close calls and exchange them; with all calls close if too few leave sides broken."""
    for size in dict.fromkeys((min(CORE, problem.projects), problem.projects)):
        begun = start(problem, prices, known, size)
        if refine(begun, prices, known.bound, target):
            arc, amount = arcs_of(begun, problem)
            return Assignment(arc, amount, prices, known.bound, total(problem, arc, amount))
    return None


def _empty(problem: Problem, found: Assignment | None, threads: int) -> Assignment:
    """Say why nobody gets anything: a conflict, or that it is worth nothing."""
    proof = conflict(problem, threads=threads)
    if proof is not None:
        raise refusal(problem, proof)
    if found is not None:
        return found
    if problem.sides:
        raise UnprovedError(names=", ".join(s.name for s in problem.sides))
    prices = best_prices(problem, threads=threads)
    return replace(nothing(problem), prices=prices, bound=exact(problem, prices).bound)
