"""Sums and maxima of money times rate, in whole numbers wider than 64 bits.

A product m r with 0 <= m <= 2^53 and |r| < 2^35 is high 2^26 + low with 0 <= low < 2^26: pairs
compare as the products do, and high parts of money that is 2^53 together add up within 64 bits.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]

SHIFT = 26
LIMIT = 2**35
"""Rates must be closer to 0 than this."""

PLACE = 24
"""Bits for the place of an arc among those of its project."""

_LOW = 2**SHIFT - 1


class Offers(NamedTuple):
    """Arcs of projects, as in :class:`liandong.match.core.problem.Problem`."""

    start: Int
    product: Small
    value: Small
    most: Int


class Rates(NamedTuple):
    """What arcs use up and earn, together less than LIMIT.

    Attributes
    ----------
    taken, credit, by_arc
        Shapes (products,), (projects,), and (arcs,) or (0,) for zeros.
    """

    taken: Int
    credit: Int
    by_arc: Int


class Best(NamedTuple):
    """The best arc of each project.

    Attributes
    ----------
    arc
        The one whose money times rate is highest, -1 if none is above 0.
    first, second
        Its rate, 0 if there is none; the rate of the next best arc, -LIMIT if there is none.
    """

    arc: Int
    first: Int
    second: Int


@njit(cache=True, nogil=True)
def _parts(money: int, rate: int) -> tuple[int, int]:
    """Return the high and the low part of a product."""
    low = (money & _LOW) * rate
    return (money >> SHIFT) * rate + (low >> SHIFT), low & _LOW


@njit(cache=True, nogil=True)
def _ranked(
    begin: int, end: int, offers: Offers, taken: Int, add: int, by_arc: Int
) -> tuple[int, int, int]:
    """Return the arc of a project with the highest money times rate, its rate, and the second's."""
    best, one, two = -1, -LIMIT, -LIMIT
    high, low = -(2**62), 0
    high_two, low_two = high, low
    for e in range(begin, end):
        rate = offers.value[e] - taken[offers.product[e]] + add
        if len(by_arc):
            rate += by_arc[e]
        h, w = _parts(offers.most[e], rate)
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
    """Do the same where all arcs are of the same money and none earns by itself.

    A rate and its place, counted from the end, are one number: no branch depends on either. And
    Numba need not look for indices from the end where they are unsigned.
    """
    one = two = -LIMIT << PLACE
    place = end - begin
    for e in range(np.uint64(begin), np.uint64(end)):
        place -= 1
        key = (value[e] - taken[np.uint32(product[e])] + add) << PLACE | place
        two = max(two, min(one, key))
        one = max(one, key)
    if end == begin:
        return -1, -LIMIT, -LIMIT
    return end - 1 - (one & (2**PLACE - 1)), one >> PLACE, two >> PLACE


@njit(cache=True, nogil=True)
def surplus(low: int, high: int, offers: Offers, rates: Rates, best: Best) -> tuple[int, int]:
    """Find the best arc of each of some projects, and what they earn together.

    The rate of an arc is value - taken + credit + by_arc.

    Parameters
    ----------
    low, high
        The first project, and the first one left out.
    offers, rates
        Arcs of projects, and what they use up and earn.
    best
        Written.

    Returns
    -------
    high, low
        The exact sum of money times rate of the best arcs: high 2^SHIFT + low.
    """
    product, value, most, taken = offers.product, offers.value, offers.most, rates.taken
    sum_high, sum_low = 0, 0
    for i in range(low, high):
        begin, end, add = offers.start[i], offers.start[i + 1], rates.credit[i]
        differ = np.int64(len(rates.by_arc) or end - begin >= 2**PLACE)
        for e in range(np.uint64(begin), np.uint64(end)):
            differ |= most[e] ^ most[np.uint64(begin)]
        if differ == 0:
            b, r, s = _ranked_even(begin, end, product, value, taken, add)
        else:
            b, r, s = _ranked(begin, end, offers, taken, add, rates.by_arc)
        if r <= 0:
            b, r, s = -1, 0, r
        best.arc[i], best.first[i], best.second[i] = b, r, s
        if b >= 0:
            h, w = _parts(most[b], r)
            sum_high += h
            sum_low += w
    return sum_high, sum_low
