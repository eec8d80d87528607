"""Allocation: one offer a project, amounts within all limits, prices and reasons that fit."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictingLimitsError, DataError, UsageError
from liandong.match import AllocateRule, allocate
from liandong.match.allocation.certificate import conflict
from liandong.match.allocation.verify import verify
from liandong.schema.arrow import empty
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from liandong.types import Money, Rate, stable_id
from support.lending import DAY, WAN, products, quotes


def given_out(quote, budget, product=None, **rule):
    """Return the offers by project; and the limits by id, with the totals under ``*``."""
    got = allocate(quote, product or products(P={}), as_of=DAY, budget=Money(budget), **rule)
    offers = {r["project_id"]: r for r in got["offer"].to_pylist()}
    limits = {r["product_id"] or r["limit_id"]: r for r in got["allocation_limit"].to_pylist()}
    return offers, {**limits, "*": got["allocation"].to_pylist()[0]}


def codes(offer):
    return [r["code"] for r in offer["reasons"]]


def test_the_best_are_served_first_and_the_last_gets_what_is_left():
    rows = {f"E{i}": {"value_rate": 10_000 - i} for i in range(4)}
    offers, total = given_out(quotes(**rows), 250 * WAN)
    assert [offers[e]["amount"] // WAN for e in rows] == [100, 100, 50, 0]
    assert total["*"]["used"] == total["P"]["used"] == 250 * WAN
    assert total["*"]["value"] == total["*"]["bound"] == sum(o["value"] for o in offers.values())
    assert total["budget"]["price"] == pytest.approx(0.009998)
    assert codes(offers["E0"]) == ["match.value", "match.price_budget"]
    assert codes(offers["E2"])[-1] == "match.partial"
    assert codes(offers["E3"])[-1] == "match.crowded_out(budget)"
    assert sum(r["points"] for r in offers["E0"]["reasons"]) == 2


def test_capacity_moves_money_to_another_product():
    quote = quotes(E={"product_id": "P"}, F={"product_id": "Q", "value_rate": 9_000})
    product = products(P={"capacity": 0}, Q={})
    offers, total = given_out(quote, 200 * WAN, product)
    assert (offers["E"]["amount"], offers["F"]["amount"]) == (0, 100 * WAN)
    assert codes(offers["E"])[-1] == "match.crowded_out(capacity)"
    assert total["P"]["price"] >= 0.01


def test_small_firms_get_their_share_and_what_it_costs_is_said():
    rows = {
        "BIG": {"micro": False, "value_rate": 20_000},
        "E": {"value_rate": 1_000, "limit": 70 * WAN},
    }
    offers, total = given_out(quotes(**rows), 1_000 * WAN)
    assert (offers["BIG"]["amount"], offers["E"]["amount"]) == (30 * WAN, 70 * WAN)
    assert total["*"]["micro_used"] == 70 * WAN
    points = {r["code"]: r["points"] for r in offers["BIG"]["reasons"]}
    assert points["match.price_limit(micro)"] < 0
    offers, _ = given_out(quotes(**rows), 1_000 * WAN, micro_share=Rate(0))
    assert offers["BIG"]["amount"] == 100 * WAN


def test_who_was_refused_keeps_the_reasons_and_who_earns_nothing_is_told():
    no = {"eligible": False, "limit": None, "rate": None, "value_rate": None}
    quote = quotes(
        E={**no, "reasons": [{"code": "match.grade(D)", "points": 0}]}, F={"value_rate": 0}
    )
    offers, total = given_out(quote, 100 * WAN)
    assert codes(offers["E"]) == ["match.grade(D)"]
    assert codes(offers["F"]) == ["match.no_gain"]
    assert (total["*"]["used"], total["*"]["bound"], total["P"]["price"]) == (0, 0, 0)


def test_one_offer_a_project_about_the_product_that_fits_best():
    no = {"eligible": False, "limit": None, "rate": None, "value_rate": None}
    two = {"reasons": [{"code": "match.term", "points": 12}, {"code": "match.age", "points": 1}]}
    one = {"reasons": [{"code": "match.term", "points": 12}]}
    rows = [
        quotes(E={"product_id": "P", **no, **two}), quotes(E={"product_id": "Q", **no, **one}),
        quotes(F={"product_id": "P", "value_rate": 5}), quotes(F={"product_id": "Q", **no, **one}),
    ]  # fmt: skip
    offers, _ = given_out(pa.concat_tables(rows), 100 * WAN, products(P={}, Q={}))
    assert (offers["E"]["product_id"], offers["F"]["product_id"]) == ("Q", "P")


def test_equals_are_served_in_the_order_of_the_salted_hash():
    ids = [f"E{i}" for i in range(6)]
    for salt in ("", "sealed", "other"):
        offers, _ = given_out(quotes(**{e: {} for e in ids}), 250 * WAN, salt=salt)
        order = sorted(ids, key=lambda e: stable_id(salt, e))
        assert [offers[e]["amount"] // WAN for e in order] == [100, 100, 50, 0, 0, 0]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"product_id": "X"}, "names a product"),
        ({"limit": 9 * WAN}, "has a limit"),
        ({"limit": 101 * WAN}, "has a limit"),
        ({"limit": 50 * WAN + 1}, "has a limit"),
    ],
)
def test_quotes_that_do_not_fit_their_product_are_refused(row, what):
    with pytest.raises(DataError, match=what):
        given_out(quotes(E=row), 100 * WAN)


def test_without_quotes_of_the_day_nothing_is_replaced_by_nothing():
    for nothing in (empty("quote"), quotes(E={"as_of": date(2020, 1, 1)})):
        with pytest.raises(DataError, match=r"2023-12-31.*Run match\.quote first"):
            given_out(nothing, WAN)


def test_a_budget_of_nothing_is_a_conflict_that_is_proved():
    with pytest.raises(ConflictingLimitsError, match="budget"):
        given_out(quotes(E={}, F={"value_rate": 5}), 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [("budget", "-1"), ("budget", "100万亿"), ("micro_share", "-1%"), ("micro_share", "101%"),
     ("gap", "-1%")],
)  # fmt: skip
def test_values_out_of_bounds_are_wrong_calls_that_name_the_field(field, value):
    with pytest.raises(UsageError, match=field) as refused:
        AllocateRule.make(**{"as_of": DAY, "budget": "1", field: value})
    assert refused.value.exit_code == 2


ROWS = st.dictionaries(
    st.integers(0, 40).map(lambda i: f"E{i}"),
    st.fixed_dictionaries({
        "micro": st.sampled_from([True, True, False, None]),
        "limit": st.integers(10, 100).map(lambda n: n * WAN),
        "value_rate": st.integers(-5, 20).map(lambda v: v * 1_000),
        "product_id": st.sampled_from(["P", "Q"]),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip
MONEY = st.integers(0, 600).map(lambda n: n * WAN // 2)


@settings(max_examples=40, deadline=None)
@given(ROWS, MONEY, MONEY, st.sampled_from([0, 700_000]))
def test_every_limit_holds_and_every_offer_explains_itself(rows, budget, capacity, share):
    product = products(P={"capacity": capacity}, Q={})
    rule = AllocateRule(as_of=DAY, budget=Money(budget), micro_share=Rate(share))
    try:
        offers, total = given_out(quotes(**rows), budget, product, micro_share=Rate(share))
    except ConflictingLimitsError:
        proof = conflict(quotes(**rows), product, rule)
        assert verify(proof, quotes(**rows), product, empty("offer")).faults == []
        return
    assert offers.keys() == rows.keys()
    used = sum(o["amount"] for o in offers.values())
    assert used == total["*"]["used"] <= budget
    assert total["P"]["used"] <= capacity
    micro = sum(o["amount"] for e, o in offers.items() if rows[e]["micro"])
    assert micro == total["*"]["micro_used"]
    assert micro * 1_000_000 >= used * share
    assert total["*"]["value"] <= total["*"]["bound"]
    for e, o in offers.items():
        assert 0 <= o["amount"] <= rows[e]["limit"]
        assert o["amount"] == 0 or o["amount"] >= 10 * WAN
        assert o["amount"] % WAN == 0
        assert o["reasons"]
        assert all(
            reason_text(r["code"], r["points"], lang) for r in o["reasons"] for lang in ("zh", "en")
        )


@settings(max_examples=5, deadline=None)
@given(ROWS)
def test_parts_and_order_change_nothing(rows):
    given_tables = {"quote": quotes(**rows), "product": products(P={}, Q={"capacity": 150 * WAN})}
    rule = AllocateRule(as_of=DAY, budget=Money(300 * WAN), micro_share=Rate(0))
    check_step(allocate, given_tables, rule)
