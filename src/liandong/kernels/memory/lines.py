"""Arrays that begin where a line of memory does.

A processor fetches lines of 64 bytes. Rows of 32 bytes that begin anywhere lie in two lines every
second time, and to look at one is to wait twice.
"""

import numpy as np
from numpy.typing import NDArray

LINE = 64
"""Bytes that come from memory together."""


def zeros(rows: int, columns: int) -> NDArray[np.int64]:
    """Return zeros, shape (rows, columns), that begin where a line does.

    Memory that nothing is written to is not taken up yet.

    Examples
    --------
    >>> zeros(1000, 4).ctypes.data % LINE
    0
    """
    size = rows * columns * 8
    block = np.zeros(size + LINE, np.uint8)
    begin = -block.ctypes.data % LINE
    return block[begin : begin + size].view(np.int64).reshape(rows, columns)
