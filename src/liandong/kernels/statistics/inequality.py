"""How unequally something is shared among people: Theil's two indices and the Gini coefficient."""

from typing import NamedTuple

import numpy as np
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
