"""Kernels that count no references, and those that they call to make arrays."""

import numpy as np
from numba import njit

from liandong.kernels.memory.borrowing import borrowing, inlined, owning


def larger(rows, other):
    """Name one of two arrays or the other: where references are counted, this counts."""
    chosen, total = rows, 0
    for n in range(len(rows)):
        if rows[n] < other[n]:
            chosen = other
        elif rows[n] > other[n]:
            chosen = rows
        total += chosen[n]
    return total


@inlined
def first(rows):
    return rows[0]


@owning
def made(rows):
    """Make an array on the way."""
    return (rows + 1).sum()


@borrowing
def both(rows):
    return first(rows) + made(rows)


def code(kernel):
    return "".join(kernel.inspect_llvm().values())


def test_a_borrowing_kernel_counts_no_references():
    rows, other = np.array([[1, 5, 2], [3, 4, 2]])
    # Compiled now: what comes from a cache cannot be looked at.
    counting, free = (njit(nogil=True, _nrt=on)(larger) for on in (True, False))
    assert counting(rows, other) == free(rows, other) == borrowing(larger)(rows, other) == 10
    assert "call void @NRT_incref" in code(counting)
    assert "call void @NRT_incref" not in code(free)


def test_what_it_calls_may_make_arrays():
    assert both(np.array([1, 2, 3])) == 1 + 9
