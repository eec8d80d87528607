"""Champion and challenger: the scorecard against boosted trees, on firms neither has seen."""

from collections.abc import Iterator
from math import inf, isnan, nan, sqrt
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.assess.card.challenger import BoostedClassifier
from liandong.assess.card.crossfit import unseen
from liandong.assess.card.fit import FitRule, gathered, learner
from liandong.assess.card.learn import Sample
from liandong.kernels.scores.calibration import (
    calibration_error,
    calibration_index,
    calibration_line,
    probability,
)
from liandong.kernels.scores.roc import Z95, delong, delong_pair, ks
from liandong.kernels.scores.validation import binomial, brier, jeffreys_interval
from liandong.kernels.statistics.distributions import normal_two_sided
from liandong.step import Tables, fold, output
from liandong.texts import both
from liandong.types import Rate

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


class ChallengeRule(FitRule):
    """How champion and challenger are learnt and compared.

    The champion is learnt as ``assess.fit`` does with the same values. ``folds`` and ``seed`` say
    how the firms are parted; there are no repeats, and figures are at the sample's default rate.

    Attributes
    ----------
    approval
        Share of firms that both would approve, those of least risk.
    lgd
        Loss given default, to say what a difference is worth.
    trees, leaves, rate, min_rows
        Of the challenger: see :class:`BoostedClassifier`.
    """

    approval: Rate = Field(default=Rate(700_000), gt=0, lt=1_000_000)
    lgd: Rate = Field(default=Rate(450_000), ge=0, le=1_000_000)
    trees: int = Field(default=150, ge=1)
    leaves: int = Field(default=7, ge=2)
    rate: float = Field(default=0.05, gt=0, le=1)
    min_rows: int = Field(default=20, ge=1)


class Finding(NamedTuple):
    """A figure of a model, of the difference, or of the firms they decide differently."""

    model: str
    measure: str
    value: float
    low: float = nan
    high: float = nan
    n: int = 0


@fold(
    reads=("feature", "signal", "event", "loan"),
    writes=("challenge",),
    rule=ChallengeRule,
    part=("as_of",),
    needs={"feature": "assess.features"},
)
def challenge(tables: Tables, rule: ChallengeRule) -> Tables:
    """Compare the scorecard with boosted trees on the same firms, each by models that lack it.

    Both choose everything anew in every fold. For either: AUC (DeLong's interval), KS, Brier
    score, slope and level of the calibration and its errors, and the default rate among the firms
    that it would approve. For the difference, challenger less champion: AUC with its paired
    interval and test, Brier score, default rate at the same number of approvals, what that is
    worth, and the verdict: 1 the challenger is better, -1 the champion is, 0 no difference is
    shown. Intervals are at 95 %; they do not tell how models of other samples would differ.

    Raises
    ------
    MissingExtraError
        If LightGBM is not installed.
    DataError
        If outcomes or features are missing or too few.
    """
    _, sample = gathered(tables, rule)
    champion, challenger = cross_fitted(sample, rule)
    share, loss = rule.approval / 1e6, rule.lgd / 1e6
    found = list(compare(champion, challenger, sample.bad, share, loss))
    value, low, high = (np.array([f[k] for f in found], float) for k in (2, 3, 4))
    return output(
        "challenge",
        rule_id=[rule.id] * len(found),
        as_of=[rule.as_of] * len(found),
        model=[f.model for f in found],
        measure=[f.measure for f in found],
        value=pa.array(value, mask=np.isnan(value)),
        low=pa.array(low, mask=np.isnan(low)),
        high=pa.array(high, mask=np.isnan(high)),
        n=[f.n for f in found],
    )


def cross_fitted(sample: Sample, rule: ChallengeRule) -> tuple[Float, Float]:
    """Return each firm's probability of default by champion and challenger learnt without it."""
    champion = unseen(sample, learner(sample, rule), rule.folds, rule.seed)
    challenger = unseen(sample, lambda part: Boosted(part, rule), rule.folds, rule.seed)
    return probability(-champion), probability(-challenger)


class Boosted:
    """A challenger learnt from a sample, as cross-validation wants it."""

    def __init__(self, sample: Sample, rule: ChallengeRule) -> None:
        self.model = BoostedClassifier(
            trees=rule.trees, leaves=rule.leaves, rate=rule.rate, min_rows=rule.min_rows,
            seed=rule.seed,
        ).fit(pa.table(dict(sample.columns)), sample.bad)  # fmt: skip

    def log_odds(self, sample: Sample) -> Float:
        """Return the log odds of being good; what was not shared counts as absent."""
        return -self.model.decision_function(pa.table(dict(sample.columns)))


def compare(
    champion: Float, challenger: Float, bad: Bool, approval: float = 0.7, lgd: float = 0.45
) -> Iterator[Finding]:
    """Yield how two models compare on firms that neither was learnt from.

    Parameters
    ----------
    champion, challenger
        Shape (n,), probabilities of default of the same firms in the same order. Where equal risks
        meet the limit of approval, earlier firms are approved.
    bad
        Shape (n,), outcomes; two of either kind at least.
    approval
        Share of the firms that are approved.
    lgd
        Loss given default, a share.
    """
    yield from _alone("champion", champion, bad)
    yield from _alone("challenger", challenger, bad)
    yield from _difference(champion, challenger, bad)
    yield from _swap(champion, challenger, bad, int(len(bad) * approval), lgd)


def verdict(findings: pa.Table) -> dict[str, str]:
    """Return in Chinese and English what rows of the table ``challenge`` of one rule come to.

    A difference is only said to be there if the 95 % interval of the AUCs' difference leaves out 0.
    """
    rows = findings.filter(pc.equal(findings["model"], "difference")).to_pylist()
    row = {r["measure"]: r for r in rows}
    name = {1: "challenger", -1: "champion", 0: "none"}[int(row["verdict"]["value"])]
    said = {k: row["auc"][k] for k in ("value", "low", "high", "n")}
    return both(f"verdict.{name}", **said)


def _around(
    value: float, error: float, least: float = -inf, most: float = inf
) -> tuple[float, float, float]:
    """Return a figure and its 95 % interval."""
    if isnan(error):
        return value, nan, nan
    return value, max(least, value - Z95 * error), min(most, value + Z95 * error)


def _alone(model: str, pd: Float, bad: Bool) -> Iterator[Finding]:
    n = len(bad)
    line = calibration_line(pd, bad)
    yield Finding(model, "auc", *_around(*delong(pd, bad), 0, 1), n)
    yield Finding(model, "ks", ks(pd, bad), n=n)
    yield Finding(model, "brier", brier(pd, bad).score, n=n)
    yield Finding(model, "calibration_slope", *_around(line.slope, line.slope_error), n)
    yield Finding(model, "calibration_level", *_around(line.level, line.level_error), n)
    yield Finding(model, "calibration_error", calibration_error(pd, bad), n=n)
    yield Finding(model, "calibration_index", calibration_index(pd, bad), n=n)


def _difference(champion: Float, challenger: Float, bad: Bool) -> Iterator[Finding]:
    n = len(bad)
    areas, spread = delong_pair(champion, challenger, bad)
    gain = float(areas[1] - areas[0])
    error = sqrt(max(0.0, spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]))
    found = _around(gain, error)
    yield Finding("difference", "auc", *found, n)
    sure = 0.0 if gain else 1.0  # without an error the difference is certain, or there is none
    yield Finding("difference", "auc_p", normal_two_sided(gain / error) if error else sure, n=n)
    off = (challenger - bad) ** 2 - (champion - bad) ** 2
    spreads = float(off.std(ddof=1)) / sqrt(n)
    yield Finding("difference", "brier", *_around(float(off.mean()), spreads), n)
    shown = (found[1] > 0) - (found[2] < 0)
    yield Finding("difference", "verdict", float(shown), n=n)


def _swap(
    champion: Float, challenger: Float, bad: Bool, approved: int, lgd: float
) -> Iterator[Finding]:
    """Yield whom the models decide differently, and what that comes to."""
    passes = []
    for model, pd in (("champion", champion), ("challenger", challenger)):
        passed = np.zeros(len(bad), bool)
        passed[np.argsort(pd, kind="stable")[:approved]] = True
        yield _rate(model, "approved_bad_rate", bad[passed])
        passes.append(passed)
    swapped = {"swapped_in": passes[1] & ~passes[0], "swapped_out": passes[0] & ~passes[1]}
    for model, firms in swapped.items():
        yield Finding(model, "share", float(firms.mean()), n=len(bad))
        yield _rate(model, "bad_rate", bad[firms])
    came, went = (int(bad[firms].sum()) for firms in swapped.values())
    count = max(approved, 1)
    more = (came - went) / count
    error = sqrt(max(0.0, came + went - count * more**2)) / count
    low, high = _around(more, error)[1:]
    yield Finding("difference", "approved_bad_rate", more, low, high, approved)
    # The exact test of McNemar: of firms gone bad that one approved, either is as likely.
    p = min(1.0, 2 * binomial(max(came, went), came + went, 0.5))
    yield Finding("difference", "swap_p", p, n=came + went)
    yield Finding("difference", "worth", -lgd * more, -lgd * high, -lgd * low, approved)


def _rate(model: str, measure: str, bad: Bool) -> Finding:
    n, bads = len(bad), int(bad.sum())
    if not n:
        return Finding(model, measure, nan)
    return Finding(model, measure, bads / n, *jeffreys_interval(bads, n), n)
