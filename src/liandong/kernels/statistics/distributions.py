"""Normal, chi-square, beta and Student's t distributions, without a statistics library."""

from math import erfc, exp, inf, lgamma, log, nan, pi, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]

SQRT2 = sqrt(2.0)


@njit(cache=True, nogil=True)
def normal_cdf(x: Float) -> Float:
    """Return the probability that a standard normal is at most ``x``, shape (n,)."""
    found = np.empty(len(x))
    for i in range(len(x)):
        found[i] = 0.5 * erfc(-x[i] / SQRT2)
    return found


@njit(cache=True, nogil=True)
def normal_quantile(p: Float) -> Float:
    """Return what a standard normal stays below with probability ``p``, shape (n,).

    Hastings' rational start (Abramowitz and Stegun 26.2.23), then Halley's steps on the
    distribution itself, to the last digits. 0 and 1 give infinities, anything outside nan.
    """
    found = np.empty(len(p))
    for i in range(len(p)):
        found[i] = _quantile(p[i])
    return found


@njit(cache=True, nogil=True)
def _quantile(p: float) -> float:
    if not 0.0 <= p <= 1.0:
        return nan
    if p in (0.0, 1.0):
        return -inf if p == 0.0 else inf
    tail = min(p, 1.0 - p)  # the smaller tail keeps its digits
    t = sqrt(-2.0 * log(tail))
    top = 2.515517 + t * (0.802853 + t * 0.010328)
    x = t - top / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    for _ in range(3):
        step = (0.5 * erfc(x / SQRT2) - tail) * sqrt(2.0 * pi) * exp(0.5 * x * x)
        x += step / (1.0 - 0.5 * x * step)
    return -x if p < 0.5 else x


def normal_two_sided(z: float) -> float:
    """Return the probability that a standard normal is at least ``|z|`` away from 0.

    Examples
    --------
    >>> round(normal_two_sided(1.959963984540054), 12)
    0.05
    """
    return erfc(abs(z) / SQRT2)


def chi2_sf(x: float, df: int) -> float:
    """Return the probability that a chi-square of ``df`` degrees of freedom exceeds ``x``.

    The closed sums for whole degrees of freedom (Abramowitz and Stegun 26.4.4, 26.4.5).

    Examples
    --------
    >>> round(chi2_sf(3.841458820694124, 1), 12)
    0.05
    """
    if x <= 0:
        return 1.0
    half = x / 2
    even = df % 2 == 0
    total = exp(-half) if even else erfc(sqrt(half))
    term = exp(-half) if even else exp(-half) * sqrt(half) * 2 / sqrt(pi)
    for k in range(1, (df + 1) // 2):
        if even:
            term *= half / k
        total += term
        if not even:
            term *= half / (k + 0.5)
    return min(total, 1.0)


def beta_cdf(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b).

    Lentz's continued fraction (Abramowitz and Stegun 26.5.8), on the side where it is short.

    Examples
    --------
    >>> round(beta_cdf(0.5, 2, 2), 12)
    0.5
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_cdf(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    return front / a * float(_fraction(x, float(a), float(b)))


@njit(cache=True, nogil=True)
def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1))
    total = d
    for m in range(1, 10_000):
        up = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = total
        for part in (up, down):
            d = 1.0 / (1.0 + part * d)
            c = 1.0 + part / c
            total *= c * d
        if abs(total - before) <= 1e-16 * abs(total):
            break
    return total


def beta_quantile(p: float, a: float, b: float) -> float:
    """Return the x where :func:`beta_cdf` reaches ``p``, by bisection to the last digit.

    Examples
    --------
    >>> round(beta_quantile(0.95, 1, 100), 6)
    0.029513
    """
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if beta_cdf(middle, a, b) < p else (low, middle)
    return high


def student_two_sided(t: float, free: int) -> float:
    """Return the probability that Student's t is at least ``|t|`` away from 0.

    Examples
    --------
    >>> round(student_two_sided(2.2281388519649385, 10), 10)
    0.05
    """
    return beta_cdf(free / (free + t * t), free / 2, 0.5)


def student_above(t: float, free: int) -> float:
    """Return the probability that Student's t of ``free`` degrees of freedom exceeds ``t``.

    Examples
    --------
    >>> round(student_above(2.131449545559323, 15), 6)
    0.025
    """
    half = student_two_sided(t, free) / 2
    return half if t > 0 else 1.0 - half


def student_quantile(p: float, free: int) -> float:
    """Return what Student's t stays below with probability ``p``, above a half.

    Examples
    --------
    >>> round(student_quantile(0.975, 15), 6)
    2.13145
    """
    x = beta_quantile(2 * (1 - p), free / 2, 0.5)
    return sqrt(free * (1 - x) / x)
