"""The words of an expression, each with its place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from liandong.watch.language.nodes import Position, fault

LONGEST = 10_000
"""Most characters of one expression."""
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_WORD = re.compile(
    r"""(?P<space>[ \t\r\n]+|//[^\n]*)
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>&&|\|\||[=!<>]=|[-+*/%<>!?:()\[\],.])""",
    re.VERBOSE,
)
HALVES = re.compile("[\ud800-\udfff]")
"""Halves of characters: no text of a table has them."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")


class Word(NamedTuple):
    """A number, text, name, sign, or the end; its own text; and its line and column."""

    kind: str
    text: str
    at: Position


def words(text: str) -> Iterator[Word]:
    """Yield the words of a text, without spaces and comments, and ``end`` last.

    Raises
    ------
    ExpressionError
        At what is no word of the language.
    """
    if len(text) > LONGEST:
        raise fault("fault.expression_long", "advice.expression_deep", (1, 1), text, most=LONGEST)
    half = HALVES.search(text)
    if half:
        begun = text.rfind("\n", 0, half.start())
        at = (text.count("\n", 0, half.start()) + 1, half.start() - begun)
        raise fault("fault.expression_sign", "advice.expression_sign", at, half[0])
    place, line, begun = 0, 1, 0
    while place < len(text):
        at = (line, place - begun + 1)
        hit = _WORD.match(text, place)
        if hit is None:
            raise _unknown(text, place, at)
        if hit.lastgroup != "space":
            yield Word(str(hit.lastgroup), hit[0], at)
        elif "\n" in hit[0]:
            line += hit[0].count("\n")
            begun = place + hit[0].rindex("\n") + 1
        place = hit.end()
    yield Word("end", "", (line, place - begun + 1))


def _unknown(text: str, place: int, at: Position) -> Exception:
    if text[place] in "\"'":
        return fault("fault.expression_open", "advice.expression_open", at, text[place:])
    if text[place] in "0123456789":
        number = re.match(r"[\w.]+", text[place:], re.ASCII)
        found = number[0] if number else text[place]
        return fault("fault.expression_number", "advice.expression_number", at, found)
    return fault("fault.expression_sign", "advice.expression_sign", at, text[place])


def unquoted(word: Word) -> str:
    """Return what a text in quotes says."""

    def put(hit: re.Match[str]) -> str:
        if hit[1]:
            code = int(hit[1], 16)
            known = not 0xD800 <= code <= 0xDFFF
        else:
            known = hit[2] in ESCAPES
        if not known:
            raise fault("fault.expression_escape", "advice.expression_escape", word.at, hit[0])
        return chr(int(hit[1], 16)) if hit[1] else ESCAPES[hit[2]]

    return _ESCAPE.sub(put, word.text[1:-1])
