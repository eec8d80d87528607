"""The act log with its tree head, and the decisions that two people made."""

from typing import Any

from liandong.console.query import Query, Where
from liandong.console.reading import Reading


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the head, the cases and one page of acts, newest first."""
    where = Where()
    for name in ("actor", "action", "subject"):
        if value := query.text(name):
            where.add(f"{name} = ?", value)
    rows = reading.rows(
        "SELECT * FROM act{where} ORDER BY seq DESC LIMIT ? OFFSET ?",
        where, query.most, query.offset,
    )  # fmt: skip
    steps = {r.run_id: r.step for r in reading.runs}
    return {
        "head": reading.held.log_head,
        "acts": reading.state,
        "sealed": reading.held.sealed,
        "cases": reading.rows(
            'SELECT * FROM "case" ORDER BY opened_at DESC, case_id LIMIT ?', query.most
        ),
        "rows": [{**r, "step": steps.get(r["subject"])} for r in rows],
        "total": reading.one("SELECT count(*) AS n FROM act{where}", where)["n"],
        "choices": reading.one(
            "SELECT coalesce(list(DISTINCT actor ORDER BY actor), []) AS actor,"
            " coalesce(list(DISTINCT action ORDER BY action), []) AS action FROM act"
        ),
        "chosen": {n: query.text(n) for n in ("actor", "action", "subject")},
        "sources": {},
    }  # fmt: skip
