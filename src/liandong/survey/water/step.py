"""The step that says how good the water of a section was, year by year, and who pays by it."""

from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.statistics.monthly import redrawn_means, runs
from liandong.kernels.statistics.trend import mann_kendall
from liandong.schema.arrow import arrow_schema
from liandong.step import Tables, fold
from liandong.survey.water.measured import Measured, agreed, grade, in_force, mean
from liandong.survey.water.rules import WaterPayment, WaterRule
from liandong.texts import both
from liandong.types import PPM

Float = NDArray[np.float64]
Row = dict[str, Any]
INDEX = "index"


@fold(
    reads=("water_section", "water_base", "water_sample"),
    writes=("water_index", "water_indicator", "water_trend", "derived_amount"),
    rule=WaterRule,
)
def water(tables: Tables, rule: WaterRule) -> Tables:
    """Reckon the index of each section and year that agreements on a river pay by.

    P = k0 x sum over indicators of k x C / C0, with C the mean of the months of a year (each the
    mean of its samples) and C0 the agreed base value at the beginning of the year, in exact
    fractions. A year in which an indicator has too few months, or no base value, has no index;
    months that were not measured are named.

    The interval says how far the index could be off for the months that happened to be measured:
    months of the year are drawn anew in runs (circular block bootstrap). ``verdict`` is ``met`` or
    ``missed`` where all of it is on one side of the threshold, and ``unsure`` where it cannot be
    told; payments go by the index itself, as agreed, unless they are held. Trends are by Mann and
    Kendall with Sen's slope, over years. Classes are those of GB 3838-2002.

    Payments are amounts of ``derived_amount``: what the region downstream brings in for a year
    that met the threshold, or the one upstream for a year that did not.

    Raises
    ------
    DataError
        If the section of a payment is unknown.
    """
    measured, bases = Measured(tables["water_sample"], rule), agreed(tables["water_base"])
    sections = sorted(tables["water_section"].to_pylist(), key=lambda r: r["section_id"])
    years = [
        _Year(section, year, measured, bases, rule)
        for section in sections for year in measured.years(section["section_id"])
    ]  # fmt: skip
    by_id = {s["section_id"]: s for s in sections}
    lost = [p.section for p in rule.payments if p.section not in by_id]
    if lost and sections:
        what, remedy = both("fault.water_section", section=lost[0]), both("advice.water_section")
        raise DataError(file="water_section", what=what, remedy=remedy)
    paid = [row for p in rule.payments for y in years if y.section["section_id"] == p.section
            for row in y.paid(p)]  # fmt: skip
    return {
        **_table("water_index", [y.row() for y in years]),
        **_table("water_indicator", [row for y in years for row in y.rows]),
        **_table(
            "water_trend", [r for s in sections for r in _trends(s["section_id"], years, rule)]
        ),
        **_table("derived_amount", paid),
    }


def _table(name: str, rows: list[Row]) -> Tables:
    """Return a table of rows; fractions become floats."""
    found = [{n: float(v) if isinstance(v, Fraction) else v for n, v in r.items()} for r in rows]
    told = [[{"code": code, "points": points} for code, points in r["reasons"]] for r in rows]
    whole = [{**r, "reasons": why} for r, why in zip(found, told, strict=True)]
    return {name: pa.Table.from_pylist(whole, schema=arrow_schema(name))}


class _Year:
    """One section in one year."""

    def __init__(
        self, section: Row, year: int, measured: Measured, bases: dict[Any, Any], rule: WaterRule
    ) -> None:
        self.section, self.year, self.rule = section, year, rule
        self.key = {"section_id": section["section_id"], "period": f"{year:04}"}
        name = section["section_id"]
        self.months = {i: measured.means.get((name, year, i), {}) for i in rule.weights}
        self.base = {i: in_force(bases.get((name, i), []), year) for i in rule.weights}
        self.rows = [self._indicator(i, measured.below[name, year, i]) for i in rule.weights]
        short = any(r["months"] < rule.least_months for r in self.rows)
        self.index: Fraction | None = None
        if not short and None not in self.base.values():
            self.index = sum((r["term"] for r in self.rows), Fraction(0))

    def _indicator(self, name: str, below: int) -> Row:
        """Return the row of one indicator."""
        months, base = self.months[name], self.base[name]
        value = mean(months)
        term, told = None, []
        if value is not None and base is not None:
            times = Fraction(int(self.rule.factor) * int(self.rule.weights[name]), PPM * PPM)
            term = times * value / base
            told.append(("survey.water_of_base", round(value / base * PPM)))
        lost = [m for m in range(1, 13) if m not in months]
        told += [(f"survey.water_month({self.year:04}-{m:02})", 0) for m in lost]
        told += [("survey.water_below", below)] * bool(below)
        told += [("survey.water_no_base", 0)] * (base is None)
        body = self.section["body"]
        klass = None if value is None else grade(value, name, body)
        told += [("survey.water_no_class", 0)] * (value is not None and klass is None)
        return {
            **self.key, "indicator": name, "value": value, "base": base, "term": term,
            "grade": klass, "months": len(months), "reasons": told,
        }  # fmt: skip

    def row(self) -> Row:
        """Return the index with its interval and what is thought of it."""
        rule = self.rule
        low, high = self._interval() if self.index is not None else (None, None)
        limit = Fraction(int(rule.threshold), PPM)
        few = [r for r in self.rows if r["months"] < rule.least_months]
        told = [(f"survey.water_months({r['indicator']})", r["months"]) for r in few]
        told += [(f"survey.water_base_of({r['indicator']})", 0)
                 for r in self.rows if r["base"] is None]  # fmt: skip
        told += [(f"survey.water_term({r['indicator']})", round(r["term"] * PPM))
                 for r in self.rows if self.index is not None]  # fmt: skip
        verdict = "incomplete"
        if low is not None and high is not None:
            verdict = "met" if high <= limit else "missed" if low > limit else "unsure"
        return {
            **self.key, "index": self.index, "low": low, "high": high, "threshold": limit,
            "months": min(r["months"] for r in self.rows), "verdict": verdict, "reasons": told,
        }  # fmt: skip

    def _interval(self) -> tuple[float, float]:
        """Return the interval of the index: months are drawn with all that was measured in them."""
        rule = self.rule
        there = sorted({m for months in self.months.values() for m in months})
        each = {i: int(rule.weights[i]) / PPM / base for i, base in self.base.items() if base}
        terms = [
            [float(months[m]) * each[i] if m in months else np.nan
             for i, months in self.months.items()]
            for m in there
        ]  # fmt: skip
        random = np.random.default_rng((rule.seed, len(there)))
        drawn = runs(len(there), rule.block, rule.draws, random)
        found = redrawn_means(np.array(terms), drawn).sum(axis=1) * int(rule.factor) / PPM
        tail = (1 - int(rule.confidence) / PPM) / 2
        low, high = np.quantile(found, (tail, 1 - tail))
        return float(low), float(high)

    def paid(self, p: WaterPayment) -> list[Row]:
        """Return what the year brings: the amount from one of the two, nothing from the other."""
        row = self.row()
        if self.index is None or (p.hold and row["verdict"] == "unsure"):
            return []
        met = self.index <= Fraction(int(self.rule.threshold), PPM)
        ends = ((p.met, "downstream_id", met), (p.missed, "upstream_id", not met))
        told = ("survey.water_met" if met else "survey.water_missed", round(self.index * PPM))
        unsure = [("survey.water_unsure", 0)] * (row["verdict"] == "unsure")
        return [
            {"base": base, "party_id": self.section[side], "period": self.key["period"],
             "amount": int(p.amount) if due else 0, "unit": "CNY", "reasons": [told, *unsure]}
            for base, side, due in ends
        ]  # fmt: skip


def _trends(section: str, years: list[_Year], rule: WaterRule) -> list[Row]:
    """Return the trend of the index and of each indicator, over years that are complete."""
    own = [y for y in years if y.section["section_id"] == section]
    series: dict[str, list[tuple[int, Fraction]]] = {
        INDEX: [(y.year, y.index) for y in own if y.index is not None]
    }
    for k, name in enumerate(rule.weights):
        series[name] = [(y.year, y.rows[k]["value"]) for y in own
                        if y.rows[k]["months"] >= rule.least_months]  # fmt: skip
    return [_trend(section, name, points, rule) for name, points in series.items() if own]


def _trend(section: str, name: str, points: list[tuple[int, Fraction]], rule: WaterRule) -> Row:
    row: Row = {"section_id": section, "measure": name, "years": len(points)}
    if len(points) < rule.least_years:
        few = [("survey.water_years", len(points))]
        return {**row, "s": None, "p": None, "slope": None, "verdict": "short", "reasons": few}
    at, values = (np.array([float(p[k]) for p in points]) for k in (0, 1))
    found = mann_kendall(values, at)
    sure = found.p < 1 - int(rule.confidence) / PPM
    verdict = ("falling" if found.s < 0 else "rising") if sure else "level"
    span = f"survey.water_span({points[0][0]}–{points[-1][0]})"
    return {**row, "s": found.s, "p": found.p, "slope": found.slope, "verdict": verdict,
            "reasons": [(span, len(points))]}  # fmt: skip
