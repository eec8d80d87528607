"""How far prices of regions move apart: segmentation by prices, and what a border adds to it.

Parsley and Wei (1996, Convergence to the law of one price without trade barriers or currency
fluctuations; 2001, Explaining the border effect): relative prices of two regions of one market
move little, whatever they are worth.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import student_above, student_quantile

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def moves(changes: Float, left: Int, right: Int) -> Float:
    """Return how far each relative price moved in a period, beyond what is usual for the good.

    Of a pair (i, j): |Δ ln(P_i / P_j)| less its mean over all pairs, by good.

    Parameters
    ----------
    changes
        Δ ln P; shape (regions, goods); nan where a price is missing.
    left, right
        Regions of the pairs; shape (pairs,).

    Returns
    -------
    numpy.ndarray
        Shape (pairs, goods); nan where a price is missing.
    """
    pairs, goods = len(left), changes.shape[1]
    found = np.empty((pairs, goods))
    total, count = np.zeros(goods), np.zeros(goods)
    for k in range(pairs):
        for g in range(goods):
            size = abs(changes[left[k], g] - changes[right[k], g])
            found[k, g] = size
            if not np.isnan(size):
                total[g] += size
                count[g] += 1
    found -= total / np.maximum(count, 1)
    return found


class Apart(NamedTuple):
    """How apart pairs are.

    Attributes
    ----------
    value
        Variance over goods of :func:`moves`, by n - 1; nan with fewer than two goods.
    good
        The good that has most part in it.
    part
        That part, from 0 to 1.
    """

    value: Float
    good: Int
    part: Float


def segmentation(changes: Float, left: Int, right: Int) -> Apart:
    """Return how apart each pair is in each period.

    Parameters
    ----------
    changes
        Δ ln P; shape (periods, regions, goods), with one good at least.
    left, right
        Regions of the pairs; shape (pairs,).

    Returns
    -------
    Apart
        All of shape (periods, pairs).
    """
    return Apart(*_segmentation(changes, left, right))


@njit(cache=True, nogil=True)
def _segmentation(changes: Float, left: Int, right: Int) -> tuple[Float, Int, Float]:
    periods, pairs = len(changes), len(left)
    value, part = np.empty((periods, pairs)), np.zeros((periods, pairs))
    good = np.zeros((periods, pairs), np.int64)
    for t in range(periods):
        moved = moves(changes[t], left, right)
        for k in range(pairs):
            total, most, n, mean = 0.0, 0.0, 0, 0.0
            for v in moved[k]:
                if not np.isnan(v):
                    n += 1
                    mean += v
            mean /= max(n, 1)
            for g, v in enumerate(moved[k]):
                if not np.isnan(v):
                    off = (v - mean) ** 2
                    total += off
                    if off > most:
                        most, good[t, k] = off, g
            value[t, k] = total / (n - 1) if n > 1 else np.nan
            if total > 0:
                part[t, k] = most / total
    return value, good, part


class Band(NamedTuple):
    """An interval by draws of goods: of every period, and of the mean over periods."""

    low: Float
    high: Float
    mean_low: Float
    mean_high: Float


def bands(
    changes: Float, left: Int, right: Int, gather: Callable[[Float], Float], draws: Int,
    level: float,
) -> Band:  # fmt: skip
    """Return intervals of :func:`segmentation`: goods are drawn anew, with replacement.

    Parameters
    ----------
    changes, left, right
        As for :func:`segmentation`.
    gather
        From one value a pair and draw, shape (pairs, draws), to one a row, shape (rows, draws).
    draws
        How often each good is in each draw; shape (draws, goods). The same goods are drawn in all
        periods, so that the mean over periods keeps what hangs together.
    level
        Of confidence, such as 0.95.

    Returns
    -------
    Band
        ``low`` and ``high`` of shape (periods, rows), the means of shape (rows,); nan where no
        draw has two goods.
    """
    weight = np.ascontiguousarray(draws.T, np.float64)  # one thread: same input, same bits
    tails = ((1 - level) / 2, (1 + level) / 2)
    ends, total, seen = [], np.zeros(1), np.zeros(1)
    for period in changes:
        moved = moves(period, left, right)
        there = np.isfinite(moved)
        known = np.where(there, moved, 0.0)
        n, first, second = (
            np.einsum("pg,gd->pd", v, weight) for v in (there * 1.0, known, known**2)
        )
        goods = there.sum(axis=1)[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.where(n > 1, (second - first * first / n) / (n - 1), np.nan)
            # A draw repeats goods, which takes from their variance what this gives back.
            spread *= goods / (goods - 1)
        row = gather(spread)
        ends.append(_quantiles(row, tails))
        fine = np.isfinite(row)
        total, seen = total + np.where(fine, row, 0.0), seen + fine
    with np.errstate(invalid="ignore"):
        mean = _quantiles(total / np.where(seen > 0, seen, np.nan), tails)
    each = np.array(ends)
    return Band(each[:, 0], each[:, 1], mean[0], mean[1])


def _quantiles(values: Float, tails: tuple[float, float]) -> Float:
    """Return two quantiles of each row, shape (2, rows); nan for a row with nothing."""
    ordered = np.sort(values, axis=1)  # nan comes last
    n = np.isfinite(ordered).sum(axis=1)
    found = []
    for tail in tails:
        at = tail * np.maximum(n - 1, 0)
        below = np.floor(at).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(n - 1, 0))
        low, high = (np.take_along_axis(ordered, k[:, None], 1)[:, 0] for k in (below, above))
        found.append(low + (at - below) * (high - low))
    return np.array(found)


class Added(NamedTuple):
    """What a border adds: per good and period, its interval, and how likely that is by chance."""

    value: float
    low: float
    high: float
    p: float
    goods: int


def border(changes: Float, here: Int, there: Int, level: float) -> Added:
    """Return how much more relative prices move across a border than within its sides.

    Mean square of Δ ln(P_i / P_j) over pairs across, less the mean of those within either side.
    It is nothing if each region has noise of its own, however different, and the square of what
    the sides move apart otherwise. The mean over goods is tested by Student's t, one-sided.

    Parameters
    ----------
    changes
        Δ ln P; shape (periods, regions, goods); nan where a price is missing.
    here, there
        Regions of either side, two at least.
    level
        Of confidence of the interval.

    Returns
    -------
    Added
        With fewer than two goods all is nan, but for their number.
    """
    sides = [_side(changes[:, side]) for side in (here, there)]
    (mean, error), (other, other_error) = sides
    excess = (mean - other) ** 2 - error - other_error
    known = np.isfinite(excess)
    periods = known.sum(axis=0)
    by_good = np.where(known, excess, 0.0).sum(axis=0)[periods > 0] / periods[periods > 0]
    goods = len(by_good)
    if goods < 2:
        return Added(np.nan, np.nan, np.nan, np.nan, goods)
    value, unsure = by_good.mean(), by_good.std(ddof=1) / np.sqrt(goods)
    wide = unsure * student_quantile((1 + level) / 2, goods - 1)
    p = student_above(float(value / unsure), goods - 1) if unsure else float(value <= 0)
    return Added(float(value), float(value - wide), float(value + wide), p, goods)


def _side(changes: Float) -> tuple[Float, Float]:
    """Return mean and squared error of the mean over regions; nan with fewer than two."""
    there = np.isfinite(changes)
    n = there.sum(axis=1)
    mean = np.where(there, changes, 0.0).sum(axis=1) / np.maximum(n, 1)
    off = np.where(there, changes - mean[:, None], 0.0)
    error = (off * off).sum(axis=1) / np.maximum(n * (n - 1), 1)
    return np.where(n > 1, mean, np.nan), np.where(n > 1, error, np.nan)


def trend(values: Float) -> tuple[Float, Float]:
    """Return slopes over periods, and their errors by Newey and West (1987).

    What moves prices apart in one month brings them back in the next, so that neighbouring
    periods hang together: errors allow for that up to 4 (T / 100)^(2/9) periods.

    Parameters
    ----------
    values
        Shape (periods, rows); nan where there is none.

    Returns
    -------
    slope, error
        Shape (rows,); nan with fewer than four values.
    """
    there = np.isfinite(values)
    n = there.sum(axis=0)
    time = np.arange(len(values), dtype=np.float64)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(there, time - (time * there).sum(axis=0) / n, 0.0)
        mean = np.where(there, values, 0.0).sum(axis=0) / n
        off = np.where(there, values - mean, 0.0)
        spread = (centred * centred).sum(axis=0)
        slope = (centred * off).sum(axis=0) / spread
        score = centred * np.where(there, off - slope * centred, 0.0)
        lags = int(4 * (len(values) / 100) ** (2 / 9))
        long = (score * score).sum(axis=0)
        for lag in range(1, lags + 1):
            long += 2 * (1 - lag / (lags + 1)) * (score[lag:] * score[:-lag]).sum(axis=0)
        error = np.sqrt(long * n / (n - 2)) / spread
    return np.where(n > 3, slope, np.nan), np.where(n > 3, error, np.nan)
