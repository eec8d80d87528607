"""Names for the benchmark of screening: made, changed, and written in pinyin.

Chinese ones have place, brand, line of business and legal form, as registered names do. Brands are
of the common characters of GB 2312; how often the commonest come is chosen so that two characters
of brands are the same as often as among those of the companies listed in China, 0.4 percent.
"""

import random
from collections.abc import Sequence
from functools import cache
from itertools import accumulate

from liandong.schema.names.words import BUSINESS, CITIES

FORMS, FORM_SHARES = ("有限公司", "有限责任公司", "股份有限公司"), (80, 12, 8)
LENGTHS, LENGTH_SHARES = (2, 3, 4), (60, 20, 20)
"""Characters of a brand, and how many percent have so many, about as among listed companies."""
CONSONANTS = ("b", "br", "c", "d", "dr", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s",
              "st", "t", "tr", "v", "w", "z")  # fmt: skip
VOWELS, ENDS = ("a", "e", "i", "o", "u", "ai", "ei", "ou"), ("", "", "", "n", "r", "l", "s", "ck")
TRADES = ("Trading", "Shipping", "Holdings", "Logistics", "Energy", "Metals", "Textiles", "Foods",
          "Electronics", "Industries", "Resources", "Services", "Capital", "Systems")  # fmt: skip
LATIN_FORMS = ("Ltd", "Inc", "LLC", "GmbH", "Co., Ltd.", "S.A.")
GIVEN, SURNAMES, COINED = 4_000, 60_000, 200_000
"""How many different words there are of each kind."""


def seeded(seed: int) -> random.Random:
    """Return a generator of names."""
    return random.Random(seed)  # noqa: S311 - names, no secrets


@cache
def common() -> str:
    """Return the 3,755 characters of the first level of GB 2312, shuffled by a seed."""
    codes = [bytes((r, c)) for r in range(0xB0, 0xD8) for c in range(0xA1, 0xFF)]
    letters = list(b"".join(codes).decode("gb2312", "ignore"))[:3_755]
    seeded(0).shuffle(letters)
    return "".join(letters)


def _ranked(count: int, shift: int) -> list[float]:
    """Return cumulative weights that fall with the rank."""
    return list(accumulate(1 / (r + shift) for r in range(count)))


def chinese_names(
    count: int, letters: str, rng: random.Random, places: int = len(CITIES),
    trades: int = len(BUSINESS),
) -> list[str]:  # fmt: skip
    """Return different names of firms with brands of ``letters``, the first ones most often.

    The fewer places, trades and letters there are, the more names are near each other.
    """
    where_of, what_of = CITIES[:places], BUSINESS[:trades]
    often = [_ranked(len(s), by) for s, by in ((where_of, 10), (what_of, 10), (letters, 7))]
    found: dict[str, None] = {}
    while len(found) < count:
        more = count - len(found)
        sizes = rng.choices(LENGTHS, LENGTH_SHARES, k=more)
        where = rng.choices(where_of, cum_weights=often[0], k=more)
        what = rng.choices(what_of, cum_weights=often[1], k=more)
        form = rng.choices(FORMS, FORM_SHARES, k=more)
        for size, a, b, c in zip(sizes, where, what, form, strict=True):
            found[a + "".join(rng.choices(letters, cum_weights=often[2], k=size)) + b + c] = None
    return list(found)


def _coined(count: int, syllables: Sequence[int], rng: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        size = rng.choice(syllables)
        word = "".join(rng.choice(CONSONANTS) + rng.choice(VOWELS) for _ in range(size))
        found[(word + rng.choice(ENDS)).capitalize()] = None
    return list(found)


@cache
def _words() -> tuple[list[str], list[str], list[str]]:
    """Return given names, surnames and brands, each most used first."""
    rng = seeded(1)
    given, surnames = _coined(GIVEN, (2, 3), rng), _coined(SURNAMES, (2, 3), rng)
    return given, surnames, _coined(COINED, (2, 3, 4), rng)


def latin_names(count: int, rng: random.Random) -> list[str]:
    """Return different names, six in ten of people, the others of firms."""
    given, surnames, coined = _words()
    often = _ranked(GIVEN, 30), _ranked(SURNAMES, 100), _ranked(COINED, 1_000)
    found: dict[str, None] = {}
    while len(found) < count:
        if rng.random() < 0.6:
            first = rng.choices(given, cum_weights=often[0], k=rng.choice((1, 1, 2)))
            name = [*first, *rng.choices(surnames, cum_weights=often[1])]
        else:
            brand = rng.choices(coined, cum_weights=often[2], k=rng.choice((1, 2)))
            name = [*brand, rng.choice(TRADES), rng.choice(LATIN_FORMS)]
        found[" ".join(name)] = None
    return list(found)


def changed(name: str, letters: str, rng: random.Random) -> str:
    """Return a Chinese name with one character changed, anywhere but in its legal form."""
    at = rng.randrange(_body(name))
    other = rng.choice([c for c in rng.sample(letters, 2) if c != name[at]])
    return name[:at] + other + name[at + 1 :]


def swapped(name: str, rng: random.Random) -> str:
    """Return a Chinese name with two different neighbours swapped, legal form aside."""
    return _swapped(name, _body(name), rng)


def _body(name: str) -> int:
    return next(len(name) - len(f) for f in sorted(FORMS, key=len)[::-1] if name.endswith(f))


def _swapped(name: str, size: int, rng: random.Random) -> str:
    at = rng.choice([i for i in range(size - 1) if name[i] != name[i + 1]])
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def latin_changed(name: str, rng: random.Random) -> str:
    """Return a Latin name with one letter changed in one of its first words."""
    size = len(name.split(maxsplit=1)[0])
    at = rng.randrange(size)
    other = rng.choice([c for c in "abcdefghijklmnopqrstuvwxyz" if c != name[at].lower()])
    return name[:at] + other + name[at + 1 :]


def latin_swapped(name: str, rng: random.Random) -> str:
    """Return a Latin name with two letters of its first word swapped."""
    low = name[0].lower() + name[1:]
    return _swapped(low, len(name.split(maxsplit=1)[0]), rng)


def turned(name: str, rng: random.Random) -> str:  # noqa: ARG001 - as all changes
    """Return a Latin name with its first word after the second, as "Smith John"."""
    first, second, *rest = name.split()
    return " ".join([second, first, *rest])


def pinyin_form(name: str, rng: random.Random) -> str:
    """Return the pinyin of a Chinese name by syllables, with its legal form or without."""
    from pypinyin import lazy_pinyin

    body = name if rng.random() < 0.5 else name[: _body(name)]
    return " ".join(lazy_pinyin(body)).title()
