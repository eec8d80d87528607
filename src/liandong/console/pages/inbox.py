"""What waits for whoever serves the console: to agree to, to review, to hand on again."""

from typing import Any

from liandong.console.pages.jobs import about
from liandong.console.pages.powers import bounded
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.step.registry import step, steps


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return what waits for the actor, what he asked for, and what was handed on."""
    del query  # all that waits is shown
    mine = reading.board.powers
    found, own = mine.inbox(), mine.own()
    return {
        "actor": reading.board.actor,
        "waits": [r for r in found["asked"] if not r["stands"]],
        "decisions": [
            {**_with_step(reading, r), "known": reading.known(r)} for r in reading.decisions
        ],
        "proposals": [
            _with_step(reading, r) for r in reading.proposed
            if r["maker"] == reading.board.actor and r["address"]
        ],
        "own": [r for r in found["asked"] if r["stands"] == "own"],
        "others": [r for r in found["asked"] if r["stands"] not in {"", "own"}],
        "opened": found["opened"],
        "appeals": reading.appeals(reading.board.appeals.waiting()),
        "handed_on": found["handed_on"],
        "handable": [p.row() for p in own["delegate"]],
        "askable": [bounded(p) for p in own["ask"]],
        "documents": sorted({kind for p in own["ask"] for kind in p.evidence}),
        "breakable": [p.row() for p in own["break_glass"]],
        "unfinished": True,  # what is in force changes with the day, although nothing is written
        "sources": {},
    }  # fmt: skip


def _with_step(reading: Reading, proposed: Row) -> Row:
    """Return what was proposed; of a step, which is decided on here, with what it is about."""
    name = proposed["action"]
    if name not in steps():
        return {**proposed, "about": None, "tables": [], "amount": None}
    stake = reading.at_stake(name, proposed["subject"])
    return {**proposed, "about": about(name), "tables": list(step(name).approval), "amount": stake}
