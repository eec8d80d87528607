"""The statement of one party: opening, what moved by purpose, closing; and the bank's lines."""

from typing import Any

from liandong.console.booking import names, places
from liandong.console.links import missing
from liandong.console.pages.statements import paired
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

BLOCKS = ("accounts", "purposes", "rows", "matched", "open")
"""What may be had as files of their own."""
MATCHED = 200
"""Pairs and open items that are listed."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the statement of a party for one period, the last one if none is chosen.

    Raises
    ------
    NotFoundError
        If there is no statement of this party.
    """
    owner = query.text("owner_id")
    asked = "SELECT DISTINCT period FROM statement WHERE owner_id = ? ORDER BY period DESC"
    periods = [r["period"] for r in reading.rows(asked, owner)]
    if not periods:
        raise missing("statement", owner, "/statements")
    period = query.choice("period", periods, periods[0])
    where = Where().add("s.owner_id = ? AND s.period = ?", owner, period)
    mine = Where().add("m.account_id IN (SELECT account_id FROM account WHERE owner_id = ?)", owner)
    return {
        "owner_id": owner,
        "party": names(reading, [owner]).get(owner),
        "periods": periods,
        "period": period,
        "accounts": reading.rows("SELECT s.* FROM statement s{where} ORDER BY account_id", where),
        "purposes": _purposes(reading, where),
        "rows": reading.rows(
            "SELECT l.*, s.unit FROM {lines}{where} ORDER BY l.account_id, l.number LIMIT ?"
            " OFFSET ?", where, query.most, query.offset, lines=_LINES,
        ),
        "total": reading.one("SELECT count(*) AS n FROM {lines}{where}", where, lines=_LINES)["n"],
        "paired": paired(reading, mine),
        "differences": reading.rows(
            "SELECT m.* FROM bank_difference m{where} ORDER BY account_id", mine
        ),
        "matched": _matched(reading, mine, query.upto(MATCHED)),
        "open": reading.rows(
            "SELECT m.*, d.unit FROM bank_open m LEFT JOIN bank_difference d USING (account_id)"
            "{where} ORDER BY m.day, m.side, m.item_id LIMIT ?", mine, query.upto(MATCHED),
        ),
        "places": places(reading),
        "sources": {t: reading.source(t) for t in ("statement", "bank_match", "bank_open")},
    }  # fmt: skip


_LINES = "statement_line l JOIN statement s USING (account_id, period)"


def _purposes(reading: Reading, where: Where) -> list[Row]:
    """Return what moved by the class of the other account and the agreement or product."""
    return reading.rows(
        "SELECT s.account_id, s.unit, o.code, e.agreement,"
        # Of shares the clause, with the base where something came in; others refer to a loan.
        " CASE WHEN starts_with(e.entry_id, 'share:') THEN e.ref END AS ref, count(*) AS entries,"
        " sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit"
        " FROM {lines} LEFT JOIN account o ON o.account_id = l.other_id"
        " LEFT JOIN entry e USING (entry_id){where} GROUP BY ALL"
        " ORDER BY s.account_id, sum(abs(l.amount)) DESC, o.code, e.agreement, ref",
        where, lines=_LINES,
    )  # fmt: skip


def _matched(reading: Reading, mine: Where, most: int) -> list[Row]:
    """Return pairs with how many lines and entries belong together."""
    return reading.rows(
        "SELECT m.*, d.unit, count(*) OVER (PARTITION BY m.line_id) AS entries,"
        " count(*) OVER (PARTITION BY m.entry_id) AS lines FROM bank_match m"
        " LEFT JOIN bank_difference d USING (account_id){where}"
        " ORDER BY m.line_id, m.entry_id LIMIT ?", mine, most,
    )  # fmt: skip
