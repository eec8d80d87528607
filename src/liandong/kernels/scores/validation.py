"""How good scores and probabilities of default turned out to be.

All functions put their rows in order first, so that the order they come in changes no bit.
"""

from math import exp, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.scores.roc import Z95
from liandong.kernels.statistics.distributions import (
    beta_cdf,
    beta_quantile,
    chi2_sf,
    normal_two_sided,
)

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TAIL = 0.025
"""Probability on either side of a 95 % interval."""


class Brier(NamedTuple):
    """A Brier score: ``score = reliability - resolution + uncertainty`` (Murphy 1973)."""

    score: float
    reliability: float
    resolution: float
    uncertainty: float


class Outcome(NamedTuple):
    """A test statistic and the probability of one as extreme if the forecasts are right."""

    statistic: float
    p: float


class Bands(NamedTuple):
    """Rows in bands of rising risk: how many, how many bad, and the sum of their forecasts."""

    n: Int
    bads: Int
    expected: Float

    @property
    def lift(self) -> Float:
        """Return the bad rate of each band over that of all."""
        return np.asarray((self.bads / self.n) / (self.bads.sum() / self.n.sum()), np.float64)

    @property
    def captured(self) -> Float:
        """Return the share of all bads in each band and the riskier ones."""
        return np.asarray(np.cumsum(self.bads[::-1])[::-1] / self.bads.sum(), np.float64)


def _in_order(pd: Float, bad: Bool) -> tuple[Float, Bool]:
    order = np.lexsort((bad, pd))
    return pd[order], bad[order]


def _bands(pd: Float, bad: Bool, band: Int) -> Bands:
    size = int(band.max()) + 1 if len(band) else 0
    return Bands(
        np.bincount(band, minlength=size).astype(np.int64),
        np.bincount(band[bad], minlength=size).astype(np.int64),
        np.bincount(band, pd, size).astype(np.float64),
    )


def bands(pd: Float, bad: Bool, count: int) -> Bands:
    """Return at most ``count`` bands of about equal size; equal forecasts share a band.

    Parameters
    ----------
    pd, bad
        Shape (n,), forecast probabilities from 0 to 1 and what happened.
    count
        Most bands; at least 1.
    """
    pd, bad = _in_order(pd, bad)
    return _bands(pd, bad, band_of(pd, count))


def band_of(pd: Float, count: int) -> Int:
    """Return the band, from 0, of each of the ascending forecasts; see :func:`bands`."""
    _, first, place = np.unique(pd, return_index=True, return_inverse=True)
    return np.unique((first * count // max(len(pd), 1))[place], return_inverse=True)[1]


def brier(pd: Float, bad: Bool) -> Brier:
    """Return the Brier score with its parts, over the distinct forecasts (exact).

    Examples
    --------
    >>> brier(np.array([0.0, 0.5, 0.5, 1.0]), np.array([False, False, True, True]))
    Brier(score=0.125, reliability=0.0, resolution=0.125, uncertainty=0.25)
    """
    pd, bad = _in_order(pd, bad)
    value, place = np.unique(pd, return_inverse=True)
    cells = _bands(pd, bad, place)
    rate, mean = cells.bads / cells.n, float(bad.mean())
    return Brier(
        float(((pd - bad) ** 2).mean()),
        float((cells.n * (value - rate) ** 2).sum() / len(pd)),
        float((cells.n * (rate - mean) ** 2).sum() / len(pd)),
        mean * (1 - mean),
    )


def hosmer_lemeshow(pd: Float, bad: Bool, count: int = 10) -> Outcome:
    """Test the calibration in bands of risk (Hosmer and Lemeshow 1980).

    The statistic is chi-square with as many degrees of freedom as bands, for forecasts that were
    not fitted to these rows. Bands whose forecasts are all 0 or all 1 must come true to the row.
    """
    cells = bands(pd, bad, count)
    spread = cells.expected * (1 - cells.expected / cells.n)
    miss = (cells.bads - cells.expected) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(miss == 0, 0.0, miss / spread)
    total = float(parts.sum())
    return Outcome(total, chi2_sf(total, len(parts)))


def spiegelhalter(pd: Float, bad: Bool) -> Outcome:
    """Test whether the Brier score is what the forecasts promise (Spiegelhalter 1986).

    The statistic is standard normal; nan where no forecast can be wrong by chance.
    """
    pd, bad = _in_order(pd, bad)
    spread = float(((1 - 2 * pd) ** 2 * pd * (1 - pd)).sum())
    if spread <= 0:
        return Outcome(float("nan"), float("nan"))
    z = float(((bad - pd) * (1 - 2 * pd)).sum()) / sqrt(spread)
    return Outcome(z, normal_two_sided(z))


def binomial(bads: int, n: int, pd: float) -> float:
    """Return the probability of ``bads`` or more defaults among ``n`` at default rate ``pd``.

    Examples
    --------
    >>> round(binomial(3, 3, 0.5), 12)
    0.125
    """
    return 1.0 if bads == 0 else beta_cdf(pd, bads, n - bads + 1)


def jeffreys(bads: int, n: int, pd: float) -> float:
    """Return the posterior probability that the true default rate is at most ``pd``.

    Jeffreys' prior, beta(1/2, 1/2), as European supervisors ask for; small values say that the
    forecast is too low.

    Examples
    --------
    >>> round(jeffreys(1, 2, 0.5), 12)
    0.5
    """
    return beta_cdf(pd, bads + 0.5, n - bads + 0.5)


def jeffreys_interval(bads: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate after ``bads`` among ``n``, by Jeffreys' prior.

    Closed at 0 without any and at 1 with all (Brown, Cai and DasGupta 2001).

    Examples
    --------
    >>> tuple(round(x, 4) for x in jeffreys_interval(0, 10))
    (0.0, 0.2172)
    """
    low = beta_quantile(TAIL, bads + 0.5, n - bads + 0.5) if bads else 0.0
    high = beta_quantile(1 - TAIL, bads + 0.5, n - bads + 0.5) if bads < n else 1.0
    return low, high


def _wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the score interval of a rate (Wilson 1927)."""
    middle = hits + Z95**2 / 2
    margin = Z95 * sqrt(hits * (n - hits) / n + Z95**2 / 4)
    return (middle - margin) / (n + Z95**2), (middle + margin) / (n + Z95**2)


def difference(hits: int, n: int, others: int, m: int) -> tuple[float, float, float]:
    """Return the difference of two rates with its 95 % interval (Newcombe 1998, method 10).

    Parameters
    ----------
    hits, n
        Of the group.
    others, m
        Of those it is compared with. Both ``n`` and ``m`` are positive.

    Examples
    --------
    >>> tuple(round(x, 4) for x in difference(56, 70, 48, 80))
    (0.2, 0.0524, 0.3339)
    """
    p, q = hits / n, others / m
    (p_low, p_high), (q_low, q_high) = _wilson(hits, n), _wilson(others, m)
    low = sqrt((p - p_low) ** 2 + (q_high - q) ** 2)
    high = sqrt((p_high - p) ** 2 + (q - q_low) ** 2)
    return p - q, p - q - low, p - q + high


def ratio(hits: int, n: int, others: int, m: int) -> tuple[float, float, float]:
    """Return the ratio of two rates with its 95 % interval on the log scale (Katz 1978).

    Half a hit stands in for none in the interval; nan where the others have none.

    Examples
    --------
    Four fifths of the rate of others is the mark of the Uniform Guidelines on Employee Selection
    Procedures (1978); 12 of 40 against 48 of 80 is half.

    >>> tuple(round(x, 3) for x in ratio(12, 40, 48, 80))
    (0.5, 0.301, 0.829)
    """
    if not others:
        return float("nan"), float("nan"), float("nan")
    base, some = others / m, max(hits, 0.5)
    middle = some / n / base
    spread = exp(Z95 * sqrt(max(0.0, 1 / some - 1 / n + 1 / others - 1 / m)))
    return hits / n / base, middle / spread if hits else 0.0, middle * spread


class Curve(NamedTuple):
    """Points of a ROC curve: those at least this risky, as shares of the good and of the bad."""

    cut: Float
    fpr: Float
    tpr: Float


def roc_curve(risk: Float, bad: Bool, most: int = 60) -> Curve:
    """Return the corners of a ROC curve from (0, 0) to (1, 1), the riskiest rows first.

    Parameters
    ----------
    risk, bad
        Shape (n,), with both kinds of rows.
    most
        If there are more corners, about so many stay, evenly along the curve, with the one where
        the distance of the classes is largest.
    """
    value, place = np.unique(-risk, return_inverse=True)
    hits = [np.cumsum(np.bincount(place[k], minlength=len(value))) for k in (bad, ~bad)]
    tpr, fpr = (np.append(0.0, h / h[-1]) for h in hits)
    along = (tpr + fpr) / 2
    kept = np.arange(len(along))
    if len(kept) > most:
        even = np.searchsorted(along, np.linspace(0, 1, most) - 1e-12)
        kept = np.unique(np.append(even, np.argmax(np.abs(tpr - fpr))))
    return Curve(np.append(np.inf, -value)[kept], fpr[kept], tpr[kept])


class Shift(NamedTuple):
    """How far a distribution moved: the index by cell, and its probability by chance alone."""

    parts: Float
    p: float


def psi(expected: Int, actual: Int) -> float:
    """Return the population stability index of two samples counted in the same cells.

    Of a characteristic's bins it is called CSI. Cells that are empty on one side count half a row.

    Examples
    --------
    >>> round(psi(np.array([50, 50]), np.array([60, 40])), 7)
    0.0405465
    """
    return float(shift(expected, actual).parts.sum())


def shift(expected: Int, actual: Int) -> Shift:
    """Return the population stability index by cell; see :func:`psi`.

    Without a shift the index over 1/n + 1/m is about chi-square, with one degree of freedom less
    than cells (Yurdakul and Naranjo 2020); nan with fewer than two cells or an empty sample.
    """
    some = (expected > 0) | (actual > 0)
    n, m = int(expected.sum()), int(actual.sum())
    parts = np.zeros(len(expected))
    p, q = (np.maximum(c[some], 0.5) / max(t, 1) for c, t in ((expected, n), (actual, m)))
    parts[some] = (p - q) * np.log(p / q)
    if some.sum() < 2 or not n or not m:
        return Shift(parts, float("nan"))
    return Shift(parts, chi2_sf(float(parts.sum()) / (1 / n + 1 / m), int(some.sum()) - 1))
