"""Answers to requests that carry a key: the same request again is answered, and not done again.

Whoever writes does so between :func:`claim` and :func:`keep`. If the process dies in between, the
mark that :func:`mark` left in the transaction that wrote tells whether anything was done.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from liandong.errors import AnswerLostError, KeyUsedError, UnderWayError
from liandong.schema.sql import METADATA

if TYPE_CHECKING:
    from liandong.store.books import Books

ANSWER = METADATA.tables["answer"]
KEPT = timedelta(hours=24)
"""For which an answer is kept."""
LEASE = timedelta(seconds=20)
"""After which whoever works on a request, and does not say that it goes on, is taken for dead."""


@dataclass(frozen=True)
class Key:
    """What marks a request: who makes it, his word for it, and a hash of what it says."""

    actor: str
    key: str
    digest: str


@dataclass(frozen=True)
class Answer:
    """What was answered: status, headers and body."""

    status: int
    head: dict[str, str]
    body: bytes


_DOING: ContextVar[Key | None] = ContextVar("doing", default=None)


@contextmanager
def doing(key: Key) -> Iterator[None]:
    """Have the transactions of this context say for which request they write."""
    token = _DOING.set(key)
    try:
        yield
    finally:
        _DOING.reset(token)


def mark(c: sa.Connection) -> None:
    """Say in a transaction that what this context was asked for is done by it."""
    key = _DOING.get()
    if key is not None and c.in_transaction():
        c.execute(sa.update(ANSWER).where(_is(key)).values(acted=True))


def claim(books: "Books", key: Key, *, repeatable: bool) -> Answer | None:
    """Return what was answered to a request; None: it is to be done now, by whoever asks.

    Parameters
    ----------
    repeatable
        Whether it may be done again where it is not known what was answered.

    Raises
    ------
    KeyUsedError
        If the key marks another request.
    UnderWayError
        If somebody works on it.
    AnswerLostError
        If it was done by somebody who died before he answered.
    """
    try:
        with books.writing() as c:
            return _claimed(c, key, datetime.now(UTC), repeatable=repeatable)
    except sa.exc.IntegrityError as error:  # somebody was quicker
        raise UnderWayError(key=key.key) from error


def _claimed(c: sa.Connection, key: Key, now: datetime, *, repeatable: bool) -> Answer | None:
    c.execute(sa.delete(ANSWER).where(ANSWER.c.began_at < now - KEPT))
    found = c.execute(sa.select(ANSWER).where(_is(key)).with_for_update()).mappings().first()
    if found is None:
        new = {"actor": key.actor, "key": key.key, "digest": key.digest, "began_at": now,
               "until": now + LEASE, "acted": False}  # fmt: skip
        c.execute(sa.insert(ANSWER), new)
        return None
    if found["digest"] != key.digest:
        raise KeyUsedError(key=key.key)
    if found["status"] is not None:
        return Answer(found["status"], json.loads(found["head"]), found["body"])
    if found["until"] > now:
        raise UnderWayError(key=key.key)
    if found["acted"] and not repeatable:
        raise AnswerLostError(key=key.key)
    c.execute(sa.update(ANSWER).where(_is(key)).values(until=now + LEASE))
    return None


def renew(books: "Books", key: Key) -> None:
    """Say that the work goes on."""
    with books.writing() as c:
        c.execute(sa.update(ANSWER).where(_is(key)).values(until=datetime.now(UTC) + LEASE))


def keep(books: "Books", key: Key, answer: Answer | None) -> None:
    """Keep what is answered; None: nothing was done, and the key is free again."""
    with books.writing() as c:
        if answer is None:
            c.execute(sa.delete(ANSWER).where(_is(key)))
            return
        told = {"status": answer.status, "head": json.dumps(answer.head), "body": answer.body}
        c.execute(sa.update(ANSWER).where(_is(key)).values(**told))


def _is(key: Key) -> sa.ColumnElement[bool]:
    return (ANSWER.c.actor == key.actor) & (ANSWER.c.key == key.key)
