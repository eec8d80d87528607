"""Jobs: what goes on now and how far it is, what has ended, and a form to begin a step."""

from datetime import UTC, datetime
from typing import Any

from liandong.console.forms import PREFIX, fields
from liandong.console.jobdesk import jobs_of
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.errors import RefusedError
from liandong.step import Step
from liandong.step.registry import VERBS, step, steps
from liandong.texts import catalogue

BLOCKS = ("open", "ended")


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the jobs, and the fields of the ``step`` that is to begin.

    Raises
    ------
    NotFoundError
        If there is no such step.
    """
    jobs, now = jobs_of(reading.board, reading.caller.sight), datetime.now(UTC)
    waiting, counts = jobs.open(), {r.run_id: r.counts for r in reading.runs}
    return {
        "open": [_timed(job, now) for job in waiting],
        "ended": [
            {**_timed(job, now), "counts": counts.get(job["run"])}
            for job in jobs.ended(query.most, query.offset)
        ],
        "total": jobs.count(),
        "change": jobs.last_change(),
        "steps": _steps(),
        "chosen": _chosen(reading, query),
        "actor": reading.board.actor,
        "sources": {},
    }


def _timed(job: Row, now: datetime) -> Row:
    """Return a job with its seconds so far, and those left if it goes on as it went."""
    began = job["started_at"]
    seconds = ((job["ended_at"] or now) - began).total_seconds() if began else None
    left = None
    if seconds is not None and job["state"] == "running" and job["done"]:
        left = round(seconds * (job["total"] - job["done"]) / job["done"])
    return {**job, "seconds": seconds, "left": left}


def _steps() -> dict[str, list[Row]]:
    """Return all steps by verb, with what each does."""
    found: dict[str, list[Row]] = {verb: [] for verb in VERBS}
    for name in steps():
        found[name.partition(".")[0]].append({"name": name, "about": about(name)})
    return found


def about(name: str) -> dict[str, str]:
    """Return in a line what a step does, by language."""
    return catalogue()[f"step.{name.replace('.', '_')}"]


def _approved(reading: Reading, found: Step) -> bool:
    """Tell whether somebody has approved what a step would act on; not if there is nothing yet."""
    try:
        return reading.board.approved(found)
    except RefusedError:
        return False


def _chosen(reading: Reading, query: Query) -> Row | None:
    name = query.text("step")
    if not name:
        return None
    found = step(name)
    given = [{**f, "value": query.text(PREFIX + f["name"], most=4000)} for f in fields(found.rule)]
    return {
        "name": name, "about": about(name), "fields": given,
        "reads": list(found.reads), "writes": list(found.writes),
        "approval": list(found.approval),
        "approved": bool(found.approval) and _approved(reading, found),
        "known": {f"propose.{name}": {"amount": reading.at_stake(name)}} if found.approval else {},
    }  # fmt: skip
