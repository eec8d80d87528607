"""A network of parties: cores, reach and rank, the same for any order of its ties.

Ties are given once, between numbered parties; neighbours are kept in order, so that floats are
always added in the same order.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


def neighbours(one: Int, other: Int, parties: int) -> tuple[Int, Int, Int]:
    """Return where each party's ties begin, the other parties of them, and which tie each is.

    Parameters
    ----------
    one, other
        The two parties of each tie; ties are listed with ``one`` alone.
    parties
        How many there are.

    Examples
    --------
    >>> neighbours(np.array([1, 0, 1]), np.array([2, 1, 0]), 3)
    (array([0, 1, 3, 3]), array([1, 0, 2]), array([1, 2, 0]))
    """
    order = np.lexsort((other, one))
    begin = np.zeros(parties + 1, np.int64)
    np.cumsum(np.bincount(one, minlength=parties), out=begin[1:])
    return begin, other[order], order


@njit(cache=True, nogil=True)
def cores(begin: Int, near: Int) -> Int:
    """Return the core number of each party.

    A party is in the k-core if it stays when everybody with fewer than k ties to those who stay
    is taken away, again and again (Seidman 1983; by buckets as Batagelj and Zaversnik 2003).

    Parameters
    ----------
    begin, near
        As :func:`neighbours` returns them, with each tie listed from both ends.

    Returns
    -------
    numpy.ndarray
        The largest k of each party; exact, and linear in the number of ties.
    """
    parties = len(begin) - 1
    degree = begin[1:] - begin[:-1]
    most = degree.max() if parties else 0
    start = np.zeros(most + 2, np.int64)
    for d in degree:
        start[d + 1] += 1
    start = np.cumsum(start)
    place, order, fill = np.empty(parties, np.int64), np.empty(parties, np.int64), start.copy()
    for p in range(parties):
        place[p] = fill[degree[p]]
        order[place[p]] = p
        fill[degree[p]] += 1
    for i in range(parties):
        p = order[i]
        for q in near[begin[p] : begin[p + 1]]:
            if degree[q] > degree[p]:
                # Move q to the front of its bucket, and the border of the bucket past it.
                front = start[degree[q]]
                swapped = order[front]
                order[front], order[place[q]] = q, swapped
                place[swapped], place[q] = place[q], front
                start[degree[q]] += 1
                degree[q] -= 1
    return degree


@njit(cache=True, nogil=True)
def reach(begin: Int, near: Int, firms: int, hub: int) -> Int:
    """Count for each firm the other firms that deal with it or with one of its partners.

    Parameters
    ----------
    begin, near
        As :func:`neighbours` returns them, with each tie listed from both ends.
    firms
        Parties below this number are firms.
    hub
        Partners with more ties than this tie nobody together: everybody buys electricity.
    """
    found = np.zeros(firms, np.int64)
    seen = np.full(firms, -1)
    for f in range(firms):
        seen[f] = f
        for p in near[begin[f] : begin[f + 1]]:
            if p < firms and seen[p] != f:
                seen[p] = f
                found[f] += 1
            if begin[p + 1] - begin[p] > hub:
                continue
            for q in near[begin[p] : begin[p + 1]]:
                if q >= firms:
                    break
                if seen[q] != f:
                    seen[q] = f
                    found[f] += 1
    return found


@njit(cache=True, nogil=True)
def rank(begin: Int, near: Int, weight: Float, damping: float, rounds: int) -> Float:
    """Return the rank of each party in a network of payments, 1 on average.

    Everybody hands ``damping`` of his rank on to those he pays, in proportion to what he pays; the
    rest is dealt out evenly, as is what those hand on who pay nobody (PageRank, Brin and Page
    1998). The number of rounds is fixed, and sums run in the order of the parties.

    Parameters
    ----------
    begin, near
        As :func:`neighbours` returns them: by the party that pays, those it pays.
    weight
        What each tie weighs, above 0, in the order of ``near``.
    damping
        Share of the rank that is handed on.
    rounds
        How often.

    Examples
    --------
    >>> rank(np.array([0, 1, 2]), np.array([1, 0]), np.ones(2), 0.85, 20)
    array([1., 1.])
    """
    parties = len(begin) - 1
    paid = np.zeros(parties)
    for p in range(parties):
        for i in range(begin[p], begin[p + 1]):
            paid[p] += weight[i]
    now = np.ones(parties)
    for _ in range(rounds):
        then, idle = np.zeros(parties), 0.0
        for p in range(parties):
            if paid[p] == 0:
                idle += now[p]
            for i in range(begin[p], begin[p + 1]):
                then[near[i]] += now[p] * weight[i] / paid[p]
        now = (1 - damping) + damping * (then + idle / parties)
    return now
