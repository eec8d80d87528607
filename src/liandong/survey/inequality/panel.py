"""What the survey compares: figures a head by period and vintage, and regions through time."""

from datetime import date
from itertools import groupby
from typing import Annotated, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field

from liandong.schema.provinces import PROVINCES
from liandong.step import Rule, Tables
from liandong.survey.checks import known_name, one_unit
from liandong.survey.inequality.align import aligned

Float = NDArray[np.float64]
Told = list[tuple[str, int]]
"""Remarks: (code, points)."""
Figures = dict[tuple[str, str], dict[str, tuple[float, int]]]
"""Value and apportioned share by region, by period and vintage, of one measure."""

READS = ("region_stat", "region", "region_change")
NAMED = 5
"""Regions that a remark names one by one; of more it says how many."""
OTHER = "other"


class RegionalRule(Rule):
    """What is compared.

    Attributes
    ----------
    numerator, denominator
        Measures of ``region_stat``: what regions have, and how many share it.
    level
        Level of the regions that are compared.
    groups
        What they are grouped by: the belts, or the provinces they lie in.
    on
        The division of this day; None, the newest that is known (see ``survey.align``).
    seed
        Of all that is drawn by chance.
    draws
        Samples or permutations behind intervals and p-values; 0 for none.
    """

    numerator: str = "gdp"
    denominator: str = "population"
    level: Literal["province", "city", "county"] = "province"
    groups: Literal["belt", "province"] = "belt"
    on: date | None = None
    seed: int = 1
    draws: Annotated[int, Field(ge=0)] = 999

    @property
    def measure(self) -> str:
        """Name of what is compared."""
        return f"{self.numerator}_per_{self.denominator}"


class Case(NamedTuple):
    """One period of one vintage.

    Attributes
    ----------
    vintage, label
        Of the numerator, and with that of the denominator where that is another one.
    regions
        Those that have both measures, in order.
    income, people
        Shape (regions,).
    told
        What is remarkable: who is left out, and what was apportioned.
    """

    period: str
    vintage: str
    label: str
    regions: tuple[str, ...]
    income: Float
    people: Float
    told: Told

    @property
    def head(self) -> Float:
        """What each region has a head; nan without people, or beyond all numbers."""
        with np.errstate(all="ignore"):
            found = np.where(self.people > 0, self.income / self.people, np.nan)
        return np.where(np.isfinite(found), found, np.nan)


class Panel(NamedTuple):
    """The same regions in several years of one vintage.

    Attributes
    ----------
    label
        The vintage, with those of the denominator.
    periods, years
        Shape (periods,), as they are called and as numbers.
    regions
        In order.
    values
        Shape (regions, periods), above 0.
    told
        Which regions and periods are left out.
    """

    label: str
    periods: list[str]
    years: Float
    regions: list[str]
    values: Float
    told: Told


def named(code: str, regions: list[str]) -> Told:
    """Return remarks that name regions, the first few of them and how many more there are."""
    more = len(regions) - NAMED
    told = [(f"{code}({r})", 0) for r in regions[:NAMED]]
    return [*told, ("gap.more", more)] if more > 0 else told


def places(region: pa.Table, rule: RegionalRule) -> dict[str, str]:
    """Return the group of each region of the level; without table ``region``, the provinces."""
    belts: dict[str, str] = {p.adcode: p.belt for p in PROVINCES}
    mine = list(belts)
    if len(region):
        rows = region.select(["region_id", "level", "belt"]).to_pylist()
        belts |= {r["region_id"]: r["belt"] for r in rows if r["belt"]}
        mine = sorted(r["region_id"] for r in rows if r["level"] == rule.level)
    if rule.groups == "province":
        return {r: province(r) for r in mine}
    return {r: belts.get(r) or belts.get(province(r), OTHER) for r in mine}


def province(adcode: str) -> str:
    """Return the province that a region lies in."""
    return f"{adcode[:2]}0000"


def cases(tables: Tables, rule: RegionalRule, chosen: dict[str, str]) -> list[Case]:
    """Return what is compared, by period and vintage.

    Every period and vintage of the numerator stands alone. The denominator is of the same vintage,
    or else of the last one that has the period.

    Raises
    ------
    DataError
        If a measure comes in several units in one vintage of one period.
    NotFoundError
        If there are statistics, but none of a measure.
    """
    stat = aligned(tables, rule.on, (rule.numerator, rule.denominator)).stat
    had, shared = (_figures(stat, m, chosen) for m in (rule.numerator, rule.denominator))
    for measure in (rule.numerator, rule.denominator):
        known_name("kind.measure", measure, tables["region_stat"]["measure"])
    ever: dict[str, set[str]] = {}
    for (_, vintage), income in had.items():
        ever[vintage] = ever.get(vintage, set()) | income.keys()
    found = []
    for (period, vintage), income in sorted(had.items()):
        others = [v for p, v in shared if p == period]
        other = vintage if vintage in others else max(others, default="")
        people = shared.get((period, other), {})
        regions = tuple(sorted(income.keys() & people.keys()))
        if not regions:
            continue
        lost = sorted((ever[vintage] | people.keys()) - set(regions))
        found.append(Case(
            period, vintage, vintage if other == vintage else f"{vintage} / {other}", regions,
            np.array([income[r][0] for r in regions]), np.array([people[r][0] for r in regions]),
            [*named("gap.left_out", lost), *_apportioned(income, regions)],
        ))  # fmt: skip
    return found


def _apportioned(income: dict[str, tuple[float, int]], regions: tuple[str, ...]) -> Told:
    whole = sum(abs(income[r][0]) for r in regions)
    moved = sum(abs(income[r][0]) * income[r][1] for r in regions)
    return [("gap.apportioned", 100 * round(moved / whole / 100))] if moved and whole else []


def _figures(stat: pa.Table, measure: str, chosen: dict[str, str]) -> Figures:
    """Return the values of one measure in the regions that are compared."""
    here = pc.is_in(stat["region_id"], value_set=pa.array(list(chosen), pa.string()))
    mine = stat.filter(pc.and_(here, pc.equal(stat["measure"], measure)))
    groups = mine.group_by(["period", "vintage"]).aggregate([("unit", "distinct")])
    for case in groups.sort_by([("period", "ascending"), ("vintage", "ascending")]).to_pylist():
        one_unit("region_stat", measure, case["period"], case["unit_distinct"])
    found: Figures = {}
    columns = ("period", "vintage", "region_id", "value", "apportioned")
    for period, vintage, region, value, part in zip(
        *(mine[c].to_pylist() for c in columns), strict=True
    ):
        found.setdefault((period, vintage), {})[region] = (value, part)
    return found


def panels(found: list[Case], *, even: bool = False) -> list[Panel]:
    """Return the regions that have a figure above 0 in every year, by vintage.

    Parameters
    ----------
    found
        As :func:`cases` gives them.
    even
        Keep only the longest run of years that are equally far apart.

    Returns
    -------
    list of Panel
        Periods that are no years are left out; regions and years left out are named. A year that
        a region misses is never filled in.
    """
    made = []
    for _, of in groupby(sorted(found, key=lambda c: (c.vintage, c.period)), lambda c: c.vintage):
        mine = list(of)
        yearly = [c for c in mine if len(c.period) == 4 and c.period.isdigit()]
        kept = _even(yearly) if even else yearly
        if kept:
            lost = len(mine) - len(yearly)
            told: Told = [("panel.not_yearly", lost)] if lost else []
            told += [("panel.year_out", int(c.period)) for c in yearly if c not in kept]
            made.append(_panel(kept, told))
    return made


def _even(yearly: list[Case]) -> list[Case]:
    """Return the longest run of years equally far apart, the last of several."""
    best, start = (0, 0), 0
    years = [int(c.period) for c in yearly]
    for i in range(1, len(years) + 1):
        if i == len(years) or (
            i - start > 1 and years[i] - years[i - 1] != years[start + 1] - years[start]
        ):
            best = max(best, (i - start, start))
            start = i - 1
    return yearly[best[1] : best[1] + best[0]]


def _panel(mine: list[Case], told: Told) -> Panel:
    values = [dict(zip(c.regions, zip(c.income, c.people, strict=True), strict=True)) for c in mine]
    every = set().union(*values)
    full = sorted(r for r in every if all(r in v for v in values))
    good = [r for r in full if all(v[r][0] > 0 and v[r][1] > 0 for v in values)]
    told = [
        *told,
        *named("panel.misses", sorted(every - set(full))),
        *named("panel.not_positive", sorted(set(full) - set(good))),
    ]
    moved = max((p for c in mine for code, p in c.told if code == "gap.apportioned"), default=0)
    if moved:
        told.append(("gap.apportioned", moved))
    vintage = mine[0].vintage
    others = sorted({c.label.removeprefix(vintage).removeprefix(" / ") for c in mine} - {""})
    table = np.array([[v[r][0] / v[r][1] for v in values] for r in good])
    return Panel(
        " / ".join([vintage, *others]), [c.period for c in mine],
        np.array([float(c.period) for c in mine]), good, table.reshape(len(good), len(mine)), told,
    )  # fmt: skip
