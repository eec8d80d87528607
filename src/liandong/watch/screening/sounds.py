"""Chinese names by their sound: pinyin in capital letters, without tones and spaces."""

from importlib import import_module
from importlib.util import find_spec

from liandong.errors import MissingExtraError
from liandong.schema.names.words import FORMS


class Sounds:
    """Pinyin of names, character by character, each character looked up once.

    A character of several readings has its most usual one.

    Raises
    ------
    MissingExtraError
        If pypinyin is not installed.
    """

    def __init__(self) -> None:
        if find_spec("pypinyin") is None:
            raise MissingExtraError(package="pypinyin", extra="pinyin")
        self._reading = import_module("pypinyin").lazy_pinyin
        self._known: dict[str, str] = {}
        forms = {self.of(form) for form in FORMS if not form.isascii()}
        self._forms = tuple(sorted(forms, key=lambda f: (-len(f), f)))

    def of(self, text: str) -> str:
        """Return the letters of a text, one syllable after the other.

        Examples
        --------
        >>> import pytest; _ = pytest.importorskip("pypinyin")
        >>> Sounds().of("华为技术")
        'HUAWEIJISHU'
        """
        return "".join([self._known.get(c) or self._learnt(c) for c in text])

    def _learnt(self, character: str) -> str:
        self._known[character] = "".join(self._reading(character)).upper()
        return self._known[character]

    def without_form(self, letters: str) -> str:
        """Return letters without the pinyin of a legal form at their end."""
        form = next((f for f in self._forms if letters.endswith(f) and letters != f), "")
        return letters.removesuffix(form)
