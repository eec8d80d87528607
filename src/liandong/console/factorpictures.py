"""The pictures of factors across regions: who goes where, supply and demand, hours of computing."""

from datetime import datetime
from itertools import groupby
from math import cos, radians
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import (
    PERCENT,
    Axis,
    Row,
    Series,
    Spot,
    curves,
    heat,
    plane,
    rows,
)
from liandong.console.marketpictures import named
from liandong.console.tiles import CLASSES, shade_of
from liandong.types import CHINA, PPM

Data = dict[str, Any]
DRAWN = 3_000
"""Most dots of the map: the farthest places."""
LINES = ("s1", "s2", "s3", "s4")
"""Looks of the hubs whose prices are drawn: the dearest."""


def sites(data: Data, c: Cells) -> Markup:
    """Draw places, the points that serve them, and who goes where; no borders are implied."""
    found = [r for r in data["places"][:DRAWN] if located(r)]
    turn = cos(radians(sum(r["lat"] for r in found) / max(len(found), 1)))
    spots, ties, points = [], [], {}
    for r in found:
        far = None if r["distance"] is None else r["distance"] / data["size"]
        told = c.t("factors_not_reached") if far is None else length(far, data, c)
        look = f"spot shade-{shade_of(far, data['shades'])}"
        at = r["lon"] * turn, r["lat"]
        spots.append(Spot(*at, look, f"{_name(r, c)} → {_name(r, c, 'site_')}: {told}"))
        if located(r, "site_"):
            site = r["site_lon"] * turn, r["site_lat"]
            points[r["site_id"]] = Spot(*site, "spot here", _name(r, c, "site_"), 5)
            ties.append((*at, *site))
    return plane(c.t("factors_map"), [*spots, *points.values()], ties)


def located(row: Data, before: str = "") -> bool:
    """Tell whether a place has a position to draw it at."""
    return row[f"{before}lon"] is not None and row[f"{before}lat"] is not None


def _name(row: Data, c: Cells, before: str = "") -> str:
    return str(row[f"{before}name_en" if c.lang == "en" else f"{before}name"])


def length(value: float, data: Data, c: Cells) -> str:
    """Write a distance in the unit of the plan."""
    unit = c.t(f"factors_{data['unit']}")
    return f"{formats.number(value, digits=1)} {unit}"


def spread(data: Data, c: Cells) -> Markup:
    """Draw the share of people whose point is within each distance, and the radius if any."""
    everybody = max(sum(r["weight"] for r in data["places"]), 1)
    steps, before = [(0.0, 0.0)], 0.0
    for r in data["spread"]:
        steps += [(r["within"], before), (r["within"], before := r["people"] / everybody)]
    x = Axis.over([0, *(r["within"] for r in data["spread"])], c.t(f"factors_{data['unit']}"))
    lines = [Series(c.t("factors_spread"), "s1", [*steps, (x.high, before)])]
    if data["radius"] is not None:
        edge = data["radius"] / data["size"]
        lines.append(Series(c.t("factors_radius"), "s0", [(edge, 0.0), (edge, 1.0)]))
    return curves(c.t("factors_spread"), lines, x, PERCENT)


def ladder(data: Data, c: Cells) -> Markup:
    """Draw demand and supply as steps, and where the session cleared."""
    lines = []
    for side, look in (("buy", "s1"), ("sell", "s2")):
        at, steps = 0, list[tuple[float, float]]()
        for r in data["ladder"]:
            if r["side"] == side:
                steps += [(at, r["price"] / 100), (at := at + r["quantity"], r["price"] / 100)]
        lines.append(Series(c.choice("quota_order", "side", side), look, steps))
    ends = [p for s in lines for p in s.points]
    unit = c.choice("clearing", "unit", data["clearing"]["unit"])
    x = Axis.over([0, *(p[0] for p in ends)], unit)
    y = Axis.over([p[1] for p in ends], c.t("yuan"))
    for name in ("price", "seller_price"):
        if (price := data["clearing"][name]) is not None:
            level, told = price / 100, c.t("factors_price")
            lines.append(Series(told, "s0", [(0.0, level), (x.high, level)]))
            lines.append(Series(told, "s3", [(data["clearing"]["volume"], level)], dots=True))
    return curves(c.t("factors_ladder"), lines, x, y, height=280)


def prices(data: Data, c: Cells) -> Markup:
    """Draw the price of each session of the same quota."""
    unit = data["clearing"]["unit"]
    found = [r for r in data["sessions"] if r["unit"] == unit and r["price"] is not None]
    dots = [(float(k), r["price"] / 100) for k, r in enumerate(found)]
    x = Axis.along([r["session"] for r in found], max(1, -(-len(found) // 4)))
    lines = [Series(c.t("factors_price"), "s1", dots)]
    lines.append(Series(c.t("factors_price"), "s1", dots, dots=True))
    return curves(c.t("factors_prices"), lines, x, Axis.over([d[1] for d in dots], c.t("yuan")))


def nets(data: Data, c: Cells) -> Markup:
    """Draw what each region bought more than it sold; to the left what it sold more."""
    drawn = [
        Row("–" if r["region_id"] is None else named(r["region_id"], c), r["net_bought"],
            note=formats.number(r["net_bought"]), look="plus" if r["net_bought"] > 0 else "minus")
        for r in data["nets"]
    ]  # fmt: skip
    x = Axis.over([0, *(r.value or 0.0 for r in drawn)])
    return rows(c.t("factors_nets"), drawn, x, (0.0,), bars=True, side=96, note=70)


def costs(data: Data, c: Cells) -> Markup:
    """Draw what computing costs against the other ways, and below what nothing can be."""
    total = data["computing"]
    drawn = [
        Row(c.t(f"factors_{name}"), total[name] / 100, note=formats.money(total[name], c.lang),
            look="s1" if name == "cost" else "s5")
        for name in ("bound", "cost", "home_cost", "cheapest_cost") if total[name] is not None
    ]  # fmt: skip
    x = Axis.over([0, *(r.value or 0.0 for r in drawn)], c.t("yuan"))
    return rows(c.t("factors_costs"), drawn, x, bars=True, side=120, note=84)


def use(data: Data, c: Cells) -> Markup:
    """Draw how much of each hub is used in each hour: one line a hub."""
    hubs = by_hub(data)
    hours = [r["at"] for r in next(iter(hubs.values()))]
    cells = [[_used(r, c) for r in line] for line in hubs.values()]
    names = [_name(line[0], c) for line in hubs.values()]
    return heat(c.t("factors_use"), names, [_hour(at) for at in hours], cells, side=110, every=6)


def _used(row: Data, c: Cells) -> tuple[int, str]:
    """Return the shade of an hour of a hub, and what it says."""
    share = row["used_share"] or 0
    told = f"{formats.rate(share)} · {formats.day_of(row['at'], c.lang)}"
    return round(share * CLASSES / PPM), told


def by_hub(data: Data) -> dict[str, list[Data]]:
    """Return the hours of each hub."""
    return {hub: list(found) for hub, found in groupby(data["hours"], lambda r: str(r["hub_id"]))}


def dear(data: Data, c: Cells) -> list[tuple[str, str, list[Data]]]:
    """Return look, name and hours of the hubs whose hours were dearest; none if all were free."""
    order = sorted(by_hub(data).values(), key=lambda line: -sum(r["price"] for r in line))
    return [(look, _name(line[0], c), line) for look, line in zip(LINES, order, strict=False)
            if any(r["price"] > 0 for r in line)]  # fmt: skip


def congestion(data: Data, c: Cells) -> Markup:
    """Draw the prices of congestion of the dearest hubs over the hours."""
    found = dear(data, c)
    lines = [
        Series(name, look, [(k + d, r["price"]) for k, r in enumerate(line) for d in (0.0, 1.0)])
        for look, name, line in found
    ]  # fmt: skip
    hours = [_hour(r["at"]) for r in found[0][2]]
    x = Axis.along([*hours, ""], 12, c.t("factors_hours"))
    y = Axis.over([0, *(r["price"] for _, _, line in found for r in line)], c.t("yuan"))
    return curves(c.t("factors_congestion"), lines, x, y)


def _hour(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%H:%M}"


def margin(clearing: Data) -> tuple[int, int] | None:
    """Return the lowest and highest price at which supply meets demand, fen; None without trade."""
    told = {r["code"]: int(r["points"]) for r in clearing["reasons"]}
    ends = told.get("match.clear_low"), told.get("match.clear_high")
    return None if ends[0] is None or ends[1] is None else (ends[0], ends[1])
