"""P1: whether more firms than usual turn orange, by region and sector."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.scores.validation import psi
from liandong.kernels.streams.drift import adwin, adwin_state, cusum, cusum_state
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Tables, concat, fold, output
from liandong.step.reasons import reason_list
from liandong.types import EPOCH, end_of_day, from_epoch
from liandong.watch.signals.calendar import local_days, zone_of
from liandong.watch.signals.changes import ChangeRule, PortfolioRule
from liandong.watch.signals.facts import JUDGED, Bool, Int, day_number
from liandong.watch.signals.graded import named

ORANGE = 2
WEEK = 7
EVERY = "*"
PROVINCE = 2
"""Digits of an adcode that name a province."""


def _levels(tables: Tables, rule: PortfolioRule) -> Tables:
    """Keep what was said of single parties up to the last day, as days and levels."""
    warning = tables["warning"]
    end = pa.scalar(end_of_day(rule.as_of, zone_of(rule.zone)), pa.int64())
    seen, at = (warning[n].cast(pa.int64()) for n in ("seen_at", "at"))
    day = pa.array(local_days(at.to_numpy(), rule.zone))
    own = pc.and_(pc.not_equal(warning["code"], "P1"), pc.less_equal(seen, end))
    level = pc.add(pc.fill_null(pc.index_in(warning["level"], value_set=pa.array(LEVELS)), -1), 1)
    told = pa.table({"subject_id": warning["subject_id"], "day": day, "level": level}).filter(own)
    return {"warning": _worst(told)}


def _worst(told: pa.Table) -> pa.Table:
    found = told.group_by(["subject_id", "day"], use_threads=False).aggregate([("level", "max")])
    return found.rename_columns(["subject_id", "day", "level"])


def _merge(left: Tables, right: Tables) -> Tables:
    return {"warning": _worst(concat(left, right)["warning"])}


@fold(
    reads=("warning", "party"),
    writes=("warning", "rule"),
    split=("warning",),
    rule=PortfolioRule,
    partial=_levels,
    merge=_merge,
    part=("as_of",),
    needs={"warning": "watch.signals"},
)
def portfolio(tables: Tables, rule: PortfolioRule) -> Tables:
    """Judge P1: new orange firms week by week, for all firms and by region and sector.

    A firm is newly orange in a week if its worst signal is orange or red at the last day judged in
    it and was not at the last one of the week before; weeks in which nothing was judged are left
    out. Counts less their mean in the baseline, over the root of that mean (they are about
    Poisson), go into a CUSUM. Beside it stand the population stability index of levels and an
    adaptive window (ADWIN) over the firms that turn orange or do not, week by week.

    Subjects are ``portfolio:REGION:SECTOR``: two digits of the adcode and the letter of the
    industry, or ``*`` for all.
    """
    weeks = _weeks(tables, rule)
    rows = [
        row
        for name, members in _cells(tables["party"])
        for row in _judged(weeks, name, members, rule)
    ]
    # A judgement holds from the evening of the day it is of.
    zone = zone_of(rule.zone)
    moments = [from_epoch(end_of_day(EPOCH.date() + timedelta(r.day), zone)) for r in rows]
    told = output(
        "warning",
        rule=[rule.p1.id] * len(rows), code=["P1"] * len(rows),
        subject_id=[r.subject for r in rows], at=moments, seen_at=moments,
        level=[r.level for r in rows], value=[r.value for r in rows],
        threshold=[r.threshold for r in rows],
        evidence=[json.dumps(r.evidence) if r.level else None for r in rows],
        reasons=reason_list([r.reasons for r in rows]),
    )  # fmt: skip
    return {**told, "rule": named(told["warning"], [rule.p1])}


class _Weeks(NamedTuple):
    """The last day judged in each week, oldest first, weeks before the last, and levels there.

    ``level`` has a row a party and a column a week.
    """

    day: Int
    back: Int
    level: Int


class _Row(NamedTuple):
    subject: str
    day: int
    level: str | None
    value: float
    threshold: float | None
    evidence: dict[str, float]
    reasons: list[tuple[str, int]]


def _weeks(tables: Tables, rule: PortfolioRule) -> _Weeks:
    """Return the worst level of every party at the last day judged in each week."""
    told, last = tables["warning"], day_number(rule.as_of)
    day = told["day"].to_numpy()
    days = np.unique(day)
    back = (last - days) // WEEK
    ends = days[np.append(back[1:] != back[:-1], True)] if len(days) else days
    row = pc.fill_null(pc.index_in(told["subject_id"], value_set=_ids(tables["party"])), -1)
    column = np.searchsorted(ends, day)
    level = np.zeros((len(tables["party"]), len(ends)), np.int64)
    good = (row.to_numpy() >= 0) & np.isin(day, ends)
    level[row.to_numpy()[good], column[good]] = told["level"].to_numpy()[good]
    return _Weeks(ends, (last - ends) // WEEK, level)


def _ids(party: pa.Table) -> pa.Array:
    return pa.concat_arrays(party["party_id"].chunks or [pa.array([], pa.string())])


def _cells(party: pa.Table) -> Iterator[tuple[str, Int]]:
    """Yield the name of each region and sector with the places of its firms; first all firms."""
    firm = pc.is_in(party["kind"], value_set=pa.array(JUDGED)).to_numpy()
    yield f"portfolio:{EVERY}:{EVERY}", np.flatnonzero(firm)
    region = pc.utf8_slice_codeunits(party["region_id"], 0, PROVINCE)
    sector = pc.utf8_slice_codeunits(party["industry"], 0, 1)
    name = pc.binary_join_element_wise("portfolio", region, sector, ":")
    names = sorted(pc.unique(pc.drop_null(name)).to_pylist())
    place = pc.fill_null(pc.index_in(name, value_set=pa.array(names, pa.string())), -1).to_numpy()
    for k, cell in enumerate(names):
        yield cell, np.flatnonzero(firm & (place == k))


def _judged(weeks: _Weeks, name: str, members: Int, rule: PortfolioRule) -> Iterator[_Row]:
    """Yield what is said of a region and sector, for each of the last weeks."""
    change, level = rule.p1, weeks.level[members]
    before, now = level[:, :-1] >= ORANGE, level[:, 1:] >= ORANGE
    fresh = (now & ~before).sum(axis=0)
    base = change.baseline
    if len(fresh) <= base or not len(members):
        return
    usual = _usual(fresh, len(members), change)
    if usual * base < change.least:
        return
    sums = cusum((fresh[base:] - usual) / np.sqrt(usual), change.slack, cusum_state())[:, 0]
    rose = _rises(fresh, len(members), change)
    for k in range(base, len(fresh)):
        if weeks.back[k + 1] < rule.moments:
            recent = slice(max(base + 1, k + 2 - change.recent), k + 2)
            moved = psi(_spread(level[:, 1 : base + 1]), _spread(level[:, recent]))
            lately = bool(rose[max(0, k + 1 - change.recent) : k + 1].any())
            yield _row(name, int(weeks.day[k + 1]), float(sums[k - base]), moved, change,
                       {"new": int(fresh[k]), "usual": usual, "firms": len(members)},
                       rose=lately)  # fmt: skip


def _usual(fresh: Int, firms: int, change: ChangeRule) -> float:
    """Return the new orange firms of a week in control."""
    if change.rate is not None:
        return firms * int(change.rate) / 1e6
    return float(fresh[: change.baseline].mean())


def _rises(fresh: Int, firms: int, change: ChangeRule) -> Bool:
    """Tell in which weeks an adaptive window finds that the share of new orange firms rose.

    It sees every firm of every week, 1 if newly orange; the ones of a week stand at equal
    distances, so that no order of firms matters.
    """
    seen = np.zeros((len(fresh), firms))
    for week, count in zip(seen, fresh.tolist(), strict=True):
        week[(2 * np.arange(count) + 1) * firms // (2 * max(count, 1))] = 1
    least = change.least_weeks * firms
    cut = adwin(seen.ravel(), change.delta, least, adwin_state()) > 0
    return np.asarray(cut.reshape(seen.shape).any(axis=1))


def _spread(level: Int) -> Int:
    return np.bincount(level.ravel(), minlength=1 + len(LEVELS))


def _row(
    name: str, day: int, value: float, moved: float, change: ChangeRule,
    counts: dict[str, float], *, rose: bool,
) -> _Row:  # fmt: skip
    """Grade what was found of one week."""
    marks = change.thresholds()
    passed = sum(value > m for m in marks)
    drifts = moved > int(change.psi) / 1e6
    reasons = [("watch.cusum", round(value * 100))]
    reasons += [("watch.psi", round(moved * 100))] * drifts + [("watch.adwin", 0)] * rose
    level = max(passed, int(drifts or rose))
    threshold = marks[max(passed, 1) - 1] if level == passed else None
    evidence = {**counts, "cusum": value, "psi": moved}
    return _Row(name, day, LEVELS[level - 1] if level else None, value, threshold, evidence,
                reasons)  # fmt: skip
