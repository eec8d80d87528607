"""One loan: where its money went, as a Sankey diagram, a reconciliation, rows of evidence."""

from typing import Any

from liandong.console.links import missing
from liandong.console.pages.loans import keep_traced
from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.sankey import sankey


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the loan, its flows and what is left of it where.

    Raises
    ------
    NotFoundError
        If there is no such loan.
    """
    loan_id = query.text("loan_id")
    loan = reading.first(
        "SELECT l.*, p.name, p.name_en FROM loan l LEFT JOIN party p USING (party_id)"
        " WHERE loan_id = ?",
        loan_id,
    )
    if loan is None:
        raise missing("loan", loan_id, "/trace")
    account = query.text("account")
    where = Where().add("t.loan_id = ?", loan_id)
    if account:
        where.add("t.src_account = ? OR t.dst_account = ?", account, account)
    keep_traced(reading)
    return {
        "loan": loan,
        "account": account,
        "reconciled": reading.first("SELECT * FROM traced WHERE loan_id = ?", loan_id),
        "holdings": _holdings(reading, loan_id),
        "flow": _flow(reading, loan_id),
        "rows": _evidence(reading, where, query),
        "total": reading.one("SELECT count(*) AS n FROM trail t{where}", where)["n"],
        "sources": {t: reading.source(t) for t in ("trail", "holding", "loan", "flow")},
    }


def _holdings(reading: Reading, loan_id: str) -> list[Row]:
    return reading.rows(
        "SELECT h.kind, h.place, h.amount, b.kind AS account_kind, b.party_id, p.name, p.name_en"
        " FROM holding h LEFT JOIN bank_account b ON b.account_id = h.place"
        " LEFT JOIN party p ON p.party_id = b.party_id WHERE h.loan_id = ?"
        " ORDER BY h.amount DESC, h.place LIMIT 100",
        loan_id,
    )


def _flow(reading: Reading, loan_id: str) -> dict[str, Any]:
    """Return the Sankey diagram, its nodes with owner and kind of account."""
    moves = reading.rows(
        "SELECT src_account, dst_account, amount FROM trail WHERE loan_id = ?"
        " ORDER BY step, flow_id",
        loan_id,
    )
    drawn = sankey((m["src_account"], m["dst_account"], m["amount"]) for m in moves)
    owners = {
        r["account_id"]: r
        for r in reading.rows(
            "SELECT b.account_id, b.kind, b.party_id, p.name, p.name_en FROM bank_account b"
            " LEFT JOIN party p USING (party_id) WHERE list_contains(?, b.account_id)",
            [n["account"] for n in drawn["nodes"]],
        )
    }
    blank = {"kind": None, "party_id": None, "name": None, "name_en": None}
    nodes = [{**blank, **n, **owners.get(n["account"], {})} for n in drawn["nodes"]]
    return {**drawn, "nodes": nodes}


def _evidence(reading: Reading, where: Where, query: Query) -> list[Row]:
    # The page is cut out first: only its rows need to be looked up among all transfers.
    return reading.rows(
        "SELECT t.step, t.flow_id, t.at, t.src_account, t.dst_account, t.amount AS taint,"
        " f.amount, f.purpose, f.kind FROM (SELECT * FROM trail t{where}"
        " ORDER BY step, flow_id LIMIT ? OFFSET ?) t LEFT JOIN flow f USING (flow_id)"
        " ORDER BY t.step, t.flow_id",
        where,
        PAGE_ROWS,
        query.offset,
    )
