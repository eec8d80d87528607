"""An application in plain words: what was offered and why, or why nothing was and what would help.

Said to the applicant: nothing here needs any knowledge of how offers are computed.
"""

from datetime import date
from typing import Any

from liandong.console import matching, repaying, wishes
from liandong.console.explained import newest_score
from liandong.console.links import missing
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.types import stable_id

RATE, LIMIT, CHANGE = "match.rate_", "match.limit_", "match.change_"
"""What reasons begin with: parts of a rate, bounds of the amount, what would help."""
MOST = 6
"""Products that are told one by one; the others are counted."""
MADE = ("offer", "quote", "score")
"""Tables whose runs the paper names."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return what became of a project: offers with their cost, and what was tried.

    Raises
    ------
    NotFoundError
        If nothing was decided about the project.
    """
    project_id, on = query.text("project_id"), query.day("on")
    where = Where().add("project_id = ?", project_id)
    if on:
        where.add("as_of <= ?", on)
    day = reading.one("SELECT max(as_of) AS day FROM offer{where}", where)["day"]
    if day is None:
        raise missing("offer", project_id, "/offers")
    offers = reading.rows(
        "SELECT * FROM offer WHERE project_id = ? AND as_of = ? ORDER BY amount DESC, product_id",
        project_id, day,
    )  # fmt: skip
    party_id = offers[0]["party_id"]
    project = reading.first("SELECT * FROM project WHERE project_id = ?", project_id)
    quotes = _quotes(reading, project_id, day, [o["product_id"] for o in offers if o["amount"]])
    known = {q["product_id"]: q for q in quotes}
    products = max(reading.one("SELECT count(*) AS n FROM product")["n"], len(quotes))
    made = {t: reading.source(t, day) for t in (*MADE, "allocation", "alternative")}
    return {
        "as_of": day,
        "project_id": project_id,
        "project": project,
        "party": reading.first("SELECT * FROM party WHERE party_id = ?", party_id)
        or {"party_id": party_id, "name": None, "name_en": None, "credit_code": None},
        "score": newest_score(reading, party_id, day),
        "pool": reading.first("SELECT projects, offered FROM allocation WHERE as_of = ?", day),
        "offers": [_told(o, known.get(o["product_id"]), project) for o in offers],
        "granted": sum(o["amount"] for o in offers),
        "lacking": _lacking(offers[0]),
        "tried": (tried := quotes[: query.upto(MOST)]),
        "more": products - len(tried),
        "alternatives": _alternatives(reading, project_id, day, query.upto(MOST)),
        "elsewise": _elsewise(reading, project_id, day),
        "equals": _equals(reading, project_id, day),
        "sender": query.text("sender"),
        "contact": query.text("contact"),
        "made": [r for r in reading.runs if r.run_id in {i for t in MADE for i in made[t]}],
        "sources": made,
    }


def _quotes(reading: Reading, project_id: str, day: date, offered: list[str]) -> list[Row]:
    """Return what every product said, the nearest to an offer first."""
    rows = reading.rows(
        "SELECT q.*, p.name AS product, p.name_en AS product_en,"
        " l.name AS lender, l.name_en AS lender_en, coalesce(p.term_months, 0) AS term_months"
        " FROM quote q LEFT JOIN product p USING (product_id)"
        " LEFT JOIN party l ON l.party_id = p.lender_id"
        " WHERE q.project_id = ? AND q.as_of = ? ORDER BY NOT list_contains(?, q.product_id),"
        " NOT q.eligible, CASE WHEN q.eligible THEN 0 ELSE len([r FOR r IN q.reasons"
        " IF NOT starts_with(r.code, 'match.change_')]) END,"
        " q.value_rate DESC NULLS LAST, q.product_id",
        project_id, day, offered,
    )  # fmt: skip
    return [
        {**r, "against": [x for x in r["reasons"] if not x["code"].startswith(CHANGE)],
         "would_help": _of(r["reasons"], CHANGE)}
        for r in rows
    ]  # fmt: skip


def _told(offer: Row, quote: Row | None, project: Row | None) -> Row:
    """Return an offer with the parts of its rate and what it costs to repay."""
    reasons: list[Row] = (quote or {}).get("reasons") or []
    parts = _of(reasons, RATE)
    told = {
        **offer,
        "quote": quote,
        "parts": parts if sum(p["points"] for p in parts) == offer["rate"] else [],
        "bounds": _of(reasons, LIMIT) + _of(offer["reasons"], "match.partial"),
        "also": _of(reasons, "match.obligor"),
        "fee": sum(r["points"] for r in _of(reasons, "match.borrower_fee")),
        "months": None,
    }
    if not offer["amount"] or offer["rate"] is None or not project:
        return told
    return {**told, **_cost(offer, (quote or {}).get("subsidy") or 0, project["term_months"])}


def _of(reasons: list[Row], start: str) -> list[Row]:
    return [r for r in reasons if r["code"].startswith(start)]


def _cost(offer: Row, subsidy: int, months: int) -> Row:
    """Return what the borrower pays once the subsidy is taken off the rate."""
    paid = max(offer["rate"] - subsidy, 0)
    level = repaying.level(offer["amount"], paid, months)
    return {
        "months": months,
        "paid_rate": paid,
        "saved": repaying.level(offer["amount"], offer["rate"], months).total - level.total,
        "level": level._asdict(),
        "at_end": repaying.at_end(offer["amount"], paid, months)._asdict(),
    }


def _lacking(offer: Row) -> Row | None:
    """Return the value of a yuan, the price of what it takes up, and what lacks, ppm.

    None if money was offered, or the project never came to be weighed against others.
    """
    points = {r["code"]: r["points"] for r in offer["reasons"]}
    if offer["amount"] or "match.value" not in points:
        return None
    value = points.pop("match.value")
    price = -sum(p for code, p in points.items() if code.startswith("match.price_"))
    return {"value": value, "price": price, "short": price - value}


def _alternatives(reading: Reading, project_id: str, day: date, most: int) -> list[Row]:
    """Return what other products would have needed, the nearest first; prices are left out."""
    return reading.rows(
        "SELECT a.* REPLACE ([r FOR r IN a.reasons IF starts_with(r.code, 'match.alt_')] AS"
        " reasons), p.name AS product, p.name_en AS product_en"
        " FROM alternative a LEFT JOIN product p USING (product_id)"
        " WHERE a.project_id = ? AND a.as_of = ? AND a.amount = 0 ORDER BY a.rank LIMIT ?",
        project_id, day, most,
    )  # fmt: skip


def _elsewise(reading: Reading, project_id: str, day: date) -> list[Row]:
    """Return the scenarios of the day in which the project fares otherwise."""
    rows = reading.rows(
        "SELECT s.* REPLACE ((sum(s.before) OVER (PARTITION BY s.name))::BIGINT AS before),"
        " p.name AS product, p.name_en AS product_en, c.terms"
        " FROM scenario_offer s JOIN scenario c USING (as_of, name)"
        " LEFT JOIN product p USING (product_id) WHERE s.project_id = ? AND s.as_of = ?"
        " AND s.change <> 'same' QUALIFY s.amount > 0 OR s.change = 'lost'"
        " ORDER BY s.name, s.amount DESC",
        project_id, day,
    )  # fmt: skip
    real = wishes.real_rule(reading, day)
    return [{**r, "other": matching.other(r.pop("terms"), real)} for r in rows]


def _equals(reading: Reading, project_id: str, day: date) -> Row:
    """Return how equals are told apart: the salt of the rule, and the mark of this project."""
    real = wishes.real_rule(reading, day)
    salt, sealed = real.get("salt", ""), real.get("salt_commitment", "")
    return {"salt": salt, "commitment": sealed, "mark": stable_id(salt, project_id)}
