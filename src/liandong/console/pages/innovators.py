"""Young firms by the value of what they invent, where they are, and whether that is shown."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tiles import tiles

SORTS = {
    "points": "i.points DESC, i.party_id",
    "worth": "i.worth DESC NULLS LAST, i.party_id",
    "expected": "i.expected DESC NULLS LAST, i.party_id",
}
"""Orders that can be asked for."""
SHOWN = 0.05
"""A gain is called shown if shuffled inventions reach it at most this often."""
DRAWN = 25
"""Firms in the chart, the first of the page."""
_SOURCE = "innovation i JOIN party p USING (party_id)"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one page of valued firms, the map, the test, and those without a value."""
    f = Filter.of(query)
    day = f.latest(reading, "innovation")
    valued = f.party(Where().add("i.as_of = ? AND i.points IS NOT NULL", day), "p")
    silent = f.party(Where().add("i.as_of = ? AND i.points IS NULL", day), "p")
    rows = reading.rows(
        "SELECT i.*, p.name, p.name_en, p.region_id, p.industry, p.founded FROM {source}{where}"
        " ORDER BY {order} LIMIT ? OFFSET ?",
        valued, query.most, query.offset, source=_SOURCE,
        order=SORTS[query.choice("sort", SORTS, "points")],
    )  # fmt: skip
    figures = reading.rows(
        "SELECT * FROM innovation_test WHERE as_of = ? ORDER BY slice, measure", day
    )
    return {
        "as_of": day,
        "test": _test(figures),
        "figures": figures,
        "map": _map(reading, valued),
        "rows": rows,
        "drawn": rows[:DRAWN],
        "total": reading.one("SELECT count(*) AS n FROM {source}{where}", valued,
                             source=_SOURCE)["n"],
        "silent": reading.rows(
            "SELECT i.party_id, p.name, p.name_en, i.as_of, p.industry, p.founded, i.reasons"
            " FROM {source}{where} ORDER BY i.party_id LIMIT ?",
            silent, query.most, source=_SOURCE,
        ),
        "silent_total": reading.one("SELECT count(*) AS n FROM {source}{where}", silent,
                                    source=_SOURCE)["n"],
        "sorts": list(SORTS),
        "sources": {t: reading.source(t, day)
                    for t in ("innovation", "innovation_test", "party")},
    }  # fmt: skip


def _test(figures: list[Row]) -> dict[str, Any]:
    """Return the figures of the test by comparison, and whether a gain is shown."""
    found: dict[str, Any] = {
        name: {r["measure"]: r for r in figures if r["slice"] == f"over.{name}"}
        for name in ("size_age", "size_age_orders")
    }
    all_firms = {r["measure"]: r for r in figures if r["slice"] == "all"}
    first = found["size_age"]
    shown = bool(first) and first["r2_p"]["value"] <= SHOWN and first["r2_gain"]["value"] > 0
    learnt = all_firms.get("firms", {"value": 0})["value"]
    return {**found, "shown": shown, "firms": learnt, "coverage": all_firms.get("coverage")}


def _map(reading: Reading, valued: Where) -> dict[str, Any]:
    rows = reading.rows(
        "SELECT substr(p.region_id, 1, 2) || '0000' AS region_id,"
        " count(*) FILTER (i.points > 0) AS value FROM {source}{where} GROUP BY 1",
        valued, source=_SOURCE,
    )  # fmt: skip
    known = {r["region_id"]: r["value"] for r in rows if r["region_id"]}
    return {"measure": "ahead", "measures": ["ahead"], "kind": "int", **tiles(reading, known)}
