"""Firms with their grade, size and what they were offered; searched, filtered, sorted."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading

SORTS = {
    "id": "p.party_id",
    "grade": "s.pd NULLS LAST, p.party_id",
    "risk": "s.pd DESC NULLS LAST, p.party_id",
    "revenue": "p.annual_revenue DESC NULLS LAST, p.party_id",
    "offer": "o.amount DESC NULLS LAST, p.party_id",
    "alerts": "alerts DESC, p.party_id",
}
"""Orders that can be asked for."""
_SOURCE = (
    "party p LEFT JOIN (SELECT * FROM score WHERE as_of = ?) s USING (party_id)"
    " LEFT JOIN (SELECT party_id, sum(amount) AS amount FROM offer WHERE as_of = ?"
    " GROUP BY party_id) o USING (party_id) LEFT JOIN (SELECT party_id, count(*) AS alerts"
    " FROM alert WHERE state <> 'closed' GROUP BY party_id) a USING (party_id)"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one page of firms and the grades among all that match."""
    f = Filter.of(query)
    scored, offered = f.latest(reading, "score"), f.latest(reading, "offer")
    where = _where(f, query)
    grades = reading.rows(
        "SELECT s.grade, count(*) AS count FROM {source}{where} GROUP BY s.grade ORDER BY s.grade",
        scored, offered, where, source=_SOURCE,
    )  # fmt: skip
    if grade := query.text("grade"):
        where.add("s.grade = ?", grade)
    rows = reading.rows(
        "SELECT p.party_id, p.name, p.name_en, p.kind, p.region_id, p.industry, p.size_class,"
        " p.annual_revenue, s.grade, s.points, s.pd, s.as_of, s.rule_id,"
        " CASE WHEN s.party_id IS NULL THEN 'party' ELSE 'score' END AS stands_in,"
        " o.amount, coalesce(a.alerts, 0) AS alerts"
        " FROM {source}{where} ORDER BY {order} LIMIT ? OFFSET ?",
        scored, offered, where, query.most, query.offset, source=_SOURCE,
        order=SORTS[query.choice("sort", SORTS, "id")],
    )  # fmt: skip
    total = sum(r["count"] for r in grades if r["grade"] == (grade or r["grade"]))
    return {
        "as_of": scored,
        "grade": grade,
        "grades": [r for r in grades if r["grade"]],
        "rows": rows,
        "total": total,
        "sorts": list(SORTS),
        "sources": {"score": reading.source("score", scored), "party": reading.source("party"),
                    "offer": reading.source("offer", offered), "alert": reading.source("alert")},
    }  # fmt: skip


def _where(f: Filter, query: Query) -> Where:
    where = f.party(Where().add("p.kind = 'firm'"), "p")
    if search := query.text("q"):
        where.add(
            "contains(lower(p.party_id || ' ' || coalesce(p.name, '') || ' ' ||"
            " coalesce(p.name_en, '') || ' ' || coalesce(p.credit_code, '')), lower(?))",
            search,
        )
    return where
