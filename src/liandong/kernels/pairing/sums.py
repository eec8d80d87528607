"""One line with several of the other side that add up to it: one sum paid, or instalments."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.pairing.single import OPEN, Lines

Int = NDArray[np.int64]

NOT_ONE, CROWDED = -2, -3
"""There are several ways; there are more lines than are looked at."""


def by_sum(
    whole: Lines, parts: Lines, early: int, late: int, most: int, crowd: int
) -> tuple[Int, Int]:
    """Find the lines that 2 to ``most`` lines of the other side add up to, in one way only.

    Parameters
    ----------
    whole, parts
        Lines that may be sums, and lines that may be parts of one; all are open.
    early, late
        A whole is at most so many days before each of its parts, or after.
    most
        Parts of a whole at most.
    crowd
        Most lines among which a whole may have its parts; among more, none are looked for.

    Returns
    -------
    whole_of
        Shape (parts,): the row of the whole, or OPEN.
    state
        Shape (wholes,): the number of parts; 0 where nothing adds up to it; NOT_ONE where several
        ways do, or where others need the same parts; CROWDED.

    Notes
    -----
    All lines of an account whose days fit and whose amounts have the sign of the whole are tried
    in falling order, and a branch ends where what is left cannot be reached any more. A whole that
    has one way is paired unless another one needs one of its parts. Then those that had several
    ways are tried again, until there is nothing more to pair: no order of rows decides.
    """
    by_whole, by_part = (np.lexsort((x.day, x.account)) for x in (whole, parts))
    work = _Work(
        by_whole,
        by_part,
        _windows(whole, parts, by_whole, by_part, early, late),
        np.empty((2, crowd), np.int64),
        np.empty((len(by_whole), most), np.int64),
        np.full(len(by_part), OPEN),
        np.zeros(len(by_whole), np.int64),
    )
    while _searched(whole, parts, work):
        pass
    return work.whole_of, work.state


class _Work(NamedTuple):
    """What the search works with.

    Attributes
    ----------
    by_whole, by_part
        Rows in the order of account and day.
    window
        By whole in that order, from where to where in ``by_part`` its parts lie.
    room
        Shape (2, crowd): rows and sizes of the parts that a whole could have.
    way
        By whole, the rows that add up to it, then OPEN.
    whole_of, state
        What is found.
    """

    by_whole: Int
    by_part: Int
    window: Int
    room: Int
    way: Int
    whole_of: Int
    state: Int


@njit(cache=True, nogil=True)
def _windows(whole: Lines, parts: Lines, by_whole: Int, by_part: Int, early: int, late: int) -> Int:
    """Return, for each whole in its order, from where to where parts lie that it could have."""
    window = np.zeros((len(by_whole), 2), np.int64)
    first = end = 0
    for i, w in enumerate(by_whole):
        account, day = whole.account[w], whole.day[w]
        while first < len(by_part) and _precedes(parts, by_part[first], account, day - late):
            first += 1
        end = max(end, first)
        while end < len(by_part) and _precedes(parts, by_part[end], account, day + early + 1):
            end += 1
        window[i, 0], window[i, 1] = first, end
    return window


@njit(cache=True, nogil=True, inline="always")
def _precedes(parts: Lines, p: int, account: int, day: int) -> bool:
    if parts.account[p] != account:
        return bool(parts.account[p] < account)
    return bool(parts.day[p] < day)


@njit(cache=True, nogil=True)
def _searched(whole: Lines, parts: Lines, work: _Work) -> bool:
    """Pair the wholes that have one way of their own; tell whether there were any."""
    state, way = work.state, work.way
    claims = np.zeros(len(work.whole_of), np.int64)
    for i, w in enumerate(work.by_whole):
        if state[w] > 0:
            continue
        count = _gather(whole, parts, work, i)
        state[w] = CROWDED
        if count >= 0:
            state[w] = _ways(work.room, count, abs(whole.amount[w]), way[w])
        if state[w] == 1:
            for p in way[w]:
                if p != OPEN:
                    claims[p] += 1
    paired = False
    for w in work.by_whole:
        if state[w] != 1:
            continue
        state[w] = _paired(claims, work.whole_of, way[w], w)
        paired = paired or state[w] > 0
    return paired


@njit(cache=True, nogil=True)
def _paired(claims: Int, whole_of: Int, way: Int, w: int) -> int:
    """Pair a whole with its parts and return how many; NOT_ONE if another one needs any."""
    count = 0
    for p in way:
        if p != OPEN:
            if claims[p] > 1:
                return NOT_ONE
            count += 1
    for p in way[:count]:
        whole_of[p] = w
    return count


@njit(cache=True, nogil=True)
def _gather(whole: Lines, parts: Lines, work: _Work, i: int) -> int:
    """Put the rows and sizes of possible parts into the room, the largest first; -1: too many."""
    room, count, amount = work.room, 0, whole.amount[work.by_whole[i]]
    for k in range(work.window[i, 0], work.window[i, 1]):
        p = work.by_part[k]
        x = parts.amount[p]
        if work.whole_of[p] != OPEN or (x > 0) != (amount > 0) or abs(x) >= abs(amount):
            continue
        if count == room.shape[1]:
            return -1
        at = count
        while at > 0 and room[1, at - 1] < abs(x):
            room[0, at], room[1, at] = room[0, at - 1], room[1, at - 1]
            at -= 1
        room[0, at], room[1, at] = p, abs(x)
        count += 1
    return count


@njit(cache=True, nogil=True)
def _ways(room: Int, count: int, wanted: int, way: Int) -> int:
    """Return 0, 1 or NOT_ONE for the ways to add up to what is wanted; note the first one."""
    most, ways, depth, left = len(way), 0, 0, wanted
    path = np.zeros(most, np.int64)
    while depth >= 0:
        k = path[depth]
        # What is left is out of reach of as many of the largest as there may still be.
        if k == count or room[1, k] * (most - depth) < left:
            depth -= 1
            if depth >= 0:
                left += room[1, path[depth]]
                path[depth] += 1
            continue
        x = room[1, k]
        if x == left and depth > 0:
            if ways == 1:
                return NOT_ONE
            ways = 1
            way[:] = OPEN
            for d in range(depth + 1):
                way[d] = room[0, path[d]]
        if x < left and depth + 1 < most:
            left -= x
            depth += 1
            path[depth] = k + 1
        else:
            path[depth] += 1
    return ways
