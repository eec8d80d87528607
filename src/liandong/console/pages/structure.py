"""The innovation map: how complex regions are, what is near to them, and whom they complement."""

import json
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tiles import tiles

BLOCKS = (
    "regions", "items", "heat", "opportunities", "partners", "pairs", "forecasts", "tests",
    "cautions", "map",
)  # fmt: skip
FIGURES = ("eci", "fitness", "diversity")
SHOWN, HOT_ITEMS, HOT_REGIONS = 8, 24, 40
"""Opportunities in the list; items and regions of the picture of advantages."""
_SAME = "kind = ? AND period = ? AND vintage = ?"
# In order, lest last digits hang on how threads shared the work.
_ALL = "ORDER BY region_id, item ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one panel: its cautions, regions, items, and what speaks for one region."""
    panels = reading.rows("SELECT * FROM complexity_panel ORDER BY kind, vintage = 'derived', "
                          "vintage DESC, period DESC")  # fmt: skip
    panel = _chosen(panels, query)
    key = [panel[n] for n in ("kind", "period", "vintage")] if panel else [None] * 3
    figure = query.choice("figure", FIGURES, "eci" if panel and panel["defined"] else "diversity")
    regions = _regions(reading, key)
    here = _here(Filter.of(query).region, regions)
    return {
        "panels": panels,
        "panel": panel,
        "figure": figure,
        "map": tiles(reading, {r["region_id"]: r[figure] for r in regions}),
        "regions": regions,
        "here": here,
        "items": _items(reading, key),
        "heat": _heat(reading, key, regions),
        **_proposed(reading, key, here),
        "pairs": _parsed(_of(reading, "structure_pair", key, "warning <> 'none'",
                             order="warning DESC, cosine DESC")),
        "tests": _of(reading, "entry_test", key, order="model <> 'model', auc DESC"),
        "cautions": _parsed(_of(reading, "survey_caution", key, order="weight DESC, code")),
        "sources": {t: reading.source(t) for t in
                    ("complexity", "item_complexity", "opportunity", "partner", "structure",
                     "structure_pair", "entry_test", "entry_forecast", "survey_caution",
                     "region_output")},
    }  # fmt: skip


def _chosen(panels: list[Row], query: Query) -> Row | None:
    """Return the panel that is asked for; without a wish, the newest of the first kind."""
    left = panels
    for name in ("kind", "vintage", "period"):
        wish = query.choice(name, {p[name] for p in panels})
        left = [p for p in left if p[name] == wish] or left
    return left[0] if left else None


def _of(reading: Reading, table: str, key: list[Any], more: str = "true", *values: object,
        order: str) -> list[Row]:  # fmt: skip
    return reading.rows(
        "SELECT * EXCLUDE (kind, period, vintage) FROM {table} WHERE {same} AND {more}"
        " ORDER BY {order}",
        *key, *values, table=table, same=_SAME, more=more, order=order,
    )  # fmt: skip


def _regions(reading: Reading, key: list[Any]) -> list[Row]:
    return reading.rows(
        "SELECT c.* EXCLUDE (kind, period, vintage), s.top_item, s.top_lq, s.krugman, s.hachman,"
        " s.entropy, s.herfindahl FROM complexity c LEFT JOIN structure s"
        " USING (kind, period, vintage, region_id) WHERE {same}"
        " ORDER BY rank NULLS LAST, diversity DESC, region_id",
        *key,
        same=_SAME,
    )


def _here(wish: str, regions: list[Row]) -> str | None:
    """Return the region of the filter, or else the first one."""
    known = [r["region_id"] for r in regions]
    return wish if wish in known else next(iter(known), None)


def _items(reading: Reading, key: list[Any]) -> list[Row]:
    return reading.rows(
        "SELECT i.* EXCLUDE (kind, period, vintage), c.base, c.hoover, c.hoover_gini"
        " FROM item_complexity i LEFT JOIN concentration c USING (kind, period, vintage, item)"
        " WHERE {same} ORDER BY rank NULLS LAST, total DESC, item",
        *key,
        same=_SAME,
    )


def _heat(reading: Reading, key: list[Any], regions: list[Row]) -> list[Row]:
    """Return the advantages of the first regions in the largest items; null where suppressed."""
    first = [r["region_id"] for r in regions[:HOT_REGIONS]]
    every = [r["region_id"] for r in regions]
    where = Where().add(_SAME, *key).add("region_id IN (SELECT unnest(?))", every)
    return reading.rows(
        "WITH o AS (SELECT region_id, item, value,"
        " sum(value) OVER (PARTITION BY region_id {all}) AS r,"
        " sum(value) OVER (PARTITION BY item {all}) AS i, sum(value) OVER ({all}) AS whole"
        " FROM region_output{where}),"
        " top AS (SELECT item FROM item_complexity WHERE {same} ORDER BY total DESC, item LIMIT ?)"
        " SELECT region_id, item, value / r / (i / whole) AS rca FROM o JOIN top USING (item)"
        " WHERE region_id IN (SELECT unnest(?)) AND r > 0 AND i > 0 ORDER BY region_id, item",
        where, *key, HOT_ITEMS, first, same=_SAME, all=_ALL,
    )  # fmt: skip


def _proposed(reading: Reading, key: list[Any], here: str | None) -> dict[str, list[Row]]:
    """Return what is proposed to one region, in the order of the proposals."""
    found = {
        name: _of(reading, table, key, "region_id = ?", here, order="place")
        for name, table in (("opportunities", "opportunity"), ("partners", "partner"),
                            ("forecasts", "entry_forecast"))
    }  # fmt: skip
    return {n: _parsed(rows) for n, rows in found.items()}


def _parsed(rows: list[Row]) -> list[Row]:
    """Return rows with their evidence as values."""
    return [{**r, "evidence": json.loads(r["evidence"])} if "evidence" in r else r for r in rows]
