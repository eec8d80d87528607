"""Scoring firms with a scorecard: points, probability of default, grade, reasons."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, field_validator

from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.errors import UsageError
from liandong.schema.arrow import empty
from liandong.step import Rule, Tables, each, output
from liandong.step.reasons import Reasons
from liandong.texts import both
from liandong.types import Rate

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class ScoreRule(Rule):
    """Which scorecard is used, and what grades mean.

    Attributes
    ----------
    as_of
        Firms as they looked on this day.
    scorecard
        Id of the scorecard; None takes the latest one in force on ``as_of``.
    grades
        Master scale: the bound below which a probability of default has the grade. The last bound
        is 100 %, whose grade takes all the rest.
    """

    as_of: date
    scorecard: str | None = None
    grades: dict[str, Rate] = Field(
        default={"A": Rate(50_000), "B": Rate(120_000), "C": Rate(300_000), "D": Rate(1_000_000)}
    )

    @field_validator("grades")
    @classmethod
    def _whole(cls, grades: dict[str, Rate]) -> dict[str, Rate]:
        bounds = sorted(grades.values())
        if len(set(bounds)) < len(bounds) or bounds[-1:] != [1_000_000] or bounds[0] <= 0:
            raise ValueError("bounds must be above 0 and differ, and the highest must be 100 %")
        return grades

    def grade(self, pd: Int) -> pa.Array:
        """Return the grade of each probability of default in ppm."""
        scale = sorted(self.grades.items(), key=lambda g: g[1])
        bounds = np.array([int(b) for _, b in scale[:-1]], np.int64)
        return pa.array([g for g, _ in scale]).take(np.searchsorted(bounds, pd, side="right"))


@each(
    reads=("feature", "rule"),
    writes=("score",),
    split=("feature",),
    by="party_id",
    rule=ScoreRule,
    part=("as_of",),
    needs={"feature": "assess.features"},
)
def score(tables: Tables, rule: ScoreRule) -> Tables:
    """Score every firm with features on ``as_of``.

    Points are whole: the scorecard's base and the points of the reasons add up to them. Reasons
    name the bins that a firm falls in, those that weigh most first.

    Raises
    ------
    DataError
        If there are no features on ``as_of``.
    UsageError
        If there is no scorecard in force, or more than one with nothing to choose between them.
    """
    if not len(tables["feature"]):
        return {"score": empty("score")}
    name, card = _scorecard(tables["rule"], rule)
    ids, values, withheld = wide(tables["feature"], rule.as_of, card.measures)
    parts = card.parts(values, withheld)
    points = card.base + parts.sum(axis=1)
    pd = card.scaling.pd(points)
    return output(
        "score",
        party_id=ids,
        as_of=pa.repeat(rule.as_of, len(ids)),
        rule_id=pa.repeat(name, len(ids)),
        pd=pd.astype(np.int32),
        points=points,
        grade=rule.grade(pd),
        reasons=_reasons(card, parts, np.isnan(values), withheld),
    )


def _scorecard(rules: pa.Table, rule: ScoreRule) -> tuple[str, Scorecard]:
    """Return id and scorecard: the one that is named, or the latest in force."""
    rows = rules.filter(pc.equal(rules["kind"], Scorecard.kind())).to_pylist()
    cards = {r["rule_id"]: Scorecard.from_toml(r["toml"]) for r in rows}
    if rule.scorecard is not None:
        if rule.scorecard not in cards:
            raise UsageError(
                what=both("fault.no_scorecard", name=rule.scorecard),
                remedy=both("advice.known", known=", ".join(sorted(cards)) or "-"),
            )
        return rule.scorecard, cards[rule.scorecard]
    in_force = {i: c for i, c in cards.items() if c.holds_on(rule.as_of)}
    start = max((c.valid_from or date.min for c in in_force.values()), default=date.min)
    latest = sorted(i for i, c in in_force.items() if (c.valid_from or date.min) == start)
    if len(latest) != 1:
        raise UsageError(
            what=both("fault.scorecards", n=len(latest), day=rule.as_of),
            remedy=both("advice.name_scorecard", names=", ".join(latest))
            if latest
            else both("advice.fit_first"),
        )
    return latest[0], cards[latest[0]]


def _reasons(card: Scorecard, parts: Int, absent: Bool, withheld: Bool) -> pa.Array:
    """Return the points by term as reasons, those that weigh most first, then by name."""
    reasons = Reasons(len(parts))
    for j in np.argsort(card.terms):
        name, points = card.terms[j], parts[:, j]
        if j >= len(card.measures):
            reasons.add(f"score.pair({name})", points, points != 0)
            continue
        reasons.add(f"score.bin({name})", points, ~absent[:, j] & ~withheld[:, j])
        reasons.add(f"score.missing({name})", points, absent[:, j] & ~withheld[:, j])
        reasons.add(f"score.withheld({name})", points, withheld[:, j])
    return reasons.column(heaviest_first=True)
