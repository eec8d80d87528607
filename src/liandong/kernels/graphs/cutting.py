"""Who holds a network together: parties and ties without which it falls apart."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.strong import grouped

Int = NDArray[np.int64]


def both_ways(one: Int, other: Int, count: int) -> tuple[Int, Int, Int]:
    """Return where each party's ties begin, the parties at their other ends, and which ties.

    Parameters
    ----------
    one, other
        The two ends of each tie, once; every tie is listed from both ends.
    count
        How many parties there are.

    Examples
    --------
    >>> both_ways(np.array([0]), np.array([1]), 2)
    (array([0, 1, 2]), array([1, 0]), array([0, 0]))
    """
    first, place = grouped(np.concatenate((one, other)), count)
    return first, np.concatenate((other, one))[place], place % max(len(one), 1)


@njit(cache=True, nogil=True)
def cuts(  # noqa: C901 - one deep search
    begin: Int, near: Int, tie: Int
) -> tuple[Int, NDArray[np.bool_]]:
    """Return how many parties each party holds to the rest, and which ties are bridges.

    Without an articulation point its component falls into pieces: what is not in the largest of
    them is cut off. Others cut off nobody. One deep search without recursion (Hopcroft and Tarjan
    1973), linear in the ties.

    Parameters
    ----------
    begin, near, tie
        As :func:`both_ways` returns them. Of two ties between the same parties none is a bridge.

    Returns
    -------
    cut_off
        By party; 0 for all but articulation points.
    bridge
        By tie.

    Examples
    --------
    >>> cuts(*both_ways(np.array([0, 1]), np.array([1, 2]), 3))
    (array([0, 1, 0]), array([ True,  True]))
    """
    n = len(begin) - 1
    seen, low, size = np.full(n, -1), np.zeros(n, np.int64), np.ones(n, np.int64)
    at, path, order = begin[:-1].copy(), np.empty(n, np.int64), np.empty(n, np.int64)
    by = np.full(n, -1)
    pieces, largest = np.zeros(n, np.int64), np.zeros(n, np.int64)
    bridge, clock = np.zeros(len(tie) // 2, np.bool_), 0
    for root in range(n):
        if seen[root] >= 0:
            continue
        started, deep = clock, 0
        path[0] = root
        while deep >= 0:
            v = path[deep]
            if seen[v] < 0:
                seen[v] = low[v] = clock
                order[clock] = v
                clock += 1
            if at[v] < begin[v + 1]:
                w, t = near[at[v]], tie[at[v]]
                at[v] += 1
                if seen[w] < 0:
                    by[w] = t
                    deep += 1
                    path[deep] = w
                elif t != by[v]:
                    low[v] = min(low[v], seen[w])
                continue
            deep -= 1
            if deep < 0:
                break
            above = path[deep]
            low[above] = min(low[above], low[v])
            size[above] += size[v]
            bridge[by[v]] = low[v] > seen[above]
            if low[v] >= seen[above]:
                pieces[above] += size[v]
                largest[above] = max(largest[above], size[v])
        for v in order[started:clock]:
            others = clock - started - 1
            # By the pieces below it; what is left is the piece above it.
            pieces[v] = others - max(largest[v], others - pieces[v])
    return pieces, bridge
