"""What leaves the board, and what came in: budgets and releases, common firms, credentials."""

import json
from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.govern.sharing.budget import budget_account
from liandong.schema.tables.releasing import ATTRIBUTES
from liandong.types import today

BLOCKS = ("budgets", "releases", "cells", "common", "issuers")
SHOWN = 100
"""Acts of finding firms in common that are shown."""
_BUDGETS = """
WITH given AS (
    SELECT receiver_id, dataset, sum(epsilon)::BIGINT AS granted, max(granted_on) AS granted_on
    FROM privacy_grant GROUP BY ALL
), published AS (
    SELECT receiver_id, dataset, count(*) AS releases
    FROM (SELECT DISTINCT release, receiver_id, dataset FROM released) GROUP BY ALL
)
SELECT receiver_id, p.name, p.name_en, dataset, coalesce(granted, 0) AS granted, granted_on,
    coalesce(releases, 0) AS releases
FROM given FULL JOIN published USING (receiver_id, dataset)
LEFT JOIN party p ON p.party_id = receiver_id ORDER BY receiver_id, dataset
"""
_RELEASES = """
SELECT release, any_value(receiver_id) AS receiver_id, any_value(dataset) AS dataset,
    any_value(summed) AS summed, any_value(unit) AS unit, count(*) AS cells,
    any_value(epsilon) AS epsilon, any_value(scale) AS scale, any_value(rule_id) AS rule_id
FROM released GROUP BY release ORDER BY release
"""
_ISSUERS = """
SELECT i.*, count(c.number) AS accepted, count(*) FILTER (c.revoked) AS revoked,
    count(*) FILTER (NOT c.revoked AND ? >= c.valid_from AND coalesce(c.valid_to >= ?, true))
    AS in_force, max(c.status_at) AS status_at
FROM credential_issuer i
LEFT JOIN credential c ON c.issued_by = i.name AND c.issued_kind = i.kind
GROUP BY ALL ORDER BY i.name, i.kind
"""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return budgets, releases with the cells of one, common firms looked for, and issuers."""
    releases, day = reading.rows(_RELEASES), today()
    names = [r["release"] for r in releases]
    chosen = query.choice("release", names, names[0] if names else "")
    cells = reading.rows("SELECT * FROM released WHERE release = ? ORDER BY cell", chosen)
    return {
        "budgets": [_budget(reading, r) for r in reading.rows(_BUDGETS)],
        "releases": releases,
        "release": next((r for r in releases if r["release"] == chosen), None),
        "grouped": [a for a in ATTRIBUTES if any(r[a] is not None for r in cells)],
        "cells": cells,
        "common": _common(reading),
        "issuers": reading.rows(_ISSUERS, day, day),
        "sources": {t: reading.source(t) for t in
                    ("privacy_grant", "released", "credential_issuer", "credential")},
    }  # fmt: skip


def _budget(reading: Reading, row: Row) -> Row:
    """Return a budget with what its account in the ledger says: posted, spent and left."""
    account = budget_account(row["receiver_id"], row["dataset"])
    found = reading.board.ledger.balances(account=account).to_pylist()
    given, spent = (found[0][n] for n in ("credit", "debit")) if found else (0, 0)
    return {**row, "account_id": account, "posted": given, "spent": spent, "left": given - spent}


def _common(reading: Reading) -> list[Row]:
    """Return the acts of finding firms in common, newest first, with what was said of each."""
    found = reading.rows(
        'SELECT seq, "at", actor, action, subject, body FROM act'
        " WHERE starts_with(action, 'common.') ORDER BY seq DESC LIMIT ?",
        SHOWN,
    )
    said = ("count", "purpose", "until", "dataset", "law")
    blank = dict.fromkeys(said)
    return [{**blank, **{n: v for n, v in json.loads(r.pop("body") or "{}").items() if n in said},
             **r} for r in found]  # fmt: skip
