"""Exact shares as functions of the base: straight between knots, each part with what gave it.

A curve tells for t >= 0 units beyond a start (upwards, or downwards for a base that has fallen)
what every account has. Accounts are pairs of a party and a reason, so that shares explain
themselves; the sum of all of them is the base.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from liandong.settle.agreements.nodes import Cap, Floor, Tier

Account = tuple[str, str]
"""A party, and the reason for what it has: a code as in the catalogue."""
Vector = dict[Account, Fraction]
Change = Callable[[Vector], Vector]

_ZERO = Fraction(0)


@dataclass(frozen=True)
class Curve:
    """Knots in order, the first at 0, and what is added with each unit after the last one."""

    knots: tuple[tuple[Fraction, Vector], ...]
    slope: Vector

    def at(self, t: Fraction | int) -> Vector:
        """Return what every account has at ``t``."""
        i = max(i for i, (x, _) in enumerate(self.knots) if x <= t)
        x, here = self.knots[i]
        if t == x:
            return dict(here)
        if i + 1 == len(self.knots):
            return plus(here, self.slope, t - x)
        end, there = self.knots[i + 1]
        return plus(here, minus(there, here), (t - x) / (end - x))

    def of(self, party: str, t: Fraction | int) -> Fraction:
        """Return what a party has at ``t``."""
        return total(self.at(t), party)

    def reaches(self, party: str, level: Fraction | int) -> Fraction | None:
        """Return the first place where a party has an amount; None if there is none."""
        if total(self.knots[0][1], party) == level:
            return Fraction(0)
        ends = [*self.knots, (self.knots[-1][0] + 1, plus(self.knots[-1][1], self.slope, 1))]
        for i, ((x, here), (end, there)) in enumerate(pairwise(ends)):
            low, high = total(here, party), total(there, party)
            ray = i + 2 == len(ends)
            if (level - low) * (high - low) > 0 and (ray or abs(level - low) <= abs(high - low)):
                return x + (level - low) / (high - low) * (end - x)
        return None

    def changed(self, change: Change, kinks: Iterable[tuple[str, Fraction | int]]) -> "Curve":
        """Return what a function makes of it; it bends at ``kinks``: where parties have amounts."""
        places = {x for x, _ in self.knots}
        places |= {x for k in kinks if (x := self.reaches(*k)) is not None}
        knots = tuple((x, change(self.at(x))) for x in sorted(places))
        last = knots[-1][0]
        return Curve(knots, minus(change(self.at(last + 1)), knots[-1][1]))


def plus(one: Vector, other: Vector, times: Fraction | int = 1) -> Vector:
    """Add a multiple of another vector."""
    found = dict(one)
    for account, value in other.items():
        found[account] = found.get(account, _ZERO) + value * times
    return found


def minus(one: Vector, other: Vector) -> Vector:
    """Subtract another vector."""
    return plus(one, other, -1)


def total(vector: Vector, party: str) -> Fraction:
    """Return what a party has in all its accounts."""
    return sum((v for (p, _), v in vector.items() if p == party), _ZERO)


def tiered(tiers: tuple[Tier, ...], tops: list[int | None], word: str) -> Curve:
    """Return what the tiers give of a base from 0 up.

    Parameters
    ----------
    tiers
        Who has which part of each.
    tops
        Where each ends; the last is None.
    word
        The reason of a tier, whose number is its argument.
    """
    knots, at, have = [], _ZERO, dict[Account, Fraction]()
    slope = dict[Account, Fraction]()
    for i, (tier, top) in enumerate(zip(tiers, tops, strict=True)):
        inner = _tier(tier, f"{word}({i + 1})")
        height = None if top is None else Fraction(top) - at
        if height is not None and height <= 0:
            continue
        knots += [(at + x, plus(have, v)) for x, v in inner.knots if height is None or x < height]
        slope = inner.slope
        if height is not None:
            have = plus(have, inner.at(height))
            at += height
    return Curve(tuple(knots), slope)


def _tier(tier: Tier, code: str) -> Curve:
    """Return what one tier gives from its lower end on, with the caps of its own parts."""
    slope = {(p.party, code): p.portion for p in tier.parts}
    curve = Curve(((_ZERO, dict.fromkeys(slope, _ZERO)),), slope)
    caps = [Cap(p.party, p.cap, p.excess) for p in tier.parts if p.cap is not None]
    return capped(curve, caps)


def capped(curve: Curve, caps: Iterable[Cap]) -> Curve:
    """Pass what parties have above a cap on to others, either way from 0."""
    for cap in _ordered(list(caps)):
        kinks = [(cap.party, cap.amount), (cap.party, -cap.amount)]
        curve = curve.changed(_pass_on(cap), kinks)
    return curve


def _ordered(caps: list[Cap]) -> list[Cap]:
    """Return caps so that what one passes on is counted by the next."""
    found: list[Cap] = []
    while caps:
        fed = {c.excess for c in caps}
        now = [c for c in caps if c.party not in fed]
        found += now
        caps = [c for c in caps if c.party in fed]
    return found


def _pass_on(cap: Cap) -> Change:
    def change(v: Vector) -> Vector:
        have = total(v, cap.party)
        above = have - max(min(have, Fraction(cap.amount)), Fraction(-cap.amount))
        return plus(v, {
            (cap.party, "settle.cap"): -above, (cap.excess, f"settle.excess({cap.party})"): above,
        })  # fmt: skip

    return change


def floored(curve: Curve, floors: Iterable[Floor]) -> Curve:
    """Let payers pay what parties have less than their floor."""
    for floor in floors:
        lowest = [] if floor.most is None else [(floor.party, floor.amount - floor.most)]
        curve = curve.changed(_pay(floor), [(floor.party, floor.amount), *lowest])
    return curve


def _pay(floor: Floor) -> Change:
    def change(v: Vector) -> Vector:
        paid = max(floor.amount - total(v, floor.party), _ZERO)
        paid = paid if floor.most is None else min(paid, Fraction(floor.most))
        return plus(v, {
            (floor.party, "settle.floor"): paid,
            (floor.payer, f"settle.floor_paid({floor.party})"): -paid,
        })  # fmt: skip

    return change


def beyond(curve: Curve, start: int, before: Vector, sign: int) -> Curve:
    """Return a curve from ``start`` on, up or down (``sign``), on top of what was had before.

    Parameters
    ----------
    curve
        Of a base from 0 up; below 0 it is the mirror image.
    start
        The base at the start.
    before
        What was had there.
    sign
        1 or -1: whether t counts units above or below the start.
    """

    def mirrored(x: Fraction) -> Vector:
        found = curve.at(abs(x))
        return found if x >= 0 else {k: -v for k, v in found.items()}

    here = mirrored(Fraction(start))
    ends = {x for x, _ in curve.knots} | {-x for x, _ in curve.knots}
    places = sorted({_ZERO} | {sign * (x - start) for x in ends if sign * (x - start) > 0})
    knots = tuple((t, plus(before, minus(mirrored(start + sign * t), here))) for t in places)
    last = places[-1]
    after = minus(mirrored(start + sign * (last + 1)), mirrored(start + sign * last))
    return Curve(knots, after)
