"""Linear equations with a symmetric positive definite matrix, the same bits for any threads."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]

PANEL = 4
"""Rows by which those below are updated in one go."""
FLOOR = 1e-15
"""Pivots are not below this share of the largest."""


@njit(cache=True, nogil=True)
def _panel(a: Float, first: int, last: int, least: float) -> None:
    """Finish some rows of the upper factor, given those above."""
    size = len(a)
    for k in range(first, last):
        for p in range(first, k):
            c = a[p, k]
            for j in range(k, size):
                a[k, j] -= c * a[p, j]
        root = np.sqrt(max(a[k, k], least))
        a[k, k] = root
        for j in range(k + 1, size):
            a[k, j] /= root


@njit(cache=True, nogil=True)
def _update(a: Float, first: int) -> None:
    """Take what the rows of a full panel contribute from all rows below."""
    size = len(a)
    one, two, three, four = a[first], a[first + 1], a[first + 2], a[first + 3]
    for i in range(first + PANEL, size):
        c, d, e, f = one[i], two[i], three[i], four[i]
        row = a[i]
        for j in range(i, size):
            row[j] -= c * one[j] + d * two[j] + e * three[j] + f * four[j]


@njit(cache=True, nogil=True)
def solve(matrix: Float, right: Float) -> Float:
    """Return x with matrix x = right.

    Parameters
    ----------
    matrix
        Shape (n, n), symmetric, positive definite but for rounding; only the upper half is read,
        and overwritten.
    right
        Shape (n,).

    Examples
    --------
    >>> solve(np.array([[4.0, 2.0], [2.0, 3.0]]), np.array([8.0, 8.0])).round(9).tolist()
    [1.0, 2.0]
    """
    size = len(matrix)
    least = 1e-300
    for k in range(size):
        least = max(least, FLOOR * matrix[k, k])
    for first in range(0, size, PANEL):
        last = min(first + PANEL, size)
        _panel(matrix, first, last, least)
        if last < size:
            _update(matrix, first)
    x = right.copy()
    for k in range(size):
        x[k] /= matrix[k, k]
        for j in range(k + 1, size):
            x[j] -= x[k] * matrix[k, j]
    for k in range(size - 1, -1, -1):
        for j in range(k + 1, size):
            x[k] -= matrix[k, j] * x[j]
        x[k] /= matrix[k, k]
    return x
