"""Default rates that few defaults leave possible when defaults come together."""

from math import ceil, erfc, exp, lgamma, log, log1p, pi, sqrt

import numpy as np
from numba import njit

from liandong.kernels.statistics.distributions import normal_quantile

REACH = 8.5
"""Years further from the mean than so many standard deviations weigh less than 1e-16."""


def correlated_bound(confidence: float, defaults: int, firms: int, correlation: float) -> float:
    """Return the default rate at which so few defaults have probability 1 - ``confidence``.

    All firms share a normal factor, the state of the economy; given it, they default on their own
    (Vasicek 2002; Pluto and Tasche 2005, section 4). The mean over the factor is taken with the
    trapezoidal rule, whose error vanishes faster than any power for such integrands; the rate is
    found by halving.

    Parameters
    ----------
    confidence
        Between 0 and 1.
    defaults, firms
        Fewer defaults than firms.
    correlation
        Of the firms' assets, above 0 and below 1.

    Examples
    --------
    >>> round(correlated_bound(0.95, 0, 800, 0.12), 4)
    0.0131
    """
    narrow = sqrt((1 - correlation) / (correlation * firms)) / 2
    half = ceil(REACH / min(1 / 64, narrow))
    low, high = 0.0, 1.0
    while low < (rate := (low + high) / 2) < high and high - low > 1e-15:
        barrier = float(normal_quantile(np.array([rate]))[0])
        few = _few(barrier, defaults, firms, correlation, half)
        low, high = (rate, high) if few > 1 - confidence else (low, rate)
    return rate


@njit(cache=True, nogil=True)
def _few(barrier: float, defaults: int, firms: int, correlation: float, half: int) -> float:
    """Return the probability of at most so many defaults, over all states of the economy."""
    total = 0.0
    for i in range(-half, half + 1):
        y = REACH * i / half
        x = (barrier - sqrt(correlation) * y) / sqrt(1 - correlation)
        given = _at_most(defaults, firms, 0.5 * erfc(-x / sqrt(2.0)), 0.5 * erfc(x / sqrt(2.0)))
        total += exp(-0.5 * y * y) * given
    return total * REACH / half / sqrt(2 * pi)


@njit(cache=True, nogil=True)
def _at_most(k: int, n: int, p: float, q: float) -> float:
    """Return the binomial probability of at most k out of n; q is 1 - p with all its digits."""
    if p <= 0.0 or q <= 0.0:
        return 1.0 if p <= 0.0 else 0.0
    start = min(k, int((n + 1) * p))  # the largest term of the sum
    ways = lgamma(n + 1.0) - lgamma(start + 1.0) - lgamma(n - start + 1.0)
    share = log(p) if p < 0.5 else log1p(-q)
    rest = log(q) if q < 0.5 else log1p(-p)
    largest = exp(ways + start * share + (n - start) * rest)
    total, term, i = largest, largest, start
    while i > 0 and term > 1e-18 * total:
        term *= i / (n - i + 1.0) * (q / p)
        total += term
        i -= 1
    term, i = largest, start
    while i < k and term > 1e-18 * total:
        term *= (n - i) / (i + 1.0) * (p / q)
        total += term
        i += 1
    return min(total, 1.0)
