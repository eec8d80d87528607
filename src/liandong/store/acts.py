"""The act log as rows: append-only, numbered without gaps, each leaf hashed."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from liandong.caller import covers
from liandong.errors import LiandongError, NotFoundError, RefusedError
from liandong.govern.log import act_body, commitment, entry
from liandong.govern.log.tree import head as head_of
from liandong.govern.log.tree import leaf, over
from liandong.schema.sql import METADATA
from liandong.store.wire import ask, tell, together
from liandong.texts import both

ACT = METADATA.tables["act"]
_LOCK = "LOCK TABLE act IN EXCLUSIVE MODE"
_LAST = "SELECT max(seq) FROM act"
_FIELDS = ("seq", "at", "actor", "action", "subject", "body", "salt", "content", "leaf")
_ADD = f"INSERT INTO act ({', '.join(_FIELDS)}) VALUES ({', '.join('?' * len(_FIELDS))})"  # noqa: S608 - names are ours
LAST = sa.select(sa.func.max(ACT.c.seq)).scalar_subquery()
"""Number of the last act, as a part of a query."""
SALT = 16
"""Bytes that make what an act was about impossible to guess."""
ERASABLE = ("run.start", "run.failed", "run.broken", "act.erase")
"""Acts that nothing on the board is held against."""


HOUSEKEEPING = frozenset({"run.start", "run.failed", "run.broken", "power.denied"})
"""Acts that say how something ended which was, or was not, allowed before."""


def record(
    c: sa.Connection,
    actor: str,
    action: str,
    subject: str,
    body: dict[str, Any],
    *,
    seq: int | None = None,
) -> int:
    """Append an act inside the caller's transaction and return its sequence number.

    Parameters
    ----------
    seq
        Its number, if that of :func:`upcoming` has not been used in this transaction.

    Raises
    ------
    RefusedError
        If it is made by a token, and neither the act itself nor anything that was decided on in
        this transaction is in the scope of that.
    """
    if action not in HOUSEKEEPING and not c.get_execution_options().get("admitted"):
        within(c, actor, action)
    if seq is None:
        with together(c):
            seq = upcoming(c)()
    at = datetime.now(UTC)
    salt = secrets.token_bytes(SALT)
    content = commitment(salt, subject, body)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True)
    hashed = leaf(entry(seq, at, actor, action, content)).hex()
    tell(c, _ADD, seq, at, actor, action, subject, text, salt.hex(), content, hashed)
    return seq


def within(c: sa.Connection, actor: str, action: str) -> None:
    """Refuse what is not in the scope of the token by which a transaction is made, if by one.

    Raises
    ------
    RefusedError
        Naming the action that the scope lacks.
    """
    options = c.get_execution_options()
    scope = options.get("scope")
    if not covers(scope, action):
        raise beyond(actor, action, scope, lacking="scope")
    options.get("admitted", []).append(action)


def beyond(actor: str, action: str, scope: frozenset[str] | None, **logged: str) -> RefusedError:
    """Return the refusal of what the scope of a token does not have."""
    reason = both("refusal.scope", action=action, scope=", ".join(sorted(scope or ())))
    return RefusedError(actor=actor, action=action, reason=reason, **logged)


def lock(c: sa.Connection) -> None:
    """Make those who append take turns: numbers without gaps or races."""
    if c.dialect.name == "postgresql":
        c.execute(sa.text(_LOCK))


def upcoming(c: sa.Connection) -> Callable[[], int]:
    """Ask for the number of the next act, which nobody else can take until the transaction ends."""
    if c.dialect.name == "postgresql":
        ask(c, _LOCK)
    found = ask(c, _LAST)
    return lambda: (found()[0][0] or 0) + 1


def erase(c: sa.Connection, actor: str, seq: int, reason: str) -> int:
    """Forget what an act was about, but not that it was; return the number of the act that says so.

    Raises
    ------
    NotFoundError
        If there is no such act.
    RefusedError
        If the board is held against it, or nothing of it can be erased.
    """
    row = c.execute(sa.select(ACT).where(ACT.c.seq == seq)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(kind=both("kind.act"), name=seq, remedy=both("advice.act"))
    if row["salt"] is None or row["action"] not in ERASABLE:
        reason_why = both("refusal.not_erasable", seq=seq, action=row["action"])
        raise RefusedError(actor=actor, action="act.erase", reason=reason_why)
    gone = {"subject": "", "body": "{}", "salt": None}
    c.execute(sa.update(ACT).where(ACT.c.seq == seq).values(**gone))
    return record(c, actor, "act.erase", str(seq), {"reason": reason})


def last(c: sa.Connection) -> int:
    """Return the number of the last act, 0 if there is none."""
    return int(c.execute(sa.select(LAST)).scalar() or 0)


def faults(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return what is wrong with the log: gaps in the numbers, bodies that do not match a leaf."""
    found = []
    for i, r in enumerate(rows, start=1):
        if r["seq"] != i:
            found.append(both("fault.act_number", seq=r["seq"], i=i))
            break
        if not whole(r):
            found.append(both("fault.act_leaf", seq=r["seq"]))
    return found


def whole(r: dict[str, Any]) -> bool:
    """Tell whether a row is what its leaf says."""
    return bool(_leaf_of(r) == r["leaf"])


def _leaf_of(r: dict[str, Any]) -> str | None:
    """Return the leaf hash that a row should have; None if its text cannot even be read."""
    try:
        if r["salt"] is not None:
            said = commitment(bytes.fromhex(r["salt"]), r["subject"], json.loads(r["body"]))
            if said != r["content"]:
                return None
        return leaf(entry_of(r)).hex()
    except (ValueError, LiandongError):
        return None


def entry_of(r: dict[str, Any]) -> bytes:
    """Return the bytes of an act that its leaf hashes."""
    if r["content"] is None:  # of the time before there were commitments
        body = json.loads(r["body"])
        return act_body(r["seq"], r["at"], r["actor"], r["action"], r["subject"], body)
    return entry(r["seq"], r["at"], r["actor"], r["action"], r["content"])


def head(rows: list[dict[str, Any]]) -> str:
    """Return the RFC 6962 tree head over the leaves, hex."""
    return head_of(len(rows), over([bytes.fromhex(r["leaf"]) for r in rows])).hex()
