"""JSONLogic: rules of others read as expressions, and expressions written for others."""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from liandong.texts import unread
from liandong.watch.language.lexing import HALVES, LONGEST
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
from liandong.watch.language.parsing import RESERVED
from liandong.watch.language.writing import literal, write

_NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_SAME = {"===": "==", "!==": "!=", "==": "==", "!=": "!=", "and": "&&", "or": "||"}
_ORDER = ("<", "<=", ">", ">=")
_HERE = (1, 1)
Json = object


def from_jsonlogic(text: str) -> Expression:
    """Read a rule of JSONLogic.

    Parameters
    ----------
    text
        JSON. Numbers are read as they are written, never as floats. Truth is ``true`` and
        ``false`` alone, and nulls follow the rules of this language.

    Raises
    ------
    ExpressionError
        If it is no JSON, or has an operator or a shape that is not known; it names the part.

    Examples
    --------
    >>> write(from_jsonlogic('{"and": [{">": [{"var": "a"}, 1.5]}, {"!=": [{"var": "b"}, null]}]}'))
    'a > 1.5 && has(b)'
    """
    if len(text) > LONGEST:
        what = "fault.expression_long"
        raise fault(what, "advice.expression_deep", _HERE, text, most=LONGEST)
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (json.JSONDecodeError, ValueError, RecursionError, InvalidOperation) as error:
        at = (getattr(error, "lineno", 1), getattr(error, "colno", 1))
        known = isinstance(error, json.JSONDecodeError)
        what, why = "fault.jsonlogic_text", unread(error) if known else type(error).__name__
        raise fault(what, "advice.jsonlogic_text", at, text, why=why) from error
    return _read(found, 0)


def _no_number(text: str) -> None:
    raise fault("fault.expression_number", "advice.expression_number", _HERE, text)


def _read(node: Json, depth: int) -> Expression:
    if depth > DEEPEST:
        raise fault("fault.expression_deep", "advice.expression_deep", _HERE, _json(node))
    if not isinstance(node, dict):
        return _constant(node)
    if len(node) != 1:
        raise _shape(node)
    op, given = next(iter(node.items()))
    raw = given if isinstance(given, list) else [given]
    if op == "var":
        return _var(node, raw, depth)
    if op not in _READERS:
        known = ", ".join(("var", *_READERS))
        raise fault("fault.jsonlogic_operator", "advice.jsonlogic_operator", _HERE, op, names=known)
    if op == "in" and len(raw) == 2 and isinstance(raw[1], list):
        items = [_read(a, depth + 1) for a in raw[1]]
        return Call("in", (_read(raw[0], depth + 1), *items))
    found = _READERS[op](op, [_read(a, depth + 1) for a in raw])
    if found is None:
        raise _shape(node)
    return found


def _json(node: Json) -> str:
    return json.dumps(node, default=str, ensure_ascii=False)


def _shape(node: Json) -> Exception:
    return fault("fault.jsonlogic_shape", "advice.jsonlogic_shape", _HERE, _json(node))


def _constant(node: Json) -> Expression:
    if node is None or isinstance(node, bool):
        return Literal("null", None) if node is None else Literal("bool", int(node))
    if isinstance(node, str) and not HALVES.search(node):
        return Literal("text", node)
    if not isinstance(node, int | Decimal):
        raise _shape(node)
    exact = node if isinstance(node, int) else _millionths(node)
    if not INT_MIN <= exact <= INT_MAX:
        what, remedy = "fault.expression_large", "advice.expression_large"
        raise fault(what, remedy, _HERE, str(node))
    return Literal("int" if isinstance(node, int) else "decimal", exact)


def _millionths(node: Decimal) -> int:
    """Return a number in millionths, by its digits: arithmetic of decimals would round them."""
    sign, digits, power = node.as_tuple()
    all_ = "".join(map(str, digits))
    text = all_.rstrip("0")
    exponent = int(power) + len(all_) - len(text) + PLACES
    if not text:
        return 0
    if exponent < 0:
        what, remedy = "fault.expression_places", "advice.expression_places"
        raise fault(what, remedy, _HERE, str(node), places=PLACES)
    # One that has more digits than 64 bits need not be written out.
    size = int(text) * 10**exponent if len(text) + exponent < 25 else 2 * INT_MAX
    return -size if sign else size


def _var(node: Json, raw: list[Json], depth: int) -> Expression:
    """Read a name, with what stands for it where it is null."""
    name = raw[0] if raw else None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(raw) > 2:
        raise _shape(node)
    if name in RESERVED:
        raise _shape(node)
    found = Name(name)
    if len(raw) == 1 or raw[1] is None:
        return found
    return Call("?:", (Call("has", (found,)), found, _read(raw[1], depth + 1)))


def _chain(op: str, args: list[Expression]) -> Expression | None:
    return Call(_SAME[op], tuple(args)) if len(args) > 1 else next(iter(args), None)


def _equal(op: str, args: list[Expression]) -> Expression | None:
    """Read a comparison; one with null asks whether there is a value."""
    if len(args) != 2:
        return None
    some = [a for a in args if not (isinstance(a, Literal) and a.kind == "null")]
    if len(some) == 2:
        return Call(_SAME[op], tuple(args))
    if not some:
        return Literal("bool", int(_SAME[op] == "=="))
    known = Call("has", (some[0],))
    return known if _SAME[op] == "!=" else Call("!", (known,))


def _order(op: str, args: list[Expression]) -> Expression | None:
    """Read a comparison; of three, the second lies between the others."""
    if len(args) == 3 and op in {"<", "<="}:
        return Call("&&", (Call(op, tuple(args[:2])), Call(op, tuple(args[1:]))))
    return Call(op, tuple(args)) if len(args) == 2 else None


def _fold(op: str, args: list[Expression]) -> Expression | None:
    """Read a sum or a product of several, from left to right; a minus may have one."""
    if len(args) == 1 and op == "-":
        return _negative(args[0])
    if len(args) < 2 or (len(args) > 2 and op not in {"+", "*"}):
        return None
    found = args[0]
    for arg in args[1:]:
        found = Call(op, (found, arg))
    return found


def _negative(arg: Expression) -> Expression:
    number = isinstance(arg, Literal) and isinstance(arg.value, int) and arg.kind != "bool"
    if number and isinstance(arg, Literal) and int(arg.value or 0) != INT_MIN:
        return Literal(arg.kind, -int(arg.value or 0))
    return Call("neg", (arg,))


def _extreme(op: str, args: list[Expression]) -> Expression | None:
    return Call(op, tuple(args)) if len(args) > 1 else next(iter(args), None)


def _not(op: str, args: list[Expression]) -> Expression | None:
    if len(args) != 1:
        return None
    return args[0] if op == "!!" else Call("!", (args[0],))


def _if(_op: str, args: list[Expression]) -> Expression | None:
    """Read tests and values in turn, and the value of none of them, null if it is left out."""
    if len(args) < 2:
        return None
    odd = len(args) % 2
    found = args[-1] if odd else Literal("null", None)
    for i in range(len(args) - 2 - odd, -1, -2):
        found = Call("?:", (args[i], args[i + 1], found))
    return found


def _contains(_op: str, args: list[Expression]) -> Expression | None:
    return Call("contains", (args[1], args[0])) if len(args) == 2 else None


Reader = Callable[[str, list[Expression]], Expression | None]
_READERS: dict[str, Reader] = {
    **dict.fromkeys(("and", "or"), _chain),
    **dict.fromkeys(("==", "===", "!=", "!=="), _equal),
    **dict.fromkeys(_ORDER, _order),
    **dict.fromkeys(("+", "-", "*", "/", "%"), _fold),
    **dict.fromkeys(("min", "max"), _extreme),
    **dict.fromkeys(("!", "!!"), _not),
    **dict.fromkeys(("if", "?:"), _if),
    "in": _contains,
}

_WRITTEN = {"&&": "and", "||": "or", "==": "===", "!=": "!==", "neg": "-", "?:": "if"}
_AS_IS = (*_ORDER, "+", "-", "*", "/", "%", "min", "max", "!")


def to_jsonlogic(expression: Expression) -> str:
    """Write an expression as JSONLogic; reading it again gives an expression of the same meaning.

    Raises
    ------
    ExpressionError
        At ``abs``, ``startsWith``, and ``endsWith``, which JSONLogic does not have.

    Examples
    --------
    >>> from liandong.watch.language import parse
    >>> to_jsonlogic(parse("a / 2 > 0.5"))
    '{">": [{"/": [{"var": "a"}, 2]}, 0.5]}'
    """
    if isinstance(expression, Name):
        return f'{{"var": {json.dumps(expression.name, ensure_ascii=False)}}}'
    if isinstance(expression, Literal):
        text = expression.kind == "text"
        return json.dumps(expression.value, ensure_ascii=False) if text else literal(expression)
    op, args = expression.op, [to_jsonlogic(a) for a in expression.args]
    if op == "has":
        return f'{{"!=": [{args[0]}, null]}}'
    if op == "in":
        return f'{{"in": [{args[0]}, [{", ".join(args[1:])}]]}}'
    if op == "contains":
        return f'{{"in": [{args[1]}, {args[0]}]}}'
    if op not in _WRITTEN and op not in _AS_IS:
        what, remedy = "fault.jsonlogic_write", "advice.jsonlogic_write"
        raise fault(what, remedy, expression.at, write(expression))
    return f'{{"{_WRITTEN.get(op, op)}": [{", ".join(args)}]}}'
