"""Tables as FollowTheMoney entities: parties, ties, accounts and transfers, with stable ids."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from liandong.types import Money, Rate

TOPICS = {"fin.bank": "bank", "fin.fund": "fund", "gov": "government", "corp.coop": "coop"}
"""Topics that tell more of a party than its schema."""
LINKS = {
    "Ownership": ("owner", "asset"), "Directorship": ("director", "organization"),
    "UnknownLink": ("subject", "object"),
}  # fmt: skip
"""Kinds of links, and the properties of their two ends."""


def entities(tables: dict[str, pa.Table]) -> Iterator[dict[str, Any]]:
    """Return tables as entities, which :mod:`liandong.load.followthemoney` reads back.

    Parameters
    ----------
    tables
        ``party``, ``edge``, ``bank_account`` and ``flow``, or some of them.

    Yields
    ------
    dict
        ``id``, ``schema``, ``properties``: an entity to be written as one line of JSON.
    """
    for r in _of(tables, "party"):
        yield _out_party(r)
    for r in _of(tables, "edge"):
        yield _out_edge(r)
    owner = {}
    for r in _of(tables, "bank_account"):
        owner[r["account_id"]] = r["party_id"]
        yield from _out_account(r)
    for r in _of(tables, "flow"):
        yield _out_flow(r, owner)


def _of(tables: dict[str, pa.Table], name: str) -> Iterable[dict[str, Any]]:
    return tables[name].to_pylist() if name in tables else ()


def _as_entity(key: str, schema: str, **values: object) -> dict[str, Any]:
    given = {n: v if isinstance(v, list) else [str(v)] for n, v in values.items() if v is not None}
    return {"id": key, "schema": schema, "properties": {n: v for n, v in given.items() if v}}


def _key(*parts: object) -> str:
    """Return an id made of what a thing is: the same thing has the same id everywhere."""
    return "ld-" + hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:24]


def _out_party(r: dict[str, Any]) -> dict[str, Any]:
    schema = {"person": "Person", "government": "PublicBody"}.get(r["kind"], "Company")
    topics = [t for t, kind in TOPICS.items() if kind == r["kind"] and kind != "government"]
    names = [n for n in dict.fromkeys((r["name"], r["name_en"])) if n]
    return _as_entity(
        r["party_id"], schema, name=names, topics=topics, uscCode=r["credit_code"],
        incorporationDate=None if r["kind"] == "person" else r["founded"],
    )  # fmt: skip


def _out_edge(r: dict[str, Any]) -> dict[str, Any]:
    schema = {"owns": "Ownership", "controls": "Ownership", "directs": "Directorship"}.get(
        r["kind"], "UnknownLink"
    )
    ends = dict(zip(LINKS[schema], (r["src"], r["dst"]), strict=True))
    return _as_entity(
        _key("edge", r["src"], r["dst"], r["kind"], r["valid_from"]), schema, **ends,
        percentage=_percentage(r), startDate=r["valid_from"], endDate=r["valid_to"],
        role=r["kind"] if schema == "UnknownLink" else None, publisher=r["source"],
        ownershipType="control" if r["kind"] == "controls" else None,
    )  # fmt: skip


def _percentage(r: dict[str, Any]) -> str | None:
    ends = [r.get(n) for n in ("share_low", "share_high")]
    if r["share"] is not None:
        return _percent(r["share"])
    if ends == [None, None]:
        return None
    return f"{_percent(ends[0] or 0)}-{_percent(1_000_000 if ends[1] is None else ends[1])}"


def _percent(ppm: int) -> str:
    return str(Rate(ppm)).removesuffix("%").replace(",", "").strip()


def _out_account(r: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _as_entity(
        r["account_id"], "BankAccount", accountNumber=r["account_id"], openingDate=r["opened"],
        accountType=r["kind"], balance=_yuan(r["opening_balance"]),
    )  # fmt: skip
    yield _as_entity(
        _key("account", r["account_id"]), "Ownership", owner=r["party_id"], asset=r["account_id"]
    )


def _out_flow(r: dict[str, Any], owner: dict[str, str]) -> dict[str, Any]:
    return _as_entity(
        r["flow_id"], "Payment", payer=owner.get(r["src_account"]),
        beneficiary=owner.get(r["dst_account"]), payerAccount=r["src_account"],
        beneficiaryAccount=r["dst_account"], amount=_yuan(r["amount"]), currency="CNY",
        date=r["at"].isoformat(), sequenceNumber=r["seq"], purpose=r["purpose"], summary=r["kind"],
        recordId=r["ref"],
    )  # fmt: skip


def _yuan(amount: int) -> str:
    return Money(amount).yuan().replace(",", "")
