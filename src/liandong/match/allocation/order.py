"""Equal treatment: of projects that nothing tells apart, those with the lower hash come first."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.problem import Assignment, Problem, worth

Int = NDArray[np.int64]
Wide = NDArray[np.uint64]


def in_order(problem: Problem, found: Assignment) -> Assignment:
    """Return an assignment of the same value in which equals are served in order.

    Projects whose arcs are the same in product, amounts, value and all coefficients are equals.
    What they got is dealt out among them anew: the most valuable, then the largest, to the one
    with the lowest number. Whatever found the assignment, it had no say in who of them is first.
    """
    alike = kind(problem)
    mine = problem.project[found.arc]
    value, amount = (np.zeros(problem.projects, np.int64) for _ in range(2))
    np.add.at(value, mine, worth(problem, found.arc, found.amount))
    np.add.at(amount, mine, found.amount)
    to = np.empty(problem.projects, np.int64)
    to[np.lexsort((-amount, -value, alike))] = np.argsort(alike, kind="stable")
    arc = found.arc - problem.start[mine] + problem.start[to[mine]]
    order = np.argsort(arc)
    return replace(found, arc=arc[order], amount=found.amount[order])


def kind(problem: Problem) -> Wide:
    """Return a hash of the arcs of each project: the same for equals.

    Notes
    -----
    Arcs are mixed column by column as in SplitMix64; those of a project are of different products,
    so that their sum does not depend on an order. Two that differ share a hash by chance of 2^-64.
    """
    columns: tuple[NDArray[np.integer], ...] = (
        problem.product, problem.least, problem.most, problem.step, problem.value,
        *(problem.coefficient(s) for s in problem.sides),
    )  # fmt: skip
    mixed = np.zeros(len(problem), np.uint64)
    for column in columns:
        mixed = _mix(mixed ^ column.astype(np.int64).view(np.uint64))
    sums = np.append(np.uint64(0), np.cumsum(mixed, dtype=np.uint64))
    return np.asarray(sums[problem.start[1:]] - sums[problem.start[:-1]])


def _mix(x: Wide) -> Wide:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))
