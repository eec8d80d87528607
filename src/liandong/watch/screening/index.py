"""An index of listed names: who on it has, or nearly has, a name or a code."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liandong.kernels.names.keys import looked_up
from liandong.types import PPM, credit_code_ok
from liandong.watch.screening.encoded import Codes, Keys
from liandong.watch.screening.judge import Asked, Listed, judged
from liandong.watch.screening.parts import mended, parts
from liandong.watch.screening.points import MOST
from liandong.watch.screening.sounds import Sounds

LEAST_HAN, LEAST_LETTERS = 3, 5
"""Chinese and other names with fewer characters are found only as they are, or by their sound."""
CROWD = 2_000
"""A part that more names share finds nobody; what else there is of the name does."""
WHOLE, BRAND, WORDS, SOUND, CODE = range(1, 6)
"""Kinds of keys."""


class Match(NamedTuple):
    """A listed name that a name may be.

    Attributes
    ----------
    row
        Its number on the list.
    score
        Likeness in ppm: the points of the reasons, of 100.
    reasons
        Codes and points.
    """

    row: int
    score: int
    reasons: list[tuple[str, int]]


class NameIndex:
    """Listed names, searched by code, name, brand, words and sound.

    Parameters
    ----------
    names
        Listed names, Chinese or other.
    codes
        Unified social credit codes, one a name; None, or a wrong check digit, says nothing.
    pinyin
        Whether Chinese names are compared by sound, and with names in Latin letters.

    Raises
    ------
    MissingExtraError
        If ``pinyin`` is wanted and pypinyin is not installed.

    Examples
    --------
    >>> index = NameIndex(["上海恒泰贸易有限公司", "John Smith"])
    >>> [(m.row, m.score) for m in index.find("上海恒太贸易有限公司")]
    [(0, 820000)]
    >>> index.find("Smith, John")[0].reasons
    [('watch.screening_words', 100), ('watch.screening_order', -2)]
    """

    def __init__(
        self, names: Sequence[str], codes: Sequence[str | None] = (), *, pinyin: bool = False
    ) -> None:
        self._sounds = Sounds() if pinyin else None
        given = [*codes, *[None] * (len(names) - len(codes))]
        self._listed = Listed.of([parts(n, self._sounds) for n in names], _valid(given))
        keys, rows = _keys(self._listed)
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], rows[order]

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(self._listed.codes)

    def find(
        self, name: str, code: str | None = None, *, most: int = 5, least: int = 0
    ) -> list[Match]:
        """Return the listed names that a name is most like, the likest first.

        Parameters
        ----------
        name
            The name; with nothing in it to compare, only the code counts.
        code
            A unified social credit code, if one is known.
        most
            Number of matches at most; equals in the order of the list.
        least
            Least score of a match, ppm.
        """
        readings = [(name, False), *([(m, True)] if (m := mended(name)) else [])]
        best: dict[int, Match] = {}
        for text, put_right in readings:
            name_alone = Listed.of([parts(text, self._sounds)], _valid([code]))
            asked = Asked(name_alone, put_right=put_right)
            for match in self._matches(asked, most, least):
                if match.row not in best or match.score > best[match.row].score:
                    best[match.row] = match
        return sorted(best.values(), key=lambda m: (-m.score, m.row))[:most]

    def _matches(self, asked: Asked, most: int, least: int) -> list[Match]:
        keys, _ = _keys(asked.name)
        rows = looked_up(self._keys, self._rows, keys, CROWD)
        if not len(rows):
            return []
        points, reasons = judged(asked, self._listed, rows)
        enough = np.flatnonzero((points > 0) & (points * (PPM // MOST) >= least))
        order = enough[np.argsort(-points[enough], kind="stable")][:most]
        return [
            Match(int(rows[i]), int(points[i]) * (PPM // MOST), reasons(i)) for i in order.tolist()
        ]


def _valid(codes: Sequence[str | None]) -> list[str]:
    """Return codes with a right check digit; others are empty."""
    return [c if c and credit_code_ok(c) else "" for c in codes]


def _keys(listed: Listed) -> tuple[Keys, Codes]:
    """Return all keys under which names are found, and the name of each."""
    found = [
        listed.whole.near(LEAST_HAN, WHOLE),
        listed.brand.near(LEAST_HAN, BRAND),
        listed.words.near(LEAST_LETTERS, WORDS),
        *(_plain(heard, SOUND) for heard in listed.sounds.T),
        _plain(listed.codes, CODE),
    ]
    return np.concatenate([k for k, _ in found]), np.concatenate([r for _, r in found])


def _plain(keys: Keys, salt: int) -> tuple[Keys, Codes]:
    rows = np.flatnonzero(keys)
    return keys[rows] ^ np.uint64(salt), rows.astype(np.int32)
