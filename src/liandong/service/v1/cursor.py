"""Cursors: words by which a list goes on after the row that was told last."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from liandong.console.plain import plain
from liandong.console.query import wrong
from liandong.errors import UsageError
from liandong.texts import both

LONGEST = 4_000
"""Characters of a cursor."""
_SEAL = 9
"""Bytes by which a cursor shows that it belongs to what is asked."""


def cursor(about: object, values: list[object]) -> str:
    """Return the word for what comes after the row with these values.

    Parameters
    ----------
    about
        What is asked for: a cursor is good for that alone.
    """
    told = json.dumps(values, default=plain, ensure_ascii=False).encode()
    return urlsafe_b64encode(_seal(about, told) + told).decode().rstrip("=")


def opened(about: object, word: str, count: int) -> list[object]:
    """Return the values of a cursor; UsageError if it is not one of ours, or of something else."""
    try:
        whole = urlsafe_b64decode(word + "=" * (-len(word) % 4))
        given = json.loads(whole[_SEAL:])
    except (ValueError, RecursionError):
        whole, given = b"", None
    # The mark keeps callers from mistakes, not from lies: what is in it is read with care.
    fits = isinstance(given, list) and len(given) == count
    if whole[:_SEAL] != _seal(about, whole[_SEAL:]) or not fits:
        raise misfit(word)
    return list(given)


def misfit(word: str) -> UsageError:
    """Return the error of a cursor that does not fit."""
    return wrong("cursor", word[:40], both("advice.cursor"))


def _seal(about: object, told: bytes) -> bytes:
    key = hashlib.sha256(repr(about).encode()).digest()
    return hashlib.blake2b(told, key=key, digest_size=_SEAL).digest()
