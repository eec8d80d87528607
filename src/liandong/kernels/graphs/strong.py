"""Strong components: who can be reached from each other along arrows, by one deep search."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def grouped(key: Int, count: int) -> tuple[Int, Int]:
    """Return where each of ``count`` keys begins, and the places of all keys in their order.

    Places of equal keys keep their order.

    Examples
    --------
    >>> grouped(np.array([1, 0, 1]), 2)
    (array([0, 1, 3]), array([1, 0, 2]))
    """
    first = np.zeros(count + 1, np.int64)
    for k in key:
        first[k + 1] += 1
    for k in range(count):
        first[k + 1] += first[k]
    place, at = np.empty(len(key), np.int64), first[:-1].copy()
    for i in range(len(key)):
        place[at[key[i]]] = i
        at[key[i]] += 1
    return first, place


@njit(cache=True, nogil=True)
def strong_components(first: Int, to: Int) -> tuple[Int, Int]:  # noqa: C901 - one deep search
    """Return the strong component of each node, and all nodes in the order of leaving them.

    The search of Tarjan (1972) without recursion.

    Parameters
    ----------
    first, to
        Arrows of node ``v`` lead to ``to[first[v]:first[v + 1]]``.

    Returns
    -------
    label
        Components are numbered so that every arrow leads to the same or a lesser number.
    left
        Nodes as the search left them: without circles every arrow leads to an earlier one.

    Examples
    --------
    >>> strong_components(np.array([0, 1, 2, 3]), np.array([1, 0, 0]))
    (array([0, 0, 1]), array([1, 0, 2]))
    """
    n = len(first) - 1
    label, low, seen = np.full(n, -1), np.zeros(n, np.int64), np.full(n, -1)
    at, path, stack = first[:-1].copy(), np.empty(n, np.int64), np.empty(n, np.int64)
    left, gone, held, clock, count = np.empty(n, np.int64), 0, 0, 0, 0
    for root in range(n):
        if seen[root] >= 0:
            continue
        deep = 0
        path[0] = root
        while deep >= 0:
            v = path[deep]
            if seen[v] < 0:
                seen[v] = low[v] = clock
                clock += 1
                stack[held] = v
                held += 1
            if at[v] < first[v + 1]:
                w = to[at[v]]
                at[v] += 1
                if seen[w] < 0:
                    deep += 1
                    path[deep] = w
                elif label[w] < 0:
                    low[v] = min(low[v], seen[w])
                continue
            if low[v] == seen[v]:
                while True:
                    held -= 1
                    label[stack[held]] = count
                    if stack[held] == v:
                        break
                count += 1
            left[gone] = v
            gone += 1
            deep -= 1
            if deep >= 0:
                low[path[deep]] = min(low[path[deep]], low[v])
    return label, left


@njit(cache=True, nogil=True)
def knot_first(  # noqa: C901 - compiled: one peeling
    first: Int, to: Int, label: Int, place: Int, members: Int, most: int
) -> int:
    """Put members first that open the circles of a strong component; return how many they are.

    Whoever has arrows on one side alone is set aside, again and again; of the others the one with
    most of both goes into the knot (Levy and Low 1988). The rest is put in an order in which no
    arrow, or few if ``most`` were not enough, lead back.

    Parameters
    ----------
    first, to, label
        Arrows and components as for, and from, :func:`strong_components`.
    place
        Room, one a node.
    members
        Members of one component; put in order here.
    most
        How many may be in the knot.
    """
    size = len(members)
    for k in range(size):
        place[members[k]] = k
    rows, ends = _arrows(first, to, label, place, members)
    starts = np.empty(len(ends), np.int64)
    for k in range(size):
        starts[rows[k] : rows[k + 1]] = k
    back, turn = grouped(ends, size)
    starts = starts[turn]
    out, into = rows[1:] - rows[:-1], back[1:] - back[:-1]
    alive, knot, there = np.ones(size, np.bool_), np.zeros(size, np.bool_), np.arange(size)
    stack, held, picked = np.empty(size, np.int64), 0, 0
    for k in range(size):
        if out[k] == 0 or into[k] == 0:
            stack[held], held, alive[k] = k, held + 1, False
    while True:
        while held:
            held -= 1
            v = stack[held]
            held = _loosen(ends[rows[v] : rows[v + 1]], into, alive, stack, held)
            held = _loosen(starts[back[v] : back[v + 1]], out, alive, stack, held)
        kept, best = 0, -1
        for k in there[:]:
            if alive[k]:
                there[kept] = k
                kept += 1
                if best < 0 or out[k] * into[k] > out[best] * into[best]:
                    best = k
        there = there[:kept]
        if best < 0 or picked == most:
            break
        alive[best], knot[best] = False, True
        stack[0], held, picked = best, 1, picked + 1
    _in_order(rows, ends, knot, members)
    return picked


@njit(cache=True, nogil=True)
def _loosen(others: Int, arrows: Int, alive: NDArray[np.bool_], stack: Int, held: int) -> int:
    """Take an arrow from each of these; put on the stack who has none left on that side."""
    for j in others:
        arrows[j] -= 1
        if arrows[j] == 0 and alive[j]:
            stack[held], held, alive[j] = j, held + 1, False
    return held


@njit(cache=True, nogil=True)
def _arrows(first: Int, to: Int, label: Int, place: Int, members: Int) -> tuple[Int, Int]:
    """Return the arrows inside a component, by places of members."""
    rows, n = np.zeros(len(members) + 1, np.int64), 0
    for v in members:
        n += first[v + 1] - first[v]
    ends, n = np.empty(n, np.int64), 0
    for k, v in enumerate(members):
        for e in range(first[v], first[v + 1]):
            if label[to[e]] == label[v]:
                ends[n] = place[to[e]]
                n += 1
        rows[k + 1] = n
    return rows, ends[:n].copy()


@njit(cache=True, nogil=True)
def _in_order(rows: Int, ends: Int, knot: NDArray[np.bool_], members: Int) -> None:
    """Put the knot first, then the others so that arrows lead on as far as that can be."""
    size = len(members)
    rest = np.flatnonzero(~knot)
    number = np.full(size, -1)
    number[rest] = np.arange(len(rest))
    first, to, n = np.zeros(len(rest) + 1, np.int64), np.empty(len(ends), np.int64), 0
    for i, k in enumerate(rest):
        for e in range(rows[k], rows[k + 1]):
            if not knot[ends[e]]:
                to[n] = number[ends[e]]
                n += 1
        first[i + 1] = n
    left = strong_components(first, to[:n])[1]
    members[:] = members[np.concatenate((np.flatnonzero(knot), rest[left[::-1]]))]
