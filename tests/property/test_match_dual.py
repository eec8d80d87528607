"""Prices of assignments: bounds against brute force, derivatives against differences."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import InvariantError
from liandong.kernels.allocation.cholesky import solve
from liandong.kernels.allocation.wide import LIMIT
from liandong.match.core.active import every, narrowed, point
from liandong.match.core.crew import crew
from liandong.match.core.dual import exact, prices
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import Prices, Problem, bound, check
from liandong.types import PPM
from support.instances import anything, inclusion

SEEDS = st.integers(0, 10**9)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(1, 70))
def test_equations_are_solved(seed, size):
    random = np.random.default_rng(seed)
    root = random.normal(size=(size, size))
    matrix, x = root @ root.T + np.eye(size), random.normal(size=size)
    assert np.abs(solve(matrix.copy(), matrix @ x) - x).max() < 1e-8


def some_prices(problem, random, most=4 * 10**6):
    size = len(problem.capacity), len(problem.sides)
    return Prices(*(random.integers(0, most, n) for n in size))


@settings(max_examples=150, deadline=None)
@given(SEEDS, st.sampled_from([100, 10**6, 2**46]))
def test_exact_bounds_are_those_of_plain_numbers(seed, most):
    problem, random = anything(seed, most=most), np.random.default_rng(seed)
    at = some_prices(problem, random, random.choice([10, 4 * 10**6, 2**30]))
    found = exact(problem, at, threads=1)
    assert found.bound == bound(problem, at)
    reduced, start = at.reduced(problem).tolist(), problem.start.tolist()
    for i, (a, b) in enumerate(pairwise(start)):
        gains = sorted(((int(problem.most[e]) * reduced[e], -e) for e in range(a, b)), reverse=True)
        ranked = [-e for _, e in gains]
        best = ranked.pop(0) if gains and gains[0][0] > 0 else None
        assert found.best[i] == (-1 if best is None else best)
        assert found.first[i] == (0 if best is None else reduced[best])
        assert found.second[i] == (reduced[ranked[0]] if ranked else -LIMIT)


def test_money_and_prices_at_their_limits():
    most = np.full(2, 2**52)
    value = np.array([2**30, 2**30 - 1], np.int32)
    problem = Problem(
        np.array([0, 1, 2]), np.zeros(2, np.int32), most, most, most, value, np.array([2**53]), ()
    )
    free = Prices(np.zeros(1, np.int64), np.zeros(0, np.int64))
    assert exact(problem, free).bound == bound(problem, free)
    assert exact(problem, free).bound * 10**8 - 2**52 * (2**31 - 1) in range(10**8)
    with pytest.raises(InvariantError, match="too high"):
        exact(problem, Prices(np.array([2**35]), np.zeros(0, np.int64)))


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_no_assignment_is_worth_more(seed):
    problem = anything(seed, projects=3, products=2, most=60)
    ends = [
        [(e, a) for e in range(*span) for a in {int(problem.least[e]), int(problem.most[e])}]
        for span in pairwise(problem.start.tolist())
    ]
    best = None
    for chosen in product(*([None, *those] for those in ends)):
        arc, amount = np.array([c for c in chosen if c] or np.zeros((0, 2)), np.int64).T
        try:
            check(problem, arc, amount)
        except InvariantError:
            continue
        worth = int((amount * problem.value[arc]).sum())
        best = worth if best is None else max(best, worth)
    proved = exact(problem, prices(problem)).bound * 10**8
    random = exact(problem, some_prices(problem, np.random.default_rng(seed))).bound * 10**8
    assert best is None or min(proved, random) >= best


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.sampled_from([3e4, 3e5]))
def test_derivatives_are_those_of_the_value(seed, heat):
    problem, random = anything(seed, projects=60), np.random.default_rng(seed)
    at = np.concatenate(some_prices(problem, random)).astype(float)
    with crew(1) as run:
        wide, limits = every(run, problem)
        whole = narrowed(run, wide, limits, at, heat, np.inf)
        now = point(run, whole, limits, at, heat)
        step = heat * 1e-4
        for j in range(len(at)):
            move = step * np.eye(len(at))[j]
            up, down = (point(run, whole, limits, at + d, heat) for d in (move, -move))
            size = problem.most.sum() + 1.0
            assert abs((up.value - down.value) / (2 * step) - now.slope[j]) < 1e-4 * size
            curve = (up.slope - down.slope) / (2 * step)
            assert np.abs(curve - now.curve[j]).max() < 1e-3 * size / heat
        assert np.abs(now.curve - now.curve.T).max() <= 1e-9 * np.abs(now.curve).max()


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.sampled_from([1e3, 1e5]), st.sampled_from([1e4, 1e6]))
def test_arcs_that_are_left_out_do_not_matter(seed, heat, radius):
    problem, random = anything(seed, projects=60), np.random.default_rng(seed)
    at = np.concatenate(some_prices(problem, random)).astype(float)
    with crew(1) as run:
        wide, limits = every(run, problem)
        whole = narrowed(run, wide, limits, at, heat, np.inf)
        few = narrowed(run, wide, limits, at, heat, radius)
        fewer = narrowed(run, few, limits, at, heat / 4, radius / 4)
        assert len(fewer.arcs.product) <= len(few.arcs.product) <= len(whole.arcs.product)
        for active, reach in ((few, radius), (fewer, radius / 4)):
            move = random.normal(size=len(at))
            move *= reach / (np.abs(move).sum() * 2)
            there = np.maximum(at + move, 0)
            cold = heat / 4 if active is fewer else heat
            assert active.holds(limits, there, cold)
            one, two = (point(run, a, limits, there, cold) for a in (whole, active))
            assert one.value == pytest.approx(two.value, rel=1e-5, abs=1e-5 * heat)
            assert np.abs(one.slope - two.slope).max() <= 1e-4 * (problem.most.sum() + 1.0)


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_prices_reach_the_linear_optimum(seed):
    problem = anything(seed, projects=200, products=6)
    solved = relaxed(problem)
    proved = exact(problem, prices(problem)).bound
    if solved is None:
        assert proved < exact(problem, prices(problem)._replace(side=0)).bound
        return
    best = float((solved[0] * problem.most * problem.value).sum() / 1e8)
    size = float((problem.most * np.abs(problem.value.astype(float))).sum() / 1e8)
    assert -1e-6 * size - 2 <= proved - best <= 2e-5 * size + 2


@pytest.mark.parametrize("even", [True, False])
def test_threads_change_no_bit(even):
    problem = anything(3, projects=40_000, products=12, even=even)
    alone, two, three = (prices(problem, threads=t) for t in (1, 2, 3))
    assert all((a == b).all() and (a == c).all() for a, b, c in zip(alone, two, three, strict=True))
    one, many = (exact(problem, alone, threads=t) for t in (1, 3))
    assert one.bound == many.bound
    assert (one.best == many.best).all()
    assert (one.second == many.second).all()


@pytest.mark.parametrize("tight", [1.1, 1.6])
def test_warm_prices_are_as_good_as_cold_ones(tight):
    family = replace(inclusion.USUAL, tight=tight)
    before = inclusion.instance(3_000, 11, family)
    after = inclusion.drifted(before, 12)
    cold = exact(after, prices(after)).bound
    warm = exact(after, prices(after, warm=prices(before))).bound
    assert abs(warm / cold - 1) < 1e-6


def test_a_side_that_cannot_hold_drives_its_price_up():
    problem = anything(5, projects=200, even=True)
    never = replace(problem.sides[0], least=int(problem.most.sum()) * PPM)
    found = prices(replace(problem, sides=(never,)))
    assert exact(replace(problem, sides=(never,)), found).bound < 0
