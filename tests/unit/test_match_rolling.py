"""Posted prices and decisions at them: limits, order, reasons, earlier days, refusals."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import DataError, UsageError
from liandong.match import RollingRule, bid_prices, decide
from liandong.schema.arrow import build, empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from liandong.types import Money, Rate
from support.lending import DAY, WAN, products, projects, quotes

BUDGET = Money(10**6 * WAN)


def rule(**values):
    return RollingRule.make(**{"as_of": DAY, "budget": BUDGET, "micro_share": Rate(0), **values})


def decided(quote, product, chosen=None, project=None, earlier=None, forecast=None):
    """Post prices, decide, and return decisions by project, prices by limit, and new versions."""
    chosen = chosen or rule()
    ids = quote["project_id"].to_pylist()
    asking = project or projects(**{i: {} for i in ids})
    earlier, forecast = earlier or empty("decision"), forecast or empty("volume_forecast")
    posted = bid_prices(quote, product, earlier, forecast, rule=chosen)["bid_price"]
    got = decide(quote, product, asking, posted, earlier, forecast, rule=chosen)
    told = [r for t in (posted, *got.values()) for row in t["reasons"].to_pylist() for r in row]
    assert all(
        reason_text(r["code"], r["points"], x) != r["code"] for r in told for x in ("zh", "en")
    )
    rows = {r["project_id"]: r for r in got["decision"].to_pylist()}
    return rows, {r["limit_id"]: r for r in posted.to_pylist()}, got["repricing"]


def codes(row):
    return [r["code"] for r in row["reasons"]]


def test_the_price_of_scarce_money_keeps_it_for_those_worth_more():
    rows = {f"E{i}": {"value_rate": 10_000 * (i + 1)} for i in range(4)}
    got, prices, _ = decided(quotes(**rows), products(P={"capacity": 200 * WAN}))
    assert [got[e]["amount"] // WAN for e in rows] == [0, 0, 100, 100]
    assert 2 * 10**6 <= prices["product:P"]["price"] <= 3 * 10**6
    assert codes(got["E0"])[0] == "match.rolling_dear"
    assert codes(got["E3"]) == ["match.rolling_taken", "match.rolling_worth(P)"]
    assert {g["version"] for g in got.values()} == {f"{DAY}/0000"}


def test_they_come_in_the_order_of_time():
    rows = {"E": {}, "F": {}}
    day = projects(E={"asked_on": DAY}, F={"asked_on": DAY - timedelta(1)})
    got, _, _ = decided(quotes(**rows), products(P={}), project=day)
    assert (got["F"]["seq"], got["E"]["seq"]) == (1, 2)


def test_a_forecast_of_volume_keeps_money_for_what_is_to_come():
    rows = {"E": {"value_rate": 1_000}, "F": {"value_rate": 9_000}}
    product = products(P={"capacity": 700 * WAN})
    got, prices, _ = decided(quotes(**rows), product)
    assert [got[e]["amount"] // WAN for e in rows] == [100, 100]
    more = build("volume_forecast", {"as_of": [DAY], "category": ["micro"], "volume": [800 * WAN]})
    got, prices, _ = decided(quotes(**rows), product, forecast=more)
    assert [got[e]["amount"] // WAN for e in rows] == [0, 100]
    assert prices["product:P"]["ahead"] == 1_000 * WAN
    other = build("volume_forecast", {"as_of": [DAY], "category": ["other"], "volume": [WAN]})
    with pytest.raises(DataError, match="category other"):
        decided(quotes(**rows), product, forecast=other)


def test_a_floor_holds_at_the_end_whoever_comes_first():
    rows = {f"B{i}": {"micro": False, "value_rate": 20_000 + i} for i in range(9)}
    rows |= {f"E{i}": {"value_rate": 1_000 + i} for i in range(9)}
    totals = []
    for salt in "abcdef":
        chosen = rule(micro_share=Rate(700_000), salt=salt)
        got, prices, _ = decided(quotes(**rows), products(P={}), chosen)
        total = sum(g["amount"] for g in got.values())
        small = sum(g["amount"] for e, g in got.items() if e[0] == "E")
        assert small * 10 >= total * 7
        assert small == 9 * 100 * WAN
        assert prices["micro"]["reserve"] > 0
        assert prices["micro"]["price"] > 0
        totals.append(total)
    assert max(totals) > 9 * 100 * WAN


def test_what_earlier_days_gave_is_gone():
    before = DAY - timedelta(1)
    product = products(P={"capacity": 150 * WAN})
    first = quotes(D={"as_of": before})
    day_before = rule(as_of=before)
    posted = bid_prices(first, product, rule=day_before)["bid_price"]
    earlier = decide(first, product, projects(D={}), posted, rule=day_before)["decision"]
    assert earlier["amount"].to_pylist() == [100 * WAN]
    both = pa.concat_tables([first, quotes(E={})])
    got, prices, _ = decided(both, product, rule(opens=before), projects(D={}, E={}), earlier)
    assert (got["E"]["amount"], prices["product:P"]["left"]) == (50 * WAN, 50 * WAN)
    assert prices["product:P"]["seen"] == 100 * WAN
    assert "match.partial" in codes(got["E"])
    share = rule(opens=before, micro_share=Rate(700_000))
    _, prices, _ = decided(both, product, share, projects(D={}, E={}), earlier)
    assert prices["micro"]["left"] == 30 * WAN  # D is micro: 100 less 70 % of 100
    got, _, _ = decided(both, product, rule(), projects(D={}, E={}), earlier)
    assert got["E"]["amount"] == 100 * WAN  # another round
    lost = earlier.set_column(0, "project_id", pa.array(["X"]))
    with pytest.raises(DataError, match="decision on X"):
        decided(both, product, rule(opens=before), projects(D={}, E={}), lost)


def test_prices_of_another_state_are_refused():
    quote, product = quotes(E={}), products(P={})
    posted = bid_prices(quote, product, rule=rule())["bid_price"]
    with pytest.raises(DataError, match=r"match\.bid_prices"):
        decide(quote, products(P={"capacity": 5 * WAN}), projects(E={}), posted, rule=rule())
    with pytest.raises(DataError, match=r"match\.bid_prices"):
        decide(quote, product, projects(E={}), posted.slice(0, 1), rule=rule())
    with pytest.raises(DataError, match=r"match\.bid_prices first"):
        decide(quote, product, projects(E={}), empty("bid_price"), rule=rule())
    with pytest.raises(UsageError, match="together"):
        rule(together=True)


def test_nobody_eligible_is_told_so():
    no = {"eligible": False, "limit": None, "rate": None, "value_rate": None}
    got, prices, _ = decided(quotes(E=no), products(P={}))
    assert codes(got["E"]) == ["match.rolling_none"]
    assert prices["product:P"]["price"] == 0


def many(seed, count=400):
    r = np.random.default_rng(seed)

    def row(i, product):
        limit, value = int(r.integers(10, 101)) * WAN, int(r.integers(1, 30_000))
        return {"product_id": product, "micro": i % 3 != 0, "limit": limit, "value_rate": value}

    rows = [quotes(**{f"E{i:03d}": row(i, p) for i in range(count)}) for p in "PQRS"]
    asked = {f"E{i:03d}": {"asked_on": date(2023, 12, 1 + i * 30 // count)} for i in range(count)}
    product = products(**{p: {"capacity": 2_000 * WAN} for p in "PQRS"})
    return pa.concat_tables(rows), product, projects(**asked)


def test_prices_are_made_anew_and_limits_hold():
    quote, product, asking = many(1)
    chosen = rule(micro_share=Rate(700_000), budget=Money(7_000 * WAN))
    got, _, again = decided(quote, product, chosen, asking)
    versions = {g["version"] for g in got.values()}
    assert len(versions) > 1
    assert versions - {f"{DAY}/0000"} == set(again["version"].to_pylist())
    given = [(g["product_id"], g["amount"]) for g in got.values() if g["amount"]]
    total = sum(a for _, a in given)
    assert 6_500 * WAN < total <= 7_000 * WAN
    assert all(sum(a for q, a in given if q == p) <= 2_000 * WAN for p in "PQRS")
    small = sum(g["amount"] for e, g in got.items() if int(e[1:]) % 3)
    assert small * 10 >= total * 7


def test_rolling_steps_hold_the_conventions():
    quote, product, asking = many(2, 150)
    chosen = rule(micro_share=Rate(700_000), budget=Money(5_000 * WAN))
    more = build("volume_forecast", {"as_of": [DAY], "category": ["micro"], "volume": [300 * WAN]})
    tables = {"quote": quote, "product": product, "project": asking, "volume_forecast": more}
    check_step(bid_prices, tables, chosen)
    tables |= bid_prices(quote, product, empty("decision"), more, rule=chosen)
    check_step(decide, tables, chosen)
