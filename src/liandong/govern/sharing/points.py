"""Ids as points of Curve25519, and points times secret numbers.

What an id is mapped to lies on the curve itself (RFC 9380), so that a number of its order undoes
another one. Points are their x coordinates, 32 bytes; OpenSSL multiplies them in constant time.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from typing import TypeVar

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from liandong.errors import UnfitError
from liandong.texts import both

SUITE = b"curve25519_XMD:SHA-512_ELL2_NU_"
TAG = b"liandong-v1-common-with-" + SUITE
"""What tells these points apart from those of any other use (RFC 9380, 3.1)."""
PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
"""Order of the large subgroup."""
SIZE = 32
"""Bytes of a point, or of a secret number."""
MANY = 200_000
"""Ids from which on it pays to start processes: fewer are done before those have begun."""
_WIDE = 48
_BLOCK = hashlib.sha512(bytes(128))

Item = TypeVar("Item", str, bytes)


def fields(ids: Sequence[str], tag: bytes = TAG) -> list[int]:
    """Return the number modulo the prime that each id is hashed to (``hash_to_field``)."""
    tail = tag + bytes([len(tag)])
    first, second = _WIDE.to_bytes(2, "big") + b"\0" + tail, b"\1" + tail
    found = []
    for one in ids:
        hashed = _BLOCK.copy()
        hashed.update(one.encode() + first)
        wide = hashlib.sha512(hashed.digest() + second).digest()[:_WIDE]
        found.append(int.from_bytes(wide, "big") % PRIME)
    return found


def points(ids: Sequence[str], tag: bytes = TAG) -> list[bytes]:
    """Return the point of each id."""
    from liandong.kernels.privacy.elligator import mapped

    numbers = b"".join(u.to_bytes(SIZE, "little") for u in fields(ids, tag))
    return split(mapped(np.frombuffer(numbers, "<i8").reshape(-1, 4)).tobytes())


def split(joined: bytes) -> list[bytes]:
    """Return the points of bytes put together."""
    return [joined[a : a + SIZE] for a in range(0, len(joined), SIZE)]


def multiplied(given: Sequence[bytes], secret: bytes) -> bytes:
    """Return points times a secret number, put together.

    Raises
    ------
    UnfitError
        If a point has a small order: it would tell about the number, and hides nothing.
    """
    times, read, found = X25519PrivateKey.from_private_bytes(secret).exchange, _READ, []
    for place, point in enumerate(given):
        try:
            found.append(times(read(point)))
        except ValueError as error:  # OpenSSL gives nought back for these
            raise UnfitError(what=both("unfit.common_point", place=place + 1)) from error
    return b"".join(found)


_READ = X25519PublicKey.from_public_bytes


def blinded(ids: Sequence[str], secret: bytes) -> bytes:
    """Return the points of ids times a secret number, put together."""
    return multiplied(points(ids), secret)


def tagged(given: Sequence[bytes], secret: bytes) -> bytes:
    """Return the tags of points times a secret number, put together."""
    return _tags(multiplied(given, secret))


def blindly_tagged(ids: Sequence[str], secret: bytes) -> bytes:
    """Return the tags of the points of ids times a secret number, put together."""
    return _tags(blinded(ids, secret))


def _tags(joined: bytes) -> bytes:
    """Return the first 64 bits of the hash of each point."""
    return b"".join(hashlib.sha256(TAG + p).digest()[:8] for p in split(joined))


def spread(
    work: Callable[[Sequence[Item], bytes], bytes],
    given: Sequence[Item],
    secret: bytes,
    workers: int,
) -> bytes:
    """Do work on many points in so many processes: they would wait for one lock otherwise."""
    if workers < 2 or len(given) < MANY:
        return work(given, secret)
    size = -(-len(given) // workers)
    parts = [given[a : a + size] for a in range(0, len(given), size)]
    # Forked children of a threaded parent may hang on its locks: start them fresh.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return b"".join(pool.map(work, parts, repeat(secret)))


def secret() -> bytes:
    """Draw a secret number that can be undone: half of all can."""
    while True:
        number = bytearray(os.urandom(SIZE))
        number[0] &= 248
        number[31] = number[31] & 127 | 64
        if undoing(bytes(number)) is not None:
            return bytes(number)


def undoing(number: bytes) -> bytes | None:
    """Return the number that undoes another one on the curve; None if X25519 takes none such.

    Both are multiples of eight between 2**254 and 2**255, and their product is one modulo the
    order: only one number below eight times the order is both.
    """
    found = 8 * (pow(8 * int.from_bytes(number, "little"), -1, ORDER))
    return found.to_bytes(SIZE, "little") if 2**254 <= found < 2**255 else None
