"""Known answers of the floor rate, and what a rate earns, in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import InputError
from liandong.match import Capital, Conditions, irb_weight, price
from liandong.match.pricing.costs import NO_RATE, Costs, Curve, best_rate, portion
from liandong.types import PPM, Rate

USUAL = Capital(hurdle=120_000, ratio=105_000, weight=750_000, covered_weight=200_000)
SHARE = st.integers(0, PPM)


def costs(pd, lgd=450_000, cover=0, funding=22_000, operating=8_000, capital=USUAL, fee=0):
    one = [np.array([v], np.int64) for v in (pd, funding, operating, lgd, cover)]
    return Costs.of(*one, np.array([capital.charge(cover, pd, lgd)], np.int64), fee)


@pytest.mark.parametrize(("cover", "percent"), [(0, 5.4588), (800_000, 3.7738)])
def test_floor_rates(cover, percent):
    # 2.2 % funds, .8 % operation, PD 3 %, LGD 45 %, 12 % on 10.5 % of capital, weights 75 and 20 %.
    floor = int(costs(30_000, cover=cover).floor_rate()[0])
    assert floor / 1e4 == pytest.approx(percent, abs=1e-4)


BANK = Conditions(lgd=Rate.parse("45%"), funding=Rate.parse("2.2%"), operating=Rate.parse("0.8%"),
                  most=Rate.parse("15%"))  # fmt: skip
THREE = Rate.parse("3%")


def test_the_same_floor_rates_and_what_follows_for_one_pair():
    found = price(THREE, BANK)
    assert found.floor_rate == 54_588
    assert sum(found.parts.values()) == found.floor_rate
    assert found.expected_loss == 13_500
    covered = price(THREE, BANK._replace(cover=Rate.parse("80%")))
    assert covered.floor_rate == 37_739  # 3.7738 %, rounded up to a ppm
    # 12 % of 10.5 % of .2 * 75 + .8 * 20 = 31 %
    assert covered.parts["capital"] == 3_906
    # At the floor rate capital earns what its owners ask for; rounding up to a ppm adds a little.
    assert 0 <= found.raroc - 120_000 < 13
    # One point more brings .97 % on capital of 10.5 % of 75 %.
    dearer = price(THREE, BANK._replace(margin=Rate.parse("1%")))
    assert dearer.raroc - found.raroc == pytest.approx(0.97 * 10_000 / 0.07875, abs=1)
    assert (dearer.rate, dearer.profit) == (64_588, 9_700)


def test_without_capital_there_is_no_return_on_it():
    none = Capital(hurdle=120_000, ratio=105_000, weight=0, covered_weight=0)
    assert price(THREE, BANK, none).raroc is None


def test_the_rate_of_a_curve_is_the_one_that_earns_most():
    curve = [(Rate(40_000), Rate(0)), (Rate(80_000), Rate(100_000)), (Rate(150_000), Rate(900_000))]
    found = price(THREE, BANK, churn=curve)
    assert (found.rate, found.profit) == (80_000, 900_000 * 970_000 * (80_000 - 54_588) // PPM**2)


def test_what_the_state_and_the_guarantor_mean_for_the_borrower():
    found = price(THREE, BANK._replace(subsidy=Rate(20_000), borrower_fee=Rate(5_000)))
    assert (found.subsidy, found.all_in_rate) == (20_000, 54_588 - 20_000 + 5_000)
    assert price(THREE, BANK._replace(subsidy=Rate(90_000))).all_in_rate == 0
    # What the lender pays for a guarantee, those who do not default must bring in.
    assert price(THREE, BANK._replace(lender_fee=Rate(9_700))).floor_rate == 54_588 + 10_000


@pytest.mark.parametrize(
    ("pd", "terms", "too_dear", "over"),
    [
        (30_000, {"most": Rate(50_000)}, "funding", 4_588),
        (30_000, {"ceiling": Rate(50_000)}, "funding", 4_588),
        (100_000, {"most": Rate(50_000)}, "expected_loss", 43_834),
        (30_000, {"lender_fee": Rate(30_000), "most": Rate(50_000)}, "guarantee", 35_516),
        (30_000, {"least": Rate(60_000), "ceiling": Rate(55_000)}, "lowest_rate", 5_000),
        (PPM, {}, "expected_loss", 0),
    ],
)
def test_the_term_that_makes_a_loan_infeasible_is_named(pd, terms, too_dear, over):
    found = price(Rate(pd), BANK._replace(**terms))
    assert (found.rate, found.too_dear, found.over) == (None, too_dear, over)


@pytest.mark.parametrize("pd", [Rate(-1), Rate(PPM + 1), float("nan"), 0.03, True])
def test_what_is_no_rate_is_refused(pd):
    with pytest.raises(InputError, match="pd"):
        price(pd, BANK)
    with pytest.raises(InputError, match="lgd"):
        price(THREE, BANK._replace(lgd=pd))
    with pytest.raises(InputError, match="churn"):
        price(THREE, BANK, churn=[(Rate(1), pd)])


@pytest.mark.parametrize(
    ("terms", "curve"),
    [({"least": Rate(160_000)}, None), ({}, [(Rate(9), Rate(0)), (Rate(8), Rate(0))])],
)
def test_what_is_in_reverse_is_refused(terms, curve):
    with pytest.raises(InputError, match="do not ascend"):
        price(THREE, BANK._replace(**terms), churn=curve)


def test_weights_of_internal_ratings():
    pd = np.array([2_500, 5_000, 10_000, 20_000, 50_000])
    weights = irb_weight(pd, np.full(5, 450_000)) / 10_000
    assert weights.tolist() == pytest.approx([49.47, 69.61, 92.32, 114.85, 149.85], abs=0.005)
    every = irb_weight(np.arange(0, PPM + 1, 500), np.full(2_001, 450_000))
    assert (np.diff(every) >= 0).all()
    irb = Capital(hurdle=120_000, ratio=105_000, weight=0, covered_weight=200_000, irb=True)
    found = costs(20_000, capital=irb)
    capital = 0.12 * 0.105 * irb_weight(np.array([20_000]), np.array([450_000]))[0] / PPM
    exact = (0.03 + 0.02 * 0.45 + capital) / 0.98
    assert found.floor_rate()[0] / PPM == pytest.approx(exact, abs=2e-6)


@settings(max_examples=200, deadline=None)
@given(SHARE, SHARE, st.integers(0, 12_500_000), st.integers(0, 12_500_000), SHARE)
def test_the_charge_for_capital_is_exact_rounded_up(hurdle, ratio, weight, covered, cover):
    capital = Capital(hurdle, ratio, weight, covered)
    weighted = Fraction(cover * covered + (PPM - cover) * weight)
    assert int(capital.charge(cover)) == -(-hurdle * ratio * weighted // PPM**2)
    assert int(capital.held(cover)) == -(-ratio * weighted // PPM)


@settings(max_examples=100, deadline=None)
@given(SHARE, SHARE, SHARE, st.booleans())
def test_more_risk_never_costs_less(pd, more, cover, irb):
    low, high = sorted((min(pd, PPM - 1), min(more, PPM - 1)))
    capital = USUAL._replace(irb=irb)
    floors = [int(costs(p, cover=cover, capital=capital).floor_rate()[0]) for p in (low, high)]
    assert floors[0] <= floors[1]


def test_who_always_defaults_has_no_floor_rate():
    assert costs(PPM).floor_rate().tolist() == [NO_RATE]


def test_the_largest_cost_is_named():
    assert [int(costs(pd).largest()[0]) for pd in (0, 100_000)] == [0, 2]
    assert int(costs(0, fee=50_000).largest()[0]) == 3


@settings(deadline=None)
@given(SHARE, SHARE, SHARE, SHARE, SHARE)
def test_the_floor_rate_is_the_exact_one_rounded_up(pd, lgd, cover, funding, operating):
    found = costs(pd, lgd, cover, funding, operating)
    if pd == PPM:
        return
    c, p = Fraction(cover, PPM), Fraction(pd, PPM)
    capital = Fraction(120_000 * 105_000, PPM**2) * (c * Fraction(1, 5) + (1 - c) * Fraction(3, 4))
    cost = Fraction(funding + operating, PPM) + p * Fraction(lgd, PPM) * (1 - c) + capital
    exact = cost / (1 - p) * PPM
    floor = int(found.floor_rate()[0])
    # Loss and capital are rounded up at the 12th decimal, which the division may enlarge.
    assert exact <= floor < exact + 1 + Fraction(2, PPM) / (1 - p)


@given(st.integers(0, 10**17), SHARE)
def test_a_portion_is_exact(amount, share):
    assert portion(np.array([amount]), share)[0] == amount * share // PPM


CURVES = st.lists(st.tuples(st.integers(30_000, 200_000), SHARE), min_size=1, max_size=6,
                  unique_by=lambda p: p[0])  # fmt: skip
BANDS = st.tuples(st.integers(0, 120_000), st.integers(0, 120_000)).map(sorted)


def lost(curve, rate):
    """Return the share lost at a rate, straight between the points: the oracle."""
    before = [p for p in curve if p[0] <= rate]
    after = [p for p in curve if p[0] >= rate]
    if not before or not after:
        return Fraction((after or before[::-1])[0][1])
    (r0, l0), (r1, l1) = before[-1], after[0]
    return Fraction(l0) if r0 == r1 else l0 + Fraction((l1 - l0) * (rate - r0), r1 - r0)


def priced(pd, band, curve, margin=10_000):
    """Return floor, rate and profit of one pair."""
    cost = costs(pd)
    floor = cost.floor_rate()
    low, high = (np.array([b], np.int64) for b in band)
    shaped = Curve(*(np.array(c, np.int64) for c in zip(*curve, strict=True))) if curve else None
    rate, profit = best_rate(cost, floor, low, high, shaped, margin)
    return int(floor[0]), int(rate[0]), int(profit[0])


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300_000), BANDS, CURVES.map(sorted))
def test_no_rate_of_the_curve_earns_more(pd, band, curve):
    floor = int(costs(pd).floor_rate()[0])
    if floor > band[1]:
        return
    _, rate, profit = priced(pd, band, curve)
    assert max(band[0], floor) <= rate <= band[1]
    exact = {
        r: (1 - lost(curve, r) / PPM) * (1 - Fraction(pd, PPM)) * (r - floor)
        for r in {min(max(p[0], band[0], floor), band[1]) for p in curve}
    }
    assert rate in exact
    assert profit <= exact[rate]
    assert profit > max(exact.values()) - 2


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300_000), st.integers(0, 300_000), BANDS, st.none() | CURVES.map(sorted))
def test_more_risk_never_earns_more(pd, more, band, curve):
    low, high = sorted((pd, more))
    if int(costs(high).floor_rate()[0]) > band[1]:
        return
    assert priced(high, band, curve)[2] <= priced(low, band, curve)[2]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 300_000), st.integers(0, 300_000), BANDS, st.none() | CURVES.map(sorted))
def test_more_risk_never_has_a_lower_rate_where_the_curve_never_falls(pd, more, band, curve):
    low, high = sorted((pd, more))
    if int(costs(high).floor_rate()[0]) > band[1]:
        return
    if curve:
        lost = sorted(s for _, s in curve)
        curve = [(r, s) for (r, _), s in zip(curve, lost, strict=True)]
    assert priced(high, band, curve)[1] >= priced(low, band, curve)[1]
