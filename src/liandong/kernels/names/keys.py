"""Keys under which names are found again although they differ in one character.

Two names that are one edit apart share a key: the name itself, or the name without one character
(deletion neighbourhoods, as in Mor and Fraenkel 1982). A name's key is the sum of those of its
words, so that their order does not matter.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.names.alike import Codes

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

_BASE = np.uint64(0x9E3779B97F4A7C15)
_ONE, _TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_HALF, _THIRD = np.uint64(31), np.uint64(27)
_NONE = np.uint64(0)


@njit(cache=True, nogil=True)
def _mixed(x: np.uint64) -> np.uint64:
    """Spread the bits of a number (the finish of splitmix64, Steele and others 2014)."""
    x = (x ^ (x >> _HALF)) * _ONE
    x = (x ^ (x >> _THIRD)) * _TWO
    return x ^ (x >> _HALF)


@njit(cache=True, nogil=True)
def _word(codes: Codes) -> np.uint64:
    """Return the key of a word; an empty one has 0."""
    found = _NONE
    for c in codes:
        found = found * _BASE + np.uint64(c)
    return _mixed(found) if len(codes) else _NONE


@njit(cache=True, nogil=True)
def word_keys(codes: Codes, start: Ints) -> Keys:
    """Return a key for each word; an empty word has 0.

    Parameters
    ----------
    codes, start
        Characters of all words end to end, and where each begins; ``start`` has one more.
    """
    found = np.empty(len(start) - 1, np.uint64)
    for i in range(len(found)):
        found[i] = _word(codes[start[i] : start[i + 1]])
    return found


@njit(cache=True, nogil=True)
def _shorter(codes: Codes, rest: np.uint64, out: Keys, at: int) -> int:
    """Write the keys of a word with one character less, each with ``rest`` added."""
    after, power = _NONE, np.uint64(1)
    before = _NONE
    for c in codes:
        before = before * _BASE + np.uint64(c)
        power = power * _BASE
    # ``before`` and ``power`` lose their last character step by step, as ``after`` gains it.
    scale = np.uint64(1)
    inverse = _inverse()
    for i in range(len(codes) - 1, -1, -1):
        c = np.uint64(codes[i])
        before = (before - c) * inverse
        whole = before * scale + after
        out[at] = rest + (_mixed(whole) if len(codes) > 1 else _NONE)
        at += 1
        after = after + c * scale
        scale = scale * _BASE
    return at


@njit(cache=True, nogil=True)
def _inverse() -> np.uint64:
    """Return what undoes a multiplication by the base modulo 2^64 (Newton's iteration)."""
    x = _BASE
    for _ in range(6):
        x = x * (np.uint64(2) - _BASE * x)
    return x


@njit(cache=True, nogil=True)
def _room(codes: Codes, words: int, least: int) -> int:
    return 1 + (len(codes) if len(codes) >= least else 0) + 2 * words


@njit(cache=True, nogil=True)
def name_keys(codes: Codes, start: Ints, first: Ints, least: int, salt: int) -> tuple[Keys, Codes]:
    """Return all keys of names: whole, without one character, and with words left out.

    Parameters
    ----------
    codes, start
        Characters of all words end to end, and where each begins; ``start`` has one more.
    first
        First word of each name; one more at the end. Names without words have no keys.
    least
        Names with fewer characters have no key without one of them: they are too short for that.
    salt
        Keys of different salts do not meet.

    Returns
    -------
    tuple
        Keys, and the name of each. Names of two words or more also have keys with one word by its
        first character; of three or more, without one word.
    """
    room = 0
    for n in range(len(first) - 1):
        a, b = first[n], first[n + 1]
        room += _room(codes[start[a] : start[b]], b - a, least)
    keys, rows = np.empty(room, np.uint64), np.empty(room, np.int32)
    at = 0
    for n in range(len(first) - 1):
        a, b = first[n], first[n + 1]
        if start[a] == start[b]:
            continue
        begun = at
        at = _one_name(codes, start[a : b + 1], least, keys, at)
        rows[begun:at] = n
    for i in range(at):
        keys[i] = _mixed(keys[i] ^ np.uint64(salt))
    return keys[:at], rows[:at]


@njit(cache=True, nogil=True)
def _one_name(codes: Codes, start: Ints, least: int, keys: Keys, at: int) -> int:
    words = len(start) - 1
    whole = _NONE
    for w in range(words):
        whole += _word(codes[start[w] : start[w + 1]])
    keys[at] = whole
    at += 1
    for w in range(words):
        word = codes[start[w] : start[w + 1]]
        rest = whole - _word(word)
        if start[words] - start[0] >= least:
            at = _shorter(word, rest, keys, at)
        if words >= 2 and len(word) >= 2:
            keys[at] = rest + _word(word[:1])
            at += 1
        if words >= 3:
            keys[at] = rest
            at += 1
    return at


@njit(cache=True, nogil=True)
def looked_up(keys: Keys, rows: Codes, asked: Keys, most: int) -> Codes:
    """Return the rows under some keys, in order and each once.

    Parameters
    ----------
    keys, rows
        Keys in order, and the row of each.
    asked
        Keys to look up.
    most
        A key that more rows share is passed over: it tells too little.
    """
    low, high = np.searchsorted(keys, asked), np.searchsorted(keys, asked, side="right")
    total = 0
    for i in range(len(asked)):
        if high[i] - low[i] <= most:
            total += high[i] - low[i]
    found = np.empty(total, np.int32)
    at = 0
    for i in range(len(asked)):
        if high[i] - low[i] <= most:
            found[at : at + high[i] - low[i]] = rows[low[i] : high[i]]
            at += high[i] - low[i]
    return np.unique(found)
