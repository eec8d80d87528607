"""Bins of many columns on many resamples of the same rows: only counts change, codes stay."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.scores.binning import ASCENDING, DESCENDING, joined

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def bag_bins(
    cells: Int, width: Int, bad: Bool, draws: Int, up: Bool, down: Bool, most: int, min_rows: int
) -> tuple[Float, Float]:
    """Cut every column anew on every resample.

    Parameters
    ----------
    cells
        Shape (columns, rows): the prebin of each value; ``width`` of the column where absent, and
        one more where nobody may know: such rows teach the column nothing.
    width
        Prebins of each column.
    bad
        Outcome by row.
    draws
        Shape (resamples, rows): how often each row was drawn; both outcomes in each of them.
    up, down
        By column: whether the event rate may go up, or down.
    most, min_rows
        Most bins, and fewest rows of one; absent values in fewer rows say nothing.

    Returns
    -------
    woe, iv
        Shape (resamples, columns, cells): weights of evidence, by prebin, then of absent values,
        then 0; shape (resamples, columns): information value, 0 where no bins are allowed.
    """
    columns, bags = len(cells), len(draws)
    woe = np.zeros((bags, columns, width.max() + 2))
    iv = np.zeros((bags, columns))
    for b in range(bags):
        for c in range(columns):
            rows, bads = _counts(cells[c], bad, draws[b], width[c])
            iv[b, c] = _column(rows, bads, up[c], down[c], most, min_rows, woe[b, c])
    return woe, iv


@njit(cache=True, nogil=True)
def _counts(cell: Int, bad: Bool, draw: Int, width: int) -> tuple[Int, Int]:
    rows, bads = np.zeros(width + 1, np.int64), np.zeros(width + 1, np.int64)
    for r in range(len(cell)):
        if cell[r] <= width:
            rows[cell[r]] += draw[r]
            bads[cell[r]] += draw[r] * bad[r]
    return rows, bads


@njit(cache=True, nogil=True)
def _column(
    rows: Int, bads: Int, up: bool, down: bool, most: int, min_rows: int, woe: Float  # noqa: FBT001 - numba takes no keywords
) -> float:  # fmt: skip
    """Write the weights of evidence of one column; return its information value."""
    width = len(rows) - 1
    bad_all, all_rows = bads.sum(), rows.sum()
    if not 0 < bad_all < all_rows:
        return 0.0
    running = np.zeros((2, width + 1), np.int64)
    running[0, 1:], running[1, 1:] = np.cumsum(rows[:width]), np.cumsum(bads[:width])
    top, ends = 0.0, np.empty(0, np.int64)
    if 0 < running[1, width] < running[0, width]:
        for state in (ASCENDING, DESCENDING):
            if up if state == ASCENDING else down:
                states = np.zeros(5, np.bool_)
                states[state] = True
                found, cut = joined(
                    running[0], running[1], min(most, width), min_rows, states, np.array([state])
                )
                if found > top:
                    top, ends = found, cut
    starts = np.zeros_like(ends)
    starts[1:] = ends[:-1] + 1
    for i in range(len(ends)):
        of_bin = slice(starts[i], ends[i] + 1)
        b, n = bads[of_bin].sum(), rows[of_bin].sum()
        woe[of_bin] = _evidence(n - b, b, all_rows - bad_all, bad_all)
    if rows[width] >= max(1, min_rows):
        woe[width] = _evidence(rows[width] - bads[width], bads[width], all_rows - bad_all, bad_all)
    return top


@njit(cache=True, nogil=True)
def _evidence(good: int, bad: int, all_good: int, all_bad: int) -> float:
    """Return ln of a share of good over a share of bad; half a row is added where one lacks."""
    lacking = 0.5 if good == 0 or bad == 0 else 0.0
    return float(np.log((good + lacking) / all_good) - np.log((bad + lacking) / all_bad))
