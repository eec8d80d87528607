"""Noise: drawn exactly, for which a slow twin in fractions and the closed form speak."""

import math
from fractions import Fraction
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.govern.sharing.release import margin, noise
from liandong.kernels.privacy.laplace import TOP, below, discrete_laplace, survives

CLOSE = Fraction(1, 10**30)


def words(seed):
    rng = np.random.default_rng(seed)
    return lambda n: rng.integers(0, 2**64, n, np.uint64)


def exp_of(x, terms=60):
    """Bracket exp(-x) for a fraction 0 <= x <= 1 by its alternating series."""
    term, total = Fraction(1), Fraction(0)
    for k in range(terms):
        total += term * (-1) ** k
        term *= x / (k + 1)
    return (total - term, total + term)


def survival(u, top, tries=60):
    """Bracket what the trials of the sampler give, by when they end: odd is true."""
    alive, true = Fraction(1), Fraction(0)
    for k in range(1, tries):
        goes_on = Fraction(u, top) * Fraction(1, k)  # below(top) < u, and below(k) == 0
        true += alive * (1 - goes_on) if k % 2 else 0
        alive *= goes_on
    return true, true + alive


def weight(z, top, bottom):
    """Bracket the odds of |z| in one round of the sampler: all u and v that lead there."""
    low = high = Fraction(0)
    stay = survival(1, 1)
    for whole in range(abs(z) * bottom, (abs(z) + 1) * bottom):
        v, u = divmod(whole, top)
        one = survival(u, top)
        low += one[0] * stay[0] ** v
        high += one[1] * stay[1] ** v
    return low, high


@pytest.mark.parametrize(
    ("sensitivity", "epsilon"), [(1, Fraction(1)), (2, Fraction(3, 10)), (3, Fraction(7, 4))]
)
def test_neighbours_differ_by_epsilon_and_no_more(sensitivity, epsilon):
    scale = sensitivity / epsilon
    top, bottom = scale.numerator, scale.denominator
    steps = math.ceil(epsilon)
    bound = [x**steps for x in exp_of(epsilon / steps)]  # brackets exp(-epsilon)
    for z in range(6):
        near, far = weight(z, top, bottom), weight(z + sensitivity, top, bottom)
        # The noise on either side of a neighbouring figure: its odds fall by just exp(-epsilon).
        assert far[0] / near[1] <= bound[1] + CLOSE
        assert far[1] / near[0] >= bound[0] - CLOSE
        assert far[0] / near[1] >= bound[0] - CLOSE


@pytest.mark.parametrize(("u", "top"), [(0, 1), (1, 1), (1, 3), (5, 7)])
def test_the_trials_give_the_exponential(u, top):
    low, high = survival(u, top)
    said = exp_of(Fraction(u, top))
    assert max(low, said[0]) <= min(high, said[1])
    assert high - low < CLOSE
    n = 40_000
    found = survives(np.full(n, u), top, words(u + top)).sum()
    p = float(low)
    assert abs(found - n * p) <= 5 * math.sqrt(n * p * (1 - p)) + 1e-6


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(2), Fraction(20, 3), Fraction(41)])
def test_the_distribution_is_the_closed_form(scale):
    n = 60_000
    drawn = discrete_laplace(n, scale.numerator, scale.denominator, words(9))
    a = math.exp(-1 / scale)
    odds = {}
    for k in count():
        p = (1 - a) / (1 + a) * a**k
        if n * p < 20:
            break
        odds |= {k: p, -k: p}
    seen = {k: int((drawn == k).sum()) for k in odds}
    rest = n - sum(seen.values())
    chi = sum((seen[k] - n * p) ** 2 / (n * p) for k, p in odds.items())
    beyond = n * (1 - sum(odds.values()))
    chi += (rest - beyond) ** 2 / beyond
    # Wilson and Hilferty: 4.5 standard deviations, which one in 300,000 exceeds.
    free = len(odds)
    assert chi < free * (1 - 2 / (9 * free) + 4.5 * math.sqrt(2 / (9 * free))) ** 3


@pytest.mark.parametrize("bound", [1, 2, 3, 5, 7, 2**40 + 1, TOP - 1])
def test_whole_numbers_are_all_as_likely(bound):
    drawn = below(bound, 20_000, words(3))
    assert drawn.min() >= 0
    assert drawn.max() < bound
    tenths = np.bincount((drawn.astype(object) * min(bound, 10) // bound).astype(int))
    assert abs(tenths - 20_000 / min(bound, 10)).max() < 5 * math.sqrt(20_000)


def test_large_scales_do_not_overflow():
    drawn = noise(2_000, Fraction(10**18, 999_999))
    assert 0.8 < np.abs(drawn.astype(float)).mean() / (10**18 / 999_999) < 1.25
    assert (drawn < 0).any()
    assert (drawn > 0).any()


def test_noise_is_never_the_same_twice():
    assert not np.array_equal(noise(64, Fraction(10**6)), noise(64, Fraction(10**6)))


@given(st.fractions(min_value=Fraction(1, 50), max_value=10**4, max_denominator=50))
def test_the_margin_is_the_least_that_holds(scale):
    def beyond(q):
        a = math.exp(-1 / scale)
        return 2 * a ** (q + 1) / (1 + a)

    q = margin(scale)
    assert beyond(q) <= 0.05 * (1 + 1e-9)
    assert q == 0 or beyond(q - 1) > 0.05 * (1 - 1e-9)
