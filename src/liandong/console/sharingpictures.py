"""The picture of what was released: values with noise, and the interval that holds most of it."""

from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, rows
from liandong.console.settlepictures import scale_of
from liandong.types import YUAN

Data = dict[str, Any]
FEN = "CNY fen"
DRAWN = 30
"""Cells that are drawn: the largest."""


def cells(data: Data, c: Cells) -> Markup:
    """Draw the largest cells of a release with their intervals."""
    money = data["release"]["unit"] == FEN
    found = sorted(data["cells"], key=lambda r: (-r["value"], r["cell"]))[:DRAWN]
    most = max(abs(r[n]) for r in found for n in ("low", "high"))
    scale, word = scale_of(most / YUAN, c) if money else (1, "")
    part = scale * YUAN if money else 1
    drawn = [
        Row(named(r, data["grouped"], c), r["value"] / part, r["low"] / part, r["high"] / part,
            formats.money(r["value"], c.lang) if money else formats.number(r["value"]))
        for r in found
    ]  # fmt: skip
    ends = [v for r in drawn for v in (r.low, r.high) if v is not None]
    what = f"{word} {c.t('yuan')}".strip() if money else c.t("sharing_counted")
    axis = Axis.over([0, *ends], what)
    return rows(c.t("sharing_cells", release=data["release"]["release"]), drawn, axis, (0.0,),
                side=190, note=90)  # fmt: skip


def named(row: Data, grouped: list[str], c: Cells) -> str:
    """Name a cell by what parties are grouped by: all of them, if by nothing."""
    said = [_word(a, row[a], c) for a in grouped if row[a] is not None]
    return " · ".join(said) or c.t("sharing_whole")


def _word(by: str, value: str, c: Cells) -> str:
    if by == "region_id":
        return c.region(value)
    return c.industry(value, {}) if by == "industry" else c.choice("party", by, value)
