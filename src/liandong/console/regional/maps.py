"""What is drawn on maps: values and arcs, on the tiles or on the user's own base map."""

from math import sqrt
from typing import Any

from liandong.console.reading import Reading, Row
from liandong.console.tiles import shade_of, shades_of, tiles

TILE = 60
"""Units of a tile."""
WIDEST = 5.0
"""Width of the strongest arc on tiles; that of the weakest is a seventh of it."""
BEND = 0.18
"""How far an arc bends aside, as a share of its length."""


def on_tiles(reading: Reading, known: dict[str, float], flows: list[Row]) -> dict[str, Any]:
    """Return the tile map of values by province, with arcs between the middles of tiles."""
    drawn = tiles(reading, known)
    at = {
        t["region_id"]: (t["x"] * TILE + TILE / 2, t["y"] * TILE + TILE / 2) for t in drawn["tiles"]
    }
    return {**drawn, "arcs": arcs(flows, at, WIDEST)}


def levels(reading: Reading) -> list[str]:
    """Return the levels of which there is a base map of one's own."""
    rows = reading.rows(
        "SELECT level FROM base_map ORDER BY list_position(['province', 'city', 'county'], level)"
    )
    return [r["level"] for r in rows]


def on_own(
    reading: Reading, level: str, known: dict[str, float], flows: list[Row]
) -> dict[str, Any]:
    """Return the user's base map of a level, its shapes shaded by their values, with arcs.

    Values whose region has no shape are told as ``without``: none is dropped silently.
    """
    base = reading.one("SELECT * FROM base_map WHERE level = ?", level)
    shapes = reading.rows(
        "SELECT s.region_id, s.kind, s.x, s.y, s.path, r.name, r.name_en FROM map_shape s"
        " LEFT JOIN region r USING (region_id) WHERE s.level = ? ORDER BY s.place",
        level,
    )
    there = {s["region_id"] for s in shapes}
    shades = shades_of([v for r, v in known.items() if r in there])
    for s in shapes:
        s["value"] = known.get(s["region_id"])
        s["shade"] = shade_of(s["value"], shades)
    at = {s["region_id"]: (s["x"], s["y"]) for s in shapes if s["region_id"]}
    return {
        **base,
        "shapes": shapes,
        "shades": shades,
        "without": sorted(r for r in known if r not in there),
        "arcs": arcs(flows, at, WIDEST * base["width"] / 480),
    }


def arcs(flows: list[Row], at: dict[str, tuple[float, float]], widest: float) -> list[Row]:
    """Lay flows out as curves: each bends to its right, so that both ways of a pair are seen.

    Parameters
    ----------
    flows
        ``from_region``, ``to_region``, ``amount``, the strongest first.
    at
        Where regions stand.
    """
    most = max((f["amount"] for f in flows), default=1) or 1
    found = []
    for f in flows:
        if f["from_region"] not in at or f["to_region"] not in at:
            continue
        (x1, y1), (x2, y2) = at[f["from_region"]], at[f["to_region"]]
        x, y = (x1 + x2) / 2 - BEND * (y2 - y1), (y1 + y2) / 2 + BEND * (x2 - x1)
        wide = widest * max(1 / 7, sqrt(f["amount"] / most))
        found.append({**f, "path": f"M{x1:.0f} {y1:.0f}Q{x:.0f} {y:.0f} {x2:.0f} {y2:.0f}",
                      "x": x2, "y": y2, "wide": round(wide, 2)})  # fmt: skip
    return found


def flow_kinds(reading: Reading) -> list[str]:
    """Return what moves between regions, as far as it is known."""
    rows = reading.rows("SELECT DISTINCT kind FROM factor_flow ORDER BY kind")
    return [r["kind"] for r in rows]


def flows(reading: Reading, kind: str, period: str, level: str, most: int) -> list[Row]:
    """Return the strongest flows of a kind between regions of a level.

    Of the period asked for, or the year it lies in, or else of the newest: each row says which.
    ``amount`` is in fen where the flow is ``money``, or else the quantity in its unit.
    """
    digits = {"province": 2, "city": 4}.get(level, 6)
    return reading.rows(
        "WITH own AS (SELECT *, substr(from_region, 1, {digits}) || repeat('0', 6 - {digits}) AS f,"
        " substr(to_region, 1, {digits}) || repeat('0', 6 - {digits}) AS t"
        " FROM factor_flow WHERE kind = ?)"
        " SELECT f AS from_region, t AS to_region, kind, period,"
        " sum(coalesce(amount::DOUBLE, value)) AS amount, any_value(unit) AS unit,"
        " count(amount) > 0 AS money, sum(count) AS count FROM own WHERE f <> t AND period ="
        " coalesce((SELECT max(period) FROM own WHERE starts_with(?, period)),"
        " (SELECT max(period) FROM own))"
        " GROUP BY ALL HAVING amount > 0 ORDER BY amount DESC, from_region, to_region LIMIT ?",
        kind, period, most, digits=digits,
    )  # fmt: skip
