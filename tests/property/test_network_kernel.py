"""Kernels of network and seasons against plain Python that does it the slow way."""

from math import isclose, isnan
from statistics import median

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.graphs.network import cores, neighbours, rank, reach
from liandong.kernels.scores.seasons import longest_run, seasonal_slopes

PARTIES = 9
TIES = st.sets(
    st.tuples(st.integers(0, PARTIES - 1), st.integers(0, PARTIES - 1)).filter(
        lambda t: t[0] < t[1]
    ),
    max_size=24,
)


def both_ways(ties):
    pairs = [*ties, *((b, a) for a, b in ties)]
    one, other = (np.array([p[i] for p in pairs], np.int64) for i in (0, 1))
    return neighbours(one, other, PARTIES)


@settings(max_examples=200, deadline=None)
@given(TIES)
def test_cores_equal_peeling_by_hand(ties):
    expected = [0] * PARTIES
    for k in range(1, PARTIES):
        left = set(range(PARTIES))
        while weak := {p for p in left if sum(p in t and set(t) <= left for t in ties) < k}:
            left -= weak
        for p in left:
            expected[p] = k
    begin, near, _ = both_ways(ties)
    assert cores(begin, near).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(TIES, st.integers(1, PARTIES), st.integers(1, PARTIES))
def test_reach_equals_sets_by_hand(ties, firms, hub):
    near = {p: {q for t in ties for q in t if p in t and q != p} for p in range(PARTIES)}
    expected = []
    for f in range(firms):
        found = set(near[f])
        for p in near[f]:
            if len(near[p]) <= hub:
                found |= near[p]
        expected.append(len({q for q in found if q < firms} - {f}))
    begin, ends, _ = both_ways(ties)
    assert reach(begin, ends, firms, hub).tolist() == expected


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.tuples(*[st.integers(0, PARTIES - 1)] * 2), st.integers(1, 10**9)))
def test_rank_equals_rounds_by_hand(paid):
    total = {p: sum(w for (a, _), w in paid.items() if a == p) for p in range(PARTIES)}
    now = [1.0] * PARTIES
    for _ in range(20):
        idle = sum(r for p, r in enumerate(now) if not total[p])
        then = [0.15 + 0.85 * idle / PARTIES] * PARTIES
        for (a, b), w in paid.items():
            then[b] += 0.85 * now[a] * w / total[a]
        now = then
    one, other = (np.array([k[i] for k in paid], np.int64) for i in (0, 1))
    begin, near, order = neighbours(one, other, PARTIES)
    weight = np.array(list(paid.values()), np.float64)[order]
    got = rank(begin, near, weight, 0.85, 20)
    assert all(isclose(a, b, rel_tol=1e-9) for a, b in zip(got, now, strict=True))
    assert isclose(got.sum(), PARTIES, rel_tol=1e-9)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(-(10**12), 10**12), min_size=8, max_size=8), min_size=1, max_size=4
    ),
    st.integers(0, 10),
    st.integers(1, 4),
)
def test_slopes_equal_medians_by_hand(rows, known, season):
    got = seasonal_slopes(np.array(rows), np.full(len(rows), known), season, 2)
    for row, slope in zip(rows, got, strict=True):
        have = row[: min(known, len(row))]
        pairs = [
            (have[a] - have[b]) / ((b - a) // season)
            for a in range(len(have))
            for b in range(a + season, len(have), season)
        ]
        if len(pairs) < 2 or sum(have) <= 0:
            assert isnan(slope)
        else:
            expected = median(pairs) * len(have) / sum(have)
            assert isclose(slope, expected, rel_tol=1e-9, abs_tol=1e-12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.booleans(), max_size=12))
def test_runs_equal_splitting_the_text(flags):
    runs = [len(r) for r in "".join("x" if f else " " for f in flags).split()]
    longest, number = longest_run(np.array([flags], bool).reshape(1, -1))
    assert (longest[0], number[0]) == (max(runs, default=0), len(runs))
