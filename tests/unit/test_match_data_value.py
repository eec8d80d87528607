"""Data assets by cost, income and market against arithmetic done by hand, and for a lender."""

from datetime import date, timedelta

import pytest

from liandong.errors import DataError
from liandong.match import DataValueRule, data_value
from liandong.match.data.methods import Sold, by_cost, by_market, present, prudent
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from support.dataassets import assets, costs, incomes, sold
from support.lending import DAY, WAN, parties

PLAIN = {"as_of": DAY, "decay": "0", "discount": "0.1", "sales_least": 1}


def valued(asset=None, cost=None, income=None, sale=None, edge=None, edge_="low", **rule):
    """Return the row of each method of the only asset."""
    given = [asset or assets(D={}), cost or empty("data_cost"), income or empty("data_income"),
             sale or empty("data_sale"), parties(F={}, L={}), edge or empty("edge")]  # fmt: skip
    rows = data_value(*given, **{**PLAIN, "edge": edge_, **rule})["data_value"].to_pylist()
    return {r["method"]: r for r in rows}


def codes(row):
    return [r["code"] for r in row["reasons"]]


def parts(row):
    return sum(r["points"] for r in row["reasons"] if ".data_part_" in r["code"])


def test_level_income_is_worth_its_annuity():
    # 1 million a year over five years at 10 %: 1 - 1.1^-5 over 0.1 is 3.790787 years of it.
    row = valued(income=incomes({}))["income"]
    exact = 100 * WAN * (1 - 1.1**-5) / 0.1
    assert 0 <= exact - row["value"] < 5
    assert parts(row) == row["value"] == 379_078_675
    assert row["high"] == row["value"]
    # At the low end the only licensee leaves after a year: 1 / 1.1 of it is left.
    assert row["low"] == 90_909_090


def test_falling_income_is_a_geometric_series():
    years = present(100 * WAN, 3 * 365, 200_000, 250_000)
    assert years == [64_000_000, 40_960_000, 26_214_400]  # 0.8 / 1.25 = 0.64 to the power of t
    half = present(100 * WAN, 365 + 73, 0, 0)
    assert half == [100 * WAN, 20 * WAN]
    assert present(100 * WAN, 0, 0, 0) == []


def test_income_falls_as_fast_as_it_fell():
    before = {"valid_from": date(2022, 1, 1), "valid_to": date(2022, 12, 31), "amount": 200 * WAN}
    row = valued(income=incomes({}, before), decay="0.1")["income"]
    assert {r["code"]: r["points"] for r in row["reasons"]}["match.data_income_falls"] == 500_000


def test_income_of_related_parties_does_not_count():
    edge = build("edge", {
        "src": ["P", "P"], "dst": ["F", "L"], "kind": ["owns"] * 2, "share": [600_000] * 2,
        "valid_from": [date(2020, 1, 1)] * 2, "source": ["registry"] * 2,
    })  # fmt: skip
    row = valued(income=incomes({}), edge=edge)["income"]
    assert (row["value"], codes(row)) == (None, ["match.data_only_related"])
    more = incomes({}, {"licensee_id": "M", "amount": 10 * WAN})
    row = valued(income=more, edge=edge)["income"]
    assert parts(row) == row["value"] == sum(present(10 * WAN, 5 * 365, 0, 100_000))
    told = {r["code"]: r["points"] for r in row["reasons"]}
    assert told["match.data_income_related"] == 100 * WAN
    assert told["match.data_income_top(M)"] == 1_000_000


def test_of_a_period_only_its_days_in_the_year_count():
    # Of 730 days 365 lie in the year.
    long = {"valid_from": DAY - timedelta(729), "valid_to": DAY, "amount": 100 * WAN}
    row = valued(income=incomes(long))["income"]
    assert {r["code"]: r["points"] for r in row["reasons"]}["match.data_income"] == 50 * WAN
    late = {"valid_from": DAY - timedelta(99), "valid_to": DAY + timedelta(100)}
    assert codes(valued(income=incomes(late))["income"]) == ["match.data_short_history"]
    assert codes(valued()["income"]) == ["match.data_no_income"]


def test_cost_is_scaled_by_quality_and_life():
    # 2 million at a mean score of 50 % with three quarters of the life left.
    found = by_cost({"direct": 150 * WAN, "tax": 50 * WAN}, [800_000, 200_000], 100, 300)
    assert found[:3] == (75 * WAN, 30 * WAN, 120 * WAN)
    assert sum(p for _, p in found.reasons) == 75 * WAN
    row = valued(cost=costs(direct=100 * WAN))["cost"]
    assert parts(row) == row["value"] == 100 * WAN * 1825 // (1825 + 364)
    assert codes(valued(cost=costs(year=2024, direct=WAN))["cost"]) == ["match.data_no_cost"]


def test_the_market_is_the_lower_median_of_adjusted_prices():
    sales = [
        Sold("A", 100 * WAN, 1_000_000, 2_000, 0),
        Sold("B", 80 * WAN, 400_000, 1_000, 365),
        Sold("C", 500 * WAN, 1_000_000, 1_000, 0),
        Sold("D", 20 * WAN, 500_000, 500, 0),
    ]
    found = by_market(500_000, 1_000, sales, 100_000, 3)
    # A: half as good and half as large: 25. B: no better: 80, a year old: 72. C: 250. D: 20.
    assert found[:3] == (25 * WAN, 20 * WAN, 250 * WAN)
    assert sum(p for c, p in found.reasons if "part" in c) == 25 * WAN
    few = by_market(500_000, 1_000, sales[:2], 0, 3)
    assert few.reasons == [("match.data_few_sales", 2)]


@pytest.mark.parametrize(
    "fields",
    [{"kind": "report"}, {"industry": "A01"}, {"industry": None}, {"scope": "licence"},
     {"records": 4_001}, {"sold_on": DAY - timedelta(731)}, {"sold_on": DAY + timedelta(1)}],
)  # fmt: skip
def test_what_is_not_alike_is_not_compared(fields):
    assert valued(sale=sold(WAN))["market"]["value"] == WAN
    assert codes(valued(sale=sold(WAN, **fields))["market"]) == ["match.data_few_sales"]


def test_the_lending_value_is_the_least_of_the_low_ends():
    found = valued(cost=costs(direct=300 * WAN), income=incomes({}), sale=sold(95 * WAN))
    row = found["lending"]
    assert row["value"] == parts(row) == found["income"]["low"] == 90_909_090
    assert codes(row) == ["match.data_part_least(data_income)", "match.data_part_prudence"]
    assert (row["low"], row["high"]) == (90_909_090, found["income"]["high"])
    plain = valued(income=incomes({}), sale=sold(95 * WAN), edge_="value")["lending"]
    assert (plain["value"], parts(plain)) == (95 * WAN, 95 * WAN)


def test_cost_alone_is_no_collateral():
    found = valued(cost=costs(direct=300 * WAN))
    assert found["cost"]["value"] > 0
    assert codes(found["lending"]) == ["match.data_unproved"]
    assert prudent({}, low=True).value is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"valid_to": DAY}, "lapsed"), ({"useful_until": DAY - timedelta(3)}, "lapsed"),
     ({"valid_from": DAY + timedelta(1), "valid_to": None}, "early")],
)  # fmt: skip
def test_without_a_right_there_is_no_value(fields, code):
    found = valued(assets(D=fields), costs(direct=WAN), incomes({}), sold(WAN))
    assert len(found) == 4
    for row in found.values():
        assert (row["value"], row["low"], row["high"]) == (None, None, None)
        assert codes(row) == [f"match.data_{code}"]


def test_amounts_beyond_all_sums_are_refused():
    with pytest.raises(DataError, match="data_cost"):
        valued(cost=costs(direct=2**62))


def test_valuing_holds_the_conventions():
    tables = {
        "data_asset": assets(D={}, E={"party_id": "L", "valid_to": None}),
        "data_cost": costs(direct=WAN, tax=WAN), "party": parties(F={}, L={}),
        "data_income": incomes({}, {"asset_id": "E", "licensee_id": "F"}, {"asset_id": "gone"}),
        "data_sale": sold(WAN, 2 * WAN, 3 * WAN), "edge": empty("edge"),
    }  # fmt: skip
    check_step(data_value, tables, DataValueRule(as_of=DAY))
