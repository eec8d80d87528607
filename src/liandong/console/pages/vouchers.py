"""Vouchers: what was issued and where it is, what cannot be, what is pledged twice, circles."""

from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading

SORTS = {
    "amount": "v.amount DESC, v.voucher_id",
    "held": "v.held DESC, v.voucher_id",
    "due": "v.due, v.voucher_id",
    "lots": "v.lots DESC, v.voucher_id",
}
"""Orders that can be asked for."""
LISTED = 30
"""Double pledges, rings and faults on the page; the rest is in their tables."""

_SUMS = (
    "SELECT r.voucher_id, r.amount, r.due, r.holder_id, a.from_party AS issuer_id, a.invoice_id,"
    " a.at, s.lots, s.held, s.settled, s.cancelled,"
    " r.amount - s.held - s.settled - s.cancelled AS difference FROM voucher_lot r"
    " JOIN voucher_act a ON a.act_id = r.act_id JOIN (SELECT voucher_id, count(*) AS lots,"
    ' sum("left")::BIGINT AS held, sum(settled)::BIGINT AS settled,'
    " sum(cancelled)::BIGINT AS cancelled FROM voucher_lot GROUP BY voucher_id) s"
    " ON s.voucher_id = r.voucher_id WHERE r.depth = 0"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return totals, one page of vouchers, and the first of what needs a look."""
    f = Filter.of(query)
    where = f.whose(Where(), "v.issuer_id")
    keep_sums(reading)
    return {
        "totals": reading.one(
            "SELECT count(*) AS vouchers, coalesce(sum(lots), 0) AS lots,"
            " count(*) FILTER (difference = 0) AS reconciled, coalesce(sum(amount), 0) AS issued,"
            " coalesce(sum(held), 0) AS held, coalesce(sum(settled), 0) AS settled,"
            " coalesce(sum(cancelled), 0) AS cancelled, coalesce(sum(difference), 0) AS difference"
            " FROM voucher_sum v{where}",
            where,
        ),
        "sorts": list(SORTS),
        "rows": reading.rows(
            "SELECT v.*, i.name AS issuer, i.name_en AS issuer_en, h.name AS holder,"
            " h.name_en AS holder_en FROM voucher_sum v"
            " LEFT JOIN party i ON i.party_id = v.issuer_id"
            " LEFT JOIN party h ON h.party_id = v.holder_id{where}"
            " ORDER BY {order} LIMIT ? OFFSET ?",
            where, query.most, query.offset, order=SORTS[query.choice("sort", SORTS, "amount")],
        ),
        "doubles": reading.rows(
            "SELECT * FROM pledged_twice ORDER BY from_b DESC, pair_id LIMIT ?", query.upto(LISTED)
        ),
        "doubles_total": reading.one("SELECT count(*) AS n FROM pledged_twice")["n"],
        "rings": reading.rows(
            "SELECT * FROM circular_trade ORDER BY list_position(['circular', 'doubtful', 'trade'],"
            " verdict), amount DESC, ring_id LIMIT ?",
            query.upto(LISTED),
        ),
        "rings_total": reading.one("SELECT count(*) AS n FROM circular_trade")["n"],
        "faults": reading.rows(
            "SELECT * FROM voucher_fault f ORDER BY f.at DESC, act_id LIMIT ?", query.upto(LISTED)
        ),
        "faults_total": reading.one("SELECT count(*) AS n FROM voucher_fault")["n"],
        "sources": {t: reading.source(t) for t in
                    ("voucher_lot", "voucher_fault", "pledged_twice", "circular_trade")},
    }  # fmt: skip


def keep_sums(reading: Reading) -> None:
    """Hold table ``voucher_sum``: each voucher with what is held, settled and cancelled of it.

    ``difference`` is what is missing: nothing, or the book is wrong.
    """
    reading.keep("voucher_sum", _SUMS)
