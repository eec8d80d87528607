"""Candidate cuts of a numeric column: its distinct values in order, and which to cut between."""

from mmap import mmap
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.scores.coding import cart, label, running, turns

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Whole = NDArray[np.integer]
Few = NDArray[np.int32]
Bool = NDArray[np.bool_]

LEAVES = 20
"""Most leaves of the tree whose edges are always among the candidates."""
LEAF = 20
"""A leaf has at least one in so many of all rows, absent values and special codes included."""


class Scratch:
    """Room to sort a column in, used again for the next: fresh memory is slow.

    A mapping of its own is given back when it is done with; other memory may stay with the process.

    Parameters
    ----------
    rows
        Most rows of a column.
    """

    def __init__(self, rows: int) -> None:
        room = np.frombuffer(mmap(-1, 24 * (rows + 2)), np.int64).reshape(3, -1)
        self.values = room[0].view(np.float64)
        self.rows, self.bads, self.some, _ = room[1:].view(np.int32).reshape(4, -1)


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
    some
        Places of which one is the best to split at.
    """

    values: Float
    ends: Whole
    rows: Whole
    bads: Whole
    some: Few

    def edges(self, cuts: Int) -> Float:
        """Return for each cut a short number at or above the values below it, below the others."""
        at = self.ends[cuts]
        bits = np.stack([self.values[at - 1], self.values[at]]).view(np.int64)
        both = np.stack([bits | 1, bits & ~1]).view(np.float64)
        lows, highs = both[:, 0].max(axis=0), both[:, 1].min(axis=0)
        return np.array([between(a, b) for a, b in zip(lows, highs, strict=True)], np.float64)


def rungs(rows: Whole, bads: Whole, some: Few, prebins: int, all_rows: int) -> Int:
    """Return the candidate cuts: how many of the values (or levels) in order lie below each.

    All are candidates if there are no more values than ``prebins``; else so many quantiles and the
    leaves of a tree. With those among them, optimal bins are never worse than the best that can be
    made from the tree's.

    Parameters
    ----------
    rows, bads
        Running counts of rows and events at each value, from 0.
    some
        Places that the tree may split at.
    prebins
        Quantiles among the candidates.
    all_rows
        Rows with absent values and special codes.
    """
    last = len(rows) - 1
    if last <= prebins:
        return np.arange(1, max(1, last))
    rank = np.arange(1, prebins) * int(rows[-1]) // prebins
    # Of the type of the rows: else all of them would be cast.
    quantiles = np.searchsorted(rows[1:], rank.astype(rows.dtype), side="right") + 1
    tree = cart(rows, bads, some, LEAVES, -(-all_rows // LEAF))
    return np.unique(np.append(np.minimum(quantiles, last - 1), tree))


def ladder(
    values: Float, bad: Bool, weight: Int, specials: Float, scratch: Scratch | None = None
) -> Ladder:
    """Sort a column. In whatever order its rows come, the result is the same.

    Parameters
    ----------
    values, bad, weight
        Values (NaN where absent), outcomes, and rows that each stands for (empty: one).
    specials
        Values to leave out.
    scratch
        Where the result is to lie.
    """
    if not len(weight):
        to = scratch or Scratch(len(values))
        v = to.values[: label(values, bad, specials, to.values)]
        v.sort()
        count = running(v.view(np.int64), to.rows, to.bads)
        rows, bads = to.rows[:count], to.bads[:count]
        return Ladder(v, rows, rows, bads, to.some[: turns(rows, bads, to.some)])
    here = ~(np.isnan(values) | np.isin(values, specials))
    v, b, w = values[here] + 0.0, bad[here], weight[here]
    order = np.argsort(v)  # rows of equal values are counted together: any order will do
    v, b, w = v[order], b[order], w[order]
    bits = v.view(np.int64) >> 1
    tops = np.append(bits[1:] != bits[:-1], [True])[: len(v)]
    ends = np.append(0, np.flatnonzero(tops) + 1)
    heavy, events = (np.append(0, np.cumsum(c))[ends] for c in (w, w * b))
    return Ladder(v, ends, heavy, events, np.arange(len(ends), dtype=np.int32))


def between(low: float, high: float) -> float:
    """Return the shortest decimal x with low <= x < high that lies about halfway."""
    for digits in range(1, 18):
        x = float(f"{low / 2 + high / 2:.{digits}g}")
        if low <= x < high:
            return x
    return float(low)
