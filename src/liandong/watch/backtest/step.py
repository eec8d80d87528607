"""Trying rules on a finished log."""

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, empty
from liandong.step import Tables, fold
from liandong.types import from_epoch
from liandong.watch.backtest.measuring import Figures, Study, Terms
from liandong.watch.backtest.outcomes import DAY, Outcomes, outcomes
from liandong.watch.backtest.replay import Judged, replay, span, warned
from liandong.watch.backtest.rules import EVERY, BacktestRule, HindsightRule
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.rules import micros as length

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset


@fold(
    reads=("watch_event", "event", "warning"),
    writes=("backtest_point",),
    rule=BacktestRule,
    part=("name",),
)
def backtest(tables: Tables, rule: BacktestRule) -> Tables:
    """Tell what each threshold, and each set of rules, would have brought.

    The log is replayed in the order in which it became known, through the windows and the row
    kernel that run live, so that nothing is judged by what was known later. Hits of one subject
    that are closer than ``cool`` are one episode, and an episode is an alert; it begins when it
    was known. ``signals`` are measured in the same way by their rows in ``warning``. A default is
    the first ``default`` or ``enforcement`` of a subject in ``event``; from that day on the subject
    is not watched.

    * ``recall``: defaults whose first alert in the ``horizon`` before began ``least`` days before,
      or earlier; those in the first ``least`` days could not be and do not count.
      ``recall_exposure`` weighs them by what was owed.
    * ``lead_…``: days from that alert to the default: quartiles, and shares of at least 90 and 180
      days, among the defaults that had one.
    * ``precision``: of the gravest ``budget`` alerts a week, the share whose subject defaulted
      within the horizon; alerts whose horizon is not over are left out. ``base`` is the share of
      all subjects that did, averaged over the weeks.
    * ``burden``: alerts per 1,000 subjects and month; ``repeats``: alerts of subjects that had one
      before; ``flips``: alerts whose rule did not hold at some event of the next 7 days.
    * ``hours``: ``minutes`` for each alert; ``minutes_per_default``: for each default recalled.
    """
    log, ends, warnings = (tables[n] for n in ("watch_event", "event", "warning"))
    return {"backtest_point": points(log, ends, warnings, rule)}


def points(
    log: "pa.Table | Dataset", ends: pa.Table, warnings: pa.Table, rule: BacktestRule
) -> pa.Table:
    """Return what :func:`backtest` writes.

    Parameters
    ----------
    log
        Table ``watch_event``, or a dataset of it: of one that came in order, only columns are read
        that rules need. Subjects and counterparties may be dictionaries, as Parquet can give them:
        that is quicker.
    ends, warnings
        Tables ``event`` and ``warning``.
    rule
        What is tried.
    """
    found, said = replay(log, rule), micros(warnings["seen_at"])
    seen = [t for t in (found.first, found.last) if t is not None]
    seen += [int(said.min()), int(said.max())] if len(said) else []
    if not seen:
        return empty("backtest_point")
    terms, rows = terms_of(min(seen), max(seen), rule), found.rows
    rows = rows._replace(subjects=_all_of(rows.subjects, warnings["subject_id"]))
    known = outcomes(ends, rows.subjects, terms.until)
    every = rows_of(Study(rows, len(rows.subjects), known, terms), rule)
    if rule.signals:
        told = _signals(warned(warnings, rows.subjects, rule), known, terms, rule)
        every += [{**_shared(len(rows.subjects), terms, rule), **row} for row in told]
    return build("backtest_point", {n: [r[n] for r in every] for n in every[0]})


def _all_of(subjects: pa.Array, others: pa.ChunkedArray) -> pa.Array:
    """Return subjects, and after them others who are not among them."""
    more = pc.unique(others)
    return pa.concat_arrays([subjects, more.filter(pc.invert(pc.is_in(more, value_set=subjects)))])


def _shared(subjects: int, terms: Terms, rule: BacktestRule) -> dict[str, object]:
    """Return what all points of a backtest have in common."""
    return {
        "name": rule.name, "subjects": subjects, "budget": rule.budget,
        "since": from_epoch(terms.since).date(),
        "until": from_epoch(terms.until).date() - timedelta(days=1),
    }  # fmt: skip


def rows_of(study: Study, rule: BacktestRule) -> list[dict[str, object]]:
    """Return rows of ``backtest_point`` for the sweeps and the sets of a rule."""
    shared = _shared(study.watched, study.terms, rule)
    return [{**shared, **row} for row in _tried(study, rule)]


def _tried(study: Study, rule: BacktestRule) -> list[dict[str, object]]:
    """Measure sweeps and sets."""
    told: list[dict[str, object]] = []
    for sweep, grades in zip(rule.sweeps, study.rows.grades, strict=False):
        found = study.sweep(grades, len(sweep.thresholds))
        for k, (text, limit, figures) in enumerate(
            zip(sweep.texts, sweep.thresholds, found, strict=True)
        ):
            told.append(_row(sweep.code, k, "sweep", text, float(limit), figures))
    for one, grades in zip(rule.sets, study.rows.grades[len(rule.sweeps) :], strict=True):
        figures = study.point(np.flatnonzero(grades), grades)
        text = " || ".join(f"({r.when})" if len(one.rules) > 1 else r.when for r in one.rules)
        told.append(_row(one.name, 0, "rules", text, None, figures))
    return told


def _signals(
    found: list[Judged], known: Outcomes, terms: Terms, rule: BacktestRule
) -> list[dict[str, object]]:
    """Measure signals by their warnings; of all together nobody says when they are over."""
    told = []
    for name, rows in zip((*rule.signals, EVERY), found, strict=True):
        study = Study(rows, len(rows.subjects), known, terms)
        grades = study.rows.grades[0]
        figures = study.point(np.flatnonzero(grades), grades)
        whole = {**figures, "flips": None} if name == EVERY else figures
        text = " || ".join(rule.signals) if name == EVERY else name
        told.append(_row(name, 0, "signals", text, None, whole))
    return told


def _row(
    study: str, point: int, kind: str, when: str, threshold: float | None, figures: Figures
) -> dict[str, object]:
    about = {"study": study, "point": point, "kind": kind, "when": when, "threshold": threshold}
    return {**about, **figures}


def terms_of(first: int, last: int, rule: HindsightRule) -> Terms:
    """Return what is measured by; without days of the rule, from the first to the last one."""
    since, until = span(rule)
    return Terms(
        first // DAY * DAY if rule.since is None else since,
        (last // DAY + 1) * DAY if rule.until is None else until,
        rule.horizon * DAY, rule.least * DAY, length(rule.cool), rule.budget, rule.minutes,
    )  # fmt: skip
