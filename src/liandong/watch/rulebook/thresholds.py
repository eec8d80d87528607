"""The threshold of a rule: the number that its expression compares something with."""

from collections.abc import Iterator
from decimal import Decimal

from liandong.watch.backtest.rules import PLACE, Sweep
from liandong.watch.language import Call, Expression, Judgement, Literal, parse, write
from liandong.watch.language.nodes import SCALE
from liandong.watch.language.writing import literal

STEPS = (40, 50, 60, 70, 80, 90, 95, 100, 105, 110, 120, 130, 140, 160, 180, 200, 250)
"""Per cent of the threshold that are tried."""
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def swept(rule: Judgement, name: str) -> tuple[Sweep, int] | None:
    """Return a sweep over the first threshold of a rule, and which step is the rule itself.

    The first number other than zero that is compared with something, itself or in a chain of "and"
    and "or"; None if there is none.

    Examples
    --------
    >>> rule = Judgement(code="L", when="a > 10 && has(b)", level="red")
    >>> sweep, chosen = swept(rule, "L")
    >>> sweep.when, sweep.texts[0], sweep.texts[chosen]
    ('a > {x} && has(b)', 'a > 4 && has(b)', 'a > 10 && has(b)')
    """
    text = write(rule.expression)
    found = next(_compared(parse(text)), None)
    if found is None or "\n" in text or PLACE in text:
        return None
    node, rising = found
    start, length = node.at[1] - 1, len(literal(node))
    value, whole = int(node.value or 0), node.kind == "int"
    tried = sorted({_part(value, s) for s in STEPS}, reverse=not rising)
    limits = [Decimal(v) if whole else Decimal(v) / SCALE for v in tried]
    chosen = tried.index(value)
    limits[chosen] = Decimal(literal(node))  # as it is written
    when = text[:start] + PLACE + text[start + length :]
    return Sweep(code=name, when=when, thresholds=tuple(limits)), chosen


def _part(value: int, percent: int) -> int:
    return value * percent // 100 if value > 0 else -(-value * percent // 100)


def _compared(node: Expression) -> Iterator[tuple[Literal, bool]]:
    """Yield numbers that something is compared with, and whether larger ones are stricter."""
    if not isinstance(node, Call):
        return
    if node.op in {"&&", "||"}:
        for arg in node.args:
            yield from _compared(arg)
    elif node.op in _TURNED:
        left, right = node.args
        for limit, sign in ((right, node.op), (left, _TURNED[node.op])):
            if isinstance(limit, Literal) and limit.kind in {"int", "decimal"} and limit.value:
                yield limit, sign in {">", ">="}
