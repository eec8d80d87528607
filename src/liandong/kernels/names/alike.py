"""How alike two words are: one edit apart, and by Jaro and Winkler."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Codes = NDArray[np.int32]

EQUAL, CLOSE, OTHER = 0, 1, 2
"""How two words stand to each other: the same, one edit apart, or further."""

PREFIX, WEIGHT = 4, 0.1
"""Winkler: so many first characters count extra, so much each."""


@njit(cache=True, nogil=True)
def apart(a: Codes, b: Codes) -> int:
    """Tell whether two words are equal (0), one edit apart (1) or further (2).

    An edit changes, adds or drops one character, or swaps two neighbours (Damerau 1964).

    Parameters
    ----------
    a, b
        Characters, shapes (m,) and (n,).

    Examples
    --------
    >>> apart(np.array([1, 2, 3], np.int32), np.array([1, 3, 2], np.int32))
    1
    """
    if abs(len(a) - len(b)) > 1:
        return OTHER
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    at = 0
    while at < len(short) and short[at] == long[at]:
        at += 1
    if at == len(long):
        return EQUAL
    tail = 0
    while tail < len(short) - at and short[-1 - tail] == long[-1 - tail]:
        tail += 1
    left = len(long) - at - tail
    if left <= 1:
        return CLOSE
    same = len(short) == len(long)
    if same and left == 2 and short[at] == long[at + 1] and short[at + 1] == long[at]:
        return CLOSE
    return OTHER


@njit(cache=True, nogil=True)
def jaro_winkler(a: Codes, b: Codes) -> float:
    """Return the similarity of two words by Jaro, raised for a common beginning by Winkler.

    Parameters
    ----------
    a, b
        Characters, shapes (m,) and (n,).

    Returns
    -------
    float
        From 0, nothing in common, to 1, equal.

    Notes
    -----
    Jaro 1989; Winkler 1990, without a threshold below which beginnings do not count. Half the
    characters met out of order count against the words, rounded down as in his own program.

    Examples
    --------
    >>> words = (np.array([ord(c) for c in w], np.int32) for w in ("MARTHA", "MARHTA"))
    >>> round(jaro_winkler(*words), 3)
    0.961
    """
    if len(a) == 0 or len(b) == 0:
        return 1.0 if len(a) == len(b) else 0.0
    reach = max(max(len(a), len(b)) // 2 - 1, 0)
    taken = np.zeros(len(b), np.bool_)
    mine = np.empty(len(a), np.int32)
    met = 0
    for i in range(len(a)):
        for j in range(max(0, i - reach), min(len(b), i + reach + 1)):
            if not taken[j] and a[i] == b[j]:
                taken[j] = True
                mine[met] = a[i]
                met += 1
                break
    if met == 0:
        return 0.0
    crossed, at = 0, 0
    for j in range(len(b)):
        if taken[j]:
            crossed += mine[at] != b[j]
            at += 1
    jaro = (met / len(a) + met / len(b) + (met - crossed // 2) / met) / 3
    same = 0
    while same < min(PREFIX, len(a), len(b)) and a[same] == b[same]:
        same += 1
    return jaro + same * WEIGHT * (1 - jaro)


@njit(cache=True, nogil=True)
def relations(word: Codes, codes: Codes, start: NDArray[np.int64], rows: Codes) -> Codes:
    """Return how one word stands to each of some others, as :func:`apart` says it.

    Parameters
    ----------
    word
        Characters of the word.
    codes, start
        Characters of all words end to end, and where each begins; ``start`` has one more.
    rows
        Which of them; shape (n,).
    """
    found = np.empty(len(rows), np.int32)
    for i in range(len(rows)):
        r = rows[i]
        found[i] = apart(word, codes[start[r] : start[r + 1]])
    return found
