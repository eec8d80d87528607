"""Co-financing: several products may finance a project together, so nearly all of it is linear.

What prices decide clearly is settled. The close calls are a small linear program, of which a
vertex splits no more projects than there are capacities and sides; its shares become whole steps.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from liandong.match.core.dual import Exact, exact
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import Prices, Problem, Side, slack

Int = NDArray[np.int64]
Float = NDArray[np.float64]

CORE = 2_000
"""Projects that are close calls, at first."""
MORE = 4
"""If they cannot hold the limits by themselves, so many times as many are."""


def shared(problem: Problem, prices: Prices, *, threads: int = 2) -> tuple[Int, Int] | None:
    """Return the amounts of a co-financed assignment of nearly the highest value.

    Parameters
    ----------
    problem
        Arcs and limits; shares of the most of a project's arcs are 1 together at most.
    prices
        Nearly those of the least bound.
    threads
        How many work at the best arcs; the result does not depend on it.

    Returns
    -------
    arc, amount
        The arcs that get money, ascending, and how much, fen; None if sides do not hold.
    """
    known = exact(problem, prices, threads=threads)
    loss = np.where(known.first <= 0, -known.second, known.first - np.maximum(known.second, 0))
    count = CORE
    while True:
        near = np.partition(loss, count)[count] if count < problem.projects else np.inf
        found = _placed(problem, prices, known, loss, near)
        if found is not None:
            arc = np.flatnonzero(found)
            return arc, found[arc]
        if near == np.inf:
            return None
        count *= MORE


def _placed(problem: Problem, prices: Prices, known: Exact, loss: Int, near: float) -> Int | None:
    """Return the amount of each arc if projects that lose less than ``near`` are close calls."""
    amount = np.zeros(len(problem), np.int64)
    settled = known.best[(loss >= near) & (known.best >= 0)]
    amount[settled] = problem.most[settled]
    core = _core(problem, prices, np.flatnonzero(loss < near), near)
    if not len(core):
        return amount if _broken(problem, amount) is None else None
    for slips in (2 * (len(problem.capacity) + len(problem.sides)), 0):
        rest = _rest(problem, amount, core, slips)
        solved = relaxed(rest) if (rest.capacity >= 0).all() else None
        if solved is not None:
            found = amount.copy()
            found[core] = Whole(rest, solved[0]).amounts()
            if _broken(problem, found) is None:
                return found
    return None


def _core(problem: Problem, prices: Prices, project: Int, near: float) -> Int:
    """Return the arcs of some projects that are not much worse than their best."""
    degree = problem.start[project + 1] - problem.start[project]
    shift = problem.start[project] - np.cumsum(degree) + degree
    arc = np.repeat(shift, degree) + np.arange(degree.sum())
    own, credit = prices.own(problem), np.repeat(prices.credit(problem)[project], degree)
    rate = problem.value[arc] - prices.taken(problem)[problem.product[arc]] + credit
    gain = (rate + own[arc] if len(own) else rate) * problem.most[arc].astype(float)
    if near == np.inf or not len(arc):
        return arc
    begin = (np.cumsum(degree) - degree)[degree > 0]
    best = np.repeat(np.maximum(np.maximum.reduceat(gain, begin), 0), degree[degree > 0])
    return np.asarray(arc[gain >= best - near * problem.most[arc]])


def _rest(problem: Problem, amount: Int, core: Int, slips: int) -> Problem:
    """Return the problem of the arcs of the core: what is settled has been paid.

    Sides keep a reserve for ``slips`` steps that are rounded down.
    """
    project = problem.project[core]
    mine, count = np.unique(project, return_counts=True)
    paid = np.flatnonzero(amount)
    used = problem.used(paid, amount[paid])
    sides = []
    for side in problem.sides:
        most = int(np.abs(problem.coefficient(side)[core]).max()) * int(problem.step[core].max())
        sides.append(Side(
            side.name, slips * most - slack(problem, side, paid, amount[paid]), side.by_product,
            None if side.by_project is None else side.by_project[mine],
            None if side.by_arc is None else side.by_arc[core],
        ))  # fmt: skip
    return Problem(
        np.concatenate([[0], np.cumsum(count)]),
        problem.product[core], problem.least[core], problem.most[core], problem.step[core],
        problem.value[core], problem.capacity - used, tuple(sides),
    )  # fmt: skip


def _broken(problem: Problem, amount: Int) -> Side | None:
    """Return a side that does not hold."""
    arc = np.flatnonzero(amount)
    return next((s for s in problem.sides if slack(problem, s, arc, amount[arc]) < 0), None)


@dataclass
class Whole:
    """Whole steps from shares.

    Attributes
    ----------
    problem
        Arcs and limits.
    share
        Of each arc's most.
    """

    problem: Problem
    share: Float

    def amounts(self) -> Int:
        """Return whole steps that break no capacity and pay no project twice.

        Shares are rounded down, all but those that miss a step by what floats lose.
        """
        p = self.problem
        steps = self.share * (p.most // p.step)
        near = np.abs(steps - np.rint(steps)) <= 1e-9 * (p.most // p.step) + 1e-9
        amount = np.where(near, np.rint(steps), np.floor(steps)).astype(np.int64) * p.step
        amount = np.minimum(np.where(amount < p.least, 0, amount), p.most)
        self._within_projects(amount)
        self._within_capacity(amount)
        return amount

    def _within_projects(self, amount: Int) -> None:
        """Take steps from projects whose shares are above 1."""
        p = self.problem
        paid = np.flatnonzero(amount)
        mine, count = np.unique(p.project[paid], return_counts=True)
        for i in mine[count > 1].tolist():
            arcs = [e for e in range(p.start[i], p.start[i + 1]) if amount[e]]
            while sum(Fraction(int(amount[e]), int(p.most[e])) for e in arcs) > 1:
                self._take(amount, min(arcs, key=lambda e: amount[e]), 1)
                arcs = [e for e in arcs if amount[e]]

    def _within_capacity(self, amount: Int) -> None:
        """Take steps from products that are overdrawn, of parts of projects first."""
        p = self.problem
        paid = np.flatnonzero(amount)
        used = p.used(paid, amount[paid])
        for j in np.flatnonzero(used > p.capacity).tolist():
            arcs = np.flatnonzero((p.product == j) & (amount > 0))
            over = int(used[j] - p.capacity[j])
            for e in arcs[np.argsort(amount[arcs] == p.most[arcs], kind="stable")].tolist():
                if over <= 0:
                    break
                over -= self._take(amount, e, over)

    def _take(self, amount: Int, e: int, over: int) -> int:
        """Take whole steps from an arc until ``over`` is gone or nothing is left."""
        p = self.problem
        before = int(amount[e])
        left = before - -(-over // int(p.step[e])) * int(p.step[e])
        amount[e] = left if left >= p.least[e] else 0
        return before - int(amount[e])
