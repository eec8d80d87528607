"""Reach: what lies within some minutes of a place by road or of a station by train."""

from typing import Any

from liandong.console.query import Query, wrong
from liandong.console.reading import Reading, Row
from liandong.schema.tables.reaching import LEVELS, NETWORKS, TOTAL
from liandong.texts import both

BLOCKS = ("reached", "curve", "coverage", "regions", "links", "gaps")
DRAWN = 3_000
"""Most dots of the map: what is nearest."""
USUAL = 60
"""Minutes that are shown first, if they were searched."""

_NODES = (
    "(SELECT 'road' AS network, place_id AS id, name, name_en, region_id, lon, lat FROM place"
    " UNION ALL SELECT 'rail', station_id, name, name_en, region_id, lon, lat FROM station)"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return circles from one origin, coverage, regions, links, and what is cut off."""
    known = {r["network"] for r in reading.rows("SELECT DISTINCT network FROM reach")}
    network = query.choice("network", NETWORKS, next((n for n in NETWORKS if n in known), ""))
    limits = [r["within"] for r in reading.rows(
        "SELECT DISTINCT within FROM reach WHERE network = ? ORDER BY within", network
    )]  # fmt: skip
    usual = USUAL if USUAL in limits else next(iter(limits), "")
    within = int(query.choice("within", map(str, limits), str(usual)) or 0)
    origins = _origins(reading, network, within)
    origin = _origin(query, origins)
    start = origin["id"] if origin else None
    return {
        "networks": [n for n in NETWORKS if n in known],
        "network": network,
        "limits": limits,
        "within": within,
        "origins": origins,
        "origin": origin,
        "spots": _spots(reading, network, start),
        "reached": _reached(reading, network, start, within),
        "curve": _curve(reading, network, start, max(limits, default=0)),
        "coverage": reading.rows(
            "SELECT * FROM reach_summary WHERE network = ? AND region_id = ? ORDER BY within",
            network, TOTAL,
        ),
        "regions": _regions(reading, network, within),
        "links": _links(reading, network),
        "gaps": _gaps(reading, network),
        "sources": {t: reading.source(t) for t in
                    ("reach", "reach_time", "reach_summary", "reach_link", "reach_gap")},
    }  # fmt: skip


def _origins(reading: Reading, network: str, within: int) -> list[Row]:
    """Return all origins with what they reach, by region and name."""
    return reading.rows(
        "SELECT r.origin_id AS id, n.name, n.name_en, r.region_id, r.places, r.people, r.share"
        " FROM reach r LEFT JOIN {nodes} n ON n.network = r.network AND n.id = r.origin_id"
        " WHERE r.network = ? AND r.level = ? AND r.within = ?"
        " ORDER BY r.region_id NULLS LAST, r.origin_id",
        network, LEVELS[0], within, nodes=_NODES,
    )  # fmt: skip


def _origin(query: Query, origins: list[Row]) -> Row | None:
    """Return the origin that is asked for; else that with the most people, then places."""
    asked = query.text("origin")
    found = [r for r in origins if r["id"] == asked]
    if asked and origins and not found:
        raise wrong("origin", asked, both("advice.origin"))
    most = sorted(origins, key=lambda r: (-r["people"], -r["places"], r["id"]))
    return next(iter(found or most), None)


def _spots(reading: Reading, network: str, origin: str | None) -> list[Row]:
    """Return places or stations with a position, the nearest first, and when they are reached."""
    return reading.rows(
        "SELECT n.id, n.name, n.name_en, n.lon, n.lat, t.minutes FROM {nodes} n"
        " LEFT JOIN reach_time t ON t.network = n.network AND t.dst = n.id AND t.src = ?"
        " WHERE n.network = ? AND n.lon IS NOT NULL AND n.lat IS NOT NULL"
        " ORDER BY t.minutes NULLS LAST, n.id LIMIT ?",
        origin, network, DRAWN, nodes=_NODES,
    )  # fmt: skip


def _reached(reading: Reading, network: str, origin: str | None, within: int) -> list[Row]:
    return reading.rows(
        "SELECT t.network, t.src, t.dst, n.name, n.name_en, n.region_id, t.minutes, t.departs,"
        " t.changes, t.people FROM reach_time t"
        " LEFT JOIN {nodes} n ON n.network = t.network AND n.id = t.dst"
        " WHERE t.network = ? AND t.src = ? AND t.minutes <= ? ORDER BY t.minutes, t.dst",
        network, origin, within, nodes=_NODES,
    )  # fmt: skip


def _curve(reading: Reading, network: str, origin: str | None, most: int) -> list[Row]:
    """Return how many places and people are reached by each minute, up to the largest limit."""
    return reading.rows(
        "SELECT ceil(minutes)::BIGINT AS minutes, sum(count(*)) OVER so_far AS places,"
        " sum(sum(people)) OVER so_far AS people FROM reach_time"
        " WHERE network = ? AND src = ? AND minutes <= ? GROUP BY 1"
        " WINDOW so_far AS (ORDER BY ceil(minutes)::BIGINT) ORDER BY 1",
        network, origin, most,
    )  # fmt: skip


def _regions(reading: Reading, network: str, within: int) -> list[Row]:
    """Return what the origins of each region reach together, and how it is covered itself."""
    return reading.rows(
        "SELECT s.*, r.people AS reached, r.share AS reached_share FROM reach_summary s"
        " LEFT JOIN reach r ON r.network = s.network AND r.within = s.within"
        " AND r.level = ? AND r.origin_id = s.region_id"
        " WHERE s.network = ? AND s.within = ? AND s.region_id <> ?"
        " ORDER BY r.people DESC NULLS LAST, s.region_id",
        LEVELS[1], network, within, TOTAL,
    )  # fmt: skip


def _links(reading: Reading, network: str) -> list[Row]:
    return reading.rows(
        "SELECT l.*, a.name AS src_name, a.name_en AS src_name_en, b.name AS dst_name,"
        " b.name_en AS dst_name_en FROM reach_link l"
        " LEFT JOIN {nodes} a ON a.network = l.network AND a.id = l.src"
        " LEFT JOIN {nodes} b ON b.network = l.network AND b.id = l.dst"
        " WHERE l.network = ? ORDER BY l.src, l.dst, l.within, l.region_id",
        network, nodes=_NODES,
    )  # fmt: skip


def _gaps(reading: Reading, network: str) -> list[Row]:
    """Return what the main part of the network does not hold, whole parts before single places."""
    return reading.rows(
        "SELECT g.*, n.name, n.name_en FROM reach_gap g LEFT JOIN {nodes} n ON n.id = g.node_id"
        " AND n.network = CASE g.what WHEN 'place' THEN 'road' ELSE 'rail' END"
        " WHERE g.network = ? ORDER BY g.why = 'far', g.size DESC, g.part, g.weight DESC,"
        " g.node_id",
        network, nodes=_NODES,
    )  # fmt: skip
