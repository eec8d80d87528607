"""The act log's bytes: canonical JSON, leaf hashes and the tree head of RFC 6962."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from liandong.errors import UsageError
from liandong.texts import both

WHOLE_MAX = 2**53 - 1
"""Largest whole number that every JSON reader keeps exactly (RFC 7493)."""


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
        return (
            "{"
            + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{_text(value[k])}" for k in keys)
            + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    fits = abs(value) <= WHOLE_MAX if isinstance(value, int) else isinstance(value, str | None)
    if not fits:
        raise _unfit(value)
    return json.dumps(value, ensure_ascii=False)


def _unfit(value: object) -> UsageError:
    return UsageError(
        what=both("fault.not_canonical", value=repr(value)), remedy=both("advice.as_text")
    )


def leaf(body: bytes) -> str:
    """Return the hex leaf hash of one entry: SHA-256(0x00 || body), RFC 6962 section 2.1."""
    return hashlib.sha256(b"\0" + body).hexdigest()


def root(leaves: Sequence[str]) -> str:
    """Return the hex tree head over hex leaf hashes in log order, RFC 6962 section 2.1.

    The tree over no leaves is the hash of nothing.
    """
    level = [bytes.fromhex(h) for h in leaves]
    if not level:
        return hashlib.sha256().hexdigest()
    while len(level) > 1:
        # A node without a sibling rises unhashed: this is the RFC's split at a power of two.
        pairs = zip(level[::2], level[1::2], strict=False)
        lone = level[len(level) // 2 * 2 :]
        level = [hashlib.sha256(b"\1" + a + b).digest() for a, b in pairs] + lone
    return level[0].hex()


def act_body(
    seq: int, at: datetime, actor: str, action: str, subject: str, body: dict[str, object]
) -> bytes:
    """Return the bytes of one act that its leaf hashes.

    Parameters
    ----------
    seq
        Position in the log, from 0.
    at
        Time with a zone; written in UTC to the microsecond.
    body
        What :func:`canonical` can write.

    Raises
    ------
    UsageError
        If ``at`` has no zone or ``body`` has no canonical JSON.
    """
    if at.tzinfo is None:
        raise UsageError(what=both("fault.no_zone", at=at), remedy=both("advice.time_in_utc"))
    utc = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return canonical({
        "seq": seq, "at": utc, "actor": actor, "action": action, "subject": subject, "body": body,
    })  # fmt: skip
