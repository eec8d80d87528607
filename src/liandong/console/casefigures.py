"""The pictures of case statistics: a series with its interval, and the funnel of regions."""

from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import Axis, Row, Series, columns, curves, rows

Data = dict[str, Any]
LOOKS = {"above": "s3", "below": "s4", "usual": "s5", "few": "s0"}


def course(data: Data, c: Cells) -> Markup:
    """Draw the months of a series: what was counted, what was expected, and the odd ones."""
    months = data["months"]
    value, expected, low, high = (
        [(float(k), r[n]) for k, r in enumerate(months) if r[n] is not None]
        for n in ("value", "expected", "low", "high")
    )
    odd = [(float(k), r["value"]) for k, r in enumerate(months) if r["outlier"]]
    drawn = [
        *(Series(c.t("statistics_interval"), "s0", p) for p in (low, high) if p),
        Series(c.t("statistics_expected"), "s2", expected),
        Series(c.t("statistics_value"), "s1", value),
        Series(c.t("statistics_odd"), "s3", odd, dots=True),
    ]
    first = next((k for k, r in enumerate(months) if r["month"].endswith("-01")), 0)
    years = tuple((float(k), months[k]["month"][:4]) for k in range(first, len(months), 12))
    x = Axis(0.0, float(max(len(months) - 1, 1)), years, c.t("statistics_month"))
    label = c.choice("case_month", "figure", data["chosen"]["figure"])
    y = Axis.over([0, *(v for _, v in (*value, *high))], label)
    return curves(label, [s for s in drawn if s.points], x, y, height=280)


def seasons(data: Data, c: Cells) -> Markup:
    """Draw the months of the year beside each other: how far each lies from the mean."""
    found = [(r["month"][5:], r["season"]) for r in data["months"] if r["season"] is not None]
    even = 1.0 if data["series"]["model"] == "multiplicative" else 0.0
    season = dict(sorted(found))
    values = [v - even for v in season.values()]
    names = [str(int(n)) for n in season]
    y = Axis.over([0, *values], share=bool(even))
    label = c.t("statistics_season")
    return columns(label, names, [(label, "s2", values)], y, c.t("statistics_month"), height=280)


def compared(data: Data, c: Cells) -> Markup:
    """Draw the ratio of each region to the whole with its interval."""
    drawn = [
        Row(c.region(r["region_id"]), r["ratio"], r["ratio_low"], r["ratio_high"],
            f"{r['ratio']:.2f}", LOOKS[r["verdict"]])
        for r in data["regions"] if r["ratio"] is not None
    ]  # fmt: skip
    ends = [v for r in drawn for v in (r.value, r.low, r.high) if v is not None]
    axis = Axis.over([min([1.0, *ends]), max([1.0, *ends])], c.t("statistics_ratio"))
    return rows(c.t("statistics_ratio"), drawn, axis, (1.0,), side=120, note=44)


def funnel(data: Data, c: Cells) -> Markup:
    """Draw the ratios over how many were expected, with the limits that chance keeps to."""
    found = sorted((r for r in data["regions"] if r["ratio"] is not None and r["expected"]),
                   key=lambda r: r["expected"])  # fmt: skip
    limits = [[(r["expected"], r[n]) for r in found] for n in ("funnel_low", "funnel_high")]
    drawn = [Series(c.t("statistics_limits"), "s0", p) for p in limits if p]
    drawn += [
        Series(
            c.region(r["region_id"]), LOOKS[r["verdict"]], [(r["expected"], r["ratio"])], dots=True
        )
        for r in found
    ]
    x = Axis.over([0, *(r["expected"] for r in found)], c.t("statistics_expected_count"))
    values = [v for r in found for v in (r["ratio"], r["funnel_low"], r["funnel_high"])]
    return curves(c.t("statistics_funnel"), drawn, x,
                  Axis.over(values or [1.0], c.t("statistics_ratio")), height=280)  # fmt: skip


def change(value: float | None) -> str:
    """Write a change as a share with its sign.

    Examples
    --------
    >>> change(0.125), change(-0.05), change(None)
    ('+12.5%', '−5.0%', '–')
    """
    return "–" if value is None else f"{100 * value:+.1f}%".replace("-", formats.MINUS)
