"""The pictures of a model card: the data of its page as drawings in one language."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells, points
from liandong.console.drawing import PERCENT, Axis, Row, Series, columns, curves, rows
from liandong.texts import text

Data = dict[str, Any]
LOOKS = {
    "out_of_time": "s4", "out_of_sample": "s4", "out_of_fold": "s1", "backtest": "s3",
    "development": "s2", "unknown": "s2", "seen_again": "s5", "backtest_again": "s5",
}  # fmt: skip
"""Colours of samples."""


def roc(data: Data, c: Cells) -> Markup:
    """Draw the ROC curves of all samples."""
    lines = [Series("", "s0", [(0, 0), (1, 1)])]
    for r in data["roc"]:
        name = c.choice("validation", "sample", r["sample"])
        lines.append(Series(name, LOOKS[r["sample"]], r["points"]))
    x, y = PERCENT._replace(name=c.measure("fpr")), PERCENT._replace(name=c.measure("tpr"))
    return curves(c.t("model_roc"), lines, x, y)


def gain(data: Data, c: Cells) -> Markup:
    """Draw which share of the defaults the riskiest firms bring."""
    total, share, found = sum(b["n"] for b in data["band"]), 0, [(0.0, 0.0)]
    for b in reversed(data["band"]):
        share += b["n"]
        found.append((share / total, b["figures"]["captured"]["value"]))
    look = LOOKS[data["shown"]["sample"]]
    lines = [Series("", "s0", [(0, 0), (1, 1)]), Series(c.measure("captured"), look, found)]
    x = PERCENT._replace(name=c.t("model_riskiest"))
    return curves(c.t("model_gain"), lines, x, PERCENT._replace(name=c.measure("captured")))


def lift(data: Data, c: Cells) -> Markup:
    """Draw by how much each band of risk exceeds the average."""
    values = [b["figures"]["lift"]["value"] for b in data["band"]]
    names = [str(k + 1) for k in range(len(values))]
    axis, look = Axis.over([0, *values]), LOOKS[data["shown"]["sample"]]
    series = [(c.measure("lift"), look, values)]
    return columns(c.t("model_lift"), names, series, axis, c.t("model_bands"), marks=(1.0,))


def scores(data: Data, c: Cells) -> Markup:
    """Draw the scores of firms with and without a default, each kind as a whole."""
    names = [p["name"].replace("-", formats.MINUS) for p in data["points"]]
    series = []
    for kind, look in (("goods", "plus"), ("bads", "minus")):
        counts = [p["figures"][kind]["value"] for p in data["points"]]
        series.append((c.measure(kind), look, [n / max(sum(counts), 1) for n in counts]))
    axis = Axis.over([0, *(v for _, _, values in series for v in values)], share=True)
    return columns(c.t("model_scores"), names, series, axis, c.t("model_points"))


def calibration(data: Data, c: Cells) -> Markup:
    """Draw the default rate of each band with its interval against the forecast."""
    dots = []
    for b in data["band"]:
        rate, forecast = b["figures"]["bad_rate"], b["figures"]["mean_pd"]["value"]
        dots.append((forecast, rate["value"], rate["low"], rate["high"]))
    most = max([0.01, *(d[0] for d in dots), *(d[1] for d in dots)])
    top = max(min(max(d[3] for d in dots), 2 * most), most)
    y = Axis.over([0, top], c.measure("bad_rate"), share=True)
    x = Axis.over([0, max(d[0] for d in dots)], c.measure("mean_pd"), share=True)
    same = Series("", "s0", [(0, 0), (min(x.high, y.high), min(x.high, y.high))])
    look = LOOKS[data["shown"]["sample"]]
    series = [same, Series(c.measure("bad_rate"), look, dots, dots=True)]
    return curves(c.t("model_calibration"), series, x, y)


def characteristic(found: Data, cells: dict[int, Data], c: Cells) -> Markup:
    """Draw the points of each bin of a characteristic, beside its firms and default rate."""
    names = [*bins(found, c), c.t("model_absent")]
    drawn = []
    for k, (name, worth) in enumerate(zip(names, found["points"], strict=True)):
        seen = cells.get(k)
        if seen is None and k == len(names) - 1 and not worth:
            continue  # nobody lacks a value, and it would earn nothing
        told = "" if seen is None else f"{seen['value']:.1%} · {formats.number(seen['n'])}"
        name_ = f"{name}  {points(worth)}"
        drawn.append(Row(name_, worth, note=told, look="plus" if worth >= 0 else "minus"))
    axis = Axis.over([0, *(r.value for r in drawn if r.value is not None)])
    what = c.t("model_points_of", measure=c.measure(found["measure"]))
    return rows(what, drawn, axis, (0.0,), bars=True, side=150, note=84)


def bins(found: Data, c: Cells) -> list[str]:
    """Name the bins of a characteristic."""
    if found.get("levels"):
        return [("、" if c.lang == "zh" else ", ").join(group) for group in found["levels"]]
    edges = [f"{e:.3g}".replace("-", formats.MINUS) for e in found.get("edges", [])]
    if not edges:
        return [c.t("model_any_value")]
    between = [f"{a} … {b}" for a, b in pairwise(edges)]
    return [f"≤ {edges[0]}", *between, f"> {edges[-1]}"]


def categories(data: Data, c: Cells) -> Markup:
    """Draw the AUC that is left without each category of data, and by it alone."""
    found, drawn = data["categories"], []
    whole = found["auc"]
    drawn.append(_interval(c.t("model_all_data"), whole, "s1"))
    for kind, look in (("without", "s3"), ("only", "s2")):
        for r in found[kind]:
            of = c.word("choice", r["name"])
            name = (c.t("model_without", category=of) if kind == "without"
                    else c.t("model_only", category=of))  # fmt: skip
            drawn.append(_interval(name, r["figures"]["auc"], look))
    ends = [v for r in drawn for v in (r.low, r.high) if v is not None]
    axis = Axis.over([0.5, *ends, whole["value"]], "AUC")
    return rows(c.t("model_categories"), drawn, axis, (0.5, whole["value"]), side=150, note=44)


def _interval(name: str, figure: Data, look: str, note: str = "") -> Row:
    note = note or f"{figure['value']:.3f}"
    return Row(name, figure["value"], figure["low"], figure["high"], note, look)


def drift(data: Data, c: Cells) -> Markup:
    """Draw the stability index of the score and of each characteristic."""
    drawn = []
    for r in data["drift"]["rows"]:
        look = "plus" if r["psi"] <= 0.1 else "s2" if r["psi"] <= 0.25 else "minus"
        drawn.append(Row(c.measure(r["measure"]), r["psi"], note=f"{r['psi']:.3f}", look=look))
    axis = Axis.over([0, 0.3, *(r.value for r in drawn if r.value is not None)])
    return rows(c.t("model_drift"), drawn, axis, (0.1, 0.25), bars=True, side=168, note=44)


def cohorts(data: Data, c: Cells) -> Markup:
    """Draw the default rate of each cohort of loans."""
    return _groups(data["cohort"], c, "bad_rate", str, share=True)


def ranks(data: Data, c: Cells) -> Markup:
    """Draw the AUC of each cohort of loans that has one."""
    return _groups(data["cohort"], c, "auc", str, (0.5,))


def fair(data: Data, c: Cells, kind: str, measure: str) -> Markup:
    """Draw how groups of firms fare against the largest one."""
    groups = [g for g in data[kind] if g["n"] >= 30] or data[kind]
    marks = {"impact_ratio": (0.8, 1.0), "opportunity_difference": (0.0,)}.get(measure, (1.0,))
    return _groups(groups, c, measure, lambda name: group(kind, name, c), marks)


def caution(found: Data, c: Cells) -> str:
    """Say a caution of :mod:`liandong.console.pages.cautions` in words."""
    values = dict(found["values"])
    if "measure" in values:
        values["measure"] = c.measure(values["measure"])
    if "sample" in values:
        values["sample"] = c.choice("validation", "sample", values["sample"])
    if "group" in values:
        values["group"] = group(values.pop("kind"), values["group"], c)
    return text(f"console.caution_{found['code']}", c.lang, **values)


def group(kind: str, name: str, c: Cells) -> str:
    """Name a group of firms: a size class or a region."""
    return c.choice("party", "size_class", name) if kind == "size" else c.region(name)


def _groups(
    groups: list[Data], c: Cells, measure: str, name: Callable[[str], str],
    marks: tuple[float, ...] = (), *, share: bool = False,
) -> Markup:  # fmt: skip
    drawn = []
    for g in groups:
        figure = g["figures"].get(measure)
        if figure is None or figure["value"] is None:
            continue
        look = "s5" if g["note"] else "s1"
        drawn.append(_interval(name(g["name"]), figure, look, f"n {formats.number(g['n'])}"))
    values = [r.value for r in drawn if r.value is not None]
    ends = [v for r in drawn for v in (r.low, r.high) if v is not None]
    span = (max(values, default=1.0) - min([0.0, *values])) or 1.0
    most = max([*values, *marks], default=1.0) + span  # one wide interval must not press the rest
    axis = Axis.over([*marks, *values, *(min(v, most) for v in ends)], share=share)
    return rows(c.measure(measure), drawn, axis, marks, side=130, note=56)
