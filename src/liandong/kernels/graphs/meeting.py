"""Whether money can be back in time: arrivals from one account meet departures towards another.

Before any way is walked, the time between the first payment of v and the last receipt of u is cut
in the middle: latest departures towards u are spread leg by leg through the later half, earliest
arrivals from v through the earlier one. Where the two do not meet there is no way. Where they do,
arrivals go on through the later half to what can still reach u in the legs left.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.window import AT, END, IN, NEVER, OTHER, OUT, START, Window, since

Int = NDArray[np.int64]

SIZE, STAMP = 0, 1
ARRIVE, DEPART, BACK, MARK = 0, 1, 2, 3
MOST_LEGS = 8
FAR = 2 * MOST_LEGS
"""More legs than any circle has."""
V, U = 0, 1
"""Numbers, among the accounts met in a search, of the payee and the payer it is about."""


class Pad(NamedTuple):
    """Room for one search; what it holds means nothing afterwards.

    Attributes
    ----------
    slot, node
        By account its number in this search, and by number the account.
    near
        Shape (accounts, 4): by number, earliest arrival from v in the earlier half of the time,
        latest departure towards u in the later one and its fewest legs, and when the account was
        last put on a list.
    arrive
        Shape (accounts, MOST_LEGS): by number, earliest arrival from v in at most so many legs.
    front
        Shape (2, accounts): accounts to go on from, now and next.
    seen
        Shape (MOST_LEGS, accounts), by step of the walk back which accounts were tried.
    size
        How many accounts were met, and the last stamp.
    """

    slot: Int
    node: Int
    near: Int
    arrive: Int
    front: Int
    seen: Int
    size: Int


def new_pad(accounts: int) -> Pad:
    """Return room for searches among so many accounts; memory is used as far as it is needed."""
    n = max(accounts, 2)
    return Pad(
        np.zeros(n, np.int64), np.empty(n, np.int64), np.empty((n, 4), np.int64),
        np.empty((n, MOST_LEGS), np.int64), np.empty((2, n), np.int64),
        np.zeros((MOST_LEGS, n), np.int64), np.zeros(2, np.int64),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def meet(window: Window, pad: Pad, edge: tuple[int, int, int], first: int, top: int) -> bool:
    """Spread arrivals and departures; tell whether a way of at most ``top`` legs is there."""
    u, v, t = edge
    of, entry, _ = window
    end = since(entry, of[u, IN + START], of[u, IN + END], t) - 1
    if end < of[u, IN + START] or entry[end, AT] < first:
        return False
    start = since(entry, of[v, OUT + START], of[v, OUT + END], first)
    if start == of[v, OUT + END] or entry[start, AT] > entry[end, AT]:
        return False
    low, high = entry[start, AT], entry[end, AT]
    middle = low + (high - low + 1) // 2
    pad.size[SIZE] = 0
    _number(pad, v)
    _number(pad, u)
    pad.near[V, ARRIVE] = first - 1
    pad.near[U, DEPART], pad.near[U, BACK] = t, 0
    _backward(window, pad, middle, top)
    return _forward(window, pad, middle, top) and _onward(window, pad, middle, top)


@njit(cache=True, nogil=True)
def _number(pad: Pad, x: int) -> int:
    """Return the number of an account in this search, a new one if it has none."""
    slot, node, size = pad.slot, pad.node, pad.size
    i = slot[x]
    if i < size[SIZE] and node[i] == x:
        return int(i)
    i = size[SIZE]
    size[SIZE] = i + 1
    slot[x], node[i] = i, x
    near = pad.near[i]
    near[ARRIVE], near[DEPART], near[BACK], near[MARK] = NEVER, -NEVER, FAR, -1
    return int(i)


@njit(cache=True, nogil=True)
def _backward(window: Window, pad: Pad, middle: int, top: int) -> None:
    """Find the latest departures towards u, of legs from the middle of the time on.

    Within a level what was found a moment ago is used: at times some legs more than there may be.
    """
    of, entry, near = window.of, window.entry, pad.near
    pad.front[0, 0], count = U, 1
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == V:
                continue
            first = of[pad.node[i], IN + START]
            k = since(entry, first, of[pad.node[i], IN + END], near[i, DEPART]) - 1
            while k >= first and entry[k, AT] >= middle:
                at, j = entry[k, AT], _number(pad, entry[k, OTHER])
                if at > near[j, DEPART]:
                    new = _list(near, then, j, level, new)
                    near[j, DEPART], near[j, BACK] = at, min(near[j, BACK], level + 1)
                k -= 1
        count = new


@njit(cache=True, nogil=True)
def _forward(window: Window, pad: Pad, middle: int, top: int) -> bool:
    """Find the earliest arrivals from v, of legs before the middle of the time.

    Return whether an account was reached from which u may be reached in the legs that are left.
    """
    of, entry, near = window.of, window.entry, pad.near
    pad.front[0, 0], count = V, 1
    met = near[V, BACK] <= top
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == U:
                continue
            end = of[pad.node[i], OUT + END]
            k = since(entry, of[pad.node[i], OUT + START], end, near[i, ARRIVE] + 1)
            while k < end and entry[k, AT] < middle:
                at, j = entry[k, AT], _number(pad, entry[k, OTHER])
                if at < near[j, ARRIVE]:
                    new = _list(near, then, j, MOST_LEGS + level, new)
                    near[j, ARRIVE] = at
                    met = met or near[j, BACK] + level < top
                k += 1
        count = new
    return bool(met)


@njit(cache=True, nogil=True)
def _onward(window: Window, pad: Pad, middle: int, top: int) -> bool:
    """Find by legs the earliest arrivals from v at all accounts met; tell whether u has one.

    It goes on only where u may be reached in time in the legs left, or where that is not known:
    before the middle of the time.
    """
    of, entry, near, arrive, slot = window.of, window.entry, pad.near, pad.arrive, pad.slot
    size, last = pad.size[SIZE], near[U, DEPART]
    arrive[:size] = NEVER
    arrive[V] = near[V, ARRIVE]
    pad.front[0, 0], count = V, 1
    for level in range(top):
        now, then = pad.front[level & 1], pad.front[1 - level & 1]
        new = 0
        for f in range(count):
            i = now[f]
            if i == U:
                continue
            end = of[pad.node[i], OUT + END]
            k = since(entry, of[pad.node[i], OUT + START], end, arrive[i, level] + 1)
            while k < end and entry[k, AT] < last:
                at, x = entry[k, AT], entry[k, OTHER]
                j = slot[x]
                k += 1
                if j >= size or pad.node[j] != x or at >= arrive[j, level + 1]:
                    continue
                if at < middle or (at < near[j, DEPART] and near[j, BACK] + level < top):
                    new = _list(near, then, j, 2 * MOST_LEGS + level, new)
                    for legs in range(level + 1, MOST_LEGS):
                        arrive[j, legs] = at
        count = new
    return bool(arrive[U, top] < near[U, DEPART])


@njit(cache=True, nogil=True)
def _list(near: Int, then: Int, j: int, stamp: int, count: int) -> int:
    """Put an account on the list of those to go on from, unless it is there already."""
    if near[j, MARK] == stamp:
        return count
    near[j, MARK], then[count] = stamp, j
    return count + 1
