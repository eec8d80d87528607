"""Shortest ways from every place to every other over a network of legs."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]

UNREACHED = 2**31 - 1
"""The distance to a place to which no way leads."""


@njit(cache=True, nogil=True)
def all_pairs(start: Int, head: Int, length: Int) -> NDArray[np.int32]:
    """Return the length of the shortest way between any two places.

    Parameters
    ----------
    start
        Shape (places + 1,): legs that leave place i are start[i] to start[i + 1].
    head, length
        Where each leg leads, and how long it is, from 0 up; no way as long as ``UNREACHED``.

    Returns
    -------
    numpy.ndarray
        Shape (places, places), from the row to the column.

    Notes
    -----
    Dijkstra (1959) from every place, with a binary heap of places by distance.
    """
    places = len(start) - 1
    out = np.full((places, places), UNREACHED, np.int32)
    heap, at = np.empty(places, np.int64), np.empty(places, np.int64)
    for source in range(places):
        row = out[source]
        row[source] = 0
        at[:] = -1
        heap[0], at[source], size = source, 0, 1
        while size:
            size -= 1
            u = heap[0]
            if size:
                _sink(heap, at, row, heap[size], size)
            for i in range(start[u], start[u + 1]):
                v, d = head[i], row[u] + length[i]
                if d < row[v]:
                    row[v] = d
                    if at[v] < 0:
                        at[v] = size
                        size += 1
                    _rise(heap, at, row, v)
    return out


@njit(cache=True, nogil=True)
def _rise(heap: Int, at: Int, row: NDArray[np.int32], v: int) -> None:
    """Put a place where it belongs, from its own position towards the top."""
    i = at[v]
    while i > 0 and row[heap[(i - 1) // 2]] > row[v]:
        heap[i] = heap[(i - 1) // 2]
        at[heap[i]] = i
        i = (i - 1) // 2
    heap[i], at[v] = v, i


@njit(cache=True, nogil=True)
def _sink(heap: Int, at: Int, row: NDArray[np.int32], v: int, size: int) -> None:
    """Put a place where it belongs, from the top downwards."""
    i = 0
    while 2 * i + 1 < size:
        child = 2 * i + 1
        if child + 1 < size and row[heap[child + 1]] < row[heap[child]]:
            child += 1
        if row[heap[child]] >= row[v]:
            break
        heap[i] = heap[child]
        at[heap[i]] = i
        i = child
    heap[i], at[v] = v, i
