"""How far apart regions are, between belts and within them."""

from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.errors import DataError
from liandong.kernels.statistics.inequality import Theil, gini, theil_l, theil_t
from liandong.schema.provinces import PROVINCES
from liandong.step import Rule, Tables, fold, output
from liandong.texts import both

Figures = dict[tuple[str, str], dict[str, float]]
"""Value by region, by period and vintage, of one measure."""


class GapRule(Rule):
    """What is compared.

    Attributes
    ----------
    numerator, denominator
        Measures of ``region_stat``: what regions have, and how many share it.
    level
        Level of the regions that are compared.
    """

    numerator: str = "gdp"
    denominator: str = "population"
    level: Literal["province", "city", "county"] = "province"


class _Row(NamedTuple):
    period: str
    vintage: str
    kind: str
    part: str
    value: float
    regions: int


@fold(reads=("region_stat", "region"), writes=("gap",), rule=GapRule)
def gap(tables: Tables, rule: GapRule) -> Tables:
    """Measure the gap between regions by Theil's T and L and the Gini coefficient.

    Theil's indices come with their parts ``between`` belts, ``within`` them, and ``within.BELT``;
    all are weighted by the denominator. Every period and vintage of the numerator stands alone,
    over the regions of the level that have both measures; ``regions`` counts them. The denominator
    is of the same vintage, or else of the last vintage that has the period, which is then named
    too. A value is null where its index is undefined: L with a region that has nothing, anything
    with a negative number. Without table ``region`` the provinces are known by their codes.

    Raises
    ------
    DataError
        If a measure comes in several units in one vintage of one period.
    """
    belts = _belts(tables["region"], rule.level)
    had, shared = (
        _figures(tables["region_stat"], m, belts) for m in (rule.numerator, rule.denominator)
    )
    rows: list[_Row] = []
    for (period, vintage), income in sorted(had.items()):
        others = [v for p, v in shared if p == period]
        other = vintage if vintage in others else max(others, default="")
        people = shared.get((period, other), {})
        regions = sorted(income.keys() & people.keys())
        if regions:
            label = vintage if other == vintage else f"{vintage} / {other}"
            pairs = np.array([(income[r], people[r]) for r in regions])
            rows += _measured(period, label, pairs, [belts[r] for r in regions])
    values = np.array([r.value for r in rows], np.float64)
    return output(
        "gap",
        measure=[f"{rule.numerator}_per_{rule.denominator}"] * len(rows),
        period=[r.period for r in rows],
        vintage=[r.vintage for r in rows],
        index=[r.kind for r in rows],
        part=[r.part for r in rows],
        value=pa.array(values, mask=np.isnan(values)),
        regions=[r.regions for r in rows],
    )


def _belts(region: pa.Table, level: str) -> dict[str, str]:
    """Return the belt of each region of the level."""
    if not len(region):
        return {p.adcode: p.belt for p in PROVINCES}
    chosen = region.filter(pc.equal(region["level"], level))
    named = pc.fill_null(chosen["belt"], "other").to_pylist()
    return dict(zip(chosen["region_id"].to_pylist(), named, strict=True))


def _figures(stat: pa.Table, measure: str, belts: dict[str, str]) -> Figures:
    """Return the values of one measure in the regions that have a belt."""
    known = pc.is_in(stat["region_id"], value_set=pa.array(list(belts), pa.string()))
    chosen = stat.filter(pc.and_(known, pc.equal(stat["measure"], measure)))
    cases = chosen.group_by(["period", "vintage"]).aggregate([("unit", "distinct")])
    for case in cases.sort_by([("period", "ascending"), ("vintage", "ascending")]).to_pylist():
        if len(case["unit_distinct"]) > 1:
            units = ", ".join(sorted(case["unit_distinct"]))
            what = both("fault.units_differ", measure=measure, period=case["period"], units=units)
            raise DataError(file="region_stat", what=what, remedy=both("advice.one_unit"))
    found: Figures = {}
    columns = ("period", "vintage", "region_id", "value")
    for period, vintage, region, value in zip(
        *(chosen[c].to_pylist() for c in columns), strict=True
    ):
        found.setdefault((period, vintage), {})[region] = value
    return found


def _measured(
    period: str,
    vintage: str,
    pairs: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    belts: list[str],
) -> list[_Row]:
    names = sorted(set(belts))
    group = np.array([names.index(b) for b in belts])
    sizes = np.bincount(group, minlength=len(names)).tolist()
    income, people = np.ascontiguousarray(pairs.T)
    found = [("gini", "total", gini(income, people), len(belts))]
    for kind, index in (("theil_t", theil_t), ("theil_l", theil_l)):
        found += _parts(kind, index(income, people, group, len(names)), names, sizes)
    return [_Row(period, vintage, *row) for row in found]


def _parts(
    kind: str, found: Theil, names: list[str], sizes: list[int]
) -> list[tuple[str, str, float, int]]:
    whole = {"total": found.total, "between": found.between, "within": float(found.within.sum())}
    return [
        *((kind, part, value, sum(sizes)) for part, value in whole.items()),
        *(
            (kind, f"within.{name}", float(value), size)
            for name, value, size in zip(names, found.within, sizes, strict=True)
        ),
    ]
