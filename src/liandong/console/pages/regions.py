"""Regions: the map, how unequal they are, and how much of it lies within and between belts."""

from typing import Any

from liandong.console import disparity
from liandong.console.filters import Filter
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.tiles import MEASURES, tile_map, values

BLOCKS = ("gaps", "series", "regions", "map", *disparity.BLOCKS)
_NEWEST = (
    "SELECT * FROM gap g JOIN (SELECT measure, max((period, vintage)) AS newest FROM gap"
    " GROUP BY measure) n USING (measure) WHERE (g.period, g.vintage) = n.newest"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the map, the newest gap of each measure, and its course over time."""
    f = Filter.of(query)
    head = headline(reading)
    return {
        "map": tile_map(reading, f, query),
        "headline": head,
        "gaps": reading.rows(
            "SELECT measure, period, vintage, index, part, value, share, low, high, p, regions"
            " FROM ({newest})"
            " ORDER BY measure, index DESC, list_position(['total', 'between', 'within'], part)"
            " NULLS LAST, part",
            newest=_NEWEST,
        ),
        "series": reading.rows(
            "SELECT measure, period, vintage, part, value FROM gap WHERE index = 'theil_t'"
            " AND part IN ('total', 'between', 'within') ORDER BY measure, vintage, period, part"
        ),
        "regions": _regions(reading, f),
        **disparity.disparity(reading, query, head["measure"]),
        "sources": {t: reading.source(t)
                    for t in (*disparity.TABLES, "region_stat", "region", "offer")},
    }  # fmt: skip


def _regions(reading: Reading, f: Filter) -> list[Row]:
    """Return all regions with every measure of the map."""
    known = {m: {r["region_id"]: r["value"] for r in values(reading, f, m)} for m in MEASURES}
    return [
        {**place, **{m: known[m].get(place["region_id"]) for m in MEASURES}}
        for place in reading.rows(
            "SELECT region_id, name, name_en, level, belt FROM region ORDER BY region_id"
        )
    ]


def headline(reading: Reading) -> Row:
    """Return the newest Theil T of GDP per head, or else of another measure there is."""
    rows = reading.rows(
        "SELECT measure, period, vintage, part, value FROM ({newest}) WHERE index = 'theil_t'"
        " AND part IN ('total', 'between', 'within')"
        " ORDER BY measure <> 'gdp_per_population', measure",
        newest=_NEWEST,
    )
    first = rows[0] if rows else {"measure": None, "period": None, "vintage": None}
    parts = {r["part"]: r["value"] for r in rows if r["measure"] == first["measure"]}
    return {
        **{n: first[n] for n in ("measure", "period", "vintage")},
        **{n: parts.get(n) for n in ("total", "between", "within")},
    }
