"""Trend, season and rest of monthly figures: the classical decomposition by moving averages."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


class Parts(NamedTuple):
    """What a series is made of; ``values = trend × season × rest``, or their sum.

    Attributes
    ----------
    trend
        Shape (n,); half a period at either end is continued along a straight line.
    season
        Shape (n,), of mean 1 (or 0) over a period.
    rest
        Shape (n,).
    """

    trend: Float
    season: Float
    rest: Float


def decompose(
    values: Float, period: int, *, multiplicative: bool = True, robust: bool = False
) -> Parts:
    """Take a series apart by a centred moving average.

    The trend is the average over a period, the two ends of which count half; the season is the mean
    of what is left of each month of the year where there is a trend, brought to mean 1 (or 0).
    With ``robust`` it is the median, so that one odd month does not become a season.

    Parameters
    ----------
    values
        Shape (n,), n at least two periods; positive throughout where ``multiplicative``.
    period
        An even number of steps, such as 12.

    Notes
    -----
    M. Kendall and A. Stuart, *The Advanced Theory of Statistics*, vol. 3, 1983, 410–414. The ends
    of the trend lie on the least squares line through the nearest ``period`` averages.
    """
    n, half = len(values), period // 2
    weights = np.ones(period + 1) / period
    weights[[0, -1]] /= 2
    inner = np.convolve(values, weights, "valid")
    left = values[half : n - half]
    left = left / inner if multiplicative else left - inner
    middle = np.median if robust else np.mean
    figure = np.array([middle(left[(k - half) % period :: period]) for k in range(period)])
    figure = figure / figure.mean() if multiplicative else figure - figure.mean()
    trend = _continued(inner, half, period, floor=inner.min() / 10 if multiplicative else -np.inf)
    season = np.resize(figure, n)
    rest = values / trend / season if multiplicative else values - trend - season
    return Parts(trend, season, rest)


def _continued(inner: Float, half: int, period: int, floor: float) -> Float:
    """Continue averages at both ends along a line, not below ``floor``."""
    at = np.arange(-half, len(inner) + half, dtype=np.float64)
    trend = np.concatenate([np.empty(half), inner, np.empty(half)])
    near = min(period, len(inner))
    for own, far in ((slice(0, near), slice(0, half)), (slice(-near, None), slice(-half, None))):
        x, y = at[half : half + len(inner)][own], inner[own]
        slope = np.polyfit(x, y, 1)[0] if near > 1 else 0.0
        trend[far] = np.maximum(y.mean() + slope * (at[far] - x.mean()), floor)
    return trend


def spread(rest: Float) -> float:
    """Return the standard deviation of what is left, from the median distance to the median.

    1.4826 times that is the standard deviation of a normal law; half of the values may be odd.
    """
    return float(1.4826 * np.median(np.abs(rest - np.median(rest))))
