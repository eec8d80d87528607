"""Candidate cuts of a numeric column: its distinct values in order, and which to cut between."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.coding import cart, label, running

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

LEAVES = 20
"""Most leaves of the tree whose edges are always among the candidates."""
LEAF = 20
"""A leaf has at least one in so many of all rows, absent values and special codes included."""


class Ladder(NamedTuple):
    """The distinct values of a column, ascending, and what lies below each.

    Values that differ in the last bit of 64 alone count as one.

    Attributes
    ----------
    values
        Sorted, absent values and special codes left out.
    ends
        How many of them lie at or below each distinct one, from 0.
    rows, bads
        Running counts there, from 0: rows that they stand for, and events among them.
    """

    values: Float
    ends: NDArray[np.integer]
    rows: NDArray[np.integer]
    bads: NDArray[np.integer]

    def cuts(self, prebins: int, least: int) -> Int:
        """Return the candidate cuts: how many distinct values lie below each.

        All are candidates if there are no more distinct values than ``prebins``; else so many
        quantiles and the leaves of a tree, of ``least`` rows each. With those among them, optimal
        bins are never worse than the best that can be made from the tree's.
        """
        last = len(self.rows) - 1
        if last <= prebins:
            return np.arange(1, max(1, last))
        rank = np.arange(1, prebins) * int(self.rows[-1]) // prebins
        rank = rank.astype(self.rows.dtype)  # else all rows would be cast
        quantiles = np.searchsorted(self.rows[1:], rank, side="right") + 1
        tree = cart(self.rows, self.bads, LEAVES, least)
        return np.unique(np.append(np.minimum(quantiles, last - 1), tree))

    def edges(self, cuts: Int) -> Float:
        """Return a short number at or above the values below each cut, and below the others."""
        at = self.ends[cuts]
        bits = np.stack([self.values[at - 1], self.values[at]]).view(np.int64)
        both = np.stack([bits | 1, bits & ~1]).view(np.float64)
        lows, highs = both[:, 0].max(axis=0), both[:, 1].min(axis=0)
        return np.array([between(a, b) for a, b in zip(lows, highs, strict=True)], np.float64)


def ladder(values: Float, bad: Bool, weight: Int, specials: Float) -> Ladder:
    """Sort a column. In whatever order its rows come, the result is the same.

    Parameters
    ----------
    values, bad, weight
        Values (NaN where absent), outcomes, and rows that each stands for (empty: one).
    specials
        Values to leave out.
    """
    if not len(weight):
        v = np.empty(len(values) + 1)
        v = v[: label(values, bad, specials, v)]
        v.sort()
        rows, bads = running(v.view(np.int64))
        return Ladder(v, rows, rows, bads)
    here = ~(np.isnan(values) | np.isin(values, specials))
    v, b, w = values[here] + 0.0, bad[here], weight[here]
    order = np.argsort(v)  # rows of equal values are counted together: any order will do
    v, b, w = v[order], b[order], w[order]
    bits = v.view(np.int64) >> 1
    tops = np.append(bits[1:] != bits[:-1], [True])[: len(v)]
    ends = np.append(0, np.flatnonzero(tops) + 1)
    rows, bads = (np.append(0, np.cumsum(c))[ends] for c in (w, w * b))
    return Ladder(v, ends, rows, bads)


def between(low: float, high: float) -> float:
    """Return the shortest decimal x with low <= x < high that lies about halfway."""
    for digits in range(1, 18):
        x = float(f"{low / 2 + high / 2:.{digits}g}")
        if low <= x < high:
            return x
    return float(low)
