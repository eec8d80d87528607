"""Regions compared by their case figures, so that chance is not taken for a difference."""

from math import sqrt
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from liandong.errors import DataError
from liandong.govern.statistics.figures import (
    WHOLE,
    Figures,
    columns_of,
    margin,
    month_range,
    read_figures,
)
from liandong.kernels.statistics.distributions import normal_quantile, normal_two_sided
from liandong.kernels.statistics.intervals import wilson
from liandong.kernels.statistics.poisson import (
    false_discovery,
    garwood,
    overdispersion,
    poisson_limits,
    poisson_two_sided,
)
from liandong.schema.arrow import build, empty
from liandong.schema.tables import table
from liandong.schema.tables.statistics import ALL_KINDS, ALL_LEVELS, FIGURES, KINDS
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list
from liandong.texts import both
from liandong.types import PPM, Rate

Row = dict[str, Any]
_ByKind = dict[str, dict[str, float]]
"""By region and type."""
YEAR = 12
_REASONS = {"above": "cases.region_above", "below": "cases.region_below",
            "usual": "cases.region_usual"}  # fmt: skip
_HIDDEN = ("count", "rate", "low", "high", "ratio", "ratio_low", "ratio_high", "p", "q")


class CaseRegionsRule(Rule):
    """What is compared, over which months, and how sure one wants to be.

    Attributes
    ----------
    source, as_known
        As for ``govern.case_series``.
    figure
        What is counted.
    base
        What it is held against: people, firms of the board, or the region's own problems or people
        handled. Only the latter two are counted by type of problem, so only there is the ratio to
        the whole standardised.
    level
        Level of the regions.
    first, last
        Months; by default the last twelve.
    per
        The rate is for so many of the base.
    confidence
        Of the intervals and of the limits of the funnel.
    least
        With fewer expected a region is not judged.
    hide
        Whether counts below ``least`` are left out altogether, for publication.
    wider
        Whether limits and tests allow for regions that all differ more than by chance.
    q
        The share of false ones that may be among all regions found to be different.
    """

    source: Literal["reported", "own"] = "reported"
    as_known: str = ""
    figure: Literal["problems", "handled", "sanctioned"] = "problems"
    base: Literal["population", "firms", "problems", "handled"] = "population"
    level: Literal["province", "city", "county"] = "province"
    first: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")
    last: str = Field(default="", pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")
    per: int = Field(default=10_000, ge=1)
    confidence: Rate = Field(default=Rate.parse("95%"), ge=500_000, lt=1_000_000)
    least: int = Field(default=5, ge=1)
    hide: bool = False
    wider: bool = True
    q: Rate = Field(default=Rate.parse("5%"), gt=0, lt=1_000_000)


class _Region(NamedTuple):
    """A region with what is counted in it, its base, and what one expects of that base."""

    name: str
    cases: int
    size: float
    expected: float
    missing: int


@fold(
    reads=("case_report", "case_tally", "region_stat", "party"),
    writes=("case_region",),
    rule=CaseRegionsRule,
    part=("source", "figure", "base"),
)
def case_regions(tables: Tables, rule: CaseRegionsRule) -> Tables:
    """Compare the rates of regions with exact intervals, a funnel, and one test for all of them.

    The interval of a rate is Garwood's, or Wilson's where the count is a part of the base. The
    ratio to the whole is what was counted over what the whole's rates, type by type where the base
    has types, let one expect. A region is ``above`` or ``below`` if its p-value, adjusted by
    Benjamini and Hochberg over all regions that are judged, is at most ``q``; with few cases it is
    not judged. The limits of the funnel are where chance would leave the ratio; where all regions
    differ more than by chance, limits and tests are wider by as much.

    Raises
    ------
    DataError
        If the base is not known of any region that has figures.
    """
    figures = read_figures(tables, rule.source, rule.as_known)
    names = _of_level(figures, rule.level)
    if not names:
        return {"case_region": empty("case_region")}
    last = rule.last or figures.months[-1]
    span = month_range(rule.first or figures.months[0], last)
    span = span if rule.first else span[-YEAR:]
    found = _regions(figures, names, span, tables, rule)
    rows = [_row(r, rule) for r in found]
    _judge(rows, rule)
    own = {"source": rule.source, "figure": rule.figure, "base": rule.base,
           "first": span[0], "last": span[-1]}  # fmt: skip
    return {"case_region": _built([{**own, **r} for r in rows])}


def _built(rows: list[Row]) -> pa.Table:
    found = columns_of(rows, table("case_region").names)
    return build("case_region", {**found, "reasons": reason_list(found["reasons"])})  # type: ignore[arg-type]


def _of_level(figures: Figures, level: str) -> list[str]:
    """Return the regions of a level that have figures: by the end of their codes."""
    return [r for r in figures.regions if r != WHOLE and _level(r) == level]


def _level(region: str) -> str:
    return "province" if region.endswith("0000") else "city" if region.endswith("00") else "county"


def _regions(
    figures: Figures, names: list[str], span: list[str], tables: Tables, rule: CaseRegionsRule
) -> list[_Region]:
    counted = _by_kind(figures, names, span, rule.figure)
    missing = {r: sum(figures.reported and (r, m) not in figures.cells for m in span)
               for r in names}  # fmt: skip
    if rule.base in FIGURES:
        base = _by_kind(figures, names, span, rule.base)
    else:
        sizes = _people(tables, span[-1]) if rule.base == "population" else _firms(tables, rule)
        # Of a month that was not reported nobody is counted, neither cases nor people.
        told = {r: 1 - missing[r] / len(span) for r in names}
        base = {r: {ALL_KINDS: sizes[r] * told[r]} for r in names if sizes.get(r) and told[r]}
    if not base:
        what, remedy = both("fault.no_base"), both("advice.no_base")
        raise DataError(file="case_region", what=what, remedy=remedy)
    if any(parts.keys() != {*KINDS[1:]} for of in (counted, base) for parts in of.values()):
        counted, base = ({r: {ALL_KINDS: sum(p.values())} for r, p in of.items()}
                         for of in (counted, base))  # fmt: skip
    rates = _rates({r: counted[r] for r in base}, base)
    return [
        _Region(
            r, round(sum(counted[r].values())), sum(base[r].values()),
            sum(rates[k] * n for k, n in base[r].items()),
            missing[r],
        )
        for r in sorted(base)
    ]  # fmt: skip


def _by_kind(figures: Figures, names: list[str], span: list[str], figure: str) -> _ByKind:
    """Return the sums over months by type, or the total where the types do not make it up."""
    at, found = FIGURES.index(figure), {}
    for r in names:
        told = [figures.cells[r, m] for m in span if (r, m) in figures.cells]
        sums = {k: float(sum(margin(c, k, ALL_LEVELS)[at] for c in told)) for k in KINDS}
        total = sums.pop(ALL_KINDS)
        found[r] = sums if sum(sums.values()) == total else {ALL_KINDS: total}
    return found


def _rates(counted: _ByKind, base: _ByKind) -> dict[str, float]:
    """Return the rate of the whole for each type."""
    kinds = {k for parts in base.values() for k in parts}
    count, size = (
        {k: sum(parts.get(k, 0.0) for parts in of.values()) for k in kinds}
        for of in (counted, base)
    )
    return {k: count[k] / size[k] if size[k] else 0.0 for k in kinds}


def _people(tables: Tables, last: str) -> dict[str, float]:
    """Return the people of regions in the newest year that is not after the last month."""
    stat = tables["region_stat"].filter(pc.equal(tables["region_stat"]["measure"], "population"))
    found: dict[str, tuple[tuple[str, str], float]] = {}
    for r in stat.to_pylist():
        at = (r["period"], r["vintage"])
        if r["period"][:4] <= last[:4] and at >= found.get(r["region_id"], (("", ""), 0.0))[0]:
            tens = 10_000 if r["unit"].startswith(("10,000", "万")) else 1
            found[r["region_id"]] = at, r["value"] * tens
    return {r: size for r, (_, size) in found.items()}


def _firms(tables: Tables, rule: CaseRegionsRule) -> dict[str, float]:
    digits = {"province": 2, "city": 4, "county": 6}[rule.level]
    firms = tables["party"].filter(pc.equal(tables["party"]["kind"], "firm"))
    found: dict[str, float] = {}
    for place in firms["region_id"].drop_null().to_pylist():
        own = place[:digits].ljust(6, "0")
        found[own] = found.get(own, 0.0) + 1
    return found


def _row(r: _Region, rule: CaseRegionsRule) -> Row:
    level = int(rule.confidence) / PPM
    low, high = garwood(r.cases, level)
    limits = poisson_limits(r.expected, level)
    per = rule.per / r.size
    if rule.base in FIGURES and r.cases <= r.size:
        z = float(normal_quantile(np.array([(1 + level) / 2]))[0])
        share = wilson(r.cases, round(r.size), z)[1:]
        rates = [None if s is None else s * rule.per for s in share]
    else:
        rates = [low * per, high * per]
    over = [None if not r.expected else v / r.expected for v in (r.cases, low, high, *limits)]
    names = ("ratio", "ratio_low", "ratio_high", "funnel_low", "funnel_high")
    return {
        "region_id": r.name, "count": r.cases, "size": r.size, "rate": r.cases * per,
        "low": rates[0], "high": rates[1], "expected": r.expected,
        **dict(zip(names, over, strict=True)), "p": poisson_two_sided(r.cases, r.expected),
        "reasons": [("cases.missing", r.missing)] if r.missing else [],
    }  # fmt: skip


def _judge(rows: list[Row], rule: CaseRegionsRule) -> None:
    """Say which regions differ from the whole, after a look at all of them together."""
    judged = [r for r in rows if r["expected"] >= rule.least]
    counts, means = (np.array([r[n] for r in judged], np.float64) for n in ("count", "expected"))
    much = overdispersion(counts, means) if rule.wider else 1.0
    for r in judged:
        if much > 1:
            r["p"] = normal_two_sided(2 * (sqrt(r["count"]) - sqrt(r["expected"])) / sqrt(much))
            for n in ("funnel_low", "funnel_high"):
                r[n] = max(1 + (r[n] - 1) * sqrt(much), 0.0)
            r["reasons"].append(("cases.dispersion", round(100 * much)))
    adjusted = false_discovery(np.array([r["p"] for r in judged]))
    for r, q in zip(judged, adjusted.tolist(), strict=True):
        far = q <= int(rule.q) / PPM
        r |= {"q": q, "verdict": "usual" if not far else "above" if r["ratio"] > 1 else "below"}
        r["reasons"].insert(0, (_REASONS[r["verdict"]], round(PPM * r["ratio"])))
    code = "cases.standardised" if rule.base in FIGURES else "cases.not_standardised"
    for r in rows:
        r["reasons"].append((code, 0))
        if r["expected"] < rule.least:
            r.update({"q": None, "p": None, "verdict": "few"})
            r["reasons"].insert(0, ("cases.region_few", rule.least))
        if rule.hide and r["count"] < rule.least:
            r.update(dict.fromkeys(_HIDDEN))
            r["reasons"].append(("cases.hidden", rule.least))
