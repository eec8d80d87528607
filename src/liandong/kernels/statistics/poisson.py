"""Counts of rare things: exact intervals and limits of the Poisson law, and many tests at once."""

from collections.abc import Callable
from math import exp, inf, lgamma, log

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def gamma_cdf(x: float, a: float) -> float:
    """Return the regularised lower incomplete gamma function P(a, x).

    The series (Abramowitz and Stegun 6.5.29) below the mean, Lentz's continued fraction (6.5.31)
    above it.

    Examples
    --------
    >>> round(gamma_cdf(1.0, 1.0), 12)  # 1 - 1/e
    0.632120558829
    """
    if x <= 0.0:
        return 0.0
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        n = a
        while term > total * 1e-17:
            n += 1.0
            term *= x / n
            total += term
        return min(front * total, 1.0)
    b = x + 1.0 - a
    c, d = 1e300, 1.0 / b
    total = d
    for k in range(1, 1_000_000):
        up = k * (a - k)
        b += 2.0
        d = 1.0 / (up * d + b)
        c = b + up / c
        step = c * d
        total *= step
        if abs(step - 1.0) < 1e-16:
            break
    return max(1.0 - front * total, 0.0)


def poisson_cdf(k: int, mean: float) -> float:
    """Return the probability of at most ``k`` where ``mean`` are expected.

    Examples
    --------
    >>> round(poisson_cdf(2, 2.0), 6)  # 5 / e²
    0.676676
    """
    return 0.0 if k < 0 else 1.0 - float(gamma_cdf(float(mean), k + 1.0))


def garwood(count: int, level: float) -> tuple[float, float]:
    """Return the exact interval of what is expected where ``count`` were seen (Garwood 1936).

    Parameters
    ----------
    level
        Of confidence, such as 0.95: half of the rest lies on either side.

    Examples
    --------
    >>> [round(v, 3) for v in garwood(10, 0.95)]
    [4.795, 18.39]
    """
    tail = (1.0 - level) / 2
    high = _where(lambda m: float(gamma_cdf(m, count + 1.0)), 1.0 - tail)
    low = _where(lambda m: float(gamma_cdf(m, float(count))), tail) if count else 0.0
    return low, high


def poisson_limits(mean: float, level: float) -> tuple[float, float]:
    """Return between which counts chance stays where ``mean`` are expected.

    The limits of a funnel: exact quantiles, interpolated so that they run smoothly (Spiegelhalter
    2005, Funnel plots for comparing institutional performance, A.1.1).

    Examples
    --------
    >>> [round(v, 2) for v in poisson_limits(10.0, 0.95)]
    [3.78, 16.16]
    """
    tail = (1.0 - level) / 2
    return _limit(mean, tail), _limit(mean, 1.0 - tail)


def poisson_two_sided(count: int, mean: float) -> float:
    """Return how likely it is to be as far off as ``count``: twice the smaller tail, at most 1.

    Examples
    --------
    >>> round(poisson_two_sided(10, 4.795), 3)
    0.05
    """
    if mean <= 0:
        return 0.0 if count else 1.0
    below, above = poisson_cdf(count, mean), float(gamma_cdf(mean, float(count))) if count else 1.0
    return min(1.0, 2 * min(below, above))


def false_discovery(p: Float) -> Float:
    """Return the adjusted p-values of Benjamini and Hochberg (1995).

    Where the adjusted value is at most q, the expected share of false ones among all those found is
    at most q.

    Parameters
    ----------
    p
        Shape (n,).

    Examples
    --------
    >>> false_discovery(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.04, 0.04]
    """
    order = np.argsort(p)[::-1]
    n = len(p)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum.accumulate(p[order] * n / np.arange(n, 0, -1))
    return np.minimum(adjusted, 1.0)


def overdispersion(counts: Float, means: Float, cut: float = 0.1) -> float:
    """Return how many times as much as chance alone counts differ from what is expected; least 1.

    The mean square of 2 (√count - √mean), where the lowest and highest ``cut`` of them count as
    what lies at their edge, so that what stands out does not excuse itself (Spiegelhalter 2005,
    A.3.1).

    Parameters
    ----------
    counts, means
        Shape (n,).

    Examples
    --------
    >>> round(overdispersion(np.array([100.0, 121.0, 81.0]), np.full(3, 100.0)), 3)
    1.707
    """
    if not len(counts):
        return 1.0
    z = 2 * (np.sqrt(counts) - np.sqrt(means))
    return max(1.0, float(np.mean(np.clip(z, *np.quantile(z, [cut, 1 - cut])) ** 2)))


def _limit(mean: float, p: float) -> float:
    if mean <= 0:
        return 0.0
    low, high = -1, 1
    while poisson_cdf(high, mean) < p:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if poisson_cdf(middle, mean) < p else (low, middle)
    before, at = poisson_cdf(high - 1, mean), poisson_cdf(high, mean)
    return max(high - (at - p) / (at - before), 0.0)


def _where(rising: Callable[[float], float], p: float) -> float:
    """Return where a rising function reaches ``p``, by bisection to the last digit."""
    low, high = 0.0, 1.0
    while rising(high) < p:
        low, high = high, 2 * high
        if high == inf:
            return inf
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if rising(middle) < p else (low, middle)
    return high
