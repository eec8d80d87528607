"""Assignments against every assignment there is, and against every limit."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liandong.match.assign import assign, fair, ranked
from liandong.match.pool import Pool, Prices, bound, check, worth

from liandong.errors import InvariantError
from liandong.match import assign as module

STEP = 100


def pool(arcs, capacity, budget, floor, credit=0):
    """Return a pool of arcs (project, product, least, most, value, favoured) in steps."""
    found = np.array(arcs, np.int64).reshape(-1, 6).T
    return Pool(
        found[0], found[1], found[2] * STEP, found[3] * STEP, np.full(len(arcs), STEP), found[4],
        found[5].astype(bool), np.array(capacity, np.int64), budget, floor, credit,
    )  # fmt: skip


@st.composite
def pools(draw, projects=3, products=2, most=3):
    """Return a small pool in which a project is favoured on all its arcs or on none."""
    kinds = draw(st.lists(st.booleans(), min_size=projects, max_size=projects))
    arcs = []
    for i, j in product(range(projects), range(products)):
        if draw(st.booleans()):
            least = draw(st.integers(1, most))
            arcs.append(
                (
                    i,
                    j,
                    least,
                    draw(st.integers(least, most)),
                    draw(st.integers(1, 9)) * 10**4,
                    kinds[i],
                )
            )
    money = st.integers(0, projects * most * STEP)
    capacity = draw(st.lists(money, min_size=products, max_size=products))
    floor = draw(st.sampled_from([0, 300_000, 700_000, 1_000_000]))
    return pool(arcs, capacity, draw(money), floor)


def holds(p, amount):
    try:
        check(p, np.array(amount, np.int64))
    except InvariantError:
        return False
    return True


def brute_force(p):
    """Return the highest value over all assignments: the oracle."""
    choices = [
        [0, *range(low, high + 1, STEP)]
        for low, high in zip(p.least.tolist(), p.most.tolist(), strict=True)
    ]
    return max(
        sum(a * v for a, v in zip(amounts, p.value.tolist(), strict=True))
        for amounts in product(*choices)
        if holds(p, amounts)
    )


@settings(max_examples=60, deadline=None)
@given(pools())
def test_no_assignment_is_worth_more(p):
    found = assign(p, close=60, gap=0, nodes=10_000)
    best = brute_force(p)
    assert int((found.amount * p.value).sum()) == best
    assert found.bound * 10**6 >= best
    assert found.bound <= bound(p, found.prices)


@settings(max_examples=200, deadline=None)
@given(pools(), st.lists(st.integers(0, 10**8), min_size=4, max_size=4))
def test_any_prices_prove_a_bound(p, prices):
    assert bound(p, Prices(prices[0], np.array(prices[1:3]), prices[3])) * 10**6 >= brute_force(p)


@st.composite
def seeds(draw):
    """Return a pool of some size, too large to be solved as a whole when told so."""
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, products = int(random.integers(5, 40)), int(random.integers(1, 5))
    favoured = random.random(count) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    arcs = [
        (i, j, least := int(random.integers(1, 5)), least + int(random.integers(0, 30)),
         int(random.integers(1, 50_000)), favoured[i])
        for i in range(count) for j in range(products) if random.random() < 0.7
    ]  # fmt: skip
    ratio = draw(st.sampled_from([0.05, 0.5, 2.0]))
    total = int(sum(a[3] for a in arcs) * STEP * ratio / products)
    capacity = random.integers(0, 2 * total // products + 1, products)
    return pool(arcs, capacity, total, draw(st.sampled_from([0, 700_000])))


@settings(max_examples=25, deadline=None)
@given(seeds())
def test_rounded_assignments_hold_every_limit_and_come_close(p):
    whole = assign(p, close=10, gap=10, nodes=200)
    check(p, whole.amount)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 0)
        rounded = assign(p, close=10, gap=10, nodes=200)
    check(p, rounded.amount)
    most = worth(p, whole.amount).sum()
    # A vertex of the relaxation splits no more projects than there are shared limits.
    split = (len(p.capacity) + 2) * worth(p, p.most).max(initial=0)
    assert worth(p, rounded.amount).sum() >= most - split
    assert rounded.bound >= most


@settings(max_examples=50, deadline=None)
@given(seeds(), st.integers(0, 10**6))
def test_arcs_are_ranked_by_surplus_within_their_project(p, seed):
    surplus = np.random.default_rng(seed).integers(-5, 5, len(p))
    rank = ranked(p, surplus)
    for i in np.unique(p.project):
        mine = np.flatnonzero(p.project == i)
        best_first = mine[np.argsort(rank[mine])]
        assert rank[best_first].tolist() == list(range(len(mine)))
        assert (np.diff(surplus[best_first]) <= 0).all()


def test_equals_are_served_in_their_order():
    twins = [(i, 0, 1, 3, 20_000, True) for i in range(4)]
    p = pool(twins, [7 * STEP], 100 * STEP, 0)
    got = fair(p, np.array([0, 3, 1, 3]) * STEP)
    assert (got // STEP).tolist() == [3, 3, 1, 0]
    other = replace(p, value=p.value + np.array([1, 0, 0, 0]))
    assert (fair(other, np.array([0, 3, 1, 3]) * STEP) // STEP).tolist() == [0, 3, 3, 1]


def test_nothing_to_assign():
    found = assign(pool([], [100], 100, 700_000), close=60, gap=10, nodes=10)
    assert (len(found.amount), found.bound, found.prices.budget) == (0, 0, 0)


def test_without_small_firms_the_floor_lets_nothing_through():
    p = pool([(0, 0, 1, 3, 20_000, False)], [1000], 1000, 700_000)
    found = assign(p, close=60, gap=10, nodes=10)
    assert (found.amount.tolist(), found.bound) == ([0], 0)
    assert found.prices.floor > 0


@pytest.mark.parametrize(
    ("amount", "what"),
    [
        ((-100, 0, 0), "negative"),
        ((100, 0, 0), "below its least"),
        ((500, 0, 0), "above its most"),
        ((250, 0, 0), "whole step"),
        ((200, 200, 0), "twice"),
        ((400, 0, 200), "product is overdrawn"),
        ((0, 400, 200), "budget"),
        ((0, 0, 200), "floor"),
    ],
)
def test_a_broken_limit_is_named(amount, what):
    arcs = [(0, 0, 2, 4, 1, True), (0, 1, 2, 4, 1, True), (1, 0, 2, 4, 1, False)]
    p = pool(arcs, [500, 500], 500, 600_000)
    with pytest.raises(InvariantError, match=what):
        check(p, np.array(amount))
