"""Optimal bins against every partition there is, the logistic regression against its optimum."""

from fractions import Fraction
from itertools import pairwise
from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess.bins import optimal_bins
from liandong.kernels.binning import MOST_ROWS, PHASES, best_bins
from liandong.kernels.logit import fit_logit


def partitions(n, most):
    """Yield every way to cut n prebins into at most ``most`` bins, as the last prebin of each."""
    for cut in range(2 ** (n - 1)):
        ends = [i for i in range(n - 1) if cut >> i & 1] + [n - 1]
        if len(ends) <= most:
            yield ends


def keeps(rates, trend):
    """Tell whether event rates go as the trend says; equal rates count as both ways."""
    steps = [b - a for a, b in pairwise(rates)]
    if trend == "none":
        return True
    turns = range(len(steps) + 1)
    up = [all(s >= 0 for s in steps[:k]) and all(s <= 0 for s in steps[k:]) for k in turns]
    down = [all(s <= 0 for s in steps[:k]) and all(s >= 0 for s in steps[k:]) for k in turns]
    return {"ascending": up[-1], "descending": up[0], "peak": any(up), "valley": any(down)}[trend]


def brute_force(good, bad, trend, most, min_rows):
    """Return the best information value over all partitions: the oracle, in exact rates."""
    best = -inf
    for ends in partitions(len(good), most):
        starts = [0, *(e + 1 for e in ends[:-1])]
        bins = [
            (sum(good[s : e + 1]), sum(bad[s : e + 1])) for s, e in zip(starts, ends, strict=True)
        ]
        if all(a and b and a + b >= min_rows for a, b in bins) and keeps(
            [Fraction(b, a + b) for a, b in bins], trend
        ):
            share = [(a / sum(good), b / sum(bad)) for a, b in bins]
            best = max(best, sum((p - q) * log(p / q) for p, q in share))
    return best


COUNTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(COUNTS, st.sampled_from(sorted(PHASES)), st.integers(1, 6), st.integers(1, 12))
def test_no_partition_is_better(counts, trend, most, min_rows):
    good, bad = (np.array(c, np.int64) for c in zip(*counts, strict=True))
    iv, ends = best_bins(good, bad, trend, most, min_rows)
    assert iv == pytest.approx(brute_force(*zip(*counts, strict=True), trend, most, min_rows))
    if len(ends):
        assert ends[-1] == len(counts) - 1
        assert list(ends) == sorted(set(ends.tolist()))
        assert brute_force(
            *([int(c[s : e + 1].sum()) for s, e in zip([0, *(ends[:-1] + 1)], ends, strict=True)]
              for c in (good, bad)), trend, most, min_rows,
        ) >= iv - 1e-12  # fmt: skip


def test_too_many_rows_for_exact_rates_are_refused():
    with pytest.raises(ValueError, match="rows"):
        best_bins(np.array([MOST_ROWS]), np.array([1]), "none", 2, 1)


MEASURE = st.lists(
    st.tuples(st.one_of(st.just(float("nan")), st.integers(-5, 5).map(float)), st.booleans()),
    min_size=4,
    max_size=40,
).filter(lambda rows: len({b for _, b in rows}) == 2)


@settings(max_examples=150, deadline=None)
@given(MEASURE, st.integers(1, 4), st.integers(1, 5), st.randoms())
def test_bins_of_a_measure(rows, most, min_rows, random):
    values, bad = (np.array(c) for c in zip(*rows, strict=True))
    bins = optimal_bins(values, bad, ("ascending", "descending"), most, min_rows, 4)
    assert len(bins.edges) < most
    assert len(bins.woe) == len(bins.edges) + 2
    place = bins.place(values)
    assert ((place == len(bins.woe) - 1) == np.isnan(values)).all()
    if len(bins.edges):
        assert (
            np.bincount(place[~np.isnan(values)], minlength=len(bins.edges) + 1) >= min_rows
        ).all()
    if np.isnan(values).sum() < min_rows:
        assert bins.woe[-1] == 0
    up = np.diff(bins.woe[:-1])
    assert (up <= 1e-12).all() or (up >= -1e-12).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    again = optimal_bins(values[order], bad[order], ("ascending", "descending"), most, min_rows, 4)
    assert all(np.array_equal(a, b) for a, b in zip(bins, again, strict=True))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(0, 4), st.sampled_from([0.1, 1.0, 9]))
def test_logistic_regression_is_at_its_optimum(seed, rows, columns, ridge):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, columns))
    y = np.append([0.0, 1.0], random.integers(0, 2, rows - 2))
    beta = fit_logit(x, y, ridge)
    p = 1 / (1 + np.exp(-(beta[0] + x @ beta[1:])))
    # The loss is strictly convex: where its gradient is 0 lies its only minimum.
    assert abs((p - y).sum()) < 1e-8
    assert np.abs(x.T @ (p - y) + ridge * beta[1:]).max(initial=0) < 1e-8
