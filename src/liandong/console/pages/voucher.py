"""One voucher: its lots as a tree, who holds them, and the chain from any lot to the issue."""

from typing import Any

from liandong.console.links import missing
from liandong.console.pages.vouchers import keep_sums
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.trees import tree

BLOCKS = ("rows", "tree", "chain", "holdings", "discounts", "faults")
"""Lists that may be had as files."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the voucher, its tree, and one page of its lots.

    Raises
    ------
    NotFoundError
        If there is no such voucher.
    """
    voucher_id, lot = query.text("voucher_id"), query.text("lot")
    keep_sums(reading)
    voucher = reading.first("SELECT * FROM voucher_sum WHERE voucher_id = ?", voucher_id)
    if voucher is None:
        raise missing("voucher_lot", voucher_id, "/vouchers")
    lots = reading.rows(
        "SELECT l.*, p.name, p.name_en, p.party_id, a.kind, a.at FROM voucher_lot l"
        " JOIN voucher_act a USING (act_id) LEFT JOIN party p ON p.party_id = l.holder_id"
        " WHERE l.voucher_id = ? ORDER BY a.at, a.seq, a.act_id, l.lot_id",
        voucher_id,
    )
    return {
        "voucher": voucher,
        "tree": tree(lots),
        "lot": lot,
        "chain": _chain(lots, lot),
        "rows": lots[query.offset : query.offset + query.most],
        "total": len(lots),
        "holdings": reading.rows(
            "SELECT h.*, p.name, p.name_en, p.party_id FROM voucher_holding h"
            " LEFT JOIN party p ON p.party_id = h.holder_id WHERE h.voucher_id = ?"
            " ORDER BY h.amount DESC, h.holder_id LIMIT ?",
            voucher_id, query.most,
        ),
        "discounts": reading.rows(
            "SELECT d.*, a.at FROM voucher_discount d JOIN voucher_act a USING (act_id)"
            " WHERE d.act_id IN (SELECT act_id FROM voucher_lot WHERE voucher_id = ?)"
            " ORDER BY a.at, d.act_id LIMIT ?",
            voucher_id, query.most,
        ),
        "faults": reading.rows(
            "SELECT * FROM voucher_fault f WHERE voucher_id = ? OR list_contains(?, lot_id)"
            " ORDER BY f.at, act_id LIMIT ?",
            voucher_id, [r[k] for r in lots for k in ("lot_id", "act_id")], query.most,
        ),
        "sources": {t: reading.source(t) for t in
                    ("voucher_lot", "voucher_holding", "voucher_discount", "voucher_fault",
                     "voucher_act")},
    }  # fmt: skip


def _chain(lots: list[Row], lot: str) -> list[Row]:
    """Return a lot and all it came from, the issue last; nothing if there is no such lot."""
    known = {r["lot_id"]: r for r in lots}
    found = []
    at = known.get(lot)
    while at is not None:
        found.append(at)
        at = known.get(at["parent_id"])
    return found
