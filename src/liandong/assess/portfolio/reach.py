"""Curves of approvals: who is reached, what is lost, and how much more at the same loss."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.scores.approvals import Ladder, Queue, at_count, ladder, last_within, queue
from liandong.kernels.statistics.distributions import beta_quantile

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TAILS = (2.5, 97.5)
"""Percentiles that bound a 95 % interval."""
BAD, AMOUNT, LOST = range(3)
"""Columns of the ladder: bad firms, amounts, amounts of bad firms; then the slices."""
SLICES = 3


class Applicants(NamedTuple):
    """Firms with a known outcome, one entry each.

    Attributes
    ----------
    bad
        Whether it defaulted.
    amount
        What it borrows, fen; 0 if not known.
    slices, places
        Which firms belong to each slice and to each region, by name.
    """

    bad: Bool
    amount: Int
    slices: dict[str, Bool]
    places: dict[str, Bool]

    def size(self, name: str) -> int:
        """Return the number of firms in a slice or region, or of ``all``."""
        groups = {**self.slices, **self.places}
        return int(groups[name].sum()) if name in groups else len(self.bad)

    def columns(self) -> Float:
        """Return what is added up in the order of approval, shape (n, 3 + slices + places)."""
        groups = (*self.slices.values(), *self.places.values())
        parts = [self.bad, self.amount, self.amount * self.bad, *groups]
        return np.column_stack([np.asarray(p, np.float64) for p in parts])


class Figure(NamedTuple):
    """One figure of a curve with its 95 % interval; nan where there is none."""

    policy: str
    slice: str
    approved: int
    measure: str
    value: float
    low: float
    high: float
    n: int


class Reach(NamedTuple):
    """What is judged, and how.

    Attributes
    ----------
    who
        The applicants.
    worth
        By policy, shape (n,): the higher, the sooner approved.
    shares
        Shares of approval, ppm, ascending.
    lgd
        Part of the amount that a default costs.
    draws, seed
        Bootstrap samples for the intervals, and the seed of the draws.
    """

    who: Applicants
    worth: dict[str, Float]
    shares: tuple[int, ...]
    lgd: float
    draws: int
    seed: int

    def figures(self) -> Iterator[Figure]:
        """Yield the curves of all policies, and what the first reaches beyond each other.

        Intervals are those of the bootstrap over firms, with what was learnt held fixed; that of
        the bad rate is Jeffreys'. Firms of equal worth are approved in proportion.
        """
        lines = {p: queue(w) for p, w in self.worth.items()}
        columns = self.who.columns()
        random, n = np.random.default_rng(self.seed), len(self.who.bad)
        even = np.full(n, 1 / n)
        found = self._once(lines, columns, np.ones(n))
        drawn = [
            self._once(lines, columns, random.multinomial(n, even).astype(np.float64))
            for _ in range(self.draws)
        ]
        low, high = (_percentile(np.array(drawn), t) for t in TAILS)
        for key, value, a, b in zip(self._keys(), found, low, high, strict=True):
            size = self.who.size(key[1])
            yield self._figure(Figure(*key, float(value), float(a), float(b), size))

    def _figure(self, f: Figure) -> Figure:
        if f.measure != "bad_rate" or np.isnan(f.value):
            return f
        taken = f.approved / 1e6 * f.n
        bads = f.value * taken
        low = beta_quantile(TAILS[0] / 100, bads + 0.5, taken - bads + 0.5)
        return f._replace(
            low=low, high=beta_quantile(TAILS[1] / 100, bads + 0.5, taken - bads + 0.5)
        )

    def _keys(self) -> Iterator[tuple[str, str, int, str]]:
        """Yield policy, slice, share and measure of the figures in the order of :meth:`_once`."""
        names = ["all", *self.who.slices]
        for policy in self.worth:
            yield from ((policy, "all", s, "bad_rate") for s in self.shares)
            yield from ((policy, "all", s, "loss_rate") for s in self.shares)
            for name in self.who.slices:
                yield from ((policy, name, s, "reached") for s in self.shares)
                yield from ((policy, name, s, "share_of_approved") for s in self.shares)
            for name in self.who.places:
                yield from ((policy, name, s, "reached") for s in self.shares)
        first, *others = self.worth
        for other in others:
            for kind in ("", "_by_amount"):
                for name in names:
                    yield from ((first, name, s, f"over_{other}{kind}") for s in self.shares)

    def _once(self, lines: dict[str, Queue], columns: Float, weight: Float) -> Float:
        steps = {p: ladder(line, columns, weight) for p, line in lines.items()}
        total = float(weight.sum())
        counts = np.array(self.shares) / 1e6 * total
        taken = {p: at_count(s, counts) for p, s in steps.items()}
        parts = [self._curve(steps[p], counts, taken[p]) for p in self.worth]
        first, *others = self.worth
        parts += [
            self._beyond(steps[first], total, counts, taken[other], base)
            for other in others
            for base in (None, AMOUNT)
        ]
        return np.concatenate(parts)

    def _curve(self, steps: Ladder, counts: Float, taken: Float) -> Float:
        """Return bad rate and loss rate, then for each slice the part reached and its share."""
        whole = steps.sums[-1]
        found = [_over(taken[:, BAD], counts), self.lgd * _over(taken[:, LOST], taken[:, AMOUNT])]
        places = SLICES + len(self.who.slices)
        for j in range(SLICES, places):
            found += [_over(taken[:, j], whole[j]), _over(taken[:, j], counts)]
        found += [_over(taken[:, j], whole[j]) for j in range(places, len(whole))]
        return np.concatenate(found)

    def _beyond(
        self, steps: Ladder, total: float, counts: Float, other: Float, base: int | None
    ) -> Float:
        """Return which part of all, and of each slice, is reached beyond another policy.

        As many are approved as the loss of the other policy at the same share allows.
        """
        lost, whole = (BAD, counts) if base is None else (LOST, other[:, base])
        limits = _over(other[:, lost], whole)
        reach = [np.nan if np.isnan(x) else last_within(steps, lost, base, x) for x in limits]
        most = np.array(reach)
        more = at_count(steps, most) - other
        found = [(most - counts) / total]
        places = SLICES + len(self.who.slices)
        found += [_over(more[:, j], steps.sums[-1, j]) for j in range(SLICES, places)]
        return np.concatenate(found)


def _over(part: Float, whole: Float | float) -> Float:
    """Return a share, nan where there is nothing to share."""
    size = np.broadcast_to(np.asarray(whole, np.float64), part.shape)
    nothing = np.full(part.shape, np.nan)
    return np.asarray(np.divide(part, size, out=nothing, where=size > 0), np.float64)


def _percentile(drawn: Float, tail: float) -> Float:
    """Return a percentile of each column over the draws that have a value; nan if none has."""
    empty = np.isnan(drawn).all(axis=0)
    found = np.nanpercentile(np.where(empty, 0.0, drawn), tail, axis=0)
    return np.asarray(np.where(empty, np.nan, found), np.float64)
