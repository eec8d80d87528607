"""Shares of few, drawn towards the share of all."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


def shrunken_shares(hits: Int, totals: Int) -> Float:
    """Return each share drawn towards the share of all, the more the smaller its total is.

    The posterior mean of a beta-binomial law whose mean and correlation come from all shares by
    their moments (Kleinman 1973, Proportions with extraneous variance). Where they differ no more
    than chance brings, all are the share of all.

    Parameters
    ----------
    hits, totals
        Shape (n,); totals above 0.

    Examples
    --------
    >>> shrunken_shares(np.array([0, 50, 100]), np.array([100, 100, 100])).round(3).tolist()
    [0.007, 0.5, 0.993]
    """
    count, total = len(totals), int(totals.sum())
    if not count:
        return np.zeros(0)
    mean = hits.sum() / total
    chance = mean * (1 - mean)
    spare = total - (totals**2).sum() / total
    if chance == 0 or spare == 0:
        return np.full(count, mean)
    between = (totals * (hits / totals - mean) ** 2).sum()
    correlation = (between / chance - (count - 1)) / (spare - (count - 1))
    if not correlation > 0:
        return np.full(count, mean)
    weight = max(1 / min(correlation, 1.0) - 1, 0.0)
    return np.asarray((hits + weight * mean) / (totals + weight))
