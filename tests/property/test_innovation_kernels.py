"""Ridge with bounds, CV+ intervals and the test of a gain, against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess.innovation.evidence import KNOWN, Plan, Sample, evidence
from liandong.assess.innovation.model import Model, _student, blocks, deal
from liandong.assess.innovation.terms import TERMS
from liandong.kernels.scores.conformal import cv_plus
from liandong.kernels.scores.ridge import fit_ridge, fit_without, predict, predict_without

seeds = st.integers(0, 2**32 - 1)


def _problem(seed: int, rows: int = 40, columns: int = 5):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns))
    y = x @ random.normal(size=columns) + random.normal(size=rows) + 3
    return random, x, y


@settings(deadline=None, max_examples=40)  # the first call compiles
@given(seeds, st.floats(0.01, 100))
def test_free_weights_are_those_of_the_closed_form(seed: int, penalty: float) -> None:
    _, x, y = _problem(seed)
    found = fit_ridge(x, y, penalty, np.zeros(5, bool))
    around = x - x.mean(axis=0)
    weights = np.linalg.solve(around.T @ around + penalty * np.eye(5), around.T @ (y - y.mean()))
    np.testing.assert_allclose(found[1:], weights, atol=1e-8)
    assert found[0] == pytest.approx(y.mean() - x.mean(axis=0) @ weights, abs=1e-8)


@settings(deadline=None, max_examples=40)  # the first call compiles
@given(seeds, st.floats(0.01, 100))
def test_bound_weights_meet_the_conditions_of_the_optimum(seed: int, penalty: float) -> None:
    _, x, y = _problem(seed)
    rising = np.array([True, True, True, False, False])
    found = fit_ridge(x, y, penalty, rising)
    assert (found[1:][rising] >= 0).all()
    slope = -x.T @ (y - predict(x, found)) + penalty * found[1:]
    active = rising & (found[1:] == 0)
    np.testing.assert_allclose(slope[~active], 0, atol=1e-6)
    assert (slope[active] >= -1e-6).all()


@settings(deadline=None, max_examples=40)  # the first call compiles
@given(seeds)
def test_learning_without_a_part_is_learning_from_the_others(seed: int) -> None:
    random, x, y = _problem(seed)
    part = random.permutation(np.arange(40) % 4)
    outcomes = np.column_stack([y, -y])
    rising = np.array([True, False, True, False, True])
    found = fit_without(x, outcomes, part, 4, 2.0, rising)
    for p in range(4):
        for k in range(2):
            alone = fit_ridge(x[part != p], outcomes[part != p, k], 2.0, rising)
            np.testing.assert_allclose(found[p, k], alone, atol=1e-8)
            told = predict_without(x, found, part)[part == p, k]
            np.testing.assert_allclose(told, predict(x[part == p], alone), atol=1e-7)


@settings(deadline=None, max_examples=40)  # the first call compiles
@given(seeds, st.integers(1, 60), st.sampled_from([0.05, 0.1, 0.2, 0.5]))
def test_cv_plus_takes_the_ranks_of_its_definition(seed: int, rows: int, miss: float) -> None:
    random = np.random.default_rng(seed)
    part = random.integers(0, 3, rows)
    error, centre = random.exponential(size=rows), random.normal(size=(4, 3))
    low, high = cv_plus(centre, error, part, miss)
    upper, lower = math.ceil((1 - miss) * (rows + 1) - 1e-9), math.floor(miss * (rows + 1) + 1e-9)
    for c in range(4):
        above = sorted(centre[c, k] + e for k, e in zip(part, error, strict=True))
        below = sorted(centre[c, k] - e for k, e in zip(part, error, strict=True))
        enough = upper <= rows and lower >= 1
        assert high[c] == (above[upper - 1] if enough else math.inf)
        assert low[c] == (below[lower - 1] if enough else -math.inf)


@pytest.mark.parametrize("miss", [0.1, 0.2])
def test_intervals_hold_for_skewed_errors_and_a_wrong_model(miss: float) -> None:
    random = np.random.default_rng(3)
    hits = []
    for _ in range(60):
        x = random.normal(size=(160, len(TERMS)))
        y = np.exp(x[:, 0]) * 0.3 + random.exponential(size=160) * np.exp(0.3 * x[:, 1])
        age = np.zeros(160, np.int64)
        part = deal(age[:120], 10, 1)
        model = Model.fit(x[:120], y[:120], 100.0, age[:120], part, 5.0)
        low, high = model.interval(x[120:], age[120:], miss)
        hits.append(((low <= y[120:]) & (y[120:] <= high)).mean())
    assert abs(np.mean(hits) - (1 - miss)) < 0.03


def test_each_age_has_intervals_of_its_own() -> None:
    random = np.random.default_rng(4)
    x = np.zeros((400, len(TERMS)))
    age = np.repeat([0, 1], 200)
    y = random.normal(size=400) * np.where(age == 0, 0.1, 1.0)
    model = Model.fit(x, y, 10.0, age, deal(age, 10, 1), 5.0)
    low, high = model.interval(x[[0, 399]], np.array([0, 1]), 0.1)
    assert (high - low)[1] > 5 * (high - low)[0]


def test_student_is_that_of_the_tables() -> None:
    assert _student(0.05, 9) == pytest.approx(2.262157, abs=1e-5)
    assert _student(0.1, 9) == pytest.approx(1.833113, abs=1e-5)


PLAN = Plan(5, 1, 39, 40, 10.0, 5.0, 0.1, 1)


def _found(y: np.ndarray, x: np.ndarray, seed: int) -> dict[tuple[str, str], float]:
    age = np.zeros(len(y), np.int64)
    model = Model.fit(x, y, 5.0, age, deal(age, 5, 1), 10.0)
    figures = evidence(Sample(x, y, age), model, PLAN._replace(seed=seed))
    return {(f.slice, f.measure): f.value for f in figures}


def test_where_invention_tells_nothing_p_is_even() -> None:
    random = np.random.default_rng(8)
    known = blocks("size", "age", "orders")
    ps = []
    for seed in range(120):
        x = random.normal(size=(60, len(TERMS)))
        x[:, -1] += x[:, known[0]]  # invention goes with size, which tells something
        y = x[:, known[0]] + random.exponential(size=60)
        ps.append([_found(y, x, seed)[name, "r2_p"] for name in KNOWN])
    ps = np.array(ps)
    assert (ps <= 0.05).mean() < 0.1
    assert abs((ps <= 0.5).mean() - 0.5) < 0.12


def test_where_it_tells_something_the_gain_is_found() -> None:
    random = np.random.default_rng(9)
    x = random.normal(size=(200, len(TERMS)))
    y = 0.5 * x[:, -1] + random.normal(size=200)
    found = _found(y, x, 1)
    for name in KNOWN:
        assert found[name, "r2_p"] == found[name, "rank_p"] == 1 / 40
        assert found[name, "r2_gain"] > 0.1
    assert found[f"term.{TERMS[-1].name}", "weight"] > 0.3
