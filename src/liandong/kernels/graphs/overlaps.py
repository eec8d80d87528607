"""Which of several holdings of one thing overlap in time."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]


@njit(cache=True, nogil=True)
def earliest_overlap(thing: Int, begin: Int, end: Int, same: Int, place: Int, version: Int) -> Int:
    """Return for each holding the first earlier one of the same thing that has not ended by then.

    Parameters
    ----------
    thing
        What is held; holdings are sorted by it and then by ``begin``.
    begin, end
        First day, and the first day after the last.
    same, place
        Holdings of the same number in different places are one holding told twice, and do not
        count as two.
    version
        Holdings of the same version of a thing do not count as two; -1 counts with all.

    Returns
    -------
    numpy.ndarray
        Number of the earlier holding, -1 where there is none.

    Examples
    --------
    >>> one, day, last = np.zeros(3, np.int64), np.array([0, 1, 5]), np.array([4, 9, 9])
    >>> earliest_overlap(one, day, last, np.arange(3), one, one - 1)
    array([-1,  0,  1])
    """
    out = np.full(len(thing), -1)
    first = 0
    for j in range(len(thing)):
        if thing[j] != thing[first]:
            first = j
        for i in range(first, j):
            told_twice = same[i] == same[j] and place[i] != place[j]
            alike = version[i] == version[j] and version[j] >= 0
            if end[i] > begin[j] and not told_twice and not alike:
                out[j] = i
                break
    return out
