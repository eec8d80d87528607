"""Cycles as transfers come one by one: the least that has to be handed over for one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.graphs.cycles import feed
from liandong.kernels.graphs.meeting import Pad
from liandong.kernels.graphs.window import Window

Int = NDArray[np.int64]

SRC, DST, AMOUNT, AT, SEQ = range(5)
"""Rows of an array of transfers."""


@njit(cache=True, nogil=True)
def enter(  # noqa: PLR0913, PLR0917 - named ones take longer to hand over
    of: Int, entry: Int, used: Int,
    slot: Int, node: Int, near: Int, arrive: Int, front: Int, seen: Int, size: Int,
    moves: Int, i: int, src: int, dst: int, amount: int, at: int, seq: int,
    number: int, width: int, kept: int, legs: int, most: int,
) -> tuple[Int, int]:  # fmt: skip
    """Write a transfer as column ``i`` of ``moves``, add it, and list the circles that it closes.

    Parameters
    ----------
    of, entry, used
        The window, and
    slot, node, near, arrive, front, seen, size
        the pad, array by array: plain arrays are handed over in less time than named ones.
    moves
        Shape (5, room), see the rows above.
    number, width, kept, legs, most
        As :func:`~liandong.kernels.graphs.cycles.feed` gets them.

    Returns
    -------
    tuple
        As ``feed`` returns it.
    """
    moves[SRC, i], moves[DST, i], moves[AMOUNT, i] = src, dst, amount
    moves[AT, i], moves[SEQ, i] = at, seq
    rows = (moves[SRC][i : i + 1], moves[DST][i : i + 1], moves[AT][i : i + 1])
    window = Window(of, entry, used)
    pad = Pad(slot, node, near, arrive, front, seen, size)
    return feed(window, pad, rows, number, width, kept, legs, most)
