"""What registered data assets are worth by cost, income and market, and to a lender."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

import pyarrow as pa
from pydantic import Field

from liandong.match.data.methods import (
    YEAR,
    Earned,
    Sold,
    Valued,
    by_cost,
    by_income,
    by_market,
    prudent,
)
from liandong.match.supply.related import related
from liandong.schema.tables.dataassets import QUALITIES
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import reason_list
from liandong.step.totals import must_fit, size
from liandong.types import Rate

Row = dict[str, Any]


class DataValueRule(Rule):
    """How data assets are valued.

    Attributes
    ----------
    as_of
        The day; nothing later counts.
    discount, decay
        Yearly rate at which income is discounted, and by which it falls at least.
    life_years
        Most years of use that count, whatever is registered.
    related_share
        Holder and licensee are related if one holds this share of the other, or one party controls
        both: such income does not count.
    least_days
        Fewest days since the first income for a value by income.
    sales_least, sale_years, size_range
        Fewest comparable sales, how many years they may be old, and how many times larger or
        smaller the data sold may be.
    edge
        What of a method counts for the lending value: the ``low`` end or the ``value``.
    """

    as_of: date
    discount: Rate = Field(default=Rate(120_000), ge=0, le=1_000_000)
    decay: Rate = Field(default=Rate(100_000), ge=0, le=1_000_000)
    life_years: int = Field(default=5, ge=1, le=20)
    related_share: Rate = Field(default=Rate(200_000), gt=0, le=1_000_000)
    least_days: int = Field(default=180, ge=0, le=3_650)
    sales_least: int = Field(default=3, ge=1, le=100)
    sale_years: int = Field(default=2, ge=1, le=20)
    size_range: int = Field(default=4, ge=1, le=1_000)
    edge: Literal["low", "value"] = "low"


@fold(
    reads=("data_asset", "data_cost", "data_income", "data_sale", "party", "edge"),
    writes=("data_value",),
    rule=DataValueRule,
    part=("as_of",),
    needs={"data_asset": "load"},
)
def data_value(tables: Tables, rule: DataValueRule) -> Tables:
    """Value every registered data asset by cost, income and market, and for a lender.

    Each method gives a value with an interval and its parts, or none with the reason: no costs, no
    income but from related parties, too short a history, too few comparable sales. An asset whose
    right has lapsed, or has not begun, has none at all. ``lending`` is the least of what is known.

    Raises
    ------
    DataError
        If there is nothing to work on yet, or amounts are more than can be summed safely.
    """
    for name in ("data_cost", "data_income", "data_sale"):
        must_fit(size(tables[name]["amount"]), name)
    costs, earned = _costs(tables["data_cost"], rule.as_of.year), _earned(tables, rule)
    sales: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for sale in tables["data_sale"].to_pylist():
        sales[_market(sale)].append(sale)
    found: list[tuple[str, str, Valued]] = []
    for asset in tables["data_asset"].sort_by("asset_id").to_pylist():
        key = asset["asset_id"]
        each = dict(
            _methods(asset, costs.get(key, []), earned.get(key), sales[_market(asset)], rule)
        )
        found += [(key, method, v) for method, v in each.items()]
    return output(
        "data_value",
        asset_id=[k for k, _, _ in found],
        as_of=[rule.as_of] * len(found),
        method=[m for _, m, _ in found],
        **{n: [getattr(v, n) for _, _, v in found] for n in ("value", "low", "high")},
        reasons=reason_list([v.reasons for _, _, v in found]),
    )


def _methods(
    asset: Row, costs: list[Row], earned: Earned | None, sales: list[Row], rule: DataValueRule
) -> Iterator[tuple[str, Valued]]:
    """Yield each method with what it says of an asset."""
    day, ends = rule.as_of, (asset["valid_to"], asset["useful_until"])
    left = min([rule.life_years * YEAR, *((end - day).days for end in ends if end)])
    early = (asset["valid_from"] - day).days
    if early > 0 or left <= 0:
        code, days = ("match.data_early", early) if early > 0 else ("match.data_lapsed", -left)
        for method in ("cost", "income", "market", "lending"):
            yield method, Valued.unknown(code, days)
        return
    quality = [asset[n] for n in QUALITIES]
    spent: dict[str, int] = defaultdict(int)
    for c in costs:
        spent[c["kind"]] += c["amount"]
    first = min([asset["valid_from"], *(date(c["year"], 1, 1) for c in costs)])
    nobody = Earned({}, 0, 0, 0)
    found = {
        "cost": by_cost(spent, quality, (day - first).days, left),
        "income": by_income(earned or nobody, left, rule.decay, rule.discount, rule.least_days),
        "market": by_market(
            sum(quality) // len(quality), asset["records"], _comparable(asset, sales, rule),
            rule.decay, rule.sales_least,
        ),
    }  # fmt: skip
    yield from found.items()
    yield "lending", prudent(found, low=rule.edge == "low")


def _costs(cost: pa.Table, year: int) -> dict[str, list[Row]]:
    """Return the costs of each asset until a year."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in cost.to_pylist():
        if row["year"] <= year:
            found[row["asset_id"]].append(row)
    return found


def _earned(tables: Tables, rule: DataValueRule) -> dict[str, Earned]:
    """Return what each asset earned: of a period, the days that lie in a year count."""
    income, asset = tables["data_income"], tables["data_asset"]
    holder = dict(zip(*(asset[n].to_pylist() for n in ("asset_id", "party_id")), strict=True))
    rows = [
        {**r, "seller": holder[r["asset_id"]]}
        for r in income.sort_by("income_id").to_pylist()
        if r["asset_id"] in holder
    ]
    sides = {"seller": [r["seller"] for r in rows], "buyer": [r["licensee_id"] for r in rows]}
    pairs = pa.table({n: pa.array(v, pa.string()) for n, v in sides.items()})
    own = related(pairs, tables, rule.as_of, rule.related_share).tolist()
    mine: dict[str, list[tuple[Row, bool]]] = defaultdict(list)
    for row, inside in zip(rows, own, strict=True):
        mine[row["asset_id"]].append((row, inside))
    return {key: _of_asset(found, rule.as_of) for key, found in mine.items()}


def _of_asset(rows: list[tuple[Row, bool]], day: date) -> Earned:
    by: dict[str, int] = defaultdict(int)
    before = inside = 0
    first = day
    for row, own in rows:
        now, then = _within(row, day, 0), _within(row, day, 1)
        if own:
            inside += now
            continue
        by[row["licensee_id"]] += now
        before += then
        first = min(first, row["valid_from"])
    return Earned({k: v for k, v in by.items() if v}, before, inside, (day - first).days)


def _within(row: Row, day: date, back: int) -> int:
    """Return what of a payment belongs to the year that ends ``back`` years before a day."""
    ends = day.toordinal() - back * YEAR
    start, last = row["valid_from"].toordinal(), row["valid_to"].toordinal()
    inside = min(last, ends) - max(start, ends - YEAR + 1) + 1
    return int(row["amount"] * max(inside, 0) // (last - start + 1))


def _comparable(asset: Row, sales: list[Row], rule: DataValueRule) -> Iterator[Sold]:
    """Yield sales of whole data among those of a market: of like size, not too old."""
    most = rule.size_range
    for s in sales:
        days = (rule.as_of - s["sold_on"]).days
        sized = s["records"] <= most * asset["records"] and asset["records"] <= most * s["records"]
        if sized and s["scope"] == "whole" and 0 <= days <= rule.sale_years * YEAR:
            yield Sold(s["sale_id"], s["amount"], s["quality"], s["records"], days)


def _market(row: Row) -> tuple[str, str]:
    """Return what data are compared by: their kind, and the section of their industry."""
    return row["kind"], (row["industry"] or "")[:1]
