"""Backtest: would a scorecard learnt then, by the same recipe, have been right later."""

from collections.abc import Iterator
from datetime import date
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import model_validator

from liandong.assess.card.fit import LEAST, FitRule, fit
from liandong.assess.card.labels import outcomes
from liandong.assess.card.scorecard import Scorecard
from liandong.assess.measures.features import wide
from liandong.assess.validation.figures import Figure, Finding, Rows, figures
from liandong.assess.validation.shares import aligned
from liandong.assess.validation.validate import about, later, written
from liandong.errors import DataError, UnfitError
from liandong.schema.arrow import empty
from liandong.step import Tables, fold
from liandong.texts import both


class BacktestRule(FitRule):
    """A recipe, the day it is learnt for, and the later day it is judged on.

    Attributes
    ----------
    as_of
        The scorecard is learnt from firms as they looked on this day, and outcomes after it.
    judged
        It is judged on firms as they looked on this later day, and outcomes after it.
    """

    judged: date

    @model_validator(mode="after")
    def _later(self) -> Self:
        if self.known_months < 1:
            raise UnfitError(what=both("unfit.judged"))
        return self

    @property
    def known_months(self) -> int:
        """Months after ``as_of`` whose outcomes were known on ``judged``: to learn from."""
        first, last = self.as_of, self.judged
        months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
        return min(self.horizon_months, months)


@fold(
    reads=("feature", "signal", "event", "loan", "party", "rule"),
    writes=("validation",),
    rule=BacktestRule,
    part=("as_of", "judged"),
    needs={"feature": "assess.features"},
)
def backtest(tables: Tables, rule: BacktestRule) -> Tables:
    """Learn a scorecard for ``as_of`` and judge it on the outcomes after ``judged``.

    This is the out-of-time figure of the scorecards that are valid from ``judged``: the same recipe
    where the future was not known. Firms that it was learnt from stand apart
    (``backtest_again``). ``learnt_rows`` and ``learnt_bads`` say what it was learnt from; if that
    was too little, they are all there is. Outcomes after ``judged`` teach it nothing, nor do
    reports of a bank that bear no day.
    """
    cards = _judged(tables["rule"], rule.judged)
    known = outcomes(later(tables, rule.judged), rule.judged, rule.horizon_months)
    if not cards or not 0 < (pc.sum(known["bad"]).as_py() or 0) < len(known):
        return {"validation": empty("validation")}
    dated = {**tables, "signal": _dated(tables["signal"])}
    before = outcomes(dated, rule.as_of, rule.known_months)
    rows, bads = len(before), int(pc.sum(before["bad"]).as_py() or 0)
    found = [
        ("backtest", Finding("all", Figure("learnt_rows", float(rows)), rows)),
        ("backtest", Finding("all", Figure("learnt_bads", float(bads)), rows)),
    ]
    card = _learnt(dated, rule)
    if card is not None:
        seen = before["party_id"].combine_chunks()
        found += _findings(tables, rule, card, known, seen)
    return written(rule.judged, [(name, *f) for name in cards for f in found])


def _dated(signal: pa.Table) -> pa.Table:
    """Return the signals that say when they were seen, and all that no bank reported."""
    return signal.filter(
        pc.or_(pc.is_valid(signal["seen_at"]), pc.not_equal(signal["source"], "bank"))
    )


def _judged(rules: pa.Table, day: date) -> list[str]:
    """Return the scorecards that are valid from a day."""
    own = pc.and_(
        pc.equal(rules["kind"], Scorecard.kind()), pc.equal(rules["valid_from"], pa.scalar(day))
    )
    return sorted(rules.filter(own)["rule_id"].to_pylist())


def _learnt(tables: Tables, rule: BacktestRule) -> Scorecard | None:
    """Return the scorecard of the recipe, None if there was too little to learn from."""
    recipe = {n: getattr(rule, n) for n in FitRule.model_fields}
    # Its own cross-validation is not what it is judged by here.
    short = {"repeats": 1, "folds": 2, "horizon_months": rule.known_months}
    try:
        made = fit.finish(tables, FitRule(**{**recipe, **short}))
    except DataError:
        return None
    return Scorecard.from_toml(made["rule"]["toml"][0].as_py())


def _findings(
    tables: Tables, rule: BacktestRule, card: Scorecard, known: pa.Table, seen: pa.Array
) -> Iterator[tuple[str, Finding]]:
    ids, values, withheld = wide(tables["feature"], rule.judged, card.measures)
    here, at = aligned(ids, known["party_id"])
    points = card.base + card.parts(values[at], withheld[at]).sum(axis=1)
    rows = known.filter(pa.array(here))
    rows = rows.append_column("pd", pa.array(card.scaling.pd(points)))
    rows = rows.append_column("points", pa.array(points))
    described = rows.join(about(tables, rule.judged), "party_id")
    again = np.asarray(pc.is_in(described["party_id"], value_set=seen).to_numpy(), bool)
    for name, own in (("backtest", ~again), ("backtest_again", again)):
        if own.any():
            part = Rows.of(described.filter(pa.array(own)))
            yield from ((name, f) for f in figures(part, LEAST))
