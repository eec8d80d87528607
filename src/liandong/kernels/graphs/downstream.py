"""How far goods still go, and how much hangs below: over a network whose circles count as one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.strong import grouped

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def downstream(first: Int, to: Int, label: Int, weight: Int) -> tuple[Int, Int]:
    """Return the layer of each node, and the weight of what may be reached from it at most.

    Layer 1 sells to nobody; each other is one above the highest it sells to. Members of a circle
    are in one layer, and each of them reaches all of it.

    Parameters
    ----------
    first, to, label
        Arrows and components as for, and from,
        :func:`liandong.kernels.graphs.strong.strong_components`.
    weight
        Shape (nodes,), from 0 up.

    Returns
    -------
    layer
        From 1 up.
    most
        An upper bound of the weight that is reached, its own left out: what is reached by several
        ways counts several times, and no sum is above 2^62.

    Examples
    --------
    >>> downstream(np.array([0, 1, 1]), np.array([1]), np.array([1, 0]), np.array([3, 4]))
    (array([2, 1]), array([4, 0]))
    """
    n = len(label)
    count = label.max() + 1 if n else 0
    begin, member = grouped(label, count)
    layer, most = np.ones(count, np.int64), np.zeros(count, np.int64)
    for c in range(count):
        for v in member[begin[c] : begin[c + 1]]:
            most[c] = min(most[c] + weight[v], 1 << 62)
            for w in to[first[v] : first[v + 1]]:
                d = label[w]
                if d != c:
                    layer[c] = max(layer[c], layer[d] + 1)
                    most[c] = min(most[c] + most[d], 1 << 62)
    return layer[label], most[label] - weight
