"""The invoices of one party, found among all of a board."""

from liandong.console.filters import Filter
from liandong.console.query import Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables import table

MOST = 10_000_000
"""Invoices that are kept in short in memory, in some 25 bytes each; more are looked through."""
_CODES = (
    "SELECT id, row_number() OVER ()::INT AS code FROM"
    " (SELECT seller AS id FROM invoice UNION SELECT buyer FROM invoice)"
)
_SHORT = (
    "SELECT s.code AS seller, b.code AS buyer, date, status::ENUM({statuses}) AS status, net"
    " FROM invoice i JOIN invoice_party s ON s.id = i.seller JOIN invoice_party b ON b.id = i.buyer"
)
_TOLD = (
    "WITH own AS MATERIALIZED (SELECT seller, buyer, date, status, net FROM {source}{where}),"
    " told AS (SELECT 'sales' AS side, buyer AS other, * FROM own WHERE seller = ?"
    " UNION ALL SELECT 'purchases', seller, * FROM own WHERE buyer = ?)"
    " SELECT side, {other} AS party_id, strftime(date, '%Y-%m') AS month,"
    " status::VARCHAR AS status, count(*) AS count, sum(net) AS net,"
    " max(date) AS last FROM told{named} GROUP BY ALL"
)


def traded(reading: Reading, party_id: str, f: Filter) -> list[Row]:
    """Return the invoices of a party, by side, other party, month and status."""
    # All at once: to find them means to look through all invoices of the board.
    if not _short(reading):
        return _told(reading, party_id, f, source="invoice", other="other", named="")
    found = reading.first("SELECT code FROM invoice_party WHERE id = ?", party_id)
    if not found:
        return []
    named = " JOIN invoice_party ON code = other"
    return _told(reading, found["code"], f, source="invoice_short", other="id", named=named)


def _told(reading: Reading, party: object, f: Filter, **parts: str) -> list[Row]:
    where = Where().add("seller = ? OR buyer = ?", party, party)
    if f.on:
        where.add("date <= ?", f.on)
    return reading.rows(_TOLD, where, party, party, **parts)


def _short(reading: Reading) -> bool:
    """Keep all invoices with numbers in place of names, which are compared far quicker.

    Not for who sees a part of them, of which all is made anew with every change of the board.
    """
    if reading.caller.sight.rows is not None or not reading.once(
        ("few invoices",), lambda: _few(reading)
    ):
        return False
    statuses = ", ".join(f"'{s}'" for s in table("invoice").field("status").choices)
    reading.keep("invoice_party", _CODES)
    reading.keep("invoice_short", _SHORT.format(statuses=statuses))
    return True


def _few(reading: Reading) -> bool:
    return bool(reading.one("SELECT count(*) AS n FROM invoice")["n"] <= MOST)
