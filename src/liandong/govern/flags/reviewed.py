"""What came of flags, and the one case in which all flags on a subject are worked."""

import json
from collections import Counter, defaultdict
from datetime import date
from typing import Any

from pydantic import Field

from liandong.kernels.statistics.intervals import wilson
from liandong.schema.arrow import build, empty
from liandong.schema.tables.warnings import LEVELS
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list
from liandong.types import end_of_day, from_epoch

_COUNTED = {"confirmed": "confirmed", "false_alarm": "false_alarms", "other": "others",
            "appealed": "appealed"}  # fmt: skip


class FlagPrecisionRule(Rule):
    """How sure one wants to be of the precision of a kind of flag.

    Attributes
    ----------
    z
        Width of the interval in standard deviations, in hundredths: 196 for 95 %.
    """

    z: int = Field(default=196, ge=1, le=1_000)


class FlagCasesRule(Rule):
    """Who works the cases of flags, and how soon.

    Attributes
    ----------
    as_of
        The day of the flags: their cases are counted from its end.
    orange, red
        From so many kinds of flags on one subject on it is as grave as that.
    queue, days, people
        The queue of these cases.
    """

    as_of: date
    orange: int = Field(default=2, ge=1)
    red: int = Field(default=3, ge=1)
    queue: str = Field(default="flags", min_length=1)
    days: int = Field(default=20, ge=1, le=3_660)
    people: tuple[str, ...] = ()

    def level(self, kinds: int) -> str:
        """Return how grave a subject with so many kinds of flags is."""
        return LEVELS[2 if kinds >= self.red else 1 if kinds >= self.orange else 0]


@fold(
    reads=("red_flag", "flag_review", "case_alert", "alert_case"),
    writes=("flag_precision",),
    rule=FlagPrecisionRule,
)
def flag_precision(tables: Tables, rule: FlagPrecisionRule) -> Tables:
    """Count for each kind of flag what reviews and closed cases said of those that are listed.

    The last review of a flag counts, or else the outcome of its closed case. While a party appeals,
    the flag counts neither way. The interval of the precision is Wilson's.
    """
    flags = tables["red_flag"].to_pylist()
    if not flags:
        return {"flag_precision": empty("flag_precision")}
    outcome = _outcomes(tables)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for f in flags:
        found[f["code"]]["listed"] += 1
        found[f["code"]][_COUNTED.get(outcome.get(f["flag_id"], ""), "open")] += 1
    codes = sorted(found)
    counts = {n: [found[c][n] for c in codes] for n in ("listed", *_COUNTED.values())}
    shares = [wilson(found[c]["confirmed"], found[c]["confirmed"] + found[c]["false_alarms"],
                     rule.z / 100) for c in codes]  # fmt: skip
    return {"flag_precision": build("flag_precision", {
        "code": codes, **counts,
        **{n: [s[k] for s in shares] for k, n in enumerate(("precision", "low", "high"))},
        "reasons": reason_list([[("flags.reviewed", sum(found[c][n] for n in _COUNTED.values()))]
                                for c in codes]),
    })}  # fmt: skip


def _outcomes(tables: Tables) -> dict[str, str]:
    closed = {r["case_id"]: r["outcome"] for r in tables["alert_case"].to_pylist()
              if r["state"] == "closed" and r["outcome"]}  # fmt: skip
    found = {r["alert_id"]: closed[r["case_id"]]
             for r in sorted(tables["case_alert"].to_pylist(), key=lambda r: r["case_id"])
             if r["case_id"] in closed}  # fmt: skip
    reviews = sorted(tables["flag_review"].to_pylist(), key=lambda r: (r["at"], r["flag_id"]))
    return found | {r["flag_id"]: r["outcome"] for r in reviews}


@fold(
    reads=("red_flag", "flag_review"),
    writes=("triage", "case_queue"),
    rule=FlagCasesRule,
)
def flag_cases(tables: Tables, rule: FlagCasesRule) -> Tables:
    """Send the flags on each subject to one case, beside the alerts about it.

    Flags that a review found to be false alarms need no case. How grave a subject is comes from how
    many kinds of flags it has. ``liandong cases open`` makes the cases.
    """
    last = {r["flag_id"]: r["outcome"]
            for r in sorted(tables["flag_review"].to_pylist(), key=lambda r: r["at"])}  # fmt: skip
    flags = [f for f in tables["red_flag"].to_pylist() if last.get(f["flag_id"]) != "false_alarm"]
    by: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for f in flags:
        by[f["subject_id"]].append(f)
    opened = from_epoch(end_of_day(rule.as_of))
    rows = [row for subject, own in by.items() for row in _triage(subject, own, rule)]
    if not rows:
        return {n: empty(n) for n in ("triage", "case_queue")}
    columns = {n: [r[n] for r in rows] for n in rows[0]}
    columns["reasons"] = reason_list(columns["reasons"])
    queue = {"queue": [rule.queue], "place": [1], "level": [LEVELS[0]], "days": [rule.days],
             "people": [json.dumps(rule.people, ensure_ascii=False)]}  # fmt: skip
    return {
        "triage": build("triage", {**columns, "opened_at": [opened] * len(rows)}),
        "case_queue": build("case_queue", queue),
    }


def _triage(subject: str, own: list[dict[str, Any]], rule: FlagCasesRule) -> list[dict[str, Any]]:
    kinds = len({f["code"] for f in own})
    level, stake = rule.level(kinds), max(f["amount"] for f in own)
    return [{
        "alert_id": f["flag_id"], "party_id": subject, "queue": rule.queue, "days": rule.days,
        "level": level, "region_id": None, "exposure": max(stake, 0), "rule": f"flags.{f['code']}",
        "code": f["code"], "alert_level": level,
        "reasons": [("flags.kinds", kinds), *((r["code"], r["points"]) for r in f["reasons"])],
    } for f in own]  # fmt: skip
