"""The smallest change of a firm's bins that gains enough points, proved by dynamic programming.

A firm is in one cell of each measure. Some measures can be changed, by moving to another bin in the
ways that are open to it. Of all changes that gain at least the points needed, the smallest is that
of the fewest measures; among those, that of the fewest bins passed; among those, the one that
gains most.

Measures are decided one after the other. What is kept is the most points for every number of
measures changed and of bins passed so far, once for each way to place the measures that still wait
for a partner in a pair term: their cells are digits of the state, and a measure gives its digit
back when its last partner is decided. Every change is looked at or is worse than one that is, so
the result is optimal. Without pairs there is one state; pairs cost a factor of the number of cells
for every measure that waits at the same time (the width of the pairs as a graph, for the order
chosen). A first pass over the number of changes alone bounds the second.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NEVER = -(2**40)
"""Points of what cannot be; no sum of points comes near."""


class Game(NamedTuple):
    """What moves are worth, the same for all firms.

    Attributes
    ----------
    points
        Shape (measures, cells): points of every cell; 0 where a measure has fewer.
    open
        Shape (measures, cells): the bins that moves lead from and to, in order. No move leads out
        of other cells (a value that is absent or not shared), or into them.
    up, down
        Shape (measures,): whether a firm may move to a higher or lower bin.
    pairs
        Shape (pairs, 2): measures whose cells earn points together.
    tables
        Shape (pairs, cells, cells): those points, by cell of the first and of the second.
    """

    points: Int
    open: Bool
    up: Bool
    down: Bool
    pairs: Int
    tables: Int


class Reach(NamedTuple):
    """The smallest change of each firm.

    Attributes
    ----------
    changes
        Measures changed; 0 where nothing is needed, -1 where no change gains enough.
    moved
        Bins passed.
    gain
        Points gained; where no change gains enough, the most that one could gain.
    cells
        Shape (firms, measures): cell of each measure after the change.
    """

    changes: Int
    moved: Int
    gain: Int
    cells: Int


class _Plan(NamedTuple):
    """Order in which measures are decided, and the digits of the state.

    Attributes
    ----------
    order
        Measures that can be changed.
    slot
        By stage: the digit that the measure takes, -1 if it waits for nobody.
    drop
        Shape (stages, digits): digits given back after the stage.
    done
        Shape (stages, pairs): 1 where the stage decides the second measure of a pair, and that is
        the second in the pair, 2 where it is the first in the pair; 0 otherwise.
    other
        Shape (pairs,) of digits: that of the measure of each pair decided first.
    loose
        Shape (pairs,): whether just one of the two can be changed.
    """

    order: Int
    slot: Int
    drop: Bool
    done: Int
    other: Int
    loose: Bool


def reach(game: Game, cells: Int, needed: Int) -> Reach:
    """Return the smallest change of each firm that gains the points it needs.

    Parameters
    ----------
    game
        What moves are open and what they are worth.
    cells
        Shape (firms, measures): where each firm is.
    needed
        Shape (firms,): points it lacks.

    Examples
    --------
    >>> points = np.array([[-5, 0, 8], [-4, 3, 6]])
    >>> yes, none = np.ones(2, bool), np.empty((0, 2), np.int64)
    >>> yes_all, tables = np.ones((2, 3), bool), np.empty((0, 3, 3), np.int64)
    >>> game = Game(points, yes_all, yes, yes, none, tables)
    >>> found = reach(game, np.array([[0, 0]]), np.array([12]))
    >>> found.cells.tolist(), found.changes.tolist(), found.moved.tolist(), found.gain.tolist()
    ([[2, 0]], [1], [2], [13])
    """
    changes, moved, gain = (np.zeros(len(cells), np.int64) for _ in range(3))
    found, plan = Reach(changes, moved, gain, cells.astype(np.int64)), _plan(game)
    _reach(game, plan, needed, found)
    return found


def _plan(game: Game) -> _Plan:
    """Choose an order in which few measures wait at the same time."""
    live = game.up | game.down
    friends = [set[int]() for _ in live]
    for a, b in game.pairs.tolist():
        if live[a] and live[b]:
            friends[a].add(b)
            friends[b].add(a)
    order: list[int] = []
    left = set(np.flatnonzero(live).tolist())
    while left:

        def waiting(i: int) -> int:
            return sum(bool(friends[j] & left - {i}) for j in [*order, i])

        order.append(min(sorted(left), key=waiting))
        left.remove(order[-1])
    return _digits(game, order, friends)


def _digits(game: Game, order: list[int], friends: list[set[int]]) -> _Plan:
    """Give every measure that waits a digit for the time it does."""
    place = {i: t for t, i in enumerate(order)}
    last = {i: max((place[j] for j in friends[i]), default=-1) for i in order}
    taken: dict[int, int] = {}
    drops: list[list[int]] = []
    slot = np.full(len(order), -1, np.int64)
    digit: dict[int, int] = {}
    for t, i in enumerate(order):
        if last[i] > t:
            digit[i] = min(set(range(len(order))) - set(taken.values()))
            taken[i] = slot[t] = digit[i]
        drops.append([taken.pop(j) for j in list(taken) if last[j] == t])
    width = int(slot.max(initial=-1)) + 1
    drop = np.array([[d in some for d in range(width)] for some in drops], bool)
    pairs = game.pairs.tolist()
    done = np.zeros((len(order), len(pairs)), np.int64)
    other = np.zeros(len(pairs), np.int64)
    for p, (a, b) in enumerate(pairs):
        if a in place and b in place:
            first, second = sorted((a, b), key=lambda i: place[i])
            done[place[second], p] = 1 if second == b else 2
            other[p] = digit[first]
    loose = np.array([(a in place) != (b in place) for a, b in pairs], bool)
    return _Plan(
        np.array(order, np.int64), slot, drop.reshape(len(order), width), done, other, loose
    )


@njit(cache=True)
def _reach(game: Game, plan: _Plan, needed: Int, found: Reach) -> None:
    """Fill in the changes of all firms; the cells of ``found`` come as they are now."""
    stages, count = len(plan.order), game.points.shape[1]
    for f in range(len(needed)):
        if needed[f] <= 0:
            continue
        at = found.cells[f]
        gain, move = _moves(game, plan, at)
        best, _ = _stages(game, plan, gain, move, np.zeros_like(move), at, stages, 0)
        k = 0
        while k <= stages and best[0, k, 0] < needed[f]:
            k += 1
        if k > stages:
            found.changes[f] = -1
            found.gain[f] = best[0, :, 0].max()
            continue
        best, came = _stages(game, plan, gain, move, move, at, k, _farthest(move, k))
        m = 0
        while best[0, k, m] < needed[f]:
            m += 1
        found.changes[f], found.moved[f], found.gain[f] = k, m, best[0, k, m]
        state = 0
        for t in range(stages - 1, -1, -1):
            i = plan.order[t]
            state, y = came[t, state, k, m] // count, came[t, state, k, m] % count
            k -= int(move[i, y] > 0)
            m -= move[i, y]
            found.cells[f, i] = y


@njit(cache=True)
def _moves(game: Game, plan: _Plan, at: Int) -> tuple[Int, Int]:
    """Return what every cell gains on its own, and how far it is; -1 where no move leads."""
    n, count = game.points.shape
    gain = np.empty((n, count), np.int64)
    move = np.full((n, count), -1, np.int64)
    for i in range(n):
        here = at[i]
        gain[i] = game.points[i] - game.points[i, here]
        move[i, here] = 0
        if game.open[i, here]:
            for y in range(count):
                way = (y > here and game.up[i]) or (y < here and game.down[i])
                if way and game.open[i, y]:
                    first, last = min(here, y), max(here, y)
                    move[i, y] = game.open[i, first:last].sum()
    for p in range(len(game.pairs)):
        if plan.loose[p]:
            a, b = game.pairs[p]
            now = game.tables[p, at[a], at[b]]
            if game.up[a] or game.down[a]:
                gain[a] += game.tables[p, :, at[b]] - now
            else:
                gain[b] += game.tables[p, at[a], :] - now
    return gain, move


@njit(cache=True)
def _farthest(move: Int, k: int) -> int:
    """Return how many bins ``k`` changes can pass at most."""
    far = np.empty(len(move), np.int64)
    for i in range(len(move)):
        far[i] = move[i].max()
    return int(np.sort(far)[::-1][:k].sum())


@njit(cache=True)
def _stages(
    game: Game, plan: _Plan, gain: Int, move: Int, length: Int, at: Int, most_k: int, most_m: int
) -> tuple[Int, Int]:
    """Return the most points by state, changes and bins passed, and where each stage came from.

    ``length`` is what a move counts as: the bins passed, or nothing.
    """
    count = gain.shape[1]
    states = count ** plan.drop.shape[1]
    came = np.full((len(plan.order), states, most_k + 1, most_m + 1), -1, np.int64)
    best = np.full((states, most_k + 1, most_m + 1), NEVER, np.int64)
    best[0, 0, 0] = 0
    for t in range(len(plan.order)):
        i = plan.order[t]
        after = np.full_like(best, NEVER)
        for s in range(states):
            if best[s].max() == NEVER:
                continue
            for y in range(count):
                if move[i, y] < 0:
                    continue
                more = gain[i, y] + _together(game, plan, at, t, s, y)
                to, dk, dm = _next(plan, count, t, s, y), int(move[i, y] > 0), length[i, y]
                for k in range(most_k + 1 - dk):
                    for m in range(most_m + 1 - dm):
                        found = best[s, k, m] + more
                        if best[s, k, m] > NEVER and found > after[to, k + dk, m + dm]:
                            after[to, k + dk, m + dm] = found
                            came[t, to, k + dk, m + dm] = s * count + y
        best = after
    return best, came


@njit(cache=True)
def _together(game: Game, plan: _Plan, at: Int, t: int, s: int, y: int) -> int:
    """Return what the pairs gain that are decided when stage ``t`` puts its measure in ``y``."""
    count, more = game.points.shape[1], 0
    for p in range(len(game.pairs)):
        if plan.done[t, p]:
            x = s // count ** plan.other[p] % count
            new = game.tables[p, x, y] if plan.done[t, p] == 1 else game.tables[p, y, x]
            more += new - game.tables[p, at[game.pairs[p, 0]], at[game.pairs[p, 1]]]
    return more


@njit(cache=True)
def _next(plan: _Plan, count: int, t: int, s: int, y: int) -> int:
    """Return the state after stage ``t``: with its digit if it waits, without those given back."""
    state = s + y * count ** plan.slot[t] if plan.slot[t] >= 0 else s
    for d in range(plan.drop.shape[1]):
        if plan.drop[t, d]:
            state -= state // count**d % count * count**d
    return state
