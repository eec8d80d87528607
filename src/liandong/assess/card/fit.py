"""Learning a scorecard from outcomes."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator

from liandong.assess.card.bagged import Bagging, averaged
from liandong.assess.card.crossfit import unseen
from liandong.assess.card.encode import Coarse
from liandong.assess.card.labels import outcomes
from liandong.assess.card.learn import Learner, Learning, Sample, areas, learn
from liandong.assess.card.points import log_odds, scorecard
from liandong.assess.card.scorecard import Scaling
from liandong.assess.measures.catalogue import trends
from liandong.assess.measures.features import wide
from liandong.errors import DataError, UnfitError
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import Rate

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
    shrink
        Rows that the weight of evidence of a cell is worth when the cells of all measures are
        fitted together, within their trends; None: coefficients times weights of evidence, which
        is better for a few hundred firms.
    pairs
        Most pairs of measures that say more together; they need ``shrink``.
    bags
        Average as many scorecards, each of a resample of the firms, with the settings of
        :class:`Bagging`: better for a few dozen defaults. 0 learns a single one.
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
    shrink: float | None = Field(default=None, gt=0)
    pairs: int = Field(default=0, ge=0, le=10)
    bags: int = Field(default=0, ge=0, le=1000)
    prior: Rate | None = None
    scaling: Scaling = Scaling()
    folds: int = Field(default=4, ge=2)
    repeats: int = Field(default=10, ge=1)
    seed: int = Field(default=1, ge=0)

    @field_validator("prior")
    @classmethod
    def _rate(cls, prior: Rate | None) -> Rate | None:
        if prior is not None and not 0 < prior < 1_000_000:
            raise UnfitError(what=both("unfit.default_rate"))
        return prior


@fold(
    reads=("feature", "signal", "event", "loan"),
    writes=("rule", "crossfit"),
    rule=FitRule,
    part=("as_of",),
)
def fit(tables: Tables, rule: FitRule) -> Tables:
    """Learn a scorecard: optimal bins, weights of evidence, a logistic regression, points.

    Bins may only go the way that is expected of their measure, and a measure whose weight has the
    wrong sign is dropped. A value that was not shared teaches nothing. The cross-validated figures
    in the scorecard choose bins and measures anew in every fold, so no firm is judged by a model
    that has seen it. ``crossfit`` holds one such forecast of every firm: whom it was learnt from,
    and what validation can judge by.

    Raises
    ------
    DataError
        If outcomes or features are missing, too few, or tell nothing.
    """
    ids, sample = gathered(tables, rule)
    teach = learner(sample, rule)
    model = teach(sample)
    if not model.characteristics:
        raise DataError(
            file="feature",
            what=both("fault.nothing_tells"),
            remedy=both("advice.more_outcomes"),
        )
    found = areas(sample, teach, rule.folds, rule.repeats, rule.seed)
    card = scorecard(model, sample, rule.scaling, rule.prior, found, rule.as_of)
    learnt = output(
        "rule",
        rule_id=[card.id],
        kind=[card.kind()],
        toml=[card.to_toml()],
        valid_from=[card.valid_from],
    )
    odds = unseen(sample, teach, rule.folds, rule.seed)
    if rule.prior is not None:
        odds += log_odds(1 - rule.prior / 1e6) - log_odds(float((~sample.bad).mean()))
    return {
        **learnt,
        **output(
            "crossfit",
            rule_id=pa.repeat(card.id, len(ids)),
            party_id=ids,
            as_of=pa.repeat(rule.as_of, len(ids)),
            bad=sample.bad,
            pd=np.rint(1e6 / (1 + np.exp(odds))).astype(np.int32),
        ),
    }


def gathered(tables: Tables, rule: FitRule) -> tuple[pa.Array, Sample]:
    """Return the firms to learn from, those with features on ``as_of`` and a known outcome.

    Returns
    -------
    ids, sample
        Their ids in order, and what is known of them.

    Raises
    ------
    DataError
        If there are too few of either outcome.
    """
    known = outcomes(tables, rule.as_of, rule.horizon_months)
    names = sorted(pc.unique(tables["feature"]["measure"]).to_pylist())
    ids, values, withheld = wide(tables["feature"], rule.as_of, names)
    at = pc.index_in(ids, value_set=known["party_id"])
    rows = pc.is_valid(at).to_numpy(zero_copy_only=False)
    bad = known["bad"].take(pc.drop_null(at)).to_numpy().astype(bool)
    if min(bad.sum(), len(bad) - bad.sum()) < LEAST:
        raise DataError(
            file="signal, loan, event",
            what=both("fault.few_outcomes", n=len(bad), day=rule.as_of, bad=bad.sum()),
            remedy=both("advice.load_outcomes", least=LEAST),
        )
    columns = {n: values[rows, j].copy() for j, n in enumerate(names)}
    return ids.filter(pa.array(rows)), Sample(columns, bad, withheld=withheld[rows])


def learner(sample: Sample, rule: FitRule) -> Learner:
    """Return what learns from the sample, or from a part of it, as the rule says."""
    ways = {name: trends(name) for name in sample.columns}
    if rule.bags:
        return lambda part: averaged(part, ways, Bagging(bags=rule.bags, seed=rule.seed))
    how = Learning(
        trends=ways,
        coarse=Coarse(rule.max_bins, rule.min_share, rule.prebins, seed=rule.seed),
        min_iv=rule.min_iv, max_correlation=rule.max_correlation,
        max_measures=rule.max_measures, ridge=rule.ridge, shrink=rule.shrink, pairs=rule.pairs,
    )  # fmt: skip
    return lambda part: learn(part, how)
