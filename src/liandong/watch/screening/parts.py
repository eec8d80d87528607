"""Names read for screening: Chinese ones in their parts, others in their words."""

import re
import unicodedata
from typing import NamedTuple

from liandong.schema.names.company import CompanyName, company_name, normal
from liandong.schema.names.words import FORMS
from liandong.watch.screening.encoded import one_apart
from liandong.watch.screening.sounds import Sounds

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")
_NO_LETTER = re.compile(r"[^\w]|_")
_LETTERS = str.maketrans({"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Æ": "AE", "Œ": "OE", "Þ": "TH"})
_QUOTES = str.maketrans("", "", "'’`´ʼ")
LATIN_FORMS = frozenset({
    "CO", "COMPANY", "CORP", "CORPORATION", "INC", "INCORPORATED", "LTD", "LIMITED", "LLC", "LLP",
    "LP", "PLC", "GMBH", "AG", "KG", "SA", "SAS", "SARL", "SRL", "SPA", "BV", "NV", "AB", "AS",
    "OY", "OOO", "OAO", "PTE", "PTY", "SDN", "BHD",
})  # fmt: skip
"""Legal forms, left out at the end of a Latin name."""
LONGEST = 200
"""Characters of a name that are looked at; the rest is no name."""
PERSON = range(2, 5)
"""Characters of a Chinese name that may be a person's, whose given name comes first in Latin."""
SPLIT_FORM = 4
"""Endings of so many characters and more are known with one character wrong."""


class Parts(NamedTuple):
    """A name as it is compared.

    Attributes
    ----------
    whole
        Place, brand and business of a Chinese name, without its legal form; else empty.
    brand, place, business, form
        Its parts; what is not there is empty.
    words
        Words of any other name, in capitals, without accents and legal forms.
    sounds
        Letters of the whole, of it with the first character last, of it without the place, and of
        the brand; empty where there is none.
    """

    whole: str = ""
    brand: str = ""
    place: str = ""
    business: str = ""
    form: str = ""
    words: tuple[str, ...] = ()
    sounds: tuple[str, str, str, str] = ("", "", "", "")


def parts(name: str, sounds: Sounds | None = None) -> Parts:
    """Read a name.

    Parameters
    ----------
    name
        As it stands; with one Chinese character it is read as a Chinese name.
    sounds
        Says how Chinese names sound; without it, sounds are not compared.

    Examples
    --------
    >>> parts("上海恒泰贸易有限公司")[:5]
    ('上海恒泰贸易', '恒泰', '上海', '贸易', '有限公司')
    >>> parts("Müller & O'Brien S.A.").words
    ('MULLER', 'OBRIEN')
    """
    name = name[:LONGEST]
    return _chinese(name, sounds) if _HAN.search(name) else _latin(name, sounds)


def _chinese(name: str, sounds: Sounds | None) -> Parts:
    found = company_name(name)
    lines = "".join(found.business)
    whole = "".join([*found.region, found.brand, lines, found.branch])
    place = found.region[-1] if found.region else ""
    heard = _heard(found, sounds) if sounds else ("", "", "", "")
    return Parts(whole, found.brand, place, lines, found.form, (), heard)


def _heard(name: CompanyName, sounds: Sounds) -> tuple[str, str, str, str]:
    rest = (name.brand, *name.business, name.branch)
    turned = ""
    if rest == (name.brand, "") and not name.region and len(name.brand) in PERSON:
        turned = sounds.of(name.brand[1:], name.brand[0])
    return (
        sounds.of(*name.region, *rest), turned,
        sounds.of(*rest) if name.region and name.business else "", sounds.of(name.brand),
    )  # fmt: skip


def _latin(name: str, sounds: Sounds | None) -> Parts:
    words = latin_words(name)
    letters = "".join(words)
    if sounds:
        letters = sounds.without_form(letters)
    return Parts(words=words, sounds=(letters, "", "", ""))


def latin_words(name: str) -> tuple[str, ...]:
    """Return the words of a name in capitals, without accents and without its legal form.

    Examples
    --------
    >>> latin_words("Łódź Trading Co., Ltd."), latin_words("Limited")
    (('LODZ', 'TRADING'), ('LIMITED',))
    """
    plain = unicodedata.normalize("NFKD", name.translate(_QUOTES).upper()).translate(_LETTERS)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = _NO_LETTER.sub(" ", _DOTTED.sub(_undotted, plain)).split()
    while len(words) > 1 and words[-1] in LATIN_FORMS:
        words.pop()
    return tuple(words)


def _undotted(found: re.Match[str]) -> str:
    """Put the letters of a legal form together; those of anything else are initials."""
    letters = found[0].replace(".", "")
    return f"{letters} " if letters in LATIN_FORMS else found[0]


def mended(name: str) -> str:
    """Return a Chinese name with its legal form put right, if one character of it is wrong.

    Examples
    --------
    >>> mended("上海恒泰贸易有线公司")
    '上海恒泰贸易有限公司'
    >>> mended("上海恒泰贸易有限公司"), mended("恒泰")
    ('', '')
    """
    plain = normal(name[:LONGEST])
    if not _HAN.search(plain) or any(plain.endswith(f) for f in _LONG):
        return ""
    ends = ((f, plain[-len(f) - more :]) for f in _LONG for more in (0, 1, -1))
    # Most endings lack more than one character of a form, and need no closer look.
    like = ((f, end) for f, end in ends if end != plain and len(set(f).difference(end)) <= 1)
    fit = next(((f, end) for f, end in like if one_apart(end, f)), None)
    return plain[: -len(fit[1])] + fit[0] if fit else ""


_LONG = sorted((f for f in FORMS if len(f) >= SPLIT_FORM and not f.isascii()), key=len)[::-1]
