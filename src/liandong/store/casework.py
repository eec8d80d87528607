"""Cases of alerts in the books: every act is a row, an act of the log, and one transaction."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from liandong.errors import ChangedError, LiandongError, NotFoundError, RefusedError
from liandong.govern import casework
from liandong.govern.casework import Case
from liandong.schema.sql import METADATA
from liandong.schema.tables.warnings import LEVELS
from liandong.store import acts, asking, authority
from liandong.store.deciding import decided
from liandong.store.related import related
from liandong.texts import both
from liandong.types import stable_id

if TYPE_CHECKING:
    from liandong.store.store import Store

WORK, CHECK = "case.work", "case.check"
"""Powers: to give cases, be given them and work them; to approve or return what others propose."""
VERBS: dict[str, tuple[str, ...]] = {
    "assign": ("to",),
    "note": ("text",),
    "attach": ("name", "row", "sha256"),
    "escalate": ("reason",),
    "propose": ("outcome", "reason"),
    "approve": (),
    "give_back": ("reason",),
    "take_back": (),
    "reopen": ("reason",),
}
"""What a person can do to a case: methods of :class:`Cases`, and what each is told."""
HELD = METADATA.tables["alert_case"]
DONE = METADATA.tables["case_act"]
ALERTS = METADATA.tables["case_alert"]
_CHECKS = frozenset({"closed", "returned"})
Row = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """What opening cases brought.

    Attributes
    ----------
    opened, joined, reopened
        Cases that are new, that got new or graver alerts, and that were closed and are not now.
    """

    opened: int
    joined: int
    reopened: int


class Cases:
    """The cases of a board, as one person works on them.

    Each act takes ``seen``: the number of the last act that the person has looked at. If another
    one has come since, nothing is written and :class:`.ChangedError` says so. Without it an act
    applies to the case as it is.

    Parameters
    ----------
    store, actor
        Where they are, and who acts.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store = store
        self.actor = actor

    # ── seeing ───────────────────────────────────────────────────────────────────────────────

    def rows(self, **equal: object) -> list[Row]:
        """Return rows of ``alert_case``, the most urgent first, filtered by equality."""
        query = sa.select(HELD).order_by(sa.text(casework.URGENT))
        for column, value in equal.items():
            query = query.where(HELD.c[column] == value)
        with self._store.books.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def acts(self, case_id: str) -> list[Row]:
        """Return what was done to a case, oldest first; NotFoundError if there is none."""
        with self._store.books.engine.begin() as c:
            return _acts(c, case_id)

    # ── opening ──────────────────────────────────────────────────────────────────────────────

    def open(self) -> Opened:
        """Open cases of the alerts in table ``triage`` that no case has yet.

        New alerts, and alerts that got graver, join the open case of their subject. If it is
        closed, an alert that got graver opens it again, and new ones open another one. Doing it
        again does nothing.
        """
        by_party: dict[str, list[Row]] = defaultdict(list)
        for r in self._store.read("triage").to_pylist():
            by_party[r["party_id"]].append(r)
        done: Counter[str] = Counter()
        with self._store.writer(self.actor), self._store.books.writing() as c:
            known = _known(dict(r) for r in c.execute(sa.select(ALERTS)).mappings())
            query = sa.select(HELD.c.party_id, HELD.c.case_id).where(HELD.c.state != "closed")
            open_now = {r.party_id: r.case_id for r in c.execute(query)}
            for party, rows in sorted(by_party.items()):
                done[self._opened(c, rows, known, open_now.get(party))] += 1
        return Opened(done["opened"], done["joined"], done["reopened"])

    def _opened(
        self, c: sa.Connection, rows: list[Row], known: dict[str, Row], case_id: str | None
    ) -> str:
        """Bring the alerts of one subject into a case; return what was done."""
        new = [r for r in rows if r["alert_id"] not in known]
        graver = [r for r in rows if r["alert_id"] in known and _graver(r, known[r["alert_id"]])]
        if not new and not graver:
            return ""
        # Alerts and red flags on a subject come from two steps, each with its own view of it.
        level = max((r["level"] for r in rows), key=LEVELS.index)
        exposure = max((r["exposure"] for r in rows if r["exposure"] is not None), default=None)
        said = {"level": level, "exposure": exposure, "alerts": _told([*new, *graver])}
        if case_id is None and graver:
            case, done = self._now(c, known[graver[0]["alert_id"]]["case_id"], None), "reopened"
            why = " / ".join(both("case.graver").values())
            case = self._append(c, case, "reopened", {"reason": why})
        elif case_id is None:
            first = min(new, key=lambda r: (r["opened_at"], r["alert_id"]))["alert_id"]
            about = {n: rows[0][n] for n in ("party_id", "queue", "days", "region_id")}
            self._begin(c, stable_id("alert_case", first), {**about, **said})
            return "opened"
        else:
            case, done = self._now(c, case_id, None), "joined"
        self._append(c, case, "joined", said)
        return done

    # ── working ──────────────────────────────────────────────────────────────────────────────

    def assign(self, case_id: str, to: str = "", *, seen: int | None = None) -> Row:
        """Give a case to a person; without one, to whoever of its queue has the fewest open.

        Raises
        ------
        RefusedError
            If that person may not have it: table ``power`` names others for ``case.work``, or
            he has decided on the firm in a step that conflicts with it; or if it names the actor
            for no cases at all.
        """
        return self._assign(case_id, to.strip(), seen, {} if to.strip() else self._people())

    def _assign(
        self, case_id: str, to: str, seen: int | None, people: Mapping[str, list[str]]
    ) -> Row:
        with self._store.books.writing() as c:
            authority.begins(c, self.actor, WORK)
            case = self._now(c, case_id, seen)
            how = "hand" if to else "balanced"
            chosen = to or self._fewest(c, case, people.get(case.queue, []))
            authority.may(c, chosen, WORK, _about(self._store, c, case))
            return self._append(c, case, "assigned", {"to": chosen, "how": how}).row()

    def balance(self, queue: str = "") -> int:
        """Assign the open cases that nobody has, the most urgent first; return how many.

        Cases for which nobody is left stay where they are.

        Raises
        ------
        RefusedError
            If table ``power`` names others for ``case.work``, and the actor for no cases at all.
        """
        with self._store.books.writing() as c:
            authority.begins(c, self.actor, WORK)
        wanted = {"queue": queue} if queue else {}
        found, people = self.rows(assignee=None, state="open", **wanted), self._people()
        given = 0
        for row in found:
            try:
                self._assign(row["case_id"], "", row["seq"], people)
            except (RefusedError, ChangedError):
                continue
            given += 1
        return given

    def note(self, case_id: str, text: str, *, seen: int | None = None) -> Row:
        """Write down something about a case."""
        return self._do(case_id, "noted", {"text": text.strip()}, seen)

    def attach(
        self,
        case_id: str,
        name: str,
        *,
        row: Mapping[str, str] | None = None,
        sha256: str | None = None,
        seen: int | None = None,
    ) -> Row:
        """Attach evidence: something with a name.

        Parameters
        ----------
        row
            The row of the board that it is: ``table`` and the fields of its key.
        sha256
            Hash of the file that it is, which is kept elsewhere.
        """
        body = {"name": name.strip(), "row": dict(row) if row else None, "sha256": sha256 or None}
        return self._do(case_id, "attached", body, seen)

    def escalate(self, case_id: str, reason: str, *, seen: int | None = None) -> Row:
        """Report a case upwards: it comes first in its queue."""
        return self._do(case_id, "escalated", {"reason": reason.strip()}, seen)

    def propose(self, case_id: str, outcome: str, reason: str, *, seen: int | None = None) -> Row:
        """Propose to close a case as ``confirmed``, ``false_alarm`` or ``other``."""
        return self._do(case_id, "proposed", {"outcome": outcome, "reason": reason.strip()}, seen)

    def approve(self, case_id: str, *, seen: int | None = None) -> Row:
        """Close a case as somebody else has proposed.

        Raises
        ------
        RefusedError
            If the actor proposed it himself (four eyes), or others have the power to check.
        """
        return self._do(case_id, "closed", {}, seen)

    def give_back(self, case_id: str, reason: str, *, seen: int | None = None) -> Row:
        """Return what somebody else has proposed; the case is open again."""
        return self._do(case_id, "returned", {"reason": reason.strip()}, seen)

    def take_back(self, case_id: str, *, seen: int | None = None) -> Row:
        """Take back what one has proposed oneself; the case is open again."""
        return self._do(case_id, "withdrawn", {}, seen)

    def reopen(self, case_id: str, reason: str, *, seen: int | None = None) -> Row:
        """Open a closed case again."""
        return self._do(case_id, "reopened", {"reason": reason.strip()}, seen)

    def act(
        self, verb: str, case_id: str, given: Mapping[str, Any], *, seen: int | None = None
    ) -> Row:
        """Do what one of :data:`VERBS` says, with what is given for it; the rest is left out."""
        said = {n: given.get(n) or "" for n in VERBS[verb]}
        row: Row = getattr(self, verb)(case_id, **said, seen=seen)
        return row

    def decide(self, approval_id: str, *, approve: bool, reason: str = "") -> Row:
        """Decide on a proposal by the id of its approval; see :meth:`Board.decide`."""
        case = self._proposed(approval_id)
        if approve:
            return self.approve(case["case_id"], seen=case["seq"])
        return self.give_back(case["case_id"], reason, seen=case["seq"])

    def withdraw(self, approval_id: str) -> Row:
        """Take back a proposal by the id of its approval; see :meth:`Board.withdraw`."""
        case = self._proposed(approval_id)
        return self.take_back(case["case_id"], seen=case["seq"])

    def _proposed(self, approval_id: str) -> Row:
        found = self.rows(approval_id=approval_id)
        if not found:  # the case went on since
            reason = both("refusal.stale_proposal")
            raise RefusedError(actor=self.actor, action=casework.CLOSE, reason=reason)
        return found[0]

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    def _do(self, case_id: str, kind: str, body: Row, seen: int | None) -> Row:
        with self._store.books.writing() as c:
            case = self._now(c, case_id, seen)
            authority.need(
                c, self.actor, CHECK if kind in _CHECKS else WORK, _about(self._store, c, case)
            )
            return self._append(c, case, kind, body).row()

    def _now(self, c: sa.Connection, case_id: str, seen: int | None) -> Case:
        """Return a case as it is, held for this transaction; an act that nobody saw refuses."""
        # Two who act at once take turns (SQLite has one writer anyway).
        c.execute(sa.select(HELD.c.seq).where(HELD.c.case_id == case_id).with_for_update())
        done = _acts(c, case_id)
        last = done[-1]
        if seen is not None and seen != last["seq"]:
            raise ChangedError(case=case_id, by=last["actor"], seen=seen, now=last["seq"])
        return casework.fold(done)

    def _append(self, c: sa.Connection, before: Case, kind: str, body: Row) -> Case:
        """Do one more thing to a case, given as it is in this transaction; return it after that."""
        at = datetime.now(UTC)
        after = casework.do(before, kind, self.actor, at, body)
        self._write(c, after, kind, at, body)
        c.execute(sa.update(HELD).where(HELD.c.case_id == before.case_id).values(**after.row()))
        self._approval(c, before.approval, after.approval)
        return after

    def _begin(self, c: sa.Connection, case_id: str, body: Row) -> None:
        at = datetime.now(UTC)
        case = casework.opened(case_id, at, body)
        self._write(c, case, "opened", at, body)
        c.execute(sa.insert(HELD), case.row())

    def _write(self, c: sa.Connection, case: Case, kind: str, at: datetime, body: Row) -> None:
        told = {"seq": case.seq, "at": at.isoformat(), "body": body}
        number = acts.record(c, self.actor, f"case.{kind}", case.case_id, told)
        row = {"case_id": case.case_id, "seq": case.seq, "at": at, "actor": self.actor,
               "kind": kind, "act": number,
               "body": json.dumps(body, ensure_ascii=False, sort_keys=True)}  # fmt: skip
        c.execute(sa.insert(DONE), row)
        for a in body.get("alerts", ()):
            own = {"case_id": case.case_id, "alert_id": a["alert_id"]}
            here = (ALERTS.c.case_id == own["case_id"]) & (ALERTS.c.alert_id == own["alert_id"])
            c.execute(sa.delete(ALERTS).where(here))
            c.execute(sa.insert(ALERTS), {**a, **own})

    def _approval(self, c: sa.Connection, before: Row | None, after: Row | None) -> None:
        """Write what a proposal or a decision made of the approval, as for any other one."""
        if after is not None and after != before:
            asking.write(self._store, c, self.actor, after)

    # ── rights ───────────────────────────────────────────────────────────────────────────────

    def _people(self) -> dict[str, list[str]]:
        """Return who works each queue."""
        queues = self._store.read("case_queue").to_pylist()
        return {q["queue"]: json.loads(q["people"]) for q in queues}

    def _fewest(self, c: sa.Connection, case: Case, people: list[str]) -> str:
        """Return which of the people may have a case and has the fewest open ones."""
        able = []
        for person in people:
            try:
                authority.may(c, person, WORK, _about(self._store, c, case))
            except LiandongError:
                continue
            able.append(person)
        if not able:
            reason = both("refusal.nobody_left", queue=case.queue)
            raise RefusedError(actor=self.actor, action=WORK, reason=reason)
        count = sa.select(HELD.c.assignee, sa.func.count().label("n")).where(
            HELD.c.state != "closed", HELD.c.assignee.is_not(None)
        )
        held = {r.assignee: r.n for r in c.execute(count.group_by(HELD.c.assignee))}
        return casework.fewest(held, able)


def read(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return rows of ``case_act`` with their content read."""
    return [{**r, "body": json.loads(r["body"])} for r in rows]


def _acts(c: sa.Connection, case_id: str) -> list[Row]:
    query = sa.select(DONE).where(DONE.c.case_id == case_id).order_by(DONE.c.seq)
    found = read(dict(r) for r in c.execute(query).mappings())
    if not found:
        remedy = both("advice.list_alert_cases")
        raise NotFoundError(kind=both("kind.alert_case"), name=case_id, remedy=remedy)
    return found


def _about(store: "Store", c: sa.Connection, case: Case) -> authority.About:
    words = {"region": case.region_id, "queue": case.queue, "level": case.level}
    return authority.About(
        case.case_id, case.exposure, words, maker=case.approval["maker"] if case.approval else None,
        done=lambda who: decided(c, who, case.party_id), related=related(store, [case.party_id]),
    )  # fmt: skip


def _known(rows: Iterable[Row]) -> dict[str, Row]:
    """Return each alert at its gravest: that is where it was seen last."""
    found: dict[str, Row] = {}
    for r in rows:
        old = found.get(r["alert_id"])
        if old is None or LEVELS.index(r["level"]) > LEVELS.index(old["level"]):
            found[r["alert_id"]] = r
    return found


def _graver(row: Row, known: Row) -> bool:
    return LEVELS.index(row["alert_level"]) > LEVELS.index(known["level"])


def _told(rows: list[Row]) -> list[Row]:
    told = [
        {**{n: r[n] for n in ("alert_id", "rule", "code")}, "level": r["alert_level"]}
        for r in rows
    ]  # fmt: skip
    return sorted(told, key=lambda a: a["alert_id"])
