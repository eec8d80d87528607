"""One line of a bank with one of the books: the same account, the same amount, days that fit."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

_MIXERS = np.int64(0x5851F42D4C957F2D), np.int64(0x14057B7EF767814F)
"""Odd numbers that spread what is multiplied by them (Knuth, MMIX)."""
_DAYS = np.int64((1 << 22) - 1)
"""Bits of a key that say the day: there are fewer than so many from the year 1 to 9999."""
OPEN = -1
"""Instead of a line: there is none."""


class Lines(NamedTuple):
    """Lines of one side.

    Attributes
    ----------
    account, amount, day
        Shape (lines,): number of the account, minor units (money out is negative), and the day.
    """

    account: Int
    amount: Int
    day: Int

    def at(self, rows: Int) -> "Lines":
        """Return some of the lines."""
        return Lines(self.account[rows], self.amount[rows], self.day[rows])


def by_amount(bank: Lines, books: Lines, early: int, late: int) -> tuple[Int, Int]:
    """Pair as many lines as can be paired, each with one of its account and amount.

    Parameters
    ----------
    bank, books
        Both sides; of lines alike in all, the earlier row goes first.
    early, late
        A bank's line is at most so many days before the books', or after.

    Returns
    -------
    pair
        Shape (bank lines,): the line of the books, or OPEN.
    choices
        Shape (bank lines,): lines of the books that fit, whether or not they were taken.

    Notes
    -----
    Bank lines in the order of their days take the earliest line that is left in their window. All
    windows are equally long, so no other way pairs more (Glover 1967).
    """
    pair, choices = np.full(len(bank.day), OPEN), np.zeros(len(bank.day), np.int64)
    if len(bank.day) and len(books.day):
        start = int(min(bank.day.min(), books.day.min()))
        keys = _keys(bank, start), _keys(books, start)
        _pair(
            (bank, books), keys, (_order(keys[0]), _order(keys[1])), (early, late), (pair, choices)
        )
    return pair, choices


def _keys(lines: Lines, start: int) -> Int:
    """Return numbers that sort by account and amount, all but mixed up, and then by day."""
    with np.errstate(over="ignore"):
        mixed: Int = (lines.account * _MIXERS[0] + lines.amount) * _MIXERS[1]
    return (mixed & ~_DAYS) | (lines.day - start)


def _order(keys: Int) -> Int:
    order: Int = np.argsort(keys, kind="stable")
    return order


@njit(cache=True, nogil=True)
def _pair(
    sides: tuple[Lines, Lines], keys: tuple[Int, Int], orders: tuple[Int, Int],
    window: tuple[int, int], found: tuple[Int, Int],
) -> None:  # fmt: skip
    """Go through both sides in their order; what is too old for one line is so for the next."""
    bank, books = sides
    order, (early, late), (pair, choices) = orders[1], window, found
    taken = np.zeros(len(order), np.bool_)
    first = 0
    for b in orders[0]:
        key, day = keys[0][b] & ~_DAYS, keys[0][b] & _DAYS
        since, until = key | max(day - late, 0), key | min(day + early, _DAYS)
        while first < len(order) and keys[1][order[first]] < since:
            first += 1
        k = first
        while k < len(order) and keys[1][order[k]] <= until:
            e = order[k]
            if books.account[e] == bank.account[b] and books.amount[e] == bank.amount[b]:
                choices[b] += 1
                if pair[b] == OPEN and not taken[k]:
                    pair[b], taken[k] = e, True
            k += 1
