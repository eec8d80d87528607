"""From text to tree: a small grammar read from left to right."""

from typing import NoReturn

from liandong.texts import both
from liandong.watch.language.lexing import Word, unquoted, words
from liandong.watch.language.nodes import (
    DEEPEST,
    INT_MAX,
    INT_MIN,
    PLACES,
    Call,
    Expression,
    Literal,
    Name,
    fault,
)

FUNCTIONS = {"has": (1, 1), "abs": (1, 1), "min": (2, 99), "max": (2, 99)}
"""Functions and how many arguments they take."""
METHODS = ("startsWith", "endsWith", "contains")
"""Functions of a text: ``tag.startsWith("A")``."""
COMPARED = ("==", "!=", "<", "<=", ">", ">=", "in")
LEVELS = (("||",), ("&&",), COMPARED, ("+", "-"), ("*", "/", "%"))
"""Signs between two arguments, those that bind loosest first."""
_WORDS: dict[str, Literal] = {
    "true": Literal("bool", 1),
    "false": Literal("bool", 0),
    "null": Literal("null", None),
}
RESERVED = (*_WORDS, "in", *FUNCTIONS)
"""Words that cannot be names."""


def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text
        As the recipe of the rule language describes it, up to 10,000 characters.

    Returns
    -------
    Expression
        An immutable tree; equal trees mean the same.

    Raises
    ------
    ExpressionError
        With line, column, the offending text, and what to do.

    Examples
    --------
    >>> parse("sum_24h > 500 && has(other)").op
    '&&'
    >>> parse("1 +")
    Traceback (most recent call last):
    liandong.errors.ExpressionError: rule expression, line 1, column 4, 'end of text': ...
    """
    reader = _Reader(list(words(text)))
    found = reader.choice()
    if reader.now.kind != "end":
        reader.refuse("fault.expression_more", "advice.expression_more")
    return found


class _Reader:
    def __init__(self, found: list[Word]) -> None:
        self.words, self.place, self.inside = found, 0, 0

    @property
    def now(self) -> Word:
        return self.words[self.place]

    def take(self, *texts: str) -> Word | None:
        """Go past the next word if it is one of these signs or names."""
        if self.now.kind in {"sign", "name"} and self.now.text in texts:
            self.place += 1
            return self.words[self.place - 1]
        return None

    def need(self, text: str) -> Word:
        """Go past a sign that must come now."""
        found = self.take(text)
        if found is None:
            self.refuse("fault.expression_need", "advice.expression_need", sign=text)
        return found

    def refuse(self, what: str, remedy: str, **more: object) -> NoReturn:
        raise fault(what, remedy, self.now.at, self.now.text or both("words.end"), **more)

    def choice(self) -> Expression:
        """Read ``a ? b : c`` or anything that binds closer."""
        self.inside += 1
        if self.inside > DEEPEST:
            self.refuse("fault.expression_deep", "advice.expression_deep")
        found = self.binary(0)
        sign = self.take("?")
        if sign:
            yes = self.choice()
            self.need(":")
            found = Call("?:", (found, yes, self.choice()), sign.at)
        self.inside -= 1
        return found

    def binary(self, level: int) -> Expression:
        """Read what signs of this level or of closer ones join, from left to right."""
        if level == len(LEVELS):
            return self.unary()
        found = self.binary(level + 1)
        while sign := self.take(*LEVELS[level]):
            if sign.text == "in":
                found = Call("in", (found, *self.items("[", "]")), sign.at)
            elif level < 2:
                parts = [found, self.binary(level + 1)]
                while self.take(sign.text):
                    parts.append(self.binary(level + 1))
                found = Call(sign.text, tuple(parts), sign.at)
            else:
                found = Call(sign.text, (found, self.binary(level + 1)), sign.at)
        return found

    def unary(self) -> Expression:
        """Read a sign before its argument; a minus before a number belongs to the number."""
        sign = self.take("-", "!")
        if sign is None:
            return self.method(self.primary())
        if sign.text == "-" and self.now.kind == "number":
            return self.method(self.number(sign))
        self.inside += 1
        if self.inside > DEEPEST:
            self.refuse("fault.expression_deep", "advice.expression_deep")
        found = Call("neg" if sign.text == "-" else "!", (self.unary(),), sign.at)
        self.inside -= 1
        return found

    def method(self, found: Expression) -> Expression:
        """Read the functions of a text that come after it."""
        while sign := self.take("."):
            word = self.now
            if not self.take(*METHODS):
                self.refuse("fault.expression_method", "advice.known", known=", ".join(METHODS))
            self.need("(")
            found = Call(word.text, (found, self.choice()), sign.at)
            self.need(")")
        return found

    def primary(self) -> Expression:
        word = self.now
        if word.kind == "number":
            return self.number(None)
        if word.kind == "text":
            self.place += 1
            return Literal("text", unquoted(word), word.at)
        if word.kind == "name" and word.text != "in":
            return self.named()
        if self.take("("):
            found = self.choice()
            self.need(")")
            return found
        return self.refuse("fault.expression_value", "advice.expression_value")

    def number(self, minus: Word | None) -> Literal:
        """Read a whole number or a decimal, whose minus has been read."""
        word = self.now
        sign, at = (-1, minus.at) if minus else (1, word.at)
        whole, point, part = word.text.partition(".")
        if len(part) > PLACES:
            self.refuse("fault.expression_places", "advice.expression_places", places=PLACES)
        # Longer ones do not fit anyhow, and Python refuses to read very long ones.
        value = sign * int((whole.lstrip("0") + part.ljust(PLACES if point else 0, "0"))[:30] or 0)
        if not INT_MIN <= value <= INT_MAX:
            self.refuse("fault.expression_large", "advice.expression_large")
        self.place += 1
        return Literal("decimal" if point else "int", value, at)

    def named(self) -> Expression:
        """Read a word, a function, or a name with its dots."""
        word = self.now
        self.place += 1
        if word.text in _WORDS:
            return Literal(_WORDS[word.text].kind, _WORDS[word.text].value, word.at)
        if self.now.text == "(" and self.now.kind == "sign":
            return self.function(word)
        if word.text in RESERVED:
            self.refuse("fault.expression_need", "advice.expression_need", sign="(")
        parts = [word.text]
        while self.now.text == "." and not self.calls():
            self.place += 1
            if self.now.kind != "name":
                self.refuse("fault.expression_member", "advice.expression_member")
            parts.append(self.now.text)
            self.place += 1
        return Name(".".join(parts), word.at)

    def calls(self) -> bool:
        """Tell whether the dot begins a function: a name and a bracket follow."""
        after = self.words[self.place + 1 : self.place + 3]
        return len(after) == 2 and after[0].kind == "name" and after[1].text == "("

    def function(self, word: Word) -> Expression:
        if word.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            what, remedy = "fault.expression_function", "advice.known"
            raise fault(what, remedy, word.at, word.text, known=known)
        args = self.items("(", ")")
        least, most = FUNCTIONS[word.text]
        if not least <= len(args) <= most:
            what = "fault.expression_arguments"
            raise fault(what, "advice.expression_arguments", word.at, word.text, least=least)
        return Call(word.text, args, word.at)

    def items(self, opening: str, closing: str) -> tuple[Expression, ...]:
        """Read expressions between brackets, with commas between them."""
        self.need(opening)
        if self.take(closing):
            return ()
        found = [self.choice()]
        while self.take(","):
            found.append(self.choice())
        self.need(closing)
        return tuple(found)
