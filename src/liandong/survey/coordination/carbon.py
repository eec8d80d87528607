"""What the electricity of regions emits, and how much that is against what they make."""

from typing import Any

from liandong.errors import DataError
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.regions import Figures, Level, Said, belts, figures, lacking, vintages
from liandong.texts import both

UNITS = {"factor": "g CO2 a kWh", "electricity": "100 million kWh", "gdp": "100 million yuan"}
"""What figures must be in, so that they can be put together."""


class CarbonRule(Rule):
    """Which measures of ``region_stat`` are what.

    Attributes
    ----------
    factor, electricity, gdp
        Carbon of a kilowatt-hour, kilowatt-hours used, and what is made.
    vintage
        Of all; empty: in each period the last in order.
    level
        Level of the regions.
    """

    factor: str = "grid_carbon"
    electricity: str = "electricity"
    gdp: str = "gdp"
    vintage: str = ""
    level: Level = "province"


@fold(reads=("region_stat", "region"), writes=("carbon",), rule=CarbonRule)
def carbon(tables: Tables, rule: CarbonRule) -> Tables:
    """Reckon the carbon of electricity used in regions, and its intensity.

    Emission (10,000 t) = factor (g a kWh) x electricity (100 million kWh) / 100; intensity (t per
    10,000 yuan) = emission / GDP (100 million yuan). Where a period has no factor the last one
    before it is used and named. What is missing or not positive is named and leaves the rest
    empty; ``share`` is of the emission of all regions that have one.

    Raises
    ------
    DataError
        If a measure is in another unit than :data:`UNITS`.
    """
    known = belts(tables["region"], rule.level)
    measures = {n: getattr(rule, n) for n in UNITS}
    found = {n: figures(tables["region_stat"], m, rule.vintage) for n, m in measures.items()}
    for name, unit in UNITS.items():
        for period, one in found[name].items():
            if one.unit != unit:
                what = both("fault.unit_wanted", measure=measures[name], period=period,
                            unit=one.unit, wanted=unit)  # fmt: skip
                raise DataError(file="region_stat", what=what, remedy=both("advice.unit_wanted"))
    rows: list[dict[str, Any]] = []
    for period in sorted(found["electricity"]):
        rows += _period(period, found, sorted(known), measures)
    names = ("region_id", "period", "vintage", "factor", "electricity", "emission", "intensity",
             "share")  # fmt: skip
    return output(
        "carbon",
        **{n: [r[n] for r in rows] for n in names},
        reasons=reason_list([r["reasons"] for r in rows]),
    )


def _period(
    period: str, found: dict[str, dict[str, Figures]], known: list[str], measures: dict[str, str]
) -> list[dict[str, Any]]:
    nothing = Figures("", "", {})
    last = max((p for p in found["factor"] if p <= period), default=period)
    used, made = found["electricity"][period], found["gdp"].get(period, nothing)
    factor = found["factor"].get(last, nothing)
    label = vintages(*(f for f in (used, factor, made) if f.vintage))
    borrowed: Said = [(f"survey.factor_of({last})", 0)]
    rows: list[dict[str, Any]] = []
    for region in known:
        grams, hours, gdp = (f.value.get(region) for f in (factor, used, made))
        if hours is None and gdp is None:
            continue
        why = [*lacking(measures["factor"], grams), *lacking(measures["electricity"], hours)]
        emission = None if why or not grams or not hours else grams * hours / 100
        why += lacking(measures["gdp"], gdp)
        rows.append({
            "region_id": region, "period": period, "vintage": label, "factor": grams,
            "electricity": hours, "emission": emission,
            "intensity": emission / gdp if emission and gdp and not why else None,
            "reasons": [*(borrowed if grams is not None else []), *why],
        })  # fmt: skip
    total = sum(r["emission"] for r in rows if r["emission"])
    return [{**r, "share": r["emission"] and r["emission"] / total} for r in rows]
