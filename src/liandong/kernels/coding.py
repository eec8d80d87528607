"""Coding a column once: its candidate cuts, the counts between them, and what each cell weighs.

Cells are in this order: one below or at each edge, one above the last edge, one for each special
code, and one for absent values. A cell is found by a binary search without branches.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]


def padded(edges: Float) -> Float:
    """Return edges filled up with infinity to one less than a power of two.

    Examples
    --------
    >>> padded(np.array([1.0, 5.0]))
    array([ 1.,  5., inf])
    """
    full = np.full(2 ** max(1, int(np.ceil(np.log2(len(edges) + 1)))) - 1, np.inf)
    full[: len(edges)] = edges
    return full


@njit(cache=True, nogil=True)
def _cell(x: float, edges: Float, above: int, specials: Float) -> int:
    """Return the cell of a value among padded edges, of which ``above`` are real."""
    for s in range(len(specials)):
        if x == specials[s]:
            return above + 1 + s
    if np.isnan(x):
        return above + 1 + len(specials)
    at, step = 0, (len(edges) + 1) // 2
    while step:
        at += step * (edges[at + step - 1] < x)
        step //= 2
    return at


@njit(cache=True, nogil=True)
def count_cells(
    values: Float, bad: NDArray[np.bool_], cohort: Int, weight: Int, edges: Float, above: int,
    specials: Float, cohorts: int,
) -> Int:  # fmt: skip
    """Count non-events and events in each cell.

    Parameters
    ----------
    values, bad
        Row by row.
    cohort, weight
        Row by row, or empty: all in cohort 0, all of weight 1.
    edges, above
        Padded edges, and how many of them are real.
    specials
        Special codes.
    cohorts
        How many there are.

    Returns
    -------
    table
        Shape (cohorts, 2, cells).
    """
    table = np.zeros((cohorts, above + 2 + len(specials), 2), np.int64)
    for r in range(len(values)):
        c = cohort[r] if len(cohort) else 0
        w = weight[r] if len(weight) else 1
        table[c, _cell(values[r], edges, above, specials), np.int64(bad[r])] += w
    return table.transpose(0, 2, 1).copy()


@njit(cache=True, nogil=True)
def weigh_cells(
    values: Float, edges: Float, above: int, specials: Float, woe: Float, out: NDArray[np.floating]
) -> None:
    """Write the weight of evidence of the cell of each value to ``out``."""
    for r in range(len(values)):
        out[r] = woe[_cell(values[r], edges, above, specials)]


@njit(cache=True, nogil=True)
def cart(rows: Int, bads: Int, leaves: int, least: int) -> Int:
    """Return the borders of the leaves of a classification tree on one variable, in order.

    The tree is grown best first by the decrease of Gini impurity (Breiman et al. 1984).

    Parameters
    ----------
    rows, bads
        Running counts of rows and events at the borders of the distinct values, from 0.
    leaves
        Most leaves.
    least
        Fewest rows of a leaf.

    Examples
    --------
    >>> cart(np.array([0, 4, 8, 12]), np.array([0, 1, 1, 4]), 2, 1)
    array([2])
    """
    ends = np.zeros((leaves, 2), np.int64)
    ends[0, 1] = len(rows) - 1
    cut, gain = np.zeros(leaves, np.int64), np.full(leaves, -1.0)
    cut[0], gain[0] = _split(rows, bads, 0, len(rows) - 1, least)
    count = 1
    while count < leaves:
        leaf = np.argmax(gain[:count])
        if gain[leaf] < 0:
            break
        ends[count, 0], ends[count, 1], ends[leaf, 1] = cut[leaf], ends[leaf, 1], cut[leaf]
        count += 1
        for new in (leaf, count - 1):
            cut[new], gain[new] = _split(rows, bads, ends[new, 0], ends[new, 1], least)
    return np.sort(ends[:count, 0])[1:]


@njit(cache=True, nogil=True)
def _split(rows: Int, bads: Int, low: int, high: int, least: int) -> tuple[int, float]:
    """Return the best border between two others, and the decrease of impurity; -1 without one."""
    whole = _purity(rows, bads, low, high)
    best, at = -1.0, 0
    pure = bads[high] == bads[low] or bads[high] - bads[low] == rows[high] - rows[low]
    for c in range(low + 1, 0 if pure else high):
        if rows[c] - rows[low] >= least and rows[high] - rows[c] >= least:
            gain = _purity(rows, bads, low, c) + _purity(rows, bads, c, high) - whole
            if gain > best:
                best, at = gain, c
    return at, best


@njit(cache=True, nogil=True)
def _purity(rows: Int, bads: Int, low: int, high: int) -> float:
    n, b = float(rows[high] - rows[low]), float(bads[high] - bads[low])
    return (b * b + (n - b) * (n - b)) / n
