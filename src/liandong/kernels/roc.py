"""How well scores tell two classes apart."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def auc(risk: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Return the probability that a bad row has more risk than a good one; ties count half.

    The Mann-Whitney statistic over the product of the class sizes; both classes must occur.

    Examples
    --------
    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True]))
    0.875
    """
    _, place, count = np.unique(risk, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    bads = int(bad.sum())
    wins = float(rank[bad].sum()) - bads * (bads + 1) / 2
    return wins / (bads * (len(bad) - bads))


def hanley_mcneil(area: float, bads: int, goods: int) -> float:
    """Return the standard error of an AUC (Hanley and McNeil 1982).

    Examples
    --------
    >>> round(hanley_mcneil(0.893, 51, 58), 3)
    0.033
    """
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    spread = (area * (1 - area) + (bads - 1) * (q1 - area**2) + (goods - 1) * (q2 - area**2)) / (
        bads * goods
    )
    return sqrt(max(spread, 0.0))
