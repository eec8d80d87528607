"""A letter to a firm: its grade, the principal reasons, what would help, and its rights."""

from typing import Any

from liandong.console.explained import PRINCIPAL, explained, newest_score
from liandong.console.links import missing
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.errors import NotFoundError
from liandong.schema.tables import TABLES
from liandong.texts import both


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return what the letter says.

    The reasons are the terms of the scorecard that lost most points, :data:`PRINCIPAL` at most.

    Raises
    ------
    NotFoundError
        If the firm has no score, or nothing explains it.
    """
    party_id = query.text("party_id")
    score = newest_score(reading, party_id, query.day("on"))
    if score is None:
        raise missing("score", party_id, "/firms")
    found = explained(reading, score)
    if found is None:
        raise NotFoundError(
            kind=TABLES["explanation"].label,
            name=party_id,
            remedy=both("advice.run_first", step="assess.explain"),
        )
    terms = found["terms"]
    used = {
        t: reading.source(t, score["as_of"]) for t in ("score", "explanation", "aim", "feature")
    }
    return {
        "party": reading.first("SELECT * FROM party WHERE party_id = ?", party_id)
        or {"party_id": party_id, "name": None, "name_en": None, "credit_code": None},
        "score": score,
        "explained": found,
        "principal": [t for t in terms if t["rank"] and t["rank"] <= PRINCIPAL],
        "steps": [t for t in terms if t["aim_low"] is not None or t["aim_high"] is not None],
        "used": sorted({t["category"] for t in terms if t["state"] != "withheld"} - PAIRED),
        "withheld": sorted({t["category"] for t in terms if t["state"] == "withheld"} - PAIRED),
        "offers": _offers(reading, party_id, score),
        "made": [r for r in reading.runs if r.run_id in {i for t in MADE for i in used[t]}],
        "sender": query.text("sender"),
        "contact": query.text("contact"),
        "sources": used,
    }  # fmt: skip


MADE = ("score", "explanation")
"""Tables whose runs the letter names."""
PAIRED = frozenset({"several"})
"""Categories that stand for others."""


def _offers(reading: Reading, party_id: str, score: Row) -> list[Row]:
    return reading.rows(
        "SELECT * FROM offer WHERE party_id = ? AND as_of = ? ORDER BY project_id, product_id",
        party_id, score["as_of"],
    )  # fmt: skip
