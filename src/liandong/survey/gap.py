"""How far apart regions are, between groups of them and within."""

from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.inequality import Theil, gini, theil_l, theil_t
from liandong.step import Rule, Tables, fold, output

Float = NDArray[np.float64]


class GapRule(Rule):
    """What is compared.

    Attributes
    ----------
    numerator, denominator
        Measures of ``region_stat``: what regions have, and how many share it.
    level
        Level of the regions that are compared.
    group
        Column of ``region`` that groups them.
    """

    numerator: str = "gdp"
    denominator: str = "population"
    level: Literal["province", "city", "county"] = "province"
    group: Literal["belt", "parent_id"] = "belt"


class _Row(NamedTuple):
    kind: str
    part: str
    value: float
    regions: int


@fold(reads=("region_stat", "region"), writes=("gap",), rule=GapRule)
def gap(tables: Tables, rule: GapRule) -> Tables:
    """Measure the gap between regions by Theil's T and L and the Gini coefficient.

    Theil's indices come with their parts between groups and within each; all are weighted by the
    denominator. Every period and vintage of the numerator stands alone, over the regions that have
    both measures. The denominator is of the same vintage, unless it comes in one vintage only,
    which then serves all. A value is null where its index is undefined: L with a region that has
    nothing, anything with a negative number.
    """
    pairs = _grouped(_pairs(tables["region_stat"], rule), tables["region"], rule)
    keys, rows = [], []
    for period, vintage in sorted(set(zip(*(pairs[k].to_pylist() for k in _WHEN), strict=True))):
        same = pc.and_(pc.equal(pairs["period"], period), pc.equal(pairs["vintage"], vintage))
        found = _measured(pairs.filter(same))
        rows += found
        keys += [(period, vintage)] * len(found)
    values = [r.value for r in rows]
    return output(
        "gap",
        measure=[f"{rule.numerator}_per_{rule.denominator}"] * len(rows),
        period=[k[0] for k in keys],
        vintage=[k[1] for k in keys],
        index=[r.kind for r in rows],
        part=[r.part for r in rows],
        value=pa.array(values, pa.float64(), mask=np.isnan(np.array(values, float))),
        regions=[r.regions for r in rows],
    )


_WHEN = ("period", "vintage")


def _pairs(stat: pa.Table, rule: GapRule) -> pa.Table:
    """Return the numerator and the denominator of each region, period and vintage with both."""
    columns = ["region_id", "period", "vintage", "value"]
    income, people = (
        stat.filter(pc.equal(stat["measure"], m)).select(columns)
        for m in (rule.numerator, rule.denominator)
    )
    keys = columns[:3]
    if pc.count_distinct(people["vintage"]).as_py() == 1:
        keys = columns[:2]
        people = people.drop_columns("vintage")
    people = people.rename_columns({"value": "people"})
    return income.join(people, keys, join_type="inner", use_threads=False)


def _grouped(pairs: pa.Table, region: pa.Table, rule: GapRule) -> pa.Table:
    """Keep the regions of the level, with their groups, in one order whatever came in."""
    compared = region.filter(pc.equal(region["level"], rule.level))
    groups = pa.table({
        "region_id": compared["region_id"], "group": pc.fill_null(compared[rule.group], "none")
    })  # fmt: skip
    joined = pairs.join(groups, "region_id", join_type="inner", use_threads=False)
    return joined.sort_by([(k, "ascending") for k in (*_WHEN, "region_id")])


def _measured(pairs: pa.Table) -> list[_Row]:
    income, people = pairs["value"].to_numpy(), pairs["people"].to_numpy()
    names = sorted(pc.unique(pairs["group"]).to_pylist())
    group = pc.index_in(pairs["group"], value_set=pa.array(names)).to_numpy().astype(np.int64)
    sizes = np.bincount(group, minlength=len(names)).tolist()
    return [
        *_parts("theil_t", theil_t(income, people, group, len(names)), names, sizes),
        *_parts("theil_l", theil_l(income, people, group, len(names)), names, sizes),
        _Row("gini", "total", gini(income, people), len(pairs)),
    ]


def _parts(index: str, found: Theil, names: list[str], sizes: list[int]) -> list[_Row]:
    within = float(found.within.sum())
    return [
        _Row(index, "total", found.total, sum(sizes)),
        _Row(index, "between", found.between, sum(sizes)),
        _Row(index, "within", within, sum(sizes)),
        *(
            _Row(index, f"within:{name}", float(value), size)
            for name, value, size in zip(names, found.within, sizes, strict=True)
        ),
    ]
