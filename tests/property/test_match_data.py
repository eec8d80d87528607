"""Values of data assets keep their order: more income or life never lowers them, and so on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.match.data.methods import (
    Earned,
    Sold,
    by_cost,
    by_income,
    by_market,
    present,
    prudent,
)
from liandong.types import PPM

FEN = st.integers(1, 10**12)
RATE = st.integers(0, PPM)
LIFE = st.integers(1, 8 * 365)
SCORES = st.lists(RATE, min_size=6, max_size=6)
BY = st.dictionaries(st.sampled_from("abcd"), FEN, min_size=1)
PAID = st.lists(
    st.tuples(st.sampled_from("stuvw"), FEN, RATE, st.integers(1, 10**6), st.integers(0, 730)),
    min_size=3, max_size=6, unique_by=lambda s: s[0],
).map(lambda rows: [Sold(*r) for r in rows])  # fmt: skip


def adds_up(found):
    parts = sum(points for code, points in found.reasons if ".data_part_" in code)
    return found.low <= found.value <= found.high and parts == found.value >= 0


@settings(max_examples=60, deadline=None)
@given(BY, FEN, LIFE, RATE, RATE, st.sampled_from("abcd"), FEN)
def test_income_is_monotone_and_adds_up(by, before, left, decay, discount, who, more):
    value = lambda e, days, d, r: by_income(e, days, d, r, 0)  # noqa: E731
    earned = Earned(by, before, 0, 400)
    base = value(earned, left, decay, discount)
    assert adds_up(base)
    larger = value(
        Earned({**by, who: by.get(who, 0) + more}, before, 0, 400), left, decay, discount
    )
    longer = value(earned, left + 30, decay, discount)
    assert all(getattr(other, n) >= getattr(base, n)
               for other in (larger, longer) for n in ("value", "low", "high"))  # fmt: skip
    dearer = value(earned, left, decay, discount + 10_000)
    faster = value(earned, left, min(decay + 10_000, PPM), discount)
    assert all(getattr(other, n) <= getattr(base, n)
               for other in (dearer, faster) for n in ("value", "low", "high"))  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(FEN, st.integers(1, 8), RATE, RATE)
def test_present_values_are_those_of_exact_fractions(income, years, decay, discount):
    from fractions import Fraction

    kept = Fraction(PPM - decay, PPM + discount)
    exact = [income * kept**t for t in range(1, years + 1)]
    assert present(income, years * 365, decay, discount) == [int(v) for v in exact]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("pdiot"), FEN, min_size=1), SCORES, LIFE, LIFE)
def test_cost_adds_up_and_never_exceeds_what_was_spent(spent, quality, age, left):
    found = by_cost(spent, quality, age, left)
    assert adds_up(found)
    assert found.high <= sum(spent.values())
    assert by_cost(spent, quality, age, left + 1).value >= found.value


@settings(max_examples=60, deadline=None)
@given(RATE, st.integers(1, 10**6), PAID, RATE)
def test_market_is_monotone_in_quality_and_size(quality, records, sales, decay):
    found = by_market(quality, records, sales, decay, 3)
    assert adds_up(found)
    assert found.high <= max(s.amount for s in sales)
    for better in (by_market(PPM, records, sales, decay, 3),
                   by_market(quality, 2 * records, sales, decay, 3)):  # fmt: skip
        assert better.value >= found.value
        assert better.low >= found.low


@settings(max_examples=40, deadline=None)
@given(BY, LIFE, PAID, SCORES, st.booleans())
def test_no_method_says_less_than_the_lending_value(by, left, sales, quality, low):
    known = {
        "cost": by_cost(by, quality, 10, left),
        "income": by_income(Earned(by, 0, 0, 400), left, 100_000, 120_000, 0),
        "market": by_market(min(quality), 1_000, sales, 100_000, 3),
    }
    found = prudent(known, low=low)
    assert adds_up(found)
    assert found.value == min(v.low if low else v.value for v in known.values())
