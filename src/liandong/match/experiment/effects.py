"""What policies do: measures of each replication, and paired differences with their intervals."""

from collections.abc import Callable, Iterator
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import student_quantile
from liandong.kernels.statistics.inequality import theil_t
from liandong.match.experiment.course import Period
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]

WHOLE = 0
"""Stands for all periods together; periods are numbered from 1."""
BAND = (0.05, 0.95)
"""Quantiles over replications between which a band lies."""
FLOWS = {
    "lending": "lent", "loans": "loans", "first_loans": "first_loans", "failures": "defaults",
    "lost": "lost", "compensated": "guaranteed", "subsidy": "subsidy", "profit": "profit",
    "stopped": "stopped",
}  # fmt: skip
"""Measures of which a whole is the sum of its periods, and what they are of each."""
STOCKS = ("book", "closing")
"""Measures of which a whole is the last period."""
SHARES = {"micro_share": "micro_lent", "first_share": "first_lent", "paid_rate": "paid"}
"""Measures that are something over what was lent, ppm."""
THEIL = "theil"
MEASURES = (*FLOWS, *STOCKS, *SHARES, THEIL)


class Effect(NamedTuple):
    """A measure of a policy in a period, and its difference to the first policy.

    Attributes
    ----------
    value, low, high
        Mean over replications, and the quantiles of :data:`BAND`; nan where there is none.
    n
        Replications in which the measure is defined.
    difference, diff_low, diff_high
        Mean of the differences within each replication, with its interval; nan where none.
    verdict
        ``same`` if nothing differs anywhere, ``unclear`` if the interval holds 0, else ``more`` or
        ``less``; None for the first policy and where there are no two differences.
    """

    arm: str
    period: int
    measure: str
    value: float
    low: float
    high: float
    n: int
    difference: float
    diff_low: float
    diff_high: float
    verdict: str | None


def measured(courses: list[list[Period]], need: Int) -> dict[str, Float]:
    """Return the measures of a policy, shape (replications, periods + 1) each, the whole first.

    Parameters
    ----------
    courses
        One a replication.
    need
        Shape (provinces,): what is needed in each, fen.
    """

    def of(name: str) -> Float:
        return np.array([[getattr(p, name) for p in c] for c in courses], np.float64)

    def summed(name: str) -> Float:
        each = of(name)
        return np.column_stack([each.sum(axis=1), each])

    found = {name: summed(part) for name, part in FLOWS.items()}
    found |= {name: np.column_stack([of(name)[:, -1], of(name)]) for name in STOCKS}
    lent = np.where(found["lending"] > 0, found["lending"], np.nan)
    found |= {name: PPM * summed(part) / lent for name, part in SHARES.items()}
    return found | {THEIL: _theils(courses, need)}


def _theils(courses: list[list[Period]], need: Int) -> Float:
    """Return Theil's T of what was lent over what is needed, by province.

    The sum over provinces of s ln(s / w), with a province's share s of the money and w of the
    need: 0 where all get the same part of what they need; nan where nothing was lent.
    """
    money = np.array([[p.places for p in c] for c in courses], np.float64)
    whole = np.concatenate([money.sum(axis=1, keepdims=True), money], axis=1)
    one = np.zeros(len(need), np.int64)
    return np.array([[theil_t(m, need.astype(np.float64), one, 1).total for m in row]
                     for row in whole])  # fmt: skip


def effects(by_arm: dict[str, dict[str, Float]], confidence: float) -> Iterator[Effect]:
    """Hold policies against the first of them, in every period.

    Replications are pairs: the same chances under either policy. Their differences are
    independent, and the interval of their mean is Student's, d ± t s / sqrt(n). With k differences
    in a period each has a confidence of 1 - (1 - confidence) / k (Bonferroni), so that all of them
    hold together with ``confidence`` at least.

    Parameters
    ----------
    by_arm
        Of each policy what :func:`measured` returns, the first in force.
    confidence
        Of all intervals of a period together.
    """
    first = next(iter(by_arm))
    tail = (1 - confidence) / (len(MEASURES) * max(len(by_arm) - 1, 1)) / 2
    for arm, found in by_arm.items():
        for measure in MEASURES:
            base = by_arm[first][measure] if arm != first else None
            yield from _of_measure(arm, measure, found[measure], base, lambda n: _wide(tail, n))


def _wide(tail: float, n: int) -> float:
    return student_quantile(1 - tail, n - 1) / sqrt(n)


def _of_measure(
    arm: str, measure: str, values: Float, base: Float | None, wide: Callable[[int], float]
) -> Iterator[Effect]:
    for period, column in enumerate(values.T):
        known = column[np.isfinite(column)]
        mean, low, high = np.nan, np.nan, np.nan
        if len(known):
            mean, (low, high) = float(known.mean()), np.quantile(known, BAND).tolist()
        told = _paired(column, base[:, period], wide) if base is not None else _NONE
        yield Effect(arm, period, measure, mean, low, high, len(known), *told)


_NONE = (np.nan, np.nan, np.nan, None)


def _paired(
    column: Float, base: Float, wide: Callable[[int], float]
) -> tuple[float, float, float, str | None]:
    """Return the mean difference, its interval, and the verdict."""
    apart = column - base
    apart = apart[np.isfinite(apart)]
    if len(apart) < 2:
        return _NONE
    mean = float(apart.mean())
    half = float(apart.std(ddof=1)) * wide(len(apart))
    low, high = mean - half, mean + half
    verdict = (
        "same" if not apart.any() else "more" if low > 0 else "less" if high < 0 else "unclear"
    )
    return mean, low, high, verdict
