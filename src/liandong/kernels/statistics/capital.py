"""Capital for unexpected losses: the risk weights of internal ratings."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import normal_cdf, normal_quantile

Float = NDArray[np.float64]

QUANTILE = 0.999
"""One year in a thousand: the confidence of the Basel formula."""
LEAST_PD = 0.0003
"""Floor of the probability of default in the Basel formula, of Basel II."""


def risk_weight(
    pd: Float,
    lgd: Float,
    maturity: float | Float = 2.5,
    sales: float | Float | None = None,
) -> Float:
    """Return the risk weight of corporate loans under the internal ratings of Basel II.

    The formula of a single factor (Vasicek 2002); without the factor 1.06 of scale.

    Parameters
    ----------
    pd, lgd
        Shape (n,), probability of default and loss given default, shares. The floor of the
        probability is 0.03 %; a borrower in default (1) needs no capital for unexpected loss.
    maturity
        Effective maturity in years, bounded to 1 to 5; one for all or shape (n,).
    sales
        Annual sales in millions of euros: below 50 the correlation falls, most at 5 or less. One
        for all or shape (n,); nan or None where not known, which changes nothing.

    Examples
    --------
    >>> (100 * risk_weight(np.array([0.01]), np.array([0.45]))).round(2).tolist()
    [92.32]
    """
    risk = np.maximum(pd, LEAST_PD)
    weight = -np.expm1(-50 * risk) / -np.expm1(-50.0)
    correlation = 0.12 * weight + 0.24 * (1 - weight)
    if sales is not None:
        known = np.nan_to_num(np.asarray(sales, np.float64), nan=50.0)
        correlation -= 0.04 * (1 - (np.clip(known, 5.0, 50.0) - 5) / 45)
    bad_year = normal_quantile(np.array([QUANTILE]))
    shock = normal_quantile(risk) + np.sqrt(correlation) * bad_year
    loss = lgd * (normal_cdf(shock / np.sqrt(1 - correlation)) - risk)
    slope = (0.11852 - 0.05478 * np.log(risk)) ** 2
    years = np.clip(maturity, 1.0, 5.0)
    factor = (1 + (years - 2.5) * slope) / (1 - 1.5 * slope)
    return np.asarray(np.where(risk < 1, 12.5 * loss * factor, 0.0), np.float64)
