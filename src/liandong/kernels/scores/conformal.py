"""Intervals that hold whatever the model and the distribution: conformal prediction."""

from math import ceil, floor, inf

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def cv_plus(centre: Float, error: Float, part: Int, miss: float) -> tuple[Float, Float]:
    """Return the CV+ interval of each case (Barber, Candes, Ramdas and Tibshirani, 2021).

    If the cases are exchangeable with the rows that were learnt from, the outcome lies inside with
    a probability of at least 1 - 2 ``miss`` - sqrt(2 / rows), whatever the model; in practice
    with about 1 - ``miss``. With one row a part this is the jackknife+, whose bound is
    1 - 2 ``miss``.

    Parameters
    ----------
    centre
        Shape (cases, parts): what the model without each part foretells.
    error
        Shape (rows,): how far off each row was foretold by the model without its part; not
        negative.
    part
        Shape (rows,): the part of each row.
    miss
        Between 0 and 1: share of outcomes that may lie outside.

    Returns
    -------
    low, high
        Shape (cases,); infinite if there are too few rows for ``miss``.

    Examples
    --------
    >>> low, high = cv_plus(np.zeros((1, 1)), np.arange(1.0, 10.0), np.zeros(9, np.int64), 0.2)
    >>> (low.tolist(), high.tolist())
    ([-8.0], [8.0])
    """
    cases, rows = len(centre), len(error)
    low, high = np.full(cases, -inf), np.full(cases, inf)
    # Rounding must not lift a whole rank: (1 - 0.1)(n + 1) is 9.000000000000002 for n = 9.
    upper = ceil((1 - miss) * (rows + 1) - 1e-9)
    lower = floor(miss * (rows + 1) + 1e-9)
    if upper > rows or lower < 1:
        return low, high
    below, above = np.empty(rows), np.empty(rows)
    for c in range(cases):
        for i in range(rows):
            below[i] = centre[c, part[i]] - error[i]
            above[i] = centre[c, part[i]] + error[i]
        low[c] = np.sort(below)[lower - 1]
        high[c] = np.sort(above)[upper - 1]
    return low, high
