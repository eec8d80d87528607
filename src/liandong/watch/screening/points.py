"""What each part of two names is worth, in points of 100, and under which code it is told."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NEVER = -1_000
"""A view with this part at this level does not hold."""
MOST = 100


class Part(NamedTuple):
    """One part of a view: code and points of each of its levels; without points it is not told."""

    codes: tuple[str, ...]
    points: tuple[int, ...]


def _part(*levels: tuple[str, int]) -> Part:
    return Part(tuple(code for code, _ in levels), tuple(points for _, points in levels))


WHOLE = _part(
    ("watch.screening_whole", 95),
    ("watch.screening_whole_close", 85),
    ("watch.screening_whole_sound", 85),
    ("", NEVER),
)
SHORT = _part(
    ("", 0),
    ("watch.screening_short", -8),
    ("watch.screening_short", -10),
    ("watch.screening_short", -25),
)
"""Equal names of two characters, and names of less than five or brands of two that are not equal,
are shared by so many that they say less."""
FORM = _part(
    ("watch.screening_form", 5),
    ("watch.screening_form_close", 4),
    ("watch.screening_form_unknown", 3),
    ("", 0),
)
BRAND = _part(
    ("watch.screening_brand", 50),
    ("watch.screening_brand_close", 38),
    ("watch.screening_brand_sound", 40),
    ("", NEVER),
)
PLACE = _part(
    ("watch.screening_place", 20),
    ("", 0),
    ("watch.screening_place_unknown", 12),
    ("watch.screening_place_other", -10),
)
BUSINESS = _part(
    ("watch.screening_business", 25),
    ("", 0),
    ("watch.screening_business_unknown", 12),
    ("watch.screening_business_other", -10),
)
PINYIN = _part(
    ("watch.screening_pinyin", 92),
    ("watch.screening_pinyin_turned", 90),
    ("watch.screening_pinyin_no_place", 84),
    ("watch.screening_pinyin_brand", 50),
    ("", NEVER),
)
CODE_OTHER = _part(("", 0), ("watch.screening_code_other", -30))
WORDS = (
    "watch.screening_words",
    "watch.screening_near",
    "watch.screening_initial",
    "watch.screening_missing",
    "watch.screening_order",
    "watch.screening_short",
)
"""Codes of the columns of :func:`liandong.kernels.names.latin.word_shares`."""
CODE = "watch.screening_code"

EQUAL, NEAR, UNKNOWN, OTHER = range(4)
"""Levels of form, place and business."""


class View(NamedTuple):
    """One way to see pairs of names: the codes and points of what agrees, each a column.

    Attributes
    ----------
    parts
        The parts of a view made of levels.
    levels
        Level of each part, shape (pairs, parts).
    """

    parts: tuple[Part, ...]
    levels: Ints

    def totals(self) -> Ints:
        """Return the points of each pair; below 0 where the view does not hold."""
        columns = (np.array(p.points)[self.levels[:, i]] for i, p in enumerate(self.parts))
        return np.asarray(sum(columns, np.zeros(len(self.levels), np.int64)))

    def reasons(self, row: int) -> list[tuple[str, int]]:
        """Return codes and points of one pair."""
        told = zip(self.parts, self.levels[row].tolist(), strict=True)
        return [(p.codes[level], p.points[level]) for p, level in told if p.points[level]]


class WordView(NamedTuple):
    """Latin names: points of each column of ``WORDS``, shape (pairs, columns)."""

    points: Ints

    def totals(self) -> Ints:
        """Return the points of each pair."""
        return np.asarray(self.points.sum(axis=1))

    def reasons(self, row: int) -> list[tuple[str, int]]:
        """Return codes and points of one pair."""
        return [(c, p) for c, p in zip(WORDS, self.points[row].tolist(), strict=True) if p]
