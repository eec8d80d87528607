"""Arcs in one pass: what is wrong with them, and which projects differ in nothing."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Word = NDArray[np.uint64]


PRODUCT, AMOUNT, STEP, VALUE, TWICE = range(5)
"""Faults: a product that is not there, amounts out of order, part of a step, value too large, and
a product twice within a project."""


@njit(cache=True, nogil=True)
def faults(
    start: Int, product: Small, least: Int, most: Int, step: Int, value: Small, products: int,
    most_value: int,
) -> tuple[int, int]:  # fmt: skip
    """Return the first arc that has a fault, and which; -1 and -1 if none has any.

    Parameters
    ----------
    start, product, least, most, step, value
        Arcs of projects as in :class:`liandong.match.core.problem.Problem`.
    products
        How many there are.
    most_value
        Values must not be further from 0.
    """
    seen = np.full(products, -1)
    for i in range(len(start) - 1):
        for e in range(start[i], start[i + 1]):
            j = product[e]
            if j < 0 or j >= products:
                return e, PRODUCT
            if least[e] < 1 or step[e] < 1 or most[e] < least[e]:
                return e, AMOUNT
            # All or nothing in one step is usual, and needs no division.
            single = step[e] == most[e] and step[e] == least[e]
            if not single and (most[e] % step[e] != 0 or least[e] % step[e] != 0):
                return e, STEP
            if value[e] > most_value or value[e] < -most_value:
                return e, VALUE
            if seen[j] == i:
                return e, TWICE
            seen[j] = i
    return -1, -1


@njit(cache=True, nogil=True)
def _mixed(word: np.uint64) -> np.uint64:
    """Return a word whose every bit depends on all bits of another (SplitMix64's finish)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


class Terms(NamedTuple):
    """What there is to an arc: see :class:`liandong.match.core.problem.Problem`."""

    product: Small
    value: Small
    least: Int
    most: Int
    step: Int


@njit(cache=True, nogil=True)
def prints(low: int, high: int, start: Int, terms: Terms, out: Word) -> None:
    """Write a fingerprint of each project from ``low`` to ``high``, whatever the order of its arcs.

    Projects that differ have different ones but for rare chance: equals are to be compared.
    """
    for i in range(low, high):
        total = np.uint64(0)
        for e in range(start[i], start[i + 1]):
            word = _mixed(np.uint64(terms.product[e]) + np.uint64(1))
            word = _mixed(word + np.uint64(terms.value[e]))
            most = terms.most[e]
            word = _mixed(word + np.uint64(most))
            if terms.least[e] != most or terms.step[e] != most:
                word = _mixed(word + np.uint64(terms.least[e]))
                word = _mixed(word + np.uint64(terms.step[e]))
            total += word
        out[i] = total
