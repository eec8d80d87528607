"""The course of monthly amounts, free of seasons: each month is compared with its like alone."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


@njit(cache=True, nogil=True)
def seasonal_slopes(monthly: Int, known: Int, season: int, least: int) -> Float:
    """Return the yearly slope of each row's months, by Sen's slope of seasonal data.

    It is the median, over all pairs of the same month in two years, of the change a year; the
    change is measured in mean monthly amounts. Seasons cancel out, and a few odd months change
    nothing (Hirsch, Slack and Smith 1982, Techniques of trend analysis for monthly water quality
    data).

    Parameters
    ----------
    monthly
        Shape (rows, months), latest month first.
    known
        How many of its months each row has, from the latest.
    season
        Months of a year.
    least
        Fewest pairs.

    Returns
    -------
    numpy.ndarray
        Shape (rows,); NaN with fewer pairs, or where the mean is not above 0.

    Examples
    --------
    >>> seasonal_slopes(np.array([[30, 10, 20, 10]]), np.array([4]), 2, 2).round(3)
    array([0.286])
    """
    rows, months = monthly.shape
    slopes = np.full(rows, np.nan)
    found = np.empty(months * months)
    for r in range(rows):
        have = min(known[r], months)
        total, pairs = 0, 0
        for m in range(have):
            total += monthly[r, m]
            for before in range(m + season, have, season):
                years = (before - m) // season
                found[pairs] = (monthly[r, m] - monthly[r, before]) / years
                pairs += 1
        if pairs >= least and total > 0:
            slopes[r] = np.median(found[:pairs]) * have / total
    return slopes


def longest_run(flags: NDArray[np.bool_]) -> tuple[Int, Int]:
    """Return the length of each row's longest run of True, and its number of runs.

    Examples
    --------
    >>> longest_run(np.array([[True, True, False, True]]))
    (array([2]), array([2]))
    """
    now, longest, runs = (np.zeros(len(flags), np.int64) for _ in range(3))
    for column in flags.T:
        runs += column & (now == 0)
        now = np.where(column, now + 1, 0)
        longest = np.maximum(longest, now)
    return longest, runs
