"""Comparing records of firms: which pairs are looked at, and how far each of their parts agrees."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from liandong.schema.names.company import CompanyName, company_name
from liandong.types import credit_code_ok

MOST_IN_BLOCK = 200
"""Records that share no more than a common word are not compared with each other."""
CLOSE_DAYS = 366


class Record(NamedTuple):
    """One record of a firm; what is not known is None or empty."""

    party_id: str
    name: CompanyName
    code: str | None
    region: str | None
    founded: date | None


LEVELS = {
    "code": ("same.code_equal", "same.code_other"),
    "name": ("same.name_equal",),
    "brand": ("same.brand_equal", "same.brand_close", "same.brand_other"),
    "business": ("same.business_equal", "same.business_some", "same.business_other"),
    "form": ("same.form_equal", "same.form_other"),
    "place": ("same.place_equal", "same.place_province", "same.place_other"),
    "founded": ("same.founded_equal", "same.founded_year", "same.founded_other"),
}
"""How far each part of two records may agree, as codes of reasons; a part that is not known in both
says nothing."""
NAMED = ("brand", "business", "form", "place")
"""Parts of a name: where the whole name is equal, place included, it speaks in their stead."""


def records(rows: list[dict[str, object]]) -> list[Record]:
    """Read records from rows of ``party``, in order of their ids."""
    found = [
        Record(
            str(r["party_id"]),
            company_name(str(r["name"] or "")),
            _code(r["credit_code"]),
            str(r["region_id"]) if r["region_id"] else None,
            r["founded"] if isinstance(r["founded"], date) else None,
        )
        for r in rows
    ]
    return sorted(found, key=lambda r: r.party_id)


def _code(code: object) -> str | None:
    return str(code) if code and credit_code_ok(str(code)) else None


def pairs(known: list[Record]) -> list[tuple[int, int]]:
    """Return the pairs worth comparing.

    Those with an equal code or brand, with brands a character apart, or founded on one day in one
    province and line of business. Blocks of more than ``MOST_IN_BLOCK`` records are cut by
    province and line of business.
    """
    blocks: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, r in enumerate(known):
        for key in set(_keys(r)):
            blocks[key].append(i)
    found: set[tuple[int, int]] = set()
    for members in blocks.values():
        for part in _cut(members, known):
            found.update(combinations(part, 2))
    return sorted(found)


def _keys(r: Record) -> Iterator[tuple[object, ...]]:
    if r.code:
        yield "code", r.code
    if r.founded and r.region and r.name.business:
        yield "founded", r.founded, r.region[:2], r.name.business
    brand = r.name.brand
    if brand:
        yield "brand", brand
    if len(brand) > 2:
        # Two brands that differ in one character share a key with a gap at its place.
        yield from (("gap", at, brand[:at], brand[at + 1 :]) for at in range(len(brand)))
        yield from (("brand", brand[:at] + brand[at + 1 :]) for at in range(len(brand)))


def _cut(members: list[int], known: list[Record]) -> Iterator[list[int]]:
    if len(members) <= MOST_IN_BLOCK:
        yield members
        return
    parts: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i in members:
        r = known[i]
        parts[(r.region or "")[:2], r.name.business].append(i)
    yield from (p for p in parts.values() if len(p) <= MOST_IN_BLOCK)


def agreement(a: Record, b: Record) -> dict[str, int]:
    """Return the level of each part that says something, as an index into ``LEVELS``."""
    whole = bool(a.name.region and a.name.form) and a.name.canonical == b.name.canonical
    found = {
        "code": _two(a.code, b.code),
        "name": 0 if whole else -1,
        "brand": _brands(a.name.brand, b.name.brand),
        "business": _sets(a.name.business, b.name.business),
        "form": _two(a.name.form, b.name.form),
        "place": _places(a, b),
        "founded": _days(a.founded, b.founded),
    }
    return {n: at for n, at in found.items() if at >= 0 and not (whole and n in NAMED)}


def _two(a: str | None, b: str | None) -> int:
    return -1 if not a or not b else int(a != b)


def _brands(a: str, b: str) -> int:
    if not a or not b:
        return -1
    return 0 if a == b else 1 if _one_apart(a, b) else 2


def _one_apart(a: str, b: str) -> bool:
    """Tell whether one change makes a into b: replace, insert, drop or swap neighbours."""
    short, long = sorted((a, b), key=len)
    if len(long) - len(short) > 1 or len(long) < 3:
        return False
    at = next((i for i, (x, y) in enumerate(zip(short, long, strict=False)) if x != y), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at + 1 : at + 2] + short[at : at + 1] == long[at : at + 2]
    return short[at + 1 :] == long[at + 1 :] or (swapped and short[at + 2 :] == long[at + 2 :])


def _sets(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    if not a or not b:
        return -1
    return 0 if a == b else 1 if set(a) & set(b) else 2


def _places(a: Record, b: Record) -> int:
    """Compare the places in the names; without them, the registered regions."""
    if a.name.region and b.name.region:
        first, second = set(a.name.region), set(b.name.region)
        return 0 if first == second else 1 if first & second else 2
    if a.region and b.region:
        return 0 if a.region == b.region else 1 if a.region[:2] == b.region[:2] else 2
    return -1


def _days(a: date | None, b: date | None) -> int:
    if not a or not b:
        return -1
    return 0 if a == b else 1 if abs((a - b).days) <= CLOSE_DAYS else 2
