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


def delong(risk: NDArray[np.float64], bad: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the AUC and its standard error (DeLong, DeLong and Clarke-Pearson 1988).

    By ranks (Sun and Xu 2014), so in n log n. The error is nan unless both classes have two rows.

    Examples
    --------
    >>> area, error = delong(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True]))
    >>> area, round(error, 6)
    (0.875, 0.176777)
    """
    bads, goods = np.sort(risk[bad]), np.sort(risk[~bad])
    if not min(len(bads), len(goods)):
        return float("nan"), float("nan")
    beaten = _share_below(bads, goods)
    area = float(beaten.mean())
    if min(len(bads), len(goods)) < 2:
        return area, float("nan")
    beating = 1 - _share_below(goods, bads)
    return area, sqrt(beaten.var(ddof=1) / len(bads) + beating.var(ddof=1) / len(goods))


def delong_pair(
    first: NDArray[np.float64], second: NDArray[np.float64], bad: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the AUCs of two risks of the same rows, shape (2,), and their covariance (2, 2).

    DeLong, DeLong and Clarke-Pearson (1988). The variance of the difference of the areas is the
    sum of the diagonal less the rest. Both classes need two rows.

    Examples
    --------
    >>> bad = np.array([False, True, False, True])
    >>> areas, spread = delong_pair(np.array([1.0, 2, 2, 3]), np.array([2.0, 1, 3, 4]), bad)
    >>> areas.tolist(), spread.tolist()
    ([0.875, 0.5], [[0.03125, 0.0625], [0.0625, 0.25]])
    """
    order = np.lexsort((second, first, bad))
    bad = bad[order]
    spread, areas = np.zeros((2, 2)), np.empty(2)
    ranks = [_placements(risk[order], bad) for risk in (first, second)]
    for kind in (0, 1):
        off = [placed[kind] - placed[kind].mean() for placed in ranks]
        n = len(off[0])
        for i in (0, 1):
            areas[i] = ranks[i][0].mean()
            for j in (0, 1):
                spread[i, j] += (off[i] * off[j]).sum() / (n - 1) / n
    return areas, spread


def clustered(
    risks: NDArray[np.float64], bad: NDArray[np.bool_], group: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the AUCs of several risks and their covariance where rows of one group are no others.

    Obuchowski (Biometrics 53, 1997): rows of one group may depend on each other, groups do not.
    With every row a group of its own it is the estimate of :func:`delong_pair`.

    Parameters
    ----------
    risks
        Shape (risks, rows).
    bad
        Shape (rows,); both classes must occur.
    group
        Shape (rows,), from 0.

    Returns
    -------
    tuple
        Shapes (risks,) and (risks, risks); the covariance is nan with fewer than two groups of
        either class.

    Examples
    --------
    >>> bad = np.array([False, True, False, True])
    >>> risks = np.array([[1.0, 2, 2, 3], [2.0, 1, 3, 4]])
    >>> areas, spread = clustered(risks, bad, np.arange(4))
    >>> areas.tolist(), spread.tolist()
    ([0.875, 0.5], [[0.03125, 0.0625], [0.0625, 0.25]])
    """
    placed = [_placements(risk, bad) for risk in risks]
    areas = np.array([p[0].mean() for p in placed])
    groups = int(group.max()) + 1
    off, count, there = [], [], []
    for kind, rows in enumerate((bad, ~bad)):
        size = np.bincount(group[rows], minlength=groups)
        sums = [np.bincount(group[rows], p[kind] - a, groups)
                for p, a in zip(placed, areas, strict=True)]  # fmt: skip
        off.append(np.array(sums))
        count.append(int(rows.sum()))
        there.append(int((size > 0).sum()))
    if min(there) < 2:
        return areas, np.full((len(risks), len(risks)), np.nan)
    spread = np.zeros((len(risks), len(risks)))
    for kind in (0, 1):
        spread += off[kind] @ off[kind].T * there[kind] / (there[kind] - 1) / count[kind] ** 2
    cross = off[0] @ off[1].T * groups / (groups - 1) / (count[0] * count[1])
    return areas, spread + cross + cross.T


def _placements(
    risk: NDArray[np.float64], bad: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of goods below each bad row, and of bads above each good row."""
    bads, goods = risk[bad], risk[~bad]
    return _share_below(bads, np.sort(goods)), 1 - _share_below(goods, np.sort(bads))


def _share_below(x: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the sorted ``other`` below each x, ties counted half."""
    both = np.searchsorted(other, x, side="left") + np.searchsorted(other, x, side="right")
    return np.asarray(both / (2 * len(other)), np.float64)


def ks(risk: NDArray[np.float64], bad: NDArray[np.bool_]) -> float:
    """Return the largest distance between the two classes' distributions of risk.

    Examples
    --------
    >>> ks(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, True, False, True]))
    0.5
    """
    _, place = np.unique(risk, return_inverse=True)
    counts = [
        np.cumsum(np.bincount(place[rows], minlength=place.max() + 1)) for rows in (bad, ~bad)
    ]
    return float(np.abs(counts[0] / counts[0][-1] - counts[1] / counts[1][-1]).max())
