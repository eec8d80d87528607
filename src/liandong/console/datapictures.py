"""The pictures of data assets: values with their intervals."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, rows

Data = dict[str, Any]
WAN = 1_000_000
"""Fen in 10,000 yuan."""


def methods(found: list[Data], c: Cells) -> Markup:
    """Draw what each method says of an asset; the lending value stands out."""

    def name(row: Data) -> str:
        return c.choice("data_value", "method", row["method"])

    known = [r for r in found if r["value"] is not None]
    return _spans(c.t("data_methods"), known, "value", name, c)


def assets(found: list[Data], c: Cells) -> Markup:
    """Draw the lending values of assets with the range of all methods."""

    def name(row: Data) -> str:
        return " ".join(filter(None, (row["asset_id"], row["name"])))

    return _spans(c.t("data_worths"), found, "worth", name, c)


def _spans(
    label: str, found: list[Data], value: str, name: Callable[[Data], str], c: Cells
) -> Markup:
    drawn = [
        Row(name(r), r[value] / WAN, r["low"] / WAN, r["high"] / WAN,
            formats.compact(r[value], "money", c.lang),
            "s4" if r.get("method") == "lending" else "s1")
        for r in found
    ]  # fmt: skip
    axis = Axis.over([0, *(r.high for r in drawn if r.high is not None)], c.t("data_wan"))
    return rows(label, drawn, axis, side=140, note=56)
