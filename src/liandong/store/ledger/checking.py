"""Holding the ledger against its entries, and entries and accounts against the log."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.schema.tables.ledger import COUNTERS
from liandong.store.books import rows_id
from liandong.store.ledger import tables
from liandong.store.ledger.folding import WAITS, folded
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

Row = dict[str, Any]
_WAITING = f"WITH told AS (SELECT * FROM entry) SELECT t.entry_id FROM told t WHERE {WAITS}"  # noqa: S608 - words are ours


def ledger_faults(store: "Store", log: list[Row]) -> Iterator[dict[str, str]]:
    """Yield what is wrong with counters, reservations, entries, accounts and periods."""
    yield from _counters(store)
    with store.books.engine.begin() as c:
        waits = {r[0] for r in c.execute(sa.text(_WAITING))}
    held = {r["entry_id"] for r in store.books.rows("reservation")}
    for entry_id in sorted(waits ^ held):
        yield both("fault.reservations", entry=entry_id)
    yield from _entries(store, [a for a in log if a["action"] == "ledger.post"])
    yield from _accounts(store, [a for a in log if a["action"] == "ledger.open"])
    closed = [a["subject"] for a in log if a["action"] == "ledger.close"]
    state = store.books.rows("ledger_state")[0]["closed_to"]
    if (state.isoformat() if state else None) != (closed[-1] if closed else None):
        yield both("fault.closing_changed")


def _accounts(store: "Store", log: list[Row]) -> Iterator[dict[str, str]]:
    """Hold accounts that no run opened against the acts that did."""
    by_hand = {r["account_id"]: r for r in store.books.rows("account") if r["run_id"] is None}
    known = 0
    for a in log:
        said = json.loads(a["body"])
        own = [by_hand[i] for i in said["accounts"] if i in by_hand]
        known += len(own)
        if rows_id("account", own) != said["rows"]:
            yield both("fault.opening_changed", act=a["seq"])
    if known != len(by_hand):
        yield both("fault.opening_unknown", n=len(by_hand) - known)


def _counters(store: "Store") -> Iterator[dict[str, str]]:
    with store.books.engine.begin() as c:
        found = c.execute(sa.text(folded("TRUE"))).mappings().all()
    wanted = {r["account_id"]: tuple(r[n] for n in COUNTERS) for r in found}
    balances = store.books.rows("balance")
    held = {r["account_id"]: tuple(r[n] for n in COUNTERS) for r in balances}
    nothing = (0,) * len(COUNTERS)
    for account in sorted(wanted.keys() | held.keys()):
        if wanted.get(account, nothing) != held.get(account, nothing):
            yield both("fault.counters", account=account)


def _entries(store: "Store", log: list[Row]) -> Iterator[dict[str, str]]:
    """Hold entries that no run wrote against the acts that posted them."""
    mine = "run_id IS NULL AND book_time IS NOT NULL ORDER BY book_time"
    with store.books.engine.begin() as c:
        entry = tables.entries_where(c, mine)
    at, known = entry["book_time"], 0
    for a in log:
        said = json.loads(a["body"])
        first, last = (_moment(said[n]) for n in ("first", "last"))
        own = entry.filter(pc.and_(pc.greater_equal(at, first), pc.less_equal(at, last)))
        known += len(own)
        if tables.digest(tables.told(own)) != a["subject"]:
            yield both("fault.posting_changed", act=a["seq"])
    if known != len(entry):
        yield both("fault.posting_unknown", n=len(entry) - known)


def _moment(text: str) -> pa.Scalar:
    return pa.scalar(datetime.fromisoformat(text), pa.timestamp("us", tz="UTC"))
