"""Whole numbers of 64 bits, with what does not fit told: products and quotients of wide middles.

Each function returns the value and its state: 0, or OVERFLOW, or ZERO for a division by zero.
"""

import numpy as np
from numba import njit

from liandong.kernels.streams.widths import upper

MISSING, OVERFLOW, ZERO = 2, 3, 4

_LOW = np.uint64(0xFFFFFFFF)
_HALF, _ONE, _NONE = np.uint64(32), np.uint64(1), np.uint64(0)
_SIGN = np.uint64(1 << 63)
_MILLION = np.uint64(1_000_000)
_SHORT = 2**31
_MILLIONS = (2**63 - 1) // 1_000_000
"""Most whole numbers that fit as millionths."""
MOST_MILLIONTHS = 9.2e18
"""Real numbers of so many millionths have none."""


@njit(cache=True, nogil=True)
def size(value: int) -> np.uint64:
    """Return the absolute value, which is 2^63 for the smallest number."""
    return np.uint64(value) if value >= 0 else _NONE - np.uint64(value)


@njit(cache=True, nogil=True)
def signed(value: np.uint64, below: bool) -> tuple[int, int]:  # noqa: FBT001 - compiled
    """Return a size with its sign."""
    if below:
        return int(np.int64(_NONE - value)), 0 if value <= _SIGN else OVERFLOW
    return int(np.int64(value)), 0 if value < _SIGN else OVERFLOW


@njit(cache=True, nogil=True)
def product(a: int, b: int) -> tuple[int, int]:
    """Return a b."""
    if -_SHORT < a < _SHORT and -_SHORT < b < _SHORT:
        return a * b, 0
    m, n = size(a), size(b)
    value, state = signed(m * n, (a < 0) != (b < 0))
    return value, state if upper(m, n) == _NONE else OVERFLOW


@njit(cache=True, nogil=True)
def product_of_millionths(a: int, b: int) -> tuple[int, int]:
    """Return a b / 10^6, cut toward zero."""
    m, n = size(a), size(b)
    above, lower = upper(m, n), m * n
    if above == _NONE:
        return signed(lower // _MILLION, (a < 0) != (b < 0))
    if above >= _MILLION:
        return 0, OVERFLOW
    # Long division by halves: the rest stays below 2^20, so that what is divided fits.
    first = (above << _HALF) | (lower >> _HALF)
    second = ((first % _MILLION) << _HALF) | (lower & _LOW)
    return signed(((first // _MILLION) << _HALF) | (second // _MILLION), (a < 0) != (b < 0))


@njit(cache=True, nogil=True)
def quotient_in_millionths(a: int, b: int) -> tuple[int, int]:
    """Return a 10^6 / b, cut toward zero."""
    if b == 0:
        return 0, ZERO
    below, divisor = (a < 0) != (b < 0), size(b)
    if -_MILLIONS <= a <= _MILLIONS:
        return signed(size(a) * _MILLION // divisor, below)
    rest, lower = upper(size(a), _MILLION), size(a) * _MILLION
    if rest >= divisor:
        return 0, OVERFLOW
    found = _NONE
    for bit in range(63, -1, -1):  # the rest is below the divisor, at most 2^63: twice it fits
        rest = (rest << _ONE) | ((lower >> np.uint64(bit)) & _ONE)
        found <<= _ONE
        if rest >= divisor:
            rest -= divisor
            found |= _ONE
    return signed(found, below)


@njit(cache=True, nogil=True)
def remainder(a: int, b: int) -> tuple[int, int]:
    """Return the rest of a / b cut toward zero: it has the sign of ``a``."""
    if b == 0:
        return 0, ZERO
    return signed(size(a) % size(b), a < 0)


@njit(cache=True, nogil=True)
def nearest_millionths(real: float) -> tuple[int, int]:
    """Return a real number in millionths, to the nearest and to the even one of two; or MISSING.

    That is the state of one that is none, or that has no millionths within 64 bits.
    """
    scaled = np.rint(real * 1_000_000)
    if np.abs(scaled) < MOST_MILLIONTHS:  # false of what is not a number
        return int(scaled), 0
    return 0, MISSING


@njit(cache=True, nogil=True)
def in_millionths(a: int) -> tuple[int, int]:
    """Return 10^6 a."""
    if -_MILLIONS <= a <= _MILLIONS:
        return a * 1_000_000, 0
    return 0, OVERFLOW


@njit(cache=True, nogil=True)
def order(a: int, b: int) -> int:
    """Return -1, 0 or 1: how the whole number ``a`` compares with ``b`` millionths."""
    whole = b // 1_000_000  # down, also below zero
    if a != whole:
        return 1 if a > whole else -1
    return 0 if b == whole * 1_000_000 else -1
