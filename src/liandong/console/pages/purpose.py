"""Which parties the reader sees, and a form to name what he sees personal data for."""

from typing import Any

from liandong.console.query import Query
from liandong.console.reading import Reading

KNOWN = 50
"""Purposes of consents to choose from."""


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return how much the reader sees, and purposes to choose from."""
    del query
    sight, caller = reading.caller.sight, reading.caller
    named = reading.rows("SELECT DISTINCT purpose FROM consent ORDER BY purpose LIMIT ?", KNOWN)
    return {
        "actor": caller.actor,
        "rows": None if sight.rows is None else
                [{"regions": list(r), "institutions": list(i)} for r, i in sight.rows],
        "masked": sight.masked,
        "purpose": sight.purpose,
        "until": sight.until,
        "purposes": named,
        "unfinished": True,  # what was named ends with the hour
        "sources": {},
    }  # fmt: skip
