"""A case of alerts as the sum of what was done to it; whoever asks to close it never closes it.

Pure: the state is a fold over rows of ``case_act``. Closing is an approval like any other: the one
who proposes is the maker of a row of table ``case``, and :func:`liandong.govern.approvals.decide`
says who may decide it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from liandong.errors import RefusedError, UsageError
from liandong.govern import approvals
from liandong.schema.tables import table
from liandong.schema.tables.casework import KINDS, OUTCOMES
from liandong.schema.tables.warnings import LEVELS
from liandong.texts import both
from liandong.types import CHINA, stable_id

Row = dict[str, Any]
Body = Mapping[str, Any]

CLOSE = "case.close"
"""What the second person approves: the action of the approval."""
URGENT = (
    "escalated DESC, CASE level WHEN 'red' THEN 0 WHEN 'orange' THEN 1 ELSE 2 END, due_on,"
    " exposure IS NULL, exposure DESC, opened_at, case_id"
)
"""The order of a queue in SQL: reported upwards, grave, due, large, old."""


@dataclass(frozen=True)
class Case:
    """A case after some acts: the columns of ``alert_case``, and what they come from.

    Attributes
    ----------
    days
        How long the policy gives for it.
    held
        The alerts of the case by id, each with rule, code and level.
    approval
        The row of table ``case`` on which the second person decides, or has decided.
    """

    case_id: str
    party_id: str
    queue: str
    state: str
    level: str
    region_id: str | None
    exposure: int | None
    alerts: int
    opened_at: datetime
    due_on: date
    days: int
    held: Mapping[str, Body]
    assignee: str | None = None
    escalated: bool = False
    seq: int = 1
    approval: Row | None = None
    outcome: str | None = None
    closed_at: datetime | None = None

    def row(self) -> Row:
        """Return the row of ``alert_case``."""
        a = self.approval or {}
        asked = {
            "approval_id": a.get("case_id"), "maker": a.get("maker"), "checker": a.get("checker"),
        }  # fmt: skip
        return {n: asked[n] if n in asked else getattr(self, n) for n in table("alert_case").names}


def do(case: Case, kind: str, actor: str, at: datetime, body: Body) -> Case:
    """Return the case after one more act; the given one is left as it was.

    Parameters
    ----------
    kind
        One of :data:`liandong.schema.tables.casework.KINDS`, but ``opened``.
    body
        What the act says: ``to`` of an assignment, ``text`` of a note, ``name`` of evidence,
        ``reason`` (and ``outcome`` of a proposal) otherwise.

    Raises
    ------
    RefusedError
        If the case is in a state in which this is not done, or whoever proposed would close.
    UsageError
        If the act lacks what it has to say.
    """
    allowed, work = _ACTS[kind]
    if case.state not in allowed:
        reason = both("refusal.case_state", state=case.state)
        raise RefusedError(actor=actor, action=f"case.{kind}", reason=reason)
    return replace(work(case, actor, at, body), seq=case.seq + 1)


def opened(case_id: str, at: datetime, body: Body) -> Case:
    """Return a new case; ``body`` as :func:`liandong.store.casework.Cases.open` makes it."""
    return Case(
        case_id=case_id, state="open", opened_at=at, due_on=_due(at, body["days"]),
        alerts=len(body["alerts"]), held={a["alert_id"]: a for a in body["alerts"]},
        **{n: body[n] for n in ("party_id", "queue", "level", "region_id", "exposure", "days")},
    )  # fmt: skip


def fold(acts: Iterable[Mapping[str, Any]]) -> Case:
    """Return the case that some acts make, in order of ``seq``; the bodies are read already."""
    first, *rest = acts
    case = opened(first["case_id"], first["at"], first["body"])
    for a in rest:
        case = do(case, a["kind"], a["actor"], a["at"], a["body"])
    return case


def fewest(open_cases: Mapping[str, int], people: Sequence[str]) -> str:
    """Return who of some people has the fewest open cases; of several, the first by name.

    Examples
    --------
    >>> fewest({"li": 3, "wang": 1}, ["li", "wang", "zhao", "chen"])
    'chen'
    """
    return min(people, key=lambda p: (open_cases.get(p, 0), p))


def _due(at: datetime, days: int) -> date:
    return at.astimezone(CHINA).date() + timedelta(days=days)


def _said(body: Body, *names: str) -> None:
    for name in names:
        if not str(body.get(name) or "").strip():
            what = both("fault.case_says", name=name)
            raise UsageError(what=what, remedy=both("advice.case_says", name=name))


def _joined(case: Case, actor: str, at: datetime, body: Body) -> Case:
    """Take new or graver alerts: whoever proposed to close has not seen them, so that falls."""
    del actor, at
    held = {**case.held, **{a["alert_id"]: a for a in body["alerts"]}}
    level = max(case.level, body["level"], key=LEVELS.index)
    return replace(
        case, state="open", approval=None, outcome=None, held=held, alerts=len(held), level=level,
        exposure=body["exposure"],
    )  # fmt: skip


def _assigned(case: Case, actor: str, at: datetime, body: Body) -> Case:
    del actor, at
    _said(body, "to")
    return replace(case, assignee=body["to"])


def _told(name: str, **change: Any) -> Callable[[Case, str, datetime, Body], Case]:  # noqa: ANN401 - fields of Case
    def work(case: Case, actor: str, at: datetime, body: Body) -> Case:
        del actor, at
        _said(body, name)
        return replace(case, **change)

    return work


def _proposed(case: Case, actor: str, at: datetime, body: Body) -> Case:
    _said(body, "outcome", "reason")
    if body["outcome"] not in OUTCOMES:
        what = both("fault.bad_value", name="outcome", value=body["outcome"])
        raise UsageError(what=what, remedy=both("advice.known", known=", ".join(OUTCOMES)))
    # Bound to what the case is now, as approvals are bound to snapshots.
    subject = stable_id(CLOSE, case.case_id, case.seq + 1)
    asked = approvals.propose(CLOSE, subject, actor, at)
    return replace(case, state="proposed", approval=asked, outcome=body["outcome"])


def _closed(case: Case, actor: str, at: datetime, body: Body) -> Case:
    del body
    decided = approvals.decide(case.approval or {}, actor, approve=True, at=at)
    return replace(case, state="closed", approval=decided, closed_at=at)


def _returned(case: Case, actor: str, at: datetime, body: Body) -> Case:
    _said(body, "reason")
    decided = approvals.decide(case.approval or {}, actor, approve=False, at=at)
    return replace(case, state="open", approval=decided, outcome=None)


def _withdrawn(case: Case, actor: str, at: datetime, body: Body) -> Case:
    del body
    taken = approvals.withdraw(case.approval or {}, actor, at)
    return replace(case, state="open", approval=taken, outcome=None)


def _reopened(case: Case, actor: str, at: datetime, body: Body) -> Case:
    del actor
    _said(body, "reason")
    return replace(
        case, state="open", approval=None, outcome=None, closed_at=None, due_on=_due(at, case.days)
    )


_LIVE = ("open", "proposed")
_ACTS: dict[str, tuple[tuple[str, ...], Callable[[Case, str, datetime, Body], Case]]] = {
    "joined": (_LIVE, _joined),
    "assigned": (_LIVE, _assigned),
    "noted": (_LIVE, _told("text")),
    "attached": (_LIVE, _told("name")),
    "escalated": (_LIVE, _told("reason", escalated=True)),
    "proposed": (("open",), _proposed),
    "returned": (("proposed",), _returned),
    "withdrawn": (("proposed",), _withdrawn),
    "closed": (("proposed",), _closed),
    "reopened": (("closed",), _reopened),
}
"""In which states each act is done, and what it makes of a case."""


def possible(state: str) -> list[str]:
    """Return what people can do to a case in a state, in the order of the schema."""
    return [k for k in KINDS if k in _ACTS and k != "joined" and state in _ACTS[k][0]]
