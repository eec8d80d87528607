"""Published figures, closed forms and plain twins of intervals, curves and shifts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.scores.roc import auc, ks
from liandong.kernels.scores.validation import (
    difference,
    jeffreys_interval,
    psi,
    ratio,
    roc_curve,
    shift,
)
from liandong.kernels.statistics.distributions import beta_cdf

# Newcombe 1998, table II, method 10: hits and sizes of both groups, limits.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (0, 10, 0, 10, -0.2775, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("a", "n", "b", "m", "low", "high"), NEWCOMBE)
def test_differences_of_rates_as_published(a, n, b, m, low, high):
    found = difference(a, n, b, m)
    assert found[0] == pytest.approx(a / n - b / m)
    assert found[1:] == pytest.approx((low, high), abs=6e-5)


def test_ratios_of_rates():
    value, low, high = ratio(12, 40, 48, 80)
    assert value == pytest.approx(0.5)
    assert low * high == pytest.approx(value**2)  # even on the log scale
    assert ratio(0, 40, 48, 80)[:2] == (0.0, 0.0)
    assert ratio(0, 40, 48, 80)[2] > 0
    assert np.isnan(ratio(3, 4, 0, 5)).all()
    assert ratio(5, 5, 7, 7) == (1.0, 1.0, 1.0)


@given(st.integers(1, 400), st.data())
@settings(deadline=None, max_examples=40)
def test_jeffreys_interval_holds_its_probability(n, data):
    bads = data.draw(st.integers(0, n))
    low, high = jeffreys_interval(bads, n)
    assert low <= bads / n <= high
    inside = beta_cdf(high, bads + 0.5, n - bads + 0.5) - beta_cdf(low, bads + 0.5, n - bads + 0.5)
    assert inside == pytest.approx(0.95 if 0 < bads < n else 0.975, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 300), st.booleans()), min_size=2, max_size=400))
@settings(max_examples=100, deadline=None)
def test_the_curve_bounds_the_area_and_holds_ks(rows):
    risk = np.array([r for r, _ in rows], float)
    bad = np.array([b for _, b in rows])
    if not 0 < bad.sum() < len(bad):
        return
    whole = roc_curve(risk, bad, most=10**6)
    assert np.trapezoid(whole.tpr, whole.fpr) == pytest.approx(auc(risk, bad))
    for cut, fpr, tpr in zip(*whole, strict=True):
        assert tpr == pytest.approx((risk[bad] >= cut).mean())
        assert fpr == pytest.approx((risk[~bad] >= cut).mean())
    few = roc_curve(risk, bad, most=12)
    assert len(few.fpr) <= 13
    assert (few.fpr[0], few.tpr[0], few.fpr[-1], few.tpr[-1]) == (0, 0, 1, 1)
    assert np.abs(few.tpr - few.fpr).max() == pytest.approx(ks(risk, bad))
    # A curve that only rises is never farther from its chord than half of the box around that.
    most = 0.5 * (np.diff(few.fpr) * np.diff(few.tpr)).sum()
    assert abs(np.trapezoid(few.tpr, few.fpr) - auc(risk, bad)) <= most + 1e-12


def test_shift_by_cell_adds_up_to_the_index():
    then, now = np.array([50, 50, 0]), np.array([60, 40, 0])
    found = shift(then, now)
    assert found.parts[2] == 0
    assert found.parts.sum() == psi(then, now) == pytest.approx(0.0405465, abs=5e-8)
    assert np.isnan(shift(np.array([5]), np.array([7])).p)
    assert np.isnan(shift(np.array([5, 5]), np.array([0, 0])).p)


def test_without_a_shift_its_probability_is_even():
    random = np.random.default_rng(3)
    share = np.full(8, 1 / 8)
    p = [
        shift(random.multinomial(900, share), random.multinomial(2500, share)).p for _ in range(800)
    ]
    # 800 draws: a share of 5 % lies within 3.2 and 6.8 % in all but one case of a hundred.
    assert 0.03 < np.mean(np.array(p) < 0.05) < 0.07
    assert np.mean(p) == pytest.approx(0.5, abs=0.04)
