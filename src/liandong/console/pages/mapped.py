"""The map: any measure of regions over time, what moves between them, on tiles or one's own map."""

from typing import Any

from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.regional import atlas, maps

BLOCKS = ("rows", "flows")
"""Lists that can be had as files."""
ARCS = 20
"""Arcs drawn if nothing else is asked for."""
TILES = "tiles"
NONE = "none"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the values of a measure in a period, the strongest flows, and where they are drawn.

    A value is of the newest vintage that its region has in the period; ``vintages`` names those
    that are mixed on the map. Every row carries the approval number of the map it is drawn on.

    Raises
    ------
    UsageError
        If the measure, the period or another choice is not among those there are.
    """
    measures = atlas.measures(reading)
    measure = atlas.chosen(query, measures)
    own = maps.levels(reading)
    drawn = query.choice("draw", [*own, TILES], own[0] if own else TILES)
    level = "province" if drawn == TILES else drawn
    periods = _periods(reading, measure)
    period = query.choice("period", periods, periods[-1] if periods else "")
    rows = _rows(reading, measure, period)
    kinds = [NONE, *maps.flow_kinds(reading)]
    kind = query.choice("flows", kinds, kinds[1] if len(kinds) > 1 else NONE)
    most = query.whole("n", ARCS, 1, 200)
    moved = [] if kind == NONE else maps.flows(reading, kind, period, level, most)
    known = {r["region_id"]: r["value"] for r in rows}
    map_ = (
        maps.on_tiles(reading, known, moved) if drawn == TILES
        else maps.on_own(reading, level, known, moved)
    )  # fmt: skip
    approval = map_.get("approval")
    there = {s["region_id"] for s in map_.get("shapes", map_.get("tiles", []))}
    told = {"map": drawn, "approval": approval}
    return {
        "measures": measures,
        "measure": measure,
        "periods": periods,
        "period": period,
        "vintages": sorted({r["vintage"] for r in rows if r["vintage"]}),
        "rows": [{**r, **told} for r in rows if r["region_id"] in there],
        "drawn": drawn,
        "draws": [*own, TILES],
        "map": map_,
        "kinds": kinds,
        "kind": kind,
        "n": most,
        "flows": [{**f, **told} for f in moved],
        "approval": approval,
        "sources": {t: reading.source(t) for t in _tables(measure)},
    }


def _tables(measure: Row | None) -> list[str]:
    """Return the tables that the numbers of the map come from."""
    return [*([atlas.table(measure)] if measure else []), "factor_flow"]


def _periods(reading: Reading, measure: Row | None) -> list[str]:
    """Return the periods of a measure; one that has no time has none."""
    if measure is None:
        return []
    rows = reading.rows(
        "SELECT DISTINCT period FROM atlas WHERE measure = ? AND period <> '' ORDER BY period",
        measure["measure"],
    )
    return [r["period"] for r in rows]


def _rows(reading: Reading, measure: Row | None, period: str) -> list[Row]:
    if measure is None:
        return []
    where = Where().add("measure = ? AND period = ?", measure["measure"], period)
    return [
        {**r, "name": zh, "name_en": en}
        for r in atlas.course_of(reading, where)
        for zh, en in [reading.places.get(r["region_id"], (r["region_id"], None))]
    ]
