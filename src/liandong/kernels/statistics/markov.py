"""Who moves between classes from one period to the next, and whether neighbours matter."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import chi2_sf
from liandong.kernels.statistics.spatial import Weights, lag

Int = NDArray[np.int64]
Float = NDArray[np.float64]


def cuts(values: Float, classes: int) -> Float:
    """Return the inner bounds of classes of equal size; fewer where many values are equal.

    Examples
    --------
    >>> cuts(np.arange(10.0), 5).tolist()
    [1.8, 3.6, 5.4, 7.2]
    """
    inner = np.percentile(values, 100 * np.arange(1, classes) / classes)
    return np.unique(inner[inner < values.max()])


def classed(values: Float, bounds: Float) -> Int:
    """Return the class of each value, from 0; a value on a bound is in the lower class."""
    return np.searchsorted(bounds, values, side="left").astype(np.int64)


@njit(cache=True, nogil=True)
def transitions(given: Int, own: Int, order: Int, givens: int, classes: int) -> Int:
    """Count the moves from each period to the next by where they began.

    Parameters
    ----------
    given
        Shape (places, periods): a class that the moves are told apart by.
    own
        Shape (regions, periods): the class that moves.
    order
        Shape (places,): which region is at each place.

    Returns
    -------
    array
        Shape (givens, classes, classes).
    """
    found = np.zeros((givens, classes, classes), np.int64)
    for i in range(len(order)):
        row = own[order[i]]
        for t in range(own.shape[1] - 1):
            found[given[i, t], row[t], row[t + 1]] += 1
    return found


def probabilities(counts: Int) -> Float:
    """Return counts as shares of their row; nan for a class that nobody was in."""
    whole = counts.sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return counts / np.where(whole > 0, whole, np.nan)


def steady(p: Float) -> Float:
    """Return the shares of the classes in the long run.

    Parameters
    ----------
    p
        Shape (classes, classes), rows adding up to 1.

    Returns
    -------
    array
        Shape (classes,); nan where a class is unknown or more than one outcome is possible.

    Examples
    --------
    >>> steady(np.array([[0.9, 0.1], [0.2, 0.8]])).round(4).tolist()
    [0.6667, 0.3333]
    """
    n = len(p)
    if not np.isfinite(p).all():
        return np.full(n, np.nan)
    equations = np.vstack((p.T - np.eye(n), np.ones(n)))
    if np.linalg.matrix_rank(equations[:-1]) < n - 1:
        return np.full(n, np.nan)
    found: Float = np.linalg.lstsq(equations, np.append(np.zeros(n), 1.0), rcond=None)[0]
    return np.abs(found)


class Homogeneity(NamedTuple):
    """Whether moves are the same whatever is given."""

    q: float
    lr: float
    dof: int

    @property
    def p(self) -> tuple[float, float]:
        """The probabilities of a larger Q and a larger LR by chance."""
        if not self.dof:
            return np.nan, np.nan
        return chi2_sf(self.q, self.dof), chi2_sf(self.lr, self.dof)


def homogeneity(counts: Int) -> Homogeneity:
    """Test whether the moves of several tables come from one law.

    Parameters
    ----------
    counts
        Shape (givens, classes, classes).

    Notes
    -----
    F. Bickenbach and E. Bode, *International Regional Science Review* 26 (2003) 363-392: Pearson's
    Q and the likelihood ratio. Classes that nobody was in and moves that never happen are not
    counted as freedom.
    """
    q, lr = _statistics(counts)
    freedom = ((counts.sum(2) > 0).sum(0) - 1) * ((counts.sum(0) > 0).sum(1) - 1)
    return Homogeneity(float(q), float(lr), int(freedom[counts.sum((0, 2)) > 0].sum()))


@njit(cache=True, nogil=True)
def _statistics(counts: Int) -> tuple[float, float]:
    givens, classes, _ = counts.shape
    q, lr = 0.0, 0.0
    for i in range(classes):
        every = counts[:, i, :].sum()
        for j in range(classes):
            together = counts[:, i, j].sum()
            if not together:
                continue
            share = together / every
            for m in range(givens):
                of = counts[m, i, :].sum()
                if of:
                    expected = of * share
                    q += (counts[m, i, j] - expected) ** 2 / expected
                    if counts[m, i, j]:
                        lr += 2 * counts[m, i, j] * np.log(counts[m, i, j] / expected)
    return q, lr


class Spatial(NamedTuple):
    """Moves by the class of the neighbours.

    Attributes
    ----------
    counts
        Shape (classes of neighbours, classes, classes).
    test
        Whether neighbours matter.
    permuted
        The same for Q and LR by permutation: how often regions dealt out over the places make
        them no smaller, the true ones among them; nan without permutations.
    """

    counts: Int
    test: Homogeneity
    permuted: tuple[float, float]


def spatial_markov(values: Float, weights: Weights, classes: int, orders: Int) -> Spatial:
    """Tell moves between classes apart by the class of the neighbours before.

    Parameters
    ----------
    values
        Shape (regions, periods), comparable over time: relative to the mean of each period.
    weights
        Of the neighbours.
    classes
        Of regions, and of their neighbours: of equal size over all periods together.
    orders
        Shape (permutations, regions): which region is at each place.

    Notes
    -----
    S. Rey, *Geographical Analysis* 33 (2001) 194-214. A permutation keeps the course of each
    region and gives it a place by chance, with the neighbours it then has.
    """
    own_cuts = cuts(values, classes)
    own = classed(values, own_cuts)
    near = lag(values, weights)
    near_cuts = cuts(near, classes)
    given, kinds = classed(near, near_cuts), len(near_cuts) + 1
    here = np.arange(len(values))
    counts = transitions(given, own, here, kinds, len(own_cuts) + 1)
    test = homogeneity(counts)
    if not len(orders):
        return Spatial(counts, test, (np.nan, np.nan))
    found = _dealt(values, own, *weights, near_cuts, orders, len(own_cuts) + 1)
    least = np.array([test.q, test.lr]) * (1 - 1e-12)
    share = ((found >= least).sum(0) + 1) / (len(orders) + 1)
    return Spatial(counts, test, (float(share[0]), float(share[1])))


@njit(cache=True, nogil=True)
def _dealt(
    values: Float, own: Int, start: Int, other: Int, weight: Float, bounds: Float, orders: Int,
    classes: int,
) -> Float:  # fmt: skip
    """Return Q and LR of regions at other places, shape (permutations, 2)."""
    places, periods = own.shape
    found = np.empty((len(orders), 2))
    near = np.empty(periods - 1)
    for d in range(len(orders)):
        order = orders[d]
        counts = np.zeros((len(bounds) + 1, classes, classes), np.int64)
        for i in range(places):
            near[:] = 0.0
            for k in range(start[i], start[i + 1]):
                row, w = values[order[other[k]]], weight[k]
                for t in range(periods - 1):
                    near[t] += w * row[t]
            mine = own[order[i]]
            for t in range(periods - 1):
                given = 0
                for bound in bounds:
                    given += near[t] > bound
                counts[given, mine[t], mine[t + 1]] += 1
        found[d, 0], found[d, 1] = _statistics(counts)
    return found
