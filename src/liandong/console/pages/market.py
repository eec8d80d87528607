"""Markets: how apart regions are by prices, what flows between them, which borders cost most."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row

BLOCKS = ("pairs", "course", "borders", "flows", "terms", "costs", "logistics", "unmatched")
ALL, NATION = "*", "100000"
MOST = 20
"""Borders that are shown."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return segmentation with its course and borders, and flows of one kind and period."""
    kinds = [r["kind"] for r in reading.rows("SELECT DISTINCT kind FROM factor_flow ORDER BY 1")]
    kind = query.choice("kind", kinds, next(iter(kinds), ""))
    periods = [
        r["period"] for r in reading.rows(
            "SELECT DISTINCT period FROM factor_flow WHERE kind = ? ORDER BY 1 DESC", kind)
    ]  # fmt: skip
    period = query.choice("period", periods, next(iter(periods), ""))
    return {
        "kinds": kinds,
        "kind": kind,
        "periods": periods,
        "period": period,
        "regions": _regions(reading),
        "pairs": reading.rows(
            "SELECT * FROM segmentation_trend WHERE other_id <> ? ORDER BY rank, region_id,"
            " other_id",
            ALL,
        ),
        "course": reading.rows(
            "SELECT period, value, low, high, goods, pairs, vintage, reasons FROM segmentation"
            " WHERE region_id = ? AND other_id = ? ORDER BY period",
            ALL, ALL,
        ),
        "means": reading.rows(
            "SELECT * FROM segmentation_trend WHERE other_id = ?"
            " ORDER BY region_id <> ?, rank, region_id",
            ALL, ALL,
        ),
        "borders": reading.rows("SELECT * FROM border_test ORDER BY p, group_id, other_id"),
        **_flows(reading, kind, period, query.upto(MOST)),
        **_logistics(reading),
        "sources": {t: reading.source(t) for t in
                    ("price", "segmentation", "segmentation_trend", "border_test", "factor_flow",
                     "flow_unmatched", "gravity", "border_cost", "logistics")},
    }  # fmt: skip


def _regions(reading: Reading) -> list[str]:
    """Return the regions by their belts, as matrices go."""
    return [
        r["region_id"] for r in reading.rows(
            "SELECT region_id FROM region WHERE level <> 'nation' ORDER BY"
            " list_position(['northeast', 'east', 'central', 'west'], belt) NULLS LAST, region_id"
        )
    ]  # fmt: skip


def _flows(reading: Reading, kind: str, period: str, most: int) -> dict[str, list[Row]]:
    chosen = "kind = ? AND period = ?"
    return {
        "flows": reading.rows(
            "SELECT * FROM factor_flow WHERE {chosen} ORDER BY from_region, to_region",
            kind, period, chosen=chosen,
        ),
        "terms": reading.rows(
            "SELECT * FROM gravity WHERE {chosen} ORDER BY term", kind, period, chosen=chosen
        ),
        "costs": reading.rows(
            "SELECT * FROM border_cost WHERE {chosen} ORDER BY rank LIMIT ?",
            kind, period, most, chosen=chosen,
        ),
        "unmatched": reading.rows("SELECT * FROM flow_unmatched ORDER BY kind, cause, subject"),
    }  # fmt: skip


def _logistics(reading: Reading) -> dict[str, list[Row]]:
    """Return the last period that is told, the highest share first, and the nation's course."""
    return {
        "logistics": reading.rows(
            "SELECT * FROM logistics WHERE period = (SELECT max(period) FROM logistics)"
            " AND region_id <> ? ORDER BY ratio DESC NULLS LAST, region_id",
            NATION,
        ),
        "nation": reading.rows(
            "SELECT * FROM logistics WHERE region_id = ? ORDER BY period DESC", NATION
        ),
    }
