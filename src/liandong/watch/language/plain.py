"""From a checked expression to words that people read."""

from liandong.texts import text
from liandong.types import YUAN
from liandong.watch.language.checking import Typed
from liandong.watch.language.nodes import SCALE, millionths
from liandong.watch.language.writing import quoted

_LEVELS = {"?:": 0, "||": 1, "&&": 2, "in": 3, "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "neg": 6}
_LEVELS |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "startsWith", "endsWith"), 3)
_LEVELS |= {"contains": 3, "!": 6}
_SIGNS = {"!=": "≠", "<=": "≤", ">=": "≥", "==": "=", "*": "×", "/": "÷"}
_COMMA = {"zh": "、", "en": ", "}
_BRACKETS = {"zh": "（{}）", "en": "({})"}
_LARGE = ((YUAN * 10**8, "words.hundred_million"), (YUAN * 10**4, "words.ten_thousand"))


def plain(typed: Typed, lang: str) -> str:
    """Say an expression in plain words.

    Constants beside money are told as money, beside rates as per cent.

    Parameters
    ----------
    typed
        From :func:`types`.
    lang
        ``zh`` or ``en``.

    Examples
    --------
    >>> from liandong.watch.language import Column, parse, types
    >>> paid = Column("int", "24 小时内付款合计", "paid within 24 hours", "fen")
    >>> typed = types(parse("sum_24h > 50000000"), {"sum_24h": paid})
    >>> plain(typed, "zh"), plain(typed, "en")
    ('24 小时内付款合计 > 50 万元', 'paid within 24 hours > 500,000 yuan')
    """
    return _say(typed, lang, "")


def _say(node: Typed, lang: str, unit: str) -> str:
    if node.op == "literal":
        return _literal(node, lang, unit)
    if node.op == "name" and node.column:
        return (node.column.zh if lang == "zh" else node.column.en) or str(node.value)
    if node.op == "decimal":
        return _say(node.args[0], lang, unit)
    unit = unit if node.op in {"min", "max", "abs", "neg", "+", "-", "?:"} else ""
    unit = unit or _unit(node)
    level = _LEVELS.get(node.op, 7)
    # What has words around it on both sides needs no brackets.
    own = node.op in {"min", "max", "abs", "has", "!"}
    inner = 0 if own else level + (node.op in {"?:", "neg", "&&", "||"})
    first = _within(node.args[0], lang, unit, inner)
    rest = [_within(a, lang, unit, 0 if own else level + 1) for a in node.args[1:]]
    return _joined(node, lang, [first, *rest])


def _joined(node: Typed, lang: str, args: list[str]) -> str:
    op = node.op
    if op in {"&&", "||"}:
        return text(f"words.{'and' if op == '&&' else 'or'}", lang).join(args)
    if op == "!" and node.args[0].op == "has":
        return text("words.lacks", lang, a=_say(node.args[0].args[0], lang, ""))
    if op in {"min", "max"}:
        return text(f"words.{op}", lang, a=_COMMA[lang].join(args))
    if op == "in":
        return text("words.in", lang, a=args[0], b=_COMMA[lang].join(args[1:]))
    if op in _WORDED:
        return text(f"words.{_WORDED[op]}", lang, **dict(zip("abc", args, strict=False)))
    return f" {_SIGNS.get(op, op)} ".join(args) if len(args) > 1 else f"-{args[0]}"


_WORDED = {
    "!": "not",
    "has": "has",
    "abs": "abs",
    "?:": "choice",
    "startsWith": "starts",
    "endsWith": "ends",
    "contains": "contains",
}


def _within(node: Typed, lang: str, unit: str, least: int) -> str:
    inner = node.args[0] if node.op == "decimal" else node
    said = _say(inner, lang, unit)
    needs = _LEVELS.get(inner.op, 7) < least
    return _BRACKETS[lang].format(said) if needs else said


def _unit(node: Typed) -> str:
    """Return the unit that the names of a sum or of a comparison share, if their unit is one."""
    if node.op not in {"==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "min", "max", "?:"}:
        return ""
    units = {u for a in node.args for u in [_unit_of(a)] if u is not None}
    return units.pop() if len(units) == 1 else ""


def _unit_of(node: Typed) -> str | None:
    """Return the unit of a part: empty if it has none, None if it takes that of the others."""
    if node.op == "literal" or node.kind == "bool":
        return None
    if node.op == "name":
        return node.column.unit if node.column else ""
    if node.op in {"decimal", "neg", "abs"} or (node.op == "/" and _constant(node.args[1])):
        return _unit_of(node.args[0])
    if node.op == "*" and _constant(node.args[0]) != _constant(node.args[1]):
        return _unit_of(node.args[1 if _constant(node.args[0]) else 0])
    return _unit(node)


def _constant(node: Typed) -> bool:
    return node.op == "literal" or (node.op == "decimal" and _constant(node.args[0]))


def _literal(node: Typed, lang: str, unit: str) -> str:
    if node.value is None or node.kind == "bool":
        word = "null" if node.value is None else ("true" if node.value else "false")
        return text(f"words.{word}", lang)
    if node.kind == "text":
        return f"“{node.value}”" if lang == "zh" else quoted(str(node.value))
    value = int(node.value)
    millions = value if node.kind == "decimal" else value * SCALE
    if unit == "fen":
        return _money(millions, lang)
    if unit == "rate":
        return f"{_number(millions * 100)}%"
    return f"{_number(millions)} {unit}".rstrip()


def _number(millions: int) -> str:
    """Write a number of millionths, with commas and no more digits than it needs."""
    whole, _, part = millionths(abs(millions)).partition(".")
    sign = "-" if millions < 0 else ""
    return f"{sign}{int(whole):,}" + ("" if part == "0" else f".{part}")


def _money(millions: int, lang: str) -> str:
    """Write millionths of a fen as yuan; in Chinese by ten thousands where that is shorter."""
    if lang == "zh":
        for size, word in _LARGE:
            if abs(millions) >= size * SCALE and not millions % (size // 100 * SCALE):
                return text(word, lang, a=_number(millions // size))
    return text("words.yuan", lang, a=_number(millions // YUAN))
