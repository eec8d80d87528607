"""Deferred acceptance: stable matchings of two sides with capacities and strict lists.

A market is all pairs that both sides find acceptable, once each. Those of one side propose down
their lists; those of the other hold the best that have come so far, up to their capacity.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NONE = -1


class Market(NamedTuple):
    """Pairs in the order of the lists of those who propose.

    Attributes
    ----------
    start
        Shape (proposers + 1,): the list of proposer p are the pairs start[p] to start[p + 1], best
        first.
    to
        Shape (pairs,): who is proposed to.
    place
        Shape (pairs,): each pair's row among all lists of the others, put one behind the other in
        their order and best first: a permutation of the pairs.
    held
        Shape (others + 1,): the list of other r are the rows held[r] to held[r + 1].
    quota, room
        Shapes (proposers,) and (others,): how many partners each can have.
    """

    start: Int
    to: Int
    place: Int
    held: Int
    quota: Int
    room: Int


def market(one: Int, other: Int, rank: Int, by: Int, quota: Int, room: Int) -> tuple[Market, Int]:
    """Put pairs in any order into a market in which the first side proposes.

    Parameters
    ----------
    one, other
        Shape (pairs,): numbers of the two partners; no pair twice.
    rank, by
        Shape (pairs,): place of the pair on the list of ``one`` and of ``other``: 1 is best, each
        place up to the length of the list is taken once.
    quota, room
        Capacities of the two sides.

    Returns
    -------
    game, at
        The market, and where each pair stands in it.
    """
    start, held = _starts(one, len(quota)), _starts(other, len(room))
    at = start[one] + rank - 1
    to, place = np.empty(len(one), np.int64), np.empty(len(one), np.int64)
    to[at], place[at] = other, held[other] + by - 1
    return Market(start, to, place, held, quota, room), at


def _starts(who: Int, count: int) -> Int:
    return np.append(0, np.cumsum(np.bincount(who, minlength=count))).astype(np.int64)


@njit(cache=True, nogil=True)
def deferred(game: Market) -> Bool:
    """Return which pairs are matched in the stable matching that is best for all who propose.

    Returns
    -------
    NDArray
        Shape (pairs,).

    Notes
    -----
    Gale and Shapley 1962; with capacities on both sides Roth 1984. In time proportional to the
    number of pairs: a full list only ever gets better, so the mark of its worst partner moves one
    way.
    """
    n, pairs = len(game.quota), len(game.to)
    free, following = game.quota.copy(), game.start[:-1].copy()
    left = game.room.copy()
    worst = np.full(len(game.room), NONE, np.int64)
    holder, pair_at = np.full(pairs, NONE, np.int64), np.full(pairs, NONE, np.int64)
    stack, waiting, top = np.arange(n)[::-1].copy(), np.ones(n, np.bool_), n
    while top:
        top -= 1
        p = stack[top]
        waiting[p] = False
        while free[p] > 0 and following[p] < game.start[p + 1]:
            e = following[p]
            following[p] += 1
            r, at = game.to[e], game.place[e]
            if left[r] > 0:
                left[r] -= 1
            elif worst[r] != NONE and at < worst[r]:
                out = holder[worst[r]]
                holder[worst[r]] = NONE
                free[out] += 1
                if not waiting[out]:
                    waiting[out] = True
                    stack[top] = out
                    top += 1
            else:
                continue
            holder[at], pair_at[at] = p, e
            free[p] -= 1
            if left[r] == 0:
                mark = game.held[r + 1] - 1 if worst[r] == NONE else worst[r]
                while holder[mark] == NONE:
                    mark -= 1
                worst[r] = mark
    matched = np.zeros(pairs, np.bool_)
    for at in range(pairs):
        if holder[at] != NONE:
            matched[pair_at[at]] = True
    return matched


@njit(cache=True, nogil=True)
def blocking(game: Market, matched: Bool) -> Bool:
    """Return which pairs block a matching: both would rather have each other than what they have.

    A partner would rather have somebody if it has room, or has somebody worse on its list.
    """
    pairs = len(game.to)
    last = np.full(len(game.quota), NONE, np.int64)
    worst = np.full(len(game.room), NONE, np.int64)
    used, taken = np.zeros(len(game.quota), np.int64), np.zeros(len(game.room), np.int64)
    for p in range(len(game.quota)):
        for e in range(game.start[p], game.start[p + 1]):
            if matched[e]:
                r = game.to[e]
                last[p] = e
                worst[r] = max(worst[r], game.place[e])
                used[p] += 1
                taken[r] += 1
    out = np.zeros(pairs, np.bool_)
    for p in range(len(game.quota)):
        for e in range(game.start[p], game.start[p + 1]):
            r = game.to[e]
            mine = game.quota[p] > used[p] or e < last[p]
            theirs = game.room[r] > taken[r] or game.place[e] < worst[r]
            # Whoever can have nobody wants nobody.
            some = game.quota[p] > 0 and game.room[r] > 0
            out[e] = not matched[e] and mine and theirs and some
    return out
