"""Arrays that begin where a line of memory does.

A processor fetches lines of 64 bytes. Rows of 32 bytes that begin anywhere lie in two lines every
second time, and to look at one is to wait twice.
"""

import numpy as np
from numpy.typing import NDArray

LINE = 64
"""Bytes that come from memory together."""
AHEAD, MOST_AHEAD = 8, 1 << 28
"""Memory is reserved for so many times the rows, but for so many bytes at most."""


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


def longer(rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return the same whole numbers with zeros behind them, ``size`` in all, shape (size,).

    They stay where they are if memory was reserved behind them; if not, they are copied to where
    some is, for the next time. That is for :func:`zeros` and what came of this.

    Examples
    --------
    >>> rows = longer(zeros(1, 4)[0], 100)
    >>> longer(rows, 200).ctypes.data == rows.ctypes.data
    True
    """
    block = rows.base
    if isinstance(block, np.ndarray):
        begin = rows.ctypes.data - block.ctypes.data
        if begin + 8 * size <= block.nbytes:
            found: NDArray[np.int64] = block[begin : begin + 8 * size].view(np.int64)
            return found
    reserved = min(AHEAD * size, size + MOST_AHEAD // 8)
    found = zeros(1, reserved)[0, :size]
    found[: len(rows)] = rows
    return found
