"""One row and why it says what it says: its reasons, the run that wrote it, what that run read."""

from typing import Any

from liandong.console.around import ALERTS, of_alert
from liandong.console.booking import places_of
from liandong.console.pages.runs import brief
from liandong.console.provenance import provenance
from liandong.console.query import Query
from liandong.console.reading import Reading
from liandong.errors import UsageError
from liandong.schema.tables import table
from liandong.texts import both


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return a row by the fields of its key.

    Raises
    ------
    NotFoundError
        If there is no such table or row.
    UsageError
        If several rows match, or a value cannot be one of its field.
    """
    spec = table(query.text("name"))
    asked = Query(query.given)  # a field may be called as a part of the path
    key: dict[str, object] = {k: asked.text(k) for k in spec.key if k in query.given}
    if not key:
        remedy = both("advice.whole_key", names=", ".join(spec.key))
        raise UsageError(what=both("fault.no_key", table=spec.name), remedy=remedy)
    why = reading.why(spec.name, key)
    return {
        "name": spec.name,
        "row": why.row,
        "places": places_of(reading, spec),
        "reasons": why.row.get("reasons") or [],
        "run": why.run and brief(why.run),
        "made": why.run and provenance(reading, why.run),
        "inputs": {name: [brief(r) for r in runs] for name, runs in why.inputs.items()},
        "sealed": spec.name == "act" and why.row["seq"] <= reading.held.sealed["size"],
        "alert": of_alert(reading, why.row) if spec.name in ALERTS else None,
        "sources": {spec.name: [why.run.run_id] if why.run else []},
    }
