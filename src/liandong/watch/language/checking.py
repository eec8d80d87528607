"""What kinds an expression has: mistakes are found before the first row, with their place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from liandong.schema.field import Table
from liandong.texts import both
from liandong.watch.language.nodes import (
    INT_MAX,
    INT_MIN,
    SCALE,
    Call,
    Expression,
    Kind,
    Literal,
    Name,
    Position,
    fault,
)
from liandong.watch.language.parsing import METHODS
from liandong.watch.language.writing import write

NUMBERS = ("int", "decimal")


@dataclass(frozen=True, slots=True)
class Column:
    """What a name stands for.

    Attributes
    ----------
    kind
        ``int`` and ``decimal`` (millionths) are int64 in the rows.
    zh, en
        Words for people; the name itself if there are none.
    unit
        ``fen`` and ``rate`` are told as money and per cent; other units stand after the number as
        they are, and empty ones do not.
    """

    kind: Kind
    zh: str = ""
    en: str = ""
    unit: str = ""


Schema = Mapping[str, Column]


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression whose kinds are known: what all backends work on.

    Attributes
    ----------
    op
        As in :class:`Call`; ``literal``, ``name``; or ``decimal``, which turns an int into one.
    kind
        Kind of the result.
    args
        Arguments.
    value
        Value of a literal, the name of a name.
    column
        What the name stands for.
    at
        Line and column, no part of equality.
    """

    op: str
    kind: Kind
    args: tuple["Typed", ...] = ()
    value: int | str | None = None
    column: Column | None = None
    at: Position = field(default=(1, 1), compare=False)


_SCHEMA_KINDS: dict[str, tuple[Kind, str]] = {
    "money": ("int", "fen"),
    "rate": ("decimal", "rate"),
    "int": ("int", ""),
    "bool": ("bool", ""),
    **dict.fromkeys(("id", "text", "choice", "region", "industry", "credit_code"), ("text", "")),
}


def columns(table: Table) -> dict[str, Column]:
    """Return the fields of a table that an expression can read.

    Floats, times, reasons and JSON are left out: windows make whole numbers of them.

    Examples
    --------
    >>> from liandong.schema.tables import TABLES
    >>> columns(TABLES["invoice"])["net"].unit
    'fen'
    """
    return {
        f.name: Column(_SCHEMA_KINDS[f.kind][0], f.zh, f.en, _SCHEMA_KINDS[f.kind][1] or f.unit)
        for f in table.fields
        if f.kind in _SCHEMA_KINDS
    }


def types(expression: Expression, schema: Schema) -> Typed:
    """Find the kinds of an expression and of all its parts.

    Parameters
    ----------
    expression
        From :func:`parse` or :func:`from_jsonlogic`.
    schema
        The columns by name.

    Raises
    ------
    ExpressionError
        At an unknown name, at kinds that do not go together, at a comparison with ``null``, and at
        a division by a constant zero.

    Examples
    --------
    >>> from liandong.watch.language import parse
    >>> types(parse("a / 3 > 0.5"), {"a": Column("int")}).kind
    'bool'
    """
    if isinstance(expression, Literal):
        return Typed("literal", expression.kind, (), expression.value, None, expression.at)
    if isinstance(expression, Name):
        return _name(expression, schema)
    args = tuple(types(a, schema) for a in expression.args)
    return _CHECKS.get(expression.op, _arithmetic)(expression, args)


def _all(args: tuple[Typed, ...]) -> range:
    return range(len(args))


def _call(node: Call, kind: Kind, args: list[Typed] | tuple[Typed, ...]) -> Typed:
    return Typed(node.op, kind, tuple(args), at=node.at)


def _name(node: Name, schema: Schema) -> Typed:
    column = schema.get(node.name)
    if column is None:
        near = get_close_matches(node.name, schema, 3, 0.0)
        what, remedy = "fault.expression_name", "advice.expression_name"
        raise fault(what, remedy, node.at, node.name, near=", ".join(near) or "-")
    return Typed("name", column.kind, (), node.name, column, node.at)


def _kind_words(kind: str) -> dict[str, str]:
    return both(f"kinds.{kind}")


def _need(node: Call, args: tuple[Typed, ...], i: int, need: str) -> Typed:
    """Return an argument as a bool or a number; null can be either."""
    got = args[i]
    if got.kind == "null":
        return as_kind(got, "bool" if need == "bool" else "int")
    if got.kind != need and not (need == "number" and got.kind in NUMBERS):
        text, at = write(node.args[i]), _start(node.args[i])
        said = {"need": _kind_words(need), "is_": _kind_words(got.kind)}
        raise fault("fault.expression_type", "advice.expression_type", at, text, **said)
    return got


def _start(node: Expression) -> Position:
    """Return where the text of a part begins."""
    first = node
    while isinstance(first, Call) and first.args:
        first = first.args[0] if first.args[0].at < first.at else Literal("null", None, first.at)
    return first.at


def as_kind(typed: Typed, kind: Kind) -> Typed:
    """Return a part as another kind: null as any, an int as a decimal."""
    if typed.kind == kind:
        return typed
    if typed.op == "literal" and typed.value is None:
        return Typed("literal", kind, (), None, None, typed.at)
    if typed.kind == "null":  # a choice between nulls
        test, *nulls = typed.args
        return Typed("?:", kind, (test, *(as_kind(n, kind) for n in nulls)), at=typed.at)
    if typed.op == "literal" and INT_MIN <= int(typed.value or 0) * SCALE <= INT_MAX:
        return Typed("literal", kind, (), int(typed.value or 0) * SCALE, None, typed.at)
    return Typed("decimal", kind, (typed,), at=typed.at)


def _refuse_null(node: Call, args: tuple[Typed, ...]) -> None:
    if any(a.kind == "null" for a in args):
        raise fault("fault.expression_null", "advice.expression_null", node.at, write(node))


def _mixed(node: Call, left: Typed, right: Typed) -> Exception:
    said = {"left": _kind_words(left.kind), "right": _kind_words(right.kind)}
    what, remedy = "fault.expression_mixed", "advice.expression_mixed"
    return fault(what, remedy, node.at, write(node), **said)


def _equal(node: Call, args: tuple[Typed, ...]) -> Typed:
    _refuse_null(node, args)
    for other in args[1:]:
        numbers = {args[0].kind, other.kind} <= {*NUMBERS}
        if args[0].kind != other.kind and not numbers:
            raise _mixed(node, args[0], other)
    return _call(node, "bool", args)


def _method(node: Call, args: tuple[Typed, ...]) -> Typed:
    _refuse_null(node, args)
    for i in _all(args):
        _need(node, args, i, "text")
    if args[1].op != "literal":
        text, at = write(node.args[1]), _start(node.args[1])
        raise fault("fault.expression_pattern", "advice.expression_pattern", at, text)
    return _call(node, "bool", args)


def _choice(node: Call, args: tuple[Typed, ...]) -> Typed:
    test, yes, no = _need(node, args, 0, "bool"), *args[1:]
    kinds = {yes.kind, no.kind} - {"null"}
    if "text" in kinds:
        raise fault("fault.expression_chosen", "advice.expression_chosen", node.at, write(node))
    if len(kinds) == 2 and kinds != {*NUMBERS}:
        raise _mixed(node, yes, no)
    kind: Kind = "decimal" if "decimal" in kinds else next(iter(kinds), "null")
    return _call(node, kind, [test, as_kind(yes, kind), as_kind(no, kind)])


def _truths(node: Call, args: tuple[Typed, ...]) -> Typed:
    return _call(node, "bool", [_need(node, args, i, "bool") for i in _all(args)])


def _has(node: Call, args: tuple[Typed, ...]) -> Typed:
    return _call(node, "bool", args)


def _order(node: Call, args: tuple[Typed, ...]) -> Typed:
    _refuse_null(node, args)
    return _call(node, "bool", [_need(node, args, i, "number") for i in _all(args)])


def _arithmetic(node: Call, given: tuple[Typed, ...]) -> Typed:
    args = [_need(node, given, i, "number") for i in _all(given)]
    op = node.op
    divides = op in {"/", "%"}
    if divides and args[1].op == "literal" and args[1].value == 0:
        raise fault("fault.expression_zero", "advice.expression_zero", node.at, write(node))
    if op == "%":
        for i, a in enumerate(args):
            if a.kind != "int":
                said = {"need": _kind_words("int"), "is_": _kind_words(a.kind)}
                at, text = _start(node.args[i]), write(node.args[i])
                raise fault("fault.expression_type", "advice.expression_type", at, text, **said)
    kind: Kind = "decimal" if any(a.kind == "decimal" for a in args) else "int"
    same = [as_kind(a, kind) for a in args]
    # The quotient of two ints is that of the same two decimals: nothing has to be converted.
    return _call(node, "decimal" if op == "/" else kind, same)


_CHECKS = {
    **dict.fromkeys(("&&", "||", "!"), _truths),
    **dict.fromkeys(("<", "<=", ">", ">="), _order),
    **dict.fromkeys(("==", "!=", "in"), _equal),
    **dict.fromkeys(METHODS, _method),
    "has": _has,
    "?:": _choice,
}
