"""Loans whose money was followed: what was paid out, where it is, and that nothing is missing."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.console.tracing.sheets import method_of, methods

SORTS = {
    "amount": "currency <> 'CNY', currency, disbursed DESC, loan_id",
    "sink": "currency <> 'CNY', currency, sink DESC, loan_id",
    "difference": "currency <> 'CNY', currency, abs(difference) DESC, loan_id",
    "start": "start DESC, loan_id",
}
"""Orders that can be asked for; amounts in different currencies are not compared."""

# What was paid out, in the currency of the loan: that of the account it was first paid out to.
_LENT = (
    "SELECT loan_id, any_value(currency) AS currency, sum(CASE WHEN payee = currency"
    " THEN coalesce(received, amount) ELSE amount END)::BIGINT AS amount FROM (SELECT *,"
    " first_value(payee) OVER (PARTITION BY loan_id ORDER BY s.at, seq, flow_id) AS currency"
    " FROM (SELECT f.*, coalesce(b.currency, 'CNY') AS payee FROM flow f LEFT JOIN bank_account b"
    " ON b.account_id = f.dst_account WHERE f.kind = 'disbursement' AND f.loan_id IS NOT NULL) s)"
    " GROUP BY loan_id"
)
_TRACED = (
    "SELECT method, loan_id, coalesce(any_value(f.currency), 'CNY') AS currency,"
    " any_value(f.amount)::BIGINT AS disbursed, count(*) AS places,"
    " coalesce(sum(h.amount) FILTER (h.kind = 'held'), 0)::BIGINT AS held,"
    " coalesce(sum(h.amount) FILTER (h.kind = 'repaid'), 0)::BIGINT AS repaid,"
    " coalesce(sum(h.amount) FILTER (h.kind NOT IN ('held', 'repaid')), 0)::BIGINT AS sink,"
    " any_value(f.amount)::BIGINT - sum(h.amount)::BIGINT AS difference"
    " FROM holding h LEFT JOIN lent_out f USING (loan_id) GROUP BY method, loan_id"
)
_LOANS = (
    "SELECT l.party_id, l.start, l.status, h.* FROM loan l JOIN traced h USING (loan_id){where}"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return sums by currency and one page of traced loans."""
    f, known = Filter.of(query), methods(reading)
    method = method_of(query, known)
    where = f.whose(Where().add("h.method = ?", method), "l.party_id")
    if f.on:
        where.add("l.start <= ?", f.on)
    if f.product:
        where.add("l.product_id = ?", f.product)
    keep_traced(reading)
    sums = by_currency(reading, where)
    currency = query.choice("currency", [s["currency"] for s in sums])
    if currency:
        where.add("h.currency = ?", currency)
    return {
        "method": method,
        "methods": known,
        "currency": currency,
        "sums": sums,
        "totals": {n: sum(s[n] for s in sums) for n in ("loans", "reconciled")},
        "shown": sum(s["loans"] for s in sums if currency in {"", s["currency"]}),
        "all_loans": reading.one("SELECT count(*) AS n FROM loan")["n"],
        "sorts": list(SORTS),
        "rows": reading.rows(
            "SELECT t.*, p.name, p.name_en FROM ({loans}) t LEFT JOIN party p USING (party_id)"
            " ORDER BY {order} LIMIT ? OFFSET ?",
            where, query.most, query.offset, loans=_LOANS,
            order=SORTS[query.choice("sort", SORTS, "amount")],
        ),
        "sources": {"holding": reading.source("holding", method), "loan": reading.source("loan")},
    }  # fmt: skip


def by_currency(reading: Reading, where: Where) -> list[Row]:
    """Return what became of traced loans, each currency by itself; loans in yuan come first.

    Parameters
    ----------
    where
        Which loans ``l`` of ``traced h``.
    """
    return reading.rows(
        "SELECT currency, count(*) AS loans, count(*) FILTER (difference = 0) AS reconciled,"
        " coalesce(sum(disbursed), 0) AS disbursed, coalesce(sum(held), 0) AS held,"
        " coalesce(sum(repaid), 0) AS repaid, coalesce(sum(sink), 0) AS sink,"
        " coalesce(sum(difference), 0) AS difference FROM ({loans})"
        " GROUP BY currency ORDER BY currency <> 'CNY', currency",
        where, loans=_LOANS,
    )  # fmt: skip


def keep_traced(reading: Reading) -> None:
    """Hold table ``traced``: by rule, what was paid out of each loan, and where that money is.

    Amounts are in the currency of the loan, which is that of the account it was paid out to first.
    ``difference`` is what is missing: nothing, or the trace is wrong.
    """
    reading.keep("lent_out", _LENT)
    reading.keep("traced", _TRACED)
