"""One party: its score and why, its invoices over time, its partners, alerts, offers and loans."""

from typing import Any

from liandong.console.around import alerts_of, around
from liandong.console.explained import explained, newest_score
from liandong.console.filters import Filter
from liandong.console.links import missing
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

PARTNERS = 10
"""Suppliers and buyers shown."""
_SIDES = {"sales": ("seller", "buyer"), "purchases": ("buyer", "seller")}


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return everything about one party.

    Raises
    ------
    NotFoundError
        If nothing on the board names it.
    """
    party_id, f = query.text("party_id"), Filter.of(query)
    party = reading.first("SELECT * FROM party WHERE party_id = ?", party_id)
    months = _months(reading, party_id, f)
    if party is None and not months:
        raise missing("party", party_id, "/firms")
    score = newest_score(reading, party_id, f.on)
    day = score and score["as_of"]
    used = ("party", "invoice", "alert", "offer", "loan", "feature", "signal")
    return {
        "party": party or {"party_id": party_id, "kind": None, "name": None, "name_en": None},
        "known": party is not None,
        "score": score,
        "explained": explained(reading, score),
        "features": _features(reading, party_id, score),
        "months": months,
        "suppliers": _partners(reading, party_id, f, "purchases"),
        "buyers": _partners(reading, party_id, f, "sales"),
        "alerts": alerts_of(reading, party_id, f),
        "around": around(reading, party_id),
        "offers": reading.rows(
            "SELECT * FROM offer WHERE party_id = ? ORDER BY as_of DESC, project_id", party_id
        ),
        "loans": reading.rows(
            "SELECT * FROM loan WHERE party_id = ? ORDER BY start DESC, loan_id LIMIT 50", party_id
        ),
        "signals": reading.rows(
            "SELECT source, measure, period, value, unit FROM signal WHERE party_id = ?"
            " ORDER BY period DESC, source, measure LIMIT 50",
            party_id,
        ),
        "group": reading.first("SELECT * FROM party_group WHERE party_id = ?", party_id),
        "sources": {
            **{t: reading.source(t) for t in used},
            **{t: reading.source(t, day) for t in ("score", "explanation", "aim")},
        },
    }


def _features(reading: Reading, party_id: str, score: Row | None) -> list[Row]:
    if score is None:
        return []
    return reading.rows(
        "SELECT measure, value FROM feature WHERE party_id = ? AND as_of = ? ORDER BY measure",
        party_id, score["as_of"],
    )  # fmt: skip


def _months(reading: Reading, party_id: str, f: Filter) -> list[Row]:
    """Return net amounts by month, side and status; void invoices are shown, never summed."""
    found: dict[str, Row] = {}
    for side, (own, _) in _SIDES.items():
        where = _invoices(party_id, own, f)
        for r in reading.rows(
            "SELECT strftime(date, '%Y-%m') AS month, status, count(*) AS count, sum(net) AS net"
            " FROM invoice{where} GROUP BY ALL",
            where,
        ):
            month = found.setdefault(r["month"], _blank(r["month"]))
            month[f"{side}_{r['status']}"] = r["net"]
            month["count"] += r["count"]
    return [found[m] for m in sorted(found)]


def _blank(month: str) -> Row:
    sums = {f"{side}_{status}": 0 for side in _SIDES for status in ("valid", "red", "void")}
    return {"month": month, **sums, "count": 0}


def _invoices(party_id: str, own: str, f: Filter) -> Where:
    where = Where().add(f"{own} = ?", party_id)
    return where.add("date <= ?", f.on) if f.on else where


def _partners(reading: Reading, party_id: str, f: Filter, side: str) -> list[Row]:
    """Return the largest partners on one side with their share of it in ppm."""
    own, other = _SIDES[side]
    where = _invoices(party_id, own, f).add("status <> 'void'")
    return reading.rows(
        "SELECT t.*, p.name, p.name_en FROM (SELECT {other} AS party_id, sum(net)::BIGINT AS net,"
        " count(*) AS count, max(date) AS last, (1e6 * sum(net) / nullif(sum(sum(net)) OVER (), 0))"
        "::BIGINT AS share FROM invoice{where} GROUP BY 1 ORDER BY net DESC, party_id LIMIT ?) t"
        " LEFT JOIN party p USING (party_id) ORDER BY net DESC, party_id",
        where, PARTNERS, other=other,
    )  # fmt: skip
