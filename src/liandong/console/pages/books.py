"""The books: balances by class, both sides of every entry, the loans paid out."""

from typing import Any

from liandong.console.booking import places
from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the trial balance and one page of entries, newest first."""
    f = Filter.of(query)
    where = _where(f)
    known = places(reading)
    rows = reading.rows(
        "SELECT e.*, d.owner_id AS debtor_id, dp.name AS debtor, dp.name_en AS debtor_en,"
        " c.owner_id AS creditor_id, cp.name AS creditor, cp.name_en AS creditor_en"
        " FROM entry e LEFT JOIN account d ON d.account_id = e.debit"
        " LEFT JOIN account c ON c.account_id = e.credit"
        " LEFT JOIN party dp ON dp.party_id = d.owner_id"
        " LEFT JOIN party cp ON cp.party_id = c.owner_id{where}"
        " ORDER BY e.event_time DESC, e.entry_id LIMIT ? OFFSET ?",
        where, query.most, query.offset,
    )  # fmt: skip
    return {
        "balances": [_placed(r, known) for r in _balances(reading, where)],
        "rows": [_placed(r, known) for r in rows],
        "total": reading.one("SELECT count(*) AS n FROM entry e{where}", where)["n"],
        "loans": reading.one("SELECT count(*) AS n, coalesce(sum(amount), 0) AS amount FROM loan"),
        "sources": {t: reading.source(t) for t in ("entry", "account", "loan")},
    }  # fmt: skip


def _placed(row: Row, known: dict[str, int]) -> Row:
    return {**row, "places": known.get(row["unit"], 0)}


def _where(f: Filter) -> Where:
    where = Where()
    owners = f.whose(Where(), "owner_id")
    if owners.values:
        where.among("e.credit", "SELECT account_id FROM account{where}", owners)
    if f.on:
        where.add("e.event_time <= ?", f.on)
    if f.product:
        where.add("e.agreement = ?", f.product)
    return where


def _balances(reading: Reading, where: Where) -> list[Row]:
    """Return what was debited and credited by class and unit; the two sums are equal."""
    return reading.rows(
        "SELECT coalesce(a.code, '') AS code, s.unit, count(DISTINCT s.account_id) AS accounts,"
        " sum(debited) AS debited, sum(credited) AS credited,"
        " sum(debited) - sum(credited) AS balance FROM (SELECT debit AS account_id,"
        " amount AS debited, 0 AS credited, unit FROM entry e{where} UNION ALL"
        " SELECT credit, 0, amount, unit FROM entry e{where}) s"
        " LEFT JOIN account a USING (account_id) GROUP BY ALL ORDER BY s.unit, code",
        where,
        where,
    )
