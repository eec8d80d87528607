"""What regions there are, and their figures: one vintage of each measure in each period."""

from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.divisions import neighbours
from liandong.survey.checks import known_name, one_unit
from liandong.survey.inequality.panel import RegionalRule, places

Level = Literal["province", "city", "county"]
DIGITS = {"province": 2, "city": 4}
Said = list[tuple[str, int]]
"""Reasons: codes with points."""


def belts(region: pa.Table, level: Level) -> dict[str, str]:
    """Return the belt of each region of a level; without any, those of the provinces."""
    return places(region, RegionalRule(level=level))


def cut(region: pa.Array | pa.ChunkedArray, level: str) -> pa.Array | pa.ChunkedArray:
    """Return the province or city that holds each region: codes nest by their digits."""
    digits = DIGITS[level]
    head = pc.utf8_slice_codeunits(region, 0, digits)
    return pc.binary_join_element_wise(head, "0" * (6 - digits), "")


def touching(neighbour: pa.Table) -> set[frozenset[str]]:
    """Return pairs of regions that touch: by table ``neighbour``, or provinces as they lie on land.

    Rows of weight 0 do not count.
    """
    if not len(neighbour):
        return {frozenset(pair) for pair in neighbours()}
    columns = (neighbour[n].to_pylist() for n in ("region_id", "other_id", "weight"))
    return {frozenset((a, b)) for a, b, weight in zip(*columns, strict=True) if weight > 0}


class Figures(NamedTuple):
    """The figures of one measure in one period.

    Attributes
    ----------
    vintage
        Of all of them.
    unit
        Of all of them.
    value
        By region.
    """

    vintage: str
    unit: str
    value: dict[str, float]


def figures(stat: pa.Table, measure: str, vintage: str = "") -> dict[str, Figures]:
    """Return the figures of a measure by period.

    Parameters
    ----------
    stat
        Table ``region_stat``.
    vintage
        Which one; empty: in each period the last in order.

    Raises
    ------
    DataError
        If a period has several units in its vintage.
    NotFoundError
        If there are statistics, but none of the vintage.
    """
    rows = stat.filter(pc.equal(stat["measure"], measure))
    if vintage:
        known_name("kind.vintage", vintage, stat["vintage"])
        rows = rows.filter(pc.equal(rows["vintage"], vintage))
    found: dict[str, Figures] = {}
    for r in rows.sort_by([("period", "ascending"), ("vintage", "descending")]).to_pylist():
        one = found.setdefault(r["period"], Figures(r["vintage"], r["unit"], {}))
        if r["vintage"] != one.vintage:
            continue
        one_unit("region_stat", measure, r["period"], (r["unit"], one.unit))
        one.value[r["region_id"]] = r["value"]
    return found


def lacking(measure: str, value: float | None) -> Said:
    """Return why a figure that must be positive cannot be used; nothing if it can."""
    if value is None:
        return [(f"survey.missing({measure})", 0)]
    return [] if value > 0 else [(f"survey.not_positive({measure})", 0)]


def vintages(*found: Figures) -> str:
    """Name the vintages that figures come from."""
    return " / ".join(dict.fromkeys(f.vintage for f in found))
