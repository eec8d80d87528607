"""Loans whose money was followed: what was paid out, where it is, and that nothing is missing."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading
from liandong.console.tracing.sheets import method_of, methods

SORTS = {
    "amount": "disbursed DESC, loan_id",
    "sink": "sink DESC, loan_id",
    "difference": "abs(difference) DESC, loan_id",
    "start": "start DESC, loan_id",
}
"""Orders that can be asked for."""

_TRACED = (
    "SELECT method, loan_id, any_value(f.amount)::BIGINT AS disbursed, count(*) AS places,"
    " coalesce(sum(h.amount) FILTER (h.kind = 'held'), 0)::BIGINT AS held,"
    " coalesce(sum(h.amount) FILTER (h.kind = 'repaid'), 0)::BIGINT AS repaid,"
    " coalesce(sum(h.amount) FILTER (h.kind NOT IN ('held', 'repaid')), 0)::BIGINT AS sink,"
    " any_value(f.amount)::BIGINT - sum(h.amount)::BIGINT AS difference"
    " FROM holding h LEFT JOIN (SELECT loan_id, sum(amount) AS amount FROM flow"
    " WHERE kind = 'disbursement' AND loan_id IS NOT NULL GROUP BY loan_id) f USING (loan_id)"
    " GROUP BY method, loan_id"
)
_LOANS = (
    "SELECT l.party_id, l.start, l.status, h.* FROM loan l JOIN traced h USING (loan_id){where}"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return totals and one page of traced loans."""
    f, known = Filter.of(query), methods(reading)
    method = method_of(query, known)
    where = f.whose(Where().add("h.method = ?", method), "l.party_id")
    if f.on:
        where.add("l.start <= ?", f.on)
    if f.product:
        where.add("l.product_id = ?", f.product)
    keep_traced(reading)
    return {
        "method": method,
        "methods": known,
        "totals": reading.one(
            "SELECT count(*) AS loans, count(*) FILTER (difference = 0) AS reconciled,"
            " coalesce(sum(disbursed), 0) AS disbursed, coalesce(sum(held), 0) AS held,"
            " coalesce(sum(repaid), 0) AS repaid, coalesce(sum(sink), 0) AS sink,"
            " coalesce(sum(difference), 0) AS difference FROM ({loans})",
            where, loans=_LOANS,
        ),
        "all_loans": reading.one("SELECT count(*) AS n FROM loan")["n"],
        "sorts": list(SORTS),
        "rows": reading.rows(
            "SELECT t.*, p.name, p.name_en FROM ({loans}) t LEFT JOIN party p USING (party_id)"
            " ORDER BY {order} LIMIT ? OFFSET ?",
            where, PAGE_ROWS, query.offset, loans=_LOANS,
            order=SORTS[query.choice("sort", SORTS, "amount")],
        ),
        "sources": {"holding": reading.source("holding", method), "loan": reading.source("loan")},
    }  # fmt: skip


def keep_traced(reading: Reading) -> None:
    """Hold table ``traced``: by rule, what was paid out of each loan, and where that money is.

    ``difference`` is what is missing: nothing, or the trace is wrong.
    """
    reading.keep("traced", _TRACED)
