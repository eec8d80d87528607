"""How fair an allocation is: envy, blocking pairs, and what groups of applicants get."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.match.allocation.pool import Pool
from liandong.match.core.fairness import alike
from liandong.match.core.problem import Prices, Problem
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Words = NDArray[np.str_]

ALL = "all"
SPAN = 2**34
"""Wider than any two values per yuan are apart."""
WITHIN = 2
"""Digits of a region code that name a province."""
UNKNOWN = "?"


@dataclass(frozen=True)
class Line:
    """A figure of a group: ``value`` in ppm, None if there is none."""

    measure: str
    group: str
    value: int | None
    count: int


def envy(problem: Problem, prices: Prices, amount: Int) -> tuple[int, int]:
    """Count whom others envy with reason.

    A project envies another for a product if at these prices that product would earn more with it
    than what it got, and a yuan of the product earns more with it than with the other, who has it.

    Returns
    -------
    pairs, projects
        Pairs of an envious project's arc and a project that has its product; envious projects.
    """
    reduced = prices.reduced(problem)
    gain = np.maximum(problem.most.astype(float) * reduced, 0)
    got = np.bincount(problem.project, amount * reduced.astype(float), problem.projects)
    whole = np.bincount(problem.project, np.where(amount > 0, gain, 0), problem.projects)
    better = (amount == 0) & (gain > np.maximum(got, whole)[problem.project])
    begin = problem.product.astype(np.int64) * SPAN
    place = begin + reduced + SPAN // 2
    held = np.sort(place[amount > 0])
    first = np.searchsorted(held, begin[better])
    below = np.searchsorted(held, place[better]) - first
    return int(below.sum()), len(np.unique(problem.project[better][below > 0]))


def blocking(pool: Pool, amount: Int, budget: int) -> tuple[int, int]:
    """Count pairs of a project and a product that would both rather have each other.

    The project has an offer of a higher rate or none. The product could give it its least amount
    out of what is idle, or by taking it from projects that are worth less a yuan to it. Pooled
    limits are left out: they are why such pairs may have to be.

    Returns
    -------
    pairs, projects
        Such arcs, and the projects with at least one.
    """
    problem = pool.problem
    rate = pc.fill_null(pool.arcs["rate"].cast(pa.int64()), 2**31).to_numpy()
    pays = np.full(problem.projects, 2**31)
    pays[problem.project[amount > 0]] = -1
    np.maximum.at(pays, problem.project[amount > 0], rate[amount > 0])
    wants = (amount == 0) & (rate < pays[problem.project])
    begin = problem.product.astype(np.int64) * SPAN
    place = begin + problem.value + SPAN // 2
    held = np.flatnonzero(amount > 0)
    held = held[np.argsort(place[held])]
    total = np.append(0, np.cumsum(amount[held]))
    first = np.searchsorted(place[held], begin)
    below = total[np.searchsorted(place[held], place)] - total[first]
    used = np.bincount(problem.product[held], amount[held], len(problem.capacity)).astype(np.int64)
    idle = np.minimum(problem.capacity - used, budget - int(amount.sum()))
    blocks = wants & (below + idle[problem.product] >= problem.least)
    return int(blocks.sum()), len(np.unique(problem.project[blocks]))


def ties(problem: Problem, amount: Int) -> int:
    """Count projects among equals of which some got more than others: the salt decided there."""
    some = np.flatnonzero(np.diff(problem.start))
    word = alike(problem)[some]
    got = np.bincount(problem.project, amount, problem.projects)[some]
    _, group, size = np.unique(word, return_inverse=True, return_counts=True)
    low, high = np.full(len(size), np.inf), np.full(len(size), -np.inf)
    np.minimum.at(low, group, got)
    np.maximum.at(high, group, got)
    return int(size[low < high].sum())


def by_group(pool: Pool, amount: Int) -> list[Line]:
    """Return for each group how many may have something, get it, how much, and at what rate.

    Measures: ``eligible``, of those that asked; ``acceptance``, of those eligible; ``money``, of
    all money; ``rate_gap``, the mean rate of its money less that of all; ``rate_gap_alike``, the
    same less what the money of each grade costs on average.
    """
    project, problem = pool.project, pool.problem
    first = np.flatnonzero(np.diff(project, prepend=-1))
    who = pool.quotes.take(first)
    eligible = np.zeros(len(first), bool)
    eligible[project[pool.quotes["eligible"].to_numpy()]] = True
    money = np.bincount(problem.project, amount, len(first)).astype(np.int64)
    rate = pc.fill_null(pool.arcs["rate"].cast(pa.int64()), 0).to_numpy()
    interest = np.bincount(problem.project, amount * rate.astype(float), len(first)).astype(float)
    grade = _labels(who["grade"], "grade:")
    usual = _usual(grade, money, interest)
    out: list[Line] = []
    for labels in (*_groups(who), grade):
        for name in sorted(set(labels.tolist())):
            mine = labels == name
            out += _lines(name, mine, eligible, money, interest, usual)
    return out


def _usual(grade: Words, money: Int, interest: Float) -> Float:
    """Return the interest that the money of each project costs on average at its grade."""
    _, number = np.unique(grade, return_inverse=True)
    paid, cost = np.bincount(number, money), np.bincount(number, interest)
    return np.asarray(money * (cost / np.maximum(paid, 1))[number])


def _lines(
    name: str, mine: Bool, eligible: Bool, money: Int, interest: Float, usual: Float
) -> list[Line]:
    asked, fit = int(mine.sum()), int((mine & eligible).sum())
    paid = int((mine & (money > 0)).sum())
    total, whole = int(money[mine].sum()), int(money.sum())
    lines = [
        Line("eligible", name, fit * PPM // asked, asked),
        Line("acceptance", name, paid * PPM // fit if fit else None, fit),
        Line("money", name, total * PPM // whole if whole else None, paid),
    ]
    mean = interest.sum() / max(whole, 1)
    costs = float(interest[mine].sum())
    gaps = {"rate_gap": costs - mean * total, "rate_gap_alike": costs - float(usual[mine].sum())}
    return lines + [
        Line(m, name, round(g / total) if total else None, paid) for m, g in gaps.items()
    ]


def _groups(who: pa.Table) -> list[Words]:
    small = _labels(who["micro"].cast(pa.string()), "micro:")
    new = _labels(who["first_time"].cast(pa.string()), "first_time:")
    province = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(who["region_id"], 0, WITHIN), "0000", ""
    )
    section = pc.utf8_slice_codeunits(who["industry"], 0, 1)
    return [small, new, _labels(province, "region:"), _labels(section, "industry:")]


def _labels(column: pa.ChunkedArray, what: str) -> Words:
    named = pc.binary_join_element_wise(what, pc.fill_null(column, UNKNOWN), "")
    return np.array(named.to_pylist(), np.str_)
