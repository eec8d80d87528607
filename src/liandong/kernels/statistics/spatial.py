"""Whether regions are like their neighbours."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


class Weights(NamedTuple):
    """Neighbours of each region, row by row.

    Attributes
    ----------
    start
        Shape (regions + 1,): where the neighbours of each region begin.
    other, weight
        Shape (ties,): who they are, and what they count.
    """

    start: Int
    other: Int
    weight: Float

    @classmethod
    def by_row(cls, one: Int, other: Int, weight: Float, regions: int) -> "Weights":
        """Return weights that add up to 1 over the neighbours of each region.

        Parameters
        ----------
        one, other, weight
            Shape (ties,): a region, its neighbour, and what it counts; above 0.
        """
        order = np.lexsort((other, one))
        whole = np.bincount(one, weight, regions)
        start = np.append(0, np.cumsum(np.bincount(one, minlength=regions)))
        return cls(start.astype(np.int64), other[order], (weight / whole[one])[order])

    @property
    def lonely(self) -> NDArray[np.bool_]:
        """Which regions have no neighbour, shape (regions,)."""
        return np.asarray(np.diff(self.start) == 0)


def lag(values: Float, weights: Weights) -> Float:
    """Return the weighted mean over the neighbours, shape (regions, periods); 0 without any."""
    return _lag(np.ascontiguousarray(values), *weights)


@njit(cache=True, nogil=True)
def _lag(values: Float, start: Int, other: Int, weight: Float) -> Float:
    found = np.zeros(values.shape)
    for i in range(len(values)):
        for k in range(start[i], start[i + 1]):
            for t in range(values.shape[1]):
                found[i, t] += weight[k] * values[other[k], t]
    return found


class Moran(NamedTuple):
    """Moran's index with its parts.

    Attributes
    ----------
    value, expected
        The index, and its mean if regions were dealt out over the places.
    p
        By permutation, two-sided: twice the share in the smaller tail.
    own, near
        Shape (regions,): standardised value, and its mean over the neighbours.
    local
        Shape (regions,): own times near, which add up to the index times the regions that have
        neighbours.
    """

    value: float
    expected: float
    p: float
    own: Float
    near: Float
    local: Float


def moran(values: Float, weights: Weights, times: int, random: np.random.Generator) -> Moran:
    """Measure whether neighbours are alike (above ``expected``) or unlike (below).

    Parameters
    ----------
    values
        Shape (regions,).
    weights
        Adding up to 1 in each row; regions without neighbours have none.
    times
        Permutations.

    Returns
    -------
    Moran
        nan where all values are equal or nobody has neighbours.

    Notes
    -----
    P. Moran, *Biometrika* 37 (1950) 17-23.
    """
    n, spread, tied = len(values), values.std(), int((~weights.lonely).sum())
    if not (n > 2 and spread > 0 and tied):
        none = np.full(n, np.nan)
        return Moran(np.nan, np.nan, np.nan, none, none, none)
    own = (values - values.mean()) / spread
    near = lag(own[:, None], weights)[:, 0]
    local = own * near
    orders = random.permuted(np.broadcast_to(np.arange(n), (times, n)), axis=1)
    chance = _permuted(own, *weights, orders) / tied
    value = float(local.sum() / tied)
    ends = np.array([(chance >= value - 1e-12).sum(), (chance <= value + 1e-12).sum()])
    return Moran(value, -1 / (n - 1), float(_two_sided(ends, times)), own, near, local)


def local_p(found: Moran, weights: Weights, times: int, random: np.random.Generator) -> Float:
    """Return how often others as neighbours make each region as like or unlike them, two-sided.

    Returns
    -------
    array
        Shape (regions,); each region is held where it is. nan without neighbours.

    Notes
    -----
    L. Anselin, *Geographical Analysis* 27 (1995) 93-115.
    """
    n, widest = len(found.own), int(np.diff(weights.start).max(initial=0))
    others = random.permuted(np.broadcast_to(np.arange(n - 1), (times, n - 1)), axis=1)
    draws = np.ascontiguousarray(others[:, :widest])
    tails = _tails(found.own, found.near, weights.start, weights.weight, draws)
    return np.where(weights.lonely, np.nan, _two_sided(tails, times))


def _two_sided(tails: Int, times: int) -> Float:
    """Return p of the counts in both tails, shape (2, ...); nan without permutations."""
    found = np.minimum(1.0, 2 * (tails.min(0) + 1) / (times + 1))
    return np.asarray(found if times else np.full(tails.shape[1:], np.nan))


@njit(cache=True, nogil=True)
def _permuted(own: Float, start: Int, other: Int, weight: Float, orders: Int) -> Float:
    found = np.zeros(len(orders))
    for d in range(len(orders)):
        z = own[orders[d]]
        for i in range(len(own)):
            for k in range(start[i], start[i + 1]):
                found[d] += z[i] * weight[k] * z[other[k]]
    return found


@njit(cache=True, nogil=True)
def _tails(own: Float, near: Float, start: Int, weight: Float, draws: Int) -> Int:
    """Count for each region the draws of other neighbours that are no lower, and no higher."""
    found = np.zeros((2, len(own)), np.int64)
    for i in range(len(own)):
        for d in range(len(draws)):
            mean = 0.0
            for k in range(start[i], start[i + 1]):
                j = draws[d, k - start[i]]
                mean += weight[k] * own[j + (j >= i)]
            found[0, i] += mean >= near[i] - 1e-12
            found[1, i] += mean <= near[i] + 1e-12
    return found
