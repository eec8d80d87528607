"""The cases of alerts: queues, whose they are, what is due, and what came of each rule."""

import json
from typing import Any, NamedTuple

from liandong.console.filters import Filter
from liandong.console.query import Query, Where
from liandong.console.reading import Reading, Row
from liandong.govern.casework import URGENT
from liandong.schema.tables.casework import STATES
from liandong.schema.tables.warnings import LEVELS
from liandong.types import today

WHOSE = ("mine", "nobody", "late")
"""Of the reader, of nobody, and over their day."""


class _Wanted(NamedTuple):
    """Which cases a reader wants to see."""

    queue: str
    state: str
    level: str
    whose: str
    party: str = ""

    def where(self, where: Where, actor: str) -> Where:
        """Add to a condition of cases ``a`` that they are wanted."""
        if self.state:
            where.add("a.state = ?", self.state)
        else:
            where.add("a.state <> 'closed'")
        for column in ("queue", "level"):
            if value := getattr(self, column):
                where.add(f"a.{column} = ?", value)
        if self.party:
            where.add("a.party_id = ?", self.party)
        if self.whose == "mine":
            where.add("a.assignee = ?", actor)
        elif self.whose == "nobody":
            where.add("a.assignee IS NULL")
        elif self.whose == "late":
            where.add("a.state <> 'closed' AND a.due_on < ?", today())
        return where


def data(reading: Reading, query: Query) -> dict[str, Any]:
    """Return counts by queue and state, one page of cases, and the precision of rules."""
    f, actor = Filter.of(query), reading.board.actor
    queues = _queues(reading, f, actor)
    known = [q["queue"] for q in queues]
    wanted = _Wanted(
        query.choice("queue", known), query.choice("state", STATES),
        query.choice("level", LEVELS), query.choice("whose", WHOSE),
        query.text("party"),
    )  # fmt: skip
    by_state = [wanted._replace(state=s) for s in ("", *STATES)]
    by_whom = [wanted._replace(whose=w) for w in ("", *WHOSE)]
    total, *counts = _counts(reading, f, [wanted, *by_state, *by_whom], actor)
    return {
        **wanted._asdict(),
        "actor": actor,
        "today": today(),
        "queues": queues,
        "states": {w.state: n for w, n in zip(by_state, counts, strict=False)},
        "chosen": {w.whose: n for w, n in zip(by_whom, counts[len(by_state) :], strict=True)},
        "rows": reading.rows(
            "SELECT a.*, p.name, p.name_en, (SELECT string_agg(DISTINCT h.code, ' ' ORDER BY"
            " h.code) FROM case_alert h WHERE h.case_id = a.case_id) AS codes"
            " FROM (SELECT * FROM alert_case a{where} ORDER BY {order} LIMIT ? OFFSET ?) a"
            " LEFT JOIN party p USING (party_id) ORDER BY {order}",
            wanted.where(f.whose(Where(), "a.party_id"), actor), query.most, query.offset,
            order=_ordered(),
        ),
        "total": total,
        "precision": reading.rows(
            "SELECT * FROM rule_precision ORDER BY confirmed + false_alarms DESC, code, rule"
        ),
        # What is late today was not yesterday, although nothing was written.
        "unfinished": bool(total),
        "sources": {t: reading.source(t) for t in ("triage", "rule_precision")},
    }  # fmt: skip


def _ordered() -> str:
    """Return the order of a queue where a party stands beside a case."""
    return URGENT.replace("case_id", "a.case_id")


def _counts(reading: Reading, f: Filter, wanted: list[_Wanted], actor: str) -> list[int]:
    """Return how many cases there are of each kind that may be wanted."""
    each = [w.where(Where(), actor) for w in wanted]
    found = reading.one(
        "SELECT {counts} FROM alert_case a{where}",
        *(v for w in each for v in w.values), f.whose(Where(), "a.party_id"),
        counts=", ".join(f"count(*) FILTER ({w}) AS n{i}" for i, w in enumerate(each)),
    )  # fmt: skip
    return [int(n) for n in found.values()]


def _queues(reading: Reading, f: Filter, actor: str) -> list[Row]:
    """Return each queue with what is open in it, in the order of the policy; old ones last."""
    where = f.whose(Where(), "a.party_id").add("a.state <> 'closed'")
    found = reading.rows(
        "SELECT queue, any_value(q.people) AS people, any_value(q.days) AS days,"
        " count(a.case_id) AS open, count(*) FILTER (a.assignee = ?) AS mine,"
        " count(*) FILTER (a.case_id IS NOT NULL AND a.assignee IS NULL) AS nobody,"
        " count(*) FILTER (a.due_on < ?) AS late, sum(a.exposure)::BIGINT AS exposure"
        " FROM (SELECT * FROM alert_case a{where}) a FULL JOIN case_queue q USING (queue)"
        " GROUP BY queue ORDER BY any_value(q.place), queue",
        actor, today(), where,
    )  # fmt: skip
    return [{**q, "people": json.loads(q["people"] or "[]")} for q in found]
