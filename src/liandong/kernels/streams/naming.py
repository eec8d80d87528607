"""Names as numbers in the order in which they came, straight from the bytes of a column."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.memory.prefetch import prefetch

Int = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NAMES, BYTES, META = range(3)
"""Of ``meta``: how many names there are, and how many bytes they have together."""
CODE, NUMBER, FIRST, LENGTH, SLOT = range(5)
"""Of a slot: hash of its name, its number from 1 on, and where in the pool its bytes are."""
FREE = 0
BLOCK = 64
"""Rows whose slots are on their way before the first of them is looked at."""
_PRIME = np.uint64(0x100000001B3)
_BASIS = np.uint64(0xCBF29CE484222325)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@njit(cache=True, nogil=True)
def hash_of(data: Bytes, begin: int, end: int) -> int:
    """Return FNV-1a of some bytes, stirred once more so that its upper half is good, too."""
    found = _BASIS
    for i in range(begin, end):
        found = (found ^ np.uint64(data[i])) * _PRIME
    return int(np.int64((found ^ (found >> _HALF)) * _MIX))


@njit(cache=True, nogil=True)
def number(
    data: Bytes, ends: NDArray[np.int32], there: NDArray[np.bool_], slots: Int, pool: Bytes,
    meta: Int, absent: int, out: Int,
) -> None:  # fmt: skip
    """Give the names of a column their numbers; new ones get the next.

    Parameters
    ----------
    data, ends
        The bytes of all rows, and where each begins; one more in the end.
    there
        Which rows have a name at all.
    slots
        Shape (2^k, SLOT): names by hash, NUMBER is FREE where there is none; at most half are
        taken in the end.
    pool
        The bytes of all names, with room for those of this column.
    meta
        See NAMES and BYTES; changed.
    absent
        The number of no name.
    out
        Filled with the numbers.
    """
    codes = np.empty(BLOCK, np.int64)
    for low in range(0, len(out), BLOCK):
        high = min(low + BLOCK, len(out))
        for row in range(low, high):
            codes[row - low] = hash_of(data, ends[row], ends[row + 1])
            prefetch(slots, _slot(codes[row - low], slots))
        for row in range(low, high):
            out[row] = absent
            if there[row]:
                code = codes[row - low]
                out[row] = _one(code, data, ends[row], ends[row + 1], slots, pool, meta)


@njit(cache=True, nogil=True)
def number_one(data: Bytes, begin: int, end: int, pool: Bytes, slots: Int, meta: Int) -> int:
    """Give one name its number: what :func:`number` does for the bytes from begin to end."""
    return _one(hash_of(data, begin, end), data, begin, end, slots, pool, meta)


@njit(cache=True, nogil=True)
def _slot(code: int, slots: Int) -> int:
    return int(np.int64(np.uint64(code) >> _HALF) & (len(slots) - 1))


@njit(cache=True, nogil=True)
def _one(code: int, data: Bytes, begin: int, end: int, slots: Int, pool: Bytes, meta: Int) -> int:
    slot = _slot(code, slots)
    while slots[slot, NUMBER] != FREE:
        if slots[slot, CODE] == code and _same(data, begin, end, slots[slot], pool):
            return int(slots[slot, NUMBER] - 1)
        slot = (slot + 1) & (len(slots) - 1)
    name, first = meta[NAMES], meta[BYTES]
    for i in range(end - begin):
        pool[first + i] = data[begin + i]
    slots[slot, CODE], slots[slot, NUMBER] = code, name + 1
    slots[slot, FIRST], slots[slot, LENGTH] = first, end - begin
    meta[NAMES], meta[BYTES] = name + 1, first + end - begin
    return int(name)


@njit(cache=True, nogil=True)
def _same(data: Bytes, begin: int, end: int, slot: Int, pool: Bytes) -> bool:
    if slot[LENGTH] != end - begin:
        return False
    alike = True
    for i in range(end - begin):
        alike &= data[begin + i] == pool[slot[FIRST] + i]
    return alike


@njit(cache=True, nogil=True)
def move(old: Int, slots: Int) -> None:
    """Put all names into other slots, more of them, that are free."""
    for i in range(len(old)):
        if old[i, NUMBER] != FREE:
            slot = _slot(old[i, CODE], slots)
            while slots[slot, NUMBER] != FREE:
                slot = (slot + 1) & (len(slots) - 1)
            slots[slot] = old[i]
