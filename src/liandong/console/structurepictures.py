"""The pictures of the innovation map: ranks with intervals, advantages, and what is near."""

from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import PERCENT, Axis, Row, Series, curves, heat, rows

Data = dict[str, Any]
SHADES = ((0.25, 1), (0.5, 2), (1.0, 3), (2.0, 4))
"""Advantages below each of them have its shade; from 1 on, a region is strong."""
MOST = 40
"""Regions of a picture."""


def item_name(kind: str, item: str, c: Cells) -> str:
    """Return an item with its name, where it is an industry."""
    name = c.industry(item, {}) if kind == "industry" else item
    return f"{item} {name}" if name != item else item


def ranked(data: Data, c: Cells) -> Markup:
    """Draw the rank of each region with its interval, the first one on top."""
    found = [r for r in data["regions"] if r["rank"] is not None][:MOST]
    drawn = [
        Row(c.region(r["region_id"]), float(r["rank"]), r["rank_low"], r["rank_high"],
            str(r["rank"]) if r["rank_low"] is None else f"{r['rank_low']}–{r['rank_high']}",
            "s3" if r["region_id"] == data["here"] else "s1")
        for r in found
    ]  # fmt: skip
    last = max((v for r in drawn for v in (r.value, r.high) if v is not None), default=2)
    x = Axis(1.0, float(max(last, 2)), tuple((float(v), str(v)) for v in (1, last)), c.t("rank"))
    return rows(c.t("structure_ranks"), drawn, x, side=110, note=56)


def advantages(data: Data, c: Cells) -> Markup:
    """Draw the advantage of the regions in the largest items, shaded; dark from 1 on."""
    cells = {(r["region_id"], r["item"]): r["rca"] for r in data["heat"]}
    asked = {i for _, i in cells}
    items = [r["item"] for r in data["items"] if r["item"] in asked]
    regions = [r["region_id"] for r in data["regions"] if any((r["region_id"], i) in cells
                                                              for i in items)]  # fmt: skip
    return heat(
        c.t("structure_heat"),
        [c.region(r) for r in regions],
        [c.word("industry", i) for i in items],
        [[(_shade(cells.get((r, i), 0.0)), _told(cells.get((r, i), 0.0))) for i in items]
         for r in regions],
        side=110,
    )  # fmt: skip


def nearby(data: Data, c: Cells) -> Markup:
    """Draw the items that a region lacks: how near they are, and how complex."""
    kind = data["panel"]["kind"]
    found = data["opportunities"]
    whole = any(r["complexity"] is None for r in found)
    drawn = [
        Series(item_name(kind, r["item"], c), "s3" if r["place"] <= 3 else "s1",
               [(r["density"], r["score"] if whole else r["complexity"])], dots=True)
        for r in found
    ]  # fmt: skip
    x = Axis.over([0, *(r["density"] for r in found)], c.t("structure_density"), share=True)
    y = PERCENT._replace(name=c.t("structure_standing"))
    return curves(c.t("structure_near"), drawn, x, y, height=280)


def _shade(rca: float | None) -> int:
    if rca is None:
        return 0
    return next((shade for most, shade in SHADES if rca < most), 5)


def _told(rca: float | None) -> str:
    return "?" if rca is None else formats.measured(rca)
