"""Chinese names by their sound: pinyin in capital letters, without tones and spaces."""

from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from liandong.errors import MissingExtraError
from liandong.schema.names.words import FORMS

KEPT = 65_536
"""Words whose pinyin is kept."""


class Sounds:
    """Pinyin of words, those met often kept.

    A character of several readings has the one that it has in the word, else its most usual one.

    Raises
    ------
    MissingExtraError
        If pypinyin is not installed.
    """

    def __init__(self) -> None:
        if find_spec("pypinyin") is None:
            raise MissingExtraError(package="pypinyin", extra="pinyin")
        self._reading = import_module("pypinyin").lazy_pinyin
        self._word = lru_cache(KEPT)(self._spoken)
        # One syllable, as that of 店, ends many words that are no legal form.
        forms = {self.of(form) for form in FORMS if len(form) > 1 and not form.isascii()}
        self._forms = tuple(sorted(forms, key=lambda f: (-len(f), f)))

    def of(self, *words: str) -> str:
        """Return the letters of words, one syllable after the other.

        Examples
        --------
        >>> import pytest; _ = pytest.importorskip("pypinyin")
        >>> Sounds().of("重庆", "华为", "技术")
        'CHONGQINGHUAWEIJISHU'
        """
        return "".join([self._word(w) for w in words if w])

    def _spoken(self, word: str) -> str:
        return "".join(self._reading(word)).upper()

    def without_form(self, letters: str) -> str:
        """Return letters without the pinyin of a legal form at their end."""
        form = next((f for f in self._forms if letters.endswith(f) and letters != f), "")
        return letters.removesuffix(form)
