"""Known answers of calibration: rising rates, other base rates, errors, paired areas."""

from fractions import Fraction
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import Calibration, calibrate, cross_calibrated
from liandong.errors import DataError, UsageError
from liandong.kernels.scores.calibration import (
    calibration_error,
    calibration_index,
    calibration_line,
    level,
    log_odds,
    probability,
    shift,
    unseen_rate,
)
from liandong.kernels.scores.contingency import fisher
from liandong.kernels.scores.isotonic import isotonic
from liandong.kernels.scores.roc import delong, delong_pair
from liandong.types import Rate

RANDOM = np.random.default_rng(3)
ROWS = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=40)


def drawn(n, intercept=-1.5, slope=1.0, seed=3):
    """Return true log odds and outcomes."""
    random = np.random.default_rng(seed)
    odds = intercept + slope * random.normal(size=n)
    return odds, random.random(n) < probability(odds)


@given(ROWS)
@settings(deadline=None)  # the first call compiles
def test_isotonic_is_the_smallest_of_largest_means(rows):
    """Twin: the rate at i is the least over b >= i of the most over a <= i of the mean of a..b."""
    score, bad = np.array([float(s) for s, _ in rows]), np.array([b for _, b in rows])
    found = isotonic(score, bad)
    values = sorted(set(score.tolist()))
    cells = [[b for s, b in rows if s == v] for v in values]
    n, k = (list(accumulate(x, initial=0)) for x in (map(len, cells), map(sum, cells)))
    for i, v in enumerate(values):
        best = min(
            max(Fraction(k[b + 1] - k[a], n[b + 1] - n[a]) for a in range(i + 1))
            for b in range(i, len(values))
        )
        at = int(np.searchsorted(found.last, v))
        assert found.first[at] <= v <= found.last[at]
        assert Fraction(int(found.bads[at]), int(found.rows[at])) == best
    assert found.rows.sum() == len(rows)


def test_isotonic_of_the_example_in_barlow_and_others():
    """Outcomes 0 1 0 1 1 0 1 pool to 0, 1/2, 1/2, 2/3, 2/3, 2/3, 1."""
    bad = np.array([0, 1, 0, 1, 1, 0, 1]) > 0
    found = isotonic(np.arange(7.0), bad)
    rates = np.repeat(found.bads / found.rows, found.rows)
    assert rates.tolist() == pytest.approx([0, 1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3, 1])


def test_another_base_rate_is_bayes_rule():
    likelihood = np.array([0.2, 1.0, 5.0])
    at = lambda rate: likelihood * rate / (likelihood * rate + 1 - rate)  # noqa: E731
    moved = log_odds(at(0.5)) + shift(0.5, 0.175)
    assert probability(moved) == pytest.approx(at(0.175))


def test_the_level_gives_the_mean():
    odds, weight = RANDOM.normal(size=50) * 9, RANDOM.integers(1, 5, 50).astype(float)
    found = level(odds, 0.175, weight)
    assert np.average(probability(odds + found), weights=weight) == pytest.approx(0.175)
    assert level(np.array([0.3]), 0.5) == pytest.approx(-0.3)
    order = RANDOM.permutation(50)
    assert level(odds[order], 0.175, weight[order]) == found


def test_the_rate_of_unseen_firms_has_the_largest_likelihood():
    """Twin: the share of the second part in a mixture of two known ones, by search."""
    random = np.random.default_rng(8)
    truly = random.random(4000) < 0.08
    cell = np.where(truly, random.choice(3, 4000, p=(0.1, 0.3, 0.6)), 0)
    cell = np.where(truly, cell, random.choice(3, 4000, p=(0.6, 0.3, 0.1)))
    ratio = np.array([0.1 / 0.6, 1.0, 6.0])
    learnt_at = 0.5
    pd = (ratio * learnt_at / (ratio * learnt_at + 1 - learnt_at))[cell]
    found = unseen_rate(pd, learnt_at)
    rates = np.linspace(0.001, 0.999, 99_801)
    count = np.bincount(cell, minlength=3)
    loss = -sum(c * np.log(rates * r + 1 - rates) for c, r in zip(count, ratio, strict=True))
    assert found == pytest.approx(rates[np.argmin(loss)], abs=1e-5)
    assert found == pytest.approx(0.08, abs=0.02)


def test_calibration_error_by_hand():
    pd = np.array([0.1, 0.1, 0.3, 0.3])
    bad = np.array([0, 0, 1, 0]) > 0
    assert calibration_error(pd, bad, 2) == pytest.approx((2 * 0.1 + 2 * 0.2) / 4)
    # Two rows of the first weigh as one that stands for two.
    once = calibration_error(pd[1:], bad[1:], 3, np.array([2.0, 1.0, 1.0]))
    assert once == pytest.approx((2 * 0.1 + 2 * 0.2) / 4)


def test_calibration_index_is_the_distance_from_a_line_where_the_truth_is_one():
    """Outcomes on a straight line are their own local regression: each lies 0.1 above."""
    pd = np.repeat(np.linspace(0.1, 0.8, 8), 1000)
    share = np.tile(np.arange(1000) / 1000, 8)
    bad = share < pd + 0.1 - 1e-9
    assert calibration_index(pd, bad) == pytest.approx(0.1, abs=1e-9)
    assert calibration_index(pd, share < pd - 1e-9) == pytest.approx(0, abs=1e-9)
    assert calibration_index(np.full(10, 0.2), np.arange(10) < 5) == pytest.approx(0.3)


def test_calibration_index_has_a_plain_twin():
    odds, bad = drawn(500)
    pd, weight = probability(0.5 + 0.6 * odds), RANDOM.integers(1, 4, 500).astype(float)
    order = np.argsort(pd)
    x, y, w = pd[order], bad[order], weight[order]
    at = np.unique(x[np.unique(np.rint(np.linspace(0, 499, 100)).astype(int))])
    line = []
    for place in at:
        distance = np.abs(x - place)
        reach = np.sort(distance)[374] * (1 + 1e-9)
        near = np.argsort(distance, kind="stable")[:375]
        own = np.sqrt(w[near] * (1 - (distance[near] / reach) ** 3) ** 3)
        terms = np.column_stack([np.ones(375), x[near] - place]) * own[:, None]
        line.append(np.linalg.lstsq(terms, y[near] * own, rcond=None)[0][0])
    twin = np.average(np.abs(x - np.interp(x, at, np.clip(line, 0, 1))), weights=w)
    assert calibration_index(pd, bad, weight) == pytest.approx(twin, rel=1e-6)


def test_the_line_finds_what_was_done_to_the_forecasts():
    odds, bad = drawn(200_000)
    found = calibration_line(probability(2 * odds), bad)
    assert abs(found.slope - 0.5) < 4 * found.slope_error < 0.05
    shifted = calibration_line(probability(odds - 0.7), bad)
    assert abs(shifted.level - 0.7) < 4 * shifted.level_error < 0.05
    assert np.isnan(calibration_line(np.full(4, 0.5), np.arange(4) < 2).slope)


def test_forecasts_of_a_saturated_sample_have_slope_one_and_level_nothing():
    pd = np.repeat([0.2, 0.6], 10)
    bad = np.concatenate([np.arange(10) < 2, np.arange(10) < 6])
    found = calibration_line(pd, bad)
    assert (found.slope, found.level) == pytest.approx((1, 0), abs=1e-6)
    # The information of two groups: 1 / sum of n p (1 - p) (odds - mean odds)^2 in weights.
    w, o = np.array([1.6, 2.4]), log_odds(np.array([0.2, 0.6]))
    spread = (w * (o - (w * o).sum() / w.sum()) ** 2).sum()
    assert found.slope_error == pytest.approx(spread**-0.5)
    assert found.level_error == pytest.approx(w.sum() ** -0.5)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=5))
def test_paired_areas_have_the_definition_as_twin(rows):
    first, second = (np.array([float(r[k]) for r in rows]) for k in (0, 1))
    bad = np.array([r[2] for r in rows])
    if min(bad.sum(), (~bad).sum()) < 2:
        return
    kernel = [
        (x[bad][:, None] > x[~bad]) + 0.5 * (x[bad][:, None] == x[~bad]) for x in (first, second)
    ]
    by_bad = np.cov([k.mean(axis=1) for k in kernel]) / bad.sum()
    by_good = np.cov([k.mean(axis=0) for k in kernel]) / (~bad).sum()
    areas, spread = delong_pair(first, second, bad)
    assert areas == pytest.approx([k.mean() for k in kernel])
    assert spread == pytest.approx(by_bad + by_good, abs=1e-12)
    assert delong(first, bad) == pytest.approx((areas[0], spread[0, 0] ** 0.5), abs=1e-9)
    order = RANDOM.permutation(len(bad))
    again = delong_pair(first[order], second[order], bad[order])
    assert all((a == b).all() for a, b in zip(again, (areas, spread), strict=True))


def test_a_model_does_not_differ_from_itself():
    odds, bad = drawn(60)
    _, spread = delong_pair(odds, 3 * odds, bad)
    assert spread[0, 0] + spread[1, 1] - 2 * spread[0, 1] == 0


def test_fisher():
    """The lady tasting tea (3 of 4 right), and a table of Agresti's (2002, 3.5)."""
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert fisher(0, 5, 0, 7) == pytest.approx(1)
    assert fisher(21, 23, 15, 18) == pytest.approx(0.6384, abs=5e-5)


METHODS = ("platt", "beta", "isotonic")


@pytest.mark.parametrize("method", METHODS)
def test_calibration_recovers_the_truth_and_never_falls(method):
    odds, bad = drawn(20_000)
    risk = 2 * odds + 1
    card = calibrate(risk, bad, method)
    other, outcome = drawn(20_000, seed=4)
    told = card.pd(2 * other + 1)
    assert calibration_error(told, outcome) < 0.02 < calibration_error(probability(risk), bad)
    grid = card.pd(np.linspace(-20, 20, 999))
    assert (np.diff(grid) >= 0).all()
    assert (grid > 0).all()
    assert (grid < 1).all()
    assert Calibration.from_toml(card.to_toml()) == card
    assert (calibrate(risk[::-1], bad[::-1], method).pd(risk) == card.pd(risk)).all()
    assert card.pd(risk).mean() == pytest.approx(bad.mean(), abs=2e-4)


@pytest.mark.parametrize("method", METHODS)
def test_a_sample_drawn_by_outcome_is_corrected(method):
    odds, bad = drawn(60_000)
    keep = bad | (np.random.default_rng(5).random(60_000) < bad.mean())
    prior = Rate(round(1e6 * bad.mean()))
    card = calibrate(odds[keep], bad[keep], method, prior)
    assert card.pd(odds).mean() == pytest.approx(bad.mean(), abs=0.01)
    assert calibration_error(card.pd(odds), bad) < 0.015
    assert calibrate(odds[keep], bad[keep], method).pd(odds).mean() > bad.mean() + 0.1


@pytest.mark.parametrize("method", METHODS)
def test_forecasts_are_moved_to_a_known_rate(method):
    odds, bad = drawn(3000)
    card = calibrate(odds, bad, method)
    other, weight = drawn(500, seed=9)[0], RANDOM.integers(1, 4, 500).astype(float)
    moved = card.towards(Rate(50_000), other, weight)
    assert np.average(moved.pd(other), weights=weight) == pytest.approx(0.05, abs=1e-9)
    assert log_odds(moved.pd(other)) - log_odds(card.pd(other)) == pytest.approx(
        np.full(500, moved.moved), abs=1e-6
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_risk_that_ranks_the_wrong_way_tells_nothing(method):
    odds, bad = drawn(4000)
    told = calibrate(-odds, bad, method).pd(np.quantile(-odds, [0.1, 0.5, 0.9]))
    assert np.ptp(told) < 0.02
    assert told.mean() == pytest.approx(bad.mean(), abs=0.01)


def test_platt_solves_its_equations():
    odds, bad = drawn(300)
    card = calibrate(odds, bad)
    n1, n0 = bad.sum(), (~bad).sum()
    miss = card.pd(odds) - np.where(bad, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    assert miss.sum() == pytest.approx(0, abs=1e-6)
    assert (miss * odds).sum() == pytest.approx(0, abs=1e-6)


def test_beta_holds_what_platt_does_and_more():
    """With equal weights the beta map is Platt's line: the fit can only be better."""
    odds, bad = drawn(2000)
    loss = {
        m: -np.log(np.where(bad, p := calibrate(odds, bad, m).pd(odds), 1 - p)).sum()
        for m in ("platt", "beta")
    }
    assert loss["beta"] <= loss["platt"] + 1e-3


def test_no_firm_is_judged_by_a_calibration_that_saw_it():
    odds, bad = drawn(400)
    for k in (0, 399):
        turned = bad.copy()
        turned[k] = ~turned[k]
        inside = calibrate(odds, bad, "isotonic").pd(odds)[k]
        assert inside != calibrate(odds, turned, "isotonic").pd(odds)[k]
    # Noise looks telling to who saw it, and does not to who did not.
    noises = np.random.default_rng(5).normal(size=(20, 400))
    seen = np.array([calibrate(noise, bad, "isotonic").pd(noise) for noise in noises])
    unseen = np.array([cross_calibrated(noise, bad, "isotonic") for noise in noises])
    nothing = bad.mean() * (1 - bad.mean())
    assert ((seen - bad) ** 2).mean() < nothing < ((unseen - bad) ** 2).mean()


def test_what_cannot_be_calibrated_is_refused():
    odds, bad = drawn(20)
    with pytest.raises(DataError, match="1 risks are not finite"):
        calibrate(np.append(odds[:-1], np.inf), bad)
    with pytest.raises(DataError, match="0 in every row"):
        calibrate(odds, np.zeros(20, bool))
    with pytest.raises(UsageError, match="never falls"):
        Calibration.make(method="platt", weights=[-1.0], rows=9, bads=1)
    with pytest.raises(UsageError, match="never falls"):
        Calibration.make(method="isotonic", knots=[1.0, 0.0], rates=[0.1, 0.2], rows=9, bads=1)
