"""Trends that need no shape: Mann and Kendall's test, and Sen's slope."""

from collections import Counter
from math import comb, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import normal_two_sided

Float = NDArray[np.float64]

EXACT = 60
"""Up to so many values without ties the distribution is worked out, and not approximated."""


class Trend(NamedTuple):
    """A trend: Kendall's S, its two-sided p, and Sen's slope, each a number."""

    s: int
    p: float
    slope: float


def mann_kendall(values: Float, at: Float) -> Trend:
    """Return whether values rise or fall over time, and by how much.

    S counts pairs that rise less pairs that fall. Its distribution without a trend is exact where
    no two values are equal (M. G. Kendall, *Biometrika* 30, 1938, 81–93), and otherwise, and beyond
    :data:`EXACT` values, normal with the variance for ties and a correction for continuity (R. M.
    Hirsch et al., *Water Resources Research* 18, 1982, 107–121). The slope is the median over all
    pairs (P. K. Sen, *JASA* 63, 1968, 1379–1389).

    Parameters
    ----------
    values, at
        Shape (n,), n at least 2: values, and when they were, ascending.

    Examples
    --------
    >>> found = mann_kendall(np.array([1.0, 2.0, 4.0, 3.0]), np.arange(4.0))
    >>> found.s, round(found.p, 4), round(found.slope, 4)
    (4, 0.3333, 0.8333)
    """
    first, second = np.triu_indices(len(values), 1)
    rise = values[second] - values[first]
    s = int(np.sign(rise).sum())
    slope = float(np.median(rise / (at[second] - at[first])))
    ties = [t for t in Counter(values.tolist()).values() if t > 1]
    if ties or len(values) > EXACT:
        return Trend(s, _normal(s, len(values), ties), slope)
    return Trend(s, _exact(s, len(values)), slope)


def _exact(s: int, n: int) -> float:
    """Return the share of all orders of n values whose S is as far from 0 or farther."""
    # Orders by the number of pairs that fall: one more value adds 0 to n - 1 of them.
    orders = [1]
    for k in range(2, n + 1):
        wider = [0] * (len(orders) + k - 1)
        for falls, number in enumerate(orders):
            for more in range(k):
                wider[falls + more] += number
        orders = wider
    pairs = comb(n, 2)
    far = sum(number for falls, number in enumerate(orders) if abs(pairs - 2 * falls) >= abs(s))
    return far / sum(orders)


def _normal(s: int, n: int, ties: list[int]) -> float:
    variance = sum(sign * k * (k - 1) * (2 * k + 5)
                   for sign, k in ((1, n), *((-1, t) for t in ties))) / 18  # fmt: skip
    if s == 0 or variance == 0:
        return 1.0
    return normal_two_sided((abs(s) - 1) / sqrt(variance))
