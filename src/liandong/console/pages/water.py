"""Water at a border: indices by year with their intervals, indicators, trends, who pays."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row

BLOCKS = ("years", "indicators", "trends", "paid")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one section: how good its water was year by year, and what that brought."""
    sections = reading.rows("SELECT * FROM water_section ORDER BY section_id")
    names = [s["section_id"] for s in sections]
    chosen = query.choice("section", names, next(iter(names), ""))
    section = next((s for s in sections if s["section_id"] == chosen), None)
    own = "section_id = ?"
    return {
        "sections": sections,
        "section": section,
        "years": reading.rows(
            "SELECT * FROM water_index WHERE {own} ORDER BY period DESC", chosen, own=own
        ),
        "indicators": reading.rows(
            "SELECT * FROM water_indicator WHERE {own} ORDER BY period DESC,"
            " list_position(['permanganate', 'ammonia', 'phosphorus', 'nitrogen'], indicator)",
            chosen, own=own,
        ),
        "trends": reading.rows(
            "SELECT * FROM water_trend WHERE {own} ORDER BY measure <> 'index', measure",
            chosen, own=own,
        ),
        "paid": _paid(reading, section),
        "sources": {t: reading.source(t) for t in
                    ("water_section", "water_sample", "water_index", "water_indicator",
                     "water_trend", "derived_amount")},
    }  # fmt: skip


def _paid(reading: Reading, section: Row | None) -> list[Row]:
    """Return what the years of a section brought for agreements to share, the last first."""
    sides = section or dict.fromkeys(("upstream_id", "downstream_id"), "")
    return reading.rows(
        "SELECT *, party_id AS region_id FROM derived_amount WHERE amount > 0"
        " AND party_id IN (?, ?) AND reasons[1].code LIKE 'survey.water%'"
        " ORDER BY period DESC, base",
        sides["upstream_id"], sides["downstream_id"],
    )  # fmt: skip
