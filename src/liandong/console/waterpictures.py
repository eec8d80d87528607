"""The pictures of water at a border: the index of each year, and what it is made of."""

from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, rows

Data = dict[str, Any]
LOOKS = {"met": "s1", "missed": "s3", "unsure": "s5", "incomplete": "s5"}


def course(data: Data, c: Cells) -> Markup:
    """Draw the index of each year with its interval, and the threshold."""
    found = sorted(data["years"], key=lambda r: str(r["period"]))
    drawn = [
        Row(r["period"], r["index"], r["low"], r["high"],
            c.choice("water_index", "verdict", r["verdict"]), LOOKS[r["verdict"]])
        for r in found
    ]  # fmt: skip
    limits = {r["threshold"] for r in found}
    ends = [v for r in drawn for v in (r.value, r.low, r.high) if v is not None]
    x = Axis.over([*ends, *limits], c.t("water_index"))
    return rows(c.t("water_course"), drawn, x, sorted(limits), side=44, note=96)


def parts(data: Data, c: Cells) -> Markup:
    """Draw what each indicator gave to the index of the last complete year."""
    year = next((r["period"] for r in data["years"] if r["index"] is not None), None)
    drawn = [
        Row(c.choice("water_indicator", "indicator", r["indicator"]), r["term"],
            note=formats.number(r["term"], digits=3))
        for r in data["indicators"] if r["period"] == year and r["term"] is not None
    ]  # fmt: skip
    x = Axis.over([0, *(r.value or 0.0 for r in drawn)], year or "")
    return rows(c.t("water_parts"), drawn, x, bars=True, side=150, note=48)
