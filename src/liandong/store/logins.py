"""By what people are known to the service: attempts to log in, sessions, tokens of programs.

Of every random secret only its SHA-256 is kept; whoever reads the books cannot log in with that.
"""

import secrets
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from liandong.errors import NotFoundError, RefusedError, UsageError
from liandong.schema.sql import METADATA
from liandong.store import authority
from liandong.store.acts import lock, record
from liandong.store.given import give
from liandong.store.people import CHANGE, PERSON, SESSION, TOKEN, fingerprint, nobody
from liandong.store.scopes import need_known
from liandong.texts import both

if TYPE_CHECKING:
    from liandong.store.store import Store

ATTEMPT = METADATA.tables["login_attempt"]
MOST_FAILURES = 10
"""In a row, after which nobody can log in under a name for a while."""
LOCKED = timedelta(minutes=15)
MOST_ATTEMPTS = 60
"""From one address in a minute, whoever hears them."""
MINUTE = timedelta(minutes=1)
TOLD = timedelta(seconds=30)
"""How exactly it is kept when something was last used."""
LONGEST_TOKEN = timedelta(days=366)
PREFIX = "ldg_"
"""By which whoever finds a token where it should not be can see what it is."""
SHOWN = 12
"""Digits of a fingerprint that tell a session or a token from others."""
Row = dict[str, Any]


class Sessions:
    """Who has logged in.

    Parameters
    ----------
    store
        Where it is written.
    """

    def __init__(self, store: "Store") -> None:
        self._store = store

    def attempt(self, name: str, address: str = "") -> int:
        """Count an attempt to log in under a name, known or not, before it is judged.

        So those that come at once are counted, too, and those that other processes hear;
        :meth:`forgive` forgets them.

        Parameters
        ----------
        address
            Where it comes from; what comes from nowhere is counted together.

        Returns
        -------
        int
            Seconds to wait, 0 if it may go on.
        """
        now = datetime.now(UTC)
        with self._store.books.writing() as c:
            lock(c)
            c.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.until < now))
            there, here = _counted(c, f"address:{address}"), _counted(c, _under(name))
            for before, most in ((there, MOST_ATTEMPTS), (here, MOST_FAILURES)):
                if before["failures"] >= most:
                    return int((before["until"] - now).total_seconds()) + 1
            until = now + LOCKED
            _count(c, there, there["until"] or now + MINUTE)
            _count(c, here, until)
            known = sa.select(PERSON.c.name).where(PERSON.c.name == name)
            if here["failures"] + 1 == MOST_FAILURES and c.execute(known).first():
                record(c, name, "login.locked", name, {"until": until.isoformat()})
        return 0

    def forgive(self, name: str) -> None:
        """Forget the attempts under a name: its owner has shown who he is."""
        with self._store.books.writing() as c:
            c.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.name == _under(name)))

    def begin(
        self, person: str, how: str, idle: timedelta, longest: timedelta,
        posts: Mapping[str, bool] | None = None,
    ) -> str:  # fmt: skip
        """Begin a session of somebody who has shown who he is; return its secret.

        Parameters
        ----------
        posts
            What his provider of identities says of posts, see :func:`.given.give`.

        Raises
        ------
        RefusedError
            If he is let in no more.
        DataError
            If nobody may hold together the posts that he would have.
        """
        secret, now = secrets.token_urlsafe(32), datetime.now(UTC)
        with self._store.books.writing() as c:
            query = sa.select(PERSON.c.disabled, PERSON.c.issuer).where(PERSON.c.name == person)
            found = c.execute(query).first()
            if found is None or found.disabled:
                reason = both("refusal.disabled")
                raise RefusedError(actor=person, action="login", reason=reason)
            c.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.name == _under(person)))
            c.execute(sa.delete(SESSION).where(SESSION.c.ends_at < now))
            row = {
                "token": fingerprint(secret), "person": person, "how": how, "made_at": now,
                "seen_at": now, "ends_at": now + longest, "idle": int(idle.total_seconds()),
            }  # fmt: skip
            c.execute(sa.insert(SESSION), row)
            give(c, found.issuer, person, posts or {})
            record(c, person, "login", person, {"how": how})
        return secret

    def of(self, secret: str) -> Row | None:
        """Return the session that goes on by a secret; None if it has ended, or he may not."""
        now = datetime.now(UTC)
        found = self._held(SESSION, secret)
        if found is None or found["ends_at"] <= now:
            return None
        quiet = now - found["seen_at"]
        if quiet >= timedelta(seconds=found["idle"]):
            return None
        if quiet > min(TOLD, timedelta(seconds=found["idle"] / 4)):
            self._touch(SESSION, found["token"], seen_at=now)
        return found

    def bearer(self, secret: str) -> Row | None:
        """Return the token that a program shows; None if it has ended, or its person may not."""
        now = datetime.now(UTC)
        found = self._held(TOKEN, secret)
        if found is None or found["ends_at"] <= now or found["revoked_at"] is not None:
            return None
        if found["used_at"] is None or now - found["used_at"] > TOLD:
            self._touch(TOKEN, found["token"], used_at=now)
        return found

    def close(self, secret: str) -> None:
        """End a session by its secret."""
        with self._store.books.writing() as c:
            c.execute(sa.delete(SESSION).where(SESSION.c.token == fingerprint(secret)))

    def _held(self, t: sa.Table, secret: str) -> Row | None:
        token = fingerprint(secret)
        query = (
            sa.select(t)
            .join(PERSON, PERSON.c.name == t.c.person)
            .where(t.c.token == token, PERSON.c.disabled.is_(False))
        )

        def asked() -> Row | None:
            with self._store.books.engine.begin() as c:
                found = c.execute(query).mappings().first()
            return None if found is None else dict(found)

        return self._store.looks.once((t.name, token), asked)

    def _touch(self, t: sa.Table, token: str, **at: datetime) -> None:
        with self._store.books.writing() as c:
            c.execute(sa.update(t).where(t.c.token == token).values(**at))


def _under(name: str) -> str:
    """Return what attempts under a name are counted by: no address, whatever the name."""
    return f"name:{name}"


def _counted(c: sa.Connection, key: str) -> Row:
    found = c.execute(sa.select(ATTEMPT).where(ATTEMPT.c.name == key)).mappings().first()
    return dict(found) if found else {"name": key, "failures": 0, "until": None}


def _count(c: sa.Connection, before: Row, until: datetime) -> None:
    c.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.name == before["name"]))
    row = {"name": before["name"], "failures": before["failures"] + 1, "until": until}
    c.execute(sa.insert(ATTEMPT), row)


class Tokens:
    """Tokens and sessions of people, as one actor sees and ends them.

    Parameters
    ----------
    store, actor
        Where they are written, and who acts.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self._actor = store, actor

    def rows(self, person: str | None = None) -> list[Row]:
        """Return tokens that can still be used, newest first: of somebody, or of all."""
        live = TOKEN.c.revoked_at.is_(None) & (TOKEN.c.ends_at > datetime.now(UTC))
        return [{**r, "scope": r["scope"].split()} for r in self._of(TOKEN, live, person)]

    def sessions(self, person: str | None = None) -> list[Row]:
        """Return sessions that have not ended, newest first: of somebody, or of all."""
        now = datetime.now(UTC)
        rows = self._of(SESSION, SESSION.c.ends_at > now, person)
        return [r for r in rows if now - r["seen_at"] < timedelta(seconds=r["idle"])]

    def _of(self, t: sa.Table, live: sa.ColumnElement[bool], person: str | None) -> list[Row]:
        mine = sa.true() if person is None else t.c.person == person
        with self._store.books.engine.begin() as c:
            query = sa.select(t).where(live, mine).order_by(t.c.made_at.desc())
            rows = c.execute(query).mappings().all()
        hidden = {"token", "revoked_at"}
        return [
            {"id": r["token"][:SHOWN], **{n: v for n, v in r.items() if n not in hidden}}
            for r in rows
        ]

    def issue(self, person: str, label: str, scope: Collection[str], ends: datetime) -> str:
        """Make a token by which programs act as a person; return it: it is not kept anywhere.

        Parameters
        ----------
        scope
            Actions, ``beginning.*`` for all that begin so, and ``read`` to see anything; see
            :func:`.scopes.need_known`.

        Raises
        ------
        UsageError
            If no scope or no end is given, or one that is none.
        RefusedError
            If a token asks for it, or it is somebody else's and others may change people.
        """
        now, given = datetime.now(UTC), sorted(set(scope))
        with self._store.books.engine.begin() as c:
            need_known(given, c.execute(sa.select(authority.POWER.c.action)).scalars())
        if not now < ends <= now + LONGEST_TOKEN:
            what = both("fault.token_ends", ends=ends.date().isoformat())
            raise UsageError(what=what, remedy=both("advice.token_ends", days=LONGEST_TOKEN.days))
        if self._store.books.scope is not None:
            reason = both("refusal.token_by_token")
            raise RefusedError(actor=self._actor, action="token.issued", reason=reason)
        secret = PREFIX + secrets.token_urlsafe(32)
        row: Row = {"token": fingerprint(secret), "person": person, "label": label.strip() or "–",
                    "scope": " ".join(given), "made_at": now, "ends_at": ends}  # fmt: skip
        with self._store.books.writing() as c:
            self._may(c, person)
            if not c.execute(sa.select(PERSON.c.name).where(PERSON.c.name == person)).first():
                raise nobody(person)
            c.execute(sa.insert(TOKEN), row)
            body = {"person": person, "label": row["label"], "scope": given,
                    "ends": ends.isoformat()}  # fmt: skip
            record(c, self._actor, "token.issued", row["token"][:SHOWN], body)
        return secret

    def revoke(self, token_id: str, person: str | None = None) -> None:
        """End a token, by its id; NotFoundError if there is none, or none of that person."""
        with self._store.books.writing() as c:
            same = sa.func.substr(TOKEN.c.token, 1, SHOWN) == token_id
            mine = sa.true() if person is None else TOKEN.c.person == person
            here = same & mine & TOKEN.c.revoked_at.is_(None)
            found = c.execute(sa.select(TOKEN.c.person).where(here)).scalar()
            if found is None:
                remedy = both("advice.token")
                raise NotFoundError(kind=both("kind.token"), name=token_id, remedy=remedy)
            self._may(c, found)
            c.execute(sa.update(TOKEN).where(here).values(revoked_at=datetime.now(UTC)))
            record(c, self._actor, "token.revoked", token_id, {"person": found})

    def _may(self, c: sa.Connection, person: str) -> None:
        if person != self._actor:
            authority.need(c, self._actor, CHANGE, authority.About(person))
