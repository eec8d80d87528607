"""The Gini coefficient taken apart between groups that overlap (Dagum 1997)."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


class Dagum(NamedTuple):
    """The coefficient with its parts: ``total = within + net_between + transvariation``.

    Attributes
    ----------
    within
        Inequality inside the groups.
    net_between
        What the richer of each two groups is ahead of the poorer.
    transvariation
        What members of the poorer of each two groups are ahead of members of the richer: overlap.
    gini, distance, share
        Shape (groups, groups): the coefficient between two groups; how far they stand apart, from 0
        (equal means) to 1 (no overlap); and what the pair adds to the total, both ways together
        the sum of the two cells.
    """

    total: float
    within: float
    net_between: float
    transvariation: float
    gini: Float
    distance: Float
    share: Float


def dagum(income: Float, people: Float, group: Int, groups: int) -> Dagum:
    """Take the Gini coefficient of income a head apart.

    Parameters
    ----------
    income, people
        Shape (regions,), what a region has in all and how many share it; all people one for a
        coefficient without weights.
    group
        Shape (regions,), from 0 to ``groups`` - 1.
    groups
        How many groups there are.

    Returns
    -------
    Dagum
        All nan for a negative number, a region without people, or nothing at all.

    Notes
    -----
    C. Dagum, *Empirical Economics* 22 (1997) 515-531. One sort, and as the sorted regions go by,
    for each group what all its members seen so far lie below the present one: N log N + N groups.

    Examples
    --------
    >>> ones = np.ones(4)
    >>> found = dagum(np.array([1.0, 3.0, 2.0, 6.0]), ones, np.array([0, 0, 1, 1]), 2)
    >>> [round(float(x), 6) for x in found[:4]]
    [0.333333, 0.125, 0.166667, 0.041667]
    """
    if not _sound(income, people):
        empty = np.full((groups, groups), np.nan)
        return Dagum(np.nan, np.nan, np.nan, np.nan, empty, empty, empty)
    y, w, order = _standard(income, people)
    above = _ahead(y, w, group, order, groups)
    size = np.bincount(group, w, groups)
    means = np.bincount(group, w * y, groups) / np.where(size > 0, size, np.nan)
    apart, net = above + above.T, np.abs(above - above.T)
    within, between, total = np.trace(above), net.sum() / 2, above.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_difference = apart / np.outer(size, size)
        distance = np.where(apart > 0, net / apart, 0.0)
        gini = np.where(apart > 0, mean_difference / (means[:, None] + means), 0.0)
    np.fill_diagonal(distance, 0.0)
    # Twice the lesser way of each pair, both ways: nothing cancels, so no overlap is exactly 0.
    overlap = np.minimum(above, above.T).sum() - within
    return Dagum(
        float(total), float(within), float(between), float(overlap), gini, distance,
        apart / 2 / total if total > 0 else np.zeros_like(apart),
    )  # fmt: skip


def redrawn(income: Float, people: Float, group: Int, groups: int, counts: Int) -> Float:
    """Return the coefficient and its parts of many samples of the same regions.

    Parameters
    ----------
    income, people, group, groups
        As :func:`dagum` takes them.
    counts
        Shape (samples, regions): how often each sample has each region.

    Returns
    -------
    array
        Shape (samples, 4): total, within, net between, transvariation; nan for a sample that has
        nothing. The sort is done once.
    """
    if not _sound(income, people):
        return np.full((len(counts), 4), np.nan)
    y, w, order = _standard(income, people)
    return _redrawn(y, w, group, order, groups, counts)


def _sound(income: Float, people: Float) -> bool:
    return len(income) > 0 and bool((income >= 0).all() and (people > 0).all() and income.sum() > 0)


def _standard(income: Float, people: Float) -> tuple[Float, Float, Int]:
    """Return income a head in units of its mean, shares of the people, and the order."""
    w = people / people.sum()
    with np.errstate(over="ignore"):  # beyond all numbers leaves everything undefined
        y = income / income.sum() / w
    return y, w, np.argsort(y, kind="stable")


@njit(cache=True, nogil=True)
def _ahead(y: Float, w: Float, group: Int, order: Int, groups: int) -> Float:
    """Return what each group is ahead of each: the sum of w w' (y - y') over y > y'."""
    found = np.zeros((groups, groups))
    size, below = np.zeros(groups), np.zeros(groups)
    before = 0.0
    for i in order:
        step, g, weight = y[i] - before, group[i], w[i]
        row = found[g]
        for h in range(groups):
            below[h] += step * size[h]
            row[h] += weight * below[h]
        size[g] += weight
        before = y[i]
    return found


@njit(cache=True, nogil=True)
def _redrawn(y: Float, w: Float, group: Int, order: Int, groups: int, counts: Int) -> Float:
    found = np.empty((len(counts), 4))
    for d in range(len(counts)):
        times = w * counts[d]
        above = _ahead(y, times, group, order, groups)
        scale = times.sum() * (times * y).sum()
        if scale == 0:  # only regions with nothing were drawn
            found[d] = np.nan
            continue
        total, within, lesser = 0.0, 0.0, 0.0
        for j in range(groups):
            within += above[j, j]
            for h in range(groups):
                total += above[j, h]
                lesser += min(above[j, h], above[h, j])
        overlap = lesser - within
        found[d, 0] = total / scale
        found[d, 1] = within / scale
        found[d, 2] = (total - within - overlap) / scale
        found[d, 3] = overlap / scale
    return found
