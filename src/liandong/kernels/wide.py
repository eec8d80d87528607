"""Sums and maxima of money times rate, in whole numbers wider than 64 bits.

A product m r with 0 <= m <= 2^53 and |r| < 2^35 is high 2^26 + low with 0 <= low < 2^26: pairs
compare as the products do, and high parts of money that is 2^53 together add up within 64 bits.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]

SHIFT = 26
LIMIT = 2**35
"""Rates must be closer to 0 than this."""

_LOW = 2**SHIFT - 1


@njit(cache=True, nogil=True)
def _parts(money: int, rate: int) -> tuple[int, int]:
    """Return the high and the low part of a product."""
    low = (money & _LOW) * rate
    return (money >> SHIFT) * rate + (low >> SHIFT), low & _LOW


@njit(cache=True, nogil=True)
def _ranked(
    begin: int, end: int, product: Small, value: Small, most: Int, taken: Int, add: int, by_arc: Int
) -> tuple[int, int, int]:
    """Return the arc of a project with the highest money times rate, its rate, and the second's."""
    best, one, two = -1, -LIMIT, -LIMIT
    high, low = -(2**62), 0
    high_two, low_two = high, low
    for e in range(begin, end):
        rate = value[e] - taken[product[e]] + add
        if len(by_arc):
            rate += by_arc[e]
        h, w = _parts(most[e], rate)
        if h > high or (h == high and w > low):
            high_two, low_two, two = high, low, one
            best, one, high, low = e, rate, h, w
        elif h > high_two or (h == high_two and w > low_two):
            high_two, low_two, two = h, w, rate
    return best, one, two


@njit(cache=True, nogil=True)
def _ranked_even(
    begin: int, end: int, product: Small, value: Small, taken: Int, add: int
) -> tuple[int, int, int]:
    """Do the same where all arcs are of the same money and none earns by itself."""
    best, one, two = -1, -LIMIT, -LIMIT
    for e in range(begin, end):
        rate = value[e] - taken[product[e]] + add
        if rate > two:
            if rate > one:
                best, two, one = e, one, rate
            else:
                two = rate
    return best, one, two


@njit(cache=True, nogil=True)
def surplus(
    low: int, high: int, start: Int, product: Small, value: Small, most: Int,
    taken: Int, credit: Int, by_arc: Int, best: Int, one: Int, two: Int,
) -> tuple[int, int]:  # fmt: skip
    """Find the best arc of each of some projects, and what they earn together.

    The rate of an arc is value - taken + credit + by_arc.

    Parameters
    ----------
    low, high
        The first project, and the first one left out.
    start, product, value, most
        Arcs of projects as in :class:`liandong.match.core.problem.Problem`.
    taken, credit, by_arc
        Rates of shapes (products,), (projects,), and (arcs,) or (0,) for zeros; together less
        than LIMIT.
    best, one, two
        Shapes (projects,), written: the arc whose money times rate is highest, -1 if none is
        above 0; its rate, 0 if none; the rate of the next best arc, -LIMIT if there is none.

    Returns
    -------
    high, low
        The exact sum of money times rate of the best arcs: high 2^SHIFT + low.
    """
    sum_high, sum_low = 0, 0
    for i in range(low, high):
        begin, end = start[i], start[i + 1]
        even = len(by_arc) == 0
        for e in range(begin + 1, end):
            even &= most[e] == most[begin]
        if even:
            b, r, s = _ranked_even(begin, end, product, value, taken, credit[i])
        else:
            b, r, s = _ranked(begin, end, product, value, most, taken, credit[i], by_arc)
        if r <= 0:
            b, r, s = -1, 0, r
        best[i], one[i], two[i] = b, r, s
        if b >= 0:
            h, w = _parts(most[b], r)
            sum_high += h
            sum_low += w
    return sum_high, sum_low
