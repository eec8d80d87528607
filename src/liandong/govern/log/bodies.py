"""What the log hashes of an act: canonical JSON, and commitments in the place of persons."""

import hashlib
import json
from datetime import UTC, datetime

from liandong.errors import UsageError
from liandong.texts import both

WHOLE_MAX = 2**53 - 1
"""Largest whole number that every JSON reader keeps exactly (RFC 7493)."""
_plain = json.JSONEncoder(ensure_ascii=False).encode


def canonical(value: object) -> bytes:
    r"""Write ``value`` as the one JSON text that RFC 8785 allows for it.

    Parameters
    ----------
    value
        Made of str, int, bool, None, lists (or tuples) and dicts with str keys.

    Raises
    ------
    UsageError
        For a float, a whole number beyond 2^53 - 1, a lone surrogate or any other type: two
        readers might not agree on its bytes.

    Examples
    --------
    >>> canonical({"b": [1, None], "a": "\u94b1"}).decode()
    '{"a":"\u94b1","b":[1,null]}'
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise _unfit(value) from error


def _text(value: object) -> str:
    if isinstance(value, dict) and all(isinstance(k, str) for k in value):
        # RFC 8785 sorts by UTF-16 code units, which differs from Python's order beyond U+FFFF.
        keys = sorted(value, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_plain(k)}:{_text(value[k])}" for k in keys) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    fits = abs(value) <= WHOLE_MAX if isinstance(value, int) else isinstance(value, str | None)
    if not fits:
        raise _unfit(value)
    return _plain(value)


def _unfit(value: object) -> UsageError:
    return UsageError(
        what=both("fault.not_canonical", value=repr(value)), remedy=both("advice.as_text")
    )


def commitment(salt: bytes, subject: str, body: dict[str, object]) -> str:
    """Return what the log says in the place of what an act was about: SHA-256, hex.

    Who has the salt can show what was said; without it nobody can find it by trying. So what the
    books hold of a person can be erased, salt and all, and the tree over the leaves still holds.

    Parameters
    ----------
    salt
        Bytes that nobody can guess, new for each act.
    subject, body
        What the act was about; ``body`` is what :func:`canonical` can write.
    """
    return hashlib.sha256(salt + canonical({"body": body, "subject": subject})).hexdigest()


def entry(seq: int, at: datetime, actor: str, action: str, content: str) -> bytes:
    """Return the bytes of one act as the log has it.

    Parameters
    ----------
    seq
        Position in the log, from 1.
    at
        Time with a zone; written in UTC to the microsecond.
    content
        From :func:`commitment`.

    Raises
    ------
    UsageError
        If ``at`` has no zone.
    """
    return canonical(
        {"seq": seq, "at": _utc(at), "actor": actor, "action": action, "content": content}
    )


def act_body(
    seq: int, at: datetime, actor: str, action: str, subject: str, body: dict[str, object]
) -> bytes:
    """Return the bytes of one act of the time before there were commitments: all it says.

    Parameters
    ----------
    seq
        Position in the log, from 1.
    at
        Time with a zone; written in UTC to the microsecond.
    body
        What :func:`canonical` can write.

    Raises
    ------
    UsageError
        If ``at`` has no zone or ``body`` has no canonical JSON.
    """
    return canonical({
        "seq": seq, "at": _utc(at), "actor": actor, "action": action, "subject": subject,
        "body": body,
    })  # fmt: skip


def _utc(at: datetime) -> str:
    if at.tzinfo is None:
        raise UsageError(what=both("fault.no_zone", at=at), remedy=both("advice.time_in_utc"))
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
