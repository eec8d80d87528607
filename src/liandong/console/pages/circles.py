"""Circles of transfers: money that came back to where it set out, and money that lies idle."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading
from liandong.console.tracing.sheets import legs_of, there, with_legs
from liandong.schema.tables import TABLES

SORTS = {
    "amount": "bottleneck DESC, circle_id",
    "fast": "hours, circle_id",
    "legs": "legs DESC, bottleneck DESC, circle_id",
}
"""Orders that can be asked for."""
CARDS = 6
"""Circles drawn as rings, the first ones of the page."""
BLOCKS = ("circles", "legs", "idle")
"""Lists that may be had as files."""


_TAKES_PART = (
    "SELECT circle_id FROM circle_leg JOIN bank_account a ON a.account_id = src_account"
    " JOIN party USING (party_id){where}"
)
"""Each account of a circle pays one of its legs."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one page of circles, the first ones with their legs, and money that lies idle.

    Of a region or industry are the circles in which a party of it takes part, and its loans.
    """
    parties = Filter.of(query).party(Where(), "party")
    account, order = query.text("account"), query.choice("sort", SORTS, "amount")
    shown: dict[str, Any] = {
        "known": there(reading, "circle"), "account": account, "sorts": list(SORTS),
        "circles": [], "cards": [], "legs": [], "totals": None, "sources": {},
        **_idle(reading, query, parties),
    }  # fmt: skip
    if not shown["known"]:
        return shown
    where = Where()
    if account:
        legs = Where().add("src_account = ?", account)
        where.among("circle_id", "SELECT circle_id FROM circle_leg{where}", legs)
    if parties.values:
        where.among("circle_id", _TAKES_PART, parties)
    rows = reading.rows(
        "WITH c AS (SELECT * FROM circle{where} ORDER BY {order} LIMIT ? OFFSET ?)"
        " SELECT c.*, p.name, p.name_en FROM c LEFT JOIN party p USING (party_id) ORDER BY {order}",
        where, query.most, query.offset, order=SORTS[order],
    )  # fmt: skip
    cards = with_legs(reading, rows if query.text("block") == "legs" else rows[:CARDS])
    return {
        **shown,
        "circles": rows,
        "cards": cards,
        "legs": legs_of(cards),
        "totals": reading.one(
            "SELECT count(*) AS n, coalesce(sum(bottleneck), 0)::BIGINT AS amount"
            " FROM circle{where}",
            where,
        ),
        "sources": {t: reading.source(t) for t in ("circle", "circle_leg", "idle") if t in TABLES},
    }


def _idle(reading: Reading, query: Query, parties: Where) -> dict[str, Any]:
    """Return loan money that went to deposits, wealth products, securities or property."""
    if not there(reading, "idle"):
        return {"idle": [], "idle_total": {"n": 0, "amount": 0}}
    where = Where()
    if parties.values:
        lent = "SELECT loan_id FROM loan JOIN party USING (party_id){where}"
        where.among("loan_id", lent, parties)
    return {
        "idle": reading.rows(
            "SELECT * FROM idle{where} ORDER BY amount DESC, loan_id LIMIT ?", where, query.most
        ),
        "idle_total": reading.one(
            "SELECT count(*) AS n, coalesce(sum(amount), 0)::BIGINT AS amount FROM idle{where}",
            where,
        ),
    }
