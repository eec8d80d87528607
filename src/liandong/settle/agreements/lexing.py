"""The words of an agreement, each with its place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from liandong.settle.agreements.nodes import Position, unfit

LONGEST = 100_000
"""Most characters of one text."""
_WORD = re.compile(
    r"""(?P<space>[ \t\r\n\u3000]+|\#[^\n]*)
    |(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w]))
    |(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?(?!\w))
    |(?P<name>[^\W\d]\w*(?:\.\w+)*)
    |(?P<sign><=|\.\.|[-+*/%<={}();:,])""",
    re.VERBOSE,
)
_HALVES = re.compile("[\ud800-\udfff]")


class Word(NamedTuple):
    """A day, number, name, sign, or the end; its own text; and its line and column."""

    kind: str
    text: str
    at: Position


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text, without spaces and comments, and ``end`` last.

    Raises
    ------
    AgreementError
        At what is no word of the language.
    """
    if len(text) > LONGEST:
        raise unfit("agreement_long", (1, 1), text, most=LONGEST)
    place, line, begun = 0, 1, 0
    while place < len(text):
        at = (line, place - begun + 1)
        hit = _WORD.match(text, place)
        if hit is None or _HALVES.search(hit[0]):
            raise _unknown(text, place, at)
        if hit.lastgroup != "space":
            yield Word(str(hit.lastgroup), hit[0], at)
        elif "\n" in hit[0]:
            line += hit[0].count("\n")
            begun = place + hit[0].rindex("\n") + 1
        place = hit.end()
    yield Word("end", "", (line, place - begun + 1))


def _unknown(text: str, place: int, at: Position) -> Exception:
    if text[place] in "0123456789":
        number = re.match(r"[\w.]+", text[place:], re.ASCII)
        return unfit("agreement_number", at, number[0] if number else text[place])
    return unfit("agreement_sign", at, text[place])
