"""Statements by party, and how far the books agree with the banks."""

from typing import Any

from liandong.console.booking import places
from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row

BLOCKS = ("rows", "differences", "open")
"""What may be had as files of their own."""
SHOWN = 50
"""Accounts and open items of the reconciliation that are listed."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return parties with what they have in all, and the state of the reconciliation.

    Of a region are the accounts of its parties, and its own.
    """
    f, word = Filter.of(query), query.text("q")
    where = f.owner(Where(), "s.owner_id")
    theirs = f.owner(Where(), "account.owner_id")
    accounts = Where()
    if theirs.values:
        accounts.among("account_id", "SELECT account_id FROM account{where}", theirs)
    off = f.owner(Where(), "d.owner_id")
    off.add("d.difference <> 0 OR d.bank_open <> 0 OR d.books_open <> 0")
    if word:
        where.add("contains(lower(concat_ws(' ', s.owner_id, p.name, p.name_en)), lower(?))", word)
    return {
        "rows": reading.rows(
            "SELECT s.owner_id, p.name, p.name_en, s.unit, count(*) AS accounts,"
            " min(s.since) AS since, max(s.until) AS until, sum(s.debit) AS debit,"
            " sum(s.credit) AS credit, sum(s.closing) AS closing FROM {last}{where}"
            " GROUP BY ALL ORDER BY sum(s.debit) + sum(s.credit) DESC, s.owner_id, s.unit"
            " LIMIT ? OFFSET ?", where, query.most, query.offset, last=_LAST,
        ),
        "total": reading.one(
            "SELECT count(*) AS n FROM (SELECT 1 FROM {last}{where} GROUP BY s.owner_id, s.unit)",
            where, last=_LAST,
        )["n"],
        "paired": paired(reading, accounts),
        "reasons": _reasons(reading, accounts),
        "differences": reading.rows(
            "SELECT d.*, p.name, p.name_en FROM bank_difference d LEFT JOIN party p"
            " ON p.party_id = d.owner_id{where}"
            " ORDER BY abs(d.difference) DESC, d.account_id LIMIT ?", off,
            query.upto(SHOWN),
        ),
        "open": reading.rows(
            "SELECT o.*, a.owner_id, a.unit FROM bank_open o LEFT JOIN account a"
            " USING (account_id){where} ORDER BY abs(o.amount) DESC, o.side, o.item_id LIMIT ?",
            accounts, query.upto(SHOWN),
        ),
        "places": places(reading),
        "sources": {t: reading.source(t) for t in ("statement", "bank_match", "bank_open")},
    }  # fmt: skip


_LAST = (
    "(SELECT account_id, owner_id, unit, min(period) AS since, max(period) AS until,"
    " sum(debit) AS debit, sum(credit) AS credit, arg_max(closing, period) AS closing"
    " FROM statement GROUP BY account_id, owner_id, unit) s"
    " LEFT JOIN party p ON p.party_id = s.owner_id"
)
"""Each account with what it has at the end of its last period."""


def paired(reading: Reading, where: Where) -> Row:
    """Return how many lines of banks were paired with entries, by how many belong together."""
    return reading.one(
        "SELECT count(*) FILTER (entries = 1 AND lines = 1) AS one,"
        " count(*) FILTER (entries > 1) AS many_entries,"
        " count(DISTINCT entry_id) FILTER (lines > 1) AS many_lines FROM"
        " (SELECT line_id, any_value(entry_id) AS entry_id, count(*) AS entries,"
        " max(lines) AS lines FROM (SELECT m.*, count(*) OVER (PARTITION BY m.entry_id) AS lines"
        " FROM bank_match m) m{where} GROUP BY line_id)", where,
    )  # fmt: skip


def _reasons(reading: Reading, where: Where) -> list[Row]:
    """Return why items stay open, and on which side how many."""
    return reading.rows(
        "SELECT side, reasons[1].code AS code, count(*) AS n"
        " FROM bank_open{where} GROUP BY ALL ORDER BY n DESC, side, code",
        where,
    )
