"""Scoring firms with a scorecard: points, probability of default, grade, reasons."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.card.scale import MasterScale, named_scale
from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.errors import UsageError
from liandong.schema.arrow import empty
from liandong.step import Tables, each, output
from liandong.step.reasons import Reasons
from liandong.texts import both

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class ScoreRule(MasterScale):
    """Which scorecard is used, and what grades mean (``grades``, of the master scale).

    Attributes
    ----------
    as_of
        Firms as they looked on this day.
    scorecard
        Id of the scorecard; None takes the latest one in force on ``as_of``.
    scale
        Id of the master scale to be used instead of ``grades``; see ``assess.scale``.
    """

    as_of: date
    scorecard: str | None = None
    scale: str | None = None


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
        If there is no scorecard in force, or more than one with nothing to choose between them;
        or if there is no master scale of the id.
    """
    if not len(tables["feature"]):
        return {"score": empty("score")}
    name, card, scale = chosen(tables["rule"], rule)
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
        grade=scale.grade(pd),
        reasons=_reasons(card, parts, np.isnan(values), withheld),
    )


def chosen(rules: pa.Table, rule: ScoreRule) -> tuple[str, Scorecard, MasterScale]:
    """Return the id of the scorecard that a rule means, the scorecard, and its grades.

    Parameters
    ----------
    rules
        The table ``rule``.
    rule
        Names a scorecard and a master scale, or leaves them to be found.

    Raises
    ------
    UsageError
        As ``assess.score`` does.
    """
    name, card = _scorecard(rules, rule)
    return name, card, rule if rule.scale is None else named_scale(rules, rule.scale)


def _scorecard(rules: pa.Table, rule: ScoreRule) -> tuple[str, Scorecard]:
    """Return the scorecard that is named, or the latest in force."""
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
