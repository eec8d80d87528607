"""Learning a scorecard from outcomes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from liandong.assess.binning.bins import Bins, optimal_bins
from liandong.assess.card.labels import outcomes
from liandong.assess.card.scorecard import Characteristic, Scaling, Scorecard
from liandong.assess.measures.catalogue import trends
from liandong.assess.measures.features import wide
from liandong.errors import DataError
from liandong.kernels.binning import Limits
from liandong.kernels.logit import fit_logit
from liandong.kernels.roc import Z95, auc, hanley_mcneil
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import Rate

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


LEAST = 2
"""Fewest of either kind: with one alone, nothing is left to test what was learnt from it."""


class FitRule(Rule):
    """How a scorecard is learnt.

    A bank's report of a default that says when it was seen counts if that was within the horizon.
    Reports without a day (the contest data) cannot be checked for time: that they tell of what
    came after ``as_of`` is up to whoever loads them.

    Attributes
    ----------
    as_of
        Firms as they looked on this day; the scorecard is valid from it.
    horizon_months
        A default within so many months after ``as_of`` makes a borrower bad.
    max_bins, min_share, prebins
        Most bins of a measure, least share of all firms in one, and candidate bins to join.
    min_iv
        Measures of a lower information value are left out.
    max_correlation
        Of two measures more correlated than this, the one of lower information value is left out.
    max_measures
        Most measures.
    ridge
        Penalty on the squared coefficients of the logistic regression.
    prior
        True default rate of those the scorecard is for, if the sample has another one.
    scaling
        What points mean.
    folds, repeats, seed
        Cross-validation: parts (fewer if there are fewer of one kind), how often, and the seed of
        the shuffles.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)
    max_bins: int = Field(default=5, ge=2, le=20)
    min_share: Rate = Field(default=Rate(50_000), ge=0, le=1_000_000)
    prebins: int = Field(default=64, ge=2, le=512)
    min_iv: float = Field(default=0.1, gt=0)
    max_correlation: float = Field(default=0.7, gt=0, le=1)
    max_measures: int = Field(default=12, ge=1)
    ridge: float = Field(default=3.0, gt=0)
    prior: Rate | None = None
    scaling: Scaling = Scaling()
    folds: int = Field(default=4, ge=2)
    repeats: int = Field(default=10, ge=1)
    seed: int = Field(default=1, ge=0)

    @field_validator("prior")
    @classmethod
    def _rate(cls, prior: Rate | None) -> Rate | None:
        if prior is not None and not 0 < prior < 1_000_000:
            raise ValueError("a default rate lies between 0 and 100 %")
        return prior


@dataclass(frozen=True)
class Sample:
    """Firms in order of their ids: measures (firms, names), NaN where absent, and outcomes."""

    names: list[str]
    values: Float
    bad: Bool
    ids: pa.Array

    def where(self, rows: Bool) -> "Sample":
        """Return some of the firms."""
        chosen = self.ids.filter(pa.array(rows))
        return Sample(self.names, self.values[rows], self.bad[rows], chosen)


@dataclass(frozen=True)
class Model:
    """The chosen measures (columns of the sample) with their bins and weights; the intercept."""

    chosen: list[tuple[int, Bins]]
    weights: Float
    intercept: float

    def log_odds(self, values: Float) -> Float:
        """Return the log odds of being good."""
        total = np.full(len(values), self.intercept)
        for (j, b), w in zip(self.chosen, self.weights, strict=True):
            total += w * b.code(values[:, j])
        return total


@fold(
    reads=("feature", "signal", "event", "loan"),
    writes=("rule", "crossfit"),
    rule=FitRule,
    part=("as_of",),
)
def fit(tables: Tables, rule: FitRule) -> Tables:
    """Learn a scorecard: optimal bins, weights of evidence, a logistic regression, points.

    Bins may only go the way that is expected of their measure, and a measure whose weight has the
    wrong sign is dropped. The cross-validated figures in the scorecard choose bins and measures
    anew in every fold, so no firm is judged by a model that has seen it. ``crossfit`` holds one
    such forecast of every firm: whom it was learnt from, and what validation can judge by.

    Raises
    ------
    DataError
        If outcomes or features are missing, too few, or tell nothing.
    """
    sample = gathered(tables, rule)
    model = learn(sample, rule)
    if not model.chosen:
        raise DataError(
            file="feature",
            what=both("fault.nothing_tells"),
            remedy=both("advice.more_outcomes"),
        )
    card = _scorecard(sample, model, rule)
    learnt = output(
        "rule",
        rule_id=[card.id],
        kind=[card.kind()],
        toml=[card.to_toml()],
        valid_from=[card.valid_from],
    )
    return {**learnt, **_crossfit(sample, rule, card.id)}


def _crossfit(sample: Sample, rule: FitRule, card: str) -> Tables:
    """Return a forecast of every firm by a model of the same recipe that has not seen it."""
    log_odds = np.empty(len(sample.bad))
    for part in _folds(sample.bad, rule, repeats=1):
        for k in range(part.max() + 1):
            model = learn(sample.where(part != k), rule)
            log_odds[part == k] = model.log_odds(sample.values[part == k])
    log_odds += _shift(rule, float((~sample.bad).mean()))
    return output(
        "crossfit",
        rule_id=pa.repeat(card, len(log_odds)),
        party_id=sample.ids,
        as_of=pa.repeat(rule.as_of, len(log_odds)),
        bad=sample.bad,
        pd=np.rint(1e6 / (1 + np.exp(log_odds))).astype(np.int32),
    )


def gathered(tables: Tables, rule: FitRule) -> Sample:
    """Return the firms to learn from: those with features on ``as_of`` and a known outcome.

    Raises
    ------
    DataError
        If there are too few of either outcome.
    """
    known = outcomes(tables, rule.as_of, rule.horizon_months)
    names = sorted(pc.unique(tables["feature"]["measure"]).to_pylist())
    ids, values, _ = wide(tables["feature"], rule.as_of, names)
    at = pc.index_in(ids, value_set=known["party_id"])
    rows = pc.is_valid(at).to_numpy(zero_copy_only=False)
    bad = known["bad"].take(pc.drop_null(at)).to_numpy().astype(bool)
    if min(bad.sum(), len(bad) - bad.sum()) < LEAST:
        raise DataError(
            file="signal, loan, event",
            what=both("fault.few_outcomes", n=len(bad), day=rule.as_of, bad=bad.sum()),
            remedy=both("advice.load_outcomes", least=LEAST),
        )
    return Sample(names, values[rows], bad, ids.filter(pa.array(rows)))


def learn(sample: Sample, rule: FitRule) -> Model:
    """Choose and bin measures and weigh them."""
    chosen = _chosen(sample, rule)
    good = np.where(sample.bad, 0.0, 1.0)
    while chosen:
        codes = np.column_stack([b.code(sample.values[:, j]) for j, b in chosen])
        weights = fit_logit(codes, good, rule.ridge)
        right = [c for c, w in zip(chosen, weights[1:], strict=True) if w > 0]
        if len(right) == len(chosen):
            return Model(chosen, weights[1:], float(weights[0]))
        chosen = right
    return Model([], np.empty(0), _logit(float(good.mean())))


def _chosen(sample: Sample, rule: FitRule) -> list[tuple[int, Bins]]:
    """Return the strongest measures that do not say the same twice, with their bins."""
    least = max(1, -(-len(sample.bad) * rule.min_share // 1_000_000))
    limits = Limits(max_bins=rule.max_bins, min_rows=least)
    binned = [
        optimal_bins(sample.values[:, j].copy(), sample.bad, trends(name), limits, rule.prebins)
        for j, name in enumerate(sample.names)
    ]
    chosen: list[tuple[int, Bins]] = []
    codes: list[Float] = []
    for j in sorted(range(len(binned)), key=lambda j: (-binned[j].iv, sample.names[j])):
        if binned[j].iv < rule.min_iv or len(chosen) == rule.max_measures:
            break
        code = binned[j].code(sample.values[:, j])
        if all(abs(np.corrcoef(code, c)[0, 1]) <= rule.max_correlation for c in codes):
            chosen.append((j, binned[j]))
            codes.append(code)
    return chosen


def validate(sample: Sample, rule: FitRule) -> float:
    """Return the mean AUC over all folds of repeated stratified cross-validation."""
    areas = []
    for part in _folds(sample.bad, rule, rule.repeats):
        for k in range(part.max() + 1):
            model = learn(sample.where(part != k), rule)
            unseen = sample.where(part == k)
            areas.append(auc(-model.log_odds(unseen.values), unseen.bad))
    return float(np.mean(areas))


def _folds(bad: Bool, rule: FitRule, repeats: int) -> Iterator[Int]:
    """Yield the fold of each firm, shuffled anew each time; folds have equal shares of bad ones."""
    random = np.random.default_rng(rule.seed)
    folds = min(rule.folds, int(bad.sum()), int((~bad).sum()))
    for _ in range(repeats):
        part = np.empty(len(bad), np.int64)
        for kind in (False, True):
            rows = np.flatnonzero(bad == kind)
            part[random.permutation(rows)] = np.arange(len(rows)) % folds
        yield part


def _shift(rule: FitRule, good: float) -> float:
    """Return what the true default rate adds to log odds: sampling by outcome shifts nothing else.

    King and Zeng 2001.
    """
    return 0.0 if rule.prior is None else _logit(1 - rule.prior / 1e6) - _logit(good)


def _scorecard(sample: Sample, model: Model, rule: FitRule) -> Scorecard:
    rows, bads = len(sample.bad), int(sample.bad.sum())
    area = validate(sample, rule)
    margin = Z95 * hanley_mcneil(area, bads, rows - bads)
    intercept = model.intercept + _shift(rule, 1 - bads / rows)
    return Scorecard(
        valid_from=rule.as_of,
        base=round(rule.scaling.offset + rule.scaling.factor * intercept),
        scaling=rule.scaling,
        characteristics=tuple(
            Characteristic.of(sample.names[j], b, float(w), rule.scaling)
            for (j, b), w in zip(model.chosen, model.weights, strict=True)
        ),
        rows=rows,
        bads=bads,
        auc=area,
        auc_low=max(0.0, area - margin),
        auc_high=min(1.0, area + margin),
        prior=rule.prior,
    )


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
