"""The rules of a watch as cards, and a change of one of them held against what happened."""

import tomllib
from typing import Any

from liandong.console import ruling
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.errors import LiandongError

AT_MOST = 20.0
"""Alerts per 1,000 subjects and month beyond which a change is warned of."""
SHOWN = 50
"""Subjects shown of each kind."""
_NAMED = "SELECT watch FROM watch_version UNION SELECT watch FROM watch_state ORDER BY 1"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the rules of a watch, what a draft says and would bring, and all versions.

    ``unfinished`` says that a trial is still being computed: ask again.
    """
    watches = [r["watch"] for r in reading.rows(_NAMED)]
    watch = query.choice("watch", watches, watches[0] if watches else "")
    versions = reading.board.rule_versions(watch) if watch else []
    kept = ruling.rules_of(reading, watch, versions)
    plain = tomllib.loads(kept["toml"]) if kept else {}
    draft = ruling.Draft.of(query)
    checked, change = _checked(plain, draft)
    trial = _trial(reading, change)
    events = reading.one("SELECT count(*) AS n FROM watch_event")["n"]
    return {
        "watches": watches,
        "watch": watch,
        "rule": kept.get("rule_id"),
        "cards": ruling.in_words([kept]) if kept else [],
        "windows": ruling.windows_text(plain),
        "draft": vars(draft),
        "checked": checked,
        "trial": trial,
        "points": trial.get("points", []),
        "events": events,
        "sampled": bool(change and events > change.rule.most),
        "cautions": _cautions(trial, min(events, change.rule.most) if change else 0),
        "versions": [_version(reading, v) for v in versions],
        "actor": reading.board.actor,
        "unfinished": trial["state"] == "working",
        "sources": {t: reading.source(t) for t in ("watch_event", "event")},
    }


def _checked(plain: Row, draft: ruling.Draft) -> tuple[Row, ruling.Change | None]:
    """Return what the draft means, or what is wrong with it."""
    if not draft.said:
        return {"state": "none"}, None
    try:
        change = ruling.change(plain, draft)
    except LiandongError as error:
        return {"state": "wrong", **ruling.mistake(error, draft)}, None
    rows = [r for r in ruling.in_words([change.saved.row()]) if r["code"] == draft.code]
    return {"state": "right", "rules": rows}, change


def _trial(reading: Reading, change: ruling.Change | None) -> Row:
    """Return both sides of a trial, its curve, and whom it concerns."""
    if change is None:
        return {"state": "none"}
    found = ruling.tried(reading, change.rule)
    if found["state"] != "done":
        return found
    by_study: dict[str, list[Row]] = {}
    for row in found["points"]:
        by_study.setdefault(row["study"], []).append(row)
    sides = {n: rows[0] for n, rows in by_study.items() if n != "sweep"}
    points = sorted(by_study.get("sweep", []), key=lambda r: r["point"])
    own = sides.get("then.rule")
    return {
        "state": "done",
        "sides": sides,
        "points": points,
        "chosen": next((p for p in points if own and p["when"] == own["when"]), None),
        "sets": [],
        "study": change.rule.code,
        "subjects": {c: _subjects(reading, found["subjects"], c) for c in ("new", "gone")},
    }


def _subjects(reading: Reading, source: str, which: str) -> Row:
    """Return who is concerned, those with most alerts first, and how many there are."""
    rows = reading.rows(
        "SELECT t.subject_id AS party_id, t.seen_at, t.alerts, p.name, p.name_en FROM {source} t"
        " LEFT JOIN party p ON p.party_id = t.subject_id WHERE t.change = ?"
        " ORDER BY t.alerts DESC, t.seen_at, t.subject_id LIMIT ?",
        which, SHOWN, source=source,
    )  # fmt: skip
    count = "SELECT count(*) AS n FROM {source} WHERE change = ?"
    return {"rows": rows, "total": reading.one(count, which, source=source)["n"]}


def _cautions(trial: Row, judged: int) -> list[Row]:
    """Return what to be wary of in a change: codes of the texts with their values."""
    sides = trial.get("sides", {})
    own, whole = sides.get("then.rule"), sides.get("then")
    found = []
    if own and judged and 2 * own["hits"] >= judged:
        found.append({"code": "always", "values": {"share": own["hits"] / judged}})
    if whole and (whole["burden"] or 0) > AT_MOST:
        found.append({"code": "burden", "values": {"n": whole["burden"], "hours": whole["hours"]}})
    if whole and not whole["defaults"]:
        found.append({"code": "no_defaults", "values": {}})
    return found


def _version(reading: Reading, version: Row) -> Row:
    """Return a version with what it changes."""
    asked = "SELECT toml FROM rule WHERE rule_id = ?"
    new = reading.first(asked, version["rule"])
    old = reading.first(asked, version["base"]) if version["base"] else None
    changed = ruling.difference(old["toml"] if old else "", new["toml"]) if new else []
    return {**version, "changes": [{"sign": sign, "line": line} for sign, line in changed]}
