"""One party: its score and why, its invoices over time, its partners, alerts, offers and loans."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from liandong.console.around import alerts_of, around
from liandong.console.booking import names
from liandong.console.explained import explained, newest_score
from liandong.console.filters import Filter
from liandong.console.links import missing
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.trading import traded
from liandong.types import today

BLOCKS = (
    "features", "categories", "months", "signals", "suppliers", "buyers", "credentials", "alerts",
    "offers", "loans", "data_assets",
)  # fmt: skip
"""Lists that may be had as files."""

PARTNERS = 10
"""Suppliers and buyers shown."""
SIDES = ("sales", "purchases")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return everything about one party.

    Raises
    ------
    NotFoundError
        If nothing on the board names it.
    """
    party_id, f = query.text("party_id"), Filter.of(query)
    party = reading.first("SELECT * FROM party WHERE party_id = ?", party_id)
    made = traded(reading, party_id, f)
    score = newest_score(reading, party_id, f.on)
    day = score["as_of"] if score else None
    months = _months(made, day)
    if party is None and not months:
        raise missing("party", party_id, "/firms")
    found = explained(reading, score)
    used = (
        "party",
        "invoice",
        "alert",
        "offer",
        "loan",
        "feature",
        "signal",
        "credential",
        "data_asset",
        "data_value",
    )
    return {
        "party": party or {"party_id": party_id, "kind": None, "name": None, "name_en": None},
        "known": party is not None,
        "score": score,
        "explained": found,
        "categories": found["categories"] if found else [],
        "features": _features(reading, party_id, score),
        "months": months,
        "suppliers": _partners(reading, made, "purchases", query.upto(PARTNERS)),
        "buyers": _partners(reading, made, "sales", query.upto(PARTNERS)),
        "credentials": _credentials(reading, party_id, f.on or today()),
        "alerts": alerts_of(reading, party_id, f),
        "around": around(reading, party_id),
        "offers": reading.rows(
            "SELECT * FROM offer WHERE party_id = ? ORDER BY as_of DESC, project_id", party_id
        ),
        "loans": reading.rows(
            "SELECT * FROM loan WHERE party_id = ? ORDER BY start DESC, loan_id LIMIT ?",
            party_id,
            query.upto(50),
        ),
        "data_assets": reading.rows(
            "SELECT a.*, v.value AS worth FROM data_asset a LEFT JOIN data_value v"
            " ON v.asset_id = a.asset_id AND v.method = 'lending'"
            " AND v.as_of = (SELECT max(as_of) FROM data_value)"
            " WHERE a.party_id = ? ORDER BY a.asset_id LIMIT ?",
            party_id,
            query.upto(50),
        ),
        "signals": reading.rows(
            "SELECT source, measure, period, value, unit FROM signal WHERE party_id = ?"
            " ORDER BY period DESC, source, measure LIMIT ?",
            party_id,
            query.upto(50),
        ),
        "group": reading.first("SELECT * FROM party_group WHERE party_id = ?", party_id),
        "sources": {
            **{t: reading.source(t) for t in used},
            **{t: reading.source(t, day) for t in ("score", "explanation", "aim")},
        },
    }


def _features(reading: Reading, party_id: str, score: Row | None) -> list[Row]:
    if score is None:
        return []
    return reading.rows(
        "SELECT measure, value FROM feature WHERE party_id = ? AND as_of = ? ORDER BY measure",
        party_id, score["as_of"],
    )  # fmt: skip


def _credentials(reading: Reading, party_id: str, on: date) -> list[Row]:
    """Return what other boards say of a firm, what is in force on a day first."""
    rows = reading.rows(
        "SELECT * FROM credential WHERE party_id = ? ORDER BY kind, valid_from DESC, number",
        party_id,
    )
    found = []
    for r in rows:
        begun, over = r["valid_from"] <= on, r["valid_to"] is not None and r["valid_to"] < on
        status = "lapsed" if over else "in_force" if begun else "not_yet"
        claims = ", ".join(f"{n}: {v}" for n, v in json.loads(r["claims"]).items())
        status = "revoked" if r["revoked"] else status
        found.append({**r, "said": claims, "status": status})
    return sorted(found, key=lambda r: r["status"] != "in_force")


def _months(made: list[Row], day: date | None) -> list[Row]:
    """Return net amounts by month, side and status; void invoices are shown, never summed.

    Months without invoices are there, too, up to the day of the score: nothing sold is seen.
    """
    found: dict[str, Row] = {}
    for r in made:
        month = found.setdefault(r["month"], _blank(r["month"]))
        month[f"{r['side']}_{r['status']}"] += r["net"]
        month["count"] += r["count"]
    last = max([*found, f"{day:%Y-%m}"] if found and day else found, default="")
    return [found.get(m) or _blank(m) for m in _through(min(found, default=""), last)]


def _through(first: str, last: str) -> Iterator[str]:
    """Yield the months from one to another, both as ``2025-01``; none if ``first`` is empty."""
    while first and first <= last:
        yield first
        year, month = map(int, first.split("-"))
        first = f"{year + month // 12:04}-{month % 12 + 1:02}"


def _blank(month: str) -> Row:
    sums = {f"{side}_{status}": 0 for side in SIDES for status in ("valid", "red", "void")}
    return {"month": month, **sums, "count": 0}


def _partners(reading: Reading, made: list[Row], side: str, most: int) -> list[Row]:
    """Return the largest partners on one side with their share of it in ppm."""
    sums: dict[str, Row] = {}
    for r in made:
        if r["side"] == side and r["status"] != "void":
            blank = {"party_id": r["party_id"], "net": 0, "count": 0, "last": r["last"]}
            own = sums.setdefault(r["party_id"], blank)
            own["net"] += r["net"]
            own["count"] += r["count"]
            own["last"] = max(own["last"], r["last"])
    whole = sum(own["net"] for own in sums.values())
    first = sorted(sums.values(), key=lambda r: (-r["net"], r["party_id"]))[:most]
    known = names(reading, [r["party_id"] for r in first])
    nobody = {"name": None, "name_en": None}
    return [
        {**r, "share": round(1e6 * r["net"] / whole) if whole else None,
         **nobody, **known.get(r["party_id"], {})}
        for r in first
    ]  # fmt: skip
