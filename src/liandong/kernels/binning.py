"""Optimal binning: the cuts that separate two classes best, proved by dynamic programming.

Prebins in order of the value, with counts of non-events and events, are joined into bins so that
the information value is largest. Allowed trends of the event rate from bin to bin: none (any),
ascending, descending, peak (up, then down) and valley (down, then up); equal rates count as both.

IV = sum over bins of (p - q) ln(p / q), p and q the bin's shares of all non-events and events.
The search is a longest path over (number of bins, last bin, phase) that looks at every state, so
what it returns is optimal. Time O(k n^2 log n) for n prebins and k bins: the bins that may come
before a given one are those of lower (or higher) rate, a prefix (or suffix) of them by rate.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

ANY, UP, DOWN, NEVER = 0, 1, 2, 3
PHASES = {
    "none": (ANY, NEVER),
    "ascending": (UP, NEVER),
    "descending": (DOWN, NEVER),
    "peak": (UP, DOWN),
    "valley": (DOWN, UP),
}
"""The direction of the event rate in the first and in the second phase of each trend."""

MOST_ROWS = 2**26
"""Below this many rows two different rates are two different doubles, so they compare exactly."""

WORST = -np.inf


def woe(good: Int, bad: Int) -> Float:
    """Return the weight of evidence of each bin: ln of its share of good over its share of bad.

    Half a row is added to both counts of a bin that lacks one of them.

    Examples
    --------
    >>> woe(np.array([60, 40]), np.array([20, 80])).round(4)
    array([ 1.0986, -0.6931])
    """
    lacking = 0.5 * ((good == 0) | (bad == 0))
    return np.asarray(np.log((good + lacking) / good.sum()) - np.log((bad + lacking) / bad.sum()))


def best_bins(good: Int, bad: Int, trend: str, max_bins: int, min_rows: int) -> tuple[float, Int]:
    """Join neighbouring prebins into the bins of highest information value.

    Parameters
    ----------
    good, bad
        Shape (prebins,), non-events and events of each prebin, in order of the value.
    trend
        Key of ``PHASES``: how the event rate may go from bin to bin.
    max_bins
        Most bins.
    min_rows
        Fewest rows of a bin; a bin also needs an event and a non-event.

    Returns
    -------
    iv, ends
        The information value, and the last prebin of each bin. Among equals, fewer bins win.
        If no bins are allowed, not even a single one: -inf, and no ends.

    Examples
    --------
    >>> iv, ends = best_bins(np.array([60, 40]), np.array([20, 80]), "ascending", 5, 1)
    >>> round(iv, 5), ends
    (0.7167, array([0, 1]))
    """
    if good.sum() + bad.sum() >= MOST_ROWS:
        raise ValueError(f"more than {MOST_ROWS} rows: sample, or count in float")
    first, second = PHASES[trend]
    iv, ends = _search(good, bad, first, second, min(max_bins, len(good)), min_rows)
    return float(iv), ends


@njit(cache=True, nogil=True)
def _search(
    good: Int, bad: Int, first: int, second: int, most: int, min_rows: int
) -> tuple[float, Int]:
    n = len(good)
    gain, rate = _bins(good, bad, min_rows)
    order, count = _by_rate(gain, rate)
    # best[phase, i, j]: of k bins, the last one i..j; back: start and phase of the bin before.
    best = np.full((2, n, n), WORST)
    best[0, 0] = gain[0]
    back = np.full((most, 2, n, n), -1)
    top, bins, phase, start = WORST, 0, 0, 0
    for k in range(most):
        if k:
            best = _extend(best, gain, rate, order, count, first, second, back[k])
        for p in range(2):
            for i in range(n):
                if best[p, i, n - 1] > top:
                    top, bins, phase, start = best[p, i, n - 1], k + 1, p, i
    ends = np.empty(bins, np.int64)
    end = n - 1
    for k in range(bins - 1, -1, -1):
        ends[k] = end
        before = back[k, phase, start, end]
        end = start - 1
        start, phase = before // 2, before % 2
    return top, ends


@njit(cache=True, nogil=True)
def _bins(good: Int, bad: Int, min_rows: int) -> tuple[Float, Float]:
    """Return gain and event rate of every possible bin i..j; gain is -inf if it is not allowed."""
    n = len(good)
    goods, bads = good.sum(), bad.sum()
    gain, rate = np.full((n, n), WORST), np.zeros((n, n))
    for i in range(n):
        a = b = 0
        for j in range(i, n):
            a += good[j]
            b += bad[j]
            if a + b >= min_rows and a > 0 and b > 0:
                p, q = a / goods, b / bads
                gain[i, j] = (p - q) * np.log(p / q)
                rate[i, j] = b / (a + b)
    return gain, rate


@njit(cache=True, nogil=True)
def _by_rate(gain: Float, rate: Float) -> tuple[Int, Int]:
    """Return for every i the starts of the allowed bins that end before i, in order of rate."""
    n = len(gain)
    order, count = np.zeros((n, n), np.int64), np.zeros(n, np.int64)
    for i in range(1, n):
        starts = np.flatnonzero(gain[:i, i - 1] > WORST)
        by_rate = starts[np.argsort(rate[starts, i - 1], kind="mergesort")]
        count[i] = len(starts)
        order[i, : len(starts)] = by_rate
    return order, count


@njit(cache=True, nogil=True)
def _extend(
    best: Float, gain: Float, rate: Float, order: Int, count: Int, first: int, second: int,
    back: Int,
) -> Float:  # fmt: skip
    """Add one bin to every path; the second phase is entered from the first or from itself."""
    n = len(gain)
    longer = np.full((2, n, n), WORST)
    for i in range(1, n):
        starts = order[i, : count[i]]
        rates = rate[starts, i - 1]
        for p in range(1 if second == NEVER else 2):
            way = second if p else first
            before, rows = best[: p + 1, :, i - 1], slice(i, n)
            _reach(
                before, starts, rates, way, gain[i, rows], rate[i, rows], longer[p, i, rows],
                back[p, i, rows],
            )  # fmt: skip
    return longer


@njit(cache=True, nogil=True)
def _reach(
    before: Float, starts: Int, rates: Float, way: int, gain: Float, rate: Float, longer: Float,
    back: Int,
) -> None:  # fmt: skip
    """Find the best path to every bin that begins where those ``before`` end, if rates go ``way``.

    ``starts`` and ``rates`` are the bins before in order of rate; the other arrays are by the end
    of the new bin.
    """
    m = len(starts)
    if m == 0:
        return
    # Place c holds the best of the c lowest rates, or going down of all but the c lowest.
    value, via = np.full(m + 1, WORST), np.full(m + 1, -1)
    for c in range(m):
        k = m - 1 - c if way == DOWN else c
        at, previous = (k, k + 1) if way == DOWN else (k + 1, k)
        value[at], via[at] = value[previous], via[previous]
        for p in range(len(before)):
            if before[p, starts[k]] > value[at]:
                value[at], via[at] = before[p, starts[k]], 2 * starts[k] + p
    for j in range(len(gain)):
        if gain[j] > WORST:
            at = m
            if way == UP:
                at = np.searchsorted(rates, rate[j], side="right")
            elif way == DOWN:
                at = np.searchsorted(rates, rate[j], side="left")
            if value[at] > WORST:
                longer[j], back[j] = value[at] + gain[j], via[at]
