"""Coordination: degrees with their bands, carbon, and what cooperation is worth to each."""

import json
from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row

BLOCKS = ("coupling", "choices", "carbon", "cooperation", "drafts")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the coordination of one period, how it depends on choices, carbon, proposals."""
    periods = [
        r["period"] for r in reading.rows("SELECT DISTINCT period FROM coupling ORDER BY 1 DESC")
    ]
    period = query.choice("period", periods, next(iter(periods), ""))
    return {
        "periods": periods,
        "period": period,
        "coupling": reading.rows(
            "SELECT * FROM coupling WHERE period = ? ORDER BY rank NULLS LAST, region_id", period
        ),
        "choices": _choices(reading, period),
        "carbon": reading.rows(
            "SELECT * FROM carbon WHERE period = (SELECT max(period) FROM carbon)"
            " ORDER BY intensity DESC NULLS LAST, region_id"
        ),
        "cooperation": reading.rows(
            "SELECT * FROM cooperation ORDER BY game, way DESC, party_id"
        ),
        "drafts": [
            {**r, "parties": json.loads(r["parties"] or "{}")}
            for r in reading.rows("SELECT * FROM cooperation_draft ORDER BY game, way DESC")
        ],
        "sources": {t: reading.source(t) for t in
                    ("region_stat", "coupling", "coupling_choice", "carbon", "coalition_worth",
                     "cooperation", "cooperation_draft")},
    }  # fmt: skip


def _choices(reading: Reading, period: str) -> list[Row]:
    """Return each way to reckon: the mean, and how far the order of regions is that of the degree.

    The correlation is of ranks (Spearman); ``moved`` counts regions whose rank differs by more
    than three.
    """
    return reading.rows(
        "SELECT w.scaling, w.weighting, w.form, avg(w.degree) AS mean,"
        " corr(w.rank, c.rank) AS correlation,"
        " count(*) FILTER (abs(w.rank - c.rank) > 3) AS moved, count(*) AS regions"
        " FROM coupling_choice w JOIN coupling c USING (region_id, period) WHERE period = ?"
        " GROUP BY ALL ORDER BY w.scaling, w.weighting, w.form",
        period,
    )
