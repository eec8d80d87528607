"""Scenarios: the allocation under another rule, held against the real one; never paid out."""

import json

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictingLimitsError, DataError, UsageError
from liandong.match import AllocateRule, CapacityChange, ExploreRule, allocate, explore
from liandong.schema.arrow import empty
from liandong.settle import disburse
from liandong.testing import check_step
from liandong.types import Money, Rate
from support.lending import DAY, WAN, products, quotes

FOUR = {f"E{i}": {"value_rate": 10_000 - i} for i in range(4)}


def real(quote, budget, product=None, **rule):
    """Return the allocation that scenarios are held against."""
    return allocate(quote, product or products(P={}), as_of=DAY, budget=Money(budget), **rule)


def tried(quote, offer, budget, product=None, **rule):
    """Return the summary, the offers by pair and the limits by id of a scenario."""
    got = explore(quote, product or products(P={}), offer, as_of=DAY, name="try",
                  budget=Money(budget), **rule)  # fmt: skip
    offers = {(r["project_id"], r["product_id"]): r for r in got["scenario_offer"].to_pylist()}
    limits = {r["product_id"] or r["limit_id"]: r for r in got["scenario_limit"].to_pylist()}
    return got["scenario"].to_pylist()[0], offers, limits


def test_more_budget_serves_who_came_next():
    quote = quotes(**FOUR)
    offer = real(quote, 250 * WAN)["offer"]
    whole, offers, limits = tried(quote, offer, 310 * WAN)
    assert {p: (o["change"], o["before"] // WAN, o["amount"] // WAN) for (p, _), o in
            offers.items()} == {"E0": ("same", 100, 100), "E1": ("same", 100, 100),
                                "E2": ("more", 50, 100), "E3": ("gained", 0, 10)}  # fmt: skip
    assert (whole["gained"], whole["lost"], whole["changed"]) == (1, 0, 1)
    assert (whole["more"], whole["less"]) == (60 * WAN, 0)
    assert whole["used"] == limits["budget"]["used"] == 310 * WAN
    assert limits["budget"]["price"] == pytest.approx(0.009997)
    assert json.loads(whole["terms"])["budget"] == "3100000.00 CNY"


def test_less_budget_takes_from_the_last_and_says_why():
    quote = quotes(**FOUR)
    whole, offers, _ = tried(quote, real(quote, 250 * WAN)["offer"], 150 * WAN)
    lost = offers["E2", "P"]
    assert (lost["change"], lost["before"], lost["amount"]) == ("lost", 50 * WAN, 0)
    assert (lost["rate"], lost["value"]) == (None, 0)
    assert lost["reasons"][-1]["code"] == "match.crowded_out(budget)"
    assert offers["E1", "P"]["change"] == "less"
    assert (whole["lost"], whole["changed"], whole["less"]) == (1, 1, 100 * WAN)
    assert ("E3", "P") not in offers


def test_capacity_may_change_for_one_product_or_for_all():
    rows = [quotes(E={"product_id": p, "value_rate": v}) for p, v in (("P", 10_000), ("Q", 9_000))]
    quote, product = pa.concat_tables(rows), products(P={}, Q={})
    offer = real(quote, 200 * WAN, product)["offer"]
    closed = CapacityChange(product_id="P", capacity=Money(0))
    whole, offers, limits = tried(quote, offer, 200 * WAN, product, capacities=(closed,))
    assert {k: (o["change"], o["amount"]) for k, o in offers.items()} == {
        ("E", "P"): ("moved", 0), ("E", "Q"): ("moved", 100 * WAN),
    }  # fmt: skip
    assert (whole["changed"], whole["more"], whole["less"]) == (1, 0, 0)
    assert (limits["P"]["bound"], limits["Q"]["bound"]) == (0, 10_000 * WAN)
    half = CapacityChange(share=Rate(500_000))
    _, _, limits = tried(quote, offer, 200 * WAN, product, capacities=(half, half))
    assert limits["P"]["bound"] == limits["Q"]["bound"] == 2_500 * WAN


def test_the_floor_for_small_firms_may_change():
    rows = {"BIG": {"micro": False, "value_rate": 20_000}, "E": {"limit": 70 * WAN}}
    quote = quotes(**rows)
    offer = real(quote, 1_000 * WAN)["offer"]
    whole, offers, _ = tried(quote, offer, 1_000 * WAN, micro_share=Rate(0))
    assert offers["BIG", "P"]["change"] == "more"
    assert whole["micro_used"] == 70 * WAN
    assert whole["used"] == 170 * WAN


def test_the_real_rule_changes_nothing():
    quote = quotes(**FOUR)
    found = real(quote, 250 * WAN)
    whole, offers, _ = tried(quote, found["offer"], 250 * WAN)
    assert {o["change"] for o in offers.values()} == {"same"}
    actual = found["allocation"].to_pylist()[0]
    assert all(whole[n] == actual[n] for n in ("used", "value", "bound", "offered", "micro_used"))
    assert whole["gained"] == whole["lost"] == whole["changed"] == whole["more"] == 0


def test_scenarios_are_told_apart_by_name_and_never_paid_out():
    rules = [ExploreRule(as_of=DAY, budget=Money(1), name=n) for n in ("a", "b")]
    assert len({explore.part_of(r) for r in rules}) == 2
    assert not set(explore.writes) & {*disburse.reads, *allocate.writes}


def test_what_does_not_fit_is_refused():
    quote = quotes(**FOUR)
    offer = real(quote, 100 * WAN)["offer"]
    with pytest.raises(DataError, match=r"product X.*Name a product"):
        tried(quote, offer, 100 * WAN, capacities=(CapacityChange(product_id="X", share=Rate(1)),))
    stale = real(quotes(GONE={}), 100 * WAN)["offer"]
    with pytest.raises(DataError, match=r"GONE.*Run match\.allocate first"):
        tried(quote, stale, 100 * WAN)
    with pytest.raises(DataError, match=r"Run match\.allocate first"):
        tried(quote, empty("offer"), 100 * WAN)
    for bad in ({"name": ""}, {"name": "a@b"}, {"capacities": [{"product_id": "P"}]},
                {"capacities": [{"capacity": "1", "share": "1%"}]}):  # fmt: skip
        with pytest.raises(UsageError, match=next(iter(bad))):
            ExploreRule.make(**{"as_of": DAY, "budget": "1", "name": "x", **bad})


ROWS = st.dictionaries(
    st.integers(0, 40).map(lambda i: f"E{i}"),
    st.fixed_dictionaries({
        "micro": st.booleans(),
        "limit": st.integers(10, 100).map(lambda n: n * WAN),
        "value_rate": st.integers(-5, 20).map(lambda v: v * 1_000),
        "product_id": st.sampled_from(["P", "Q"]),
    }),
    min_size=1,
    max_size=10,
)  # fmt: skip
MONEY = st.integers(0, 600).map(lambda n: n * WAN // 2)


def possible(quote, budget, product, **rule):
    """Return the allocation; None where limits conflict or leave nobody anything."""
    try:
        return real(quote, budget, product, **rule)
    except ConflictingLimitsError:
        return None


@settings(max_examples=30, deadline=None)
@given(ROWS, MONEY, MONEY, st.sampled_from([0, 500_000, 900_000]))
def test_sums_of_a_scenario_are_those_of_its_offers(rows, budget, other, share):
    quote, product = quotes(**rows), products(P={}, Q={"capacity": 150 * WAN})
    first = possible(quote, budget, product)
    assume(first is not None)
    offer = first["offer"]
    again = possible(quote, other, product, micro_share=Rate(share))
    if again is None:  # a scenario is refused where an allocation is, and says the same
        with pytest.raises(ConflictingLimitsError):
            tried(quote, offer, other, product, micro_share=Rate(share))
        return
    whole, offers, _ = tried(quote, offer, other, product, micro_share=Rate(share))
    paid = {k: o["amount"] for k, o in offers.items() if o["amount"]}
    assert paid == {(r["project_id"], r["product_id"]): r["amount"]
                    for r in again["offer"].to_pylist() if r["amount"]}  # fmt: skip
    assert sum(o["before"] for o in offers.values()) == pc.sum(offer["amount"]).as_py()
    gains = [o["amount"] - o["before"] for o in offers.values()]
    assert whole["more"] - whole["less"] == sum(gains)
    assert whole["used"] == sum(paid.values())
    assert whole["value"] == sum(o["value"] for o in offers.values())
    assert all(o["reasons"] and (o["amount"] or o["before"]) for o in offers.values())


@settings(max_examples=5, deadline=None)
@given(ROWS)
def test_parts_and_order_change_nothing(rows):
    product = products(P={}, Q={"capacity": 150 * WAN})
    quote = quotes(**rows)
    first = possible(quote, 200 * WAN, product)
    assume(first is not None)
    tables = {"quote": quote, "product": product, "offer": first["offer"]}
    check_step(explore, tables, ExploreRule(as_of=DAY, budget=Money(300 * WAN), name="more"))


def test_it_is_the_rule_of_an_allocation_with_more():
    rule = AllocateRule(as_of=DAY, budget=Money(WAN), micro_share=Rate(600_000), salt="s")
    more = ExploreRule.make(**rule.plain(), name="same")
    assert all(getattr(more, n) == getattr(rule, n) for n in AllocateRule.model_fields)
