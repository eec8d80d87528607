"""Coding a column once: its candidate cuts, the counts between them, and what each cell weighs.

Cells are in this order: one below or at each edge, one above the last edge, one for each special
code, and one for absent values. Values are placed a block at a time without branches: a few edges
are all compared, many are searched by halves.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Whole = NDArray[np.integer]
Few = NDArray[np.int32]

BLOCK = 512
"""Values placed together: what is kept of them stays in the nearest cache."""
COMPARED = 15
"""Up to so many edges, comparing with all is faster than a search."""
MOST_LEVELS, SLOTS = 4096, 16384
"""Most levels that ``encode`` tells apart, and slots of its table: a power of two."""


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
def _place(values: Float, edges: Float, above: int, specials: Float, cell: Int) -> None:
    """Write the cell of each value of a block; of the padded edges, ``above`` are real."""
    absent = above + 1 + len(specials)
    for i in range(len(values)):
        cell[i] = 0
    if len(edges) <= COMPARED:
        for e in edges[:above]:
            for i in range(len(values)):
                cell[i] += e < values[i]
    else:
        step = (len(edges) + 1) // 2
        while step:
            for i in range(len(values)):
                cell[i] += step * (edges[np.uint64(cell[i] + step - 1)] < values[i])
            step //= 2
    for i in range(len(values)):
        cell[i] += (absent - cell[i]) * (values[i] != values[i])
    for s in range(len(specials)):
        for i in range(len(values)):
            cell[i] += (above + 1 + s - cell[i]) * (values[i] == specials[s])


@njit(cache=True, nogil=True)
def count_cells(
    values: Float, bad: Bool, cohort: Int, weight: Int, edges: Float, above: int,
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
    cell = np.empty(BLOCK, np.int64)
    table = np.zeros((cohorts, above + 2 + len(specials), 2), np.int64)
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        _place(block, edges, above, specials, cell)
        for i in range(len(block)):
            r = start + i
            c = cohort[r] if len(cohort) else 0
            table[c, cell[i], np.int64(bad[r])] += weight[r] if len(weight) else 1
    return table.transpose(0, 2, 1).copy()


@njit(cache=True, nogil=True)
def weigh_cells(
    values: Float, edges: Float, above: int, specials: Float, woe: Float, out: NDArray[np.floating]
) -> int:
    """Write the weight of evidence of the cell of each value; return how many are infinite."""
    cell = np.empty(BLOCK, np.int64)
    infinite = 0
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK]
        to = out[start : start + BLOCK]
        _place(block, edges, above, specials, cell)
        for i in range(len(block)):
            infinite += (np.abs(block[i]) == np.inf) & (cell[i] <= above)
        for i in range(len(block)):
            to[i] = woe[np.uint64(cell[i])]
    return infinite


@njit(cache=True, nogil=True)
def count_levels(
    code: Whole, bad: Bool, cohort: Int, weight: Int, levels: int, cohorts: int
) -> Int:
    """Count non-events and events of each level, as ``count_cells``; code -1 is an absent one."""
    table = np.zeros((cohorts, levels + 1, 2), np.int64)
    for r in range(len(code)):
        c = cohort[r] if len(cohort) else 0
        at = code[r] if code[r] >= 0 else levels
        table[c, at, np.int64(bad[r])] += weight[r] if len(weight) else 1
    return table.transpose(0, 2, 1).copy()


@njit(cache=True, nogil=True)
def encode(
    data: Bytes, ends: Whole, known: Bytes, first: int, code: Few,
    row: Int,
) -> int:  # fmt: skip
    """Give each distinct text of a column a number, in order of appearance.

    Parameters
    ----------
    data, ends
        Bytes of all texts, and where each begins; the last ends at the last of ``ends``.
    known, first
        Bits that tell which texts are there (empty: all), and the place of the first row's.
    code
        Written to: the number of each row's text, -1 where absent.
    row
        Written to: a row that holds each text. Its length is the most texts that are told apart.

    Returns
    -------
    count
        Distinct texts; -1 if there are too many.
    """
    slots = np.full(SLOTS, -1, np.int32)
    count = 0
    for r in range(len(code)):
        bit = first + r
        if len(known) and not (known[bit >> 3] >> (bit & 7)) & 1:
            code[r] = -1
            continue
        at = _slot(data, ends[r], ends[r + 1])
        while slots[at] >= 0 and not _same(data, ends, r, row[slots[at]]):
            at = (at + 1) % SLOTS
        if slots[at] < 0:
            if count == len(row):
                return -1
            slots[at], row[count] = count, r
            count += 1
        code[r] = slots[at]
    return count


@njit(cache=True, nogil=True)
def _slot(data: Bytes, start: int, end: int) -> np.int64:
    """Return where to look for a text: the hash of Fowler, Noll and Vo."""
    found = np.uint64(14695981039346656037)
    for i in range(start, end):
        found = (found ^ np.uint64(data[i])) * np.uint64(1099511628211)
    return np.int64((found ^ (found >> np.uint64(32))) & np.uint64(SLOTS - 1))


@njit(cache=True, nogil=True)
def _same(data: Bytes, ends: Whole, one: int, other: int) -> bool:
    a, b = ends[one], ends[other]
    size = ends[one + 1] - a
    if ends[other + 1] - b != size:
        return False
    for i in range(size):  # noqa: SIM110 - numba knows no generators here
        if data[a + i] != data[b + i]:
            return False
    return True


@njit(cache=True, nogil=True)
def label(values: Float, bad: Bool, specials: Float, out: Float) -> int:
    """Write the values that are there, each with its outcome in its last bit; return how many.

    Sorted, they tell both. Values that differ in the last bit alone become one.

    Parameters
    ----------
    values, bad
        Row by row.
    specials
        Values to leave out.
    out
        Written to: one longer than the values.
    """
    bits = out.view(np.int64)
    n = 0
    for r in range(len(values)):
        out[n] = values[r] + 0.0  # no negative zero: it equals zero but has other bits
        bits[n] = (bits[n] & ~1) | np.int64(bad[r])
        n += values[r] == values[r]
        for s in specials:
            n -= values[r] == s
    return n


@njit(cache=True, nogil=True)
def running(bits: Int, rows: Few, bads: Few) -> int:
    """Write running counts of rows and events, from 0, at the borders of distinct values.

    Parameters
    ----------
    bits
        Sorted values with their outcomes, as ``label`` writes them.
    rows, bads
        Written to: longer than the values by one at least.

    Returns
    -------
    count
        How many were written: distinct values and one.
    """
    n = len(bits)
    rows[0] = bads[0] = at = events = 0
    for r in range(n):
        events += bits[r] & 1
        # A later row of the same value writes over this.
        rows[at + 1], bads[at + 1] = r + 1, events
        at += r + 1 == n or (bits[r] ^ bits[min(r + 1, n - 1)]) >> 1 != 0
    return at + 1


@njit(cache=True, nogil=True)
def turns(rows: Whole, bads: Whole, found: Few) -> int:
    """Write the borders, the first and last too, that do not lie amid rows of one class.

    No split amid rows of one class is better than both ends (Fayyad and Irani 1992): impurity is
    concave along them.

    Parameters
    ----------
    rows, bads
        Running counts at the borders of the distinct values, from 0.
    found
        Written to: as long as those.

    Returns
    -------
    count
        How many were written.

    Examples
    --------
    >>> found = np.empty(5, np.int32)
    >>> found[: turns(np.array([0, 1, 2, 3, 4]), np.array([0, 0, 0, 1, 2]), found)]
    array([0, 2, 4], dtype=int32)
    """
    found[0] = 0
    count = 1
    for c in range(1, len(rows) - 1):
        before, after = bads[c] - bads[c - 1], bads[c + 1] - bads[c]
        found[count] = c
        good = (before == 0) & (after == 0)
        bad = (before == rows[c] - rows[c - 1]) & (after == rows[c + 1] - rows[c])
        count += not (good | bad)
    if len(rows) > 1:
        found[count] = len(rows) - 1
        count += 1
    return count


@njit(cache=True, nogil=True)
def cart(rows: Whole, bads: Whole, some: Few, leaves: int, least: int) -> Int:
    """Return the borders of the leaves of a classification tree on one variable, in order.

    The tree is grown best first by the decrease of Gini impurity (Breiman et al. 1984).

    Parameters
    ----------
    rows, bads
        Running counts of rows and events at the borders of the distinct values, from 0.
    some
        The borders that may be best, as ``turns`` finds them.
    leaves
        Most leaves.
    least
        Fewest rows of a leaf.

    Examples
    --------
    >>> rows, bads = np.array([0, 4, 8, 12]), np.array([0, 1, 1, 4])
    >>> cart(rows, bads, np.arange(4, dtype=np.int32), 2, 1)
    array([2])
    """
    ends = np.zeros((leaves, 2), np.int64)
    ends[0, 1] = len(rows) - 1
    cut, gain = np.zeros(leaves, np.int64), np.full(leaves, -1.0)
    cut[0], gain[0] = _split(rows, bads, some, 0, len(rows) - 1, least)
    count = 1
    while count < leaves:
        leaf = np.argmax(gain[:count])
        if gain[leaf] < 0:
            break
        ends[count, 0], ends[count, 1], ends[leaf, 1] = cut[leaf], ends[leaf, 1], cut[leaf]
        count += 1
        for new in (leaf, count - 1):
            cut[new], gain[new] = _split(rows, bads, some, ends[new, 0], ends[new, 1], least)
    return np.sort(ends[:count, 0])[1:]


@njit(cache=True, nogil=True)
def _split(
    rows: Whole, bads: Whole, some: Few, low: int, high: int, least: int
) -> tuple[int, float]:  # fmt: skip
    """Return the best border between two others, and the decrease of impurity; -1 without one.

    Of the borders that leave enough rows, the first and the last are tried, and some between.
    """
    best, at = -1.0, 0
    n, events = rows[high] - rows[low], bads[high] - bads[low]
    # A leaf has a row at least.
    first = np.searchsorted(rows, rows[low] + max(1, least))
    last = np.searchsorted(rows, rows[high] - max(1, least), side="right") - 1
    if events in (0, n) or first > last:
        return at, best
    whole = _purity(n, events)
    a, b = np.searchsorted(some, first), np.searchsorted(some, last, side="right")
    for i in range(a - 1, b + 1):
        c = first if i < a else last if i == b else some[i]
        gain = (
            _purity(rows[c] - rows[low], bads[c] - bads[low])
            + _purity(rows[high] - rows[c], bads[high] - bads[c])
            - whole
        )
        if gain > best:
            best, at = gain, c
    return at, best


@njit(cache=True, nogil=True)
def _purity(rows: int, bads: int) -> float:
    n, b = float(rows), float(bads)
    return (b * b + (n - b) * (n - b)) / n
