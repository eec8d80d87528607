"""The pictures of markets and of coordination: matrices, courses, what holds flows back."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, Series, curves, heat, rows
from liandong.console.filters import SHORT

Data = dict[str, Any]
SHADES = 5
MONEY = "CNY"


def named(region: str, c: Cells) -> str:
    """Return a region by its short name."""
    full = c.region(region)
    return full if c.lang == "en" else SHORT.get(region, full)


def pairs(data: Data, c: Cells) -> Markup:
    """Draw how apart each pair is, regions by belts; the darker the more apart."""
    values = {}
    for r in data["pairs"]:
        if r["value"] is not None:
            values[r["region_id"], r["other_id"]] = values[r["other_id"], r["region_id"]] = r[
                "value"
            ]
    return _matrix(c.t("market_pairs"), data["regions"], values, c)


def flows(data: Data, c: Cells) -> Markup:
    """Draw what flows from each region (line) to each other (column)."""
    values = {
        (r["from_region"], r["to_region"]): flowed(r)
        for r in data["flows"] if flowed(r) > 0
    }  # fmt: skip
    return _matrix(c.t("market_flows"), data["regions"], values, c)


def flowed(row: Data) -> float:
    """Return what a row of flows says, money in yuan."""
    return float(row["value"] if row["amount"] is None else row["amount"] / 100)


def _matrix(
    label: str, regions: Sequence[str], values: Mapping[tuple[str, str], float], c: Cells
) -> Markup:
    """Draw a table of shades by rank: a few large values would leave the rest without."""
    there = [r for r in regions if any(r in pair for pair in values)]
    order = {v: k for k, v in enumerate(sorted(set(values.values())))}
    cells = []
    for a in there:
        line = []
        for b in there:
            value = values.get((a, b))
            shade = 0 if value is None else 1 + order[value] * SHADES // len(order)
            line.append((shade, "–" if value is None else formats.measured(value)))
        cells.append(line)
    names = [named(r, c) for r in there]
    return heat(label, names, names, cells, side=76)


def course(data: Data, c: Cells) -> Markup:
    """Draw the segmentation of all pairs over time with its interval."""
    found = [r for r in data["course"] if r["value"] is not None]
    lines = {n: [(float(k), r[n]) for k, r in enumerate(found) if r[n] is not None]
             for n in ("low", "high", "value")}  # fmt: skip
    drawn = [
        *(Series(c.t("market_interval"), "s0", lines[n]) for n in ("low", "high") if lines[n]),
        Series(c.t("market_course"), "s1", lines["value"]),
    ]
    x = Axis.along([r["period"] for r in found], max(1, len(found) // 4))
    y = Axis.over([0, *(v for line in lines.values() for _, v in line)], c.t("market_value"))
    return curves(c.t("market_course"), drawn, x, y, height=250)


def borders(data: Data, c: Cells) -> Markup:
    """Draw what each border between groups adds, with its interval."""
    drawn = [
        Row(f"{side(r['group_id'], c)} × {side(r['other_id'], c)}", 1e4 * r["value"],
            1e4 * r["low"], 1e4 * r["high"], "",
            "s3" if r["verdict"] == "border" else "s5")
        for r in data["borders"] if r["value"] is not None
    ]  # fmt: skip
    return _whiskers(c.t("market_borders"), drawn, c.t("market_added"), side=150, note=14)


def side(name: str, c: Cells) -> str:
    """Return a group of regions by its name, a belt by its word."""
    return c.choice("region", "belt", name)


def terms(data: Data, c: Cells) -> Markup:
    """Draw the coefficients of the gravity model with their intervals."""
    drawn = [
        Row(c.word("gravity_term", r["term"]), r["value"], r["low"], r["high"],
            f"{r['value']:.2f}".replace("-", formats.MINUS),
            "s1" if r["p"] is not None and r["p"] < 0.05 else "s5")
        for r in data["terms"] if r["value"] is not None
    ]  # fmt: skip
    return _whiskers(c.t("market_terms"), drawn, c.t("market_coefficient"), side=130, note=44)


def logistics(data: Data, c: Cells) -> Markup:
    """Draw the share of logistics cost in GDP of each region."""
    drawn = [
        Row(named(r["region_id"], c), r["ratio"], note=f"{100 * r['ratio']:.1f}%")
        for r in data["logistics"] if r["ratio"] is not None
    ]  # fmt: skip
    x = Axis.over([0, *(r.value or 0.0 for r in drawn)], share=True)
    return rows(c.t("market_logistics"), drawn, x, bars=True, side=96, note=48)


def degrees(data: Data, c: Cells) -> Markup:
    """Draw the coordination of each region with its band over the choices of method."""
    drawn = [
        Row(named(r["region_id"], c), r["degree"], r["low"], r["high"],
            f"{r['rank']} ({r['rank_low']}–{r['rank_high']})")
        for r in data["coupling"] if r["degree"] is not None
    ]  # fmt: skip
    axis = Axis(0.0, 1.0, tuple((v / 4, f"{v / 4:g}") for v in range(5)), c.t("coupling_degree"))
    return rows(c.t("coupling_band"), drawn, axis, side=96, note=70)


def carbon(data: Data, c: Cells) -> Markup:
    """Draw the carbon intensity of each region."""
    drawn = [
        Row(named(r["region_id"], c), r["intensity"], note=f"{r['intensity']:.3f}")
        for r in data["carbon"] if r["intensity"] is not None
    ]  # fmt: skip
    x = Axis.over([0, *(r.value or 0.0 for r in drawn)])
    return rows(c.t("carbon_intensity"), drawn, x, bars=True, side=96, note=48)


def _whiskers(label: str, drawn: list[Row], name: str, side: int, note: int) -> Markup:
    ends = [v for r in drawn for v in (r.value, r.low, r.high) if v is not None]
    return rows(label, drawn, Axis.over([0, *ends], name), (0.0,), side=side, note=note)
