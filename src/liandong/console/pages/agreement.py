"""One agreement: its text under one's hand, the contract it makes, and what it would give."""

import tomllib
from collections import defaultdict
from typing import Any

from liandong.console import agreeing
from liandong.console.links import missing
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.ruling import changed
from liandong.govern.versions import AGREEMENT

BLOCKS = ("shares", "inputs", "derived")
"""What may be had as files of their own."""
SAMPLE = """agreement NAME {
  unit CNY/2
  parties host, home
  valid 2027-01-01..2036-12-31
  base yearly = tax
  tier rest { host 1/2; home 1/2 }
}"""
"""Where a new agreement begins."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return an agreement as it is and as it is being written, and all its versions.

    Raises
    ------
    NotFoundError
        If there is no such agreement, and none is begun.
    """
    name = query.text("agreement")
    kept = agreeing.agreements(reading).get(name)
    versions = [_version(reading, v) for v in reading.board.rule_versions(name, AGREEMENT)]
    begun = query.choice("new", ("1",)) or query.text("text", most=agreeing.LONG)
    if not kept and not versions and not begun:
        raise missing("agreement_version", name, "/agreements")
    start = kept or (versions[0]["plain"] if versions else {"text": SAMPLE})
    draft = agreeing.Draft.of(query, start)
    checked = agreeing.looked_at(reading, draft)
    headings = [n for n in checked.get("notes", []) if n["kind"] == "heading"]
    shares = checked.get("shares", [])
    return {
        "agreement": name,
        "stage": agreeing.stage(kept, headings),
        "kept": kept,
        "draft": vars(draft),
        "checked": {n: v for n, v in checked.items() if n not in BLOCKS},
        "proved": agreeing.proved(checked),
        "inputs": checked.get("inputs", []),
        "shares": shares,
        "clauses": _by_clause(shares, headings),
        "outside": any(c["code"] == "settle.outside" for s in shares for c in s["reasons"]),
        "shared": _shared(reading, name),
        "derived": _derived(reading, checked.get("inputs", [])),
        "versions": [{n: v for n, v in one.items() if n != "plain"} for one in versions],
        "actor": reading.board.actor,
        "sources": {t: reading.source(t) for t in ("share", *agreeing.AMOUNTS)},
    }


def _by_clause(shares: list[Row], headings: list[Row]) -> list[Row]:
    """Return what would be shared by clause: parties, and amounts by year."""
    found = []
    for h in headings:
        years: dict[str, dict[str, int]] = defaultdict(dict)
        for s in shares:
            if s["clause"] == h["clause"]:
                years[s["period"]][s["party"]] = s["amount"]
        rows = [{"year": y, "shares": x, "total": sum(x.values())} for y, x in years.items()]
        about = {n: h[n] for n in ("clause", "unit", "places")}
        found += [{**about, "parties": h["parties"].split(", "), "years": rows}] if rows else []
    return found


def _shared(reading: Reading, name: str) -> Row:
    """Return how much has been shared by it so far."""
    return reading.one(
        "SELECT count(*) AS n, min(period) AS since, max(period) AS until FROM share"
        " WHERE agreement = ?", name,
    )  # fmt: skip


def _derived(reading: Reading, inputs: list[Row]) -> list[Row]:
    """Return which bases are worked out from what is on the board, and the last of each."""
    found = reading.rows(
        "SELECT base, unit, count(DISTINCT period) AS n, min(period) AS since,"
        " max(period) AS until, sum(amount) FILTER (period = last) AS amount,"
        " bool_or(reasons[1].code LIKE 'survey.water%') AS water,"
        " (SELECT count(DISTINCT loan_id) FROM derived_loan l WHERE l.base = d.base) AS loans"
        " FROM (SELECT *, max(period) OVER (PARTITION BY base) AS last FROM derived_amount) d"
        " WHERE base IN (SELECT unnest(?)) GROUP BY base, unit ORDER BY base",
        [i["base"] for i in inputs],
    )  # fmt: skip
    places = {i["base"]: i["places"] for i in inputs}
    return [{**r, "places": places[r["base"]]} for r in found]


def _version(reading: Reading, version: Row) -> Row:
    """Return a version with what it says and what it changes."""
    new, old = (_plain(reading, version[n]) for n in ("rule", "base"))
    before, after = (_lines(p) for p in (old, new))
    changes = [{"sign": sign, "line": line} for sign, line in changed(before, after)]
    return {**version, "plain": new, "changes": changes}


def _plain(reading: Reading, rule: str | None) -> Row:
    row = reading.first("SELECT toml FROM rule WHERE rule_id = ?", rule) if rule else None
    return tomllib.loads(row["toml"])["agreements"][0] if row else {"text": "", "parties": {}}


def _lines(plain: Row) -> list[str]:
    lines = [line.strip() for line in plain["text"].splitlines()]
    return [line for line in [*lines, agreeing.written(plain.get("parties", {}))] if line]
