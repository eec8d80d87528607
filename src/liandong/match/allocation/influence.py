"""How much one project moves the prices: by leaving it out."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.match.allocation.fairness import ALL, Line
from liandong.match.allocation.pool import Pool
from liandong.match.core.dual import prices as solved
from liandong.match.core.problem import UNIT, Prices, Problem
from liandong.types import PPM

Int = NDArray[np.int64]


def influence(pool: Pool, prices: Prices, count: int, seed: int) -> list[Line]:
    """Return how far the prices of products move at most when one project is not there.

    Parameters
    ----------
    prices
        Of all projects together.
    count
        How many projects are left out, one at a time, of those that have arcs.
    seed
        Draws them, from the projects in the order of their ids.
    """
    problem = pool.problem
    some = np.unique(problem.project)
    names = pool.arcs["project_id"].unique().to_pylist()
    by_name = some[np.argsort(np.array(names, np.str_))] if names else some
    drawn = np.random.default_rng(seed).permutation(len(some))[:count]
    all_there = solved(problem, warm=prices)
    moved = [_moved(all_there, solved(without(problem, i), warm=prices), problem)
             for i in by_name[drawn].tolist()]  # fmt: skip
    return [Line("influence", ALL, max(moved), len(moved))] if moved else []


def _moved(one: Prices, other: Prices, problem: Problem) -> int:
    """Return by how much what a yuan of a product costs differs at most, ppm."""
    apart = np.abs(one.taken(problem) - other.taken(problem)).max(initial=0)
    return int(apart) * PPM // UNIT


def without(problem: Problem, project: int) -> Problem:
    """Return the problem without the arcs of one project."""
    first, last = problem.start[project], problem.start[project + 1]
    keep = np.ones(len(problem), bool)
    keep[first:last] = False
    start = problem.start - (last - first) * (np.arange(problem.projects + 1) > project)
    sides = tuple(
        s if s.by_arc is None else replace(s, by_arc=s.by_arc[keep]) for s in problem.sides
    )
    arcs = {n: getattr(problem, n)[keep] for n in ("product", "least", "most", "step", "value")}
    return replace(problem, start=start, sides=sides, **arcs)
