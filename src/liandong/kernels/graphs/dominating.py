"""Whom all ways lead over: the dominators of everybody who can be reached."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.strong import grouped

Int = NDArray[np.int64]

ROOT, UNREACHED = -1, -2
"""In place of a dominator: ways from several sources meet in nobody; no way leads here."""


def dominators(first: Int, to: Int, source: NDArray[np.bool_]) -> tuple[Int, Int]:
    """Return the last one all ways from the sources to each node lead over.

    The algorithm of Lengauer and Tarjan (1979) with path compression, without recursion: m log n
    steps at most.

    Parameters
    ----------
    first, to
        Arrows of node ``v`` lead to ``to[first[v]:first[v + 1]]``.
    source
        Nodes at which ways begin.

    Returns
    -------
    above
        Immediate dominator of each node, :data:`ROOT` where there is none but itself, or
        :data:`UNREACHED`.
    order
        Nodes that are reached, a dominator before those it dominates.

    Examples
    --------
    >>> at = np.array([True, False, False, False])
    >>> dominators(np.array([0, 2, 3, 4, 4]), np.array([1, 2, 3, 3]), at)
    (array([-1,  0,  0,  0]), array([0, 2, 3, 1]))
    """
    back, place = grouped(to, len(first) - 1)
    tail = np.repeat(np.arange(len(first) - 1), np.diff(first))[place]
    return _dominators(first, to, back, tail, source)


@njit(cache=True, nogil=True)
def _dominators(
    first: Int, to: Int, back: Int, tail: Int, source: NDArray[np.bool_]
) -> tuple[Int, Int]:
    """Do what :func:`dominators` says; ``tail[back[v]:back[v + 1]]`` are the arrows to ``v``."""
    number, node, parent = _numbered(first, to, source)
    count = len(node)  # numbers begin with 1; 0 is a root above all sources
    semi, best = np.arange(count), np.arange(count)
    above, ancestor = np.zeros(count, np.int64), np.full(count, -1)
    head, following, stack = np.full(count, -1), np.full(count, -1), np.empty(count, np.int64)
    for w in range(count - 1, 0, -1):
        v = node[w]
        if source[v]:
            semi[w] = 0
        for e in range(back[v], back[v + 1]):
            u = number[tail[e]]
            if u > 0:
                semi[w] = min(semi[w], semi[_least(u, ancestor, best, semi, stack)])
        following[w] = head[semi[w]]
        head[semi[w]] = w
        p = parent[w]
        ancestor[w] = p
        waiting, head[p] = head[p], -1
        while waiting >= 0:
            u = _least(waiting, ancestor, best, semi, stack)
            above[waiting] = u if semi[u] < semi[waiting] else p
            waiting = following[waiting]
    found = np.full(len(first) - 1, UNREACHED)
    for w in range(1, count):
        if above[w] != semi[w]:
            above[w] = above[above[w]]
        found[node[w]] = node[above[w]] if above[w] else ROOT
    return found, node[1:]


@njit(cache=True, nogil=True)
def _numbered(first: Int, to: Int, source: NDArray[np.bool_]) -> tuple[Int, Int, Int]:
    """Return the number of each node in a deep search, from 1; who has each; and its parent."""
    n = len(first) - 1
    number, node, parent = (
        np.zeros(n, np.int64),
        np.zeros(n + 1, np.int64),
        np.zeros(n + 1, np.int64),
    )
    at, path, count = first[:-1].copy(), np.empty(n, np.int64), 0
    for root in range(n):
        if not source[root] or number[root]:
            continue
        deep = 0
        path[0] = root
        count += 1
        number[root], node[count] = count, root
        while deep >= 0:
            v = path[deep]
            if at[v] == first[v + 1]:
                deep -= 1
                continue
            w = to[at[v]]
            at[v] += 1
            if not number[w]:
                count += 1
                number[w], node[count], parent[count] = count, w, number[v]
                deep += 1
                path[deep] = w
    return number, node[: count + 1], parent[: count + 1]


@njit(cache=True, nogil=True)
def _least(v: int, ancestor: Int, best: Int, semi: Int, stack: Int) -> int:
    """Return the one with the least semidominator on the way up, and shorten that way."""
    if ancestor[v] < 0:
        return v
    deep, u = 0, v
    while ancestor[ancestor[u]] >= 0:
        stack[deep] = u
        deep += 1
        u = ancestor[u]
    top = ancestor[u]
    while deep:
        deep -= 1
        u = stack[deep]
        a = ancestor[u]
        if semi[best[a]] < semi[best[u]]:
            best[u] = best[a]
        ancestor[u] = top
    return int(best[v])


@njit(cache=True, nogil=True)
def beneath(above: Int, order: Int, weight: Int) -> Int:
    """Return the weight of all that each node dominates, its own left out.

    Parameters
    ----------
    above, order
        As :func:`dominators` returns them.
    weight
        Shape (nodes,).

    Examples
    --------
    >>> beneath(np.array([-1, 0, 1]), np.array([0, 1, 2]), np.array([1, 1, 5]))
    array([6, 5, 0])
    """
    total = np.zeros(len(above), np.int64)
    for v in order[::-1]:
        if above[v] >= 0:
            total[above[v]] += total[v] + weight[v]
    return total
