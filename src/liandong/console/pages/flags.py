"""Red flags: first what share of the rows each kind points at, and how often it was right."""

import json
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.schema.tables import TABLES

BLOCKS = ("rows", "kinds")
"""Lists that may be had as files."""
EVIDENCE = 5
"""Rows of a flag that are linked on the page."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the kinds with their shares and precision, and a page of flags, the gravest first.

    Of a region or industry are the flags about parties of it; shares are of all rows looked at.
    """
    f = Filter.of(query)
    kinds = reading.rows(
        "SELECT s.*, p.confirmed, p.false_alarms, p.appealed, p.precision, p.low, p.high"
        " FROM flag_summary s LEFT JOIN flag_precision p USING (code)"
        " ORDER BY s.flagged DESC, s.code"
    )
    code = query.choice("code", [k["code"] for k in kinds])
    where = f.whose(Where(), "f.subject_id")
    if code:
        where.add("f.code = ?", code)
    rows = reading.rows(
        "SELECT f.*, r.outcome, w.name, w.name_en FROM red_flag f"
        " LEFT JOIN party w ON w.party_id = f.subject_id LEFT JOIN (SELECT flag_id,"
        " arg_max(outcome, flag_review.at) AS outcome FROM flag_review GROUP BY flag_id) r"
        " USING (flag_id){where} ORDER BY f.place, f.code, f.flag_id LIMIT ? OFFSET ?",
        where, query.most, query.offset,
    )  # fmt: skip
    return {
        "kinds": kinds,
        "code": code,
        "narrowed": bool(f.region or f.industry),
        "rows": [{**r, **_evidence(r)} for r in rows],
        "total": reading.one("SELECT count(*) AS n FROM red_flag f{where}", where)["n"],
        "sources": {t: reading.source(t) for t in ("red_flag", "flag_summary", "flag_precision")},
    }


def _evidence(flag: Row) -> Row:
    """Return the rows that a flag points at: the first ones by their keys, and how many more."""
    found = json.loads(flag["evidence"])
    key = TABLES[found["table"]].key[0]
    return {
        "points_at": found["table"],
        "first": [{key: name} for name in found["rows"][:EVIDENCE]],
        "more": max(flag["items"] - EVIDENCE, 0),
    }
