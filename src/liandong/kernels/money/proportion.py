"""Splitting whole numbers in proportion, to the last one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def in_proportion(total: int, parts: Int) -> Int:
    """Split ``total`` in proportion to ``parts`` by largest remainder, ties to the earlier part.

    Parameters
    ----------
    total
        At least 0, and the parts' sum or less unless something is exchanged.
    parts
        Whole numbers of at least 0, with a sum below 2^62.

    Returns
    -------
    numpy.ndarray
        Shares with the sum ``total``; none is above its part if the total is not above theirs.
    """
    whole = parts.sum()
    share, rest = np.zeros(len(parts), np.int64), np.zeros(len(parts), np.int64)
    if whole == 0:
        return share
    for k in range(len(parts)):
        share[k], rest[k] = divided(total, parts[k], whole)
    for _ in range(total - share.sum()):
        most = np.argmax(rest)
        share[most] += 1
        rest[most] = -1
    return share


@njit(cache=True, nogil=True)
def times_over(a: int, b: int, c: int) -> int:
    """Return floor(a * b / c) for 0 <= b <= c < 2^62, c above 0; the product needs 124 bits."""
    return divided(a, b, c)[0]


@njit(cache=True, nogil=True)
def divided(a: int, b: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of a * b / c for b <= c < 2^62: the product needs 124 bits."""
    quotient = rest = 0
    for bit in range(62, -1, -1):
        quotient, rest = 2 * quotient, 2 * rest
        if rest >= c:
            quotient, rest = quotient + 1, rest - c
        if (a >> bit) & 1:
            rest += b
            if rest >= c:
                quotient, rest = quotient + 1, rest - c
    return quotient, rest
