"""Siting against every choice there is, on problems small enough to try them all."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.allocation.loads import Load
from liandong.kernels.allocation.paths import UNREACHED, all_pairs
from liandong.kernels.allocation.pmedian import Field, best_swap, opened, swap, total
from liandong.match.factors.centre import centred
from liandong.match.factors.sites import Effort, Siting, lexical, solve

PROVED = Effort(tries=20, rounds=200, arcs=10_000)
BY_PRICES = Effort(tries=20, rounds=200, arcs=0)
seeds = st.integers(0, 10**9)


def made(seed: int, kind: str) -> Siting:
    """A small problem: distances of nobody's geometry, some equal, some sites fixed."""
    r = np.random.default_rng(seed)
    m, n = r.integers(1, 9), r.integers(1, 8)
    p = int(r.integers(1, n + 1))
    d = r.integers(0, 12, (m, n)).astype(np.int32)
    w = r.integers(0 if m > 1 else 1, 6, m)
    w[0] = max(w[0], 1)
    fixed = r.permutation(n)[: r.integers(0, p + 1)]
    none = np.zeros(m, np.int64)
    field = Field(d, w, none, UNREACHED, int(d.max()) + 1)
    if kind == "capped":
        field = lexical(field, int(r.integers(0, 12)))
    if kind == "cover":
        field = Field(d, none, w, int(r.integers(0, 12)), int(d.max()) + 1)
    return Siting(field, np.sort(fixed), p)


def choices(problem: Siting):
    """Every set of sites that may open."""
    for some in combinations(range(problem.sites), problem.slots):
        if set(problem.fixed.tolist()) <= set(some):
            yield np.array(some)


def cheapest(problem: Siting) -> int:
    """The least cost over all choices, added up plainly."""
    f = problem.field

    def cost(site) -> int:
        out = 0
        for u in range(len(f.weight)):
            d = int(min(f.distance[u, s] for s in site))
            out += int(f.weight[u]) * d + (int(f.late[u]) if d > f.cap else 0)
        return out

    return min(cost(s) for s in choices(problem))


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(["median", "capped", "cover"]))
def test_nothing_is_cheaper_and_the_bound_holds(seed: int, kind: str) -> None:
    problem = made(seed, kind)
    best = cheapest(problem)
    found = solve(problem, PROVED)
    assert found.value == best
    assert found.proof in {"bound", "search"}
    assert set(problem.fixed.tolist()) <= set(found.site.tolist())
    assert len(found.site) == problem.slots
    priced = solve(problem, BY_PRICES)
    assert priced.bound <= best <= priced.value
    assert priced.proof == "none" or priced.value == best


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_no_radius_is_smaller(seed: int) -> None:
    problem = made(seed, "median")
    best = min(int(problem.field.distance[:, s].min(axis=1).max()) for s in choices(problem))
    found = centred(problem, PROVED)
    assert found.value == best
    assert problem.field.distance[:, found.site].min(axis=1).max() == best
    assert found.bound == best
    assert centred(problem, BY_PRICES).bound <= best


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_capacities_hold_and_nothing_that_fits_is_cheaper(seed: int) -> None:
    r = np.random.default_rng(seed)
    m, n = r.integers(1, 6), r.integers(1, 5)
    p = int(r.integers(1, n + 1))
    d = r.integers(0, 12, (m, n)).astype(np.int32)
    size = r.integers(1, 6, m)
    room = r.integers(3, 12, n)
    field = Field(d, size, np.zeros(m, np.int64), UNREACHED, int(d.max()) + 1)
    problem = Siting(field, np.zeros(0, np.int64), p, Load(size, room, 100_000))
    fits = [
        sum(int(size[u] * d[u, s]) for u, s in enumerate(serves))
        for serves in product(range(n), repeat=int(m))
        if len(set(serves)) <= p
        and (np.bincount(serves, size, n) <= room).all()
    ]  # fmt: skip
    found = solve(problem, PROVED)
    if not fits:
        assert found.value >= 100_000
        return
    assert found.value == min(fits)
    assert found.bound <= min(fits)
    assert (np.bincount(found.serves, size, n) <= room).all()
    assert set(found.serves.tolist()) <= set(found.site.tolist())
    assert solve(problem, BY_PRICES).bound <= min(fits)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_swap_leaves_what_opening_afresh_finds(seed: int) -> None:
    problem = made(seed, "capped")
    r = np.random.default_rng(seed)
    state = opened(problem.field, r.permutation(problem.sites)[: problem.slots])
    for _ in range(5):
        shut = np.flatnonzero(~state.open)
        if not len(shut):
            return
        before = total(problem.field, state)
        slot, new, profit = best_swap(state, 0)
        if profit == 0:
            slot, new = int(r.integers(problem.slots)), int(r.choice(shut))
            profit = int(state.gain[new] - state.loss[slot] + state.extra[slot, new])
        swap(problem.field, state, slot, new)
        assert total(problem.field, state) == before - profit
        fresh = opened(problem.field, state.site)
        for name in ("near", "next", "gain", "loss", "extra", "open"):
            if name not in {"loss", "extra"}:  # equals may be told to another slot
                assert (getattr(state, name) == getattr(fresh, name)).all()
        free = ~state.open
        assert (
            (state.loss[:, None] - state.extra)[:, free].min(axis=0)
            == (fresh.loss[:, None] - fresh.extra)[:, free].min(axis=0)
        ).all()


@pytest.mark.parametrize("seed", range(20))
def test_shortest_ways_are_those_of_floyd(seed: int) -> None:
    r = np.random.default_rng(seed)
    n = int(r.integers(1, 12))
    legs = {(int(a), int(b)): int(r.integers(0, 20)) for a, b in r.integers(0, n, (2 * n, 2))}
    way = np.full((n, n), UNREACHED, np.int64)
    for (a, b), c in legs.items():
        way[a, b] = min(way[a, b], c)
    np.fill_diagonal(way, 0)
    for k in range(n):
        way = np.minimum(way, way[:, [k]] + way[[k], :])
    rows = sorted(legs.items())
    start = np.searchsorted([a for (a, _), _ in rows], np.arange(n + 1)).astype(np.int64)
    head, length = (
        np.array(x, np.int64) for x in zip(*((b, c) for (_, b), c in rows), strict=True)
    )
    assert (all_pairs(start, head, length) == np.minimum(way, UNREACHED)).all()
