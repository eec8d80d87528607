"""All runs: what was done, by whom, with what outcome."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.step import Run

STATUSES = ("running", "done", "failed", "broken")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return one page of runs, newest first; ``table`` keeps those that made its current rows.

    Raises
    ------
    NotFoundError
        If there is no such table.
    """
    status = query.choice("status", STATUSES)
    step, table = query.text("step"), query.text("table")
    made = set(reading.source(table)) if table else None
    found = [
        r
        for r in reversed(reading.runs)
        if (not status or r.status == status)
        and (not step or r.step == step)
        and (made is None or r.run_id in made)
    ]
    page = found[query.offset : query.offset + query.most]
    return {
        "rows": [brief(r) for r in page],
        "total": len(found),
        "statuses": list(STATUSES),
        "steps": sorted({r.step for r in reading.runs}),
        "chosen": {"status": status, "step": step, "table": table},
        "sources": {},
    }


def brief(run: Run) -> dict[str, Any]:
    """Return the row of a run with its duration in seconds and the rows it wrote."""
    return {**run.__dict__, "seconds": run.seconds, "written": sum((run.counts or {}).values())}
