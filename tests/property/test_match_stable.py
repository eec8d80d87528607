"""Stable matchings against all stable matchings there are, and against the theorems about them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.allocation.deferred import blocking, deferred, market


@st.composite
def markets(draw, most=4):
    """Return pairs, the places on both lists, and capacities (of one side 1)."""
    n, m = draw(st.integers(1, most)), draw(st.integers(1, 3))
    pairs = [p for p in product(range(n), range(m)) if draw(st.booleans())]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    rank, by = (np.array(draw(st.permutations(range(len(pairs)))), np.int64) for _ in "ab")
    room = np.array(draw(st.lists(st.integers(0, 2), min_size=m, max_size=m)), np.int64)
    return one, other, rank, by, room, n


def every_stable(one, other, rank, by, room, n):
    """Return all stable matchings: the oracle, which tries every set of pairs."""
    found = []
    for taken in product([False, True], repeat=len(one)):
        chosen = np.flatnonzero(taken)
        if len(set(one[chosen])) < len(chosen):
            continue
        if (np.bincount(other[chosen], minlength=len(room)) > room).any():
            continue
        if not any(blocks(e, chosen, one, other, rank, by, room) for e in range(len(one))):
            found.append(set(chosen.tolist()))
    return found


def blocks(e, chosen, one, other, rank, by, room):
    if e in chosen or not room[other[e]]:
        return False
    mine = [x for x in chosen if one[x] == one[e]]
    theirs = [x for x in chosen if other[x] == other[e]]
    wants = not mine or rank[e] < rank[mine[0]]
    return wants and (len(theirs) < room[other[e]] or any(by[e] < by[x] for x in theirs))


def propose(one, other, rank, by, room, n, first):
    """Return the pairs matched when the first or the second side proposes."""
    single = np.ones(n, np.int64)
    rank, by = dense(one, rank), dense(other, by)
    if first:
        game, at = market(one, other, rank, by, single, room)
    else:
        game, at = market(other, one, by, rank, room, single)
    matched = deferred(game)
    assert not blocking(game, matched).any()
    return set(np.flatnonzero(matched[at]).tolist())


def dense(who, rank):
    """Return places 1, 2, ... on each list."""
    return np.array([1 + sum((who == w) & (rank < x)) for w, x in zip(who, rank)], np.int64)  # noqa: B905


def place(matching, who, rank, count):
    out = np.full(count, 10**6)
    for e in matching:
        out[who[e]] = rank[e]
    return out


@settings(max_examples=150, deadline=None)
@given(markets())
def test_best_for_those_who_propose_and_worst_for_the_others(case):
    one, other, rank, by, room, n = case
    if len(one) > 10:
        return
    every = every_stable(*case)
    best, worst = propose(*case, True), propose(*case, False)
    assert best in every
    assert worst in every
    mine = [place(m, one, rank, n) for m in every]
    assert (place(best, one, rank, n) == np.min(mine, axis=0)).all()
    assert (place(worst, one, rank, n) == np.max(mine, axis=0)).all()
    for r in range(len(room)):
        # Sorted places of what it has, position by position: responsive preferences over sets.
        had = [sorted(by[e] for e in m if other[e] == r) for m in every]
        assert sorted(by[e] for e in worst if other[e] == r) == min(had)
        assert sorted(by[e] for e in best if other[e] == r) == max(had)


@settings(max_examples=150, deadline=None)
@given(markets())
def test_rural_hospitals(case):
    one, other, _, _, room, _ = case
    if len(one) > 10:
        return
    every = every_stable(*case)
    assert len({frozenset(one[list(m)].tolist()) for m in every}) == 1
    for r in range(len(room)):
        had = [frozenset(e for e in m if other[e] == r) for m in every]
        assert len({len(h) for h in had}) == 1
        if len(had[0]) < room[r]:  # whoever is not filled has the same in all of them
            assert len(set(had)) == 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_larger_markets_are_stable_and_equal_in_whom_they_leave_out(seed):
    r = np.random.default_rng(seed)
    n, m = int(r.integers(1, 60)), int(r.integers(1, 12))
    keep = r.random(n * m) < r.uniform(0.1, 1.0)
    one, other = np.repeat(np.arange(n), m)[keep], np.tile(np.arange(m), n)[keep]
    rank, by = r.permutation(len(one)), r.permutation(len(one))
    room = r.integers(0, 8, m)
    best, worst = (propose(one, other, rank, by, room, n, first) for first in (True, False))
    assert {one[e] for e in best} == {one[e] for e in worst}
    assert (place(best, one, rank, n) <= place(worst, one, rank, n)).all()


def test_no_project_gains_by_another_list():
    # Truth is the best any single proposer can say (Dubins and Freedman 1981, Roth 1982).
    r = np.random.default_rng(5)
    for _ in range(30):
        n, m = 4, 3
        one, other = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
        rank, by, room = r.permutation(n * m), r.permutation(n * m), r.integers(1, 3, m)
        truth = place(propose(one, other, rank, by, room, n, True), one, rank, n)[0]
        for keep in product([False, True], repeat=m):
            for order in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]):
                said = rank.copy()
                said[:m] = order
                some = np.append(keep, np.ones((n - 1) * m, bool))
                got = propose(one[some], other[some], said[some], by[some], room, n, True)
                back = np.flatnonzero(some)
                mine = [rank[back[e]] for e in got if one[back[e]] == 0]
                assert min(mine, default=10**6) >= truth


@pytest.mark.parametrize("first", [True, False])
def test_three_by_three_of_gale_and_shapley(first):
    # "College admissions and the stability of marriage" (1962), example 1: men take A B C, B C A,
    # C A B; women the reverse. Everybody who proposes gets his first choice.
    one, other = np.repeat(np.arange(3), 3), np.tile(np.arange(3), 3)
    rank = np.array([1, 2, 3, 3, 1, 2, 2, 3, 1])
    by = np.array([3, 2, 1, 1, 3, 2, 2, 1, 3])
    got = propose(one, other, rank, by, np.ones(3, np.int64), 3, first)
    assert {int((rank if first else by)[e]) for e in got} == {1}
