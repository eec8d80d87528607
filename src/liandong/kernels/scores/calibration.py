"""Probabilities and the odds behind them: other base rates, and how far forecasts are off.

All functions put their rows in order first, so that the order they come in changes no bit.
"""

from math import ceil, log, nan, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.scores.logit import fit_logit
from liandong.kernels.scores.validation import band_of

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

LEAST = 1e-6
"""Forecasts nearer to 0 or 1 than one in a million count as that: their odds stay finite."""
SPAN, KNOTS = 0.75, 100
"""Share of the rows that a local regression looks at, and most places where it is worked out."""
TINY = 1e-9
"""A penalty too small to be seen, but enough for a separable sample to have an optimum."""


class Line(NamedTuple):
    """The logistic line through outcomes over the log odds of forecasts, with standard errors.

    ``slope`` below 1 says that forecasts are too extreme; ``level`` above 0 that they are too low
    (the intercept where the slope is held at 1).
    """

    slope: float
    slope_error: float
    level: float
    level_error: float


def log_odds(pd: Float) -> Float:
    """Return the log odds of probabilities; those of 0 and 1 are taken as one in a million."""
    share = np.clip(pd, LEAST, 1 - LEAST)
    return np.asarray(np.log(share / (1 - share)), np.float64)


def probability(odds: Float) -> Float:
    """Return the probabilities of log odds."""
    small = np.exp(-np.abs(odds))
    return np.asarray(np.where(odds < 0, small, 1.0) / (1 + small), np.float64)


def shift(rate: float, prior: float) -> float:
    """Return what to add to log odds learnt at one default rate to have those at another.

    Drawing a sample by outcome changes the odds of everybody by one factor, and nothing else
    (King and Zeng 2001).

    Examples
    --------
    >>> probability(np.array([0.0 + shift(0.5, 0.175)])).round(12).tolist()
    [0.175]
    """
    return log(prior / (1 - prior)) - log(rate / (1 - rate))


def level(odds: Float, rate: float, weight: Float | None = None) -> float:
    """Return what to add to all log odds so that the mean probability is ``rate``.

    Parameters
    ----------
    odds
        Shape (n,), finite.
    rate
        Above 0 and below 1.
    weight
        Shape (n,), rows that each row stands for; 1 if None.
    """
    weight = np.ones(len(odds)) if weight is None else weight
    order = np.lexsort((weight, odds))
    odds, weight = odds[order], weight[order]
    low, high = -60.0 - odds[-1], 60.0 - odds[0]
    # The mean rises with the level: halving finds it from anywhere, to the last digit.
    while low < (found := (low + high) / 2) < high:
        short = (weight * probability(odds + found)).sum() < rate * weight.sum()
        low, high = (found, high) if short else (low, found)
    return float(found)


def unseen_rate(pd: Float, rate: float, steps: int = 10_000) -> float:
    """Return the default rate of firms whose outcomes are not known yet.

    The rate that the forecasts, moved to it, have as their mean: the largest
    likelihood by expectation and maximisation (Saerens, Latinne and Decaestecker 2002). It holds
    if firms of either outcome look the same here as where the forecasts were learnt.

    Parameters
    ----------
    pd
        Shape (n,), forecasts, calibrated at the default rate ``rate``.
    rate
        Default rate that they were learnt at.
    steps
        Most steps.
    """
    odds = log_odds(np.sort(pd))
    found = rate
    for _ in range(steps):
        before, found = found, float(probability(odds + shift(rate, found)).mean())
        if abs(found - before) < 1e-12 or not 0 < found < 1:
            break
    return found


def calibration_error(pd: Float, bad: Bool, count: int = 10, weight: Float | None = None) -> float:
    """Return the expected calibration error (Naeini and others 2015).

    The mean distance of forecast and default rate in bands of about as many rows each.

    Parameters
    ----------
    pd, bad
        Shape (n,), forecasts and outcomes.
    count
        Most bands.
    weight
        Shape (n,), rows that each row stands for; 1 if None.

    Examples
    --------
    >>> round(calibration_error(np.array([0.1, 0.1, 0.9, 0.9]), np.array([0, 0, 1, 1]) > 0, 2), 12)
    0.1
    """
    pd, bad, weight = _sorted(pd, bad, weight)
    band = band_of(pd, count)
    off = np.bincount(band, weight * pd) - np.bincount(band, weight * bad)
    return float(np.abs(off).sum() / weight.sum())


def calibration_index(pd: Float, bad: Bool, weight: Float | None = None) -> float:
    """Return the integrated calibration index (Austin and Steyerberg 2019).

    The mean distance of the forecasts from a smooth line through the outcomes: a local linear
    regression with tricube weights over the nearest three quarters of the rows, worked out at up
    to 100 quantiles of the forecasts.

    Parameters
    ----------
    pd, bad, weight
        As for :func:`calibration_error`.
    """
    pd, bad, weight = _sorted(pd, bad, weight)
    places = np.unique(np.rint(np.linspace(0, len(pd) - 1, KNOTS)).astype(np.int64))
    at = np.unique(pd[places])
    line = _local_line(pd, bad.astype(np.float64), weight, at, max(2, ceil(SPAN * len(pd))))
    return float((weight * np.abs(pd - np.interp(pd, at, line))).sum() / weight.sum())


def calibration_line(pd: Float, bad: Bool) -> Line:
    """Return slope and level of the calibration (Cox 1958), with standard errors.

    The slope is nan if all forecasts are the same. Both outcomes must occur.
    """
    pd, bad, _ = _sorted(pd, bad, None)
    odds, y = log_odds(pd), bad.astype(np.float64)
    off = level(odds, float(y.mean()))
    p = probability(odds + off)
    off_error = 1 / sqrt((p * (1 - p)).sum())
    if odds[0] == odds[-1]:
        return Line(nan, nan, off, off_error)
    beta = fit_logit(odds[:, None], y, TINY)
    p = probability(beta[0] + beta[1] * odds)
    w = p * (1 - p)
    centre = (w * odds).sum() / w.sum()
    return Line(float(beta[1]), 1 / sqrt((w * (odds - centre) ** 2).sum()), off, off_error)


def _sorted(pd: Float, bad: Bool, weight: Float | None) -> tuple[Float, Bool, Float]:
    weight = np.ones(len(pd)) if weight is None else weight
    order = np.lexsort((weight, bad, pd))
    return pd[order], bad[order], weight[order]


@njit(cache=True, nogil=True)
def _local_line(x: Float, y: Float, weight: Float, at: Float, near: int) -> Float:
    """Return the local linear regression of y on the ascending x at places in ascending order."""
    found = np.empty(len(at))
    begin = 0
    for k in range(len(at)):
        # The window of the nearest rows only moves on.
        while begin + near < len(x) and x[begin + near] - at[k] < at[k] - x[begin]:
            begin += 1
        first, end = begin, begin + near
        reach = max(at[k] - x[first], x[end - 1] - at[k]) * (1 + 1e-9)
        # All rows that are as near as the furthest: which of them come first must not matter.
        while first > 0 and at[k] - x[first - 1] <= reach:
            first -= 1
        while end < len(x) and x[end] - at[k] <= reach:
            end += 1
        s0 = s1 = s2 = t0 = t1 = 0.0
        for i in range(first, end):
            d = x[i] - at[k]
            w = weight[i] * (1 - (abs(d) / reach) ** 3) ** 3 if reach > 0 else weight[i]
            s0 += w
            s1 += w * d
            s2 += w * d * d
            t0 += w * y[i]
            t1 += w * d * y[i]
        spread = s0 * s2 - s1 * s1
        # Rows at one place have no slope: their mean is all there is.
        level = (s2 * t0 - s1 * t1) / spread if spread > 1e-12 * s0 * s2 else t0 / s0
        found[k] = min(max(level, 0.0), 1.0)
    return found
