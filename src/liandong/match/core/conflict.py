"""Proofs that sides cannot hold together, and the fewest of them that cannot.

Sides conflict in one of two ways: no amounts hold them at all, as when a floor in money is above
what there is; or only nothing holds them, as when micro firms must have 70 % of all money and
large ones 40 %. An allocation of nothing is an answer to the second that nobody wants to be given
silently, so it is called a conflict, too. A floor for a group without members is one by itself.

Either is proved by the bound of Lagrange at non-negative prices (Farkas): if every yuan is worth
nothing, the bound of what can be had is below 0, so that nothing can be had; if every yuan counts,
the bound of the money that can flow is less than the smallest amount there is. The bound is in
whole numbers, so whoever has the prices can check it: they come from a linear program over some
projects, to which those that contradict the proof are added until none does.

The set that is named is irreducible: without any one of its sides, there is no proof. It is the
smallest there is where no more than SUBSETS smaller sets had to be looked at.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import ConflictingLimitsError
from liandong.match.core.dual import exact
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import MOST_RATE, UNIT, Prices, Problem, Side
from liandong.texts import both
from liandong.types import PPM

Int = NDArray[np.int64]

FIRST = 400
"""Projects that a proof starts from, and most that are added at a time."""
ROUNDS = 12
"""Most times that projects are added."""
SUBSETS = 64
"""Most smaller sets of sides that are looked at."""
RAISED = (1.0, 1 + 1e-6, 1 + 1e-3)
"""Prices are tried as they are and a little higher: rounding may have left one too low."""
MOST_PRICE = 2**32


class Proof(NamedTuple):
    """What proves that some sides conflict.

    Attributes
    ----------
    sides
        Numbers of the sides.
    prices
        Of all products and sides; 0 for sides that are not among them.
    rate
        What every yuan counts in the proof, 1 / UNIT; 0 if no amounts at all hold the sides.
    """

    sides: tuple[int, ...]
    prices: Prices
    rate: int


def conflict(problem: Problem, *, threads: int = 2) -> Proof | None:
    """Return the proof that sides conflict, with the fewest sides; None if none was found.

    Without sides there is no conflict, even if no product has room for anybody.
    """
    if not len(problem):
        return _above_nothing(problem)
    search = _Search(problem, threads)
    every = tuple(range(len(problem.sides)))
    if search.proof(()) is not None or (found := search.proof(every)) is None:
        return None
    for s in every:
        rest = tuple(t for t in found.sides if t != s)
        if s in found.sides and (fewer := search.proof(rest)) is not None:
            found = fewer
    for size in range(1, len(found.sides)):
        if sum(comb(len(every), k) for k in range(1, size + 1)) > SUBSETS:
            break
        for some in combinations(every, size):
            if (fewer := search.proof(some)) is not None:
                return fewer
    return found


def _above_nothing(problem: Problem) -> Proof | None:
    """Return the proof of the first side that asks for something, where there are no arcs."""
    asks = [s for s, side in enumerate(problem.sides) if side.least > 0]
    if not asks:
        return None
    price = np.zeros(len(problem.sides), np.int64)
    # At this price even one fen times ppm is a fen, which is what bounds are rounded to.
    price[asks[0]] = PPM * UNIT
    return Proof((asks[0],), Prices(0 * problem.capacity, price), 0)


def proves(problem: Problem, proof: Proof, *, threads: int = 2) -> bool:
    """Tell, in whole numbers, whether a proof is one."""
    counted = replace(problem, value=np.full(len(problem), proof.rate, np.int32))
    proved = exact(counted, proof.prices, threads=threads).bound
    if proof.rate == 0:
        return proved < 0
    return proved * UNIT < int(problem.least.min()) * proof.rate


def refusal(problem: Problem, proof: Proof) -> ConflictingLimitsError:
    """Return the error that says which sides conflict, and by what multipliers that is proved."""
    names = [problem.sides[s].name for s in proof.sides]
    price = [proof.prices.side[s] / UNIT for s in proof.sides]
    how = "fault.sides_only_nothing" if proof.rate else "fault.sides_never"
    return ConflictingLimitsError(
        names=", ".join(names),
        how=both(how),
        multipliers=", ".join(f"{n} {p:.6g}" for n, p in zip(names, price, strict=True)),
    )


class _Search:
    """Looks for proofs, and remembers which projects matter."""

    def __init__(self, problem: Problem, threads: int) -> None:
        self.problem, self.threads = problem, threads
        self.among = self._first()

    def _first(self) -> Int:
        """Return some projects of all kinds, and those that are best for each side."""
        n = self.problem.projects
        some = [np.linspace(0, n - 1, min(n, FIRST)).astype(np.int64)]
        for side in self.problem.sides:
            best = np.argsort(-self.problem.coefficient(side), kind="stable")[: FIRST // 8]
            some.append(self.problem.owner(best))
        return np.unique(np.concatenate(some))

    def proof(self, sides: tuple[int, ...]) -> Proof | None:
        """Return the proof that some sides conflict, by the few of them that it needs."""
        wanted = [0] if any(self.problem.sides[s].least > 0 for s in sides) else []
        for rate in (*wanted, UNIT):
            for _ in range(ROUNDS):
                prices = self._prices(sides, rate)
                if prices is None:
                    break
                for proof in _raised(prices, rate):
                    if proves(self.problem, proof, threads=self.threads):
                        return proof
                if not self._add(prices, rate):
                    break
        return None

    def _prices(self, sides: tuple[int, ...], rate: int) -> Prices | None:
        """Return prices of the program over some projects; None if it has a solution."""
        part = _part(self.problem, self.among, sides)
        solved = relaxed(
            _with_penalty(part)
            if rate == 0
            else replace(part, value=np.full(len(part), rate, np.int32))
        )
        if solved is None:
            return None
        share, found = solved
        if rate and share @ part.most >= self.problem.least.min():
            return None
        if rate == 0 and not share[len(part) :].any():
            return None
        m, k = len(self.problem.capacity), len(self.problem.sides)
        price = np.zeros(k, np.int64)
        price[list(sides)] = found.side
        return Prices(found.product[:m], price)

    def _add(self, prices: Prices, rate: int) -> bool:
        """Add the projects that contradict the proof most; False if none does."""
        counted = replace(self.problem, value=np.full(len(self.problem), rate, np.int32))
        found = exact(counted, prices, threads=self.threads)
        gain = np.where(found.best >= 0, found.first / UNIT * self.problem.most[found.best], 0.0)
        gain[self.among] = 0.0
        worst = np.argsort(-gain, kind="stable")[:FIRST]
        more = worst[gain[worst] > 0]
        self.among = np.union1d(self.among, more)
        return len(more) > 0


def _raised(prices: Prices, rate: int) -> Iterator[Proof]:
    """Yield proofs to try: the prices as they are, and a little higher."""
    top = max(int(prices.product.max(initial=0)), int(prices.side.max(initial=0)), 1)
    scale = min(MOST_PRICE / top, MOST_RATE / max(rate, 1))
    for more in RAISED:
        part = [np.ceil(p * (scale * more)).astype(np.int64) for p in prices]
        used = tuple(np.flatnonzero(part[1]).tolist())
        yield Proof(used, Prices(*part), int(rate * scale))


def _part(problem: Problem, who: Int, sides: tuple[int, ...]) -> Problem:
    """Return the problem of some projects under some sides."""
    arcs, project = problem.arcs_of(who)
    start = np.append(0, np.cumsum(np.diff(problem.start)[who]))
    return Problem(
        start, problem.product[arcs], problem.least[arcs], problem.most[arcs], problem.step[arcs],
        problem.value[arcs], problem.capacity,
        tuple(
            Side(s.name, s.least, by_arc=problem.coefficient_at(s, arcs, who[project]))
            for s in (problem.sides[t] for t in sides)
        ),
    )  # fmt: skip


def _with_penalty(part: Problem) -> Problem:
    """Return a problem in which what sides lack can be bought, and nothing else counts."""
    need = np.array([max(0, -(-s.least // PPM)) for s in part.sides], np.int64)
    k, m = len(need), len(part.capacity)
    grown = [
        replace(s, by_arc=np.append(part.coefficient(s), PPM * (np.arange(k) == t)))
        for t, s in enumerate(part.sides)
    ]
    lots = np.maximum(need, 1)
    return Problem(
        np.append(part.start, part.start[-1] + 1 + np.arange(k)),
        np.append(part.product, m + np.arange(k)).astype(np.int32),
        np.append(part.least, lots), np.append(part.most, lots), np.append(part.step, lots),
        np.append(np.zeros(len(part), np.int32), np.full(k, -UNIT, np.int32)),
        np.append(part.capacity, lots), tuple(grown),
    )  # fmt: skip
