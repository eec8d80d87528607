"""Amounts in blocks of equal length: what is usual, by the median."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def median_of_last(values: Int, have: Int) -> Int:
    """Return the median of the last ``have`` values of each row, rounded down to a whole number.

    Parameters
    ----------
    values
        Shape (rows, blocks), oldest block first.
    have
        Shape (rows,), how many blocks count, from 0 to all.

    Returns
    -------
    numpy.ndarray
        Shape (rows,); 0 where no block counts.
    """
    rows, blocks = values.shape
    counts = np.arange(blocks) >= blocks - have[:, None]
    # Blocks that do not count sort to the end, where the median of the others never looks.
    ordered = np.sort(np.where(counts, values, np.iinfo(np.int64).max), axis=1)
    at = np.arange(rows)
    low = ordered[at, np.maximum(have - 1, 0) // 2]
    high = ordered[at, np.minimum(have // 2, blocks - 1)]
    # Half of each first: the sum of two large amounts could overflow.
    middle = low // 2 + high // 2 + (low % 2 + high % 2) // 2
    return np.where(have > 0, middle, 0)
