"""Names as numbers in the order in which they came, straight from the bytes of a column."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.memory.borrowing import borrowing, inner
from liandong.kernels.memory.prefetch import prefetch

Int = NDArray[np.int64]
Bytes = NDArray[np.uint8]

NAMES, BYTES, META = range(3)
"""Of ``meta``: how many names there are, and how many bytes they have together."""
CODE, NUMBER, FIRST, LENGTH, SLOT = range(5)
"""Of a slot: hash of its name, its number from 1 on, and where in the pool its bytes are."""
FREE = 0
BLOCK = 64
"""Rows whose slots, and then bytes, are on their way before the first of them is looked at."""
_PRIME = np.uint64(0x100000001B3)
_BASIS = np.uint64(0xCBF29CE484222325)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF, _ONE = np.uint64(32), np.uint64(1)


@inner
def hash_of(data: Bytes, begin: int, end: int) -> int:
    """Return FNV-1a of some bytes, stirred once more so that its upper half is good, too."""
    found = _BASIS
    for i in range(begin, end):
        found = (found ^ np.uint64(data[np.uint64(i)])) * _PRIME
    return int(np.int64((found ^ (found >> _HALF)) * _MIX))


@borrowing
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
    for low in range(0, len(out), BLOCK):
        high = min(low + BLOCK, len(out))
        for row in range(low, high):
            out[row] = hash_of(data, ends[row], ends[row + 1])
            prefetch(slots, _slot(out[row], slots))
        for row in range(low, high):
            prefetch(pool, slots[_slot(out[row], slots), FIRST])
        for row in range(low, high):
            if there[row]:
                out[row] = _one(out[row], data, ends[row], ends[row + 1], slots, pool, meta)
            else:
                out[row] = absent


@inner
def number_one(data: Bytes, begin: int, end: int, pool: Bytes, slots: Int, meta: Int) -> int:
    """Give one name its number: what :func:`number` does for the bytes from begin to end."""
    return _one(hash_of(data, begin, end), data, begin, end, slots, pool, meta)


@inner
def _slot(code: int, slots: Int) -> np.uint64:
    return (np.uint64(code) >> _HALF) & np.uint64(len(slots) - 1)


@inner
def _after(slot: np.uint64, slots: Int) -> np.uint64:
    return (slot + _ONE) & np.uint64(len(slots) - 1)


@inner
def _one(code: int, data: Bytes, begin: int, end: int, slots: Int, pool: Bytes, meta: Int) -> int:
    slot = _slot(code, slots)
    while slots[slot, NUMBER] != FREE:
        if slots[slot, CODE] == code and _same(data, begin, end, slots, slot, pool):
            return int(slots[slot, NUMBER] - 1)
        slot = _after(slot, slots)
    name, first = meta[NAMES], meta[BYTES]
    for i in range(end - begin):
        pool[first + i] = data[begin + i]
    slots[slot, CODE], slots[slot, NUMBER] = code, name + 1
    slots[slot, FIRST], slots[slot, LENGTH] = first, end - begin
    meta[NAMES], meta[BYTES] = name + 1, first + end - begin
    return int(name)


@inner
def _same(data: Bytes, begin: int, end: int, slots: Int, slot: np.uint64, pool: Bytes) -> bool:
    if slots[slot, LENGTH] != end - begin:
        return False
    first, i = slots[slot, FIRST] - begin, begin
    while i < end and data[np.uint64(i)] == pool[np.uint64(first + i)]:
        i += 1
    return i == end


@borrowing
def move(old: Int, slots: Int) -> None:
    """Put all names into other slots, more of them, that are free."""
    for i in range(len(old)):
        if old[i, NUMBER] != FREE:
            slot = _slot(old[i, CODE], slots)
            while slots[slot, NUMBER] != FREE:
                slot = _after(slot, slots)
            for c in range(SLOT):
                slots[slot, c] = old[i, c]
