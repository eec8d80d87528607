"""Texts as whole numbers, one by one or a column at a time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.kernels.streams.bound import WIDTH, bound
from liandong.kernels.streams.layout import ABSENT, Int
from liandong.kernels.streams.naming import (
    BYTES,
    META,
    NAMES,
    SLOT,
    move,
    number,
)  # fmt: skip
from liandong.schema.arrow import text_bytes

START = 1 << 10
PART = 1 << 16
"""Rows for which there is room at once: most of them have names known before."""


class Names:
    """Gives each text a number, in the order in which they come.

    Examples
    --------
    >>> names = Names()
    >>> names.column(pa.chunked_array([["b", "a", None, "b"]])).tolist()
    [0, 1, -1, 0]
    >>> len(names)
    2
    """

    def __init__(self) -> None:
        self._meta = np.zeros(META, np.int64)
        self._slots = _free(2 * START)
        self._pool = np.zeros(START, np.uint8)
        self.table = np.zeros((3, WIDTH), np.int64)
        """Where slots, bytes and meta are, always: kernels that take one event number its names."""
        self._bind()

    def __len__(self) -> int:
        return int(self._meta[NAMES])

    @property
    def size(self) -> int:
        """Bytes in use."""
        return self._slots.nbytes + int(self._meta[BYTES])

    def _bind(self) -> None:
        self.table[:] = bound(self._slots, self._pool, self._meta)

    def column(self, texts: pa.ChunkedArray) -> Int:
        """Return the numbers of a column of texts, ABSENT of nulls.

        It may be of dictionaries, as Parquet can give it: that is quicker.
        """
        if pa.types.is_dictionary(texts.type):
            coded = encoded(texts)
            names = self.column(pa.chunked_array([coded.dictionary]))
            # One more in the end, which the index -1 of a null finds.
            found: Int = np.append(names, ABSENT)[pc.fill_null(coded.indices, -1).to_numpy()]
            return found
        array = pa.chunked_array(texts.chunks, pa.string()).combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks)
        out = np.empty(len(array), np.int64)
        ends, data = text_bytes(array)
        there = np.ones(len(array), np.bool_)
        if array.null_count:
            there = array.is_valid().to_numpy(zero_copy_only=False)
        for a in range(0, len(array), PART):
            rows = slice(a, a + PART)
            size = int(ends[min(a + PART, len(array))] - ends[a])
            self.room(len(out[rows]), size)
            number(
                data, ends[a:], there[rows], self._slots, self._pool, self._meta, ABSENT, out[rows]
            )
        return out

    def room(self, names: int, size: int) -> None:
        """Make room for so many more names and their bytes."""
        names, size = int(self._meta[NAMES]) + names, int(self._meta[BYTES]) + size
        if size > len(self._pool):
            longer = np.zeros(max(2 * len(self._pool), size), np.uint8)
            longer[: len(self._pool)] = self._pool
            self._pool = longer
            self._bind()
        if 2 * names > len(self._slots):
            slots = _free(1 << (4 * names - 1).bit_length())
            move(self._slots, slots)
            self._slots = slots
            self._bind()


def _free(slots: int) -> Int:
    return np.zeros((slots, SLOT), np.int64)


def encoded(ids: pa.ChunkedArray) -> pa.DictionaryArray:
    """Return names as numbers into a list of them; names that came so are not looked at again."""
    if pa.types.is_dictionary(ids.type):
        # Many pieces share few lists, and only different lists have to be put together.
        alike: list[list[pa.DictionaryArray]] = []
        for piece in ids.chunks:
            if not alike or not alike[-1][0].dictionary.equals(piece.dictionary):
                alike.append([])
            alike[-1].append(piece)
        joined = [pa.concat_arrays(pieces) for pieces in alike]
        return pa.chunked_array(joined, ids.type).combine_chunks()
    return pa.chunked_array(ids.chunks, pa.string()).combine_chunks().dictionary_encode()
