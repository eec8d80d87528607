"""People who log in to the service, as one actor keeps them; their secrets come here hashed."""

import hashlib
import json
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.schema.sql import METADATA
from liandong.store import authority
from liandong.store.acts import record
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

PERSON, SESSION, TOKEN = (
    METADATA.tables[n] for n in ("login_person", "login_session", "login_token")
)
CHANGE = "people.change"
"""What it takes to change others, where somebody is named for it."""
OWN = frozenset({"password", "totp", "ended"})
"""What people change of themselves without anybody's leave."""
LONGEST_NAME = 100
Row = dict[str, Any]


def fingerprint(secret: str) -> str:
    """Return what is kept of a random secret: enough to know it again, and no way back."""
    return hashlib.sha256(secret.encode()).hexdigest()


class People:
    """Who can log in, and how.

    Parameters
    ----------
    store, actor
        Where it is written, and who changes it.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self._actor = store, actor

    # ── knowing ──────────────────────────────────────────────────────────────────────────────

    def any(self) -> bool:
        """Tell whether there is anybody: then everybody has to log in."""
        return self._store.looks.once("people", self._any)

    def _any(self) -> bool:
        with self._store.books.engine.begin() as c:
            return c.execute(sa.select(PERSON.c.name).limit(1)).first() is not None

    def rows(self) -> list[Row]:
        """Return everybody in order of name, without secrets."""
        with self._store.books.engine.begin() as c:
            return [
                {
                    "name": r["name"], "disabled": r["disabled"], "issuer": r["issuer"],
                    "password": r["password"] is not None, "totp": r["totp"] is not None,
                }
                for r in c.execute(sa.select(PERSON).order_by(PERSON.c.name)).mappings()
            ]  # fmt: skip

    def known(self, **equal: str) -> Row | None:
        """Return one person with what is kept of his secrets; None if there is none."""
        query = sa.select(PERSON).where(*(PERSON.c[n] == v for n, v in equal.items()))
        with self._store.books.engine.begin() as c:
            found = c.execute(query).mappings().first()
        return None if found is None else dict(found)

    # ── changing ─────────────────────────────────────────────────────────────────────────────

    def add(self, name: str, password: str | None = None) -> None:
        """Add a person.

        Parameters
        ----------
        password
            Its hash; without one he comes from a provider of identities that says this name.

        Raises
        ------
        UsageError
            If the name could be taken for a post or for another name, or he is there already.
        RefusedError
            If others may change people.
        """
        with self._store.books.writing() as c:
            authority.need(c, self._actor, CHANGE, authority.About(name))
            self._add(c, name, password=password)

    def joined(self, name: str, issuer: str, subject: str, *, known_only: bool) -> str:
        """Return the name of whom a provider of identities vouches for; he is added if need be.

        Raises
        ------
        RefusedError
            If the name is somebody else's, or only known people may come.
        """
        if found := self.known(issuer=issuer, subject=subject):
            return str(found["name"])
        own = {"issuer": issuer, "subject": subject}
        with self._store.books.writing() as c:
            query = sa.select(PERSON).where(PERSON.c.name == name).with_for_update()
            there = c.execute(query).mappings().first()
            if there is None and not known_only:
                self._add(c, name, **own)
            elif there is None or there["password"] or there["subject"]:
                reason = both("refusal.join_taken" if there else "refusal.join_unknown")
                raise RefusedError(actor=name, action="login", reason=reason)
            else:
                c.execute(sa.update(PERSON).where(PERSON.c.name == name).values(**own))
                record(c, name, "person.joined", name, {"issuer": issuer})
        return name

    def _add(self, c: sa.Connection, name: str, **known: str | None) -> None:
        _need_name(name)
        if c.execute(sa.select(PERSON.c.name).where(PERSON.c.name == name)).first():
            what, remedy = both("fault.person_known", name=name), both("advice.person_known")
            raise UsageError(what=what, remedy=remedy)
        c.execute(sa.insert(PERSON), {"name": name, "recovery": "[]", "disabled": False, **known})
        record(c, self._actor, "person.added", name, {"issuer": known.get("issuer")})

    def disable(self, name: str) -> None:
        """Let somebody in no more; what he has open ends at once, and so do his tokens."""
        self._change(name, "disabled", disabled=True)

    def enable(self, name: str) -> None:
        """Let somebody in again."""
        self._change(name, "enabled", disabled=False)

    def set_password(self, name: str, password: str, keep: str | None = None) -> None:
        """Give somebody another password, by its hash; all his sessions end but one."""
        self._change(name, "password", keep=keep, password=password)

    def set_totp(self, name: str, sealed: str, step: int, recovery: Collection[str]) -> None:
        """Ask somebody for one-time codes from now on.

        Parameters
        ----------
        sealed
            The secret, encrypted.
        step
            The step of time whose code has shown that he has it: that one is used up.
        recovery
            Fingerprints of codes that stand in for it, once each.
        """
        codes = json.dumps(sorted(recovery))
        self._change(name, "totp", ends=False, totp=sealed, totp_step=step, recovery=codes)

    def reset_totp(self, name: str) -> None:
        """Ask somebody for one-time codes no more, and end what he has open."""
        self._change(name, "totp_reset", totp=None, totp_step=None, recovery="[]")

    def end(self, name: str, only: str = "") -> int:
        """End sessions of somebody: all, or the one whose id it is; return how many."""
        with self._store.books.writing() as c:
            self._may(c, name, "ended")
            mine = SESSION.c.person == name
            gone = mine & SESSION.c.token.startswith(only, autoescape=True)
            ended = int(c.execute(sa.delete(SESSION).where(gone)).rowcount)
            record(c, self._actor, "person.ended", name, {"sessions": ended})
        return ended

    def _change(
        self, name: str, verb: str, *, ends: bool = True, keep: str | None = None, **values: Any  # noqa: ANN401 - columns
    ) -> None:  # fmt: skip
        """Change a person, and end his sessions but one to keep."""
        with self._store.books.writing() as c:
            self._may(c, name, verb)
            here = sa.update(PERSON).where(PERSON.c.name == name)
            if not c.execute(here.values(**values)).rowcount:
                raise nobody(name)
            if ends:
                mine = (SESSION.c.person == name) & (SESSION.c.token != (keep or ""))
                c.execute(sa.delete(SESSION).where(mine))
            record(c, self._actor, f"person.{verb}", name, {})

    def _may(self, c: sa.Connection, name: str, verb: str) -> None:
        if name != self._actor or verb not in OWN:
            authority.need(c, self._actor, CHANGE, authority.About(name))

    # ── using ────────────────────────────────────────────────────────────────────────────────

    def rehashed(self, name: str, password: str) -> None:
        """Keep the same password under another hash: nothing has happened to it."""
        with self._store.books.writing() as c:
            here = sa.update(PERSON).where(PERSON.c.name == name)
            c.execute(here.values(password=password))

    def use_step(self, name: str, step: int) -> bool:
        """Use the one-time code of a step of time; tell whether that, or a later one, was not."""
        fresh = PERSON.c.totp_step.is_(None) | (PERSON.c.totp_step < step)
        here = sa.update(PERSON).where(PERSON.c.name == name, fresh)
        with self._store.books.writing() as c:
            return bool(c.execute(here.values(totp_step=step)).rowcount)

    def use_recovery(self, name: str, code: str) -> bool:
        """Use up a code that stands in for one-time codes; tell whether it was one."""
        with self._store.books.writing() as c:
            query = sa.select(PERSON.c.recovery).where(PERSON.c.name == name).with_for_update()
            left = json.loads(c.execute(query).scalar() or "[]")
            used = fingerprint(code)
            if used not in left:
                return False
            left.remove(used)
            here = sa.update(PERSON).where(PERSON.c.name == name)
            c.execute(here.values(recovery=json.dumps(left)))
            record(c, name, "person.recovered", name, {"left": len(left)})
        return True


def _need_name(name: str) -> None:
    """Refuse names that the list of powers or a reader could take for something else."""
    plain = name == unicodedata.normalize("NFKC", name).strip() and name.isprintable()
    if not (plain and 0 < len(name) <= LONGEST_NAME) or set(name) & {":", "*"}:
        what = both("fault.person_name", name=name)
        raise UsageError(what=what, remedy=both("advice.person_name", most=LONGEST_NAME))


def nobody(name: str) -> NotFoundError:
    """Return the error that there is no such person."""
    return NotFoundError(kind=both("kind.person"), name=name, remedy=both("advice.person"))
