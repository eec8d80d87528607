"""The offers one by one: what was offered to whom at what price, and why others got none."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

STATES = {"offered": "o.amount > 0", "refused": "o.amount = 0"}
"""What may be asked for."""
SORTS = {
    "project": "o.project_id",
    "amount": "o.amount DESC, o.project_id",
    "rate": "o.rate DESC NULLS LAST, o.project_id",
    "value": "o.value DESC, o.project_id",
}
"""Orders that can be asked for."""
_SOURCE = "offer o LEFT JOIN party p USING (party_id) LEFT JOIN project j USING (project_id)"

_VERDICT = (
    "[r FOR r IN o.reasons IF r.code <> 'match.value' AND NOT starts_with(r.code, 'match.price_')]"
)
"""Reasons but for the terms of the calculation, which the page of the row shows."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return grades, reasons of refusals, one page of offers, and what is up for approval."""
    f = Filter.of(query)
    day = f.latest(reading, "offer")
    where = _where(f, query).add("o.as_of = ?", day)
    grades = _grades(reading, where)
    reasons = _refusals(reading, where)
    state, grade = query.choice("state", STATES), query.text("grade")
    if state:
        where.add(STATES[state])
    if grade:
        where.add("o.grade = ?", grade)
    return {
        "as_of": day,
        "grades": grades,
        "refusals": reasons,
        "state": state,
        "grade": grade,
        "sorts": list(SORTS),
        "rows": _page(reading, where, query),
        "total": _count(reading, where),
        "cases": reading.rows(
            "SELECT * FROM \"case\" WHERE action = 'settle.disburse'"
            " ORDER BY opened_at DESC LIMIT 5"
        ),
        "sources": {
            **{t: reading.source(t, day) for t in ("offer", "quote", "score")},
            "case": reading.source("case"),
        },
    }


def _where(f: Filter, query: Query) -> Where:
    where = f.party(Where(), "p")
    if f.product:
        where.add("o.product_id = ?", f.product)
    if search := query.text("q"):
        where.add(
            "contains(lower(o.project_id || ' ' || o.party_id || ' ' || coalesce(p.name, '')"
            " || ' ' || coalesce(p.name_en, '')), lower(?))",
            search,
        )
    return where


def _grades(reading: Reading, where: Where) -> list[Row]:
    return reading.rows(
        "SELECT o.grade, count(*) AS projects, count(*) FILTER (o.amount > 0) AS offered,"
        " coalesce(sum(o.amount), 0) AS amount, (sum(o.rate::DOUBLE * o.amount) /"
        " nullif(sum(o.amount), 0))::BIGINT AS mean_rate FROM {source}{where}"
        " GROUP BY o.grade ORDER BY o.grade NULLS LAST",
        where,
        source=_SOURCE,
    )


def _refusals(reading: Reading, where: Where) -> list[Row]:
    """Return what decided against projects; ``points`` only where they are always the same."""
    return reading.rows(
        "SELECT r.code AS code, CASE WHEN min(r.points) = max(r.points) THEN min(r.points) END"
        " AS points, count(*) AS count FROM (SELECT unnest({verdict}) AS r FROM {source}{where}"
        " AND o.amount = 0) GROUP BY r.code ORDER BY count DESC, code LIMIT 12",
        where,
        source=_SOURCE,
        verdict=_VERDICT,
    )


def _count(reading: Reading, where: Where) -> int:
    asked = "SELECT count(*) AS n FROM {source}{where}"
    return int(reading.one(asked, where, source=_SOURCE)["n"])


def _page(reading: Reading, where: Where, query: Query) -> list[Row]:
    return reading.rows(
        "SELECT o.*, {verdict} AS verdict, p.name, p.name_en, p.region_id, p.industry,"
        " p.size_class, j.need, j.term_months FROM {source}{where}"
        " ORDER BY {order} LIMIT ? OFFSET ?",
        where,
        query.most,
        query.offset,
        source=_SOURCE,
        verdict=_VERDICT,
        order=SORTS[query.choice("sort", SORTS, "project")],
    )
