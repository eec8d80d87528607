"""The board's own figures: its closed cases and reviewed flags, counted as reports count."""

import json
from collections import defaultdict
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa
from pydantic import Field

from liandong.govern.statistics.figures import WHOLE
from liandong.schema.arrow import build, empty
from liandong.schema.tables.statistics import LEVELS, SANCTIONS
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list
from liandong.types import CHINA

KIND_OF = {
    "gift_hidden": "gifts", "banquet_hidden": "banquets", "banquet_head": "banquets",
    "allowance": "allowances",
}  # fmt: skip
"""The type of problem that a kind of flag is about, where it is about one."""
OTHER_KIND, NO_LEVEL = "other_kind", LEVELS[-1]
Row = dict[str, Any]
Cell = tuple[str, str, str, str]


class CaseTallyRule(Rule):
    """Where cases are counted of which no place is known.

    Attributes
    ----------
    region
        Code of that region.
    """

    region: str = Field(default=WHOLE, pattern=r"^\d{6}$")


class _Problem(NamedTuple):
    """A confirmed case, or a confirmed flag that is in no case."""

    name: str
    at: datetime
    codes: list[str]
    region: str | None
    party: str


@fold(
    reads=("alert_case", "case_alert", "red_flag", "flag_review", "case_person", "party"),
    writes=("case_tally",),
    rule=CaseTallyRule,
)
def case_tally(tables: Tables, rule: CaseTallyRule) -> Tables:
    """Count what was confirmed, by the month in which it was closed, as monthly reports do.

    A case counts once, when it is closed as confirmed; a flag that is in no case counts when its
    last review confirms it. People are those of ``case_person``, at their own level; the problem
    counts at the highest of them. Without people the type follows from the kind of flag, and the
    level is unknown. The place is that of the case, of its people, or of its party.
    """
    people: dict[str, list[Row]] = defaultdict(list)
    for r in tables["case_person"].to_pylist():
        people[r["case_id"]].append(r)
    party = tables["party"].select(["party_id", "region_id"]).to_pylist()
    places = {r["party_id"]: r["region_id"] for r in party}
    found: dict[Cell, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for problem in _confirmed(tables):
        own = sorted(people[problem.name], key=lambda r: (LEVELS.index(r["level"]), r["person_id"]))
        told = [r["region_id"] for r in own if r["region_id"]]
        where = problem.region or next(iter(told), None) or places.get(problem.party) or rule.region
        month = problem.at.astimezone(CHINA).strftime("%Y-%m")
        kind = own[0]["kind"] if own else _kind(problem.codes)
        found[month, where, kind, own[0]["level"] if own else NO_LEVEL]["problems"].add(
            problem.name
        )
        for r in own:
            cell = found[month, r["region_id"] or where, r["kind"], r["level"]]
            cell["handled"].add(r["person_id"])
            if r["measure"] in SANCTIONS:
                cell["sanctioned"].add(r["person_id"])
    return {"case_tally": _table(found, {n for n, own in people.items() if own})}


def _confirmed(tables: Tables) -> list[_Problem]:
    codes: dict[str, list[str]] = defaultdict(list)
    for r in tables["case_alert"].to_pylist():
        codes[r["case_id"]].append(r["code"])
    worked = set(tables["case_alert"]["alert_id"].to_pylist())
    cases = [
        _Problem(r["case_id"], r["closed_at"], codes[r["case_id"]], r["region_id"], r["party_id"])
        for r in tables["alert_case"].to_pylist()
        if r["state"] == "closed" and r["outcome"] == "confirmed"
    ]
    last = {r["flag_id"]: r
            for r in sorted(tables["flag_review"].to_pylist(), key=lambda r: r["at"])}  # fmt: skip
    flags = [
        _Problem(r["flag_id"], last[r["flag_id"]]["at"], [r["code"]], None, r["subject_id"])
        for r in tables["red_flag"].to_pylist()
        if r["flag_id"] not in worked
        and last.get(r["flag_id"], {}).get("outcome") == "confirmed"
    ]  # fmt: skip
    return [*cases, *flags]


def _kind(codes: list[str]) -> str:
    return next((KIND_OF[c] for c in sorted(codes) if c in KIND_OF), OTHER_KIND)


def _table(found: dict[Cell, dict[str, set[str]]], with_people: set[str]) -> pa.Table:
    if not found:
        return empty("case_tally")
    keys = sorted(found)
    cells = [found[k] for k in keys]
    return build("case_tally", {
        **{n: [k[i] for k in keys] for i, n in enumerate(("month", "region_id", "kind", "level"))},
        **{n: [len(c[n]) for c in cells] for n in ("problems", "handled", "sanctioned")},
        "evidence": [json.dumps(sorted(c["problems"]), ensure_ascii=False) for c in cells],
        "reasons": reason_list([
            [("cases.counted", len(c["problems"])),
             *([("cases.nobody", n)] if (n := len(c["problems"] - with_people)) else [])]
            for c in cells
        ]),
    })  # fmt: skip
