"""Experiments with policy: what was tried, its course over time, and what can be told apart."""

import json
from typing import Any

from liandong.console.filters import Filter
from liandong.console.query import Query
from liandong.console.reading import Reading, Row
from liandong.types import Money

BLOCKS = ("effects", "course", "replications")
MEASURES = {
    "lending": "money", "loans": "count", "first_loans": "count", "micro_share": "share",
    "first_share": "share", "paid_rate": "share", "theil": "index", "failures": "count",
    "lost": "money", "compensated": "money", "subsidy": "money", "profit": "money",
    "book": "money", "closing": "money", "stopped": "count",
}  # fmt: skip
"""What is compared, in this order, and what it is counted in."""
DRAWN = ("lending", "loans", "paid_rate", "lost", "profit", "theil")
"""Measures whose course is drawn."""
KEPT = ("micro_share", "limits", "capacities", "terms", "bans")
"""What a policy is made of beside its money."""

_EFFECTS = (
    "SELECT * FROM experiment_effect WHERE as_of = ? AND name = ? AND period {what}"
    " ORDER BY list_position(?, arm), list_position(?, measure), period"
)
_PATHS = (
    "SELECT * FROM experiment_path WHERE as_of = ? AND name = ?"
    " ORDER BY list_position(?, arm), replication, period"
)


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return an experiment of the day: its policies, their effects, and their course."""
    day = Filter.of(query).latest(reading, "experiment")
    found = reading.rows("SELECT * FROM experiment WHERE as_of = ? ORDER BY name", day)
    names = [r["name"] for r in found]
    name = query.choice("experiment", names, next(iter(names), ""))
    row = next((r for r in found if r["name"] == name), None)
    arms = json.loads(row["terms"])["arms"] if row else []
    order = [a["name"] for a in arms], [*MEASURES]
    effects = reading.rows(_EFFECTS, day, name, *order, what="= 0")
    return {
        "as_of": day,
        "names": names,
        "experiment": row,
        "arms": [_policy(a) for a in arms],
        "verdicts": [_verdicts(a["name"], effects) for a in arms[1:]],
        "effects": effects,
        "course": reading.rows(_EFFECTS, day, name, *order, what="> 0"),
        "replications": reading.rows(_PATHS, day, name, order[0]),
        "kinds": MEASURES,
        "drawn": list(DRAWN),
        "sources": {
            t: reading.source(t, day)
            for t in ("experiment", "experiment_effect", "experiment_path")
        },
    }  # fmt: skip


def _policy(arm: Row) -> Row:
    """Return what a policy is made of; money in fen."""
    money = {n: int(Money.parse(arm[n])) for n in ("budget", "added")}
    return {"name": arm["name"], **{n: arm[n] for n in KEPT}, **money}


def _verdicts(arm: str, effects: list[Row]) -> Row:
    """Return which measures of a policy are higher, lower, or not to be told apart."""
    own = [r for r in effects if r["arm"] == arm]
    kinds = ("more", "less", "unclear", "same")
    return {"arm": arm, **{k: [r["measure"] for r in own if r["verdict"] == k] for k in kinds}}
