"""One case: what it rests on, what was done, what can be done, and what lies around it."""

import json
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from liandong.console.around import around
from liandong.console.links import missing
from liandong.console.proposed import case_known
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.govern.casework import possible
from liandong.types import end_of_day, from_epoch, today

BLOCKS = (
    "alerts", "warnings", "events", "acts", "timeline", "versions", "loans", "others",
)  # fmt: skip
"""Lists that may be had as files."""

SHOWN = 60
"""Warnings and events shown, the newest."""
VERBS = {
    "noted": "note", "assigned": "assign", "attached": "attach", "escalated": "escalate",
    "proposed": "propose", "closed": "approve", "returned": "give_back",
    "withdrawn": "take_back", "reopened": "reopen",
}  # fmt: skip
"""What a person does, by what becomes of it."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return everything about one case.

    Raises
    ------
    NotFoundError
        If there is no such case.
    """
    case_id, actor = query.text("case_id"), reading.board.actor
    case = reading.first("SELECT * FROM alert_case WHERE case_id = ?", case_id)
    if case is None:
        raise missing("alert_case", case_id, "/cases")
    party_id = case["party_id"]
    found = {
        "alerts": _alerts(reading, case_id),
        "versions": reading.rows(
            "SELECT v.* FROM alert_version v JOIN case_alert h USING (alert_id)"
            " WHERE h.case_id = ? AND v.change <> 'warned'"
            " ORDER BY v.known_from DESC, v.alert_id LIMIT ?", case_id, query.upto(SHOWN),
        ),
        "warnings": reading.rows(
            "SELECT * FROM warning w WHERE subject_id = ? AND level IS NOT NULL"
            " ORDER BY w.at DESC, code LIMIT ?", party_id, query.upto(SHOWN),
        ),
        "events": reading.rows(
            "SELECT event_id, kind, e.at, amount FROM event e WHERE party_id = ?"
            " ORDER BY e.at DESC, event_id LIMIT ?", party_id, query.upto(SHOWN),
        ),
        "acts": _acts(reading, case_id),
    }  # fmt: skip
    return {
        "case": case,
        "actor": actor,
        "late": case["state"] != "closed" and case["due_on"] < today(),
        "around": around(reading, party_id),
        "party": reading.first("SELECT * FROM party WHERE party_id = ?", party_id),
        "loans": reading.rows(
            "SELECT * FROM loan WHERE party_id = ? ORDER BY start DESC, loan_id LIMIT ?",
            party_id, query.upto(20),
        ),
        "others": reading.rows(
            "SELECT * FROM alert_case WHERE party_id = ? AND case_id <> ? ORDER BY opened_at DESC",
            party_id, case_id,
        ),
        **found,
        "timeline": _timeline(found),
        "verbs": [VERBS[k] for k in possible(case["state"])],
        "known": case_known(case),
        "own": case["state"] == "proposed" and case["maker"] == actor,
        "people": _people(reading, case["queue"]),
        "unfinished": case["state"] != "closed",
        "sources": {t: reading.source(t) for t in ("alert", "warning", "event", "loan", "score")},
    }  # fmt: skip


def _alerts(reading: Reading, case_id: str) -> list[Row]:
    """Return the alerts of a case as they stand; what was withdrawn keeps what it said then."""
    return reading.rows(
        "SELECT h.alert_id, h.rule, h.code, coalesce(e.level, h.level) AS level, e.state,"
        " e.opened_at, e.last_at, e.closed_at, e.value, e.threshold, e.reasons,"
        " p.precision, p.confirmed, p.false_alarms"
        " FROM case_alert h LEFT JOIN alert e USING (alert_id)"
        " LEFT JOIN rule_precision p ON p.rule = h.rule AND p.code = h.code"
        " WHERE h.case_id = ? ORDER BY e.opened_at, h.alert_id", case_id,
    )  # fmt: skip


def _acts(reading: Reading, case_id: str) -> list[Row]:
    rows = reading.rows("SELECT * FROM case_act WHERE case_id = ? ORDER BY seq", case_id)
    return [{**r, "body": json.loads(r["body"])} for r in rows]


def _people(reading: Reading, queue: str) -> list[str]:
    row = reading.first("SELECT people FROM case_queue WHERE queue = ?", queue)
    return [str(p) for p in json.loads(row["people"])] if row else []


def _timeline(found: dict[str, list[Row]]) -> list[Row]:
    """Return what is known of the subject and what was done, newest first."""
    lines = [
        *({"what": "alert", "at": v["known_from"], "word": v["change"], "code": v["code"],
           "level": v["level"], "reasons": v["reasons"]} for v in found["versions"]),
        *({"what": "warning", "at": w["at"], "word": w["code"], "code": w["code"],
           "level": w["level"], "reasons": w["reasons"]} for w in found["warnings"]),
        *({"what": "event", "at": _moment(e["at"]), "word": e["kind"], "amount": e["amount"]}
          for e in found["events"]),
        *({"what": "act", "at": a["at"], "word": a["kind"], "actor": a["actor"],
           **_said(a["body"])} for a in found["acts"]),
    ]  # fmt: skip
    return sorted(lines, key=lambda r: (r["at"], r["what"]), reverse=True)


def _said(body: Row) -> Row:
    """Return what an act says: to whom, what outcome, texts, and evidence."""
    return {
        **{n: body.get(n) for n in ("to", "outcome", "sha256")},
        "said": [body[n] for n in ("text", "reason", "name") if body.get(n)],
        "row": _row(body.get("row")),
    }


def _row(named: dict[str, str] | None) -> str | None:
    """Return the address of the row of the board that somebody has attached."""
    if not named:
        return None
    key = urlencode({n: v for n, v in named.items() if n != "table"})
    return f"/table/{quote(named['table'], safe='')}/row?{key}"


def _moment(day: date) -> datetime:
    return from_epoch(end_of_day(day))
