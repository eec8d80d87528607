"""What logistics cost against what regions make, and how that changes."""

from typing import Any

from liandong.schema.provinces import NATION
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.survey.checks import one_unit
from liandong.survey.market.periods import ordinals
from liandong.survey.regions import Figures, Level, Said, belts, figures, lacking, vintages
from liandong.types import PPM


class LogisticsRule(Rule):
    """What is compared.

    Attributes
    ----------
    cost, gdp
        Measures of ``region_stat``.
    vintage
        Of both; empty: in each period the last in order.
    level
        Level of the regions.
    """

    cost: str = "logistics_cost"
    gdp: str = "gdp"
    vintage: str = ""
    level: Level = "province"


@fold(reads=("region_stat", "region"), writes=("logistics",), rule=LogisticsRule)
def logistics(tables: Tables, rule: LogisticsRule) -> Tables:
    """Measure logistics cost as a share of GDP, by region and for the nation, and its change.

    Every region that has one of both measures in a period has a row; what is missing or not
    positive is named and leaves the share empty. The nation's share is that of its own figures, or
    else of the sums over regions that have both. The change is on the period just before.

    Raises
    ------
    DataError
        If cost and GDP come in different units, or periods cannot be put in order.
    """
    known = belts(tables["region"], rule.level)
    cost, gdp = (figures(tables["region_stat"], m, rule.vintage) for m in (rule.cost, rule.gdp))
    rows: list[dict[str, Any]] = []
    for period in sorted(cost):
        rows += _period(period, cost[period], gdp.get(period), known, rule)
    _changes(rows)
    names = ("region_id", "period", "vintage", "cost", "gdp", "unit", "ratio", "change", "regions")
    return output(
        "logistics",
        **{n: [r[n] for r in rows] for n in names},
        reasons=reason_list([r["reasons"] for r in rows]),
    )


def _period(
    period: str, cost: Figures, gdp: Figures | None, known: dict[str, str], rule: LogisticsRule
) -> list[dict[str, Any]]:
    made = gdp or Figures(cost.vintage, cost.unit, {})
    one_unit("region_stat", f"{rule.cost} / {rule.gdp}", period, (made.unit, cost.unit))
    label, rows = vintages(cost, made), []
    mixed: Said = [("survey.vintages_mixed", 0)] if made.vintage != cost.vintage else []
    for region in sorted(r for r in known if r in cost.value or r in made.value):
        pair = cost.value.get(region), made.value.get(region)
        why = [*lacking(rule.cost, pair[0]), *lacking(rule.gdp, pair[1])]
        rows.append(_row(region, *pair, why, 1, mixed))
    fine = [r for r in rows if r["ratio"] is not None]
    pair = cost.value.get(NATION), made.value.get(NATION)
    if not [*lacking(rule.cost, pair[0]), *lacking(rule.gdp, pair[1])]:
        rows.append(_row(NATION, *pair, [], len(fine), mixed))
    elif fine:
        pair = sum(r["cost"] for r in fine), sum(r["gdp"] for r in fine)
        summed: Said = [*mixed, ("survey.sum_of_regions", len(fine))]
        if lost := len(rows) - len(fine):
            summed.append(("survey.regions_missing", lost))
        rows.append(_row(NATION, *pair, [], len(fine), summed))
    return [{**r, "period": period, "vintage": label, "unit": cost.unit} for r in rows]


def _row(
    region: str, cost: float | None, gdp: float | None, why: Said, regions: int, more: Said
) -> dict[str, Any]:
    ratio = cost / gdp if cost and gdp and not why else None
    told: Said = [("survey.logistics_of_gdp", round(PPM * ratio))] if ratio is not None else []
    return {"region_id": region, "cost": cost, "gdp": gdp, "ratio": ratio, "regions": regions,
            "change": None, "reasons": [*told, *why, *more]}  # fmt: skip


def _changes(rows: list[dict[str, Any]]) -> None:
    """Set the change of each share on that of the period before, if there is one."""
    periods = sorted({r["period"] for r in rows})
    number = dict(zip(periods, ordinals(periods, "region_stat") if periods else [], strict=True))
    ratio = {(r["region_id"], number[r["period"]]): r["ratio"] for r in rows}
    for r in rows:
        before = ratio.get((r["region_id"], number[r["period"]] - 1))
        if r["ratio"] is not None and before is not None:
            r["change"] = r["ratio"] - before
