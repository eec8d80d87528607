"""Splits for accounts that are settled again and again: monotone, and within quota where told."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.splits.dealing import quota_table

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

MOST_ROWS = 10_000
"""Weights with a larger sum have no table: they are split by Webster's method."""
MOST_WEIGHT = 2**31 - 1


class Shares(NamedTuple):
    """Shares of shape (n, m), and which rows have one that is a whole unit or more off; (n,)."""

    share: Int
    outside: Flag


def by_quota(totals: Int, weight: Int) -> Shares:
    """Split amounts so that more of them is never less for anybody; f(-x) = -f(x).

    Up to a sum W of 10,000 (common divisors taken out) by the quota method of Balinski and Young,
    from a table that restarts at every multiple of W: shares are exact ones rounded up or down.
    Above by Webster's, of which that is almost always true: rows where it is not are told.

    Parameters
    ----------
    totals
        Any amounts above -2^63; shape (n,).
    weight
        At least 0, with a sum above 0 and below 2^31 once common divisors are out; shape (m,).

    Raises
    ------
    ValueError
        If the weights are not such.

    Examples
    --------
    >>> by_quota(np.array([10, 11, -11]), np.array([6, 6, 2])).share.tolist()
    [[5, 4, 1], [5, 5, 1], [-5, -5, -1]]
    """
    divisor = np.gcd.reduce(weight)
    if divisor <= 0 or weight.min() < 0 or sum(weight.tolist()) // int(divisor) > MOST_WEIGHT:
        raise ValueError("weights are at least 0, with a sum above 0 and below 2^31")
    least = (weight // divisor).astype(np.int64)
    if least.sum() <= MOST_ROWS:
        share = by_table(totals, least, quota_table(least))
        return Shares(share, np.zeros(len(totals), bool))
    share = by_webster(totals, least)
    return Shares(share, outside_quota(totals, least, share))


@njit(cache=True, nogil=True)
def by_table(totals: Int, weight: Int, table: Int) -> Int:
    """Split amounts by the table of :func:`quota_table` of the same weights; shape (n, m)."""
    n, m = len(totals), len(weight)
    whole = np.int64(len(table))
    out = np.empty((n, m), np.int64)
    for i in range(n):
        amount = abs(totals[i])
        times = amount // whole
        row = table[amount - times * whole]
        for k in range(m):
            part = times * weight[k] + row[k]
            out[i, k] = -part if totals[i] < 0 else part
    return out


@njit(cache=True, nogil=True)
def by_webster(totals: Int, weight: Int) -> Int:
    """Split amounts by Webster's method (Sainte-Laguë), ties to the earlier party.

    The k-th unit of a party is due when its exact share reaches k - 1/2, and units are given in
    the order in which they are due. It repeats itself after W units, the sum of the weights.

    Parameters
    ----------
    totals
        Any amounts above -2^63; shape (n,).
    weight
        At least 0, with a sum above 0 and below 2^31; shape (m,).

    Returns
    -------
    numpy.ndarray
        Shape (n, m).
    """
    n, m = len(totals), len(weight)
    whole = weight.sum()
    out = np.empty((n, m), np.int64)
    for i in range(n):
        amount = abs(totals[i])
        times = amount // whole
        over = amount - times * whole
        left = over
        for k in range(m):
            out[i, k] = (2 * over * weight[k] + whole) // (2 * whole)
            left -= out[i, k]
        _even_out(out[i], weight, left)
        for k in range(m):
            part = out[i, k] + times * weight[k]
            out[i, k] = -part if totals[i] < 0 else part
    return out


@njit(cache=True, nogil=True)
def _even_out(share: Int, weight: Int, left: int) -> None:
    """Give the units that are due next, or take back those that were due last."""
    while left:
        chosen = -1
        for k in range(len(weight)):
            if weight[k] == 0 or (left < 0 and share[k] == 0):
                continue
            if chosen < 0:
                chosen = k
                continue
            side = 1 if left > 0 else -1
            mine = (2 * share[k] + side) * weight[chosen]
            other = (2 * share[chosen] + side) * weight[k]
            if (left > 0 and mine < other) or (left < 0 and mine >= other):
                chosen = k
        share[chosen] += 1 if left > 0 else -1
        left -= 1 if left > 0 else -1


@njit(cache=True, nogil=True)
def outside_quota(totals: Int, weight: Int, share: Int) -> Flag:
    """Tell the rows in which a share is a whole unit or more away from the exact one.

    Parameters
    ----------
    totals, weight, share
        Amounts of shape (n,), weights of shape (m,) with a sum below 2^31, shares of (n, m).
    """
    whole = weight.sum()
    found = np.zeros(len(totals), np.bool_)
    for i in range(len(totals)):
        amount = abs(totals[i])
        times = amount // whole
        over = amount - times * whole
        for k in range(len(weight)):
            off = (abs(share[i, k]) - times * weight[k]) * whole - over * weight[k]
            found[i] |= abs(off) >= whole
    return found
