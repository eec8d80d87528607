"""The ledger as a text that plain-text accounting reads: the format of Beancount, version 3."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from liandong.settle.ledger import MOVED
from liandong.types import CURRENCY_PLACES

ROOTS = {
    "loans": "Assets", "deposits": "Liabilities", "guarantee": "Liabilities", "income": "Income",
    "loss": "Expenses", "subsidy": "Expenses", "memo": "Equity",
}  # fmt: skip
"""Kinds of accounts there, for classes here."""


def journal(account: pa.Table, entry: pa.Table) -> Iterator[str]:
    """Write what was posted as transactions of two postings each, line by line.

    Parameters
    ----------
    account, entry
        Rows of the tables of these names. Reservations are no transactions until they are posted.

    Yields
    ------
    str
        Lines, without their ends: accounts first, then transactions by event time and id. The
        original ids are metadata, since names there allow fewer letters.

    Notes
    -----
    Syntax: the language reference of Beancount. A debit is positive.
    """
    moved = entry.filter(pc.is_in(entry["phase"], value_set=MOVED))
    moved = moved.sort_by([("event_time", "ascending"), ("entry_id", "ascending")])
    used = pc.unique(pa.chunked_array([*moved["debit"].chunks, *moved["credit"].chunks]))
    accounts = account.filter(pc.is_in(account["account_id"], value_set=used))
    rows = accounts.sort_by("account_id").to_pylist()
    names, units = _names(rows), {r["unit"]: "" for r in rows}
    units = _distinct({u: _commodity(u) for u in units}, "X")
    first = pc.min(moved["event_time"]).as_py()
    yield from (_opened(r, names[r["account_id"]], units[r["unit"]], first) for r in rows)
    for batch in moved.to_batches(max_chunksize=10_000):
        for r in batch.to_pylist():
            yield from _transaction(r, names, units)


def _opened(row: dict[str, str], name: str, unit: str, first: date) -> str:
    return f'{first} open {name} {unit}\n  id: "{_quoted(row["account_id"])}"'


def _transaction(r: dict[str, str], names: dict[str, str], units: dict[str, str]) -> Iterator[str]:
    amount = Decimal(r["amount"]).scaleb(-CURRENCY_PLACES.get(r["unit"], 0))
    yield ""
    yield f'{r["event_time"]} * "{_quoted(r["entry_id"])}"'
    for name in ("agreement", "ref"):
        if r[name]:
            yield f'  {name}: "{_quoted(r[name])}"'
    for side, sign in (("debit", ""), ("credit", "-")):
        yield f"  {names[r[side]]}  {sign}{amount} {units[r['unit']]}"


def _quoted(text: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", text)


def _names(rows: list[dict[str, str]]) -> dict[str, str]:
    own = {}
    for r in rows:
        parts = [_plain(p) for p in (r["code"], r["owner_id"], r["unit"])]
        own[r["account_id"]] = ":".join([ROOTS[r["code"]], *parts])
    return _distinct(own, "-")


def _plain(text: str) -> str:
    """Return a part of a name: letters, digits and dashes, beginning with a capital or a digit."""
    plain = re.sub(r"[^A-Za-z0-9-]", "-", text).lstrip("-") or "X"
    return plain[0].upper() + plain[1:]


def _commodity(unit: str) -> str:
    """Return 2 to 24 capitals, digits and dashes, beginning with a capital."""
    shape = unicodedata.normalize("NFKC", unit).upper()
    plain = re.sub(r"[^A-Z0-9-]", "-", shape).strip("-")[:20]
    return plain if re.match(r"[A-Z].", plain) else f"U{plain or 'X'}"


def _distinct(names: dict[str, str], mark: str) -> dict[str, str]:
    """Return the names, each once: what would be there again is numbered."""
    seen: set[str] = set()
    found = {}
    for key, name in names.items():
        own, number = name, 2
        while own in seen:
            own, number = f"{name}{mark}{number}", number + 1
        seen.add(own)
        found[key] = own
    return found
