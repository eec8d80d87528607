"""Arrays into Arrow columns, without a Python loop over rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ZERO = ord("0")
WAN = 1_000_000
"""10,000 yuan in fen."""


def numbered(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Return texts of ``prefix`` and each number with leading zeros, at least ``width`` digits."""
    head = np.frombuffer(prefix.encode(), np.uint8)
    width = max(width, len(str(int(numbers.max(initial=0)))))
    rows, size = len(numbers), len(head) + width
    text = np.empty((rows, size), np.uint8)
    text[:, : len(head)] = head
    rest = numbers
    for place in range(size - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        text[:, place] = digit + ZERO
    return fixed_text(text)


def fixed_text(letters: NDArray[np.uint8]) -> pa.Array:
    """Return texts of the same length from a matrix of ASCII codes, one row a text."""
    rows, size = letters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * np.int32(size)
    buffers = pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(letters))
    return pa.StringArray.from_buffers(rows, *buffers)


def pick(words: Sequence[str] | pa.Array, codes: NDArray[np.signedinteger[Any]]) -> pa.Array:
    """Return ``words[code]`` of each code; a negative code is null."""
    found = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return found.take(pa.array(codes, mask=codes < 0))


def dates(days: Ints) -> pa.Array:
    """Return dates from days since 1970-01-01."""
    return pa.array(days.astype(np.int32)).view(pa.date32())


def times(microseconds: Ints) -> pa.Array:
    """Return UTC moments from microseconds since 1970-01-01."""
    return pa.array(microseconds).view(pa.timestamp("us", "UTC"))


def fen(yuan: Floats) -> Ints:
    """Return whole fen of drawn amounts of yuan."""
    return np.rint(yuan * 100).astype(np.int64)


def share_of(amount: Ints, ppm: Ints | int) -> Ints:
    """Return ``ppm`` of ``amount``, rounded to the fen.

    Split in two, since amount times a million leaves 64 bits at 92 billion yuan.
    """
    whole, rest = np.divmod(amount, 1_000_000)
    return np.asarray(whole * ppm + (rest * ppm + 500_000) // 1_000_000, np.int64)


def choose(rng: Generator, pool: Ints, count: int) -> Ints:
    """Return ``count`` different members of ``pool``, or all of it if it is smaller."""
    return rng.permutation(pool)[:count]


def chance(rng: Generator, share: Floats | float, rows: int) -> Bools:
    """Return True with probability ``share``, for each of ``rows``."""
    return np.asarray(rng.random(rows) < share)


def total(codes: NDArray[np.signedinteger[Any]], values: Ints | Floats, size: int) -> Floats:
    """Return sums of ``values`` by code 0..size-1; exact for whole numbers below 2^53."""
    return np.asarray(np.bincount(codes, weights=values, minlength=size), np.float64)
