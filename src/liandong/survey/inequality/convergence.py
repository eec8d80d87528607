"""Whether regions draw nearer: the spread over time, and who grows faster."""

from typing import NamedTuple

import numpy as np

from liandong.kernels.statistics.regression import Line, convergence_speed, least_squares
from liandong.schema.arrow import known
from liandong.step import Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.inequality.panel import (
    READS,
    Float,
    Panel,
    RegionalRule,
    Told,
    cases,
    panels,
    places,
)

SPREAD = ("convergence.spread_nearer", "convergence.spread_apart")
GROWTH = ("convergence.growth_nearer", "convergence.growth_apart")
NONE = Line(np.nan, np.nan, np.nan, np.nan)


class ConvergenceRule(RegionalRule):
    """What is compared, and when it counts.

    Attributes
    ----------
    sure
        A coefficient whose p-value is above this says nothing.
    """

    sure: float = 0.05


class _Row(NamedTuple):
    panel: Panel
    kind: str
    line: Line
    told: Told


@fold(reads=READS, writes=("convergence", "convergence_region"), rule=ConvergenceRule)
def convergence(tables: Tables, rule: ConvergenceRule) -> Tables:
    """Test whether regions draw nearer to each other, by vintage.

    ``sigma`` is the trend of the standard deviation of logs, a year; ``absolute`` the slope of
    yearly growth on the log of the first figure a head; ``conditional`` the same among the regions
    of a group, each group with a level of its own. Speed and half-life follow from the slope.
    Regions count if they have a figure above 0 in every year of the vintage; remarks name the
    others. Regions are not weighted.
    """
    groups = places(tables["region"], rule)
    rows: list[_Row] = []
    found = [p for p in panels(cases(tables, rule, groups)) if len(p.periods) > 1 and p.regions]
    for panel in found:
        rows += _tested(panel, [groups[r] for r in panel.regions], rule)
    return {**_convergence(rows, rule), **_regions(found, rule)}


def _tested(panel: Panel, groups: list[str], rule: ConvergenceRule) -> list[_Row]:
    logs, years = np.log(panel.values), panel.years
    first, ones = logs[:, 0], np.ones(len(logs))
    dummies = np.array([[g == name for name in sorted(set(groups))] for g in groups], np.float64)
    growth = _growth(panel)
    lines = {
        "sigma": _line(logs.std(axis=0, ddof=1), np.column_stack((years, np.ones(len(years)))))
        if len(first) > 1
        else NONE,
        "absolute": _line(growth, np.column_stack((first, ones))),
        "conditional": _line(growth, np.column_stack((first, dummies))),
    }
    return [_Row(panel, kind, line, [*_verdict(kind, line, rule), *panel.told])
            for kind, line in lines.items()]  # fmt: skip


def _line(y: Float, x: Float) -> Line:
    return least_squares(y, x) if len(y) >= 2 else NONE


def _growth(panel: Panel) -> Float:
    logs = np.log(panel.values)
    return np.asarray((logs[:, -1] - logs[:, 0]) / (panel.years[-1] - panel.years[0]))


def _verdict(kind: str, line: Line, rule: ConvergenceRule) -> Told:
    if np.isnan(line.p):
        return [("convergence.too_few", 0)]
    if line.p > rule.sure:
        return [("convergence.unclear", 0)]
    nearer, apart = SPREAD if kind == "sigma" else GROWTH
    return [(nearer if line.estimate < 0 else apart, 0)]


def _convergence(rows: list[_Row], rule: ConvergenceRule) -> Tables:
    speeds = [
        convergence_speed(r.line, float(r.panel.years[-1] - r.panel.years[0]))
        if r.kind != "sigma"
        else (np.nan, np.nan, np.nan)
        for r in rows
    ]
    return output(
        "convergence",
        measure=[rule.measure] * len(rows),
        vintage=[r.panel.label for r in rows],
        kind=[r.kind for r in rows],
        first=[r.panel.periods[0] for r in rows],
        last=[r.panel.periods[-1] for r in rows],
        regions=[len(r.panel.regions) for r in rows],
        **{n: known([getattr(r.line, n) for r in rows]) for n in ("estimate", "se", "p", "r2")},
        **{n: known([s[k] for s in speeds])
           for k, n in enumerate(("speed", "speed_se", "half_life"))},
        reasons=reason_list([r.told for r in rows]),
    )  # fmt: skip


def _regions(found: list[Panel], rule: ConvergenceRule) -> Tables:
    rows = [
        (p.label, region, float(start), float(growth))
        for p in found
        for region, start, growth in zip(p.regions, np.log(p.values[:, 0]), _growth(p), strict=True)
    ]
    names = ("vintage", "region_id", "start", "growth")
    return output(
        "convergence_region",
        measure=[rule.measure] * len(rows),
        **{n: [r[k] for r in rows] for k, n in enumerate(names)},
    )
