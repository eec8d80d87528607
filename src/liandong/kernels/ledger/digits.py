"""Numbers as digits with zeros ahead, page by page: what a database reads without any parsing."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

ZERO, COMMA = ord("0"), ord(",")


@njit(cache=True)
def digits(pages: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Return the numbers of pages as text, each number ``width`` long, each page ended by a comma.

    Parameters
    ----------
    pages
        Of shape ``(pages, numbers)``, none below 0.

    Returns
    -------
    ndarray
        Of shape ``(pages, numbers * width + 1)``: codes of ASCII.
    """
    rows, numbers = pages.shape
    found = np.full((rows, numbers * width + 1), ZERO, np.uint8)
    for row in range(rows):
        for k in range(numbers):
            left, at = pages[row, k], (k + 1) * width
            while left > 0:
                at -= 1
                found[row, at] += left % 10
                left //= 10
        found[row, -1] = COMMA
    return found
