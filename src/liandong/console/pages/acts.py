"""The act log with its tree head, and the decisions that two people made."""

from typing import Any

from liandong.console.query import PAGE_ROWS, Query, Where
from liandong.console.reading import Reading


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the head, the cases and one page of acts, newest first."""
    where = Where()
    for name in ("actor", "action", "subject"):
        if value := query.text(name):
            where.add(f"{name} = ?", value)
    return {
        "head": reading.held.log_head,
        "acts": reading.state,
        "sealed": reading.held.sealed,
        "cases": reading.rows('SELECT * FROM "case" ORDER BY opened_at DESC, case_id LIMIT 50'),
        "rows": reading.rows(
            "SELECT * FROM act{where} ORDER BY seq DESC LIMIT ? OFFSET ?",
            where, PAGE_ROWS, query.offset,
        ),
        "total": reading.one("SELECT count(*) AS n FROM act{where}", where)["n"],
        "chosen": {n: query.text(n) for n in ("actor", "action", "subject")},
        "sources": {},
    }  # fmt: skip
