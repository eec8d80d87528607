"""Assignments against every assignment there is, and against every limit."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictingLimitsError, DataError, InvariantError, UnprovedError
from liandong.match.core import assign as module
from liandong.match.core.assign import assign
from liandong.match.core.dual import exact, prices
from liandong.match.core.fairness import fair
from liandong.match.core.problem import (
    UNIT,
    Prices,
    Problem,
    Side,
    bound,
    check,
    slack,
    total,
    worth,
)
from liandong.match.core.rounding import arcs_of, start
from liandong.match.core.search import gap, refine
from liandong.types import PPM

STEP = 100


def problem(arcs, capacity, sides=(), projects=None):
    """Return a problem of arcs (project, product, least, most, value) in steps, by project."""
    found = np.array(arcs, np.int64).reshape(-1, 5)
    count = projects or int(found[:, 0].max(initial=-1)) + 1
    begin = np.searchsorted(found[:, 0], np.arange(count + 1))
    return Problem(
        begin, found[:, 1].astype(np.int32), found[:, 2] * STEP, found[:, 3] * STEP,
        np.full(len(found), STEP), found[:, 4].astype(np.int32), np.array(capacity, np.int64),
        tuple(sides),
    )  # fmt: skip


@st.composite
def sides(draw, projects, products, arcs, money):
    """Return pooled rules of all kinds: shares, caps, floors in money."""
    found = []
    for name in draw(st.sets(st.sampled_from(["share", "cap", "floor", "own"]), max_size=2)):
        group = np.array(draw(st.lists(st.booleans(), min_size=projects, max_size=projects)))
        if name == "share":
            share = draw(st.sampled_from([300_000, 700_000]))
            found.append(Side("share", 0, by_project=PPM * group - share))
        elif name == "cap":
            covers = draw(st.lists(st.integers(0, PPM), min_size=products, max_size=products))
            most = draw(st.integers(0, money))
            found.append(Side("cap", -most * PPM, by_product=-np.array(covers, np.int64)))
        elif name == "floor":
            least = draw(st.integers(0, money // 4))
            found.append(Side("floor", least * PPM, by_project=PPM * group))
        else:
            rate = draw(st.lists(st.integers(-9, 9), min_size=arcs, max_size=arcs))
            found.append(Side("own", 0, by_arc=1000 * np.array(rate, np.int64)))
    return found


@st.composite
def problems(draw, projects=3, products=2, most=3):
    """Return a small problem."""
    arcs = []
    for i, j in product(range(projects), range(products)):
        if draw(st.booleans()):
            least = draw(st.integers(1, most))
            value = draw(st.integers(-2, 9)) * 10**6
            arcs.append((i, j, least, draw(st.integers(least, most)), value))
    money = projects * most * STEP
    capacity = draw(st.lists(st.integers(0, money), min_size=products, max_size=products))
    return problem(
        arcs, capacity, draw(sides(projects, products, len(arcs), money)), projects=projects
    )


def whole(p, amounts):
    """Return arcs and amounts of a full list."""
    full = np.array(amounts, np.int64)
    arc = np.flatnonzero(full)
    return arc, full[arc]


def holds(p, amounts):
    try:
        check(p, *whole(p, amounts))
    except InvariantError:
        return False
    return True


def everything(p):
    """Yield every assignment that holds all limits."""
    choices = [
        [0, *range(low, high + 1, STEP)]
        for low, high in zip(p.least.tolist(), p.most.tolist(), strict=True)
    ]
    return (a for a in product(*choices) if holds(p, a))


def best_of_all(p):
    """Return the highest value over all assignments, exactly; None if nothing is possible."""
    worth = [sum(a * v for a, v in zip(x, p.value.tolist(), strict=True)) for x in everything(p)]
    return max(worth, default=None)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_no_assignment_is_worth_more(p):
    best = best_of_all(p)
    try:
        found = assign(p, gap=0)
    except ConflictingLimitsError:
        assert p.sides
        assert not any(any(x) for x in everything(p))
        return
    except UnprovedError:
        assert best is None
        return
    assert found.value == best // UNIT
    assert found.bound * UNIT >= best
    assert found.bound <= bound(p, found.prices)


@settings(max_examples=30, deadline=None)
@given(problems())
def test_quickly_the_solver_is_asked_only_where_nothing_else_was_found(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 0)
        asked = []
        patch.setattr(module, "_solved", lambda *given: asked.append(given))
        try:
            found = assign(p, gap=0, quick=True)
        except (ConflictingLimitsError, UnprovedError):
            return
        check(p, found.arc, found.amount)
        assert found.value <= found.bound
        assert not asked or not len(found.arc)


@settings(max_examples=150, deadline=None)
@given(problems())
def test_the_search_alone_holds_every_limit_and_its_bound_is_one(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 0)
        patch.setattr(module, "MIDDLE", 0)
        best = best_of_all(p)
        try:
            found = assign(p, gap=0)
        except ConflictingLimitsError:
            assert not any(any(x) for x in everything(p))
            return
        except UnprovedError:
            return
    check(p, found.arc, found.amount)
    assert found.value == total(p, found.arc, found.amount) <= best // UNIT
    assert found.bound * UNIT >= best


@settings(max_examples=200, deadline=None)
@given(problems(), st.lists(st.integers(0, 10**8), min_size=4, max_size=4))
def test_any_prices_prove_a_bound(p, numbers):
    best = best_of_all(p)
    some = Prices(np.array(numbers[:2]), np.array(numbers[2:][: len(p.sides)], np.int64))
    if best is not None:
        assert bound(p, some) * UNIT >= best


@st.composite
def instances(draw, low=40, high=150):
    """Return a problem of some size, with floors, caps and amounts of all kinds."""
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    count, products = int(random.integers(low, high)), int(random.integers(2, 6))
    group = random.random(count) < draw(st.sampled_from([0.3, 0.6]))
    part = draw(st.booleans())
    arcs = []
    for i, j in product(range(count), range(products)):
        if random.random() < 0.7:
            least = int(random.integers(1, 30))
            more = int(random.integers(0, 30)) if part else 0
            arcs.append((i, j, least, least + more, int(random.integers(1, 5_000)) * 1000))
    wanted = sum(a[3] for a in arcs) * STEP / products
    capacity = random.integers(0, int(wanted * draw(st.sampled_from([0.1, 0.6]))), products)
    floor = Side("share", 0, by_project=PPM * group - 400_000)
    cap = Side("cap", -int(capacity.sum()) * 8 * 10**5, by_product=np.full(products, -PPM))
    return problem(arcs, capacity, [floor, cap], projects=count)


@settings(max_examples=20, deadline=None)
@given(instances())
def test_the_search_comes_close_to_the_solver_of_integer_programs(p):
    found = assign(p, gap=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 0)
        patch.setattr(module, "MIDDLE", 0)
        searched = assign(p, gap=0)
    assert searched.value <= found.bound
    assert searched.bound >= found.value
    # A vertex of the relaxation splits no more projects than there are shared limits.
    split = (len(p.capacity) + len(p.sides)) * int((p.most * p.value).max() // UNIT + 1)
    assert searched.value >= found.value - split


@settings(max_examples=25, deadline=None)
@given(instances(), st.integers(5, 60))
def test_the_gap_is_idle_room_slack_and_regret_exactly(p, size):
    at = prices(p)
    known = exact(p, at)
    begun = start(p, at, known, size)
    if not refine(begun, at, known.bound, 0):
        return
    arc, amount = arcs_of(begun, p)
    check(p, arc, amount)
    # The same three terms in fractions, from the definition of the Lagrangian.
    full = np.zeros(len(p), np.int64)
    full[arc] = amount
    rate = [
        Fraction(int(v), UNIT) - Fraction(int(at.product[j]), UNIT) for v, j in
        zip(p.value, p.product, strict=True)
    ]  # fmt: skip
    for side, m in zip(p.sides, at.side.tolist(), strict=True):
        rate = [r + Fraction(m * int(c), UNIT * PPM)
                for r, c in zip(rate, p.coefficient(side), strict=True)]  # fmt: skip
    used = np.bincount(p.product[arc], amount, len(p.capacity)).astype(int)
    idle = sum(Fraction(int(x) * int(c - u), UNIT)
               for x, c, u in zip(at.product, p.capacity, used, strict=True))  # fmt: skip
    spare = sum(Fraction(int(m) * slack(p, s, arc, amount), UNIT * PPM)
                for m, s in zip(at.side, p.sides, strict=True))  # fmt: skip
    regret = Fraction(0)
    for a, b in zip(p.start, p.start[1:], strict=False):
        best = max([Fraction(0), *(rate[e] * int(p.most[e]) for e in range(a, b))])
        regret += best - sum(rate[e] * int(full[e]) for e in range(a, b))
    value = sum(Fraction(int(v) * int(x), UNIT) for v, x in zip(p.value, full, strict=True))
    least = sum(Fraction(int(m) * s.least, UNIT * PPM)
                for m, s in zip(at.side, p.sides, strict=True))  # fmt: skip
    dual = sum(Fraction(int(x) * int(c), UNIT)
               for x, c in zip(at.product, p.capacity, strict=True)) - least  # fmt: skip
    dual += regret + sum(r * int(x) for r, x in zip(rate, full, strict=True))
    assert dual - value == idle + spare + regret
    rounding = 3 * int(p.most.sum()) / UNIT + 1
    assert 0 <= known.bound - dual <= rounding
    assert abs(gap(begun, at) - float(idle + spare + regret)) <= rounding


@settings(max_examples=10, deadline=None)
@given(instances(high=300))
def test_threads_change_nothing(p):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 0)
        patch.setattr(module, "MIDDLE", 0)
        one, two = (assign(p, threads=t) for t in (1, 2))
    assert (one.arc.tolist(), one.amount.tolist()) == (two.arc.tolist(), two.amount.tolist())
    assert (one.bound, one.value) == (two.bound, two.value)


def test_equals_are_served_in_their_order():
    twins = [(i, 0, 1, 3, 20_000) for i in range(4)]
    p = problem(twins, [7 * STEP])
    arc, amount = fair(p, *whole(p, np.array([0, 3, 1, 3]) * STEP))
    assert (arc.tolist(), (amount // STEP).tolist()) == ([0, 1, 2], [3, 3, 1])
    other = replace(p, value=p.value + np.array([1, 0, 0, 0], np.int32))
    arc, amount = fair(other, *whole(p, np.array([0, 3, 1, 3]) * STEP))
    assert (arc.tolist(), (amount // STEP).tolist()) == ([1, 2, 3], [3, 3, 1])


@settings(max_examples=40, deadline=None)
@given(instances(high=60), st.integers(0, 10**6), st.booleans())
def test_of_equals_the_first_gets_most(p, seed, whole_at_once):
    """Every project comes twice, somewhere else and with its arcs in another order."""
    random = np.random.default_rng(seed)
    order = random.permutation(np.repeat(np.arange(p.projects), 2))
    arcs = [random.permutation(np.arange(p.start[i], p.start[i + 1])) for i in order]
    at = np.concatenate(arcs)
    begin = np.append(0, np.cumsum([len(a) for a in arcs]))
    share = replace(p.sides[0], by_project=p.sides[0].by_project[order])
    columns = (p.product, p.least, p.most, p.step, p.value)
    twins = Problem(begin, *(c[at] for c in columns), p.capacity, (share, *p.sides[1:]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WHOLE", 10**6 if whole_at_once else 0)
        patch.setattr(module, "MIDDLE", 0)
        found = assign(twins, gap=1000, nodes=20)
    full = np.zeros(len(twins), np.int64)
    full[found.arc] = found.amount
    for i in range(p.projects):
        got = []
        for k in np.flatnonzero(order == i):
            mine = np.arange(begin[k], begin[k + 1])
            got.append((int(worth(twins, mine, full[mine]).sum()), int(full[mine].sum())))
        assert got == sorted(got, reverse=True)


def test_nothing_to_assign():
    found = assign(problem([], [100], projects=2))
    assert (len(found.amount), found.bound, found.prices.product.tolist()) == (0, 0, [0])


def test_what_loses_money_is_left_alone():
    found = assign(problem([(0, 0, 1, 3, -20_000)], [1000]))
    assert (found.arc.tolist(), found.value, found.bound) == ([], 0, 0)


@pytest.mark.parametrize(
    ("amount", "what"),
    [
        ((-100, 0, 0), "below its least"),
        ((100, 0, 0), "below its least"),
        ((500, 0, 0), "above its most"),
        ((250, 0, 0), "whole step"),
        ((200, 200, 0), "twice"),
        ((400, 0, 200), "product is overdrawn"),
        ((0, 400, 300), "budget"),
        ((0, 0, 200), "floor"),
    ],
)
def test_a_broken_limit_is_named(amount, what):
    arcs = [(0, 0, 2, 4, 1), (0, 1, 2, 4, 1), (1, 0, 2, 4, 1)]
    rules = [
        Side("budget", -600 * PPM, by_product=np.array([-PPM, -PPM])),
        Side("floor", 0, by_project=np.array([PPM, 0]) - 500_000),
    ]
    p = problem(arcs, [500, 500], rules)
    with pytest.raises(InvariantError, match=what):
        check(p, *whole(p, amount))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"product": np.array([0, 2], np.int32)}, "not there"),
        ({"product": np.array([0, 0], np.int32)}, "twice"),
        ({"least": np.array([0, STEP])}, "0 or less"),
        ({"most": np.array([0, STEP])}, "above its most"),
        ({"most": np.array([150, STEP])}, "whole number"),
        ({"step": np.array([300, STEP]), "most": np.array([300, STEP])}, "whole number"),
        ({"value": np.array([2**31 - 1, 1], np.int32)}, "ten yuan"),
        ({"capacity": np.array([-1, 1])}, "beyond 2"),
        ({"capacity": np.array([2**53, 2**53])}, "beyond 2"),
    ],
)
def test_a_fault_of_a_problem_is_named(change, what):
    p = problem([(0, 0, 1, 3, 20_000), (0, 1, 1, 3, 20_000)], [1000, 1000])
    with pytest.raises(DataError, match=what):
        assign(replace(p, **change))
