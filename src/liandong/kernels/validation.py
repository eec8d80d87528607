"""How good scores and probabilities of default turned out to be.

All functions put their rows in order first, so that the order they come in changes no bit.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.distributions import beta_cdf, beta_quantile, chi2_sf, normal_two_sided

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


def psi(expected: Int, actual: Int) -> float:
    """Return the population stability index of two samples counted in the same cells.

    Of a characteristic's bins it is called CSI. Cells that are empty on one side count half a row.

    Examples
    --------
    >>> round(psi(np.array([50, 50]), np.array([60, 40])), 7)
    0.0405465
    """
    some = (expected > 0) | (actual > 0)
    p, q = (np.maximum(c[some], 0.5) / max(c.sum(), 1) for c in (expected, actual))
    return float(((p - q) * np.log(p / q)).sum())
