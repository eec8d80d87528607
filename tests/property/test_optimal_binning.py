"""Binning of whole columns: never worse than a tree's, the same from merged counts, bad input."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import OptimalBinning
from liandong.assess.binning.counts import candidates, count, tabulate
from liandong.assess.binning.ladder import LEAF, LEAVES, ladder
from liandong.errors import UsageError
from liandong.kernels.scores.binning import TRENDS, Limits
from liandong.kernels.scores.coding import cart

NONE = np.empty(0, np.int64)


def sample(seed, rows=600):
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 2))
    x[:, 1] = np.round(np.exp(x[:, 1]))
    y = (random.random(rows) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(int)
    x[random.random(rows) < 0.1, 0] = np.nan
    return x, y


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0, 1, 2]), st.integers(1, 30))
def test_a_tree_splits_where_impurity_falls_most(seed, digits, least):
    random = np.random.default_rng(seed)
    values = np.round(random.normal(size=150), digits)
    bad = random.random(150) < 1 / (1 + np.exp(1 - values))
    found = ladder(values, bad, NONE, np.empty(0))

    def gain(low, at, high):
        def purity(a, b):
            n, events = found.rows[b] - found.rows[a], found.bads[b] - found.bads[a]
            return (events**2 + (n - events) ** 2) / n

        return purity(low, at) + purity(at, high) - purity(low, high)

    def best(low, high):  # over every border there is, not over those that the kernel tries
        may = [c for c in range(low + 1, high) if found.rows[c] - found.rows[low] >= least
               and found.rows[high] - found.rows[c] >= least]  # fmt: skip
        pure = found.bads[high] - found.bads[low] in (0, found.rows[high] - found.rows[low])
        return max((gain(low, c, high) for c in may), default=-1.0) if not pure else -1.0

    last = len(found.rows) - 1
    first = cart(found.rows, found.bads, found.some, 2, least)
    assert (gain(0, first[0], last) if len(first) else -1) == pytest.approx(best(0, last))
    leaves = [0, *cart(found.rows, found.bads, found.some, LEAVES, least).tolist(), last]
    assert len(leaves) == LEAVES + 1 or all(best(a, b) < 0 for a, b in pairwise(leaves))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_never_worse_than_the_edges_of_a_tree(seed):
    x, y = sample(seed)
    values, bad = x[:, 0], y.astype(bool)
    here = np.sort(values[~np.isnan(values)])
    order = np.argsort(values)
    rows = np.arange(len(here) + 1)
    bads = np.append(0, np.cumsum(bad[order])[: len(here)])
    leaves = cart(rows, bads, np.arange(len(rows), dtype=np.int32), LEAVES, len(y) // LEAF)
    sizes = np.diff([0, *leaves, len(here)])
    assert len(sizes) <= LEAVES
    assert (sizes >= len(y) // LEAF).all()
    tree = count(values, bad, here[leaves - 1])
    ours = count(values, bad, candidates(values, bad, NONE, 32))
    trends = ("none", "ascending", "peak", "valley")
    limits = Limits(6, 30)
    worse, better = (c.fit(trends, limits, 32).certificate.objectives for c in (tree, ours))
    assert all(b >= a - 1e-12 for (_, a), (_, b) in zip(worse, better, strict=True))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(allow_infinity=False), st.booleans(), st.integers(0, 3)),
                max_size=60), st.integers(2, 9))  # fmt: skip
def test_candidates_are_counted_as_their_edges_say(rows, prebins):
    values, bad, weight = (np.array([r[i] for r in rows], t)
                           for i, t in enumerate((np.float64, bool, np.int64)))  # fmt: skip
    codes = (0.0, 1.0)
    found = tabulate(values, bad, prebins, codes)
    assert np.array_equal(found.table, count(values, bad, found.cuts, codes).table)
    assert (np.diff(found.cuts) > 0).all()
    assert found.table.sum() == len(rows)
    weighted = tabulate(values, bad, prebins, codes, None, weight)
    many = tabulate(np.repeat(values, weight), np.repeat(bad, weight), prebins, codes)
    assert np.array_equal(weighted.table.sum(axis=2), many.table.sum(axis=2))
    if (weight > 0).all():
        assert np.array_equal(weighted.cuts, many.cuts)
        assert np.array_equal(weighted.table, many.table)


def many_parts(seed, borders):
    """Yield pooled data and what parts of it, counted alone and added up, give."""
    x, y = sample(seed)
    random = np.random.default_rng(seed)
    text = np.array(["a", "b", "c", "d", "e"])[x[:, 1].astype(int) % 5]
    places = np.array([f"p{v}" for v in range(150)])[random.integers(0, 150, len(y))]
    cohort = random.integers(0, 3, len(y))
    table = pa.table({"x": x[:, 0], "n": x[:, 1], "c": text, "p": places})
    pooled = OptimalBinning().fit(table, y, cohort=cohort)
    edges = {name: pooled.counts_[name].cuts for name in ("x", "n")}
    merged = {}
    for a, b in pairwise([0, *sorted(borders), len(y)]):
        part = OptimalBinning().count(
            table.slice(a, b - a), y[a:b], edges=edges, cohort=cohort[a:b]
        )
        merged = {k: merged[k] + v if merged else v for k, v in part.items()}
    return table, pooled, OptimalBinning().fit_counts(merged)


def are_the_same(table, pooled, again):
    for name, one in pooled.fitted_.items():
        other = again.fitted_[name]
        assert one.certificate == other.certificate
        assert np.array_equal(one.woe, other.woe)
        assert list(one.cuts) == list(other.cuts)
    assert np.array_equal(again.transform(table), pooled.transform(table))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 599), min_size=1, max_size=6))
def test_merged_counts_give_the_bins_of_the_pooled_rows(seed, borders):
    are_the_same(*many_parts(seed, borders))


def test_thirty_two_regions_give_the_bins_of_the_pooled_rows():
    borders = np.random.default_rng(1).integers(0, 600, 31)  # some regions have one class only
    are_the_same(*many_parts(9, borders.tolist()))


def test_counts_on_other_edges_do_not_add_up():
    x, y = sample(1)
    a, b = (count(x[:, 0], y.astype(bool), np.array([e])) for e in (0.0, 1.0))
    with pytest.raises(UsageError, match="edges"):
        a + b


def test_order_of_rows_and_weights_do_not_matter():
    x, y = sample(5)
    at = np.random.default_rng(0).permutation(len(y))
    one, other = OptimalBinning().fit(x, y), OptimalBinning().fit(x[at], y[at])
    weight = np.random.default_rng(1).integers(0, 3, len(y))
    many = OptimalBinning().fit(np.repeat(x, weight, axis=0), np.repeat(y, weight))
    weighted = OptimalBinning().fit(x, y, weight)
    for name in one.fitted_:
        assert one.fitted_[name].certificate == other.fitted_[name].certificate
        assert many.fitted_[name].certificate.objective == pytest.approx(
            weighted.fitted_[name].certificate.objective
        )


def test_the_certificate_names_the_runner_up():
    x, y = sample(2)
    proved = OptimalBinning(trends=TRENDS, prebins=24).fit(x, y).fitted_["x0"].certificate
    values = dict(proved.objectives)
    assert list(values) == list(TRENDS)
    assert proved.trend == "none"
    assert proved.objective == max(values.values())
    assert proved.loss == proved.objective - values[proved.runner_up]
    assert sorted(values.values())[-2] == values[proved.runner_up]
    assert len(proved.candidates) == 64


def test_bins_keep_their_order_in_every_cohort():
    random = np.random.default_rng(3)
    x = random.integers(0, 12, 4000).astype(float)
    cohort = np.repeat([0, 1], 2000)
    risk = np.where(cohort, np.abs(x - 6), x) / 15
    y = random.random(4000) < risk
    binning = OptimalBinning(trends=("none",)).fit(x[:, None], y, cohort=cohort)
    fitted = binning.fitted_["x0"]
    place = np.searchsorted(fitted.cuts, x)
    rates = [[y[(place == b) & (cohort == c)].mean() for b in range(len(fitted.cuts) + 1)]
             for c in (0, 1)]  # fmt: skip
    assert len(fitted.cuts)
    assert (np.prod(np.diff(rates), axis=0) >= 0).all()
    free = OptimalBinning(trends=("none",)).fit(x[:, None], y).fitted_["x0"]
    assert free.certificate.objective > fitted.certificate.objective


def test_special_codes_and_absent_values_are_cells_of_their_own():
    x, y = sample(4)
    x[:60, 0], y[:60] = -999, np.arange(60) % 2
    fitted = OptimalBinning(special_codes=(-999.0,)).fit(x, y).fitted_["x0"]
    assert fitted.counts[:, -2].tolist() == [30, 30]
    assert fitted.counts[:, -1].sum() == np.isnan(x[:, 0]).sum()
    assert (fitted.cuts > -100).all()
