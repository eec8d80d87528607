"""Prices apart: what must change nothing changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liandong.kernels.places.apart import bands, moves, segmentation, trend

SHAPE = 5, 6, 4  # periods, regions, goods
LOGS = arrays(np.float64, SHAPE, elements=st.floats(-3, 3))
LEFT, RIGHT = np.triu_indices(SHAPE[1], 1)


def found(logs):
    return segmentation(np.diff(logs, axis=0), LEFT, RIGHT).value


@settings(max_examples=60, deadline=None)
@given(LOGS, st.data())
def test_inflation_wedges_and_scales_change_nothing(logs, data):
    numbers = st.floats(-2, 2)
    inflation = data.draw(arrays(np.float64, SHAPE[0], elements=numbers))[:, None, None]
    own = data.draw(arrays(np.float64, (SHAPE[0], SHAPE[2]), elements=numbers))[:, None]
    wedge = data.draw(arrays(np.float64, SHAPE[1:], elements=numbers))
    assert found(logs + inflation + own + wedge) == pytest.approx(found(logs), abs=1e-9)
    # Nothing else moving, they are no segmentation at all.
    assert np.abs(found(np.zeros(SHAPE) + inflation + own + wedge)).max() < 1e-20


@settings(max_examples=60, deadline=None)
@given(LOGS, st.permutations(range(SHAPE[1])), st.permutations(range(SHAPE[2])))
def test_the_order_of_regions_and_goods_does_not_matter(logs, regions, goods):
    at = {pair: k for k, pair in enumerate(zip(LEFT.tolist(), RIGHT.tolist(), strict=True))}
    moved = found(logs[:, list(regions)][:, :, list(goods)])
    same = [at[tuple(sorted((regions[i], regions[j])))]
            for i, j in zip(LEFT, RIGHT, strict=True)]  # fmt: skip
    assert moved == pytest.approx(found(logs)[:, same], abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(LOGS)
def test_moves_are_demeaned_and_the_heaviest_good_weighs_most(logs):
    changes = np.diff(logs, axis=0)
    one = moves(changes[0], LEFT, RIGHT)
    assert one.mean(axis=0) == pytest.approx(0, abs=1e-12)
    of = segmentation(changes, LEFT, RIGHT)
    assert np.all((of.part >= 0) & (of.part <= 1 + 1e-12))
    assert np.all((of.part >= 1 / SHAPE[2] - 1e-12) | (of.value < 1e-25))


def test_bands_are_about_what_was_measured_and_a_missing_good_is_not_drawn():
    rng = np.random.default_rng(5)
    changes = rng.normal(0, 0.01, (12, 6, 40))
    changes[:, 2, :3] = np.nan
    draws = rng.multinomial(40, np.full(40, 1 / 40), 400)
    band = bands(changes, LEFT, RIGHT, lambda v: v, draws, 0.95)
    value = segmentation(changes, LEFT, RIGHT).value
    assert ((band.low <= value) & (value <= band.high)).mean() > 0.95
    # Centred: the draws give back what repeated goods take.
    assert ((band.mean_low + band.mean_high) / 2 / value.mean(axis=0)) == pytest.approx(1, abs=0.1)


def test_a_line_is_its_own_trend_and_noise_has_none():
    line = np.arange(12.0)[:, None] * 0.5 + 3
    slope, error = trend(line)
    assert (slope[0], error[0]) == (pytest.approx(0.5), pytest.approx(0, abs=1e-12))
    rng = np.random.default_rng(2)
    slope, error = trend(rng.normal(size=(120, 300)))
    assert 0.02 < (np.abs(slope / error) > 1.96).mean() < 0.12
    assert np.isnan(trend(line[:3])[0][0])
