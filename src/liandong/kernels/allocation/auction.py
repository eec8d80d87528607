"""Call markets: one price for all, or McAfee's two; who trades how much, and with whom.

Prices are whole fen a unit, quantities whole units. Sums of price times quantity must stay below
2^62.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Words = NDArray[np.uint64]

PPM = 1_000_000
NONE = -1


class Book(NamedTuple):
    """Orders of several sessions.

    Attributes
    ----------
    start
        Shape (sessions + 1,): the orders of session s are start[s] to start[s + 1].
    middle
        Shape (sessions,): the buyers come first, the sellers from here.
    price, quantity
        Shape (orders,): buyers from the highest price down, sellers from the lowest up; equals in
        the order of their lots. Of quantity 0 is what may not trade.
    lot
        Shape (orders,): what decides where price does not.
    """

    start: Int
    middle: Int
    price: Int
    quantity: Int
    lot: Words


@njit(cache=True, nogil=True)
def arranged(group: Int, groups: int, key: Int, lot: Words) -> Int:
    """Return rows by group, then key from the lowest up, then lot.

    The same as ``np.lexsort((lot, key, group))``, but lots are only looked at where keys are equal.
    """
    start = np.zeros(groups + 1, np.int64)
    for g in group:
        start[g + 1] += 1
    for g in range(groups):
        start[g + 1] += start[g]
    row, at = np.empty(len(group), np.int64), start[:-1].copy()
    for i in range(len(group)):
        row[at[group[i]]] = i
        at[group[i]] += 1
    for g in range(groups):
        some = row[start[g] : start[g + 1]]
        some = some[np.argsort(key[some])]
        first = 0
        for i in range(1, len(some) + 1):
            if i == len(some) or key[some[i]] != key[some[first]]:
                if i - first > 1:
                    equal = some[first:i].copy()
                    some[first:i] = equal[np.argsort(lot[equal])]
                first = i
        row[start[g] : start[g + 1]] = some
    return row


class Cleared(NamedTuple):
    """What came of each session, and of each order.

    Attributes
    ----------
    volume
        Shape (sessions,): units that change hands.
    paid, got
        Shape (sessions,): what a unit costs its buyer and brings its seller; NONE without trade.
    low, high
        Shape (sessions,): the lowest and the highest price at which supply meets demand.
    whole
        Shape (sessions,): units that would change hands if nobody were left out.
    filled
        Shape (orders,).
    """

    volume: Int
    paid: Int
    got: Int
    low: Int
    high: Int
    whole: Int
    filled: Int


@njit(cache=True, nogil=True)
def clear(book: Book, share: int, mcafee: bool) -> Cleared:  # noqa: FBT001 - numba has no keywords only
    """Clear each session on its own.

    Parameters
    ----------
    book
        The orders.
    share
        ppm: where the uniform price lies between the lowest and the highest that clears; 0 is best
        for buyers.
    mcafee
        Take McAfee's prices instead: who trades has no part in making them.

    Notes
    -----
    The k-double auction (Chatterjee and Samuelson 1983; Satterthwaite and Williams 1989): most
    units change hands, at a price at which nobody who wants to trade is left out but for equals.
    McAfee 1992: if the middle of the first bid and offer that do not trade suits the last pair that
    does, it is the price of all; otherwise the last pair is left out, buyers pay its bid, sellers
    get its offer, and the market keeps the difference. With quantities (Huang, Scheller-Wolf and
    Sycara 2002) the last orders are left out whole, and the longer side is cut by lot.
    """
    sessions = len(book.middle)
    out = np.full((6, sessions), NONE, np.int64)
    filled = np.zeros(len(book.price), np.int64)
    for s in range(sessions):
        b, a, volume, left_b, left_a = _crossing(book, s)
        out[5, s] = out[0, s] = volume
        if volume == 0:
            continue
        low, high = _band(book, s, b, a, left_b, left_a)
        out[3, s], out[4, s] = low, high
        if not mcafee:
            width = high - low
            out[1, s] = low + width // PPM * share + width % PPM * share // PPM
            out[2, s] = out[1, s]
            _fill(book.quantity, book.start[s], b + 1, volume, filled)
            _fill(book.quantity, book.middle[s], a + 1, volume, filled)
        else:
            out[0, s], out[1, s], out[2, s] = _reduce(book, s, b, a, left_b + left_a == 0, filled)
    return Cleared(out[0], out[1], out[2], out[3], out[4], out[5], filled)


@njit(cache=True, nogil=True)
def _crossing(book: Book, s: int) -> tuple[int, int, int, int, int]:
    """Return the last buyer and seller who trade, the units, and what is left of both orders."""
    b, a = book.start[s], book.middle[s]
    last_b, last_a, volume = b, a, 0
    left_b, left_a = 0, 0
    while True:
        while left_b == 0 and b < book.middle[s]:
            left_b = book.quantity[b]
            b += 1
        while left_a == 0 and a < book.start[s + 1]:
            left_a = book.quantity[a]
            a += 1
        if left_b == 0 or left_a == 0 or book.price[b - 1] < book.price[a - 1]:
            break
        last_b, last_a = b - 1, a - 1
        unit = min(left_b, left_a)
        volume += unit
        left_b -= unit
        left_a -= unit
    # What was taken up last but does not trade is not left of an order that does.
    part_b = left_b if b - 1 == last_b else 0
    part_a = left_a if a - 1 == last_a else 0
    return last_b, last_a, volume, part_b, part_a


@njit(cache=True, nogil=True)
def _next(book: Book, at: int, end: int) -> int:
    """Return the next order that may trade, ``end`` if there is none."""
    at += 1
    while at < end and book.quantity[at] == 0:
        at += 1
    return at


@njit(cache=True, nogil=True)
def _band(book: Book, s: int, b: int, a: int, left_b: int, left_a: int) -> tuple[int, int]:
    """Return the lowest and the highest price at which supply meets demand.

    Not below the last offer that trades and the first bid that does not, not above the last bid
    that trades and the first offer that does not.
    """
    low, high = book.price[a], book.price[b]
    more_b = b if left_b else _next(book, b, book.middle[s])
    more_a = a if left_a else _next(book, a, book.start[s + 1])
    if more_b < book.middle[s]:
        low = max(low, book.price[more_b])
    if more_a < book.start[s + 1]:
        high = min(high, book.price[more_a])
    return low, high


@njit(cache=True, nogil=True)
def _fill(quantity: Int, first: int, end: int, volume: int, filled: Int) -> None:
    """Fill orders in turn until the volume is reached."""
    for i in range(first, end):
        filled[i] = min(quantity[i], volume)
        volume -= filled[i]


@njit(cache=True, nogil=True)
def _reduce(
    book: Book, s: int, b: int, a: int, even: bool, filled: Int  # noqa: FBT001 - numba has no keywords only
) -> tuple[int, int, int]:  # fmt: skip
    """Fill by McAfee's rule; return the volume, and what a unit costs and brings."""
    first_b, first_a = book.start[s], book.middle[s]
    more_b, more_a = _next(book, b, first_a), _next(book, a, book.start[s + 1])
    if even and more_b < first_a and more_a < book.start[s + 1]:
        middle = (book.price[more_b] + book.price[more_a]) // 2
        if book.price[a] <= middle <= book.price[b]:
            volume = book.quantity[first_b : b + 1].sum()
            filled[first_b : b + 1] = book.quantity[first_b : b + 1]
            filled[first_a : a + 1] = book.quantity[first_a : a + 1]
            return volume, middle, middle
    volume = min(book.quantity[first_b:b].sum(), book.quantity[first_a:a].sum())
    if volume == 0:
        return 0, NONE, NONE
    _by_lot(book, first_b, b, volume, filled)
    _by_lot(book, first_a, a, volume, filled)
    return volume, book.price[b], book.price[a]


@njit(cache=True, nogil=True)
def _by_lot(book: Book, first: int, end: int, volume: int, filled: Int) -> None:
    """Fill orders in the order of their lots: what one bids has no part in how much one gets."""
    for i in np.argsort(book.lot[first:end]):
        filled[first + i] = min(book.quantity[first + i], volume)
        volume -= filled[first + i]


@njit(cache=True, nogil=True)
def pair(book: Book, filled: Int) -> tuple[Int, Int, Int]:
    """Return buyer, seller and units of each trade: both sides in their order, one by one.

    Returns
    -------
    buyer, seller, units
        Orders and whole units; fewer trades than there are orders that were filled.
    """
    some = int((filled > 0).sum())
    out = np.empty((3, some), np.int64)
    count = 0
    for s in range(len(book.middle)):
        b, a = book.start[s], book.middle[s]
        left_b, left_a = 0, 0
        while True:
            while left_b == 0 and b < book.middle[s]:
                left_b = filled[b]
                b += 1
            while left_a == 0 and a < book.start[s + 1]:
                left_a = filled[a]
                a += 1
            if left_b == 0 or left_a == 0:
                break
            unit = min(left_b, left_a)
            out[0, count], out[1, count], out[2, count] = b - 1, a - 1, unit
            count += 1
            left_b -= unit
            left_a -= unit
    return out[0, :count], out[1, :count], out[2, :count]


@njit(cache=True, nogil=True)
def within(group: Int, quantity: Int, most: int) -> Int:
    """Return how much of each quantity keeps its group within ``most``, first come first.

    Parameters
    ----------
    group
        Shape (orders,), those of one group in a row.
    quantity
        Shape (orders,).
    most
        Units of a group.
    """
    out = np.zeros(len(quantity), np.int64)
    left = most
    for i in range(len(quantity)):
        if i == 0 or group[i] != group[i - 1]:
            left = most
        out[i] = min(quantity[i], left)
        left -= out[i]
    return out
