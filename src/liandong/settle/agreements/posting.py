"""Postings: what is added in a period so that everybody has what is due to him in all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import NamedTuple

from liandong.settle.agreements.curves import Vector, minus

Reason = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Posting:
    """What a party gets (of a loss: bears) in a period, in minor units; reasons add up to it."""

    clause: str
    party: str
    period: str
    amount: int
    reasons: tuple[Reason, ...]


class Target(NamedTuple):
    """What parties have in all by the end of a period.

    Attributes
    ----------
    period
        The period.
    counts
        Whole units of each party, in its order.
    exact
        Exact amounts by party and reason, before rounding.
    outside
        Whether a whole share is a unit or more away from the exact one.
    """

    period: str
    counts: tuple[int, ...]
    exact: Vector
    outside: bool = False


def posted(
    clause: str, parties: Sequence[str], targets: Iterable[Target], history: Iterable[Posting]
) -> list[Posting]:
    """Return what is to be posted in the periods that the history does not have."""
    before = [p for p in history if p.clause == clause]
    closed = {p.period for p in before}
    paid = [sum(p.amount for p in before if p.party == party) for party in parties]
    found: list[Posting] = []
    last = Target("", (0,) * len(parties), {})
    for target in targets:
        if target.period not in closed:
            change = minus(target.exact, last.exact)
            for i, party in enumerate(parties):
                due = target.counts[i] - paid[i]
                told = _reasons(party, due, change, last.counts[i] - paid[i])
                told += (("settle.outside", 0),) if target.outside else ()
                found.append(Posting(clause, party, target.period, due, told))
            paid = list(target.counts)
        last = target
    return found


def _reasons(party: str, due: int, change: Vector, revised: int) -> tuple[Reason, ...]:
    """Return what gave a posting: each part to the nearest unit, and what that leaves open."""
    parts = [(code, nearest(v)) for (p, code), v in change.items() if p == party]
    told = [(code, points) for code, points in parts if points]
    told += [("settle.revised", revised)] if revised else []
    rest = due - sum(points for _, points in told)
    told += [("settle.rounding", rest)] if rest else []
    return tuple(told) or (("settle.nothing", 0),)


def nearest(value: Fraction) -> int:
    """Return the nearest whole number, halves away from 0.

    Examples
    --------
    >>> nearest(Fraction(5, 2)), nearest(Fraction(-5, 2))
    (3, -3)
    """
    size = floor(abs(value) + Fraction(1, 2))
    return size if value > 0 else -size
