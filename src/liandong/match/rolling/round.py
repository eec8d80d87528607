"""A round: what is left of everything, the prices in force, and arrivals decided at them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.pacing import NONE, TOP, Arcs, Made, Posted, State, decide
from liandong.match.core.dual import prices
from liandong.match.core.problem import UNIT, Prices, Problem, Side
from liandong.match.rolling.rules import RollingRule
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]

WITHIN = 0.8
"""Of what the pool could add to a floor, this share at most is asked: then prices exist."""
FEW = 32
"""So few applications tell nothing of the mix: no price follows them."""
PAUSE = 64
"""Arrivals that are decided before prices are made anew."""
THREADS = 2


class Round:
    """The state of a round over all projects that may be asked about in it.

    Attributes
    ----------
    problem
        Arcs of all projects, with capacities and sides as of the beginning.
    arc, amount
        Shape (projects,): what each has been given; NONE and 0 if nothing.
    best, worth
        Shape (projects, 3): the arcs of the highest reduced values when it was decided, and these.
    seen
        What has been asked for in the round so far, fen.
    """

    def __init__(self, problem: Problem, rule: RollingRule) -> None:
        self.problem, self._rule = problem, rule
        count, self.sides = problem.projects, problem.sides
        self._arcs = arcs(problem)
        least = [-(-s.least // PPM) for s in self.sides]
        self._state = State(
            problem.capacity.copy(), -np.array(least, np.int64), np.zeros(1, np.int64)
        )
        self.arc, self.amount = np.full(count, NONE), np.zeros(count, np.int64)
        self.best, self.worth = np.full((count, TOP), NONE), np.zeros((count, TOP), np.int64)
        self._last: Prices | None = None
        self._usual = int(self.asked.mean()) if count else 0
        self.seen = 0

    @property
    def left(self) -> tuple[Int, Int]:
        """What is left of each product, and what each side has beyond its least, fen."""
        return self._state.left.copy(), self._state.spare.copy()

    @property
    def asked(self) -> Int:
        """What each project asks for at most, fen; 0 without arcs."""
        most = np.append(self.problem.most, 0)
        found = np.maximum.reduceat(most, np.minimum(self.problem.start[:-1], len(most) - 1))
        return np.where(np.diff(self.problem.start) > 0, found, 0)

    def post(self, pool: Int, weight: Float) -> Posted:
        """Make prices for what is left from the open pool and what is expected beside it.

        Parameters
        ----------
        pool
            Projects, in any order.
        weight
            Shape (pool,): how many like each are still to be decided, itself included. A forecast
            of volume is a weight: it tells how much of what is in the pool is still to come.
        """
        rule, state = self._rule, self._state
        sample = scaled(self.problem, pool, weight)
        ahead = int((self.asked[pool] * weight).sum())
        most, noise = _most_added(sample, weight)
        doubt = np.rint(noise * (int(rule.deviations) / PPM)).astype(np.int64)
        give = min(int(self.problem.capacity.sum()), self.seen + ahead)
        floor = np.array([s.least >= 0 for s in self.sides], bool)
        cushion = np.minimum(give // PPM * int(rule.margin), doubt) * floor
        wanted = np.minimum(cushion - state.spare, (WITHIN * most).astype(np.int64)).tolist()
        left = replace(
            sample,
            capacity=state.left.copy(),
            sides=tuple(
                replace(s, least=w * PPM) for s, w in zip(sample.sides, wanted, strict=True)
            ),
        )
        found = prices(left, warm=self._last, threads=THREADS) if len(left) else _free(left)
        return self.posted(found, most // PPM * int(rule.safety), doubt, ahead)

    def posted(self, found: Prices, reserve: Int, doubt: Int, ahead: int) -> Posted:
        """Return prices as posted in the state of now: those of :meth:`post`, or kept ones."""
        self._last = found
        left, spare = self.left
        some = max(0.0, 1 - FEW * self._usual / max(ahead, 1))
        pace = int(self._rule.react) / PPM * UNIT * some
        return Posted(
            found.product, found.side, left, spare, ahead, reserve, doubt, self.seen, pace
        )

    def run(self, order: Int, posted: Posted, ahead: int) -> int:
        """Decide arrivals until they are all decided or the plan no longer holds.

        Parameters
        ----------
        order
            Projects as they arrive.
        posted
            The prices.
        ahead
            What is still expected to be asked for, these included, fen.

        Returns
        -------
        int
            How many were decided.
        """
        self._state.ahead[0] = ahead
        made = Made(self.arc, self.amount, self.best, self.worth)
        drift = int(self._rule.drift) / PPM
        done = int(decide(order, self._arcs, self._state, posted, made, drift, PAUSE))
        self.seen += ahead - self.ahead
        return done

    @property
    def ahead(self) -> int:
        """What is still expected to be asked for, fen."""
        return int(self._state.ahead[0])

    def take(self, used: Int, added: Int, asked: int) -> None:
        """Take away what was decided before.

        Parameters
        ----------
        used, added
            Fen by product, and what they added to each side.
        asked
            What was asked for, fen.
        """
        self._state.left[:] -= used
        self._state.spare[:] += added
        self.seen += asked


def _free(problem: Problem) -> Prices:
    """Return prices of 0: nobody asks."""
    return Prices(0 * problem.capacity, np.zeros(len(problem.sides), np.int64))


def arcs(problem: Problem) -> Arcs:
    """Return the arcs of a problem with what a yuan on them adds to its sides."""
    rows = len(problem.sides)
    by_product = np.zeros((rows, len(problem.capacity)), np.int64)
    by_project = np.zeros((rows, problem.projects), np.int64)
    own = any(s.by_arc is not None for s in problem.sides)
    by_arc = np.zeros((rows, len(problem) if own else 0), np.int64)
    for s, side in enumerate(problem.sides):
        by_product[s] += 0 if side.by_product is None else side.by_product
        by_project[s] += 0 if side.by_project is None else side.by_project
        by_arc[s] += 0 if side.by_arc is None else side.by_arc
    return Arcs(
        problem.start, problem.product, problem.least, problem.most, problem.step, problem.value,
        by_product, by_project, by_arc,
    )  # fmt: skip


def scaled(problem: Problem, pool: Int, weight: Float) -> Problem:
    """Return the problem of some projects, each as if it came ``weight`` times, to the fen."""
    count = np.diff(problem.start)[pool]
    start = np.append(0, np.cumsum(count))
    arc, _ = problem.arcs_of(pool)
    most = np.maximum(np.rint(problem.most[arc] * np.repeat(weight, count)), 1).astype(np.int64)
    one = np.ones_like(most)

    def some(side: Side) -> Side:
        by_project = None if side.by_project is None else side.by_project[pool]
        by_arc = None if side.by_arc is None else side.by_arc[arc]
        return replace(side, by_project=by_project, by_arc=by_arc)

    return Problem(
        start, problem.product[arc], one, most, one, problem.value[arc], problem.capacity,
        tuple(some(s) for s in problem.sides),
    )  # fmt: skip


def _most_added(sample: Problem, weight: Float) -> tuple[Int, Float]:
    """Return the most that a pool could add to each side if nothing else counted, and its noise.

    Who comes is taken as a compound Poisson process: the variance of the sum is the sum of
    weight times square.

    Parameters
    ----------
    sample
        Projects of the pool, each as if it came ``weight`` times.
    weight
        Shape (projects,).

    Returns
    -------
    tuple
        The most and its standard deviation, shapes (sides,), fen.
    """
    most, noise = np.zeros(len(sample.sides), np.int64), np.zeros(len(sample.sides))
    some = np.flatnonzero(np.diff(sample.start))
    for s, side in enumerate(sample.sides if len(some) else ()):
        adds = np.maximum(sample.coefficient(side), 0)
        each = sample.most // PPM * adds + sample.most % PPM * adds // PPM
        each = np.maximum.reduceat(each, sample.start[some])
        most[s] = each.sum()
        # A weight of 0 stands for nobody: what is left of it is a fen.
        noise[s] = np.sqrt((each.astype(float) ** 2 / np.maximum(weight[some], 1e-9)).sum())
    return most, noise
