"""Largest remainder: amounts split by weights, each on its own."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.money.proportion import divided

Int = NDArray[np.int64]

PLAIN = 3_037_000_499
"""Weights up to this sum have products that fit in 63 bits."""


@njit(cache=True, nogil=True, error_model="numpy")
def by_remainder(totals: Int, weights: Int) -> Int:
    """Split each amount by largest remainder, ties to the earlier party; f(-x) = -f(x).

    Every party gets its exact share rounded down, and those with the largest rests one unit more
    (Hamilton's method). One more unit in can mean one less for somebody: what is settled again and
    again is split by :func:`liandong.kernels.splits.quota.by_quota`.

    Parameters
    ----------
    totals
        Any amounts above -2^63; shape (n,).
    weights
        At least 0; shape (n, m), or (1, m) if they are the same for all. The sum of a row is above
        0 and below 2^62.

    Returns
    -------
    numpy.ndarray
        Shares; shape (n, m). Each row adds up to its amount.

    Examples
    --------
    >>> by_remainder(np.array([100, -100]), np.array([[1, 1, 1]]))
    array([[ 34,  33,  33],
           [-34, -33, -33]])
    """
    n, m = len(totals), weights.shape[1]
    out = np.empty((n, m), np.int64)
    rest = np.empty(m, np.int64)
    for i in range(n):
        w = weights[i if len(weights) > 1 else 0]
        whole = 0
        for k in range(m):
            whole += int(w[k])
        amount = abs(totals[i])
        times = amount // whole
        left = over = amount - times * whole
        for k in range(m):
            if w[k] == 0:  # nothing, and last among the rests: divisions cost most here
                out[i, k], rest[k] = 0, -1
                continue
            if whole <= PLAIN:
                product = over * w[k]
                part = product // whole
                rest[k] = product - part * whole
            else:
                part, rest[k] = divided(over, w[k], whole)
            out[i, k] = times * w[k] + part
            left -= part
        _hand_out(out[i], rest, left)
        if totals[i] < 0:
            for k in range(m):
                out[i, k] = -out[i, k]
    return out


@njit(cache=True, nogil=True)
def _hand_out(share: Int, rest: Int, left: int) -> None:
    """Give what is left, a unit each, to those with the largest rests."""
    for _ in range(left):
        most = 0
        for k in range(1, len(rest)):
            if rest[k] > rest[most]:
                most = k
        share[most] += 1
        rest[most] = -1
