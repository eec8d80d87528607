"""Credentials: what one board says of a firm, so that any other verifies it off-line.

A credential is the body of an act, in the shape of the W3C Verifiable Credentials Data Model 2.0;
so is a list of those that were revoked. The log has a commitment of it, as of every act. A file of
it is that body, and as its ``proof`` what opens the commitment (salt, entry) and the way from the
entry to a signed checkpoint (tlog-proof@v1). There is one way to write a file.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self, cast

from liandong.errors import DataError, LiandongError, UsageError
from liandong.govern.log import canonical, commitment
from liandong.govern.log.checkpoints import Checkpoint, Proof
from liandong.govern.log.notes import Key
from liandong.texts import both
from liandong.types import CHINA, credit_code_ok, names_resident

ISSUE, REVOKE, STATUS = "credential.issue", "credential.revoke", "credential.status"
"""Acts, and the powers that they take where somebody is named for them."""
CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:liandong:credential#"}]
TYPE, LIST = "VerifiableCredential", "RevocationList"
PROOF = "TlogProof"
HTTPS = "https://"
FIRST, LAST = "T00:00:00+08:00", "T23:59:59+08:00"
MOST = 1_000_000
"""Characters of a file at most."""
WORD, TEXT, CLAIMS = 60, 400, 50
"""Characters of a name and of a text, and claims, at most."""
Document = dict[str, Any]


@dataclass(frozen=True)
class Qualification:
    """What a credential says of a firm.

    Attributes
    ----------
    code
        Unified social credit code.
    kind
        Such as ``high_tech``, ``construction_grade_1``.
    claims
        Texts by name.
    valid_from, valid_to
        First and last day, China time; None: no end.
    """

    code: str
    kind: str
    claims: Mapping[str, str]
    valid_from: date
    valid_to: date | None = None

    def need_sound(self) -> None:
        """Refuse what cannot be a credential; UsageError says what of it, and why."""
        texts = (self.code, self.kind, *self.claims, *self.claims.values())
        if any(names_resident(t) for t in texts):
            raise _unfit("fault.credential_person", "advice.credential_person")
        if not credit_code_ok(self.code):
            raise _unfit("fault.credential_code", "advice.credential_code", said=self.code)
        words, most = (self.kind, *self.claims), len(self.claims) <= CLAIMS
        named = all(w.isprintable() and len(w.split()) == 1 and len(w) <= WORD for w in words)
        told = all(v.strip() and len(v) <= TEXT for v in self.claims.values())
        if not (named and told and most):
            raise _unfit("fault.credential_words", "advice.credential_words")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise _unfit("fault.credential_span", "advice.credential_span")
        canonical(dict(self.claims))

    def document(self, origin: str) -> Document:
        """Return it as the body of an act on the board whose log has this name."""
        until = {} if self.valid_to is None else {"validUntil": f"{self.valid_to}{LAST}"}
        subject = {"creditCode": self.code, "kind": self.kind, "claims": dict(self.claims)}
        return {
            "@context": CONTEXT, "type": [TYPE], "issuer": HTTPS + origin,
            "validFrom": f"{self.valid_from}{FIRST}", **until, "credentialSubject": subject,
        }  # fmt: skip

    @property
    def line(self) -> str:
        """All of it on one line: what those agree to whose approval issuing it takes."""
        claims = canonical(dict(self.claims)).decode()
        return f"{self.code} {self.kind} {self.valid_from}/{self.valid_to or '..'} {claims}"

    @classmethod
    def of(cls, document: Document) -> Self:
        """Read the body of an act; anything but such a body raises an error of any kind."""
        subject, until = document["credentialSubject"], document.get("validUntil")
        return cls(
            subject["creditCode"], subject["kind"], subject["claims"],
            date.fromisoformat(document["validFrom"][:10]),
            None if until is None else date.fromisoformat(until[:10]),
        )  # fmt: skip


def revocations(origin: str, numbers: Iterable[int]) -> Document:
    """Return the body of an act that lists which credentials of a log are revoked."""
    subject = {"revoked": sorted(numbers)}
    return {"@context": CONTEXT, "type": [TYPE, LIST], "issuer": HTTPS + origin,
            "credentialSubject": subject}  # fmt: skip


class Check(NamedTuple):
    """Something that was looked at, and why it does not hold; None: it holds."""

    name: str
    fault: dict[str, str] | None = None


@dataclass(frozen=True)
class Sealed:
    """A credential, or a list of revoked ones, with its proof.

    Attributes
    ----------
    document
        The body of the act.
    salt, entry
        What opens the commitment, and the bytes of the act in the log.
    proof
        That the entry is in the log.
    """

    document: Document
    salt: bytes
    entry: bytes
    proof: Proof

    @classmethod
    def read(cls, text: str, name: str = "") -> Self:
        """Read a file; nothing is verified yet.

        Parameters
        ----------
        name
            Of the file, for errors.

        Raises
        ------
        DataError
            If it is none, or was written in another way.
        """
        try:
            document = json.loads(text) if len(text) <= MOST else {}
            held = document.pop("proof")
            salt, entry = bytes.fromhex(held["salt"]), held["entry"].encode()
            found = cls(document, salt, entry, Proof.read(held["tlogProof"]))
            fits = str(found) == text.removesuffix("\n") and found._sound()
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError, LiandongError):
            fits = False
        if not fits:
            what, remedy = both("fault.credential_file"), both("advice.credential_file")
            raise DataError(file=name, what=what, remedy=remedy)
        return found

    def __str__(self) -> str:
        """Write it as :meth:`read` reads it."""
        held = {"type": PROOF, "salt": self.salt.hex(), "entry": self.entry.decode(),
                "tlogProof": str(self.proof)}  # fmt: skip
        whole = {**self.document, "proof": held}
        return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True)

    @property
    def said(self) -> Qualification | frozenset[int]:
        """What it says: of a firm, or the numbers of the revoked ones."""
        if LIST in self.document["type"]:
            return frozenset(self.document["credentialSubject"]["revoked"])
        return Qualification.of(self.document)

    @property
    def number(self) -> int:
        """Number of the act in its log, by which the issuer names it."""
        return self.proof.index + 1

    @property
    def act(self) -> dict[str, Any]:
        """What the log says of the act."""
        found: dict[str, Any] = json.loads(self.entry)
        return found

    @property
    def at(self) -> datetime:
        """When the act was done, as its log says."""
        return datetime.fromisoformat(self.act["at"])

    @property
    def log(self) -> Checkpoint:
        """The checkpoint by which it is proved."""
        return Checkpoint.read(self.proof.note.text)

    def checks(
        self, keys: Collection[Key], witnesses: int = 0, on: date | None = None
    ) -> list[Check]:
        """Return each check of the file by itself.

        Parameters
        ----------
        keys
            Of the log, and of witnesses, that are trusted.
        witnesses
            How many of them must have signed.
        on
            The day on which it must be in force; None: any.
        """
        found = [Check("form"), Check("proof", self._unproved(keys, witnesses))]
        content = None if self._opens() else both("fault.credential_content")
        found.append(Check("content", content))
        mine, origin = self.document["issuer"], self.log.origin
        issuer = both("fault.credential_issuer", issuer=mine, origin=origin)
        found.append(Check("issuer", None if mine == HTTPS + origin else issuer))
        said = self.said
        if on is not None and isinstance(said, Qualification):
            found.append(Check("validity", _out_of_force(said, on)))
        return found

    def against(self, status: "Sealed", keys: Collection[Key], witnesses: int = 0) -> list[Check]:
        """Return the checks of a list of revoked credentials, and of this one by it."""
        unsound = next((c.fault for c in status.checks(keys, witnesses) if c.fault), None)
        said, log, other = status.said, self.log, status.log
        if isinstance(said, Qualification):
            return [Check("status", both("fault.credential_no_list"))]
        if not unsound and log.origin != other.origin:
            unsound = both("fault.credential_other_log", origin=other.origin, own=log.origin)
        if not unsound and log.size == other.size and log.top != other.top:
            unsound = both("fault.credential_fork", origin=log.origin, size=log.size)
        gone = both("fault.credential_revoked", number=self.number, at=minute(status.at))
        return [Check("status", unsound), Check("revoked", gone if self.number in said else None)]

    def age(self, now: datetime, most: timedelta) -> Check:
        """Check that the act is not older than it may be."""
        old = both("fault.credential_old", at=minute(self.at))
        return Check("age", old if now - self.at > most else None)

    def _unproved(self, keys: Collection[Key], witnesses: int) -> dict[str, str] | None:
        try:
            self.proof.proves(self.entry, keys, witnesses)
        except UsageError as error:
            return cast("dict[str, str]", error.params["what"])
        return None

    def _opens(self) -> bool:
        """Tell whether the entry is that of an act with this body, in its own place."""
        said, act = self.said, self.act
        subject, action = (said.code, ISSUE) if isinstance(said, Qualification) else ("", STATUS)
        content = commitment(self.salt, subject, self.document)
        return (act["action"], act["content"], act["seq"]) == (action, content, self.number)

    def _sound(self) -> bool:
        """Tell whether it has the shape of one of the two documents, and of an entry."""
        origin, said = self.document["issuer"].removeprefix(HTTPS), self.said
        Checkpoint.read(self.proof.note.text)
        if isinstance(said, Qualification):
            said.need_sound()
            made = said.document(origin)
        else:
            made = revocations(origin, said)
            if not all(type(n) is int and n > 0 for n in said):
                return False
        words = {"action", "actor", "at", "content", "seq"}
        fits = canonical(self.act) == self.entry and self.act.keys() == words
        return fits and canonical(made) == canonical(self.document) and self.at.tzinfo is not None


def minute(at: datetime) -> str:
    """Write a moment for people, China time."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"


def _out_of_force(said: Qualification, on: date) -> dict[str, str] | None:
    if on < said.valid_from:
        return both("fault.credential_not_yet", day=said.valid_from, on=on)
    if said.valid_to is not None and on > said.valid_to:
        return both("fault.credential_over", day=said.valid_to, on=on)
    return None


def _unfit(what: str, remedy: str, **about: object) -> UsageError:
    return UsageError(what=both(what, **about), remedy=both(remedy))
