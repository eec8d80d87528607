"""Names of companies, taken apart into region, brand, business, form and branch."""

import re
import unicodedata
from collections.abc import Collection
from typing import NamedTuple

from liandong.schema.names.words import BRANCHES, BUSINESS, FORMS, PLACES, RANKS

LEAST_BRAND = 2
"""A brand has two characters or more, so that many words are left to it."""
_FORMS = sorted(FORMS, key=len, reverse=True)
_NOISE = re.compile(r"[^\w()]|_")
_BRACKET = re.compile(r"\(([^()]*)\)")


class _Lexicon:
    """Words, found by their length at either end of a text, longest first."""

    def __init__(self, words: Collection[str]) -> None:
        self._words = frozenset(words)
        self._lengths = sorted({len(w) for w in words}, reverse=True)

    def begin(self, text: str) -> str:
        """Return the longest word that a text begins with, or nothing."""
        return next((text[:n] for n in self._lengths if text[:n] in self._words), "")

    def end(self, text: str, leave: int) -> str:
        """Return the longest word that a text ends with so that ``leave`` characters are left."""
        fit = (n for n in self._lengths if len(text) - n >= leave)
        return next((text[-n:] for n in fit if text[-n:] in self._words), "")


_PLACES, _ENDINGS, _LINES = map(_Lexicon, (PLACES, FORMS, BUSINESS))


class CompanyName(NamedTuple):
    """A name in its parts; those that are not there are empty.

    Attributes
    ----------
    region
        Places in the order they stand, without their rank (省, 市 …).
    brand
        What tells the firm from others.
    business
        Words for its line of business, in the order they stand.
    form
        Legal form; variants of one form are written alike.
    branch
        Name of the branch, if it is one.
    """

    region: tuple[str, ...]
    brand: str
    business: tuple[str, ...]
    form: str
    branch: str

    @property
    def canonical(self) -> str:
        """The name in one way of writing: the same for all variants of one name."""
        return "".join([*self.region, self.brand, *self.business, self.form, self.branch])


def normal(name: str) -> str:
    """Return a name without differences of width, case, spaces and punctuation; brackets stay.

    Examples
    --------
    >>> normal(" 华为技术（深圳）有限公司 "), normal("Ａ·Ｂ Co., Ltd.")
    ('华为技术(深圳)有限公司', 'ABCOLTD')
    """
    wide = unicodedata.normalize("NFKC", name).upper()
    wide = wide.translate(str.maketrans("〔〕[]【】", "()()()"))
    return _NOISE.sub("", wide)


def company_name(name: str) -> CompanyName:
    """Take a name apart.

    Parameters
    ----------
    name
        As registered or as somebody typed it.

    Examples
    --------
    >>> company_name("深圳市振业(集团)股份有限公司")
    CompanyName(region=('深圳',), brand='振业', business=(), form='集团股份有限公司', branch='')
    >>> company_name("华为技术（深圳）有限公司").canonical
    '深圳华为技术有限公司'
    """
    rest, branch = _branch(normal(name))
    inside = [p for p in _BRACKET.findall(rest) if _place(p) == p]
    for place in inside:
        rest = rest.replace(f"({place})", "", 1)
    rest, form = _form(re.sub(r"[()]", "", rest))
    region, rest = _region(rest)
    brand, business = _business(rest)
    if brand in BUSINESS and region:
        # Nothing but business is left: the last place is what tells the firm from others.
        region, brand, business = region[:-1], region[-1], (brand, *business)
    return CompanyName((*region, *map(_short, inside)), brand, business, form, branch)


def _branch(name: str) -> tuple[str, str]:
    """Return the parent's name and the branch: what follows the parent's legal form."""
    for word in BRANCHES:
        if name.endswith(word):
            for form in _FORMS:
                at = name.rfind(form, 0, len(name) - len(word))
                if at > 0:
                    end = at + len(form)
                    return name[:end], name[end:]
    return name, ""


def _form(name: str) -> tuple[str, str]:
    form = _ENDINGS.end(name, 1)
    return (name[: -len(form)], FORMS[form]) if form else (name, "")


def _place(text: str) -> str:
    """Return the place that a text begins with, its rank included; empty without one."""
    place = _PLACES.begin(text)
    return place + next((r for r in RANKS if text.startswith(r, len(place))), "") if place else ""


def _short(place: str) -> str:
    known = _PLACES.begin(place) or place
    return known[:-1] if len(known) > LEAST_BRAND and known[-1] in RANKS else known


def _region(name: str) -> tuple[tuple[str, ...], str]:
    found: list[str] = []
    while (place := _place(name)) and len(name) - len(place) >= LEAST_BRAND:
        found.append(_short(place))
        name = name[len(place) :]
    # Counties and districts are not listed: two characters and their rank after a place.
    district = re.match(r"^(\w{2})(?:市|县|区)(?=\w{2})", name) if found else None
    if district and not _LINES.begin(name):
        found.append(district[1])
        name = name[district.end() :]
    return tuple(found), name


def _business(name: str) -> tuple[str, tuple[str, ...]]:
    """Return brand and business: words are taken from the end as long as a brand is left."""
    found: list[str] = []
    while True:
        word = _LINES.end(name, LEAST_BRAND)
        if not word:
            return name, tuple(reversed(found))
        found.append(word)
        name = name[: -len(word)]
