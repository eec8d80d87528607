"""The course of case figures: year on year, trend and season, and months that stand out."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import pi, sqrt
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field

from liandong.govern.flags.calendar import HOLIDAY, UNKNOWN, kinds
from liandong.govern.statistics.figures import (
    WHOLE,
    Counts,
    Figures,
    columns_of,
    differs,
    read_figures,
    summed,
)
from liandong.kernels.statistics.seasonal import Parts, decompose, spread
from liandong.schema.arrow import build
from liandong.schema.tables import table
from liandong.schema.tables.statistics import ALL_KINDS, ALL_LEVELS, FIGURES, KINDS, LEVELS
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list

Float = NDArray[np.float64]
Row = dict[str, Any]
YEAR = 12
LEAST = 2 * YEAR
"""Months without a gap that a season takes: fewer do not tell it from chance."""


class CaseSeriesRule(Rule):
    """Which figures, and what counts as odd.

    Attributes
    ----------
    source
        What was reported, or the board's own closed cases: never both together.
    as_known
        Only reports of this vintage or an earlier one; empty takes all.
    detailed
        Regions whose types and levels have series, too; by default only those of the whole have.
    model
        How trend and season go together; by default they multiply where no month is 0.
    z
        Half the width of the interval of a month, in hundredths of standard deviations.
    """

    source: Literal["reported", "own"] = "reported"
    as_known: str = ""
    detailed: tuple[str, ...] = ()
    model: Literal["by_data", "multiplicative", "additive"] = "by_data"
    z: int = Field(default=300, ge=100, le=1_000)


class _Series(NamedTuple):
    """Months of one region, type and level: counts, how many regions told, out of how many."""

    region: str
    kind: str
    level: str
    counts: list[Counts | None]
    partial: list[bool]
    reasons: list[tuple[str, int]]


@fold(
    reads=("case_report", "case_tally"),
    writes=("case_month", "case_series"),
    rule=CaseSeriesRule,
    part=("source",),
)
def case_series(tables: Tables, rule: CaseSeriesRule) -> Tables:
    """Take the monthly figures of each region, type and level apart into trend, season and rest.

    There is a series for the whole and for each region, and for each type and level of the whole
    and of the regions that are ``detailed``. The whole is what the country reported, or the sum of
    the regions on top; a month in which some of them told nothing is ``partial`` and takes no part.
    The last stretch without a gap that has two full years is taken apart by moving averages;
    otherwise ``verdict`` says why not. A month outside of its interval is odd. January and February
    are judged together, as the Spring Festival falls in one or the other.
    """
    figures = read_figures(tables, rule.source, rule.as_known)
    months, series = [], []
    days = [_festival(m) for m in figures.months]
    for s in _series(figures, rule.detailed):
        for at, figure in enumerate(FIGURES):
            values = [None if c is None else c[at] for c in s.counts]
            own = {"source": rule.source, "figure": figure, "region_id": s.region, "kind": s.kind,
                   "level": s.level}  # fmt: skip
            told, whole = _told(values, s, figures.months, days, rule)
            months += [{**own, **r} for r in told]
            series.append({**own, **whole})
    return {n: _built(n, r) for n, r in (("case_month", months), ("case_series", series))}


def _built(name: str, rows: list[Row]) -> pa.Table:
    found = columns_of(rows, table(name).names)
    return build(name, {**found, "reasons": reason_list(found["reasons"])})  # type: ignore[arg-type]


def _series(figures: Figures, detailed: Sequence[str]) -> Iterator[_Series]:
    """Give the series: the whole and each region, with types and levels where wanted."""
    if not figures.cells:
        return
    told = {n for cells in figures.cells.values() for key in cells for n in key}
    cuts = [(ALL_KINDS, ALL_LEVELS), *((k, ALL_LEVELS) for k in KINDS[1:] if k in told),
            *((ALL_KINDS, lv) for lv in LEVELS[1:] if lv in told)]  # fmt: skip
    for kind, level in cuts:
        yield _whole(figures, kind, level)
    for region in figures.regions:
        for kind, level in cuts if region in detailed else cuts[:1]:
            if region != WHOLE:
                yield _one(figures, region, kind, level)


def _one(figures: Figures, region: str, kind: str, level: str) -> _Series:
    counts = [figures.counts(region, m, kind, level) for m in figures.months]
    off = sum(differs(cells) for (r, _), cells in figures.cells.items() if r == region)
    told = (("cases.revised", figures.revised.get(region, 0)), ("cases.totals_differ", off))
    reasons = [(code, k) for code, k in told if k]
    return _Series(region, kind, level, counts, [False] * len(counts), reasons)


def _whole(figures: Figures, kind: str, level: str) -> _Series:
    parts = [_one(figures, r, kind, level) for r in figures.parts]
    counts, partial = [], []
    for column in zip(*(p.counts for p in parts), strict=True):
        told = [c for c in column if c is not None]
        counts.append(summed(told) if told else None)
        partial.append(0 < len(told) < len(parts))
    sums = {"cases.regions": len(parts)} if len(parts) > 1 else {}
    for code, n in (r for p in parts for r in p.reasons):
        sums[code] = sums.get(code, 0) + n
    return _Series(WHOLE, kind, level, counts, partial, list(sums.items()))


def _told(
    values: list[int | None], s: _Series, names: list[str], days: list[int | None],
    rule: CaseSeriesRule,
) -> tuple[list[Row], Row]:  # fmt: skip
    """Return the rows of the months of a series, and of the series."""
    good = [v is not None and not p for v, p in zip(values, s.partial, strict=True)]
    begin, end = _stretch(good)
    missing = good.count(False)
    verdict = "decomposed" if end - begin >= LEAST else "broken" if missing else "short"
    rows = [_month(k, values, good, s, names, days) for k in range(len(names))]
    model = None
    if verdict == "decomposed":
        stretch = np.array(values[begin:end], np.float64)
        model = _model(stretch, rule)
        _take_apart(
            rows[begin:end], stretch, multiplicative=model == "multiplicative", z=rule.z / 100
        )
    last, before = (_sum(values, good, n) for n in (0, YEAR))
    why = {"broken": [("cases.broken", end - begin)], "short": [("cases.short", len(good))],
           "decomposed": [("cases.decomposed", end - begin)]}[verdict]  # fmt: skip
    for k, r in enumerate(rows):
        if good[k] and "expected" not in r:
            r["reasons"].append(("cases.not_judged", 0))
    return rows, {
        "first": names[0], "last": names[-1], "months": len(names), "missing": missing,
        "verdict": verdict, "model": model, "outliers": sum(r["outlier"] for r in rows),
        "year": last, "year_on_year": _change(last, before),
        "reasons": [*why, *([("cases.missing", missing)] if missing else []), *s.reasons],
    }  # fmt: skip


def _stretch(good: list[bool]) -> tuple[int, int]:
    """Return from where to where months are without a gap: the last stretch that is long enough.

    Where none is, the longest one.
    """
    ends = [k for k, ok in enumerate([*good, False]) if not ok]
    found = list(zip([0, *(k + 1 for k in ends)], ends, strict=False))
    enough = [f for f in found if f[1] - f[0] >= LEAST]
    return enough[-1] if enough else max(found, key=lambda f: f[1] - f[0])


def _month(
    k: int, values: list[int | None], good: list[bool], s: _Series, names: list[str],
    days: list[int | None],
) -> Row:  # fmt: skip
    """Return what is known of a month before the series is taken apart."""
    past = k - YEAR
    comparable = past >= 0 and good[k] and good[past]
    why = [] if good[k] else ["cases.absent" if values[k] is None else "cases.partial"]
    row: Row = {
        "month": names[k], "value": values[k], "festival": days[k], "outlier": False,
        "status": "absent" if values[k] is None else "partial" if s.partial[k] else "whole",
        "year_on_year": _change(values[k], values[past]) if comparable else None,
        "reasons": [(code, 0) for code in why],
    }  # fmt: skip
    here, then = days[k], days[past] if past >= 0 else None
    if comparable and here is not None and then is not None and here != then:
        row["reasons"].append(("cases.festival", here))
        row["reasons"] += _together(k, values, good, names)
    return row


def _together(
    k: int, values: list[int | None], good: list[bool], names: list[str]
) -> list[tuple[str, int]]:
    """Return the change of January and February together, as the statistics bureau compares."""
    pair = [k, k + 1] if names[k].endswith("-01") else [k - 1, k]
    at = [*pair, *(n - YEAR for n in pair)]
    if min(at) < 0 or max(at) >= len(values) or not all(good[n] for n in at):
        return []
    now, then = (sum(values[n] or 0 for n in two) for two in (at[:2], at[2:]))
    change = _change(now, then)
    return [] if change is None else [("cases.together", round(1e6 * change))]


class _Course(NamedTuple):
    """A series taken apart, with the interval of each month."""

    parts: Parts
    expected: Float
    low: Float
    high: Float


def _take_apart(rows: list[Row], values: Float, *, multiplicative: bool, z: float) -> None:
    """Add trend, season and interval to the months, and say which are odd."""
    pairs = [_pair(rows, k) for k in range(len(rows))]
    course = _settled(values, pairs, multiplicative=multiplicative, z=z)
    for k, r in enumerate(rows):
        r |= {"trend": float(course.parts.trend[k]), "season": float(course.parts.season[k]),
              "expected": float(course.expected[k]), "low": float(course.low[k]),
              "high": float(course.high[k])}  # fmt: skip
        off = _off(values, course, pairs[k])
        if not off:
            r["reasons"].append(("cases.within", round(float(course.expected[k]))))
        else:
            more = values[pairs[k]].sum() - course.expected[pairs[k]].sum()
            r["outlier"] = True
            r["reasons"].append(("cases.high" if off > 0 else "cases.low", round(float(more))))
        if not YEAR // 2 <= k < len(rows) - YEAR // 2:
            r["reasons"].append(("cases.trend_continued", 0))


def _settled(values: Float, pairs: list[list[int]], *, multiplicative: bool, z: float) -> _Course:
    """Take a series apart; odd months, the oddest first, give way to what was expected of them.

    Otherwise an odd month would bend the trend around itself, and its neighbours would look odd.
    """
    clean = values.copy()
    course = _course(clean, multiplicative=multiplicative, z=z)
    for _ in range(len(values) // 6):
        off = [abs(_off(values, course, p)) if clean[k] == values[k] else 0.0
               for k, p in enumerate(pairs)]  # fmt: skip
        oddest = int(np.argmax(off))
        if not off[oddest]:
            break
        clean[pairs[oddest]] = course.expected[pairs[oddest]]
        course = _course(clean, multiplicative=multiplicative, z=z)
    return course


def _course(values: Float, *, multiplicative: bool, z: float) -> _Course:
    parts = decompose(values, YEAR, multiplicative=multiplicative, robust=True)
    expected = parts.trend * parts.season if multiplicative else parts.trend + parts.season
    # Never surer than chance allows: a count of n is uncertain by its square root. What is expected
    # is uncertain, too: the trend as the mean of a year, the season as a median over the years.
    more = sqrt(1 + 1 / YEAR + pi / 2 * YEAR / (len(values) - YEAR))
    chance = more * np.sqrt(np.maximum(expected, 1.0))
    if multiplicative:
        wide = np.maximum(more * spread(np.log(parts.rest)), chance / np.maximum(expected, 1.0))
        low, high = expected * np.exp(-z * wide), expected * np.exp(z * wide)
    else:
        wide = np.maximum(more * spread(parts.rest), chance)
        low, high = expected - z * wide, expected + z * wide
    return _Course(parts, expected, np.maximum(low, 0.0), np.maximum(high, 0.0))


def _off(values: Float, course: _Course, at: list[int]) -> float:
    """Return how far months together lie outside of their interval, in its halves; 0 within it."""
    value, middle, low, high = (
        float(x[at].sum()) for x in (values, course.expected, course.low, course.high)
    )
    if low <= value <= high:
        return 0.0
    return (value - middle) / max(high - middle if value > high else middle - low, 1e-9)


def _pair(rows: list[Row], k: int) -> list[int]:
    """Return the months judged with one: January with February where both are there."""
    other = {"01": k + 1, "02": k - 1}.get(rows[k]["month"][5:], k)
    return sorted({k, other}) if 0 <= other < len(rows) else [k]


def _model(values: Float, rule: CaseSeriesRule) -> str:
    if rule.model == "additive" or values.min() <= 0:
        return "additive"
    return "multiplicative"


def _sum(values: list[int | None], good: list[bool], before: int) -> float | None:
    end = len(values) - before
    span = range(end - YEAR, end)
    return (
        float(sum(values[k] or 0 for k in span))
        if end >= YEAR and all(good[k] for k in span)
        else None
    )


def _change(now: float | None, then: float | None) -> float | None:
    return None if now is None or not then else now / then - 1


def _festival(month: str) -> int | None:
    """Return how many days of the Spring Festival's holiday lie in a month; None if not known."""
    year, number = int(month[:4]), int(month[5:])
    if number not in {1, 2}:
        return 0
    # From 15 January on: the days off before belong to the New Year.
    first = (date(year, number, 15 if number == 1 else 1) - date(1970, 1, 1)).days
    past = (date(year, number + 1, 1) - date(1970, 1, 1)).days
    found = kinds(np.arange(first, past))
    return None if (found == UNKNOWN).any() else int((found == HOLIDAY).sum())
