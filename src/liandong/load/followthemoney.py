"""FollowTheMoney: people, companies, ownership and payments, one JSON object a line.

Entities have many values for each property, as sources differ. Taken here: of names the first (and
the first in Latin letters as the English one), of dates the earliest start and the latest end, of
several percentages the least and the greatest as the ends of a band. A date may lack day or month:
it starts with the first day it can mean and ends with the last. A share may be a number, a band
(``25-50``) or one end of it (``>25``); without one the tie is there and its share unknown.

Interest without a start holds from :data:`LONG_AGO`. What a bank account is an asset of is its
holder, no tie. Payments are in one currency, hundredths of it in place of fen. Other kinds of
entities (addresses, sanctions …) have no table: ``load_error`` says how many were not read. The
``source`` of a tie names its data sets and the entity, in that order. Of several interests of one
owner in one company that begin on the same day, the one that ends last is taken.
"""

import json
import re
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from liandong.load.base import Raw, hashes, unusable
from liandong.load.entities import LINKS, TOPICS
from liandong.load.sheet import decode, told

LONG_AGO = "1900-01-01"
PARTIES = {
    "Person": "person", "Company": "firm", "Organization": "firm", "LegalEntity": "firm",
    "PublicBody": "government",
}  # fmt: skip
ROLES = ("guarantees", "supplies", "same_address", "controls", "kin")
_DATE = re.compile(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(.*)$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


class Entity(NamedTuple):
    """One entity: its id, schema, values by property, data sets, and line in the file."""

    id: str
    schema: str
    values: dict[str, list[str]]
    datasets: list[str]
    line: int

    def first(self, *names: str) -> str | None:
        """Return the first value of the first of these properties that has one."""
        return next((v for n in names for v in self.values.get(n, ())), None)


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hash of the file."""
    return hashes([path])


def read(path: Path, currency: str = "") -> Iterator[Raw]:
    """Read a file of entities.

    Parameters
    ----------
    path
        One JSON object a line, with ``properties`` or ``statements``.
    currency
        Of the payments to read; the only one in the file if empty.

    Yields
    ------
    Raw
        ``party``, ``edge``, ``bank_account``, ``flow``.

    Raises
    ------
    DataError
        If no line is an entity, or the payments are in several currencies and none was chosen.
    """
    found, broken = _entities(path)
    if not found:
        raise unusable(path, "layout", expected='{"id": …, "schema": …, "properties": {…}}')
    rows = _Rows(found, _chosen(path, found, currency))
    unread = Counter(e.schema for e in found if e.schema not in rows.known)
    notes = None
    if unread:
        names = ", ".join(f"{name} ({n})" for name, n in sorted(unread.items()))
        notes = told(path.name, [1], "schema", [names], "unread_entities")
    # Of ties of one kind that begin on one day, the one that ends last is taken.
    rows.tables["edge"].sort(key=lambda r: r["valid_to"] or "9999", reverse=True)
    for table, taken in rows.tables.items():
        if not taken:
            continue
        lines = pa.array([r.pop("_line") for r in taken], pa.int64())
        first = table == "party"
        yield Raw(
            table, pa.Table.from_pylist(taken, _text(taken)), path.name, lines,
            {"amount": "yuan"} if table == "flow" else {"share": "ppm", "share_low": "ppm",
            "share_high": "ppm"} if table == "edge" else {}, faults=broken if first else None,
            notes=notes if first else None,
        )  # fmt: skip


def _text(rows: list[dict[str, Any]]) -> pa.Schema:
    names = dict.fromkeys(n for r in rows for n in r)
    return pa.schema([pa.field(n, pa.string()) for n in names])


def _entities(path: Path) -> tuple[list[Entity], pa.Table | None]:
    """Return the entities of a file, and its lines that are none as ``load_error`` rows."""
    found, wrong = [], []
    for number, line in enumerate(decode(path, "").splitlines(), 1):
        if not line.strip():
            continue
        entity = _entity(line, number)
        if entity is None:
            wrong.append((number, line[:80]))
        else:
            found.append(entity)
    if not wrong:
        return found, None
    return found, told(path.name, [n for n, _ in wrong], "*", [w for _, w in wrong], "not_entity")


def _entity(line: str, number: int) -> Entity | None:
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str):
        return None
    values: dict[str, list[str]] = {}
    datasets = [str(d) for d in raw.get("datasets") or ()]
    for name, given in (raw.get("properties") or {}).items():
        values[name] = [str(v) for v in (given if isinstance(given, list) else [given])]
    # Statements say by value who said it.
    for name, said in (raw.get("statements") or {}).items():
        values.setdefault(name, [str(s["value"]) for s in said])
        datasets += [str(s["dataset"]) for s in said if s.get("dataset")]
    return Entity(raw["id"], str(raw.get("schema")), values, sorted({*datasets}), number)


def _chosen(path: Path, found: list[Entity], wanted: str) -> str:
    """Return the currency to read."""
    if wanted:
        return wanted.upper()
    counts = Counter(_currency(e) for e in found if e.schema == "Payment")
    if len(counts) > 1:
        raise unusable(path, "currencies", names=", ".join(sorted(counts)))
    return next(iter(counts), "")


def _currency(payment: Entity) -> str:
    if payment.first("amount"):
        return (payment.first("currency") or "CNY").upper()
    return "EUR" if payment.first("amountEur") else "USD" if payment.first("amountUsd") else "CNY"


class _Rows:
    """Rows of tables, gathered entity by entity.

    Parameters
    ----------
    found
        All entities.
    currency
        Of the payments to take.
    """

    def __init__(self, found: list[Entity], currency: str) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.currency = currency
        self.accounts = {e.id for e in found if e.schema == "BankAccount"}
        self.holder: dict[str, str] = {}
        self.made: set[str] = set()
        self.known = {*PARTIES, *LINKS, "BankAccount", "Payment"}
        for e in found:
            if e.schema == "Ownership" and e.first("asset") in self.accounts:
                self.holder[e.first("asset") or ""] = e.first("owner") or ""
        for e in found:
            if e.schema in PARTIES:
                self._party(e)
            elif e.schema in LINKS:
                self._link(e)
            elif e.schema == "BankAccount":
                self._account(e)
            elif e.schema == "Payment" and _currency(e) == self.currency:
                self._payment(e)

    def _add(self, table: str, line: int, **row: str | None) -> None:
        self.tables[table].append({"_line": line, **row})

    def _party(self, e: Entity) -> None:
        kinds = [TOPICS[t] for t in e.values.get("topics", ()) if t in TOPICS]
        names = e.values.get("name", [])
        latin = next((n for n in names if n.isascii()), None)
        code = e.first("uscCode")
        self._add(
            "party", e.line, party_id=e.id, kind=(kinds or [PARTIES[e.schema]])[0],
            name=names[0] if names else None, name_en=latin if [latin] != names[:1] else None,
            credit_code=code, founded=_start(e.values.get("incorporationDate")),
        )  # fmt: skip

    def _link(self, e: Entity) -> None:
        ends = LINKS[e.schema]
        src, dst = e.first(ends[0]), e.first(ends[1])
        if dst in self.accounts:
            return
        kind = {"Ownership": "owns", "Directorship": "directs"}.get(e.schema, e.first("role") or "")
        if e.schema == "Ownership" and e.first("ownershipType") == "control":
            kind = "controls"
        if kind not in {"owns", "directs", *ROLES}:
            return
        low, high = _band(e.values.get("percentage", []))
        exact = low is not None and low == high
        self._add(
            "edge", e.line, src=src, dst=dst, kind=kind,
            valid_from=_start(e.values.get("startDate")) or LONG_AGO,
            valid_to=_end(e.values.get("endDate")), share=low if exact else None,
            share_low=None if exact else low, share_high=None if exact else high,
            source=" ".join([*e.datasets, f"#{e.id}"]),
        )  # fmt: skip

    def _account(self, e: Entity) -> None:
        self._add(
            "bank_account", e.line, account_id=e.id, party_id=self.holder.get(e.id),
            kind=e.first("accountType") or "current", opened=_start(e.values.get("openingDate")),
            opening_balance=e.first("balance") or "0",
        )  # fmt: skip

    def _payment(self, e: Entity) -> None:
        ends = [
            e.first(f"{end}Account") or self._account_of(e.first(end), e.line)
            for end in ("payer", "beneficiary")
        ]
        self._add(
            "flow", e.line, flow_id=e.id, src_account=ends[0], dst_account=ends[1],
            amount=e.first("amount", "amountEur", "amountUsd"), at=_start(e.values.get("date")),
            seq=e.first("sequenceNumber") or str(e.line), purpose=e.first("purpose"),
            kind=e.first("summary") or "transfer", ref=e.first("recordId"),
        )  # fmt: skip

    def _account_of(self, party: str | None, line: int) -> str | None:
        """Return an account for a party of whom the file names none."""
        if party is None:
            return None
        account = f"{party}:account"
        if account not in self.made:
            self.made.add(account)
            self._add("bank_account", line, account_id=account, party_id=party, kind="current",
                      opening_balance="0")  # fmt: skip
        return account


def _start(values: list[str] | None) -> str | None:
    """Return the earliest day that these dates can mean; a date that is none stays as it is."""
    return min((_day(v, last=False) for v in values or ()), default=None)


def _end(values: list[str] | None) -> str | None:
    return max((_day(v, last=True) for v in values or ()), default=None)


def _day(word: str, *, last: bool) -> str:
    hit = _DATE.match(word.strip())
    if not hit:
        return word
    year, month, day, rest = hit.groups()
    if day:
        return f"{year}-{month}-{day}{rest}"
    month = month or ("12" if last else "01")
    if not 1 <= int(month) <= 12:
        return word
    return f"{year}-{month}-{monthrange(int(year), int(month))[1] if last else 1:02}"


def _band(words: list[str]) -> tuple[str | None, str | None]:
    """Return the ends of a share in ppm as text; what is no share stays, to be refused as it is.

    Examples
    --------
    >>> _band(["62.5"]), _band(["25-50 %"]), _band([">25"]), _band([])
    (('625000', '625000'), ('250000', '500000'), ('250000', None), (None, None))
    """
    ends: list[tuple[Decimal, Decimal]] = []
    for word in words:
        numbers = [Decimal(n.replace(",", ".")) * 10_000 for n in _NUMBER.findall(word)]
        if not numbers or len(numbers) > 2 or word.strip().startswith("-"):
            return word, word
        low, high = min(numbers), max(numbers)
        if len(numbers) == 1 and re.search(r"[<≤]|less|under|at most|up to", word, re.IGNORECASE):
            low = Decimal(0)
        elif len(numbers) == 1 and re.search(r"[>≥]|more|over|least", word, re.IGNORECASE):
            high = Decimal(1_000_000)
        ends.append((low, high))
    if not ends:
        return None, None
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    return _whole(low), None if high == 1_000_000 != low else _whole(high)


def _whole(value: Decimal) -> str:
    return str(int(value.to_integral_value()))
