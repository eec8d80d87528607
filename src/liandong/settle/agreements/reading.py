"""Going through the words of an agreement: numbers, names, days, and what must come now."""

from datetime import date
from fractions import Fraction

from liandong.settle.agreements.lexing import Word, words
from liandong.settle.agreements.nodes import MOST_PLACES, Position, Span, Unit, unfit
from liandong.texts import both

MOST_DIGITS = 18
"""Amounts are held in 64 bits."""


class Reader:
    """The words of a text and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.words, self.place = list(words(text)), 0

    @property
    def now(self) -> Word:
        """The next word."""
        return self.words[self.place]

    def take(self, *texts: str) -> Word | None:
        """Go past the next word if it is one of these signs or names."""
        if self.now.kind in {"sign", "name"} and self.now.text in texts:
            self.place += 1
            return self.words[self.place - 1]
        return None

    def need(self, *texts: str) -> Word:
        """Go past what must come now: one of these words."""
        found = self.take(*texts)
        if found is None:
            raise unfit("agreement_need", *self.here, sign="` / `".join(texts))
        return found

    def phrase(self, text: str) -> None:
        """Go past several words that must come now."""
        for word in text.split():
            self.need(word)

    @property
    def here(self) -> tuple[Position, str | dict[str, str]]:
        """Where the next word is, and what it is: what an error tells."""
        return self.now.at, self.now.text or both("words.end")

    def kind(self, kind: str) -> Word | None:
        """Go past the next word if it is of a kind."""
        if self.now.kind != kind:
            return None
        self.place += 1
        return self.words[self.place - 1]

    def name(self) -> str:
        """Read a name."""
        word = self.kind("name")
        if word is None:
            raise unfit("agreement_name", *self.here)
        return word.text

    def title(self) -> str:
        """Read a name that may have hyphens, such as ``park-7``."""
        parts = [self.name()]
        while self.take("-"):
            parts.append(self.now.text)
            if self.now.kind not in {"name", "number"}:
                raise unfit("agreement_name", *self.here)
            self.place += 1
        return "-".join(parts)

    def names(self, sign: str) -> tuple[str, ...]:
        """Read names with a sign between them."""
        found = [self.name()]
        while self.take(sign):
            found.append(self.name())
        return tuple(found)

    def day(self) -> date:
        """Read a day."""
        word = self.kind("day")
        if word is None:
            raise unfit("agreement_day", *self.here)
        try:
            return date.fromisoformat(word.text)
        except ValueError:
            raise unfit("agreement_day", word.at, word.text) from None

    def span(self) -> Span:
        """Read two days with ``..`` between them."""
        at = self.now.at
        first = self.day()
        self.need("..")
        last = self.day()
        if last < first:
            raise unfit("agreement_span", at, f"{first}..{last}")
        return Span(first, last)

    def whole(self) -> int:
        """Read a whole number."""
        word = self.kind("number")
        if word is None:
            raise unfit("agreement_whole", *self.here)
        if "." in word.text or len(word.text) > MOST_DIGITS:
            raise unfit("agreement_whole", word.at, word.text)
        return int(word.text)

    def unit(self) -> Unit:
        """Read a unit and its places, such as ``CNY/2``."""
        name = self.name()
        self.need("/")
        word = self.now
        places = self.whole()
        if places > MOST_PLACES:
            raise unfit("agreement_places", word.at, word.text, most=MOST_PLACES)
        return Unit(name, places)

    def amount(self, unit: Unit) -> int:
        """Read an amount of a unit as minor units."""
        word = self.kind("number")
        if word is None:
            raise unfit("agreement_amount", *self.here)
        whole, _, part = word.text.replace("_", "").partition(".")
        if len(part) > unit.places:
            raise unfit("agreement_fine", word.at, word.text, unit=unit.name, most=unit.places)
        if len(whole) + unit.places > MOST_DIGITS:
            raise unfit("agreement_large", word.at, word.text)
        return int(whole + part.ljust(unit.places, "0"))

    def ratio(self) -> Fraction:
        """Read a fraction: ``2/5``, ``40%``, ``0.4`` or ``1``."""
        word = self.kind("number")
        if word is None:
            raise unfit("agreement_ratio", *self.here)
        if len(word.text) > MOST_DIGITS:
            raise unfit("agreement_large", word.at, word.text)
        value = Fraction(word.text.replace("_", ""))
        if self.take("%"):
            return value / 100
        if self.take("/"):
            below = self.now
            by = self.whole()
            if by == 0:
                raise unfit("agreement_zero", below.at, below.text)
            return value / by
        return value
