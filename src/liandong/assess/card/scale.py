"""Master scales: grades that stand for probabilities of default, and how they turned out."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import sqrt
from string import ascii_uppercase
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from liandong.assess.binning.columns import unfit
from liandong.assess.binning.counts import tabulate
from liandong.assess.card.folds import parts as parted
from liandong.assess.card.labels import outcomes
from liandong.assess.portfolio.low_default import prudent_rates
from liandong.errors import UnfitError, UsageError
from liandong.kernels.scores.binning import Limits
from liandong.kernels.scores.contingency import fisher
from liandong.kernels.scores.validation import jeffreys_interval
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both
from liandong.types import Rate

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

FLOOR = 300
"""Probability (ppm) that stands for the lower end of the best grade: Basel's floor of 0.03 %."""
PREBINS, LEAST = 64, 10
"""Bands of forecasts that bounds lie between, and fewest firms of either outcome to draw by it."""


class MasterScale(Rule):
    """What grades mean, as probabilities of default.

    Attributes
    ----------
    grades
        The bound below which a probability of default has the grade. The last bound is 100 %,
        whose grade takes all the rest.
    """

    grades: dict[str, Rate] = Field(
        default={"A": Rate(50_000), "B": Rate(120_000), "C": Rate(300_000), "D": Rate(1_000_000)}
    )

    @field_validator("grades")
    @classmethod
    def _whole(cls, grades: dict[str, Rate]) -> dict[str, Rate]:
        bounds = sorted(grades.values())
        if len(set(bounds)) < len(bounds) or bounds[-1:] != [1_000_000] or bounds[0] <= 0:
            raise UnfitError(what=both("unfit.grade_bounds"))
        return grades

    @classmethod
    def built(
        cls, pd: Int, bad: Bool, count: int = 7, least: int = 50_000, max_p: float = 0.01
    ) -> Self:
        """Draw grades where they tell outcomes apart best, with bad rates that rise.

        Exact over all bounds between the forecasts (up to 64 bands of them), see ``assess.fit``.
        If no two grades can be told apart there is one. Judge it on other firms.

        Parameters
        ----------
        pd, bad
            Shape (n,), probabilities of default in ppm, and outcomes of both kinds.
        count
            Most grades, up to 26.
        least
            Least share of the firms in a grade, in ppm.
        max_p
            Greatest probability that neighbouring grades differ as they do by chance.

        Examples
        --------
        >>> pd, bad = np.repeat([10_000, 90_000], 500), np.arange(1000) % 500 >= 490
        >>> bad[500:550] = True
        >>> {g: int(b) for g, b in MasterScale.built(pd, bad).grades.items()}
        {'A': 50001, 'B': 1000000}
        """
        rows = max(1, -(-len(pd) * least // 1_000_000))
        limits = Limits(max_bins=count, min_rows=rows, max_p=max_p)
        counts = tabulate(pd.astype(np.float64), bad, PREBINS)
        edges = np.asarray(counts.fit(("ascending",), limits, PREBINS).cuts, np.float64)
        return cls._lettered(int(e) + 1 for e in edges if e < 999_999)

    @classmethod
    def spread(cls, pd: Int, count: int = 7, least: int = 50_000) -> Self:
        """Draw grades from the forecasts alone: in geometric steps, none with too few firms.

        Parameters
        ----------
        pd, count, least
            As for :meth:`built`.

        Examples
        --------
        >>> pd = np.array([1_000, 2_000, 9_000, 20_000, 90_000, 100_000])
        >>> {g: int(b) for g, b in MasterScale.spread(pd, 2).grades.items()}
        {'A': 10000, 'B': 1000000}
        """
        pd = np.sort(np.maximum(pd, 1))
        rows = max(1, -(-len(pd) * least // 1_000_000))
        bounds: list[int] = []
        below = 0
        for bound in np.rint(np.geomspace(pd[0], pd[-1], count + 1))[1:-1].astype(int).tolist():
            here = int(np.searchsorted(pd, bound))
            if min(here - below, len(pd) - here) >= rows:
                bounds.append(bound)
                below = here
        return cls._lettered(bounds)

    @classmethod
    def _lettered(cls, bounds: Iterable[int]) -> Self:
        ends = [*map(Rate, bounds), Rate(1_000_000)]
        return cls.make(grades=dict(zip(ascii_uppercase, ends, strict=False)))

    @property
    def names(self) -> list[str]:
        """Grades, the best first."""
        return sorted(self.grades, key=lambda g: self.grades[g])

    @property
    def bounds(self) -> Int:
        """Bounds in ppm, one more than grades, from 0 to 1,000,000."""
        return np.array([0, *(int(self.grades[g]) for g in self.names)], np.int64)

    @property
    def middles(self) -> Int:
        """The probability (ppm) that each grade stands for: the geometric mean of its bounds."""
        low, high = np.maximum(self.bounds[:-1], FLOOR), self.bounds[1:]
        found = [round(sqrt(a * b)) for a, b in zip(low.tolist(), high.tolist(), strict=True)]
        return np.minimum(np.array(found, np.int64), high)

    def place(self, pd: Int) -> Int:
        """Return the number of the grade, from 0, of each probability of default in ppm."""
        return np.searchsorted(self.bounds[1:-1], pd, side="right").astype(np.int64)

    def grade(self, pd: Int) -> pa.Array:
        """Return the grade of each probability of default in ppm."""
        return pa.array(self.names).take(self.place(pd))


def named_scale(rules: pa.Table, name: str) -> MasterScale:
    """Return the master scale of an id.

    Raises
    ------
    UsageError
        If there is none.
    """
    rows = rules.filter(pc.equal(rules["kind"], MasterScale.kind())).to_pylist()
    scales = {r["rule_id"]: r["toml"] for r in rows}
    if name not in scales:
        raise UsageError(
            what=both("fault.no_scale", name=name),
            remedy=both("advice.known", known=", ".join(sorted(scales)) or "-"),
        )
    return MasterScale.from_toml(scales[name])


class ScaleRule(Rule):
    """How a master scale is drawn, and judged.

    Attributes
    ----------
    as_of
        Scores of this day, and outcomes after it.
    horizon_months
        A default within so many months makes a borrower bad.
    scorecard
        Whose scores, if there are several of the day.
    grades
        A scale to be judged; None draws one, see ``assess.scale``.
    count, least, max_p
        Most grades, least share of firms in one, and greatest probability that neighbours differ
        by chance alone: see :meth:`MasterScale.built`.
    confidence, correlation
        Of the prudent upper bound (Pluto and Tasche 2005): its confidence, and the correlation of
        firms' assets; 12 % is the least that Basel's formula takes for firms.
    seed
        Of the halves.
    """

    as_of: date
    horizon_months: int = Field(default=12, ge=1, le=120)
    scorecard: str | None = None
    grades: dict[str, Rate] | None = None
    count: int = Field(default=7, ge=1, le=26)
    least: Rate = Field(default=Rate(50_000), ge=0, le=1_000_000)
    max_p: float = Field(default=0.01, gt=0, le=1)
    confidence: Rate = Field(default=Rate(900_000), gt=0, lt=1_000_000)
    correlation: Rate = Field(default=Rate(120_000), ge=0, lt=1_000_000)
    seed: int = Field(default=1, ge=0)

    @field_validator("grades")
    @classmethod
    def _whole(cls, grades: dict[str, Rate] | None) -> dict[str, Rate] | None:
        return None if grades is None else MasterScale(grades=grades).grades


@fold(
    reads=("score", "signal", "event", "loan", "crossfit"),
    writes=("grade", "rule"),
    rule=ScaleRule,
    part=("as_of",),
    needs={"score": "assess.score"},
)
def scale(tables: Tables, rule: ScaleRule) -> Tables:
    """Draw a master scale from scores and outcomes, and tell how its grades turned out.

    For each grade: bounds and middle, firms and defaults with Jeffreys' interval, the prudent
    upper bound, the mean forecast, and Fisher's exact tests of whether it differs from the grade
    before (it should) and whether its better half differs from its worse half (it should not). A
    scale drawn here is judged on firms it was not drawn from: the other half; or all firms, with
    grades in geometric steps of the forecasts alone, where fewer than ten defaulted or did not.
    Firms that the scorecard was learnt from on the day have their cross-fitted forecasts, of
    models without them, since their own scores flatter it.

    Raises
    ------
    DataError
        If no scored firm has a known outcome.
    UsageError
        If there are scores by several scorecards and none is named.
    """
    pd, bad = _scored(tables, rule)
    if rule.grades is not None:
        drawn = MasterScale(grades=rule.grades)
    elif min(bad.sum(), (~bad).sum()) < LEAST:
        drawn = MasterScale.spread(pd, rule.count, rule.least)
    else:
        half = parted(bad, 2, np.random.default_rng(rule.seed)) == 0
        drawn = MasterScale.built(pd[half], bad[half], rule.count, rule.least, rule.max_p)
        pd, bad = pd[~half], bad[~half]
    drawn = drawn.changed(valid_from=rule.as_of)
    return _judged(drawn, pd, bad, rule) | output(
        "rule",
        rule_id=[drawn.id],
        kind=[drawn.kind()],
        toml=[drawn.to_toml()],
        valid_from=[drawn.valid_from],
    )


def _scored(tables: Tables, rule: ScaleRule) -> tuple[Int, Bool]:
    """Return forecasts and outcomes of the firms that have both, in order of their ids."""
    score = tables["score"].filter(pc.equal(tables["score"]["as_of"], pa.scalar(rule.as_of)))
    cards = [rule.scorecard] if rule.scorecard else sorted(pc.unique(score["rule_id"]).to_pylist())
    if len(cards) > 1:
        raise UsageError(
            what=both("fault.scorecards", n=len(cards), day=rule.as_of),
            remedy=both("advice.name_scorecard", names=", ".join(cards)),
        )
    own = score.filter(pc.is_in(score["rule_id"], value_set=pa.array(cards, pa.string())))
    known = outcomes(tables, rule.as_of, rule.horizon_months)
    rows = own.select(["party_id", "pd"]).join(known, "party_id", join_type="inner")
    fair = tables["crossfit"].filter(
        pc.and_(
            pc.equal(tables["crossfit"]["as_of"], pa.scalar(rule.as_of)),
            pc.is_in(tables["crossfit"]["rule_id"], value_set=pa.array(cards, pa.string())),
        )
    )
    fair = fair.select(["party_id", "pd"]).rename_columns(["party_id", "fair"])
    rows = rows.join(fair, "party_id").sort_by("party_id")
    bad = rows["bad"].to_numpy().astype(bool)
    if not len(bad):
        unfit("none_for_scale", "score", day=rule.as_of)
    return pc.coalesce(rows["fair"], rows["pd"]).to_numpy().astype(np.int64), bad


def _judged(drawn: MasterScale, pd: Int, bad: Bool, rule: ScaleRule) -> Tables:
    order = np.lexsort((bad, pd))
    pd, bad = pd[order], bad[order]
    cut = np.searchsorted(drawn.place(pd), np.arange(1, len(drawn.names)))
    parts = list(zip(np.split(pd, cut), np.split(bad, cut), strict=True))
    firms, bads = [len(p) for p, _ in parts], [int(b.sum()) for _, b in parts]
    spans = [
        jeffreys_interval(b, n) if n else (None, None) for b, n in zip(bads, firms, strict=True)
    ]
    prudent = prudent_rates(bads, firms, rule.confidence / 1e6, rule.correlation / 1e6)
    count = len(parts)
    return output(
        "grade",
        rule_id=[drawn.id] * count,
        as_of=[rule.as_of] * count,
        grade=drawn.names,
        low=drawn.bounds[:-1].tolist(),
        high=drawn.bounds[1:].tolist(),
        middle=drawn.middles.tolist(),
        firms=firms,
        bads=bads,
        bad_rate=_ppm(b / n if n else None for b, n in zip(bads, firms, strict=True)),
        bad_low=_ppm(low for low, _ in spans),
        bad_high=_ppm(high for _, high in spans),
        prudent=_ppm(prudent),
        mean_pd=_ppm(p.mean() / 1e6 if len(p) else None for p, _ in parts),
        apart_p=[None, *(fisher(*a, *b) for a, b in pairwise(zip(bads, firms, strict=True)))],
        inside_p=[_inside(*part) for part in parts],
    )


def _inside(pd: Int, bad: Bool) -> float | None:
    """Return the probability that halves of a grade, by forecast, differ by chance alone.

    None if all forecasts are the same; equal ones are in one half.
    """
    starts = np.flatnonzero(np.diff(pd)) + 1
    if not len(starts):
        return None
    half = int(starts[np.argmin(np.abs(2 * starts - len(pd)))])
    return fisher(int(bad[:half].sum()), half, int(bad[half:].sum()), len(bad) - half)


def _ppm(shares: Iterable[float | None]) -> list[int | None]:
    return [None if s is None else round(1e6 * s) for s in shares]
