"""Optimal binning: the cuts that separate two classes best, proved by dynamic programming.

Prebins in order of the value, with counts of non-events and events, are joined into bins so that
the information value is largest. The event rate may go from bin to bin as a trend says: none
(any way), ascending, descending, peak (up, then down), valley (down, then up), convex or concave
(no second difference of the wrong sign); equal rates count as both ways.

IV = sum over bins of (p - q) ln(p / q), p and q the bin's shares of all non-events and events.
The search is a longest path over (state, number of bins, last bin) that looks at every state, so
what it returns is optimal; five states serve five trends in one sweep. The bins that may come
before a given one are those of lower (or higher) rate, a prefix (or suffix) of them by rate: time
O(k n^2 log n) for n prebins and k bins. Limits on neighbours that do not follow the rate alone (a
p-value, the order in every cohort) take O(k n^3). Convex and concave depend on two bins before and
take O(k n^3) memory. Rates are compared in whole numbers, crosswise: no rounding decides an order.
"""

from collections.abc import Sequence
from math import erfc
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

# States of a path. A peak is climbing (ASCENDING) until it is in state PEAK; a valley likewise.
NONE, ASCENDING, DESCENDING, PEAK, VALLEY = range(5)
ENDS = {
    "none": (NONE,),
    "ascending": (ASCENDING,),
    "descending": (DESCENDING,),
    "peak": (ASCENDING, PEAK),
    "valley": (DESCENDING, VALLEY),
}
BENT = {"convex": True, "concave": False}
TRENDS = (*ENDS, *BENT)
"""All trends."""

UP, DOWN = 1, 2
# A move: the state it leads to, the way the rate goes, and the two states it may come from.
_MOVES = np.array(
    [
        (NONE, UP, NONE, NONE),
        (NONE, DOWN, NONE, NONE),
        (ASCENDING, UP, ASCENDING, ASCENDING),
        (DESCENDING, DOWN, DESCENDING, DESCENDING),
        (PEAK, DOWN, ASCENDING, PEAK),
        (VALLEY, UP, DESCENDING, VALLEY),
    ]
)
MOST_ROWS = 2**30
"""Below this many rows the products of counts stay within 64 bits."""
MOST_BENT = 2**24
"""Most cells of the table that convex and concave need: bins times prebins cubed."""
WORST = -np.inf
PPM = 6
"""Decimal digits of a rate in parts per million."""


class Limits(NamedTuple):
    """What bins must keep to.

    Attributes
    ----------
    max_bins
        Most bins.
    min_rows, min_events
        Fewest rows and events of a bin; it needs an event and a non-event in any case.
    min_difference
        Least difference of the event rates of neighbours, in ppm.
    max_p
        Greatest p-value of neighbours, by the two-sided z-test of two proportions.
    """

    max_bins: int = 8
    min_rows: int = 1
    min_events: int = 1
    min_difference: int = 0
    max_p: float = 1.0


class Best(NamedTuple):
    """The best bins of a trend: information value (-inf if none are allowed), their last prebins.

    Among equals, fewer bins win.
    """

    iv: float
    ends: Int


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


def best_bins(good: Int, bad: Int, trends: Sequence[str], limits: Limits) -> dict[str, Best]:
    """Join neighbouring prebins into the bins of highest information value, for each trend.

    Parameters
    ----------
    good, bad
        Shape (prebins,) or (cohorts, prebins): non-events and events of each prebin, in order of
        the value. With cohorts, neighbours must go the same way in every cohort as in all.
    trends
        Some of ``TRENDS``.
    limits
        What bins must keep to.

    Examples
    --------
    >>> found = best_bins(np.array([60, 40]), np.array([20, 80]), ["ascending"], Limits())
    >>> round(found["ascending"].iv, 5), found["ascending"].ends
    (0.7167, array([0, 1]))
    """
    good, bad = np.atleast_2d(good), np.atleast_2d(bad)
    if good.sum() + bad.sum() >= MOST_ROWS:
        raise ValueError(f"more than {MOST_ROWS} rows: sample them")
    rows, bads = _running(good + bad), _running(bad)
    most = min(limits.max_bins, good.shape[1])
    near = limits.min_difference, limits.max_p
    gain = _gains(rows[0], bads[0], limits.min_rows, limits.min_events)
    order, count = _by_rate(gain, rows[0], bads[0])
    states = np.zeros(5, np.bool_)
    for trend in trends:
        states[list(ENDS.get(trend, ()))] = True
    found = {}
    if states.any():
        best, back = _sweep(gain, order, count, rows, bads, most, near, states)
        for trend in set(trends) & set(ENDS):
            found[trend] = Best(*_trace(best, back, np.array(ENDS[trend])))
    for trend in set(trends) & set(BENT):
        if most * gain.shape[0] ** 3 > MOST_BENT:
            raise ValueError(f"{trend} takes fewer bins or prebins")
        found[trend] = Best(*_bent(gain, order, count, rows, bads, most, near, BENT[trend]))
    return {t: Best(float(found[t].iv), found[t].ends) for t in trends}


@njit(cache=True, nogil=True)
def joined(
    rows: Int, bads: Int, most: int, min_rows: int, states: NDArray[np.bool_], ends: Int
) -> tuple[float, Int]:
    """Return the best bins of one trend as :func:`best_bins` does, for use in other kernels.

    Parameters
    ----------
    rows, bads
        Running counts of rows and events at the borders of the prebins, from 0.
    most, min_rows
        Most bins, and fewest rows of one.
    states, ends
        States of a path that the trend passes, as flags, and those it may end in.

    Returns
    -------
    iv, ends
        As in :class:`Best`.
    """
    gain = _gains(rows, bads, min_rows, 1)
    order, count = _by_rate(gain, rows, bads)
    one = rows.reshape(1, -1), bads.reshape(1, -1)
    best, back = _sweep(gain, order, count, one[0], one[1], most, (0, 1.0), states)
    return _trace(best, back, ends)


def _running(counts: Int) -> Int:
    """Return running sums from 0: first of all cohorts together, then of each if there are more."""
    every = np.vstack([counts.sum(axis=0), counts]) if len(counts) > 1 else counts
    return np.hstack([np.zeros((len(every), 1), np.int64), np.cumsum(every, axis=1)])


@njit(cache=True, nogil=True)
def _gains(rows: Int, bads: Int, min_rows: int, min_events: int) -> Float:
    """Return the gain of every bin from one border to another; -inf if it is not allowed."""
    n = len(rows)
    gain = np.full((n, n), WORST)
    all_bad = bads[-1]
    all_good = rows[-1] - all_bad
    for i in range(n):
        for j in range(i + 1, n):
            size, b = rows[j] - rows[i], bads[j] - bads[i]
            if size >= min_rows and b >= max(1, min_events) and b < size:
                p, q = (size - b) / all_good, b / all_bad
                gain[i, j] = (p - q) * np.log(p / q)
    return gain


@njit(cache=True, nogil=True)
def _cross(rows: Int, bads: Int, i: int, j: int, k: int) -> int:
    """Return a number with the sign of the rate of j..k less that of i..j."""
    more, less = bads[k] - bads[j], bads[j] - bads[i]
    return int(more * (rows[j] - rows[i]) - less * (rows[k] - rows[j]))


@njit(cache=True, nogil=True)
def _lower(rows: Int, bads: Int, a: int, b: int, j: int) -> bool:
    """Tell whether a..j has a lower rate than b..j."""
    one, other = bads[j] - bads[a], bads[j] - bads[b]
    return bool(one * (rows[j] - rows[b]) < other * (rows[j] - rows[a]))


@njit(cache=True, nogil=True)
def _by_rate(gain: Float, rows: Int, bads: Int) -> tuple[Int, Int]:
    """Return for every border the starts of the allowed bins that end there, in order of rate."""
    n = len(gain)
    order, count = np.zeros((n, n), np.int64), np.zeros(n, np.int64)
    for j in range(1, n):
        for i in range(j):
            if gain[i, j] > WORST:
                at = count[j]
                while at and _lower(rows, bads, i, order[j, at - 1], j):
                    order[j, at] = order[j, at - 1]
                    at -= 1
                order[j, at] = i
                count[j] += 1
    return order, count


@njit(cache=True, nogil=True)
def _ways(rows: Int, bads: Int, i: int, j: int, k: int, near: tuple[int, float]) -> int:
    """Return the ways, UP + DOWN, that the rate may be said to go from bin i..j to bin j..k."""
    x = _cross(rows[0], bads[0], i, j, k)
    a, b = int(rows[0, j] - rows[0, i]), int(rows[0, k] - rows[0, j])
    if near[0] and _ppm(abs(x), a * b) < near[0]:
        return 0
    if near[1] < 1:
        events = bads[0, k] - bads[0, i]
        square = float(x) ** 2 * (a + b) / (float(a) * b * events * (a + b - events))
        if erfc(np.sqrt(square / 2)) > near[1]:
            return 0
    up, down = x >= 0, x <= 0
    for c in range(1, len(rows)):
        x = _cross(rows[c], bads[c], i, j, k)
        up, down = up and x >= 0, down and x <= 0
    return int(UP * up + DOWN * down)


@njit(cache=True, nogil=True)
def _ppm(part: int, whole: int) -> int:
    """Return part / whole in ppm, rounded down; by long division, as the product may not fit."""
    found = part // whole
    for _ in range(PPM):
        part = part % whole * 10
        found = found * 10 + part // whole
    return found


@njit(cache=True, nogil=True)
def _sweep(
    gain: Float, order: Int, count: Int, rows: Int, bads: Int, most: int,
    near: tuple[int, float], states: NDArray[np.bool_],
) -> tuple[Float, Int]:  # fmt: skip
    """Return the best paths by state, bins - 1, start and end of the last bin; and from where.

    A path comes from 5 * start + state of the bin before.
    """
    n = len(gain)
    best = np.full((5, most, n, n), WORST)
    back = np.full((5, most, n, n), -1)
    for s in range(5):
        best[s, 0, 0] = gain[0]
    by_rate = len(rows) == 1 and near[1] >= 1
    # Place c of a table is the best of the c lowest rates (UP), or of all but the c lowest (DOWN).
    value, via = np.empty((6, most, n + 1)), np.empty((6, most, n + 1), np.int64)
    for j in range(1, n - 1):
        starts = order[j, : count[j]]
        if by_rate:
            _tabulate(best[:, :, :, j], starts, states, value, via)
        for k in range(j + 1, n):
            if gain[j, k] == WORST:
                continue
            if by_rate:
                low, high = _places(rows, bads, starts, j, k, near)
            else:
                allowed = np.array([_ways(rows, bads, i, j, k, near) for i in starts])
                _scan(best[:, :, :, j], starts, states, allowed, value, via)
                low = high = 0
            _arrive(value, via, states, low, high, gain[j, k], best[:, :, j, k], back[:, :, j, k])
    return best, back


@njit(cache=True, nogil=True)
def _from(best: Float, move: Int, m: int, start: int) -> tuple[float, int]:
    """Return the better of the two states that a move may come from, and its code."""
    s = move[3] if best[move[3], m, start] > best[move[2], m, start] else move[2]
    return best[s, m, start], 5 * start + s


@njit(cache=True, nogil=True)
def _tabulate(best: Float, starts: Int, states: NDArray[np.bool_], value: Float, via: Int) -> None:
    count, most = len(starts), best.shape[1]
    for t in range(6):
        move = _MOVES[t]
        if not states[move[0]]:
            continue
        for m in range(most - 1):
            top, code = WORST, -1
            first = 0 if move[1] == UP else count
            value[t, m, first], via[t, m, first] = top, code
            for c in range(count):
                at = c if move[1] == UP else count - 1 - c
                new, source = _from(best, move, m, starts[at])
                if new > top:
                    top, code = new, source
                place = at + 1 if move[1] == UP else at
                value[t, m, place], via[t, m, place] = top, code


@njit(cache=True, nogil=True)
def _places(
    rows: Int, bads: Int, starts: Int, j: int, k: int, near: tuple[int, float]
) -> tuple[int, int]:
    """Return how many rates are low enough to go up from, and how many too low to go down from."""
    found = [0, 0]
    for way in (UP, DOWN):
        a, b = 0, len(starts)
        while a < b:
            c = (a + b) // 2
            may = _ways(rows, bads, starts[c], j, k, near) & way
            if (way == UP) == (may > 0):
                a = c + 1
            else:
                b = c
        found[way - 1] = a
    return found[0], found[1]


@njit(cache=True, nogil=True)
def _scan(
    best: Float, starts: Int, states: NDArray[np.bool_], allowed: Int, value: Float, via: Int
) -> None:
    """Put the best of the allowed bins before at place 0 of the tables."""
    for t in range(6):
        move = _MOVES[t]
        if not states[move[0]]:
            continue
        for m in range(best.shape[1] - 1):
            value[t, m, 0], via[t, m, 0] = WORST, -1
            for c in range(len(starts)):
                if allowed[c] & move[1]:
                    new, source = _from(best, move, m, starts[c])
                    if new > value[t, m, 0]:
                        value[t, m, 0], via[t, m, 0] = new, source


@njit(cache=True, nogil=True)
def _arrive(
    value: Float, via: Int, states: NDArray[np.bool_], low: int, high: int, gain: float,
    best: Float, back: Int,
) -> None:  # fmt: skip
    for t in range(6):
        s, way = _MOVES[t, 0], _MOVES[t, 1]
        if not states[s]:
            continue
        at = low if way == UP else high
        for m in range(best.shape[1] - 1):
            new = value[t, m, at] + gain
            if new > best[s, m + 1]:
                best[s, m + 1], back[s, m + 1] = new, via[t, m, at]


@njit(cache=True, nogil=True)
def _trace(best: Float, back: Int, ends: Int) -> tuple[float, Int]:
    """Return the best path that takes in all prebins and ends in one of some states."""
    most, n = best.shape[1], best.shape[2]
    top, bins, state, start = WORST, 0, 0, 0
    for m in range(most):
        for s in ends:
            for i in range(n - 1):
                if best[s, m, i, n - 1] > top:
                    top, bins, state, start = best[s, m, i, n - 1], m + 1, s, i
    found = np.empty(bins, np.int64)
    end = n - 1
    for m in range(bins - 1, -1, -1):
        found[m] = end - 1
        source = back[state, m, start, end]
        end, start, state = start, source // 5, source % 5
    return top, found


@njit(cache=True, nogil=True)
def _bends(
    rows: Int, bads: Int, i: int, j: int, k: int, m: int, up: bool  # noqa: FBT001 - numba takes no keywords
) -> bool:  # fmt: skip
    """Tell whether the rates of i..j, j..k, k..m have a second difference >= 0 (or <= 0)."""
    a, b, c = rows[j] - rows[i], rows[k] - rows[j], rows[m] - rows[k]
    x, y, z = bads[j] - bads[i], bads[k] - bads[j], bads[m] - bads[k]
    about = float(x) * b * c - 2.0 * float(y) * a * c + float(z) * a * b
    # Integers wrap, but where the float is far below 2^63 the wrapped number is the true one.
    if abs(about) < 2.0**61:
        exact = x * b * c - 2 * y * a * c + z * a * b
        return bool(exact >= 0) if up else bool(exact <= 0)
    return bool(about > 0) if up else bool(about < 0)


@njit(cache=True, nogil=True)
def _bent(
    gain: Float, order: Int, count: Int, rows: Int, bads: Int, most: int,
    near: tuple[int, float], up: bool,  # noqa: FBT001 - numba takes no keywords
) -> tuple[float, Int]:  # fmt: skip
    """Return the best convex (or concave) path; its state is its last two bins i..j, j..k."""
    n = len(gain)
    best = np.full((most + 1, n, n, n), WORST)
    back = np.full((most + 1, n, n, n), -1)
    for k in range(2, n):
        for j in range(1, k):
            both = gain[0, j] + gain[j, k]
            if most > 1 and both > WORST and _ways(rows, bads, 0, j, k, near):
                best[2, 0, j, k] = both
    for k in range(2, n - 1):
        for j in range(1, k):
            starts = order[j, : count[j]]
            if gain[j, k] > WORST and len(starts):
                top, via = _runs(best[:, :, j, k], starts, up)
                for m in range(k + 1, n):
                    if gain[k, m] > WORST and _ways(rows, bads, j, k, m, near):
                        at = _turn(rows[0], bads[0], starts, j, k, m, up)
                        for bins in range(2, most):
                            best[bins + 1, j, k, m] = top[bins, at] + gain[k, m]
                            back[bins + 1, j, k, m] = via[bins, at]
    return _trace_bent(gain, best, back)


@njit(cache=True, nogil=True)
def _runs(best: Float, starts: Int, up: bool) -> tuple[Float, Int]:  # noqa: FBT001 - numba takes no keywords
    """Return the best of all but the c lowest rates before (convex), or of the c lowest."""
    most, n = len(best), len(starts)
    top, via = np.full((most, n + 1), WORST), np.full((most, n + 1), -1)
    for bins in range(2, most):
        for c in range(n):
            i = n - 1 - c if up else c
            at, previous = (i, i + 1) if up else (i + 1, i)
            top[bins, at], via[bins, at] = top[bins, previous], via[bins, previous]
            if best[bins, starts[i]] > top[bins, at]:
                top[bins, at], via[bins, at] = best[bins, starts[i]], starts[i]
    return top, via


@njit(cache=True, nogil=True)
def _turn(
    rows: Int, bads: Int, starts: Int, j: int, k: int, m: int, up: bool  # noqa: FBT001 - numba takes no keywords
) -> int:  # fmt: skip
    """Return how many of the lowest rates before do not bend up, or do bend down."""
    a, b = 0, len(starts)
    while a < b:
        c = (a + b) // 2
        if _bends(rows, bads, starts[c], j, k, m, up) != up:
            a = c + 1
        else:
            b = c
    return a


@njit(cache=True, nogil=True)
def _trace_bent(gain: Float, best: Float, back: Int) -> tuple[float, Int]:
    n = len(gain)
    top, bins, i, j, k = gain[0, n - 1], 1, 0, 0, n - 1
    for m in range(2, len(best)):
        for a in range(n - 2):
            for b in range(a + 1, n - 1):
                if best[m, a, b, k] > top:
                    top, bins, i, j = best[m, a, b, k], m, a, b
    if top == WORST:
        return top, np.empty(0, np.int64)
    found = np.empty(bins, np.int64)
    for m in range(bins, 0, -1):
        found[m - 1] = k - 1
        before = back[m, i, j, k] if m > 2 else 0
        i, j, k = before, i, j
    return top, found
