"""How far regions stand apart: Theil's T and L within and between groups, and Gini."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.kernels.inequality import Parts, gini, theil_l, theil_t
from liandong.schema.provinces import PROVINCES
from liandong.step import Rule, Tables, fold, output


class GapRule(Rule):
    """What is compared.

    Attributes
    ----------
    numerator, denominator
        Measures of ``region_stat``: what there is, and among how many people.
    level
        Level of the regions that are compared.
    """

    numerator: str = "gdp"
    denominator: str = "population"
    level: Literal["province", "city", "county"] = "province"


class _Case(NamedTuple):
    """One period in one vintage: regions in order of code, with what there is and how many."""

    period: str
    vintage: str
    regions: list[str]
    x: list[float]
    w: list[float]


@fold(reads=("region_stat", "region"), writes=("gap",), rule=GapRule)
def gap(tables: Tables, rule: GapRule) -> Tables:
    """Measure the regional gap for each period and vintage, people counting equally.

    Parts are ``total``, ``between`` (the belts of the National Bureau of Statistics), ``within``,
    and ``within.BELT`` for each belt; Gini has only a total. Regions of which one of the two
    measures is absent do not take part; ``regions`` says how many do. Figures of different
    vintages are never mixed within one measure: people are taken from the vintage of the
    numerator, or else from the latest vintage that has the period, which is then named too.

    Raises
    ------
    DataError
        If a measure comes in different units in one vintage of one period.
    """
    belts = _belts(tables["region"], rule.level)
    rows = [
        row for case in _cases(tables["region_stat"], belts, rule) for row in _measure(case, belts)
    ]
    names = ("period", "vintage", "index", "part", "value", "regions")
    columns: dict[str, object] = {n: [r[n] for r in rows] for n in names}
    label = f"{rule.numerator}_per_{rule.denominator}"
    return output("gap", measure=[label] * len(rows), **columns)


def _belts(region: pa.Table, level: str) -> dict[str, str]:
    """Return the belt of each region of the level; the official provinces if none are given."""
    if not len(region):
        return {p.adcode: p.belt for p in PROVINCES}
    chosen = region.filter(pc.equal(region["level"], level))
    pairs = zip(chosen["region_id"].to_pylist(), chosen["belt"].to_pylist(), strict=True)
    return {code: belt or "other" for code, belt in pairs}


def _cases(stat: pa.Table, belts: dict[str, str], rule: GapRule) -> Iterator[_Case]:
    held = {m: _figures(stat, m, belts) for m in (rule.numerator, rule.denominator)}
    people = held[rule.denominator]
    for (period, vintage), x in sorted(held[rule.numerator].items()):
        others = [v for p, v in people if p == period]
        if not others:
            continue
        other = vintage if vintage in others else max(others)
        w = people[period, other]
        regions = sorted(r for r in x if r in w and x[r] >= 0 and w[r] > 0)
        if regions:
            label = vintage if other == vintage else f"{vintage} / {other}"
            yield _Case(period, label, regions, [x[r] for r in regions], [w[r] for r in regions])


def _figures(
    stat: pa.Table, measure: str, belts: dict[str, str]
) -> dict[tuple[str, str], dict[str, float]]:
    """Return value by region, by (period, vintage), of one measure."""
    chosen = stat.filter(pc.equal(stat["measure"], measure))
    found: dict[tuple[str, str], dict[str, float]] = {}
    units: dict[tuple[str, str], str] = {}
    for r in chosen.to_pylist():
        key = (r["period"], r["vintage"])
        if r["region_id"] not in belts:
            continue
        if units.setdefault(key, r["unit"]) != r["unit"]:
            raise DataError(
                file="region_stat",
                what=f"{measure} of {r['period']} comes in {units[key]} and in {r['unit']}",
                remedy="Load it in one unit, or give the other one a vintage of its own.",
            )
        found.setdefault(key, {})[r["region_id"]] = r["value"]
    return found


def _measure(case: _Case, belts: dict[str, str]) -> Iterator[dict[str, Any]]:
    x, w = np.array(case.x), np.array(case.w)
    named = sorted({belts[r] for r in case.regions})
    group = np.array([named.index(belts[r]) for r in case.regions])
    head = {"period": case.period, "vintage": case.vintage, "regions": len(case.regions)}
    if not x.sum() > 0:
        return
    for index, measure in (("theil_t", theil_t), ("theil_l", theil_l)):
        for part, value in _named(measure(x, w, group, len(named)), named):
            yield {**head, "index": index, "part": part, "value": _defined(value)}
    yield {**head, "index": "gini", "part": "total", "value": _defined(gini(x, w))}


def _named(parts: Parts, belts: list[str]) -> Iterator[tuple[str, float]]:
    yield "total", parts.total
    yield "between", parts.between
    yield "within", parts.total - parts.between
    for belt, value in zip(belts, parts.within, strict=True):
        yield f"within.{belt}", float(value)


def _defined(value: float) -> float | None:
    """Return None for what is undefined: a gap in the table, never a made-up number."""
    return None if np.isnan(value) else float(value)
