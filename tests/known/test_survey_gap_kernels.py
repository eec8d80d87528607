"""Dagum, nested Theil, permutations, mobility and Moran against published values and twins."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.statistics import markov, resampling
from liandong.kernels.statistics.dagum import dagum, redrawn
from liandong.kernels.statistics.inequality import (
    gini,
    nested,
    permuted_between,
    theil_draws,
    theil_l,
    theil_t,
)
from liandong.kernels.statistics.regression import convergence_speed, least_squares
from liandong.kernels.statistics.spatial import Weights, local_p, moran
from support.data import dataset
from support.regions import us_states

GROUPS = 4
REGIONS = st.lists(
    st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e4), st.integers(0, GROUPS - 1)),
    min_size=1, max_size=20,
)  # fmt: skip


def mexico():
    path = next(dataset("regional_inequality").rglob("mexico.csv"))
    with path.open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    names = sorted({r["hanson98"] for r in rows})
    group = np.array([names.index(r["hanson98"]) for r in rows])
    years = range(1940, 2010, 10)
    return np.array([[float(r[f"pcgdp{y}"]) for y in years] for r in rows]), group, len(names)


def columns(rows):
    x, w, group = (np.array(c) for c in zip(*rows, strict=True))
    return x, w, group


def all_pairs(x, w, group):
    """Dagum's parts by the book, pair by pair: D = (d - p) / (d + p), G_jh, p_j, s_h."""
    y, n, total = x / w, w.sum(), x.sum()
    found = {"within": 0.0, "net": 0.0, "overlap": 0.0}
    for j in set(group):
        for h in set(group):
            a, b = group == j, group == h
            weight = np.outer(w[a], w[b])
            gap = y[a][:, None] - y[b]
            delta = (weight * abs(gap)).sum() / weight.sum()
            mean_j, mean_h = x[a].sum() / w[a].sum(), x[b].sum() / w[b].sum()
            part = delta / (mean_j + mean_h) * (w[a].sum() / n) * (x[b].sum() / total)
            if j == h:
                found["within"] += part
                continue
            up = gap if mean_j >= mean_h else -gap
            d, p = ((weight * np.clip(s, 0, None)).sum() for s in (up, -up))
            apart = (d - p) / (d + p) if d + p else 0.0
            found["net"] += part * apart
            found["overlap"] += part * (1 - apart)
    return found


def test_mexican_states_apart():
    y, group, groups = mexico()
    known = {
        0: (0.3537237117, 0.0597057238, 0.1406608587, 0.1533571293),
        6: (0.2581130825, 0.0390177274, 0.1337112985, 0.0853840566),
    }
    for year, figures in known.items():
        found = dagum(y[:, year], np.ones(len(y)), group, groups)
        assert found[:4] == pytest.approx(figures, abs=5e-11)
        assert found.share.sum() == pytest.approx(1, abs=1e-12)


@settings(deadline=None)
@given(REGIONS)
def test_parts_equal_all_pairs_and_add_up(rows):
    x, w, group = columns(rows)
    found, twin = dagum(x, w, group, GROUPS), all_pairs(x, w, group)
    assert found[1:4] == pytest.approx(list(twin.values()), abs=1e-12)
    assert sum(found[1:4]) == pytest.approx(found.total, abs=1e-12)
    assert found.total == pytest.approx(gini(x, w), abs=1e-12)


def test_what_dagum_must_say():
    ones = np.ones(4)
    apart = dagum(np.array([1.0, 2, 5, 9]), ones, np.array([0, 0, 1, 1]), 2)
    assert apart.transvariation == 0
    assert apart.distance[0, 1] == 1
    alone = dagum(np.array([1.0, 2, 5, 9]), ones, np.zeros(4, np.int64), 1)
    assert alone.within == alone.total
    same = dagum(np.array([1.0, 5, 2, 4]), ones, np.array([0, 0, 1, 1]), 2)
    assert same.net_between == pytest.approx(0, abs=1e-15)
    assert same.transvariation > 0
    assert math.isnan(dagum(np.array([1.0, -2]), ones[:2], np.array([0, 1]), 2).total)


@settings(deadline=None)
@given(REGIONS, st.integers(0, 99))
def test_samples_are_regions_drawn_again(rows, seed):
    x, w, group = columns(rows)
    counts = resampling.redrawn(group, 2, np.random.default_rng(seed))
    assert (counts @ np.eye(GROUPS)[group] == np.bincount(group, minlength=GROUPS)).all()
    gini_drawn, theil_drawn = (f(x, w, group, GROUPS, counts) for f in (redrawn, theil_draws))
    for k, times in enumerate(counts):
        again = [np.repeat(a, times) for a in (x, w, group)]
        assert gini_drawn[k] == pytest.approx(dagum(*again, GROUPS)[:4], abs=1e-10)
        for index, drawn in zip((theil_t, theil_l), theil_drawn, strict=True):
            parts = index(*again, GROUPS)
            assert drawn[:, k] == pytest.approx(
                (parts.total, parts.between, parts.within.sum()), abs=1e-9
            )


def test_chance_makes_mexican_regions_as_published():
    # PySAL, 999 permutations of its seed 10: p-values with an error of 0.016 at most.
    y, group, groups = mexico()
    published = (0.4, 0.344, 0.001, 0.001, 0.034, 0.072, 0.032)
    labels = resampling.shuffled(group, 9999, np.random.default_rng(2))
    by_t, _ = permuted_between(y, np.ones_like(y), group, groups, labels)
    for mine, theirs in zip(by_t, published, strict=True):
        assert abs(mine - theirs) < 0.003 + 4 * math.sqrt(theirs * (1 - theirs) / 999)


def test_permutations_of_few_are_those_that_there_are():
    # Two richest of four in one group: 2 of the 6 ways to choose two are as far apart.
    x, group = np.array([[1.0], [2], [10], [11]]), np.array([0, 0, 1, 1])
    labels = resampling.shuffled(group, 6000, np.random.default_rng(5))
    t, el = permuted_between(x, np.ones_like(x), group, 2, labels)
    assert t[0] == pytest.approx(1 / 3, abs=0.03)
    assert el[0] == t[0]


@settings(deadline=None)
@given(REGIONS)
def test_levels_add_up(rows):
    x, w, fine = columns(rows)
    for index in (theil_t, theil_l):
        found = nested(index, x, w, [fine // 2, fine])
        whole = index(x, w, fine, GROUPS)
        assert found.sum() == pytest.approx(whole.total, abs=1e-9)
        assert found[:2].sum() == pytest.approx(whole.between, abs=1e-9)
        # Within provinces of a belt: each belt as if it were the nation, by its share.
        part = 0.0
        for belt in set(fine // 2):
            here = fine // 2 == belt
            by = x if index is theil_t else w
            weight = by[here].sum() / by.sum()
            part += weight * index(x[here], w[here], fine[here], GROUPS).between
        assert found[1] == pytest.approx(part, abs=1e-9)


def test_us_states_move_as_published():
    income, _ = us_states()
    own = np.column_stack([markov.classed(v, markov.cuts(v, 5)) for v in income.T])
    counts = markov.transitions(np.zeros_like(own), own, np.arange(48), 1, 5)[0]
    p = markov.probabilities(counts)
    assert p[0] == pytest.approx([0.91011236, 0.0886392, 0.00124844, 0, 0], abs=5e-9)
    diagonal = [0.91011236, 0.78531856, 0.78875, 0.79805014, 0.92740926]
    assert np.diag(p) == pytest.approx(diagonal, abs=5e-9)
    steady = [0.20774716, 0.18725774, 0.20740537, 0.18821787, 0.20937187]
    assert markov.steady(p) == pytest.approx(steady, abs=5e-9)


def test_neighbours_of_us_states_matter_as_published():
    income, pairs = us_states()
    near = Weights.by_row(*pairs, np.ones(len(pairs[0])), 48)
    orders = resampling.shuffled(np.arange(48), 99, np.random.default_rng(1))
    found = markov.spatial_markov(income / income.mean(axis=0), near, 5, orders)
    assert (round(found.test.q, 3), round(found.test.lr, 3), found.test.dof) == (
        200.624, 170.659, 60,
    )  # fmt: skip
    assert found.test.p[0] < 1e-12
    assert 0.01 <= found.permuted[0] <= 1


def test_steady_state_is_not_guessed():
    apart = np.eye(2)
    assert np.isnan(markov.steady(apart)).all()
    assert np.isnan(markov.steady(np.array([[0.5, 0.5], [np.nan, np.nan]]))).all()


MAPS = st.lists(st.floats(-100, 100), min_size=4, max_size=9, unique=True)


@settings(deadline=None, max_examples=40)
@given(MAPS)
def test_moran_equals_its_formula(values):
    # A ring of regions, and one without a neighbour.
    y = np.array(values)
    n = len(y) - 1
    one = np.repeat(np.arange(n), 2)
    other = np.column_stack(((np.arange(n) - 1) % n, (np.arange(n) + 1) % n)).ravel()
    near = Weights.by_row(one, other, np.ones(2 * n), len(y))
    found = moran(y, near, 99, np.random.default_rng(0))
    z = y - y.mean()
    cross = sum(z[i] * z[j] / 2 for i, j in zip(one, other, strict=True))
    assert found.value == pytest.approx(len(y) / n * cross / (z @ z), abs=1e-9)
    assert found.local[:n].sum() == pytest.approx(found.value * n, abs=1e-9)
    assert math.isnan(local_p(found, near, 9, np.random.default_rng(0))[-1])


def test_moran_sees_blocks_and_a_chessboard():
    side = 8
    cell = np.arange(side * side)
    row, column = cell // side, cell % side
    near = (abs(row[:, None] - row) + abs(column[:, None] - column)) == 1
    weights = Weights.by_row(*np.nonzero(near), np.ones(near.sum()), len(cell))
    random = np.random.default_rng(4)
    blocks = moran((column >= side / 2).astype(float), weights, 999, random)
    board = moran(((row + column) % 2).astype(float), weights, 999, random)
    noise = moran(random.normal(size=len(cell)), weights, 999, random)
    assert blocks.value > 0.8
    assert blocks.p == board.p == 0.002
    assert board.value == pytest.approx(-1)
    assert noise.p > 0.05
    # Inside a block all neighbours are alike; at its edge one in four is not.
    inside = local_p(blocks, weights, 999, random)[cell[(column == 0) & (row == 3)]]
    assert inside < 0.3
    assert blocks.expected == -1 / 63


def test_least_squares_on_anscombe():
    # Anscombe (1973), first set: the figures of every textbook.
    x = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5.0])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    line = least_squares(y, np.column_stack((x, np.ones(11))))
    assert line == pytest.approx((0.5000909, 0.1179055, 0.00216963, 0.6665425), abs=5e-8)
    flat = least_squares(y, np.column_stack((np.ones(11), np.ones(11))))
    assert math.isnan(flat.estimate)


def test_speed_is_the_one_that_was_put_in():
    first, years, speed = np.array([1.0, 2.0, 3.0, 5.0]), 20.0, 0.03
    growth = (first.mean() + (first - first.mean()) * math.exp(-speed * years) - first) / years
    line = least_squares(growth, np.column_stack((first, np.ones(4))))
    found = convergence_speed(line, years)
    assert found.speed == pytest.approx(speed, abs=1e-12)
    assert found.half_life == pytest.approx(math.log(2) / speed)
