"""The pictures of regions: output per head over time, and its rank."""

from markupsafe import Markup

from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Series, curves
from liandong.console.reading import Row

LOOKS = ("s1", "s3", "s2", "s4", "s5")
"""Colours of regions beside each other."""
MARKS = 4
"""Periods named below a picture, beside the first."""


def ratio(periods: list[Row], c: Cells) -> Markup:
    """Draw output per head of a region against all regions of its level, which are 1."""
    line = [(float(k), r["ratio"]) for k, r in enumerate(periods)]
    x = _times([r["period"] for r in periods])
    y = Axis.over([0, 1, *(v for _, v in line)], share=True)
    even = Series(c.t("region_even"), "s0", [(x.low, 1.0), (x.high, 1.0)])
    label = c.t("region_ratio")
    return curves(label, [even, Series(label, "s1", line)], x, y, height=150)


def ranks(periods: list[Row], c: Cells) -> Markup:
    """Draw the rank of a region over time, the first on top, with its span over vintages."""
    line = [(float(k), float(r["rank"])) for k, r in enumerate(periods)]
    dots = [
        (float(k), float(r["rank"]), float(r["rank_low"]), float(r["rank_high"]))
        for k, r in enumerate(periods) if r["rank_low"] < r["rank_high"]
    ]  # fmt: skip
    last = float(max([2, *(r["among"] for r in periods)]))
    y = Axis(last, 1.0, ((1.0, "1"), (round((1 + last) / 2), f"{round((1 + last) / 2)}"),
                         (last, f"{last:.0f}")))  # fmt: skip
    label = c.t("region_rank")
    drawn = [Series(label, "s1", line), Series(c.t("region_rank_span"), "s3", dots, dots=True)]
    return curves(label, [s for s in drawn if s.points], _times([r["period"] for r in periods]), y,
                  height=150)  # fmt: skip


def beside(label: str, places: list[Row], points: list[Row], kind: str, c: Cells) -> Markup:
    """Draw the same measure of several regions over the periods that any of them has.

    Parameters
    ----------
    places
        Regions in the order of their colours.
    points
        ``region_id``, ``period``, ``value``.
    kind
        How values are written: amounts come in yuan, rates and shares in percent.
    """
    periods = sorted({r["period"] for r in points})
    at = {p: float(k) for k, p in enumerate(periods)}
    scale = {"money": 0.01, "rate": 1e-6}.get(kind, 1.0)
    series = []
    for look, place in zip(LOOKS, places, strict=False):
        own = [r for r in points if r["region_id"] == place["region_id"]]
        line = [(at[r["period"]], r["value"] * scale) for r in own]
        if line:
            series.append(Series(c.region(place["region_id"]), look, line, dots=len(line) == 1))
    y = Axis.over((v for s in series for _, v in s.points), share=kind in {"rate", "share"})
    return curves(label, series, _times(periods), y, height=150)


def _times(periods: list[str]) -> Axis:
    return Axis.along(periods, -(-len(periods) // MARKS) or 1)
