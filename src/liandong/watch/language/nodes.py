"""The tree of an expression: literals, names, and calls of operators; and its errors."""

from dataclasses import dataclass, field
from typing import Literal as Choice

from liandong.errors import ExpressionError
from liandong.texts import both

Kind = Choice["int", "decimal", "text", "bool", "null"]

PLACES = 6
SCALE = 10**PLACES
"""A decimal is a whole number of millionths, like the rates of the tables."""
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
DEEPEST = 60
"""Most operators inside each other: more is no rule for people."""

Position = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant.

    Attributes
    ----------
    kind
        What it is.
    value
        The number (of a decimal: in millionths; of a bool: 0 or 1), the text, or None.
    at
        Line and column of its first character, from 1; no part of equality.
    """

    kind: Kind
    value: int | str | None
    at: Position = field(default=(1, 1), compare=False)
    depth: int = field(default=1, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A window or a field; a dot is part of the name."""

    name: str
    at: Position = field(default=(1, 1), compare=False)
    depth: int = field(default=1, init=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function with its arguments.

    Attributes
    ----------
    op
        The sign or the name; ``neg`` for the minus of one argument, ``?:`` for the choice.
    args
        Arguments in the order of the text. ``&&`` and ``||`` take two or more; ``in`` has what is
        looked for first and then the list.
    at
        Where it is to be found: the sign, or the name of the function.
    depth
        Operators inside each other, this one included.
    """

    op: str
    args: tuple["Expression", ...]
    at: Position = field(default=(1, 1), compare=False)
    depth: int = field(default=1, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        depth = 1 + max((a.depth for a in self.args), default=0)
        object.__setattr__(self, "depth", depth)
        if depth > DEEPEST:
            raise fault("fault.expression_deep", "advice.expression_deep", self.at, self.op)


Expression = Literal | Name | Call


def names(expression: Expression) -> tuple[str, ...]:
    """Return the names that an expression reads, each once, in the order of the text.

    Examples
    --------
    >>> from liandong.watch.language import parse
    >>> names(parse("b > 1 && a < b"))
    ('b', 'a')
    """
    if isinstance(expression, Call):
        return tuple(dict.fromkeys(n for a in expression.args for n in names(a)))
    return (expression.name,) if isinstance(expression, Name) else ()


def fault(
    what: str, remedy: str, at: Position, found: str | dict[str, str], **more: object
) -> ExpressionError:
    """Return the error of a code and its advice, at a place of the text; ``more`` fills both."""
    if isinstance(found, str):
        # What cannot be printed is told by its code.
        found = found.encode("utf-8", "backslashreplace").decode()
        found = found if len(found) <= 60 else f"{found[:57]}..."
    return ExpressionError(
        line=at[0],
        column=at[1],
        found=found,
        what=both(what, **more),
        remedy=both(remedy, **more),
    )


def millionths(value: int) -> str:
    """Write a decimal as text: at least one digit after the point, no more than it needs.

    Examples
    --------
    >>> millionths(2_500_000), millionths(-1)
    ('2.5', '-0.000001')
    """
    whole, part = divmod(abs(value), SCALE)
    digits = f"{part:06}".rstrip("0") or "0"
    return f"{'-' if value < 0 else ''}{whole}.{digits}"


def clip(value: int) -> int | None:
    """Return the value if it fits in 64 bits, else None."""
    return value if INT_MIN <= value <= INT_MAX else None
