"""Inequality indices over regions: Theil's T and L with their parts, and the Gini coefficient.

All work on totals (income ``x``, people ``w``) instead of incomes per head, so that no division
comes before the sums.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


class Parts(NamedTuple):
    """An index and its parts by group.

    Attributes
    ----------
    total, between
        Over all regions, and over groups as if each were one region.
    within
        Shape (groups,): what each group's own inequality adds; total = between + sum(within).
    """

    total: float
    between: float
    within: Float


def theil_t(x: Float, w: Float, group: Int, groups: int) -> Parts:
    """Return Theil's T, sum of s ln(s / p), and its parts.

    Parameters
    ----------
    x, w
        Shape (regions,): income, at least 0, and people, above 0.
    group
        Shape (regions,): number of the group of each region, below ``groups``.

    Returns
    -------
    Parts
        With 0 ln 0 = 0; the parts of T weigh groups by their share of income.

    Notes
    -----
    Theil (1967); the adding-up of total, between and within is exact but for rounding.
    """
    return _parts(x / x.sum(), w / w.sum(), group, groups)


def theil_l(x: Float, w: Float, group: Int, groups: int) -> Parts:
    """Return Theil's L (mean log deviation), sum of p ln(p / s), and its parts.

    Parameters and adding-up as in :func:`theil_t`; groups weigh by their share of people. L is
    undefined (nan in every part it enters) where a region has no income at all.
    """
    return _parts(w / w.sum(), x / x.sum(), group, groups)


def _parts(a: Float, b: Float, group: Int, groups: int) -> Parts:
    """Return the divergence of share ``a`` from share ``b``, over all, groups and inside them."""
    terms = _divergence(a, b)
    of_a, of_b = _by_group(a, group, groups), _by_group(b, group, groups)
    between = _divergence(of_a, of_b)
    within = _by_group(terms, group, groups) - between
    return Parts(math.fsum(terms), math.fsum(between), within)


def _divergence(a: Float, b: Float) -> Float:
    """Return a ln(a / b) with 0 ln 0 = 0, and nan where only ``b`` is 0."""
    terms = np.zeros(len(a))
    some = a > 0
    undefined = some & (b <= 0)
    terms[undefined] = np.nan
    some &= b > 0
    terms[some] = a[some] * np.log(a[some] / b[some])
    return terms


def _by_group(values: Float, group: Int, groups: int) -> Float:
    # fsum is exact: the order of the regions cannot show in the last bit.
    return np.array([math.fsum(values[group == g]) for g in range(groups)])


def gini(x: Float, w: Float) -> float:
    """Return the Gini coefficient of income per head, weighted by people.

    Parameters
    ----------
    x, w
        Shape (regions,): income, and people, above 0.

    Returns
    -------
    float
        Mean absolute difference over twice the mean, population form; nan without any income.

    Notes
    -----
    One sort by income per head, then G = sum over i of p_i (S_i + S_(i-1)) turned round: the area
    under the Lorenz curve (Gastwirth 1972).
    """
    total = math.fsum(x)
    if total <= 0:
        return math.nan
    order = np.lexsort((w, x, x / w))
    share = np.concatenate(([0.0], np.cumsum(x[order]))) / total
    people = w[order] / math.fsum(w)
    return 1.0 - math.fsum(people * (share[1:] + share[:-1]))
