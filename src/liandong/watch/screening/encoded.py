"""Texts as arrays of characters, end to end."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.names.alike import CLOSE, apart
from liandong.kernels.names.keys import name_keys, word_keys

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]


class Texts(NamedTuple):
    """Texts: their characters end to end, and where each begins, with one more at the end."""

    codes: Codes
    start: Ints

    def keys(self) -> Keys:
        """Return one key a text; an empty one has 0."""
        return word_keys(self.codes, self.start)

    def near(self, least: int, salt: int) -> tuple[Keys, Codes]:
        """Return keys that texts one edit apart share, and the text of each."""
        return name_keys(self.codes, self.start, np.arange(len(self.start)), least, salt)

    def one(self, row: int) -> Codes:
        """Return the characters of one text."""
        return self.codes[self.start[row] : self.start[row + 1]]


class Words(NamedTuple):
    """Names of several words: all words, and the first of each name, with one more at the end."""

    texts: Texts
    first: Ints

    def near(self, least: int, salt: int) -> tuple[Keys, Codes]:
        """Return keys that names one edit apart share, and the name of each."""
        return name_keys(*self.texts, self.first, least, salt)


def texts(given: Sequence[str]) -> Texts:
    """Put texts end to end.

    Examples
    --------
    >>> texts(["AB", "", "C"]).start.tolist()
    [0, 2, 2, 3]
    """
    body = "".join(given).encode("utf-32-le", "surrogatepass")
    return Texts(np.frombuffer(body, np.int32), _ends(map(len, given), len(given)))


def words(given: Sequence[tuple[str, ...]]) -> Words:
    """Put the words of names end to end."""
    every = list(chain.from_iterable(given))
    return Words(texts(every), _ends(map(len, given), len(given)))


def _ends(lengths: Iterable[int], count: int) -> Ints:
    ends = np.zeros(count + 1, np.int64)
    np.cumsum(np.fromiter(lengths, np.int64, count), out=ends[1:])
    return ends


def one_apart(a: str, b: str) -> bool:
    """Tell whether two texts are one edit apart.

    Examples
    --------
    >>> one_apart("有线公司", "有限公司"), one_apart("有限公司", "有限公司")
    (True, False)
    """
    return bool(apart(texts([a]).codes, texts([b]).codes) == CLOSE)
