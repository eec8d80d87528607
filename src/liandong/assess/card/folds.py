"""Parts of a sample for cross-validation, each with its share of either outcome."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


def parts(bad: Bool, folds: int, random: np.random.Generator) -> Int:
    """Return the part of each row, 0 to ``folds`` - 1, in equal shares of either outcome."""
    part = np.empty(len(bad), np.int64)
    for kind in (False, True):
        rows = np.flatnonzero(bad == kind)
        part[random.permutation(rows)] = np.arange(len(rows)) % folds
    return part
