"""From a checked expression to DuckDB's SQL with the same nulls, overflows and cuts."""

from liandong.watch.language.checking import NUMBERS, Typed
from liandong.watch.language.nodes import SCALE

_SIGNS = {"==": "=", "!=": "<>", "&&": "AND", "||": "OR"}
_TESTS = {"startsWith": "starts_with", "endsWith": "ends_with", "contains": "contains"}
_TYPES = {"int": "BIGINT", "decimal": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN"}
_SMALL = 2**31


def sql(typed: Typed) -> str:
    """Return an expression of DuckDB's SQL.

    It reads columns of the names: BIGINT (decimals in millionths), BOOLEAN and VARCHAR. Arithmetic
    is done in 128 bits, and what does not fit in 64 is NULL, as is a division by zero.

    Parameters
    ----------
    typed
        From :func:`types`.

    Examples
    --------
    >>> from liandong.watch.language import Column, parse, types
    >>> sql(types(parse("has(a) && a > 2"), {"a": Column("int")}))
    '(("a" IS NOT NULL) AND ("a" > 2))'
    """
    if typed.op == "literal":
        return _literal(typed)
    if typed.op == "name":
        return '"' + str(typed.value).replace('"', '""') + '"'
    args = [sql(a) for a in typed.args]
    if typed.op in {"min", "max"}:
        return _extreme(typed, args)
    if typed.op in {"==", "!=", "<", "<=", ">", ">=", "in"}:
        return _compared(typed)
    if typed.op in {"&&", "||"}:
        return f"({f' {_SIGNS[typed.op]} '.join(args)})"
    if typed.op in _TESTS:
        return f"{_TESTS[typed.op]}({args[0]}, {args[1]})"
    if typed.op in _SHAPES:
        return _SHAPES[typed.op].format(*args)
    return _fits(_arithmetic(typed, [f"CAST({a} AS HUGEINT)" for a in args]))


_SHAPES = {
    "!": "(NOT {})",
    "has": "({} IS NOT NULL)",
    # A null is neither, so that the test is written once.
    "?:": "(CASE {} WHEN TRUE THEN {} WHEN FALSE THEN {} END)",
}


def _literal(typed: Typed) -> str:
    value = typed.value
    if value is None:
        return f"CAST(NULL AS {_TYPES[typed.kind]})" if typed.kind in _TYPES else "NULL"
    if typed.kind == "text":
        return "'" + str(value).replace("'", "''") + "'"
    if typed.kind == "bool":
        return "TRUE" if value else "FALSE"
    small = -_SMALL < int(value) < _SMALL
    return (f"({value})" if int(value) < 0 else f"{value}") if small else f"CAST({value} AS BIGINT)"


def _fits(whole: str) -> str:
    return f"TRY_CAST({whole} AS BIGINT)"


def _arithmetic(typed: Typed, args: list[str]) -> str:
    """Return the exact result, of 128 bits; ``//`` and ``%`` cut toward zero."""
    op = typed.op
    if op in {"neg", "abs"}:
        return f"-{args[0]}" if op == "neg" else f"abs({args[0]})"
    if op == "decimal":
        return f"({args[0]} * {SCALE})"
    if op == "/":
        return f"(({args[0]} * {SCALE}) // NULLIF({args[1]}, 0))"
    if op == "%":
        return f"({args[0]} % NULLIF({args[1]}, 0))"
    exact = f"({args[0]} {op} {args[1]})"
    return f"({exact} // {SCALE})" if op == "*" and typed.kind == "decimal" else exact


def _extreme(typed: Typed, args: list[str]) -> str:
    """Return the least or greatest, null if one of them is: SQL's own would pass over nulls."""
    if all(a.op in {"name", "literal"} for a in typed.args):
        there = " AND ".join(f"{a} IS NOT NULL" for a in args)
        own = "least" if typed.op == "min" else "greatest"
        return f"(CASE WHEN {there} THEN {own}({', '.join(args)}) END)"
    # Slower, but it writes each argument once: nested ones would double at each level.
    signs = ("<=", ">") if typed.op == "min" else (">=", "<")
    chosen = " ".join(f"WHEN x {s} y THEN {v}" for s, v in zip(signs, "xy", strict=True))
    return f"list_reduce([{', '.join(args)}], lambda x, y: CASE {chosen} END)"


def _compared(typed: Typed) -> str:
    mixed = {a.kind for a in typed.args} >= {*NUMBERS}
    args = [_scaled(a) if mixed else sql(a) for a in typed.args]
    if typed.op != "in":
        return f"({args[0]} {_SIGNS.get(typed.op, typed.op)} {args[1]})"
    return f"({args[0]} IN ({', '.join(args[1:])}))" if args[1:] else "FALSE"


def _scaled(typed: Typed) -> str:
    """Return a number in millionths, wide enough for all."""
    exact = f"CAST({sql(typed)} AS HUGEINT)"
    return f"({exact} * {SCALE})" if typed.kind == "int" else exact
