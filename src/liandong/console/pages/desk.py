"""The matching desk: the allocation of a day, its limits and prices, and what else might be."""

import json
from datetime import date
from typing import Any

from liandong.console import matching, wishes
from liandong.console.filters import Filter
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.console.tiles import tiles

BLOCKS = ("limits", "who", "fairness", "scenarios", "sums", "changes", "certificate", "map")
"""What may be had as files of their own."""
DAILY = ("allocation", "allocation_limit", "offer", "quote", "fairness")
GRADES = "SELECT DISTINCT grade FROM desk_project WHERE as_of = ? AND grade IS NOT NULL ORDER BY 1"


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return the allocation, its limits, who gets it, scenarios, and what the sliders ask for.

    ``unfinished`` says that a trial is still being computed: ask again.

    Raises
    ------
    UsageError
        If a slider stands outside its track, or a scenario is not one of the day.
    """
    f = Filter.of(query)
    day = f.latest(reading, "allocation")
    matching.projects(reading)
    wanted = wishes.wish(reading, query, day)
    real = wanted.real if wanted else {}
    actual = matching.allocation(reading, day)
    found = matching.scenarios(reading, day, actual, real)
    names = [r["name"] for r in found if r["name"]]
    named = query.choice("scenario", names)
    trial: Row = _trial(reading, wanted, day, found) if wanted and day else {"state": "none"}
    source: Row | None = trial.pop("source", None)
    if source is None and (chosen := named or next(iter(names), "")):
        source = {"table": "scenario_offer", "name": chosen}
    groups = matching.who(reading, f, day)
    return {
        "as_of": day,
        "allocation": actual,
        "limits": matching.limits(reading, day, real),
        "who": groups,
        "map": tiles(reading, {r["part"]: r["amount"] for r in groups if r["by"] == "region"}),
        "fairness": matching.fairness(reading, day),
        "certificate": json.loads(actual["certificate"]) if actual else None,
        "scenarios": found,
        "sliders": [vars(s) for s in wanted.sliders] if wanted else [],
        "trial": trial,
        "compared": source["name"] if source else None,
        "grades": [r["grade"] for r in reading.rows(GRADES, day)],
        "cuts": list(matching.CUTS),
        **(matching.changes(reading, f, query, day, source) if source and day else
           matching.NO_CHANGES),
        "unfinished": trial["state"] == "working",
        "sources": {
            **{t: reading.source(t, day) for t in DAILY},
            **{t: reading.source(t) for t in ("scenario", "scenario_offer")},
        },
    }  # fmt: skip


def _trial(reading: Reading, wanted: wishes.Wish, day: date, found: list[Row]) -> Row:
    """Return what the sliders ask for: as a command, as the nearest scenario, and computed."""
    outcome = wishes.tried(reading, wanted, day)
    asked = {
        "state": outcome["state"],
        "command": wishes.command(wanted),
        "nearest": matching.nearest(found, wanted.values()),
        "pairs": outcome.get("pairs"),
        "largest": outcome.get("largest"),
        "refusal": {n: outcome["refusal"].text(n) for n in ("zh", "en")}
        if "refusal" in outcome else None,
    }  # fmt: skip
    if "tables" not in outcome:
        return asked
    tables = outcome["tables"]
    row = reading.one("SELECT * FROM {source}", source=tables["scenario"])
    limits = reading.rows(
        "SELECT * FROM {source} ORDER BY price DESC, limit_id", source=tables["scenario_limit"]
    )
    priced = {(row["name"], r["limit_id"]): r["price"] for r in limits}
    return {
        **asked,
        "found": matching.summary(row, wanted.real, priced),
        "limits": limits,
        "source": {"table": tables["scenario_offer"], "name": row["name"]},
    }
