"""Windows in words, for people who read rules."""

from typing import NamedTuple

from liandong.texts import LANGUAGES, catalogue, text
from liandong.watch.windows.rules import Where, Window

NO_MONEY = frozenset({"enquiry", "overdue", "staff", "utilisation", "utility"})
"""Kinds of events whose amount is a number of something else than fen."""
AMOUNTS = frozenset({"sum", "mean", "std", "min", "max", "first", "last"})
_COMMA = {"zh": "、", "en": ", "}


class Words(NamedTuple):
    """What a window is called, and the unit of its values."""

    zh: str
    en: str
    unit: str


def words(window: Window) -> Words:
    """Say what a window tells.

    Examples
    --------
    >>> sold = Window(name="s", fn="sum", over="90d", of="amount", where={"kinds": ["a"]})
    >>> words(sold)
    Words(zh='近 90 天金额合计（限 a）', en='sum of amounts in 90 days (only a)', unit='fen')
    """
    told = {lang: _told(window, lang) for lang in LANGUAGES}
    return Words(told["zh"], told["en"], _unit(window))


def _told(window: Window, lang: str) -> str:
    spans = {"over": _span(window.over, lang), "against": _span(window.against or "0s", lang)}
    return text(f"window.{window.fn}", lang, of=_of(window.where, lang), **spans)


def _span(span: str, lang: str) -> str:
    return text(f"span.{span[-1]}", lang, n=span[:-1])


def _of(where: Where, lang: str) -> str:
    known = catalogue()
    kinds = [known.get(f"event.{k}", {}).get(lang, k) for k in where.kinds]
    named = [*kinds, *where.tags]
    return text("window.of", lang, names=_COMMA[lang].join(named)) if named else ""


def _unit(window: Window) -> str:
    if window.fn == "top_share":
        return "rate"
    return "fen" if window.fn in AMOUNTS and not NO_MONEY & {*window.where.kinds} else ""
