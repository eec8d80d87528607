"""Exact shares in whole units."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def largest(exact: Sequence[Fraction], whole: int) -> list[int]:
    """Return exact shares with the sum ``whole`` rounded by largest remainder, ties to the first.

    Examples
    --------
    >>> largest([Fraction(100, 3)] * 3, 100)
    [34, 33, 33]
    """
    counts = [floor(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda i: (counts[i] - exact[i], i))
    for i in order[: whole - sum(counts)]:
        counts[i] += 1
    return counts
