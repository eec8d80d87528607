"""Links between cases: who and what they have in common, and groups that belong together."""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from liandong.kernels.graphs.components import components
from liandong.schema.arrow import build, empty
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list
from liandong.types import PPM, Rate

Row = dict[str, Any]
_SHARED = {"address": "address", "phone": "phone", "bank_account": "account", "person": "person"}
"""What vendors and members of staff may have in common."""
_REASONS = {
    "subject": "links.subject",
    "owner": "links.owner",
    "vendor": "links.vendor",
    "staff": "links.staff",
    "unit": "links.unit",
    "buyer": "links.buyer",
    "supplier": "links.supplier",
    "approver": "links.approver",
    "account": "links.account",
    "address": "links.address",
    "phone": "links.phone",
    "person": "links.person",
}
_NAMED = {"staff": "staff", "vendor": "vendor", "unit": "unit", "buyer": "buyer",
          "entity": "buyer", "tenderer": "supplier"}  # fmt: skip
"""The tie that the subject of a flag is itself."""
Value = tuple[str, str]
"""A tie, and what is shared."""
Seen = tuple[str, str]
"""The table and the id of the row that says so."""


class CaseLinksRule(Rule):
    """What is too common to link cases.

    Attributes
    ----------
    most, share
        What more cases than this, or more than this share of all, have in common links none of
        them: an office everyone shares. Two may always be linked.
    flags
        Whether flags that are in no case are linked, too.
    """

    most: int = Field(default=8, ge=2)
    share: Rate = Field(default=Rate.parse("25%"), gt=0, le=1_000_000)
    flags: bool = True


class _Book(NamedTuple):
    """Rows by table and id, and people by what they stand behind; approvers with their acts."""

    rows: Mapping[str, Mapping[str, Row]]
    suppliers: Mapping[str, set[str]]
    approvers: Mapping[str, set[tuple[str, str]]]
    owners: Mapping[str, set[str]]


@fold(
    reads=("alert_case", "case_alert", "red_flag", "expense", "vendor", "staff", "tender",
           "tender_award", "power_act", "edge"),
    writes=("case_link", "case_cluster", "case_hub"),
    rule=CaseLinksRule,
)  # fmt: skip
def case_links(tables: Tables, rule: CaseLinksRule) -> Tables:
    """Link cases that have somebody or something in common, with the rows that say so.

    A case has its subject, whoever owns, directs or controls it, the vendors, claimants and units
    of the expenses that its flags point at, buyers and suppliers of the tenders, who used a power
    or agreed on any of these, and the addresses, telephones, accounts and persons of its vendors
    and staff, where two of them share those. What too many cases share is listed in ``case_hub``
    and links none. Cases that hang together are a group, named after its first one.
    """
    book = _book(tables)
    shared: dict[Value, dict[str, set[Seen]]] = defaultdict(lambda: defaultdict(set))
    for item, value, row in _values(tables, book, rule):
        shared[value][item].add(row)
    links, hubs = [], []
    everything = len({item for items in shared.values() for item in items})
    most = max(2, min(rule.most, everything * int(rule.share) // PPM))
    for (tie, via), items in sorted(shared.items()):
        if tie in _SHARED.values() and len({row for rows in items.values() for row in rows}) == 1:
            continue  # one vendor or member of staff, who is a tie himself
        if len(items) > most:
            hubs.append({"tie": tie, "via": via, "shared_by": len(items)})
            continue
        for one, other in combinations(sorted(items), 2):
            rows = sorted(items[one] | items[other])
            links.append({"one": one, "other": other, "tie": tie, "via": via,
                          "shared_by": len(items), "evidence": json.dumps(rows)})  # fmt: skip
    return {
        "case_link": _built("case_link", links),
        "case_cluster": _clusters(links),
        "case_hub": _built("case_hub", hubs),
    }


def _book(tables: Tables) -> _Book:
    keys = {"expense": "expense_id", "vendor": "vendor_id", "staff": "staff_id", "tender": "ocid"}
    rows = {t: {r[k]: r for r in tables[t].to_pylist()} for t, k in keys.items()}
    suppliers, owners = (defaultdict[str, set[str]](set) for _ in range(2))
    approvers: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for r in tables["tender_award"].to_pylist():
        suppliers[r["ocid"]] |= {*json.loads(r["suppliers"] or "[]")}
    for r in tables["power_act"].to_pylist():
        if r["kind"] in {"used", "approved"} and r["subject"]:
            approvers[r["subject"]].add((r["actor"], str(r["act"])))
    for r in tables["edge"].to_pylist():
        if r["kind"] in {"owns", "controls", "directs"}:
            owners[r["dst"]].add(r["src"])
    return _Book(rows, suppliers, approvers, owners)


def _values(tables: Tables, book: _Book, rule: CaseLinksRule) -> Iterator[tuple[str, Value, Seen]]:
    """Give what each case has in it, with the table and id of the row that says so."""
    flags = {r["flag_id"]: r for r in tables["red_flag"].to_pylist()}
    subjects = {r["case_id"]: r["party_id"] for r in tables["alert_case"].to_pylist()}
    worked = {r["alert_id"]: r["case_id"] for r in tables["case_alert"].to_pylist()}
    for case, party in subjects.items():
        yield from ((case, *v) for v in _of_subject(party, book))
    for name, flag in flags.items():
        if name in worked or rule.flags:
            yield from ((worked.get(name, name), *v) for v in _of_flag(flag, book))


def _of_subject(party: str, book: _Book) -> Iterator[tuple[Value, Seen]]:
    yield ("subject", party), ("party", party)
    for owner in book.owners.get(party, ()):
        yield ("owner", owner), ("edge", f"{owner} {party}")
    yield from _approved(party, book)


def _of_flag(flag: Row, book: _Book) -> Iterator[tuple[Value, Seen]]:
    """Give whom a flag is about, and whom the rows it points at name."""
    tie = _NAMED.get(flag["subject_kind"])
    if tie:
        yield (tie, flag["subject_id"]), ("red_flag", flag["flag_id"])
    if tie in {"staff", "vendor"}:
        yield from _of_holder(tie, flag["subject_id"], book)
    evidence = json.loads(flag["evidence"])
    for name in evidence["rows"]:
        seen = evidence["table"], name
        row = book.rows.get(evidence["table"], {}).get(name, {})
        for kind in ("vendor", "staff", "unit", "buyer"):
            other = row.get(f"{kind}_id")
            if other:
                yield (kind, other), seen
                yield from _of_holder(kind, other, book)
        for supplier in book.suppliers.get(name, ()) if evidence["table"] == "tender" else ():
            yield ("supplier", supplier), seen
        yield from _approved(name, book)


def _of_holder(kind: str, name: str, book: _Book) -> Iterator[tuple[Value, Seen]]:
    """Give the address, telephone, account and person of a vendor or a member of staff."""
    row = book.rows.get(kind, {}).get(name, {})
    for field, tie in _SHARED.items():
        plain = _plain(row.get(field))
        if plain:
            yield (tie, plain), (kind, name)
    yield from _approved(name, book)


def _approved(subject: str, book: _Book) -> Iterator[tuple[Value, Seen]]:
    for actor, act in book.approvers.get(subject, ()):
        yield ("approver", actor), ("power_act", act)


def _plain(text: str | None) -> str:
    """Return a text without blanks, in one case and width: the same thing written in two ways."""
    return "".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def _clusters(links: list[Row]) -> pa.Table:
    items = sorted({r[n] for r in links for n in ("one", "other")})
    if not items:
        return empty("case_cluster")
    at = {name: k for k, name in enumerate(items)}
    one, other = (np.array([at[r[n]] for r in links]) for n in ("one", "other"))
    root = components(one, other, len(items))
    ties: dict[str, Counter[str]] = defaultdict(Counter)
    for r in links:
        for n in ("one", "other"):
            ties[r[n]][r["tie"]] += 1
    return build("case_cluster", {
        "item": items,
        "cluster_id": [items[k] for k in root],
        "size": np.bincount(root)[root],
        "links": [ties[i].total() for i in items],
        "reasons": reason_list([[("links.kinds", len(ties[i])),
                                 *((_REASONS[t], n) for t, n in sorted(ties[i].items()))]
                                for i in items]),
    })  # fmt: skip


def _built(name: str, rows: list[Row]) -> pa.Table:
    return build(name, {n: [r[n] for r in rows] for n in rows[0]}) if rows else empty(name)
