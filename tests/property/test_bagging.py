"""Scorecards averaged over resamples: each is what binning of its rows gives; shapes stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess.binning.counts import count
from liandong.assess.card.bagged import Bagging, bagged
from liandong.kernels.scores.bagging import bag_bins
from liandong.kernels.scores.binning import Limits
from liandong.kernels.scores.roc import auc

TRENDS = (("ascending",), ("descending",), ("ascending", "descending"))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(1, 6), st.sampled_from(TRENDS))
def test_bins_of_a_resample_equal_those_of_its_rows(seed, cuts, most, trends):
    r = np.random.default_rng(seed)
    x = np.where(r.random(40) < 0.2, np.nan, r.integers(0, 10, 40).astype(float))
    bad = r.random(40) < 0.4
    bad[:2] = False, True
    draws = r.integers(0, 3, (3, 40))
    draws[:, :2] = 1
    edges = np.sort(r.choice(10, cuts, replace=cuts > 10)) + 0.5
    edges = np.unique(edges)
    cells = np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x))[None]
    up, down = (np.array([w in trends]) for w in ("ascending", "descending"))
    woe, iv = bag_bins(cells, np.array([len(edges) + 1]), bad, draws, up, down, most, 3)
    for b, draw in enumerate(draws):
        rows = np.repeat(np.arange(40), draw)
        fitted = count(x[rows], bad[rows], edges).fit(trends, Limits(most, 3), 64)
        assert iv[b, 0] == pytest.approx(fitted.certificate.objective, abs=1e-12)
        if iv[b, 0]:
            place = np.searchsorted(np.asarray(fitted.cuts), np.append(edges, np.inf))
            assert woe[b, 0, :-2] == pytest.approx(fitted.woe[:-1][place])
            assert woe[b, 0, -2:] == pytest.approx([fitted.woe[-1], 0])


def sample(rows=120, seed=3):
    """Two measures that tell, one that does not; the first tells by its absence, too."""
    r = np.random.default_rng(seed)
    risk = r.standard_normal(rows)
    bad = r.random(rows) < 1 / (1 + np.exp(1 - 1.5 * risk))
    values = np.column_stack([
        np.where(bad & (r.random(rows) < 0.5), np.nan, risk + r.standard_normal(rows)),
        -risk + r.standard_normal(rows), r.standard_normal(rows),
    ])  # fmt: skip
    return values, bad


WAYS = [("ascending",), ("descending",), ("ascending", "descending")]


def test_an_average_keeps_the_shapes_and_tells_unseen_rows_apart():
    values, bad = sample()
    found = bagged(values, bad, WAYS)
    assert (np.diff(found.adds[0][:-1]) <= 0).all()
    assert (np.diff(found.adds[1][:-1]) >= 0).all()
    assert found.adds[0][-1] < found.adds[0][:-1].min()
    assert all(len(a) == len(e) + 2 for a, e in zip(found.adds, found.edges, strict=True))
    assert found.used[0] == 1
    assert found.used[2] < 0.9
    unseen, truth = sample(2000, seed=4)
    assert auc(-found.log_odds(unseen), truth) > 0.8


def test_an_average_is_the_same_for_the_same_rows_and_differs_by_seed():
    values, bad = sample()
    one, two, other = (bagged(values, bad, WAYS, Bagging(seed=s)) for s in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one.adds, two.adds, strict=True))
    assert one.intercept == two.intercept != other.intercept


def test_bags_average_chance_out():
    unseen, truth = sample(3000, seed=9)
    areas = {}
    for bags in (1, 30):
        models = (bagged(*sample(80, seed=s), WAYS, Bagging(bags=bags)) for s in range(10, 20))
        areas[bags] = np.mean([auc(-m.log_odds(unseen), truth) for m in models])
    assert areas[30] > areas[1] + 0.01


def test_measures_that_tell_nothing_add_nothing():
    bad = np.arange(60) % 3 == 0
    found = bagged(np.ones((60, 2)), bad, WAYS[:2])
    assert [a.tolist() for a in found.adds] == [[0, 0], [0, 0]]
    assert found.intercept == pytest.approx(np.log(2))


def test_what_was_not_shared_teaches_nothing_and_adds_nothing():
    values, bad = sample()
    hidden = np.zeros(values.shape, bool)
    hidden[:, 1] = np.arange(len(bad)) % 3 == 0
    told = bagged(np.where(hidden, 99.0, values), bad, WAYS, withheld=hidden)
    silent = bagged(np.where(hidden, np.nan, values), bad, WAYS, withheld=hidden)
    assert all(np.array_equal(a, b) for a, b in zip(told.adds, silent.adds, strict=True))
    everything = np.ones((1, 3), bool)
    assert told.log_odds(values[:1], everything)[0] == told.intercept


def test_an_average_becomes_characteristics_of_a_scorecard():
    values, bad = sample()
    found = bagged(values, bad, WAYS)
    made = {c.measure: c for c in found.characteristics(["a", "b", "c"])}
    assert (made["a"].trend, made["b"].trend) == ("ascending", "descending")
    total = np.full(len(bad), found.intercept)
    for j, name in enumerate("abc"):
        c = made[name]
        total += np.array(c.woe)[c.cells(values[:, j])]
    assert total == pytest.approx(found.log_odds(values))
