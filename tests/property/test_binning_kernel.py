"""Optimal bins against every partition there is, the logistic regression against its optimum."""

from fractions import Fraction
from itertools import pairwise
from math import erfc, inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess.binning.counts import candidates, count
from liandong.kernels.scores.binning import BENT, MOST_ROWS, TRENDS, Limits, best_bins
from liandong.kernels.scores.logit import fit_logit


def partitions(n, most):
    """Yield every way to cut n prebins into at most ``most`` bins, as the last prebin of each."""
    for cut in range(2 ** (n - 1)):
        ends = [i for i in range(n - 1) if cut >> i & 1] + [n - 1]
        if len(ends) <= most:
            yield ends


def keeps(rates, trend):
    """Tell whether event rates go as the trend says; equal rates count as both ways."""
    steps = [b - a for a, b in pairwise(rates)]
    bends = [b - a for a, b in pairwise(steps)]
    turns = range(len(steps) + 1)
    up = [all(s >= 0 for s in steps[:k]) and all(s <= 0 for s in steps[k:]) for k in turns]
    down = [all(s <= 0 for s in steps[:k]) and all(s >= 0 for s in steps[k:]) for k in turns]
    return {
        "none": True, "ascending": up[-1], "descending": down[-1], "peak": any(up),
        "valley": any(down), "convex": all(b >= 0 for b in bends),
        "concave": all(b <= 0 for b in bends),
    }[trend]  # fmt: skip


def apart(one, other, limits):
    """Tell whether two bins (non-events, events) are as different as the limits want."""
    (a, b), (c, d) = one, other
    cross = d * (a + b) - b * (c + d)
    if abs(cross) * 10**6 < limits.min_difference * (a + b) * (c + d):
        return False
    square = cross**2 * (a + b + c + d) / ((a + b) * (c + d) * (b + d) * (a + c))
    return limits.max_p >= 1 or erfc(sqrt(square / 2)) <= limits.max_p


def same_way(one, other):
    """Tell whether no two cohorts go opposite ways from one bin to the next."""
    signs = [d * (a + b) - b * (c + d) for (a, b), (c, d) in zip(one, other, strict=True)]
    return all(s >= 0 for s in signs) or all(s <= 0 for s in signs)


def brute_force(good, bad, trend, limits):
    """Return the best information value over all partitions: the oracle, in exact rates.

    ``good`` and ``bad`` are lists by cohort of lists by prebin.
    """
    best = -inf
    pooled = [[sum(c) for c in zip(*counts, strict=True)] for counts in (good, bad)]
    goods, bads = (sum(p) for p in pooled)
    every = [pooled, *zip(good, bad, strict=True)]
    for ends in partitions(len(good[0]), limits.max_bins):
        starts = [0, *(e + 1 for e in ends[:-1])]
        spans = [slice(s, e + 1) for s, e in zip(starts, ends, strict=True)]
        bins = [[(sum(g[s]), sum(b[s])) for g, b in every] for s in spans]
        joint = [b[0] for b in bins]
        if not all(a and b >= max(1, limits.min_events) and a + b >= limits.min_rows
                   for a, b in joint):  # fmt: skip
            continue
        if (
            keeps([Fraction(b, a + b) for a, b in joint], trend)
            and all(apart(x, y, limits) for x, y in pairwise(joint))
            and all(same_way(x, y) for x, y in pairwise(bins))
        ):
            share = [(a / goods, b / bads) for a, b in joint]
            best = max(best, sum((p - q) * log(p / q) for p, q in share))
    return best


LIMITS = st.builds(
    Limits,
    st.integers(1, 6),
    st.integers(1, 12),
    st.integers(0, 3),
    st.sampled_from([0, 0, 30_000, 150_000]),
    st.sampled_from([1.0, 1.0, 0.4, 0.8]),
)


@st.composite
def tables(draw, most=8):
    """Return non-events and events: lists by cohort of lists by prebin."""
    n, cohorts = draw(st.integers(1, most)), draw(st.sampled_from([1, 1, 2]))
    cell = st.lists(st.integers(0, 9), min_size=n, max_size=n)
    side = st.lists(cell, min_size=cohorts, max_size=cohorts)
    return draw(side), draw(side)


@settings(max_examples=150, deadline=None)
@given(tables(), LIMITS)
def test_no_partition_is_better(counts, limits):
    good, bad = (np.array(c, np.int64) for c in counts)
    found = best_bins(good, bad, TRENDS, limits)
    for trend in TRENDS:
        iv, ends = found[trend]
        assert iv == pytest.approx(brute_force(*counts, trend, limits))
        if len(ends):
            assert ends[-1] == good.shape[1] - 1
            assert list(ends) == sorted(set(ends.tolist()))
            joined = [np.add.reduceat(c, [0, *(ends[:-1] + 1)], axis=1).tolist()
                      for c in (good, bad)]  # fmt: skip
            assert brute_force(*joined, trend, limits) >= iv - 1e-12


@pytest.mark.parametrize("cohorts", [1, 2])
@pytest.mark.parametrize("difference", [0, 20_000])
def test_no_partition_of_twelve_is_better(cohorts, difference):
    random = np.random.default_rng(3)
    good, bad = random.integers(1, 60, (2, cohorts, 12))
    limits = Limits(6, 60, 5, difference, 1.0)
    found = best_bins(good, bad, TRENDS, limits)
    for trend in TRENDS:
        assert found[trend].iv == pytest.approx(
            brute_force(good.tolist(), bad.tolist(), trend, limits)
        )


def test_rates_of_millions_of_rows_compare_exactly():
    # A straight line of rates is both convex and concave; one row of 10^9 bends it.
    straight = [np.array([3, 2, 1]) * 2**26, np.array([1, 2, 3]) * 2**26]
    assert [len(b.ends) for b in best_bins(*straight, BENT, Limits()).values()] == [3, 3]
    straight[1][2] += 1
    straight[0][2] -= 1
    assert [len(b.ends) for b in best_bins(*straight, BENT, Limits()).values()] == [3, 2]


def test_what_is_too_large_is_refused():
    with pytest.raises(ValueError, match="rows"):
        best_bins(np.array([MOST_ROWS]), np.array([1]), ("none",), Limits())
    many = np.ones(300, np.int64)
    with pytest.raises(ValueError, match="prebins"):
        best_bins(many, many, ("convex",), Limits())


def optimal_bins(values, bad, trends, limits, prebins):
    """Cut a measure where it separates best."""
    here = ~np.isnan(values)
    edges = candidates(values[here], bad[here], np.empty(0, np.int64), prebins)
    return count(values, bad, edges).fit(trends, limits, prebins)


MEASURE = st.lists(
    st.tuples(st.one_of(st.just(float("nan")), st.integers(-5, 5).map(float)), st.booleans()),
    min_size=4,
    max_size=40,
).filter(lambda rows: len({b for _, b in rows}) == 2)


@settings(max_examples=150, deadline=None)
@given(MEASURE, st.integers(1, 4), st.integers(1, 5), st.randoms())
def test_bins_of_a_measure(rows, most, min_rows, random):
    values, bad = (np.array(c) for c in zip(*rows, strict=True))
    bins = optimal_bins(values, bad, ("ascending", "descending"), Limits(most, min_rows), 4)
    assert len(bins.cuts) < most
    assert len(bins.woe) == len(bins.cuts) + 2
    place = np.searchsorted(bins.cuts, values, side="left")
    assert bins.counts[:, -1].sum() == np.isnan(values).sum()
    if len(bins.cuts):
        assert (
            np.bincount(place[~np.isnan(values)], minlength=len(bins.cuts) + 1) >= min_rows
        ).all()
    if np.isnan(values).sum() < min_rows:
        assert bins.woe[-1] == 0
    up = np.diff(bins.woe[:-1])
    assert (up <= 1e-12).all() or (up >= -1e-12).all()
    order = list(range(len(rows)))
    random.shuffle(order)
    again = optimal_bins(
        values[order], bad[order], ("ascending", "descending"), Limits(most, min_rows), 4
    )
    assert np.array_equal(bins.cuts, again.cuts)
    assert np.array_equal(bins.counts, again.counts)
    assert bins.certificate == again.certificate


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
