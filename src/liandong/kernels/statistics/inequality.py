"""How unequally something is shared among people: Theil's two indices and the Gini coefficient."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


class Theil(NamedTuple):
    """An index with its parts: ``total = between + within.sum()``; nan where undefined."""

    total: float
    between: float
    within: Float


def theil_t(income: Float, people: Float, group: Int, groups: int) -> Theil:
    """Return Theil's T, the sum of s ln(s/p) over income shares s and population shares p.

    Parameters
    ----------
    income, people
        Shape (regions,), what a region has in all and how many share it; all people one for an
        index without weights.
    group
        Shape (regions,), the group of each region, from 0 to ``groups`` - 1.
    groups
        How many groups there are.

    Returns
    -------
    Theil
        ``within`` has shape (groups,): the contribution of each group. Everything is undefined for
        a negative number, no people in a region with income, or nothing at all.

    Notes
    -----
    H. Theil, *Economics and Information Theory*, 1967. A region without income adds nothing:
    0 ln 0 = 0.
    """
    return _divergence(income, people, group, groups)


def theil_l(income: Float, people: Float, group: Int, groups: int) -> Theil:
    """Return Theil's L (mean logarithmic deviation), the sum of p ln(p/s); see :func:`theil_t`.

    A region with people and no income makes the total, and its group's part, undefined.
    """
    return _divergence(people, income, group, groups)


def _divergence(a: Float, b: Float, group: Int, groups: int) -> Theil:
    """Return the sum of share(a) ln(share(a) / share(b)), between groups and within each."""
    if not len(a):
        return Theil(np.nan, np.nan, np.full(groups, np.nan))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        p, q = _shares(a), _shares(b)
        each, between = _terms(p, q), _terms(_sums(p, group, groups), _sums(q, group, groups))
        within = _sums(each, group, groups) - between
    return Theil(
        _defined(each.sum()), _defined(between.sum()), np.where(np.isfinite(within), within, np.nan)
    )


def _sums(x: Float, group: Int, groups: int) -> Float:
    return np.bincount(group, x, groups).astype(np.float64)


def _shares(x: Float) -> Float:
    return x / x.sum() if (x >= 0).all() else np.full(len(x), np.nan)


def _terms(a: Float, b: Float) -> Float:
    return np.where(a == 0, 0.0, a * np.log(a / b))


def _defined(x: float) -> float:
    return float(x) if np.isfinite(x) else np.nan


def gini(income: Float, people: Float) -> float:
    """Return the Gini coefficient of income a head, weighted by people.

    Parameters
    ----------
    income, people
        Shape (regions,), as for :func:`theil_t`.

    Returns
    -------
    float
        From 0 to 1, in the population form (no correction for small samples); nan for a negative
        number, a region without people, or nothing at all.

    Notes
    -----
    One minus twice the area under the Lorenz curve, by one sort.
    """
    if not len(income) or (income < 0).any() or (people <= 0).any() or income.sum() == 0:
        return np.nan
    with np.errstate(over="ignore"):  # beyond all numbers is last, as it should be
        order = np.argsort(income / people, kind="stable")
    share = np.cumsum(income[order] / income.sum())
    return float(1 - np.sum(people[order] / people.sum() * (share + np.append(0, share[:-1]))))


def nested(index: Callable[..., Theil], income: Float, people: Float, levels: list[Int]) -> Float:
    """Return what each level of nested groups adds to an index of Theil.

    Parameters
    ----------
    index
        :func:`theil_t` or :func:`theil_l`.
    income, people
        Shape (regions,).
    levels
        The group of each region on each level, shape (regions,) each, the coarsest first; every
        group lies within one of the level before.

    Returns
    -------
    array
        Shape (levels + 1,): between the coarsest groups, between the groups of each further level
        within those before, and between regions within the finest. Their sum is the total.

    Examples
    --------
    >>> belts, provinces = np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2])
    >>> x = np.array([1.0, 3.0, 4.0, 4.0])
    >>> nested(theil_t, x, np.ones(4), [belts, provinces]).round(4).tolist()
    [0.0566, 0.0436, 0.0]
    """
    found = [index(income, people, g, int(g.max(initial=-1)) + 1) for g in levels]
    every = np.array([f.between for f in found] + [f.total for f in found[:1]])
    return np.diff(every, prepend=0.0)


def theil_draws(income: Float, people: Float, group: Int, groups: int, counts: Int) -> Float:
    """Return Theil's T and L of many samples of the same regions.

    Parameters
    ----------
    income, people, group, groups
        As :func:`theil_t` takes them.
    counts
        Shape (samples, regions): how often each sample has each region.

    Returns
    -------
    array
        Shape (2, 3, samples): for T and L the total, between and within.

    Notes
    -----
    Both are sums over regions in disguise, so that all samples are one product of matrices.
    """
    found = np.full((2, 3, len(counts)), np.nan)
    if not len(income) or (income < 0).any() or (people <= 0).any():
        return found
    some = income > 0
    log = np.log(np.where(some, income, people)) - np.log(people)
    member, times = np.eye(groups)[group], counts.astype(np.float64)
    terms = (income, people, income * log, people * log)
    x, p, xl, pl = (times @ (term[:, None] * member) for term in terms)
    found[0] = _drawn(x, p, xl, sign=1)
    found[1] = _drawn(p, x, pl, sign=-1)
    found[1, 0::2, times @ ~some > 0] = np.nan  # what has nothing leaves L undefined
    found[~np.isfinite(found)] = np.nan
    return found


def _drawn(a: Float, b: Float, log: Float, *, sign: int) -> list[Float]:
    """Return total, between and within of the sum of share(a) ln(share(a) / share(b))."""
    whole_a, whole_b = a.sum(1), b.sum(1)
    with np.errstate(all="ignore"):  # a sample may have nothing at all
        total = sign * log.sum(1) / whole_a - np.log(whole_a / whole_b)
        p, q = a / whole_a[:, None], b / whole_b[:, None]
        between = np.where(p == 0, 0.0, p * np.log(p / q)).sum(1)
    return [total, between, total - between]


def permuted_between(
    income: Float, people: Float, group: Int, groups: int, labels: Int
) -> tuple[Float, Float]:
    """Return how often chance makes groups as different as they are, by T and by L.

    Parameters
    ----------
    income, people
        Shape (regions, periods).
    group
        Shape (regions,).
    labels
        Shape (permutations, regions): the groups dealt out anew; the same ones for all periods.

    Returns
    -------
    tuple of array
        Shape (periods,) each: the share of deals, the true one among them, whose part between
        groups is no smaller than the true one; nan where that is undefined.

    Notes
    -----
    Only the sums by group change from deal to deal.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        x, p = (np.apply_along_axis(_shares, 0, a) for a in (income, people))
        real = _between(x, p, group[None], groups)[0]
        least = real - 1e-12 * np.abs(real)  # the same groups in another order of adding up
        counts = (_between(x, p, labels, groups) >= least).sum(0) + 1
    found = np.where(np.isfinite(real), counts / (len(labels) + 1), np.nan)
    return found[0], found[1]


@njit(cache=True, nogil=True)
def _between(x: Float, p: Float, labels: Int, groups: int) -> Float:
    """Return the parts between groups, shape (deals, 2, periods)."""
    regions, periods = x.shape
    found = np.zeros((len(labels), 2, periods))
    for d in range(len(labels)):
        s, w = np.zeros((groups, periods)), np.zeros((groups, periods))
        for i in range(regions):
            g = labels[d, i]
            for t in range(periods):
                s[g, t] += x[i, t]
                w[g, t] += p[i, t]
        for g in range(groups):
            for t in range(periods):
                if s[g, t] > 0 and w[g, t] > 0:
                    log = np.log(s[g, t] / w[g, t])
                    found[d, 0, t] += s[g, t] * log
                    found[d, 1, t] -= w[g, t] * log
                elif s[g, t] > 0:
                    found[d, 0, t] = np.inf
                elif w[g, t] > 0:
                    found[d, 1, t] = np.inf
    return found
