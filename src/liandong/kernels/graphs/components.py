"""Connected components of pairs: who belongs together when every pair does."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def components(one: Int, other: Int, count: int) -> Int:
    """Return the least member of the component of each of ``count`` things.

    Union of sets by the lesser root, with halved paths (Tarjan and van Leeuwen 1984).

    Parameters
    ----------
    one, other
        The two ends of each pair, each 0..count-1; in any order, and repeated as often as you like.
    count
        How many things there are; those in no pair are on their own.

    Examples
    --------
    >>> components(np.array([4, 1]), np.array([3, 4]), 5)
    array([0, 1, 2, 1, 1])
    """
    root = np.arange(count)
    for i in range(len(one)):
        a, b = one[i], other[i]
        while root[a] != a:
            root[a] = root[root[a]]
            a = root[a]
        while root[b] != b:
            root[b] = root[root[b]]
            b = root[b]
        if a < b:
            root[b] = a
        else:
            root[a] = b
    for i in range(count):
        root[i] = root[root[i]]  # roots are lesser than what they are roots of, so already settled
    return root
