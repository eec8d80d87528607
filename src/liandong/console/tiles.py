"""The tile map: one square a province, coloured by a measure; no borders are drawn or implied."""

import re
from typing import Any

from liandong.console.alerting import alerts
from liandong.console.filters import Filter, short_name
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

CLASSES = 5
"""Shades of the map; equal numbers of regions in each."""
_LETTERS = (
    "11BJ 12TJ 13HE 14SX 15NM 21LN 22JL 23HL 31SH 32JS 33ZJ 34AH 35FJ 36JX 37SD 41HA 42HB 43HN"
    " 44GD 45GX 46HI 50CQ 51SC 52GZ 53YN 54XZ 61SN 62GS 63QH 64NX 65XJ 71TW 81HK 82MO"
)
LETTERS = {f"{code}0000": two for code, two in re.findall(r"(\d\d)(\w\w)", _LETTERS)}
"""Two-letter codes of GB/T 2260, short enough for a tile in English."""

_PER_HEAD = """
WITH newest AS (
  SELECT region_id, measure, period, vintage, value, unit, row_number() OVER (
    PARTITION BY region_id, measure ORDER BY period DESC, vintage DESC) AS place
  FROM region_stat WHERE measure IN ('gdp', 'population'))
SELECT g.region_id, round(
  g.value * CASE WHEN g.unit IN ('100 million yuan', '亿元') THEN 1e8 ELSE 1 END
  / (p.value * CASE WHEN p.unit IN ('10,000 people', '万人') THEN 1e4 ELSE 1 END) * 100
  )::BIGINT AS value
FROM newest g JOIN newest p USING (region_id, place)
WHERE g.measure = 'gdp' AND p.measure = 'population' AND place = 1 AND p.value > 0
"""
"""GDP per head in fen, by region."""

MEASURES = {"gdp_per_head": "money", "lent": "money", "alerts": "int", "firms": "int"}
"""Measures of the map and how they are written."""


def tile_map(reading: Reading, f: Filter, query: Query) -> dict[str, Any]:
    """Return the tiles with their value and class, and the bounds of the classes.

    Returns
    -------
    dict
        ``measure``, ``measures``, ``kind``, ``tiles`` (``region_id``, ``name``, ``name_en``,
        ``letters``, ``short``, ``x``, ``y``, ``value``, ``shade`` 0 without a value to
        ``CLASSES``) and ``shades`` (``shade``, ``low``, ``high``); no tiles without regions.
    """
    measure = query.choice("measure", MEASURES, "gdp_per_head")
    known = {r["region_id"]: r["value"] for r in values(reading, f, measure)}
    drawn = tiles(reading, known)
    return {"measure": measure, "measures": list(MEASURES), "kind": MEASURES[measure], **drawn}


def tiles(reading: Reading, known: dict[str, float]) -> dict[str, Any]:
    """Return ``tiles`` and ``shades`` of :func:`tile_map` for a value by province."""
    places = reading.rows(
        "SELECT region_id, name, name_en, tile_x AS x, tile_y AS y FROM region"
        " WHERE level = 'province' AND tile_x IS NOT NULL AND tile_y IS NOT NULL"
        " ORDER BY region_id"
    )
    shades = shades_of([v for p in places if (v := known.get(p["region_id"])) is not None])
    return {
        "tiles": [_tile(p, known.get(p["region_id"]), shades) for p in places],
        "shades": shades,
    }


def values(reading: Reading, f: Filter, measure: str) -> list[Row]:
    """Return a measure by province: ``region_id``, ``value``."""
    if measure == "gdp_per_head":
        return reading.rows(_PER_HEAD)
    where = f.party(Where(), "p").add("p.region_id IS NOT NULL")
    what, source = "count(*)", "party p"
    if measure == "firms":
        where.add("p.kind = 'firm'")
    elif measure == "alerts":
        source += f" JOIN {alerts(reading, f)} a USING (party_id)"
        where.add("a.state <> 'closed' AND NOT a.snoozed")
    else:
        what, source = "sum(o.amount)", source + " JOIN offer o USING (party_id)"
        where.add("o.as_of = ?", f.latest(reading, "offer"))
        if f.product:
            where.add("o.product_id = ?", f.product)
    return reading.rows(
        "SELECT substr(p.region_id, 1, 2) || '0000' AS region_id, {what} AS value"
        " FROM {source}{where} GROUP BY 1",
        where,
        what=what,
        source=source,
    )


def shade_of(value: float | None, shades: list[dict[str, Any]]) -> int:
    """Return the class of a value, 0 without one."""
    return next((s["shade"] for s in shades if value is not None and value <= s["high"]), 0)


def shades_of(values: list[float]) -> list[dict[str, Any]]:
    """Cut values into classes of about equal size; equal values stay together."""
    ordered = sorted(values)
    found: list[dict[str, Any]] = []
    for shade in range(1, CLASSES + 1):
        low, high = len(ordered) * (shade - 1) // CLASSES, len(ordered) * shade // CLASSES
        part = [v for v in ordered[low:high] if not found or v > found[-1]["high"]]
        if part:
            found.append({"shade": shade, "low": part[0], "high": part[-1]})
    return found


def _tile(place: Row, value: float | None, shades: list[dict[str, Any]]) -> Row:
    shade = shade_of(value, shades)
    region = place["region_id"]
    names = {"letters": LETTERS.get(region, region[:2]), "short": short_name(region, place["name"])}
    return {**place, **names, "value": value, "shade": shade}
