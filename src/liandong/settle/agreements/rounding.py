"""Whole units out of exact shares: by quota, by Webster, or by largest remainder."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, lcm
from typing import NamedTuple

import numpy as np

from liandong.kernels.splits.dealing import deal
from liandong.kernels.splits.quota import MOST_ROWS
from liandong.settle.agreements.curves import Curve, total
from liandong.settle.agreements.nodes import Method
from liandong.step.remainder import largest

Counts = list[int]


class Rounded(NamedTuple):
    """Whole units of each party, and whether one of them is a unit or more off the exact share."""

    counts: Counts
    outside: bool


class Course(NamedTuple):
    """Exact shares of parties that grow, or fall, with the base from a start.

    Attributes
    ----------
    curve
        Of t units beyond the start.
    sign
        1 if they add to the base, -1 if they take from it.
    parties
        In the order in which ties are broken.
    had
        What each has at the start, in whole units.
    """

    curve: Curve
    sign: int
    parties: Sequence[str]
    had: Sequence[int]

    def exact(self, t: Fraction | int) -> list[Fraction]:
        """Return the exact shares at ``t``, as they would be if the base grew."""
        here = self.curve.at(t)
        return [self.sign * total(here, p) for p in self.parties]


def rounded(course: Course, t: int, method: Method) -> Rounded:
    """Return whole shares of the base ``t`` units beyond the start of a course.

    By ``quota`` (for portions whose common denominator is 10,000 at most, else Webster) and
    ``webster`` no share falls while the base grows, whatever the tiers, caps and floors;
    ``remainder`` looks at the exact shares alone.
    """
    exact = course.exact(t)
    had = [course.sign * h for h in course.had]
    if method == "remainder":
        counts = largest(exact, sum(had) + t)
    else:
        pieces = _pieces(course)
        whole = lcm(*(r.denominator for _, rate in pieces for r in rate),
                    *(x.denominator for x in course.exact(0)))  # fmt: skip
        by_table = method == "quota" and whole <= MOST_ROWS
        counts = (_dealt if by_table else _webster)(course, had, pieces, whole, t)
    outside = any(abs(c - x) >= 1 for c, x in zip(counts, exact, strict=True))
    return Rounded([course.sign * c for c in counts], outside)


_Piece = tuple[int, list[Fraction]]


def _pieces(course: Course) -> list[_Piece]:
    """Return whole places from which exact shares grow evenly from one whole place to the next."""
    ends = sorted({e for x, _ in course.curve.knots for e in (floor(x), ceil(x))})
    found: list[_Piece] = []
    for at in ends:
        here, there = course.exact(at), course.exact(at + 1)
        rate = [b - a for a, b in zip(here, there, strict=True)]
        if not found or found[-1][1] != rate:
            found.append((at, rate))
    return found


def _dealt(course: Course, had: Counts, pieces: list[_Piece], whole: int, t: int) -> Counts:
    """Deal units out by the quota method, from what was had at the start."""
    ahead = [int((x - h) * whole) for x, h in zip(course.exact(0), had, strict=True)]
    starts = np.array([at for at, _ in pieces], np.int64)
    rates = np.array([[int(r * whole) for r in rate] for _, rate in pieces], np.int64)
    got = deal(np.array(ahead, np.int64), whole, starts, rates, t)
    return [h + int(g) for h, g in zip(had, got, strict=True)]


def _webster(course: Course, had: Counts, pieces: list[_Piece], whole: int, t: int) -> Counts:  # noqa: ARG001 - one signature for both
    """Give units in the order in which exact shares come halfway to them.

    All units whose middle has been passed are counted at once; the few that are too many or too
    few for the base go back or are added in that order.
    """
    half = Fraction(1, 2)
    counts = [max(h, floor(x + half)) for h, x in zip(had, course.exact(t), strict=True)]
    left = sum(had) + t - sum(counts)
    while left:
        step = 1 if left > 0 else -1
        open_ = [i for i, c in enumerate(counts) if step > 0 or c > had[i]]
        keys = {i: _middle(course, i, counts[i] + step * half) for i in open_}
        chosen = min(open_, key=lambda i: (*keys[i], i)) if step > 0 else max(
            open_, key=lambda i: (*keys[i], i)
        )  # fmt: skip
        counts[chosen] += step
        left -= step
    return counts


def _middle(course: Course, party: int, level: Fraction) -> tuple[int, Fraction]:
    """Return where a party comes to have an exact amount: a key that sorts by time."""
    start = course.exact(0)[party]
    if start >= level:
        return (-1, start - level)
    found = course.curve.reaches(course.parties[party], course.sign * level)
    return (1, Fraction(0)) if found is None else (0, found)
