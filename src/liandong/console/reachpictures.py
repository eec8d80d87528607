"""The pictures of reach: dots by when they are reached, people by minutes, cities by limit."""

from math import cos, radians
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Series, Spot, columns, curves, plane

Data = dict[str, Any]
MOST = 5
"""Shades there are."""


def named(row: Data, lang: str, before: str = "") -> str:
    """Return what a place or station is called; its id if it has no name."""
    en = row[f"{before}name_en"] if lang == "en" else None
    key = {"": "id", "src_": "src", "dst_": "dst"}[before]
    return str(en or row[f"{before}name"] or row.get(key) or row.get("dst") or row["node_id"])


def bands(data: Data, c: Cells) -> list[tuple[str, str]]:
    """Return the look of each band of the map, and what it means."""
    found = [
        (shade(limit, data["limits"]), c.t("reach_within", minutes=formats.number(limit)))
        for limit in data["limits"]
    ]
    return [*found, ("shade-0", c.t("reach_beyond"))]


def shade(minutes: float | None, limits: list[int]) -> str:
    """Return the look of a dot: the sooner, the darker."""
    band = next((k for k, m in enumerate(limits) if minutes is not None and minutes <= m), None)
    return "shade-0" if band is None else f"shade-{max(1, MOST - band)}"


def dots(data: Data, c: Cells) -> Markup:
    """Draw places or stations where they lie: no borders are drawn or implied."""
    found, origin = data["spots"], data["origin"]["id"]
    turn = cos(radians(sum(r["lat"] for r in found) / max(len(found), 1)))
    spots = []
    for r in reversed(found):  # what is near lies above the rest
        name, here = named(r, c.lang), r["id"] == origin
        told = c.t("reach_not") if r["minutes"] is None else c.t("reach_in", minutes=_told(r))
        look = "spot here" if here else f"spot {shade(r['minutes'], data['limits'])}"
        spots.append(Spot(r["lon"] * turn, r["lat"], look, f"{name}: {told}", 5 if here else 3.5))
    return plane(c.t("reach_map", origin=named(data["origin"], c.lang)), spots)


def _told(row: Data) -> str:
    return formats.number(row["minutes"], digits=0)


def people(data: Data, c: Cells) -> Markup:
    """Draw how many people, or places where nobody is counted, are reached by each minute."""
    counted = data["curve"][-1]["people"] > 0
    what, size = ("people", 1e6) if counted else ("places", 1.0)
    label = c.t("reach_curve_people") if counted else c.t("reach_curve_places")
    steps, before = [(0.0, 0.0)], 0.0
    for r in data["curve"]:
        steps += [(r["minutes"], before), (r["minutes"], before := r[what] / size)]
    end = max(data["limits"])
    steps.append((end, before))
    x = Axis(0.0, float(end), tuple((float(m), str(m)) for m in (0, *data["limits"])),
             c.t("reach_minutes"))  # fmt: skip
    unit = c.t("reach_millions") if counted else label
    return curves(label, [Series(label, "s1", steps)], x, Axis.over([0, before], unit))


def cities(data: Data, c: Cells) -> Markup:
    """Draw the share of cities that another city reaches, and of people served, by limit."""
    rows = data["coverage"]
    names = [formats.number(r["within"]) for r in rows]
    series = [
        (c.t("reach_cities_linked"), "s1", [(r["city_share"] or 0) / 1e6 for r in rows]),
        (c.t("reach_served"), "s2", [(r["share"] or 0) / 1e6 for r in rows]),
    ]
    axis = Axis.over([0, 1], share=True)
    return columns(c.t("reach_coverage"), names, series, axis, c.t("reach_minutes"))
