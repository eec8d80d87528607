"""The reference: what an expression means, in plain Python with whole numbers of any size."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from liandong.kernels.streams.exact import MISSING, OVERFLOW, ZERO
from liandong.watch.language.checking import NUMBERS, Typed
from liandong.watch.language.nodes import SCALE, clip

REASONS = {MISSING: "missing", OVERFLOW: "overflow", ZERO: "zero"}
"""Why a result is null: a value is not there, does not fit in 64 bits, or was divided by zero."""

Value = int | str | None


class Outcome(NamedTuple):
    """What came out of a row.

    Attributes
    ----------
    value
        The number (of a decimal: in millionths), the text, 1 or 0 for true or false, or None.
    reason
        Why it is None: ``missing``, ``overflow`` or ``zero``; else empty.
    """

    value: Value
    reason: str


class _Null(NamedTuple):
    why: int


Found = int | str | _Null


def evaluate(typed: Typed, row: Mapping[str, Value]) -> Outcome:
    """Work out an expression for one row.

    Parameters
    ----------
    typed
        From :func:`types`.
    row
        Values by name; decimals in millionths; None and names left out are null.

    Examples
    --------
    >>> from liandong.watch.language import Column, parse, types
    >>> typed = types(parse("a / b > 2"), {"a": Column("int"), "b": Column("int")})
    >>> evaluate(typed, {"a": 5, "b": 2})
    Outcome(value=1, reason='')
    >>> evaluate(typed, {"a": 5, "b": 0})
    Outcome(value=None, reason='zero')
    """
    found = _value(typed, row)
    if isinstance(found, _Null):
        return Outcome(None, REASONS[found.why])
    return Outcome(found, "")


def _value(node: Typed, row: Mapping[str, Value]) -> Found:
    if node.op == "literal":
        return _Null(MISSING) if node.value is None else node.value
    if node.op == "name":
        value = row.get(str(node.value))
        return _Null(MISSING) if value is None else value
    args = [_value(a, row) for a in node.args]
    if node.op == "has":
        return int(not isinstance(args[0], _Null))
    if node.op in {"&&", "||"}:
        return _joined(args, int(node.op == "||"))
    if node.op == "?:":
        return args[0] if isinstance(args[0], _Null) else args[1 if args[0] else 2]
    if node.op == "in":
        pairs = [(0, i) for i in range(1, len(args))]
        return _joined([_compared("==", node, args, pair) for pair in pairs], 1)
    if node.op in _COMPARED:
        return _compared(node.op, node, args, (0, 1))
    null = next((a for a in args if isinstance(a, _Null)), None)
    return null or _worked_out(node, args)


def _joined(args: list[Found], decides: int) -> Found:
    """Return the value that decides, else the first null, else the other value."""
    if decides in args:
        return decides
    return next((a for a in args if isinstance(a, _Null)), 1 - decides)


_COMPARED: dict[str, Callable[[int, int], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda a, b: b in a,
}


def _compared(op: str, node: Typed, args: list[Found], pair: tuple[int, int]) -> Found:
    """Compare two arguments: texts as they are, numbers of both kinds as what they are."""
    sides = [args[i] for i in pair]
    null = next((a for a in sides if isinstance(a, _Null)), None)
    if null:
        return null
    if isinstance(sides[0], str):
        return int((sides[0] == sides[1]) is (op == "=="))
    kinds = [node.args[i].kind for i in pair]
    scale = SCALE if {*kinds} == {*NUMBERS} else 1
    numbers = [
        a * (scale if k == "int" else 1)
        for a, k in zip(sides, kinds, strict=True)
        if isinstance(a, int)
    ]
    return int(_COMPARED[op](*numbers))


def _worked_out(node: Typed, args: list[Found]) -> Found:
    """Return what an operator makes of values that are all there."""
    if node.op in _TEXTS:
        return int(_TEXTS[node.op](str(args[0]), str(args[1])))
    values = [int(a) for a in args if not isinstance(a, _Null)]
    if node.op == "!":
        return 1 - values[0]
    if node.op in {"/", "%"} and values[1] == 0:
        return _Null(ZERO)
    exact = _ARITHMETIC["dec*" if (node.op, node.kind) == ("*", "decimal") else node.op](values)
    fits = clip(exact)
    return _Null(OVERFLOW) if fits is None else fits


def _toward_zero(value: int, divisor: int) -> int:
    return abs(value) // abs(divisor) * (1 if (value < 0) == (divisor < 0) else -1)


_ARITHMETIC: dict[str, Callable[[list[int]], int]] = {
    "neg": lambda v: -v[0],
    "abs": lambda v: abs(v[0]),
    "min": min,
    "max": max,
    "+": sum,
    "-": lambda v: v[0] - v[1],
    "*": lambda v: v[0] * v[1],
    "dec*": lambda v: _toward_zero(v[0] * v[1], SCALE),
    "/": lambda v: _toward_zero(v[0] * SCALE, v[1]),
    "%": lambda v: v[0] - v[1] * _toward_zero(v[0], v[1]),
    "decimal": lambda v: v[0] * SCALE,
}
