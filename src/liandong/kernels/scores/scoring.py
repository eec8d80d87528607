"""Scoring many rows: where a value falls and what that is worth, in one pass.

The edges of all terms lie in one array, each padded with infinity to one less than a power of
two, so that a search takes no branches; the points of their cells lie in another.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

BLOCK = 1024
"""Rows at a time: their sums and cells stay in the cache nearest to the processor."""


FEW = 15
"""Up to so many edges are counted one by one; among more a value is searched."""


class Packed(NamedTuple):
    """A scorecard as flat arrays.

    Attributes
    ----------
    base
        Points that every row begins with.
    edges, edge_at
        Padded edges of all terms; shape (terms + 1,), where those of each begin.
    points, point_at
        Points of the cells of all terms: bins, absent, silent; and where those of each begin.
    pair_of, pair_points, pair_at
        Shape (pairs, 2): terms of each pair; the points of all pairs of cells, those of the
        second term fastest; and where those of each pair begin.
    """

    base: int
    edges: Float
    edge_at: Int
    points: Int
    point_at: Int
    pair_of: Int
    pair_points: Int
    pair_at: Int


@njit(cache=True, nogil=True)
def score_rows(values: Float, withheld: Bool, card: Packed, out: Int) -> None:
    """Write the points of each row to ``out``.

    Parameters
    ----------
    values
        Shape (rows, terms), in any layout; NaN where absent.
    withheld
        Shape (rows, terms), or empty: all are shared.
    card
        The scorecard.
    out
        Shape (rows,).
    """
    rows, terms = values.shape
    cells, x = np.empty((terms, BLOCK), np.int64), np.empty(BLOCK)
    for begin in range(0, rows, BLOCK):
        size = min(BLOCK, rows - begin)
        total = out[begin : begin + size]
        total[:] = card.base
        for t in range(terms):
            points = card.points[card.point_at[t] : card.point_at[t + 1]]
            absent = len(points) - 2
            for i in range(size):
                x[i] = values[begin + i, t]
            _place(x, card.edges[card.edge_at[t] : card.edge_at[t + 1]], absent - 1, cells[t])
            for i in range(size):
                if np.isnan(x[i]):
                    cells[t, i] = absent
                if withheld.size and withheld[begin + i, t]:
                    cells[t, i] = absent + 1
                total[i] += points[cells[t, i]]
        for p in range(len(card.pair_of)):
            a, b = card.pair_of[p]
            width = card.point_at[b + 1] - card.point_at[b]
            table = card.pair_points[card.pair_at[p] : card.pair_at[p + 1]]
            for i in range(size):
                total[i] += table[cells[a, i] * width + cells[b, i]]


@njit(cache=True, nogil=True)
def _place(x: Float, edges: Float, above: int, cell: Int) -> None:
    """Write the number of edges below each value to ``cell``."""
    if above <= FEW:
        # Counting them for all values at once is faster: processors compare several together.
        cell[:] = 0
        for k in range(above):
            for i in range(len(x)):
                cell[i] += edges[k] < x[i]
        return
    for i in range(len(x)):
        at, step = 0, (len(edges) + 1) // 2
        while step:
            at += step * (edges[at + step - 1] < x[i])
            step //= 2
        cell[i] = at
