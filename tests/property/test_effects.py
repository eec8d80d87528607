"""Effects of cells: the nearest values of a shape, and the optimum of the penalised likelihood."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.scores.effects import (
    DOWN,
    FIXED,
    FREE,
    PEAK,
    UP,
    VALLEY,
    pair_gains,
    project,
    refine,
)

SOME = st.lists(
    st.tuples(st.integers(-5, 5), st.integers(1, 4)), min_size=1, max_size=6
).map(lambda rows: tuple(np.array(c, float) for c in zip(*rows, strict=True)))  # fmt: skip


def holds(values, shape):
    """Tell whether values have a shape."""
    steps = np.sign(np.round(np.diff(values), 9))
    if shape in {VALLEY, DOWN}:
        steps = -steps
    steps = [s for s in steps if s]
    if shape in {UP, DOWN}:
        return all(s > 0 for s in steps)
    return steps == sorted(steps, reverse=True)


def nearest(values, weight, shape):
    """Return the least loss over all ways to pool neighbours: the optimum pools to means."""
    best = np.inf
    for cuts in product([False, True], repeat=len(values) - 1):
        block = np.append(0, np.cumsum(cuts)).astype(int)
        mean = np.bincount(block, weight * values) / np.bincount(block, weight)
        if holds(mean, shape):
            best = min(best, (weight * (mean[block] - values) ** 2).sum())
    return best


@settings(max_examples=200, deadline=None)
@given(SOME, st.sampled_from([UP, DOWN, PEAK, VALLEY]))
def test_projection_is_the_nearest_of_the_shape(case, shape):
    values, weight = case
    found = project(values, weight, shape)
    assert holds(found, shape)
    assert (weight * (found - values) ** 2).sum() == pytest.approx(
        nearest(values, weight, shape), abs=1e-9
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1.0, 5.0, 50.0]))
def test_free_effects_are_where_the_gradient_is_nought(seed, ridge):
    random = np.random.default_rng(seed)
    cells = random.integers(0, 4, (3, 200))
    y = (random.random(200) < 1 / (1 + np.exp(-0.6 * (cells[0] - 1.5)))).astype(float)
    w = random.integers(1, 3, 200).astype(float)
    start = np.pad(random.normal(0, 0.2, (3, 3)), ((0, 0), (0, 1)))
    bound, shapes = np.ones((3, 4), bool), np.array([FREE, FREE, FIXED])
    intercept, effects = refine(cells, y, w, 0.1, start, bound, shapes, ridge)
    assert (effects[2] == start[2]).all()
    assert (effects[:, 3] == 0).all()
    z = intercept + sum(effects[t, cells[t]] for t in range(3))
    rest = w * (y - 1 / (1 + np.exp(-z)))
    assert abs(rest.sum()) < 0.05
    for t in range(2):
        slope = np.bincount(cells[t], rest, minlength=4)[:3]
        assert slope == pytest.approx(ridge * (effects[t] - start[t])[:3], abs=0.05)


def test_shaped_effects_keep_their_shape():
    random = np.random.default_rng(3)
    cells = random.integers(0, 5, (1, 2000))
    rate = np.array([0.1, 0.5, 0.3, 0.6, 0.4])
    y = (random.random(2000) < rate[cells[0]]).astype(float)
    bound = np.array([[True, True, True, True, False, False]])
    for shape in (UP, DOWN, PEAK, VALLEY):
        _, effects = refine(
            cells, y, np.ones(2000), -0.5, np.zeros((1, 6)), bound, np.array([shape]), 1.0
        )
        assert holds(effects[0, :4], shape)


def test_pairs_gain_where_two_terms_only_speak_together():
    random = np.random.default_rng(8)
    cells = random.integers(0, 2, (3, 4000))
    y = (random.random(4000) < np.where(cells[0] == cells[1], 0.7, 0.3)).astype(float)
    slope, bend, part = y - 0.5, np.full(4000, 0.25), np.arange(4000) % 5
    first, second = np.array([0, 0, 1]), np.array([1, 2, 2])
    gains = pair_gains(cells, first, second, slope, bend, part, 10.0)
    assert gains[0] > 100
    assert abs(gains[1:]).max() < 10
    by_hand = 0.0
    both = 2 * cells[0] + cells[1]
    for k in range(5):
        for c in range(4):
            other, own = (both == c) & (part != k), (both == c) & (part == k)
            effect = slope[other].sum() / (bend[other].sum() + 10)
            by_hand += slope[own].sum() * effect - bend[own].sum() * effect**2 / 2
    assert gains[0] == pytest.approx(by_hand)
    silent = np.where(cells == 1, -1, cells)
    heard = pair_gains(silent, first[:1], second[:1], slope, bend, part, 10.0)
    assert 0 < heard[0] < gains[0]
