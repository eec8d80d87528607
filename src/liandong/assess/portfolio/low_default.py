"""Upper bounds of default rates where few firms have defaulted, or none."""

from liandong.errors import UsageError
from liandong.kernels.scores.lowdefault import correlated_bound
from liandong.kernels.statistics.distributions import beta_quantile
from liandong.texts import both


def prudent_rates(
    defaults: list[int], sizes: list[int], confidence: float, correlation: float = 0.0
) -> list[float]:
    """Return upper bounds of the default rates of grades, best first (Pluto and Tasche 2005).

    The most prudent estimate for portfolios with few defaults or none: each grade is bounded by
    all firms in it and in worse ones, so bounds never fall from grade to grade.

    Parameters
    ----------
    defaults, sizes
        Defaults and firms of each grade.
    confidence
        Probability of more defaults than there were, if the rate were the bound.
    correlation
        Of the firms' assets with one another, through a common factor; 0 takes defaults as
        independent, which understates the bound when bad years hit all.

    Raises
    ------
    UsageError
        If a grade has more defaults than firms, the confidence is not between 0 and 1, or the
        correlation is below 0 or not below 1.

    Examples
    --------
    >>> [round(p, 6) for p in prudent_rates([0], [100], 0.95)]
    [0.029513]
    >>> [round(p, 4) for p in prudent_rates([0, 0, 0], [100, 400, 300], 0.95, 0.12)]
    [0.0131, 0.0145, 0.0278]
    """
    wrong = any(not 0 <= d <= n for d, n in zip(defaults, sizes, strict=True))
    if wrong or not 0 < confidence < 1 or not 0 <= correlation < 1:
        raise UsageError(
            what=both("fault.low_default", sizes=sizes, defaults=defaults),
            remedy=both("advice.low_default"),
        )
    found = []
    for k in range(len(sizes)):
        n, d = sum(sizes[k:]), sum(defaults[k:])
        if d == n:
            found.append(1.0)
        elif correlation:
            found.append(correlated_bound(confidence, d, n, correlation))
        else:
            found.append(beta_quantile(confidence, d + 1, n - d))
    return found
