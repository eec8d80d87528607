"""Trade that runs in a circle: invoices from seller to seller and back, of like amounts, soon."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

PPM = 1_000_000
FIRST_ROOM = 1 << 12


class Trade(NamedTuple):
    """Invoices as :func:`rings` gets them; ``order`` lists them by seller, from ``first`` on."""

    seller: Int
    buyer: Int
    day: Int
    amount: Int
    order: Int
    first: Int


def rings(
    seller: Int, buyer: Int, day: Int, amount: Int, days: int, legs: tuple[int, int], spread: int
) -> Int:
    """Find all rings of invoices, each told once.

    A ring is a row of invoices in which each is issued by whom the one before was issued to, and
    the first by whom the last was issued to. No party comes twice. The order of their days does
    not matter: paper is written in any order.

    Parameters
    ----------
    seller, buyer
        Shape (invoices,), numbers of parties.
    day, amount
        Shape (invoices,); rows are in order of day, amounts above 0.
    days
        The last invoice is at most so many days after the first.
    legs
        The least and the most invoices of a ring, from 2 to 8.
    spread
        The least amount is below the greatest by at most so many ppm of the greatest.

    Returns
    -------
    numpy.ndarray
        Shape (rings, most legs): invoices along the ring, its first in order of rows first; -1
        behind the last.

    Examples
    --------
    >>> a, b = np.array([0, 1, 2, 2]), np.array([1, 2, 0, 0])
    >>> rings(a, b, np.array([0, 5, 9, 40]), np.full(4, 100), 30, (3, 4), 0)
    array([[ 0,  1,  2, -1]])
    """
    parties = 1 + int(max(seller.max(initial=-1), buyer.max(initial=-1)))
    order = np.argsort(seller, kind="stable")  # by seller, in order of rows within
    first = np.searchsorted(seller[order], np.arange(parties + 1))
    trade = Trade(seller, buyer, day, amount, order, first)
    room = np.full((FIRST_ROOM, legs[1]), -1)
    limits = np.array([days, legs[0], legs[1], spread], np.int64)
    at = found = 0
    while True:
        at, found = _search(trade, limits, room, at, found)
        if at == len(seller):
            return room[:found].copy()
        room = np.concatenate([room, np.full_like(room, -1)])


@njit(cache=True, nogil=True)
def _search(trade: Trade, limits: Int, room: Int, at: int, found: int) -> tuple[int, int]:
    """Go on with the rings whose first row is ``at``; stop before a row whose rings do not fit."""
    seller, buyer, day, amount, order, first = trade
    most = limits[2]
    on_path = np.zeros(len(first), np.bool_)
    # By leg: its invoice, where the search for the next one stands, and the amounts so far.
    path, place = np.zeros(most, np.int64), np.zeros(most, np.int64)
    low, high = np.zeros(most, np.int64), np.zeros(most, np.int64)
    for start in range(at, len(seller)):
        before = found
        path[0], low[0], high[0] = start, amount[start], amount[start]
        depth, fits = 0, seller[start] != buyer[start]
        if fits:
            place[0] = _after(order, first, buyer[start], start)
            on_path[buyer[start]] = True
        while fits and depth >= 0:
            here = buyer[path[depth]]
            k = place[depth]
            e = order[k] if k < first[here + 1] else -1
            if e < 0 or day[e] - day[start] > limits[0]:
                on_path[here] = False
                depth -= 1
                continue
            place[depth] += 1
            least, greatest = min(low[depth], amount[e]), max(high[depth], amount[e])
            if greatest - least > _part(greatest, limits[3]):
                continue
            if buyer[e] == seller[start]:
                if depth + 2 >= limits[1]:
                    if found == len(room):
                        return start, before
                    room[found, : depth + 1] = path[: depth + 1]
                    room[found, depth + 1] = e
                    room[found, depth + 2 :] = -1
                    found += 1
            elif depth + 2 < most and not on_path[buyer[e]]:
                depth += 1
                path[depth], low[depth], high[depth] = e, least, greatest
                place[depth] = _after(order, first, buyer[e], start)
                on_path[buyer[e]] = True
    return len(seller), found


@njit(cache=True, nogil=True)
def _after(order: Int, first: Int, party: int, row: int) -> int:
    """Return where the invoices of a seller begin that come after a row."""
    low, high = first[party], first[party + 1]
    while low < high:
        middle = (low + high) // 2
        if order[middle] > row:
            high = middle
        else:
            low = middle + 1
    return int(low)


@njit(cache=True, nogil=True)
def _part(amount: int, ppm: int) -> int:
    """Return that part of an amount, rounded down; the product might leave 64 bits."""
    return amount // PPM * ppm + amount % PPM * ppm // PPM
