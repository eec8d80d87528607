"""Credentials on a board: issued and revoked as acts of it, and those of other boards accepted."""

import hashlib
import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.govern.credentials import (
    ISSUE,
    REVOKE,
    STATUS,
    Check,
    Qualification,
    Sealed,
    minute,
    revocations,
)  # fmt: skip
from liandong.govern.log.notes import LOG, WITNESS, Key
from liandong.schema.arrow import build
from liandong.schema.tables import table
from liandong.step import Run, Tables
from liandong.store import authority
from liandong.store.actlog import ActLog
from liandong.store.acts import ACT, lock, record
from liandong.store.books import content_id
from liandong.store.related import related
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

ACCEPT = "credential.accept"
"""What it takes to accept credentials, where somebody is named for it."""
Row = dict[str, Any]
Kept = tuple[list[Row], list[Row]]
"""Of an issuer: rows of ``credential``, and the one of ``credential_status``, if any."""


class Credentials:
    """The credentials of a board, as one person issues, revokes and accepts them.

    Parameters
    ----------
    store, actor
        Where they are, and who acts.
    version
        Returns the version of the code that runs.
    """

    def __init__(self, store: "Store", actor: str, version: Callable[[], str]) -> None:
        self._store, self._actor, self._version = store, actor, version
        self._log = ActLog(store, actor)

    # ── issuing ──────────────────────────────────────────────────────────────────────────────

    def issued(self) -> list[Row]:
        """Return what was issued, oldest first: number, at, actor, revoked, and what it says."""
        with self._store.books.engine.begin() as c:
            return self._issued(c)

    def issue(self, what: Qualification) -> int:
        """Issue a credential; return the number of the act, by which it is named.

        The power is asked about :attr:`.Qualification.line`, so that those whose approval it takes
        agree to all of it; its conditions know ``kind`` and ``region``.

        Raises
        ------
        UsageError
            If it cannot be a credential, or the log was never sealed, and so has no name.
        RefusedError
            If the actor may not, the very same is in force, or the firm is a person.
        """
        what.need_sound()
        document, party = what.document(self._origin()), self._parties(what.code)
        words = {"kind": what.kind, "region": next((r["region_id"] for r in party), None)}
        ties = related(self._store, [r["party_id"] for r in party])
        with self._store.books.writing() as c:
            about = authority.About(what.line, words=words, related=ties)
            authority.need(c, self._actor, ISSUE, about)
            lock(c)
            for known in self._issued(c, ACT.c.subject == what.code):
                if known["what"] == what and not known["revoked"]:
                    raise self._refused(ISSUE, "refusal.credential_there", number=known["number"])
            return record(c, self._actor, ISSUE, what.code, document)

    def revoke(self, number: int, reason: str) -> int:
        """Revoke a credential; return the number of the act that does.

        Raises
        ------
        UsageError
            If nobody says why.
        NotFoundError
            If no credential of this board has this number.
        RefusedError
            If the actor may not, or it is revoked already.
        """
        if not reason.strip():
            raise UsageError(what=both("fault.no_reason"), remedy=both("advice.no_reason"))
        with self._store.books.writing() as c:
            known = next(iter(self._issued(c, ACT.c.seq == number)), None)
            if known is None:
                raise self._absent(number)
            about = authority.About(str(number), maker=known["actor"])
            authority.need(c, self._actor, REVOKE, about)
            if known["revoked"]:
                raise self._refused(REVOKE, "refusal.credential_revoked", number=number)
            return record(c, self._actor, REVOKE, str(number), {"reason": reason.strip()})

    def status(self) -> int:
        """Say which credentials are revoked as of now; return the number of the act.

        Raises
        ------
        UsageError
            If the log was never sealed, and so has no name.
        RefusedError
            If the actor may not.
        """
        origin = self._origin()
        with self._store.books.writing() as c:
            authority.need(c, self._actor, STATUS)
            gone = (r["number"] for r in self._issued(c) if r["revoked"])
            return record(c, self._actor, STATUS, "", revocations(origin, gone))

    def file(self, number: int) -> str:
        """Return the file of a credential, or of a list of revoked ones, that is sealed.

        Raises
        ------
        NotFoundError
            If none has this number, or it is not sealed yet.
        """
        rows = self._store.books.rows("act", seq=number)
        if not rows or rows[0]["action"] not in {ISSUE, STATUS}:
            raise self._absent(number)
        act, proof = rows[0], self._log.proof(number)
        entry, salt = self._log.entry(number), bytes.fromhex(act["salt"])
        return str(Sealed(json.loads(act["body"]), salt, entry, proof))

    # ── accepting ────────────────────────────────────────────────────────────────────────────

    def accept(
        self, text: str, name: str, on: datetime, *, keys: Collection[Key] = (), witnesses: int = 0
    ) -> Row:  # fmt: skip
        """Accept a credential of a recognised issuer, or its list of revoked ones.

        Parameters
        ----------
        text, name
            The file, and what it is called.
        on
            When; the credential must be in force.
        keys, witnesses
            Witnesses that are trusted, and how many of them must have signed.

        Returns
        -------
        dict
            The row of ``credential``, or of ``credential_status``.

        Raises
        ------
        DataError
            If it is no such file.
        RefusedError
            If the issuer is not recognised for it, it does not hold, or the board knows better;
            or if the actor may not.
        NotFoundError
            If no firm of the board has the credit code.
        """
        sealed = Sealed.read(text, name)
        with self._store.writer(self._actor):
            known = self._recognised(sealed)
            # Which logs are trusted is for the table to say.
            trusted = [Key.read(r["vkey"]) for r in known] + [k for k in keys if k.kind == WITNESS]
            self._need(sealed.checks(trusted, witnesses, on.date()))
            signed = sealed.proof.note.signed_by(trusted)
            before = self._accepted(sealed.log.origin)
            digest, said = hashlib.sha256(text.encode()).hexdigest(), sealed.said
            if isinstance(said, Qualification):
                by = next(r for r in known if Key.read(r["vkey"]) in signed)
                row, after = self._with_one(sealed, said, before, {**by, "file": digest})
            else:
                row, after = self._with_list(sealed, said, before)
            if after != before:
                self._write(sealed.log.origin, after, {name: [digest]})
        return row

    def _recognised(self, sealed: Sealed) -> list[Row]:
        """Return by which rows of ``credential_issuer`` a file can be accepted."""
        rows, said = self._rows("credential_issuer"), sealed.said
        mine = [r for r in rows if _is_log(r["vkey"], sealed.log.origin)]
        kind = said.kind if isinstance(said, Qualification) else None
        found = [r for r in mine if kind in {None, r["kind"]}]
        if not found:
            for_kind = {r["name"] for r in rows if kind in {None, r["kind"], r["own_kind"]}}
            about = {"origin": sealed.log.origin, "kind": kind or "–"}
            who = ", ".join(sorted(for_kind)) or "–"
            raise self._refused(ACCEPT, "refusal.credential_issuer", **about, who=who)
        return found

    def _need(self, checks: Collection[Check]) -> None:
        for check in checks:
            if check.fault is not None:
                name = both(f"verified.{check.name}")
                raise self._refused(ACCEPT, "refusal.credential", check=name, why=check.fault)

    def _with_one(
        self, sealed: Sealed, said: Qualification, before: Kept, by: Row
    ) -> tuple[Row, Kept]:
        """Return the row of a credential, and all that is known of its issuer with it."""
        content = sealed.act["content"]
        old = next((r for r in before[0] if r["number"] == sealed.number), None)
        if old is not None and old["content"] != content:
            about = {"origin": sealed.log.origin, "number": sealed.number}
            raise self._refused(ACCEPT, "refusal.credential_other", **about)
        if old is not None:
            return old, before
        status = before[1][0] if before[1] else None
        row = {
            "issuer": sealed.log.origin, "number": sealed.number,
            "party_id": self._party(said.code), "kind": by["own_kind"], "issued_kind": said.kind,
            "issued_by": by["name"], "valid_from": said.valid_from, "valid_to": said.valid_to,
            "claims": json.dumps(dict(said.claims), ensure_ascii=False, sort_keys=True),
            "revoked": status is not None and sealed.number in json.loads(status["revoked"]),
            "status_at": status and status["at"], "content": content, "file": by["file"],
        }  # fmt: skip
        return row, ([*before[0], row], before[1])

    def _with_list(self, sealed: Sealed, said: frozenset[int], before: Kept) -> tuple[Row, Kept]:
        """Return the row of a list of revoked ones, and all of the issuer marked by it."""
        old = before[1][0] if before[1] else None
        if old is not None and sealed.number < old["number"]:
            about = {"origin": sealed.log.origin, "at": minute(old["at"])}
            raise self._refused(ACCEPT, "refusal.credential_older", **about)
        if old is not None and sealed.number == old["number"]:
            return old, before
        # Nothing that was revoked comes back.
        gone = said | frozenset(json.loads(old["revoked"]) if old else ())
        row = {"issuer": sealed.log.origin, "number": sealed.number, "at": sealed.at,
               "revoked": json.dumps(sorted(gone))}  # fmt: skip
        marked = [{**r, "revoked": r["number"] in gone, "status_at": sealed.at} for r in before[0]]
        return row, (marked, [row])

    def _accepted(self, origin: str) -> Kept:
        return (self._rows("credential", origin), self._rows("credential_status", origin))

    def _write(self, origin: str, after: Kept, files: dict[str, list[str]]) -> None:
        """Write all that is accepted of an issuer, as a load of files."""
        names = ("credential", "credential_status")
        tables: Tables = {n: _table(n, rows) for n, rows in zip(names, after, strict=True)}
        before = {n: [content_id(_table(n, self._rows(n, origin)))] for n in names}
        part = f"credential@{origin}"
        run = Run.start("load.credential", part, self._actor, self._version(), before | files)
        self._store.perform(run, lambda: (tables, {}))

    def _rows(self, name: str, issuer: str | None = None) -> list[Row]:
        found = self._store.read(name)
        if issuer is not None:
            found = found.filter(pc.equal(found["issuer"], issuer))
        rows: list[Row] = found.to_pylist()
        return rows

    # ── of firms and acts ────────────────────────────────────────────────────────────────────

    def _parties(self, code: str) -> list[Row]:
        """Return who of the board has a credit code; RefusedError if it is a person."""
        found = self._store.read("party")
        rows: list[Row] = found.filter(pc.equal(found["credit_code"], code)).to_pylist()
        if any(r["kind"] == "person" for r in rows):
            raise self._refused(ISSUE, "refusal.credential_person")
        return sorted(rows, key=lambda r: str(r["party_id"]))

    def _party(self, code: str) -> str:
        found = self._parties(code)
        if not found:
            remedy = both("advice.credential_party")
            raise NotFoundError(kind=table("party").label, name=code, remedy=remedy)
        return str(found[0]["party_id"])

    def _issued(self, c: sa.Connection, *only: sa.ColumnElement[bool]) -> list[Row]:
        issued = sa.and_(ACT.c.action == ISSUE, *only)
        query = sa.select(ACT).where(issued | (ACT.c.action == REVOKE)).order_by(ACT.c.seq)
        acts = c.execute(query).mappings().all()
        gone = {int(r["subject"]) for r in acts if r["action"] == REVOKE}
        return [
            {"number": r["seq"], "at": r["at"], "actor": r["actor"], "revoked": r["seq"] in gone,
             "what": Qualification.of(json.loads(r["body"]))}
            for r in acts if r["action"] == ISSUE
        ]  # fmt: skip

    def _origin(self) -> str:
        """Return the name of the board's log."""
        origin = self._log.files.checkpoint().origin
        if not origin:
            raise UsageError(what=both("fault.no_log"), remedy=both("advice.seal", size=0))
        return origin

    def _absent(self, number: int) -> NotFoundError:
        remedy = both("advice.credential")
        return NotFoundError(kind=both("kind.credential"), name=number, remedy=remedy)

    def _refused(self, action: str, code: str, **about: object) -> RefusedError:
        return RefusedError(actor=self._actor, action=action, reason=both(code, **about))


def _table(name: str, rows: list[Row]) -> pa.Table:
    return build(name, {n: [r[n] for r in rows] for n in table(name).names})


def _is_log(vkey: str, origin: str) -> bool:
    key = Key.read(vkey)
    return (key.name, key.kind) == (origin, LOG)
