"""Which products a project may have, by maps of bits: one row of bits a value, ANDed and read.

Every criterion is an axis. On each axis a value falls into one of a few slots, and each slot has a
map: a bit for each product, set where the product accepts what lies there. The products open to a
project are the AND of one map an axis.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]
Bits = NDArray[np.uint64]
Bool = NDArray[np.bool_]

LEAST, MOST = -(2**63), 2**63 - 1
"""Bounds that bound nothing."""
WORD = 64


class Axes(NamedTuple):
    """All axes of an index: bands first, then sets.

    Attributes
    ----------
    cuts, cut_at
        Where the slots of all bands begin, ascending; shape (bands + 1,), where those of each lie.
    maps
        Shape (rows, words), the maps of all axes.
    map_at
        Shape (axes,), the first row of each axis. Of a band that is the map of unknown values,
        and the slots follow; of a set it is the map of code 0.
    """

    cuts: Int
    cut_at: Int
    maps: Bits
    map_at: Int


def packed(alive: Bool) -> Bits:
    """Return rows of truth values as rows of words, shape (rows, words); the first bit is lowest.

    Examples
    --------
    >>> packed(np.array([[True, False, True]])).tolist()
    [[5]]
    """
    rows, products = alive.shape
    full = np.zeros((rows, -(-products // WORD) * WORD), bool)
    full[:, :products] = alive
    return np.packbits(full, axis=1, bitorder="little").view(np.dtype("<u8")).astype(np.uint64)


def build(low: Int, high: Int, sets: list[Bool]) -> Axes:
    """Build the maps of all axes.

    Parameters
    ----------
    low, high
        Shape (bands, products), inclusive; LEAST and MOST where open. A value that is not known
        is accepted where both are open.
    sets
        Of each set, shape (codes, products), whether a product accepts a code.

    Examples
    --------
    >>> axes = build(np.array([[10, LEAST]]), np.array([[MOST, 19]]), [])
    >>> axes.cuts.tolist(), axes.maps.ravel().tolist()
    ([10, 20], [0, 2, 3, 1])
    """
    cuts = [
        np.unique(np.concatenate([lo[lo > LEAST], hi[hi < MOST] + 1]))
        for lo, hi in zip(low, high, strict=True)
    ]
    maps = []
    for cut, lo, hi in zip(cuts, low, high, strict=True):
        begin = np.append(LEAST, cut)[:, None]
        unknown = (lo == LEAST) & (hi == MOST)
        maps.append(packed(np.vstack([unknown, (lo <= begin) & (begin <= hi)])))
    maps += [packed(alive) for alive in sets]
    rows = [len(m) for m in maps]
    return Axes(
        np.concatenate([*cuts, np.zeros(0, np.int64)]),
        np.append(0, np.cumsum([len(c) for c in cuts], dtype=np.int64)),
        np.ascontiguousarray(np.concatenate(maps)),
        np.cumsum([0, *rows[:-1]], dtype=np.int64),
    )


@njit(cache=True, nogil=True, inline="always")
def _ones(bits: Any) -> Any:  # noqa: ANN401 - words that numba types
    """Count the bits of a word, in pairs, fours, bytes and all at once."""
    pairs = np.uint64(0x5555555555555555)
    fours = np.uint64(0x3333333333333333)
    word = bits - ((bits >> np.uint64(1)) & pairs)
    word = (word & fours) + ((word >> np.uint64(2)) & fours)
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def locate(values: Int, known: Bool, codes: Int32, axes: Axes, out: Int32) -> None:
    """Write the row of the map of each project on each axis to ``out``.

    Parameters
    ----------
    values, known
        Shape (bands, n).
    codes
        Shape (sets, n).
    out
        Shape (n, axes).
    """
    bands, n = values.shape
    for a in range(bands):
        first, last, row = axes.cut_at[a], axes.cut_at[a + 1], axes.map_at[a]
        for i in range(n):
            if not known[a, i]:
                out[i, a] = row
                continue
            low, rest = first, last - first
            while rest > 0:
                half = rest >> 1
                if axes.cuts[low + half] <= values[a, i]:
                    low += half + 1
                    rest -= half + 1
                else:
                    rest = half
            out[i, a] = row + 1 + low - first
    for s in range(codes.shape[0]):
        row = axes.map_at[bands + s]
        for i in range(n):
            out[i, bands + s] = row + codes[s, i]


@njit(cache=True, nogil=True)
def _common(rows: Int32, maps: Bits, common: Bits) -> None:
    common[:] = maps[rows[0]]
    for a in range(1, len(rows)):
        row = rows[a]
        for w in range(len(common)):
            common[w] &= maps[row, w]


@njit(cache=True, nogil=True)
def count(rows: Int32, maps: Bits, out: Int) -> None:
    """Write the number of products open to each project to ``out``.

    Parameters
    ----------
    rows
        Shape (n, axes), as of :func:`locate`.
    maps
        As in :class:`Axes`.
    out
        Shape (n,).
    """
    common = np.empty(maps.shape[1], np.uint64)
    for i in range(len(rows)):
        _common(rows[i], maps, common)
        found = 0
        for w in range(len(common)):
            found += _ones(common[w])
        out[i] = found


@njit(cache=True, nogil=True)
def fill(rows: Int32, maps: Bits, start: Int, out: Int32) -> None:
    """Write the products open to each project, ascending, to ``out`` from ``start`` on.

    Parameters
    ----------
    rows, maps
        As for :func:`count`.
    start
        Shape (n,), where the products of each project begin in ``out``.
    out
        Shape (pairs,).
    """
    common = np.empty(maps.shape[1], np.uint64)
    for i in range(len(rows)):
        _common(rows[i], maps, common)
        at = start[i]
        for w in range(len(common)):
            word = common[w]
            while word:
                rest = word & (word - np.uint64(1))
                out[at] = w * 64 + _ones((word ^ rest) - np.uint64(1))
                at += 1
                word = rest
