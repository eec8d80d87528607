"""How like two names are: several views, of which the one that says most is told."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.names.alike import CLOSE, relations
from liandong.kernels.names.alike import OTHER as FAR
from liandong.kernels.names.latin import word_shares
from liandong.watch.screening import points as worth
from liandong.watch.screening.encoded import Codes, Keys, Texts, Words, texts, words
from liandong.watch.screening.parts import Parts
from liandong.watch.screening.points import EQUAL, NEAR, OTHER, UNKNOWN, Ints, View, WordView

Reasons = Callable[[int], list[tuple[str, int]]]

FEW = 5
"""A Chinese name of fewer characters, legal form left out, is short."""
BRIEF = 2
"""A brand, or a whole name, of so many characters is very short."""
SOUND, ELSE = 2, 3
"""Levels beyond equal and close: the same sound, or nothing."""


class Listed(NamedTuple):
    """Names as arrays; texts that are only held equal are kept as keys, 0 if they are empty."""

    whole: Texts
    brand: Texts
    words: Words
    place: Keys
    business: Keys
    form: Keys
    sounds: Keys
    codes: Keys

    @classmethod
    def of(cls, read: Sequence[Parts], codes: Sequence[str]) -> Self:
        """Make them of names that have been read."""

        def keys(field: str) -> Keys:
            return texts([getattr(p, field) for p in read]).keys()

        heard = [texts([p.sounds[i] for p in read]).keys() for i in range(4)]
        return cls(
            texts([p.whole for p in read]), texts([p.brand for p in read]),
            words([p.words for p in read]), keys("place"), keys("business"), keys("form"),
            np.column_stack(heard), texts(codes).keys(),
        )  # fmt: skip


class Asked(NamedTuple):
    """The one name that is looked for, and whether its legal form had to be put right."""

    name: Listed
    put_right: bool


class _Pairs(NamedTuple):
    """The name asked for beside each of the listed names that are looked at."""

    asked: Asked
    listed: Listed
    rows: Codes

    def texts(self, field: str) -> tuple[Codes, Ints]:
        """Return how a text stands to those listed, and the length of the shorter of each two."""
        mine: Texts = getattr(self.asked.name, field)
        others: Texts = getattr(self.listed, field)
        found = relations(mine.one(0), others.codes, others.start, self.rows)
        long = others.start[self.rows + 1] - others.start[self.rows]
        found[(found == FAR) | (long * len(mine.codes) == 0)] = ELSE
        return found, np.minimum(long, len(mine.codes))

    def levels(self, field: str) -> Ints:
        """Return whether a part that is only held equal is equal, unknown, or other."""
        mine, others = getattr(self.asked.name, field)[0], getattr(self.listed, field)[self.rows]
        known = np.where(mine == others, EQUAL, OTHER)
        return np.where((mine == 0) | (others == 0), UNKNOWN, known)

    def same_sound(self, mine: int, other: int) -> NDArray[np.bool_]:
        """Tell where one way to say the name is one of those listed."""
        heard = self.asked.name.sounds[0, mine]
        return np.asarray((self.listed.sounds[self.rows, other] == heard) & (heard != 0))


def judged(asked: Asked, listed: Listed, rows: Codes) -> tuple[Ints, Reasons]:
    """Return points of 100 for some of the listed names, and what gives the reasons of each.

    Parameters
    ----------
    asked
        The name that is looked for.
    listed
        All names.
    rows
        Which of them to look at; shape (n,).
    """
    pairs = _Pairs(asked, listed, rows)
    latin = asked.name.words.first[-1] > 0
    own: tuple[View | WordView, ...] = (
        (_by_words(pairs),) if latin else (_by_whole(pairs), _by_parts(pairs))
    )
    views = (*own, _by_pinyin(pairs)) if asked.name.sounds[0].any() else own
    totals = np.stack([v.totals() for v in views])
    best = totals.argmax(axis=0)
    mine, others = asked.name.codes[0], listed.codes[rows]
    same = (others == mine) & (mine != 0)
    other_code = View((worth.CODE_OTHER,), ((others != mine) & (mine * others != 0))[:, None] * 1)
    points = np.clip(totals.max(axis=0), 0, worth.MOST) + other_code.totals()

    def reasons(i: int) -> list[tuple[str, int]]:
        if same[i]:
            return [(worth.CODE, worth.MOST)]
        told: list[tuple[str, int]] = views[best[i]].reasons(i)
        return told + other_code.reasons(i)

    return np.where(same, worth.MOST, points), reasons


def _by_whole(pairs: _Pairs) -> View:
    """See names by all that they have beside the legal form."""
    whole, length = pairs.texts("whole")
    brand, brand_length = pairs.texts("brand")
    level = np.where((whole == ELSE) & (length > 0) & pairs.same_sound(0, 0), SOUND, whole)
    unequal = level != EQUAL
    short = np.where(
        unequal & (length < FEW), 3,
        np.where(unequal & (brand != EQUAL) & (brand_length <= BRIEF), 1,
                 np.where(~unequal & (length <= BRIEF), 2, 0)),
    )  # fmt: skip
    parts = (worth.WHOLE, worth.SHORT, worth.FORM)
    return View(parts, np.column_stack([level, short, _form(pairs)]))


def _form(pairs: _Pairs) -> Ints:
    level = pairs.levels("form")
    if pairs.asked.name.form[0] == 0:  # two names without one agree in that
        level[pairs.listed.form[pairs.rows] == 0] = EQUAL
    return np.where((level == EQUAL) & pairs.asked.put_right, NEAR, level)


def _by_parts(pairs: _Pairs) -> View:
    """See names by their brands, and what else there is; a brand of one character is none."""
    brand, length = pairs.texts("brand")
    level = np.where((brand != EQUAL) & pairs.same_sound(3, 3), SOUND, brand)
    level = np.where((length < BRIEF) | ((level == CLOSE) & (length == BRIEF)), ELSE, level)
    parts = (worth.BRAND, worth.PLACE, worth.BUSINESS, worth.FORM)
    return View(parts, np.column_stack(
        [level, pairs.levels("place"), pairs.levels("business"), _form(pairs)]
    ))  # fmt: skip


def _by_words(pairs: _Pairs) -> WordView:
    mine, others = pairs.asked.name.words, pairs.listed.words
    name = (mine.texts.codes, mine.texts.start)
    return WordView(word_shares(name, *others.texts, others.first, pairs.rows))


def _by_pinyin(pairs: _Pairs) -> View:
    """See a name in Latin letters as the sound of a Chinese one, or two written apart."""
    latin = pairs.asked.name.words.first[-1] > 0
    other = pairs.listed.words.first[pairs.rows + 1] > pairs.listed.words.first[pairs.rows]
    level = np.full(len(pairs.rows), worth.PINYIN.points.index(worth.NEVER))
    for way in (3, 2, 1, 0):
        met = pairs.same_sound(0, way) if latin else pairs.same_sound(way, 0) & other
        level[met] = way
    return View((worth.PINYIN,), level[:, None])
