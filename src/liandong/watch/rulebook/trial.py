"""What a change of rules would bring: the rules as they are and as they would be, side by side."""

from typing import Self

import numpy as np
import pyarrow as pa
from pydantic import Field, model_validator

from liandong.errors import UnfitError
from liandong.kernels.streams.hindsight import begins
from liandong.schema.arrow import build, empty
from liandong.step import Tables, fold
from liandong.texts import both
from liandong.types import from_epoch
from liandong.watch.backtest.measuring import Study, Terms
from liandong.watch.backtest.outcomes import outcomes
from liandong.watch.backtest.rules import BacktestRule, HindsightRule, RuleSet
from liandong.watch.backtest.step import rows_of, terms_of
from liandong.watch.language import Judgement, write
from liandong.watch.live.rule import WatchRule
from liandong.watch.rulebook.replayed import Int, replayed
from liandong.watch.rulebook.thresholds import swept
from liandong.watch.windows.ledger import micros

NOW, THEN, SWEEP = "now", "then", "sweep"
OWN = ".rule"
"""What follows the name of a side where the changed rule is measured alone."""
MOST = 1_000_000


class TrialRule(HindsightRule):
    """Rules as they are, and as they would be.

    Attributes
    ----------
    then, now
        The rules of a watch after the change and before it; None: there are none yet. Candidates
        (``shadow``) are left out.
    code
        The rule that is changed: it is measured alone, too, and its first threshold is swept.
    most
        Of a log of more events than this, some subjects are taken, with all their events.

    Examples
    --------
    >>> rule = TrialRule.from_toml('''
    ... code = "burst"
    ... [[then.rules]]
    ... code = "burst"
    ... when = "sum_24h > 50000000"
    ... level = "orange"
    ... ''')
    >>> rule.now is None, rule.then.rules[0].level
    (True, 'orange')
    """

    name: str = Field(default="trial", min_length=1)
    then: WatchRule
    now: WatchRule | None = None
    code: str = ""
    most: int = Field(default=MOST, ge=1)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.then.rules and not (self.now and self.now.rules):
            raise UnfitError(what=both("unfit.trial_empty"))
        return self


@fold(
    reads=("watch_event", "event"),
    writes=("backtest_point", "trial_subject"),
    rule=TrialRule,
    part=("name",),
)
def trial(tables: Tables, rule: TrialRule) -> Tables:
    """Hold a change of rules against what happened: figures of both sides, and whom it concerns.

    The rules of a side together are the studies ``now`` and ``then``, the changed rule alone is
    ``now.rule`` and ``then.rule`` (there a yellow one counts as orange, since nothing begins with
    yellow), and ``sweep`` has its threshold between two fifths and two and a half times what it
    is. Figures are those of :func:`.backtest`. ``trial_subject`` names who would have had an alert
    on one side only.

    Windows of a log are worked out once and kept as long as the process has the log in memory: what
    is tried next on it costs the judging alone.
    """
    log, ends = tables["watch_event"], tables["event"]
    if not len(log):
        return {"backtest_point": empty("backtest_point"), "trial_subject": empty("trial_subject")}
    seen = micros(log["seen_at"])
    terms = terms_of(int(seen.min()), int(seen.max()), rule)
    sides = {NOW: rule.now, THEN: rule.then}
    found = {
        side: _Side(side, watch, log, ends, terms, rule)
        for side, watch in sides.items()
        if watch is not None and watch.rules
    }
    rows = [row for side in found.values() for row in side.rows]
    points: dict[str, object] = {n: [r[n] for r in rows] for n in rows[0]}
    return {
        "backtest_point": build("backtest_point", points),
        "trial_subject": _differences(found.get(NOW), found.get(THEN), rule.name),
    }


class _Side:
    """One side: its figures, and who has alerts."""

    def __init__(
        self, side: str, watch: WatchRule, log: pa.Table, ends: pa.Table, terms: Terms,
        rule: TrialRule,
    ) -> None:  # fmt: skip
        tried = _tried(side, watch, rule)
        told = replayed(log, watch.of_windows, rule.most).judged(tried)
        known = outcomes(ends, told.subjects, terms.until)
        self.study = Study(told, len(told.subjects), known, terms)
        self.rows = rows_of(self.study, tried)
        grades = self.study.rows.grades[len(tried.sweeps)]
        subject, at = self.study.rows.subject, self.study.rows.known
        hits = np.flatnonzero(grades)
        self._starts = hits[begins(hits, subject, at, terms.cool)]

    def alerted(self) -> tuple[Int, Int, Int]:
        """Return subjects with alerts, when the first began, and how many there are."""
        own = self.study.rows.subject[self._starts]
        who, first, many = np.unique(own, return_index=True, return_counts=True)
        return who, self.study.rows.known[self._starts][first], many


def _tried(side: str, watch: WatchRule, rule: TrialRule) -> BacktestRule:
    """Return what is tried of one side."""
    own = [_alone(r) for r in watch.rules if r.code == rule.code]
    sets = [RuleSet(name=side, rules=watch.rules)]
    sets += [RuleSet(name=side + OWN, rules=tuple(own))] if own else []
    sweep = swept(_newest(own), SWEEP) if own and side == THEN else None
    same = {n: getattr(rule, n) for n in HindsightRule.model_fields}
    windows = {n: getattr(watch, n) for n in ("windows", "late", "ahead", "leap")}
    return BacktestRule(
        **{**same, **windows}, sets=tuple(sets), sweeps=(sweep[0],) if sweep else ()
    )


def _alone(one: Judgement) -> Judgement:
    """Return a rule in its canonical text that alerts by itself."""
    level = "orange" if one.level == "yellow" else one.level
    return one.changed(when=write(one.expression), level=level)


def _newest(versions: list[Judgement]) -> Judgement:
    return max(versions, key=lambda r: (str(r.valid_from or ""), r.id))


def _differences(now: _Side | None, then: _Side | None, name: str) -> pa.Table:
    """Return who has alerts on one side only."""
    none = np.zeros(0, np.int64)
    sides = [side.alerted() if side else (none, none, none) for side in (now, then)]
    subjects = next(s.study.rows.subjects for s in (now, then) if s)
    columns: dict[str, list[object]] = {n: [] for n in empty("trial_subject").column_names}
    for change, mine, other in (("new", sides[1], sides[0]), ("gone", sides[0], sides[1])):
        only = ~np.isin(mine[0], other[0])
        who, at, many = (part[only].tolist() for part in mine)
        columns["name"] += [name] * len(who)
        columns["subject_id"] += subjects.take(pa.array(who, pa.int64())).to_pylist()
        columns["change"] += [change] * len(who)
        columns["seen_at"] += map(from_epoch, at)
        columns["alerts"] += many
    return build("trial_subject", {**columns})
