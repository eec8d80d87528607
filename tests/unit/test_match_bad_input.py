"""What cannot be allocated from is refused by name, in both languages, with what to do."""

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import ConflictingLimitsError, DataError, LiandongError, UsageError
from liandong.match import AllocateRule, Group, Limit, allocate
from liandong.schema.field import MONEY_MOST
from liandong.types import Money, Rate
from support.lending import DAY, WAN, products, quotes


def refused(what, quote, product=None, **rule):
    """Hold that allocating is refused, in words that say what is wrong."""
    product = product or products(P={})
    with pytest.raises(LiandongError, match=what) as told:
        allocate(quote, product, as_of=DAY, **{"budget": Money(100 * WAN), **rule})
    assert told.value.text("zh") != told.value.text("en")
    return told.value


def floor(name="f", share=100_000, **of):
    return Limit(name=name, of=Group(**of), least_share=Rate(share))


def codes(offer):
    return [r["code"] for r in offer["reasons"]]


@pytest.mark.parametrize(
    ("name", "ids"), [("products", "X"), ("lenders", "SHARK"), ("guarantors", "NOBODY")]
)
def test_limits_about_ids_that_no_product_has(name, ids):
    error = refused(f"limit 'f' is about {ids}", quotes(E={}), limits=(floor(**{name: (ids,)}),))
    assert isinstance(error, DataError)


@pytest.mark.parametrize("of", [{"regions": ("46",)}, {"industries": ("Z",)}, {"micro": False}])
def test_a_floor_for_a_group_that_is_empty(of):
    quote = quotes(E={"region_id": "110000", "industry": "C13"})
    refused("in which nobody has asked", quote, limits=(floor(**of),))
    cap = Limit(name="c", of=Group(**of), most=Money(WAN))
    given = allocate(quote, products(P={}), as_of=DAY, budget=Money(100 * WAN), limits=(cap,))
    assert given["allocation"]["used"][0].as_py() == 100 * WAN  # nobody is a cap's trouble


def test_floors_above_everything():
    with pytest.raises(UsageError, match="micro_share"):
        AllocateRule.make(as_of=DAY, budget="1", micro_share="100.1%")
    with pytest.raises(UsageError, match="least_share"):
        AllocateRule.make(as_of=DAY, budget="1", limits=[{"name": "f", "least_share": "101%"}])
    north, south = floor("n", 600_000, regions=("11",)), floor("s", 600_000, regions=("44",))
    with pytest.raises(UsageError, match=r"n, s.*above 100 %"):
        AllocateRule.make(as_of=DAY, budget="1", limits=(north, south))
    nested = floor("s", 600_000, regions=("1101",))
    AllocateRule.make(as_of=DAY, budget="1", limits=(north, nested))


def test_a_budget_below_the_smallest_amount_is_a_conflict_that_is_proved():
    error = refused("budget", quotes(E={}), budget=Money(9 * WAN))
    assert isinstance(error, ConflictingLimitsError)


def test_a_capacity_below_the_smallest_amount_is_said_in_the_offer():
    product = products(P={"capacity": 9 * WAN}, Q={})
    quote = pa.concat_tables([quotes(E={}), quotes(F={"product_id": "Q"})])
    got = allocate(quote, product, as_of=DAY, budget=Money(100 * WAN))
    offers = {o["project_id"]: o for o in got["offer"].to_pylist()}
    assert offers["E"]["amount"] == 0
    assert "match.below_least" in codes(offers["E"])


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"limit": 0}, "has a limit"),
        ({"limit": -10 * WAN}, "has a limit"),
        ({"value_rate": 11_000_000}, "more than ten yuan"),
        ({"value_rate": 2**40}, "more than ten yuan"),
        ({"product_id": "X"}, "names a product"),
    ],
)
def test_quotes_that_make_no_sense(row, what):
    refused(what, quotes(E=row))


def test_the_same_quote_twice():
    two = pa.concat_tables([quotes(E={}), quotes(E={"limit": 50 * WAN})])
    refused("E has two quotes", two)


@pytest.mark.parametrize(
    "terms",
    [{"step_amount": 0}, {"min_amount": 0}, {"min_amount": -WAN}, {"capacity": -1},
     {"min_amount": 100 * WAN, "max_amount": 10 * WAN}],
)  # fmt: skip
def test_products_that_cannot_give(terms):
    refused("product P", quotes(E={}), products(P=terms))


def test_money_beyond_what_counts_exactly():
    many = {f"P{i}": {"capacity": MONEY_MOST} for i in range(10)}
    error = refused("beyond 2\\^53", quotes(E={"product_id": "P1"}), products(**many))
    assert error.exit_code == DataError.exit_code


@pytest.mark.parametrize(("field", "value"), [("budget", "NaN"), ("micro_share", "nan")])
def test_nan_is_not_a_value_of_a_rule(field, value):
    with pytest.raises(UsageError, match=field):
        AllocateRule.make(**{"as_of": DAY, "budget": "1", field: value})


def test_nan_is_not_a_value_of_a_quote():
    quote = quotes(E={}, F={})
    at = quote.schema.get_field_index("value_rate")
    holed = quote.set_column(at, "value_rate", pa.array([10_000.0, np.nan]))
    error = refused("value_rate", holed)
    assert isinstance(error, DataError)


def test_nobody_eligible_is_no_fault():
    no = {"eligible": False, "limit": None, "rate": None, "value_rate": None}
    quote = quotes(E={**no, "reasons": [{"code": "match.grade(D)", "points": 0}]})
    got = allocate(quote, products(P={}), as_of=DAY, budget=Money(100 * WAN))
    assert codes(got["offer"].to_pylist()[0]) == ["match.grade(D)"]
    assert got["allocation"]["bound"][0].as_py() == 0


@pytest.mark.parametrize("bounds", [{}, {"least": "1", "most": "2"}])
def test_a_limit_has_one_bound(bounds):
    with pytest.raises(UsageError, match="exactly one"):
        AllocateRule.make(as_of=DAY, budget="1", limits=[{"name": "f", **bounds}])


def test_a_salt_must_be_the_one_that_was_promised():
    with pytest.raises(UsageError, match="salt"):
        AllocateRule.make(as_of=DAY, budget="1", salt="s", salt_commitment="0" * 64)
    with pytest.raises(UsageError, match="salt_commitment"):
        AllocateRule.make(as_of=DAY, budget="1", salt="s", salt_commitment="short")
