"""Equal treatment: projects that differ in nothing are served in the order of their numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.arcs import Terms, prints
from liandong.match.core.crew import blocks, crew
from liandong.match.core.problem import Problem, worth

Int = NDArray[np.int64]

MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number without pattern: 2^64 over the golden ratio."""


def fair(problem: Problem, arc: Int, amount: Int, *, threads: int = 2) -> tuple[Int, Int]:
    """Deal what equals got out again: of those that differ in nothing, the first gets the best.

    That is what is worth most, then the largest.

    Projects with the same products, limits, values and coefficients are interchangeable: limits
    and value stay as they are, and no hidden order of a solver decides.

    Parameters
    ----------
    arc, amount
        Arcs that get money, ascending, and how much.

    Returns
    -------
    arc, amount
        The same for the same totals.
    """
    word = alike(problem, threads=threads)
    ordered = np.sort(word)
    same = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(same):
        return arc, amount
    full = np.zeros(len(problem), np.int64)
    full[arc] = amount
    some = np.flatnonzero(np.isin(word, same))
    degree = np.diff(problem.start)[some]
    for d in np.unique(degree[degree > 0]):
        _deal(problem, some[degree == d], int(d), word, full)
    arc = np.flatnonzero(full)
    return arc, full[arc]


def alike(problem: Problem, *, threads: int = 2) -> NDArray[np.uint64]:
    """Return a fingerprint of each project: those that differ in nothing have the same."""
    word = np.empty(problem.projects, np.uint64)
    terms = Terms(problem.product, problem.value, problem.least, problem.most, problem.step)

    def work(block: tuple[int, int]) -> None:
        prints(*block, problem.start, terms, word)

    with crew(threads) as run:
        run(work, blocks(problem.projects))
    for side in problem.sides:
        if side.by_project is not None:
            word = word * MIX + side.by_project.astype(np.uint64)
        if side.by_arc is not None:
            each = side.by_arc.astype(np.uint64) * (MIX * (problem.product.astype(np.uint64) + 1))
            sums = np.append(np.uint64(0), np.cumsum(each, dtype=np.uint64))
            word = word * MIX + (sums[problem.start[1:]] - sums[problem.start[:-1]])
    return word


def _deal(problem: Problem, who: Int, degree: int, word: NDArray[np.uint64], full: Int) -> None:
    """Deal out what projects of one number of arcs got, among those that are equal."""
    arcs = problem.start[who][:, None] + np.arange(degree)
    arcs = np.take_along_axis(arcs, np.argsort(problem.product[arcs], axis=1), 1)
    _, first, group = np.unique(word[who], return_index=True, return_inverse=True)
    model, chief = arcs[first[group]], who[first[group]]
    columns: list[NDArray[Any]] = [
        problem.product, problem.value, problem.least, problem.most, problem.step,
    ]  # fmt: skip
    columns += [s.by_arc for s in problem.sides if s.by_arc is not None]
    equal = np.all([(c[arcs] == c[model]).all(axis=1) for c in columns], axis=0)
    for side in problem.sides:
        if side.by_project is not None:
            equal &= side.by_project[who] == side.by_project[chief]
    arcs, group = arcs[equal], group[equal]
    got = full[arcs]
    value = worth(problem, arcs.ravel(), got.ravel()).reshape(got.shape).sum(axis=1)
    best_first = np.lexsort((*(-got.T[::-1]), -got.sum(axis=1), -value, group))
    full[arcs[np.argsort(group, kind="stable")]] = got[best_first]
