"""The agreements of a board: what each is about, for whom, since when, and where it stands."""

import tomllib
from typing import Any

from liandong.console import agreeing
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.govern.versions import AGREEMENT

STAGES = ("in_force", "coming", "draft", "ended")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return all agreements with their clauses, those of one stage if one is chosen."""
    every = reading.once(("agreements",), lambda: _rows(reading))
    stage = query.choice("stage", STAGES)
    return {
        "rows": [r for r in every if stage in ("", r["stage"])],
        "stage": stage,
        "counts": {s: sum(r["stage"] == s for r in every) for s in STAGES},
        "sources": {t: reading.source(t) for t in ("share", "agreement_version")},
    }


def _rows(reading: Reading) -> list[Row]:
    kept = agreeing.agreements(reading)
    names = [
        r["agreement"] for r in reading.rows("SELECT DISTINCT agreement FROM agreement_version")
    ]
    every = {n: reading.board.rule_versions(n, AGREEMENT) for n in {*kept, *names}}
    drafts = {n: _newest(reading, n, v) for n, v in every.items() if n not in kept}
    told = agreeing.read([*kept.values(), *drafts.values()])["agreement_note"]
    found = []
    for name in sorted(every):
        headings = [n for n in told if (n["agreement"], n["kind"]) == (name, "heading")]
        one = kept.get(name)
        found.append({
            "agreement": name,
            "stage": agreeing.stage(one, headings),
            "clauses": headings,
            "parties": (one or drafts[name])["parties"],
            "version": one and one["version"],
            "waiting": sum(v["state"] == "open" for v in every[name]),
        })  # fmt: skip
    return sorted(found, key=lambda r: (STAGES.index(r["stage"]), r["agreement"]))


def _newest(reading: Reading, name: str, versions: list[Row]) -> Row:
    """Return what was proposed last of an agreement that nobody has approved."""
    row = reading.first("SELECT toml FROM rule WHERE rule_id = ?", versions[0]["rule"])
    plain = tomllib.loads(row["toml"])["agreements"] if row else []
    return {"parties": {}, **next(iter(plain), {"text": ""}), "name": name}
