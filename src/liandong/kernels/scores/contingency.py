"""Two groups and two outcomes."""

from math import lgamma

import numpy as np
from numpy.typing import NDArray


def fisher(hits: int, n: int, others: int, m: int) -> float:
    """Return the probability of rates at least as far apart by chance alone (Fisher 1934).

    Exact and two-sided: the probability, given how many hits there are in all, of every outcome
    that is no more likely than what was seen.

    Parameters
    ----------
    hits, n
        Hits and members of one group.
    others, m
        Of the other.

    Examples
    --------
    >>> round(fisher(3, 4, 1, 4), 6)
    0.485714
    """
    total = hits + others
    some = np.arange(max(0, total - m), min(n, total) + 1)
    ways = _ways(n, some) + _ways(m, total - some)
    share = np.exp(ways - ways.max())
    seen = share[hits - some[0]]
    return float(share[share <= seen * (1 + 1e-7)].sum() / share.sum())


def _ways(n: int, k: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logarithm of the ways to choose k out of n, up to a constant."""
    return np.array([-lgamma(i + 1.0) - lgamma(n - i + 1.0) for i in k.tolist()])
