"""Responsibility scorecards: what each holder has open, and how what is done was done."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import Field

from liandong.kernels.statistics.intervals import wilson
from liandong.kernels.statistics.shrinkage import shrunken_shares
from liandong.schema.arrow import build, empty
from liandong.schema.tables import table
from liandong.step import Rule, Tables, fold
from liandong.step.reasons import reason_list
from liandong.types import CHINA, PPM, end_of_day, from_epoch

Row = dict[str, Any]
SHARES = frozenset({"in_time", "overruled", "turned_down"})
CLOSING = "case.close"
"""Approvals of closing a case are counted with the cases."""


class ScorecardsRule(Rule):
    """As of when, and what is late.

    Attributes
    ----------
    as_of
        The end of this day.
    review_hours
        Within how many hours somebody else reviews each breaking of glass.
    z
        Width of the intervals in standard deviations, in hundredths: 196 for 95 %.
    few
        Shares of fewer rows come with a warning.
    """

    as_of: date
    review_hours: int = Field(default=72, ge=1)
    z: int = Field(default=196, ge=1, le=1_000)
    few: int = Field(default=10, ge=1)


class _Duty(NamedTuple):
    """One row for which a holder answers: whether it is a hit of what is counted."""

    holder: str
    duty: str
    table: str
    item: str
    hit: bool


Items = dict[tuple[str, str, str], list[_Duty]]
"""By kind of holder, holder and duty."""


@fold(
    reads=("alert_case", "case", "power", "post", "power_act", "appeal"),
    writes=("responsibility",),
    rule=ScorecardsRule,
    part=("as_of",),
)
def scorecards(tables: Tables, rule: ScorecardsRule) -> Tables:
    """Count for each person and office what is open, what is late, and how cases were closed.

    ``open_cases`` and ``overdue_cases`` are of whoever a case is assigned to, and of its queue;
    ``waiting_approvals`` of the office that has to agree; ``overdue_reviews`` of who broke the
    glass. ``in_time`` is the share of closed cases closed by their day; ``overruled`` the share
    closed otherwise than as confirmed, against the rule that raised them, of who proposed it;
    ``turned_down`` the share of other proposals rejected, of who decided. Offices are the queues,
    and the roles and posts of people. Each number names its rows, and stands beside what is left
    without those under appeal or appealed with success.
    """
    until = from_epoch(end_of_day(rule.as_of))
    people = [*_cases(tables["alert_case"], until, rule), *_approvals(tables["case"], until),
              *_reviews(tables["power_act"], until, rule)]  # fmt: skip
    found: Items = defaultdict(list)
    offices = _offices(tables["post"], rule.as_of)
    for d in people:
        own = d.holder.startswith("queue:")
        found["office" if own else "person", d.holder, d.duty].append(d)
        for office in offices.get(d.holder, ()):
            found["office", office, d.duty].append(d)
    for d in _waiting(tables, until):
        found["office" if ":" in d.holder else "person", d.holder, d.duty].append(d)
    return {"responsibility": _table(found, _appealed(tables["appeal"], until), rule)}


def _cases(cases: pa.Table, until: datetime, rule: ScorecardsRule) -> Iterator[_Duty]:
    for r in cases.to_pylist():
        if r["opened_at"] > until:
            continue
        queue, item = f"queue:{r['queue']}", ("alert_case", r["case_id"])
        open_still = r["closed_at"] is None or r["closed_at"] > until
        for holder in {r["assignee"] or queue, queue}:
            if open_still:
                yield _Duty(holder, "open_cases", *item, hit=True)
                yield _Duty(holder, "overdue_cases", *item, hit=r["due_on"] < rule.as_of)
            else:
                closed = r["closed_at"].astimezone(CHINA).date()
                yield _Duty(holder, "in_time", *item, hit=closed <= r["due_on"])
        if not open_still and r["maker"]:
            yield _Duty(r["maker"], "overruled", *item, hit=r["outcome"] != "confirmed")


def _approvals(approvals: pa.Table, until: datetime) -> Iterator[_Duty]:
    for r in approvals.to_pylist():
        if r["action"] != CLOSING and r["checker"] and r["closed_at"] <= until:
            hit = r["state"] == "rejected"
            yield _Duty(r["checker"], "turned_down", "case", r["case_id"], hit=hit)


def _reviews(acts: pa.Table, until: datetime, rule: ScorecardsRule) -> Iterator[_Duty]:
    rows = [r for r in acts.to_pylist() if r["at"] <= until]
    reviewed = {r["ref"]: r["at"] for r in rows if r["kind"] == "reviewed"}
    for r in rows:
        if r["kind"] == "opened":
            due = r["at"] + timedelta(hours=rule.review_hours)
            late = r["act"] not in reviewed and due < until
            yield _Duty(r["actor"], "overdue_reviews", "power_act", str(r["act"]), hit=late)


def _waiting(tables: Tables, until: datetime) -> Iterator[_Duty]:
    """Give what was asked for, is neither used nor declined, and lacks agreements of an office."""
    rows = [r for r in tables["power_act"].to_pylist() if r["at"] <= until]
    over = {r["ref"] for r in rows if r["kind"] in {"used", "declined"}}
    agreed: dict[int, set[str]] = defaultdict(set)
    for r in rows:
        if r["kind"] == "approved":
            agreed[r["ref"]].add(r["actor"])
    revoked = {r["power_id"] for r in rows if r["kind"] == "revoked"}
    wanted = [(r["action"], json.loads(r["approvals"])) for r in tables["power"].to_pylist()
              if r["approvals"] and r["power_id"] not in revoked]  # fmt: skip
    for r in rows:
        if r["kind"] != "asked" or r["act"] in over:
            continue
        lacking = {w["of"] for action, w in wanted
                   if action == r["action"] and w and len(agreed[r["act"]]) < w["n"]}  # fmt: skip
        for office in sorted(lacking):
            yield _Duty(office, "waiting_approvals", "power_act", str(r["act"]), hit=True)


def _offices(posts: pa.Table, day: date) -> dict[str, list[str]]:
    """Return the roles and posts that each person has on a day."""
    found: dict[str, list[str]] = defaultdict(list)
    for r in posts.sort_by("post").to_pylist():
        if (r["valid_from"] or day) <= day <= (r["valid_to"] or day):
            found[r["person"]].append(r["post"])
    return found


def _appealed(appeals: pa.Table, until: datetime) -> set[tuple[str, str, str]]:
    """Return what is under appeal or was appealed with success: table, item and holder."""
    state = {(r["table_name"], r["item"], r["holder"]): r["kind"]
             for r in sorted(appeals.to_pylist(), key=lambda r: r["act"])
             if r["at"] <= until}  # fmt: skip
    return {key for key, kind in state.items() if kind != "dismissed"}


def _table(found: Items, appealed: set[tuple[str, str, str]], rule: ScorecardsRule) -> pa.Table:
    keys = sorted(found)
    rows = [_row(key, found[key], appealed, rule) for key in keys]
    if not rows:
        return empty("responsibility")
    for duty in SHARES:
        for kind in ("person", "office"):
            own = [r for r in rows if (r["holder_kind"], r["duty"]) == (kind, duty)]
            _shrink(own)
    return build("responsibility", {
        **{n: [r.get(n) for r in rows] for n in table("responsibility").names},
        "as_of": [rule.as_of] * len(rows), "reasons": reason_list([r["reasons"] for r in rows]),
    })  # fmt: skip


def _row(
    key: tuple[str, str, str], items: list[_Duty], appealed: set[tuple[str, str, str]],
    rule: ScorecardsRule,
) -> Row:  # fmt: skip
    kind, holder, duty = key
    share = duty in SHARES
    # Of what is only counted the hits are the rows behind the number; of a share all of them are.
    shown = [d for d in items if share or d.hit]
    left = [d for d in items if (d.table, d.item, d.holder) not in appealed]
    hits, without = (sum(d.hit for d in of) for of in (items, left))
    value, low, high = wilson(hits, len(items), rule.z / 100) if share else (None, None, None)
    gone = len(items) - len(left)
    few = share and len(items) < rule.few
    reasons = [("duty.of", len(shown)), *([("duty.appealed", gone)] if gone else []),
               *([("duty.few", len(items))] if few else [])]  # fmt: skip
    evidence = {"table": items[0].table, "rows": sorted({d.item for d in shown})}
    return {
        "holder_kind": kind, "holder": holder, "duty": duty, "hits": hits,
        "total": len(items) if share else None, "value": value, "low": low, "high": high,
        "appealed": gone, "hits_without": without, "total_without": len(left) if share else None,
        "value_without": without / len(left) if share and left else None,
        "evidence": json.dumps(evidence, ensure_ascii=False), "reasons": reasons,
    }  # fmt: skip


def _shrink(rows: list[Row]) -> None:
    hits, totals = (np.array([r[n] for r in rows], np.int64) for n in ("hits", "total"))
    for r, shrunk in zip(rows, shrunken_shares(hits, totals).tolist(), strict=True):
        r["shrunk"] = shrunk
        r["reasons"].append(("duty.all", round(PPM * hits.sum() / totals.sum())))
