"""OCDS: releases, records and packages of them, as JSON or one JSON object a line.

A process may come as a compiled release, as a record (its ``compiledRelease`` is taken, or else its
releases), or as several releases: these are merged in order of date, so that a later value takes
the place of an earlier one, objects are merged field by field, and lists item by item where all
items have an id (https://standard.open-contracting.org, merging; versioned values are not read).
Bids and awards without an id are numbered as they stand. Amounts are hundredths of their currency,
in place of fen. What is no moment of RFC 3339 is as if it were not there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from liandong.load.base import Raw, hashes, unusable
from liandong.load.sheet import decode, told

Json = dict[str, Any]
_MONEY = {"amount": "yuan"}


def fingerprint(path: Path, **_: object) -> dict[str, str]:
    """Return the hash of the file."""
    return hashes([path])


def read(path: Path) -> Iterator[Raw]:
    """Read a file of releases or records.

    Yields
    ------
    Raw
        ``tender``, ``tender_bid``, ``tender_award``.

    Raises
    ------
    DataError
        If nothing in the file is a release or a record.
    """
    found, broken = _releases(path)
    if not found:
        raise unusable(
            path, "layout", expected='{"ocid": …} / {"releases": […]} / {"records": […]}'
        )
    rows: dict[str, list[Json]] = {"tender": [], "tender_bid": [], "tender_award": []}
    for line, release in _compiled(found):
        rows["tender"].append({"_line": line, **_tender(release)})
        bids = _list(_object(release, "bids"), "details")
        rows["tender_bid"] += [
            {"_line": line, **r} for r in _numbered(release, "bid_id", bids, _bid)
        ]
        awards = _list(release, "awards")
        rows["tender_award"] += [
            {"_line": line, **r} for r in _numbered(release, "award_id", awards, _award)
        ]
    for table, taken in rows.items():
        if taken:
            lines = pa.array([r.pop("_line") for r in taken], pa.int64())
            schema = pa.schema([pa.field(n, pa.string()) for n in taken[0]])
            yield Raw(
                table, pa.Table.from_pylist(taken, schema), path.name, lines,
                {} if table == "tender" else _MONEY, faults=broken if table == "tender" else None,
            )  # fmt: skip


def _releases(path: Path) -> tuple[list[tuple[int, Json]], pa.Table | None]:
    """Return the releases of a file with their lines, and ``load_error`` rows for what is none."""
    text = decode(path, "")
    try:
        given: list[tuple[int, Any]] = [(1, json.loads(text))]
    except ValueError:
        given = [(n, _json(line)) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    found: list[tuple[int, Json]] = []
    wrong = []
    for line, value in given:
        inside = [r for v in (value if isinstance(value, list) else [value]) for r in _inside(v)]
        found += [(line, r) for r in inside]
        if not inside:
            wrong.append(line)
    texts = text.splitlines()
    values = [texts[n - 1][:80] for n in wrong]
    broken = told(path.name, wrong, "ocid", values, "not_release") if wrong else None
    return found, broken


def _json(line: str) -> Any:  # noqa: ANN401 - whatever it is
    try:
        return json.loads(line)
    except ValueError:
        return None


def _inside(value: Any) -> list[Json]:  # noqa: ANN401 - whatever a file holds
    """Return the releases that a release, a record or a package is or holds."""
    if not isinstance(value, dict):
        return []
    for name in ("records", "releases"):
        if isinstance(value.get(name), list):
            if isinstance(value.get("compiledRelease"), dict):
                break
            return [r for v in value[name] for r in _inside(v)]
    if isinstance(value.get("compiledRelease"), dict):
        return _inside(value["compiledRelease"])
    return [value] if isinstance(value.get("ocid"), str) and value["ocid"] else []


def _compiled(found: list[tuple[int, Json]]) -> Iterator[tuple[int, Json]]:
    """Return one state of each process, with the line of its first release."""
    by: dict[str, list[tuple[int, Json]]] = defaultdict(list)
    for line, release in found:
        by[release["ocid"]].append((line, release))
    for own in by.values():
        state: Json = {}
        for _, release in sorted(own, key=lambda r: str(r[1].get("date") or "")):
            state = _merged(state, release)
        yield own[0][0], state


def _merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{k: _merged(old.get(k), v) for k, v in new.items()}}
    if isinstance(old, list) and isinstance(new, list) and all(map(_has_id, [*old, *new])):
        by = {str(v["id"]): v for v in old}
        for v in new:
            by[str(v["id"])] = _merged(by.get(str(v["id"])), v)
        return list(by.values())
    return new


def _has_id(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, dict) and value.get("id") is not None


def _object(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: Json, name: str) -> list[Json]:
    found = value.get(name)
    return [v for v in found if isinstance(v, dict)] if isinstance(found, list) else []


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    return None if value is None or isinstance(value, dict | list) else str(value)


def _moment(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _ids(things: Iterable[Json]) -> str:
    named = dict.fromkeys(str(t["id"]) for t in things if t.get("id") is not None)
    return json.dumps(list(named), ensure_ascii=False)


def _tender(release: Json) -> Json:
    tender = _object(release, "tender")
    period = _object(tender, "tenderPeriod")
    count = tender.get("numberOfTenderers")
    return {
        "ocid": release["ocid"],
        "buyer_id": _text(_object(release, "buyer").get("id")),
        "entity_id": _text(_object(tender, "procuringEntity").get("id")),
        "status": _text(tender.get("status")),
        "method": _text(tender.get("procurementMethod")),
        "method_details": _text(tender.get("procurementMethodDetails")),
        "start_at": _moment(period.get("startDate")),
        "end_at": _moment(period.get("endDate")),
        "tenderers": str(count) if isinstance(count, int) else None,
    }


def _numbered(release: Json, key: str, things: list[Json], row: Any) -> Iterator[Json]:  # noqa: ANN401 - a function
    taken: set[str] = set()
    for k, thing in enumerate(things, 1):
        own = _text(thing.get("id")) or f"{k:06d}"
        name = own if own not in taken else f"{own}#{k}"
        taken.add(name)
        yield {"ocid": release["ocid"], key: name, **row(thing)}


def _value(thing: Json) -> Json:
    value = _object(thing, "value")
    amount = value.get("amount")
    number = isinstance(amount, int | float) and not isinstance(amount, bool)
    return {"amount": str(amount) if number else None, "currency": _text(value.get("currency"))}


def _bid(bid: Json) -> Json:
    return {
        "status": _text(bid.get("status")), "at": _moment(bid.get("date")), **_value(bid),
        "tenderers": _ids(_list(bid, "tenderers")),
    }  # fmt: skip


def _award(award: Json) -> Json:
    classes = [_object(i, "classification") for i in _list(award, "items")]
    return {
        "status": _text(award.get("status")), **_value(award),
        "suppliers": _ids(_list(award, "suppliers")), "classes": _ids(classes),
    }  # fmt: skip
