"""From tree to its one text: the canonical form that :func:`parse` reads as the same tree."""

from liandong.watch.language.nodes import Call, Expression, Literal, Name, millionths
from liandong.watch.language.parsing import FUNCTIONS, LEVELS, METHODS

_BINDS = {sign: 1 + level for level, signs in enumerate(LEVELS) for sign in signs}
_UNARY, _WHOLE = 1 + len(LEVELS), 2 + len(LEVELS)
_CODES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def write(expression: Expression) -> str:
    """Return the canonical text: one space around signs, brackets only where they are needed.

    Examples
    --------
    >>> from liandong.watch.language import parse
    >>> write(parse("(a>1)&&!(b in['x'])"))
    'a > 1 && !(b in ["x"])'
    """
    return _write(expression)[0]


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return '"' + "".join(_CODES.get(c, c) for c in text) + '"'


def _write(node: Expression) -> tuple[str, int]:
    """Return the text, and how closely it binds."""
    if isinstance(node, Name):
        return node.name, _WHOLE
    if isinstance(node, Literal):
        # A dot after a number would be read as part of it.
        return literal(node), _UNARY if node.kind in {"int", "decimal"} else _WHOLE
    if node.op in FUNCTIONS:
        return f"{node.op}({_list(node.args)})", _WHOLE
    if node.op in METHODS:
        return f"{_within(node.args[0], _WHOLE)}.{node.op}({write(node.args[1])})", _WHOLE
    if node.op == "?:":
        test, yes, no = (_within(a, level) for a, level in zip(node.args, (1, 0, 0), strict=True))
        return f"{test} ? {yes} : {no}", 0
    if node.op in {"neg", "!"}:
        return _unary(node), _UNARY
    binds = _BINDS[node.op]
    if node.op == "in":
        return f"{_within(node.args[0], binds)} in [{_list(node.args[1:])}]", binds
    # A chain of "and" is one call, so one inside another keeps its brackets.
    first = _within(node.args[0], binds + (node.op in {"&&", "||"}))
    return f" {node.op} ".join([first, *(_within(a, binds + 1) for a in node.args[1:])]), binds


def _unary(node: Call) -> str:
    inner = node.args[0]
    number = isinstance(inner, Literal) and inner.kind in {"int", "decimal"}
    sign = "!" if node.op == "!" else "-"
    # A minus right before a number would be read as part of the number.
    bare = f"({write(inner)})" if number and node.op == "neg" else _within(inner, _UNARY)
    return sign + bare


def _within(node: Expression, level: int) -> str:
    text, binds = _write(node)
    return text if binds >= level else f"({text})"


def _list(nodes: tuple[Expression, ...]) -> str:
    return ", ".join(write(n) for n in nodes)


def literal(node: Literal) -> str:
    """Return the text of a constant."""
    if node.kind == "text":
        return quoted(str(node.value))
    if node.kind == "decimal":
        return millionths(int(node.value or 0))
    if node.kind == "bool":
        return "true" if node.value else "false"
    return "null" if node.value is None else str(node.value)
