"""The pictures of experiments with policy, their figures, and what a policy is made of in words."""

from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Series, curves
from liandong.schema.tables import TABLES

Data = dict[str, Any]
LOOKS = ("s1", "s3", "s4", "s2", "s5")
"""Colours of policies, the one in force first."""
SCALES = {"money": 1e8, "share": 1e6, "count": 1.0, "index": 1.0}
"""How many of what a measure is counted in make one on its axis; money is in millions of yuan."""
BOUNDS = {"least": "≥", "least_share": "≥", "most": "≤", "most_share": "≤"}
MARKS = 6
"""Periods that an axis names at most."""


def course(data: Data, measure: str, c: Cells) -> Markup:
    """Draw a measure over time: the mean of each policy, and the band of its replications."""
    kind = data["kinds"][measure]
    scale, drawn, ends = SCALES[kind], [], [0.0]
    for look, arm in zip(LOOKS, data["arms"], strict=False):
        own = [r for r in data["course"] if (r["arm"], r["measure"]) == (arm["name"], measure)]
        known = [r for r in own if r["value"] is not None]
        points = [(r["period"] - 1.0, r["value"] / scale) for r in known]
        band = [(r["period"] - 1.0, r["low"] / scale, r["high"] / scale) for r in known]
        drawn.append(Series(c.word("policy", arm["name"]), look, points, band=band))
        ends += [v for _, low, high in band for v in (low, high)]
    names = [str(p) for p in range(1, data["experiment"]["periods"] + 1)]
    x = Axis.along(names, -(-len(names) // MARKS), c.t("experiments_period"))
    unit = c.t("experiments_millions") if kind == "money" else ""
    y = Axis.over(ends, unit, share=kind == "share")
    return curves(c.measure(measure), drawn, x, y)


def told(value: float | None, kind: str, c: Cells, *, change: bool = False) -> str:
    """Write a value of a measure; or a difference, with its sign, of shares in points."""
    if value is None:
        return "–"
    plus = "+" if change and value > 0 else ""
    if kind == "money":
        return plus + formats.money(round(value), c.lang)
    if kind == "share" and change:
        return plus + c.t("experiments_points", n=formats.number(value / 1e4, digits=2))
    if kind == "share":
        return formats.rate(round(value))
    return plus + formats.number(value, digits=3 if kind == "index" else 1)


def between(row: Data, kind: str, c: Cells) -> str:
    """Write the interval of a difference; that of shares in points."""
    if kind == "share":
        ends = [formats.number(row[n] / 1e4, digits=2) for n in ("diff_low", "diff_high")]
    else:
        ends = [told(row[n], kind, c, change=True) for n in ("diff_low", "diff_high")]
    return c.t("interval", low=ends[0], high=ends[1])


def terms(arm: Data, c: Cells) -> list[str]:
    """Say what a policy has beside its money and the floor for small firms, one term each."""
    limits = [
        " ".join([c.word("measure", x["name"]),
                  *(f"{sign} {x[n]}" for n, sign in BOUNDS.items() if n in x)])
        for x in arm["limits"]
    ]  # fmt: skip
    products = [
        " · ".join([x["product_id"] or c.t("experiments_all_products"),
                    *(f"{_label(n, c)} {v}" for n, v in x.items() if n != "product_id")])
        for x in (*arm["terms"], *arm["capacities"])
    ]  # fmt: skip
    bans = [
        c.t("experiments_ban", ban=c.word("measure", x["name"]), basis=x["basis"])
        for x in arm["bans"]
    ]
    return [*limits, *products, *bans]


def _label(term: str, c: Cells) -> str:
    field = TABLES["product"].field("capacity" if term == "share" else term)
    return field.zh if c.lang == "zh" else field.en
