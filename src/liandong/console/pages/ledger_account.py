"""One account: its counters, each entry with the balance after it, and what is still reserved."""

from typing import Any

from liandong.console.booking import AsOf, names, places, proofs, shown
from liandong.console.links import missing
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables.ledger import COUNTERS, REVERSAL

BLOCKS = ("rows", "waiting")
"""What may be had as files of their own."""
NOTHING = dict.fromkeys(COUNTERS, 0)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return an account as of a day, a page of its entries, newest first, and its reservations.

    Raises
    ------
    NotFoundError
        If there is no such account.
    """
    own, as_of = query.text("account_id"), AsOf.of(query)
    account = reading.first("SELECT * FROM account WHERE account_id = ?", own)
    if account is None:
        raise missing("account", own, "/ledger")
    where = as_of.within(Where().add("e.debit = ? OR e.credit = ?", own, own))
    rows = _entries(reading, own, where, query)
    waiting = [] if as_of.event or as_of.book else _waiting(reading, own)
    party = names(reading, [account["owner_id"]]).get(account["owner_id"])
    return {
        "account": shown({**account, **_counters(reading, own, as_of)}),
        "party": party,
        "rows": rows,
        "total": reading.one("SELECT count(*) AS n FROM entry e{where}", where)["n"],
        "waiting": waiting,
        "proofs": proofs(reading, [*rows, *waiting]),
        "sealed": reading.held.sealed["size"],
        "places": places(reading),
        "chosen": vars(as_of),
        "sources": {t: reading.source(t) for t in ("account", "entry")},
    }


def _counters(reading: Reading, own: str, as_of: AsOf) -> Row:
    ledger = reading.board.ledger
    found = ledger.balances(event=as_of.event, book=as_of.written, account=own).to_pylist()
    return next(iter(found), NOTHING)


def _entries(reading: Reading, own: str, where: Where, query: Query) -> list[Row]:
    """Return entries with the balance after them; what only reserves or frees moves nothing."""
    return reading.rows(
        "SELECT w.*, starts_with(w.entry_id, ?) AS reversal, r.entry_id AS reversed_by FROM"
        " (SELECT e.*, CASE WHEN e.debit = ? THEN e.credit ELSE e.debit END AS other_id,"
        " {moved} AS moved, sum({moved}) OVER (ORDER BY e.event_time, e.entry_id) AS balance"
        " FROM entry e{where}) w LEFT JOIN entry r ON r.entry_id = concat(?, w.entry_id)"
        " ORDER BY w.event_time DESC, w.entry_id DESC LIMIT ? OFFSET ?",
        REVERSAL, own, own, own, where, REVERSAL, query.most, query.offset, moved=_MOVED,
    )  # fmt: skip


_MOVED = (
    "(CASE WHEN e.phase NOT IN ('posted', 'post') THEN 0 WHEN e.debit = ? THEN e.amount"
    " ELSE -e.amount END)"
)
"""What an entry moves on the account that is asked for: a debit is positive."""


def _waiting(reading: Reading, own: str) -> list[Row]:
    return reading.rows(
        "SELECT e.*, CASE WHEN e.debit = ? THEN e.credit ELSE e.debit END AS other_id,"
        " CASE WHEN e.debit = ? THEN e.amount ELSE -e.amount END AS moved"
        " FROM reservation v JOIN entry e USING (entry_id)"
        " WHERE e.debit = ? OR e.credit = ? ORDER BY e.until NULLS LAST, e.entry_id",
        own, own, own, own,
    )  # fmt: skip
