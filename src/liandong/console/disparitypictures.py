"""The pictures of gaps: their course, Dagum's parts, who grows faster, and Moran's scatter."""

from math import isfinite
from typing import Any

from markupsafe import Markup

from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Series, columns, curves

Data = dict[str, Any]
LOOKS = ("s1", "s2", "s3", "s4", "s0")
DAGUM = ("within", "net_between", "transvariation")
SURE = 0.05


def look(k: int) -> str:
    """Return the class of the colour of the ``k``-th line."""
    return LOOKS[k % len(LOOKS)]


def course(data: Data, c: Cells) -> Markup:
    """Draw an index over time, each vintage a line of its own; dots carry their interval."""
    rows = [r for r in data["course"] if r["value"] is not None]
    periods = sorted({r["period"] for r in rows})
    drawn = []
    for k, vintage in enumerate(data["vintages"]):
        mine = [r for r in rows if r["vintage"] == vintage]
        at = [float(periods.index(r["period"])) for r in mine]
        line = [(x, r["value"]) for x, r in zip(at, mine, strict=True)]
        bars = [(x, r["value"], *((r["low"], r["high"]) if r["low"] is not None else ()))
                for x, r in zip(at, mine, strict=True)]  # fmt: skip
        name = c.word("vintage", vintage)
        drawn += [Series(name, look(k), line), Series(name, look(k), bars, dots=True)]
    values = [v for r in rows for v in (r["value"], r["low"], r["high"]) if v is not None]
    x = Axis.along(periods, -(-len(periods) // 7) or 1, c.t("disparity_period"))
    label = c.choice("gap", "index", data["chosen"]["index"])
    return curves(label, [s for s in drawn if s.points], x, Axis.over([0, *values], label), 280)


def parts(data: Data, c: Cells) -> Markup:
    """Draw Dagum's three parts of each period beside each other."""
    periods = sorted({r["period"] for r in data["parts"]})
    found = {(r["period"], r["part"]): r["value"] or 0.0 for r in data["parts"]}
    series = [(c.part(part), look(k), [found.get((p, part), 0.0) for p in periods])
              for k, part in enumerate(DAGUM)]  # fmt: skip
    label = c.t("disparity_dagum")
    y = Axis.over([0, *found.values()], label)
    return columns(label, periods, series, y, c.t("disparity_period"), height=280)


def growth(data: Data, c: Cells) -> Markup:
    """Draw growth over the first level, with the line of absolute convergence."""
    rows = data["growing"]
    starts, growths = [r["start"] for r in rows], [r["growth"] for r in rows]
    drawn = [Series(c.region(r["region_id"]), "s1", [(r["start"], r["growth"])], dots=True)
             for r in rows]  # fmt: skip
    slope = next((r["estimate"] for r in data["converging"] if r["kind"] == "absolute"), None)
    if slope is not None and isfinite(slope):
        middle, high = sum(starts) / len(starts), sum(growths) / len(growths)
        line = [(s, high + slope * (s - middle)) for s in (min(starts), max(starts))]
        drawn.append(Series(c.choice("convergence", "kind", "absolute"), "s2", line))
    label = c.t("disparity_growth")
    x, y = Axis.over(starts, c.t("disparity_start")), Axis.over([0, *growths], label, share=True)
    return curves(label, drawn, x, y, height=280)


def scatter(data: Data, c: Cells) -> Markup:
    """Draw each region against its neighbours; the slope is Moran's index."""
    rows = [r for r in data["near"] if r["own"] is not None]
    drawn = [
        Series(c.region(r["region_id"]), "s3" if r["q"] is not None and r["q"] <= SURE else "s1",
               [(r["own"], r["lag"])], dots=True)
        for r in rows
    ]  # fmt: skip
    x = Axis.over([r["own"] for r in rows], c.t("disparity_own"))
    y = Axis.over([r["lag"] for r in rows], c.t("disparity_lag"))
    slope = next((r["value"] for r in data["near"] if r["own"] is None), None)
    if slope is not None:
        ends = [(v, slope * v) for v in (x.low, x.high)]
        drawn.append(Series(c.t("disparity_moran"), "s2", ends))
    drawn.append(Series(c.t("disparity_mean"), "s0", [(x.low, 0.0), (x.high, 0.0)]))
    drawn.append(Series(c.t("disparity_mean"), "s0", [(0.0, y.low), (0.0, y.high)]))
    return curves(c.t("disparity_scatter"), drawn, x, y, height=280)
