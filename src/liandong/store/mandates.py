"""Changing the power list and using what it foresees: hand on, revoke, agree, break the glass."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.govern.powers.deciding import Index
from liandong.govern.powers.delegating import delegated
from liandong.govern.powers.entries import ANYBODY, Power, post, power
from liandong.govern.powers.waiting import ATTACH, ENDS, handed_on, may_agree, requests
from liandong.schema.arrow import build
from liandong.schema.sql import METADATA
from liandong.schema.validate import need_valid
from liandong.store import authority
from liandong.store.acts import record, within
from liandong.store.authority import CHANGE, POST, POWER, About, Listed
from liandong.store.related import related
from liandong.store.uses import DONE, note
from liandong.texts import both
from liandong.types import today

if TYPE_CHECKING:
    from liandong.store.store import Store

REVIEW = timedelta(hours=72)
"""Within this time somebody else reviews each breaking of glass."""
REVIEWS = "powers.review"
"""What it takes to review it, where somebody is named for it."""
SHA256 = re.compile("[0-9a-f]{64}")
Row = dict[str, Any]


class Mandates:
    """The power list of a board, as one person works with it.

    Parameters
    ----------
    store, actor
        Where it is, and who acts.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self._actor = store, actor

    def listed(self) -> Listed:
        """Return the list as it stands now."""
        with self._store.books.reading() as c:
            return Listed.of(c, datetime.now(UTC))

    def need(self, action: str, subject: str = "", amount: int | None = None) -> None:
        """Decide on something that is no transaction of the books, such as an export, and log it.

        Raises
        ------
        RefusedError
            If the actor may not.
        """
        with self._store.books.writing() as c:
            about = About(subject, amount, related=related(self._store, [subject]))
            authority.need(c, self._actor, action, about)

    def named(self, action: str) -> bool:
        """Tell whether the list has entries for an action."""
        with self._store.books.engine.begin() as c:
            return authority.named(c, action)

    def note(self, action: str, subject: str, body: dict[str, Any], *, takes: str) -> int:
        """Write an act into the log that changes nothing, such as an export; return its number.

        It takes what was decided on before: a token for that action is for this act, too.
        """
        with self._store.books.writing() as c:
            within(c, self._actor, takes)
            return record(c, self._actor, action, subject, body)

    def add(
        self, entries: Iterable[Mapping[str, Any]], posts: Iterable[Row] = (), *,
        dry_run: bool = False,
    ) -> list[Power]:  # fmt: skip
        """Add entries and posts, all or none; those that are there already are left alone.

        Parameters
        ----------
        entries, posts
            Rows of ``power`` and ``post``, or what a file says.
        dry_run
            Only say whether it would do.

        Raises
        ------
        DataError
            Naming the entry that is wrong, wider than its source, or not to be held together.
        RefusedError
            If others may change the list.
        ConflictError
            If an entry exists with other content.
        """
        read = [power(p) for p in entries]
        rows = {"power": [p.row() for p in read], "post": [post(r) for r in posts]}
        for name, found in rows.items():
            need_valid(name, build(name, {n: [r.get(n) for r in found] for n in _names(name)}))
        with self._store.books.writing() as c:
            authority.need(c, self._actor, CHANGE)
            self._append(c, rows)
            if dry_run:
                c.rollback()
        return read

    def delegate(
        self, power_id: str, to: str, until: date, *, since: date | None = None, **narrower: Any  # noqa: ANN401 - fields of an entry
    ) -> Power:  # fmt: skip
        """Hand a power of one's own on to a person, as it is or narrower.

        Raises
        ------
        RefusedError
            If the actor does not hold it.
        DataError
            If what is handed on is wider, longer than allowed, or onward.
        """
        with self._store.books.writing() as c:
            source = self._own(c, power_id, "powers.delegate")
            since = since or today()
            made = delegated(source, self._actor, to, since, until)
            made = power({**made.row(), **{n: v for n, v in narrower.items() if v is not None}})
            self._append(c, {"power": [made.row()], "post": []})
        return made

    def revoke(self, name: str, reason: str) -> int:
        """End a power or a post; who handed a power on may end that without anybody's leave."""
        with self._store.books.writing() as c:
            found = c.execute(sa.select(POWER).where(POWER.c.power_id == name)).mappings().first()
            term = c.execute(sa.select(POST.c.post_id).where(POST.c.post_id == name)).first()
            if found is None and term is None:
                remedy = both("advice.powers_show")
                raise NotFoundError(kind=both("kind.power"), name=name, remedy=remedy)
            if found is None or found["delegator"] != self._actor:
                authority.need(c, self._actor, CHANGE)
            return note(c, "revoked", self._actor, power_id=name, reason=reason.strip() or None)

    def ask(
        self, action: str, subject: str = "", amount: int | None = None,
        evidence: Mapping[str, str] | None = None,
    ) -> int:  # fmt: skip
        """Ask others to agree that one does something, up to an amount; return the act's number.

        Parameters
        ----------
        evidence
            Documents that speak for it, see :meth:`attach`.
        """
        about = {"action": action, "subject": subject, "amount": amount}
        with self._store.books.writing() as c:
            return note(c, "asked", self._actor, **about, evidence=_documents(evidence or {}))

    def attach(self, action: str, subject: str, evidence: Mapping[str, str]) -> int:
        """Bring documents for what is to be done to a subject; return the act's number.

        A document of the same kind takes the place of an earlier one, and who agreed before any
        was brought has to agree again.

        Parameters
        ----------
        evidence
            SHA-256 of each, hex, by kind.

        Raises
        ------
        UsageError
            If there is none, or what is no SHA-256.
        """
        if not evidence:
            raise UsageError(what=both("fault.no_evidence"), remedy=both("advice.evidence"))
        about = {"action": action, "subject": subject}
        with self._store.books.writing() as c:
            return note(c, "attached", self._actor, **about, evidence=_documents(evidence))

    def brought(self, sha256: str) -> list[Row]:
        """Return the acts that brought a document or relied on it, each with its ``document``."""
        query = sa.select(DONE).where(DONE.c.evidence.contains(sha256)).order_by(DONE.c.act)
        with self._store.books.engine.begin() as c:
            rows = c.execute(query).mappings().all()
        return [
            {**r, "document": kind}
            for r in rows
            for kind, found in json.loads(r["evidence"]).items()
            if found == sha256
        ]

    def agree(self, act: int) -> int:
        """Agree to what somebody else asked.

        Raises
        ------
        RefusedError
            If it is one's own, or no entry of who asks wants the agreement of this person.
        """
        with self._store.books.writing() as c:
            asked = self._of(c, act, "asked")
            if asked["actor"] == self._actor:
                raise self._refused(asked["action"], "refusal.power_self")
            index = self._among(c, asked)
            waits = next((r for r in self._requests(c, index) if r["act"] == act), None)
            if waits is None or self._actor in waits["agreed"]:
                raise self._refused("power.approved", "refusal.power_done", act=act)
            if waits["stands"]:
                of = ", ".join(w["of"] for w in waits["wants"])
                raise self._refused(asked["action"], "refusal.power_later", of=of)
            about = {n: asked[n] for n in ("action", "subject", "amount")}
            return note(c, "approved", self._actor, **about, ref=act)

    def decline(self, act: int, reason: str) -> int:
        """End a request: who might agree refuses, or who asked takes it back.

        Raises
        ------
        UsageError
            If nobody says why.
        RefusedError
            If the agreement of this person is not asked, or it has ended or was used already.
        """
        if not reason.strip():
            raise UsageError(what=both("fault.no_reason"), remedy=both("advice.no_reason"))
        with self._store.books.writing() as c:
            asked = self._of(c, act, "asked")
            if asked["actor"] != self._actor:
                self._among(c, asked)
            for ended in sorted(ENDS):
                self._once(c, ended, act)
            about = {n: asked[n] for n in ("action", "subject", "amount")}
            return note(c, "declined", self._actor, **about, ref=act, reason=reason.strip())

    def break_glass(self, power_id: str, reason: str, informed: str) -> int:
        """Put a power that is kept for emergencies in force for a while; a review falls due.

        Parameters
        ----------
        informed
            Who else was told.

        Raises
        ------
        UsageError
            If nobody says why, or nobody else was told.
        RefusedError
            If it is no such power, not the actor's, or his last time is overdue for review.
        """
        if not reason.strip() or informed.strip() in {"", self._actor}:
            raise UsageError(what=both("fault.glass_reason"), remedy=both("advice.glass_reason"))
        with self._store.books.writing() as c:
            found = self._own(c, power_id, "powers.break-glass")
            if found.glass_hours is None:
                raise self._refused(found.action, "refusal.glass_none", power=power_id)
            for r in self._unreviewed(c):
                if r["actor"] == self._actor and r["due"] < datetime.now(UTC):
                    raise self._refused(found.action, "refusal.glass_review", act=r["act"])
            why = f"{reason.strip()} ({informed.strip()})"
            about = {"power_id": power_id, "action": found.action, "reason": why}
            return note(c, "opened", self._actor, **about)

    def review(self, act: int, reason: str) -> int:
        """Review a breaking of glass by somebody else; return the act's number."""
        with self._store.books.writing() as c:
            opened = self._of(c, act, "opened")
            if opened["actor"] == self._actor:
                raise self._refused(opened["action"], "refusal.power_self")
            authority.need(c, self._actor, REVIEWS, About(str(act)))
            self._once(c, "reviewed", act)
            about = {n: opened[n] for n in ("power_id", "action")}
            return note(c, "reviewed", self._actor, **about, ref=act, reason=reason.strip())

    def inbox(self) -> dict[str, list[Row]]:
        """Return what waits, and what of it waits for the actor.

        Returns
        -------
        dict
            ``asked``: requests, see :func:`.waiting.requests`. ``opened``: broken glass that nobody
            has reviewed, with ``due`` and ``stands``. ``handed_on``: what the actor handed on or
            was handed, see :func:`.waiting.handed_on`.
        """
        with self._store.books.reading() as c:
            index = Listed.of(c, datetime.now(UTC)).index
            opened = self._unreviewed(c)
            for r in opened:
                r["stands"] = "own" if r["actor"] == self._actor else self._reviews(c)
            return {
                "asked": self._requests(c, index),
                "opened": opened,
                "handed_on": handed_on(index, self._actor, today()),
            }

    def waiting(self) -> int:
        """Return how many things wait for the actor: see :meth:`inbox`."""
        found = self.inbox()
        mine = [r for r in (*found["asked"], *found["opened"]) if not r["stands"]]
        return len(mine) + len([r for r in found["handed_on"] if r["lapses"]])

    def own(self) -> dict[str, list[Power]]:
        """Return what the actor may do with the entries in force that he holds.

        Returns
        -------
        dict
            ``delegate``: those that he may hand on. ``ask``: those by which he acts once others
            agree. ``break_glass``: those for emergencies that give him nothing now.
        """
        with self._store.books.engine.begin() as c:
            index = Listed.of(c, datetime.now(UTC)).index
        mine = self._mine(index)
        shut = [p for p in mine if p.glass_hours and p not in index.held(self._actor, p.action)]
        return {
            "delegate": [p for p in mine if p.delegate_days],
            "ask": [p for p in mine if p.approvals and p not in shut],
            "break_glass": shut,
        }

    def _reviews(self, c: sa.Connection) -> str:
        """Return why the actor may review nothing; empty if he may."""
        try:
            authority.may(c, self._actor, REVIEWS)
        except RefusedError:
            return "not_among"
        return ""

    def _requests(self, c: sa.Connection, index: Index) -> list[Row]:
        of = sa.or_(DONE.c.kind.in_(ATTACH), DONE.c.ref.is_not(None))
        rows = c.execute(sa.select(DONE).where(of).order_by(DONE.c.act)).mappings()
        return requests([dict(r) for r in rows], index, self._actor)

    def _among(self, c: sa.Connection, asked: Row) -> Index:
        """Refuse whose agreement is not asked; return the powers in force."""
        index = Listed.of(c, datetime.now(UTC)).index
        wanting = index.wanting(asked["actor"], asked["action"], asked["amount"])
        if not any(may_agree(self._actor, p, index) for _, p in wanting):
            groups = {g for _, p in wanting for g in p.in_order or (p.approvers,)}
            of = ", ".join(sorted(groups)) or "–"
            raise self._refused(asked["action"], "refusal.power_agree", of=of)
        return index

    def _mine(self, index: Index) -> list[Power]:
        """Return the entries in force that the actor holds, broken glass or not."""
        names = {self._actor, ANYBODY, *index.groups.get(self._actor, ())}
        return [p for p in index.standing() if p.holder in names]

    def _unreviewed(self, c: sa.Connection) -> list[Row]:
        seen = sa.select(DONE.c.ref).where(DONE.c.kind == "reviewed")
        query = sa.select(DONE).where(DONE.c.kind == "opened", DONE.c.act.not_in(seen))
        rows = c.execute(query.order_by(DONE.c.act)).mappings()
        return [{**r, "due": r["at"] + REVIEW} for r in rows]

    def _append(self, c: sa.Connection, rows: dict[str, list[Row]]) -> None:
        books = self._store.books
        added = {n: books.append(c, n, found) for n, found in rows.items() if found}
        authority.admit(c, self._actor, added)

    def _own(self, c: sa.Connection, power_id: str, action: str) -> Power:
        """Return an entry of the actor; RefusedError, of an action, if he does not hold it now."""
        for p in self._mine(Listed.of(c, datetime.now(UTC)).index):
            if p.power_id == power_id:
                return p
        raise self._refused(action, "refusal.power_not_held", power=power_id)

    def _of(self, c: sa.Connection, act: int, kind: str) -> Row:
        found = c.execute(
            sa.select(DONE).where(DONE.c.act == act, DONE.c.kind == kind)
        ).mappings().first()  # fmt: skip
        if found is None:
            remedy = both("advice.powers_inbox")
            raise NotFoundError(kind=both("kind.power_asked"), name=act, remedy=remedy)
        return dict(found)

    def _once(self, c: sa.Connection, kind: str, ref: int) -> None:
        query = sa.select(DONE.c.act).where(DONE.c.kind == kind, DONE.c.ref == ref)
        if c.execute(query).first():
            raise self._refused(f"power.{kind}", "refusal.power_done", act=ref)

    def _refused(self, action: str, code: str, **about: object) -> RefusedError:
        """Return a refusal that goes into the log by its code, without what it is about."""
        lacking = code.removeprefix("refusal.")
        reason = both(code, **about)
        return RefusedError(actor=self._actor, action=action, reason=reason, lacking=lacking)


def _documents(evidence: Mapping[str, str]) -> dict[str, str]:
    """Check hashes of documents by kind."""
    for kind, found in evidence.items():
        if not kind or not SHA256.fullmatch(found):
            what = both("fault.evidence", kind=kind, value=found)
            raise UsageError(what=what, remedy=both("advice.evidence"))
    return dict(evidence)


def _names(name: str) -> list[str]:
    return list(METADATA.tables[name].columns.keys())
