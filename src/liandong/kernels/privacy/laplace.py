"""The discrete Laplace distribution, drawn exactly: whole numbers and fair bits, no floats.

Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", algorithms 1
and 2, on arrays. Floats would give some sums away by their last bits (Mironov 2012).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = Callable[[int], NDArray[np.uint64]]
"""Gives so many words of 64 fair bits each."""
TOP = 2**62
"""Numerators are below this, so that nothing overflows."""


def discrete_laplace(size: int, top: int, bottom: int, words: Words) -> Ints:
    """Draw independent whole numbers, k with odds ``exp(-abs(k) * bottom / top)``.

    Parameters
    ----------
    size
        How many.
    top, bottom
        The scale is ``top / bottom``, both at least 1 and ``top`` below :data:`TOP`.
    words
        Where the randomness is from.

    Returns
    -------
    ndarray of int64, shape (size,)
    """
    found, left = np.empty(size, np.int64), np.arange(size)
    whole, rest = divmod(top, bottom)
    while len(left):
        n = len(left)
        u, v = below(top, n, words), _geometric(n, words)
        size_ = v * whole + (u + v * rest) // bottom  # (u + v * top) // bottom
        minus = below(2, n, words) == 1
        # Nought has one sign only.
        taken = survives(u, top, words) & ~(minus & (size_ == 0))
        found[left[taken]] = np.where(minus, -size_, size_)[taken]
        left = left[~taken]
    return found


def survives(u: Ints, top: int, words: Words) -> Bools:
    """Return true with probability ``exp(-u / top)``, for each ``u`` of 0 to ``top``.

    Trials with ``u / (top * k)`` go on until one fails; the number of the one that fails is odd
    with just that probability.
    """
    odd, alive, k = np.zeros(len(u), np.bool_), np.arange(len(u)), 1
    while len(alive):
        n = len(alive)
        goes_on = (below(top, n, words) < u[alive]) & (below(k, n, words) == 0)
        odd[alive[~goes_on]] = k % 2 == 1
        alive, k = alive[goes_on], k + 1
    return odd


def _geometric(size: int, words: Words) -> Ints:
    """Count how often each survives with probability ``1 / e`` before it does not."""
    found, alive = np.zeros(size, np.int64), np.arange(size)
    while len(alive):
        alive = alive[survives(np.ones(len(alive), np.int64), 1, words)]
        found[alive] += 1
    return found


def below(bound: int, size: int, words: Words) -> Ints:
    """Draw whole numbers from 0 to ``bound - 1``, each as likely as the others."""
    bits = (bound - 1).bit_length()
    if not bits:
        return np.zeros(size, np.int64)
    found, left = np.empty(size, np.int64), np.arange(size)
    while len(left):
        drawn = (words(len(left)) >> np.uint64(64 - bits)).astype(np.int64)
        fits = drawn < bound
        found[left[fits]] = drawn[fits]
        left = left[~fits]
    return found
