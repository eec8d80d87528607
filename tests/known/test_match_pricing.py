"""Known answers of the floor rate, and what a rate earns, in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.match.pricing.costs import NO_RATE, PPM, Capital, Costs, Curve, best_rate, portion

USUAL = Capital(hurdle=120_000, ratio=105_000, weight=750_000, covered_weight=200_000)
SHARE = st.integers(0, PPM)


def costs(pd, lgd=450_000, cover=0, funding=22_000, operating=8_000, capital=USUAL):
    one = [np.array([v], np.int64) for v in (pd, funding, operating, lgd, cover)]
    return Costs.of(*one, np.array([capital.charge(cover)], np.int64))


@pytest.mark.parametrize(("cover", "percent"), [(0, 5.4588), (800_000, 3.7738)])
def test_floor_rates(cover, percent):
    # 2.2 % funds, .8 % operation, PD 3 %, LGD 45 %, 12 % on 10.5 % of capital, weights 75 and 20 %.
    floor = int(costs(30_000, cover=cover).floor_rate()[0])
    assert floor / 1e4 == pytest.approx(percent, abs=1e-4)


def test_who_always_defaults_has_no_floor_rate():
    assert costs(PPM).floor_rate().tolist() == [NO_RATE]


def test_the_largest_cost_is_named():
    assert [int(costs(pd).largest()[0]) for pd in (0, 100_000)] == [0, 2]


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
