"""How far the words of two Latin names agree."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.names.alike import CLOSE, Codes, apart, jaro_winkler
from liandong.kernels.names.keys import Ints

SAME, NEAR, INITIAL, MISSING, ORDER, SHORT = range(6)
"""Columns: percent that equal words, near ones, initials and words of one side give; what another
order of the words and words too short to be near take."""

LEAST_NEAR = 4
"""Words with fewer letters are near to too many: being near gives them half."""
SIMILAR = 0.95
"""Words that are not one edit apart are near from this similarity on."""
HALF, OF_MISSING = 50, 40
"""Percent that an initial, and a word that one side leaves out, give for their letters."""
TURNED = 2
"""Points that another order of the words takes."""


@njit(cache=True, nogil=True)
def word_shares(
    name: tuple[Codes, Ints], codes: Codes, start: Ints, first: Ints, rows: Codes
) -> NDArray[np.int64]:
    """Compare the words of one name with those of others, each word with the one it fits best.

    Parameters
    ----------
    name
        Characters of the name's words end to end, and where each begins, with one more.
    codes, start, first
        The same of all names, and the first word of each name, with one more.
    rows
        Which names to compare with; shape (n,).

    Returns
    -------
    numpy.ndarray
        Points of 100, shape (n, 6): see the names of the columns.
    """
    found = np.zeros((len(rows), 6), np.int64)
    for i in range(len(rows)):
        a, b = first[rows[i]], first[rows[i] + 1]
        _compare(name[0], name[1], codes, start[a : b + 1], found[i])
    return found


@njit(cache=True, nogil=True)
def _fit(a: Codes, b: Codes) -> tuple[int, float]:
    """Return the column of two words and how much of their letters counts, 0 if they do not fit."""
    relation = apart(a, b)
    if relation == 0:
        return SAME, 1.0
    if min(len(a), len(b)) == 1:
        return INITIAL, HALF / 100 if a[0] == b[0] else 0.0
    alike = jaro_winkler(a, b)
    return NEAR, alike if relation == CLOSE or alike >= SIMILAR else 0.0


@njit(cache=True, nogil=True)
def _compare(mine: Codes, at: Ints, codes: Codes, start: Ints, out: Ints) -> None:
    m, n = len(at) - 1, len(start) - 1
    total = max(at[m] - at[0], start[n] - start[0])
    if m == 0 or n == 0 or total == 0:
        return
    used, taken = np.full(m, -1), np.zeros(n, np.bool_)
    shares = np.zeros(6)
    for wanted in (SAME, NEAR, INITIAL):
        _take(mine, at, codes, start, wanted, used, taken, shares)
    left = 0
    for i in range(m):
        left += at[i + 1] - at[i] if used[i] < 0 else 0
    right = 0
    for j in range(n):
        right += 0 if taken[j] else start[j + 1] - start[j]
    if min(left, right) == 0 and min(m, n) >= 2:
        shares[MISSING] = max(left, right) * OF_MISSING / 100
    for c in range(6):
        out[c] = round(shares[c] * 100 / total)
    turned = False
    for i in range(1, m):
        turned = turned or (used[i] >= 0 and used[i] < used[:i].max())
    out[ORDER] = -TURNED if turned else 0


@njit(cache=True, nogil=True)
def _take(
    mine: Codes, at: Ints, codes: Codes, start: Ints, wanted: int, used: Ints,
    taken: NDArray[np.bool_], shares: NDArray[np.float64],
) -> None:  # fmt: skip
    """Pair words that fit in one way, in order, each with the best that is left."""
    for i in range(len(used)):
        if used[i] >= 0:
            continue
        a = mine[at[i] : at[i + 1]]
        best, fit = -1, 0.0
        for j in range(len(taken)):
            if not taken[j]:
                column, much = _fit(a, codes[start[j] : start[j + 1]])
                if column == wanted and much > fit:
                    best, fit = j, much
        if best < 0:
            continue
        used[i], taken[best] = best, True
        letters = max(len(a), start[best + 1] - start[best])
        shares[wanted] += letters * fit
        if wanted == NEAR and letters < LEAST_NEAR:
            shares[SHORT] -= letters * fit / 2
