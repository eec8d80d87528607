"""Changes in a course of numbers: CUSUM for small shifts of a mean, ADWIN for windows that adapt.

Both keep a small state that goes on from call to call: a course taken at once, in pieces or number
by number gives the same, bit for bit.
"""

from math import log, sqrt
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

ROWS, BUCKETS = 48, 5
"""Rows of buckets that an adaptive window has at most, and buckets of one size."""
SIZE, SUM, SPREAD, HELD = range(4)
"""What a window says of itself: numbers in it, their sum, their squared deviations, its rows."""


def cusum_state() -> Float:
    """Return the state of a CUSUM before its first number: the sums up and down."""
    return np.zeros(2)


@njit(cache=True, nogil=True)
def cusum(values: Float, slack: float, state: Float) -> Float:
    """Return the two one-sided cumulative sums after each number (Page 1954).

    Up: S = max(0, S + x - k), down: S = max(0, S - x - k), both from 0. An alarm is a sum above a
    limit h. With k = .5 and h = 4 or 5 a two-sided alarm comes every 168 or 465 numbers by chance,
    and 8.4 or 10.4 numbers after a shift by one standard deviation.

    Parameters
    ----------
    values
        Shape (n,): numbers less their mean in control, over their standard deviation.
    slack
        k: half the shift that is to be found, in standard deviations.
    state
        From :func:`cusum_state`, and changed: the sums go on from there.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2): up, down.

    Examples
    --------
    >>> cusum(np.array([1.0, 2.0, -3.0]), 0.5, cusum_state())[:, 0]
    array([0.5, 2. , 0. ])
    """
    sums = np.empty((len(values), 2))
    for i in range(len(values)):
        state[0] = max(0.0, state[0] + values[i] - slack)
        state[1] = max(0.0, state[1] - values[i] - slack)
        sums[i] = state
    return sums


def adwin_state() -> tuple[Float, Float]:
    """Return the state of an adaptive window before its first number.

    Returns
    -------
    tuple
        Sum and squared deviations of each bucket, shape (ROWS, BUCKETS + 1, 2), the oldest first in
        its row; and numbers of buckets by row, behind what the whole window says.
    """
    return np.zeros((ROWS, BUCKETS + 1, 2)), np.zeros(4 + ROWS)


@njit(cache=True, nogil=True)
def adwin(values: Float, delta: float, least: int, state: Any) -> Float:  # noqa: ANN401
    """Return the change of the mean at each number: 0 where the window was not cut.

    Numbers are held in an exponential histogram: buckets of 1, 2, 4, … numbers, at most BUCKETS of
    a size. Whenever two parts of the window, older and newer, have means that differ by more than
    eps = sqrt(2/m s^2 ln(2/d)) + 2/(3m) ln(2/d), with 1/m = 1/n0 + 1/n1, d = delta / ln n and s^2
    the variance of the window, the oldest bucket is dropped (Bifet and Gavalda 2007, ADWIN2).

    Parameters
    ----------
    values
        Shape (n,), between 0 and 1.
    delta
        Confidence: the chance to cut where nothing changed.
    least
        Numbers that each part has at least.
    state
        From :func:`adwin_state`, and changed.

    Returns
    -------
    numpy.ndarray
        Shape (n,): mean of the newer less mean of the older part where the window was cut last.
    """
    buckets, told = state
    changed = np.zeros(len(values))
    for i in range(len(values)):
        _put(buckets, told, values[i])
        changed[i] = _cut(buckets, told, delta, least)
    return changed


@njit(cache=True, nogil=True)
def _put(buckets: Float, told: Float, value: float) -> None:
    """Take one number in, and merge the two oldest buckets of a size that has too many."""
    held = told[4:]
    if told[SIZE] > 0:
        off = value - told[SUM] / told[SIZE]
        told[SPREAD] += told[SIZE] * off * off / (told[SIZE] + 1)
    told[SIZE] += 1
    told[SUM] += value
    _push(buckets[0], held, 0, value, 0.0)
    size = 1.0
    for row in range(ROWS - 1):
        if held[row] <= BUCKETS:
            break
        one, two = buckets[row, 0], buckets[row, 1]
        off = (one[0] - two[0]) / size
        spread = one[1] + two[1] + size * off * off / 2
        _push(buckets[row + 1], held, row + 1, one[0] + two[0], spread)
        buckets[row, : BUCKETS - 1] = buckets[row, 2 : BUCKETS + 1].copy()
        held[row] -= 2
        size *= 2
    while told[HELD] < ROWS and held[int(told[HELD])] > 0:
        told[HELD] += 1


@njit(cache=True, nogil=True)
def _push(row: Float, held: Float, number: int, total: float, spread: float) -> None:
    row[int(held[number]), 0] = total
    row[int(held[number]), 1] = spread
    held[number] += 1


@njit(cache=True, nogil=True)
def _cut(buckets: Float, told: Float, delta: float, least: int) -> float:
    """Drop the oldest buckets as long as two parts differ, and return by how much they did last."""
    change, look = 0.0, True
    while look and told[SIZE] >= 2 * least:
        found = _difference(buckets, told, delta, least)
        look = found != 0.0
        if look:
            change = found
            _drop(buckets, told)
    return change


@njit(cache=True, nogil=True)
def _difference(buckets: Float, told: Float, delta: float, least: int) -> float:
    """Return how much the means of the first two parts that differ do, from the oldest on."""
    whole, held = told[SIZE], told[4:]
    sharp = log(2 * log(whole) / delta)
    variance = told[SPREAD] / whole
    older, total, size = 0.0, 0.0, 2.0 ** (told[HELD] - 1)
    for row in range(int(told[HELD]) - 1, -1, -1):
        for k in range(int(held[row])):
            older += size
            total += buckets[row, k, 0]
            newer = whole - older
            if newer < least:
                return 0.0
            if older < least:
                continue
            old, new = 1 / older, 1 / newer
            off, chance = (told[SUM] - total) * new - total * old, 2 * (old + new) * sharp
            # The root alone is seldom passed, and without it a cut need not be looked at.
            if off * off > chance * variance and abs(off) > sqrt(chance * variance) + chance / 3:
                return float(off)
        size /= 2
    return 0.0


@njit(cache=True, nogil=True)
def _drop(buckets: Float, told: Float) -> None:
    """Take the oldest bucket away."""
    held, row = told[4:], int(told[HELD]) - 1
    size, total, spread = 2.0**row, buckets[row, 0, 0], buckets[row, 0, 1]
    left = told[SIZE] - size
    off = total / size - (told[SUM] - total) / left
    told[SIZE], told[SUM] = left, told[SUM] - total
    told[SPREAD] = max(0.0, told[SPREAD] - spread - size * left * off * off / (size + left))
    buckets[row, :BUCKETS] = buckets[row, 1:].copy()
    held[row] -= 1
    if held[row] == 0:
        told[HELD] -= 1
