"""The pictures of the matching desk: scenarios side by side."""

from collections.abc import Callable
from functools import partial
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, rows

Data = dict[str, Any]
NEUTRAL = frozenset({"micro_share", "price_budget", "price_micro"})
"""Figures of which more is neither better nor worse."""


def compared(found: list[Data], c: Cells) -> list[tuple[str, Markup]]:
    """Draw by how much scenarios differ from the real allocation, the first of them."""
    money = partial(formats.compact, kind="money", lang=c.lang)
    kinds = (
        ("used", c.t("scenario_used"), money),
        ("value", c.t("scenario_value"), money),
        ("offered", c.t("offered"), formats.number),
        ("micro_share", c.t("micro_share"), formats.rate),
        ("price_budget", f"{c.t('scenario_price_budget')} ({c.t('per_10k')})", _price),
        ("price_micro", f"{c.t('scenario_price_micro')} ({c.t('per_10k')})", _price),
    )
    return [(label, _bars(found, name, label, write, c)) for name, label, write in kinds]


def _price(value: float) -> str:
    return formats.number(1e4 * value, digits=2)


def _bars(
    found: list[Data], field: str, label: str, write: Callable[[Any], str], c: Cells
) -> Markup:
    now, drawn = found[0][field], []
    for r in found[1:]:
        value = None if r[field] is None or now is None else r[field] - now
        told = "–" if value is None else ("+" if value > 0 else "") + write(value)
        name = c.word("scenario", r["name"])
        look = "s1" if field in NEUTRAL else "minus" if (value or 0) < 0 else "plus"
        drawn.append(Row(name, value, note=told, look=look))
    values = [abs(r.value) for r in drawn if r.value is not None]
    most = max(values, default=0) or 1
    low = -most if any((r.value or 0) < 0 for r in drawn) else 0
    high = most if low == 0 or any((r.value or 0) > 0 for r in drawn) else 0
    return rows(label, drawn, Axis(low, high, ()), (0.0,), bars=True, side=170, note=76)
