"""Inequality: published values, closed forms, and a plain double loop as twin."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liandong.kernels.statistics.inequality import gini, theil_l, theil_t
from support.data import dataset


def whole(measure, y):
    y = np.asarray(y, float)
    return measure(y, np.ones(len(y)), np.zeros(len(y), np.int64), 1).total


def test_all_equal_is_zero():
    assert whole(theil_t, [3, 3, 3]) == pytest.approx(0, abs=1e-15)
    assert gini(np.full(4, 2.0), np.ones(4)) == pytest.approx(0, abs=1e-15)


def test_half_have_all():
    # Three with nothing and three with ten: T = ln 2, all of it between the two groups.
    x, group = np.array([0, 0, 0, 10, 10, 10.0]), np.array([0, 0, 0, 1, 1, 1])
    parts = theil_t(x, np.ones(6), group, 2)
    assert parts.total == pytest.approx(math.log(2), abs=1e-15)
    assert parts.between == pytest.approx(math.log(2), abs=1e-15)
    assert math.isnan(theil_l(x, np.ones(6), group, 2).total)


@pytest.mark.parametrize("values", [[], [0, 0], [1, -1, 3], [5, math.nan]])
def test_undefined_is_said_and_not_filled(values):
    assert math.isnan(whole(theil_t, values))
    assert math.isnan(whole(theil_l, values))
    assert math.isnan(gini(np.array(values, float), np.ones(len(values))))
    assert math.isnan(gini(np.ones(2), np.array([1.0, 0])))


def test_published_small_examples():
    # Documentation of the R package REAT: gini(20,50,20,10) and theil(10,10,10,20,50).
    assert gini(np.array([20.0, 50, 20, 10]), np.ones(4)) == pytest.approx(0.3, abs=1e-12)
    # REAT's index is the mean of ln(mean / y): Theil's L.
    assert whole(theil_l, [10, 10, 10, 20, 50]) == pytest.approx(0.2326302, abs=5e-8)


def test_us_states_2009_and_1929():
    path = next(dataset("regional_inequality").rglob("usjoin.csv"))
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    for year, t, g in (
        ("2009", 0.0100095334, 0.0788264815),
        ("1929", 0.0625135047, 0.2010413139),
    ):
        y = np.array([float(r[year]) for r in rows])
        assert whole(theil_t, y) == pytest.approx(t, abs=1e-10)
        assert gini(y, np.ones(len(y))) == pytest.approx(g, abs=1e-10)


def test_mexican_states_by_region():
    path = next(dataset("regional_inequality").rglob("mexico.csv"))
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    groups = sorted({r["hanson98"] for r in rows})
    group = np.array([groups.index(r["hanson98"]) for r in rows])
    published = {
        "1940": (0.20894344, 0.0345889, 0.3537237117),
        "1970": (0.10194725, 0.05931219, 0.2551335649),
        "2000": (0.10660832, 0.03635872, 0.2581130825),
    }
    for year, (total, between, g) in published.items():
        y = np.array([float(r[f"pcgdp{year}"]) for r in rows])
        parts = theil_t(y, np.ones(len(y)), group, len(groups))
        assert parts.total == pytest.approx(total, abs=5e-9)
        assert parts.between == pytest.approx(between, abs=5e-9)
        assert gini(y, np.ones(len(y))) == pytest.approx(g, abs=5e-11)


INCOMES = st.lists(
    st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e4), st.integers(0, 3)),
    min_size=1,
    max_size=25,
)


@given(INCOMES)
def test_kernels_equal_their_plain_twins(rows):
    x, w, group = (np.array(c) for c in zip(*rows, strict=True))
    y = x / w
    mean = x.sum() / w.sum()
    double = sum(
        wi * wj * abs(yi - yj)
        for yi, wi in zip(y, w, strict=True)
        for yj, wj in zip(y, w, strict=True)
    )
    assert gini(x, w) == pytest.approx(double / (2 * mean * w.sum() ** 2), abs=1e-9)
    for measure in (theil_t, theil_l):
        parts = measure(x, w, group, 4)
        assert parts.total >= -1e-12
        assert parts.between + parts.within.sum() == pytest.approx(parts.total, abs=1e-9)
    plain = sum(xi / x.sum() * math.log(yi / mean) for xi, yi in zip(x, y, strict=True))
    assert theil_t(x, w, group, 4).total == pytest.approx(plain, abs=1e-9)


@given(INCOMES, st.randoms(use_true_random=False))
def test_the_order_of_regions_does_not_matter(rows, random):
    other = list(rows)
    random.shuffle(other)
    a, b = (tuple(np.array(c) for c in zip(*r, strict=True)) for r in (rows, other))
    assert gini(*a[:2]) == pytest.approx(gini(*b[:2]), abs=1e-12)
    assert theil_t(*a, 4).between == pytest.approx(theil_t(*b, 4).between, abs=1e-12)


@given(INCOMES, st.floats(0.1, 100))
def test_indices_are_scale_free_and_split_invariant(rows, factor):
    x, w, group = (np.array(c) for c in zip(*rows, strict=True))
    assert gini(x * factor, w) == pytest.approx(gini(x, w), abs=1e-9)
    # Cutting every region into two halves changes nothing: people count, not regions.
    halves = [np.concatenate((c, c)) for c in (x / 2, w / 2)]
    assert gini(*halves) == pytest.approx(gini(x, w), abs=1e-9)
    doubled = theil_t(*halves, np.concatenate((group, group)), 4)
    assert doubled.total == pytest.approx(theil_t(x, w, group, 4).total, abs=1e-9)
