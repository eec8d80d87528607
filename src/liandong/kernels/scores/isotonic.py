"""Isotonic regression of outcomes on scores: the rising rates of largest likelihood."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Blocks(NamedTuple):
    """Blocks of scores that share a rate, ascending: first and last score, rows and bads."""

    first: Float
    last: Float
    rows: Int
    bads: Int


def isotonic(score: Float, bad: Bool) -> Blocks:
    """Return the blocks of the isotonic regression of the outcome on a score.

    The rates rise strictly from block to block; of all rates that do not fall they have the
    largest likelihood and the least squares (pool adjacent violators, Ayer and others 1955).
    Equal scores share a block, and rates are compared in whole numbers, so it is exact.

    Parameters
    ----------
    score, bad
        Shape (n,), finite scores in any order, and outcomes; at least one row.

    Examples
    --------
    >>> found = isotonic(np.array([1.0, 2, 3, 4]), np.array([False, True, False, True]))
    >>> (found.bads / found.rows).tolist(), found.last.tolist()
    ([0.0, 0.5, 1.0], [1.0, 3.0, 4.0])
    """
    value, place = np.unique(score, return_inverse=True)
    rows = np.bincount(place).astype(np.int64)
    bads = np.bincount(place[bad], minlength=len(value)).astype(np.int64)
    last = pool(rows, bads)
    start = np.concatenate([[0], last[:-1] + 1])
    sums = [np.add.reduceat(x, start) for x in (rows, bads)]
    return Blocks(value[start], value[last], sums[0], sums[1])


@njit(cache=True, nogil=True)
def pool(rows: Int, bads: Int) -> Int:
    """Return the last cell of each block when cells are pooled until their rates rise strictly.

    Parameters
    ----------
    rows, bads
        Shape (cells,), rows (at least 1) and bads of cells in order; below 2^31.
    """
    last, n, b = np.empty_like(rows), np.empty_like(rows), np.empty_like(rows)
    top = -1
    for i in range(len(rows)):
        top += 1
        last[top], n[top], b[top] = i, rows[i], bads[i]
        while top > 0 and b[top - 1] * n[top] >= b[top] * n[top - 1]:
            top -= 1
            last[top], n[top], b[top] = i, n[top] + n[top + 1], b[top] + b[top + 1]
    return last[: top + 1].copy()
