"""Equal treatment and monotonicity: what holds of every optimum, and what of prices alone."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictingLimitsError
from liandong.match import allocate
from liandong.match.core.assign import assign
from liandong.match.core.exact import relaxed
from liandong.match.core.fairness import alike, fair
from liandong.match.core.problem import Problem, check, worth
from liandong.types import Money, stable_id
from support.lending import DAY, WAN, products, quotes
from support.pools import pool_of, problem_of

WHOLE = 100_000
"""1 / UNIT of a step of value in these tests, above what prices are rounded to."""


def given_out(quote, product, rule):
    """Allocate; a pool whose limits happen to conflict is no example."""
    try:
        return allocate(quote, product, rule=rule)["offer"].to_pylist()
    except ConflictingLimitsError:
        assume(condition=False)


def offers(quote, product, rule):
    return {
        (o["project_id"], o["product_id"]): o["amount"]
        for o in given_out(quote, product, rule) if o["amount"]
    }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
def test_names_and_rows_decide_nothing_but_the_order_of_equals(seed, random):
    quote, product, rule = pool_of(seed, projects=8, equal=3)
    first = offers(quote, product, rule)
    rows = list(range(len(quote)))
    random.shuffle(rows)
    assert offers(quote.take(pa.array(rows)), product, rule) == first
    # Equals change places; all others keep what they have, whatever equals are called.
    equals = ["E0", "E1", "E2", "E3"]
    names = dict(zip(equals, random.sample(equals, 4), strict=True))
    renamed = [names.get(p, p) for p in quote["project_id"].to_pylist()]
    other = quote.set_column(0, "project_id", pa.array(renamed))
    assert offers(other, product, rule) == first


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_of_equals_the_lower_hash_never_gets_less(seed):
    quote, product, rule = pool_of(seed, projects=8, equal=4)
    got = given_out(quote, product, rule)
    paid = {}
    for o in got:
        value, amount = paid.get(o["project_id"], (0, 0))
        paid[o["project_id"]] = (value + o["value"], amount + o["amount"])
    order = sorted((f"E{i}" for i in range(5)), key=lambda p: (stable_id(rule.salt, p), p))
    assert sorted((paid[p] for p in order), reverse=True) == [paid[p] for p in order]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_dealing_anew_among_equals_keeps_value_and_limits(seed):
    problem = problem_of(seed, projects=6, step=WAN)
    twice = np.repeat(np.arange(problem.projects), 2)
    arcs = np.concatenate([np.arange(*problem.start[[i, i + 1]]) for i in twice])
    start = np.append(0, np.cumsum(np.diff(problem.start)[twice]))
    sides = tuple(
        replace(
            s,
            by_project=None if s.by_project is None else s.by_project[twice],
            by_arc=None if s.by_arc is None else s.by_arc[arcs],
        )
        for s in problem.sides
    )
    names = ("product", "least", "most", "step", "value")
    double = replace(
        problem, start=start, sides=sides, **{n: getattr(problem, n)[arcs] for n in names}
    )
    word = alike(double)
    assert (word[::2] == word[1::2]).all()
    assert len(set(word.tolist())) == len(set(alike(problem).tolist()))
    found = assign(double)
    flip = np.arange(len(double))  # what the first of two got goes to the second
    size = np.repeat(np.diff(problem.start)[twice], np.diff(problem.start)[twice])
    flip += np.where(double.project % 2 == 0, size, -size)
    order = np.argsort(flip[found.arc])
    arc, amount = fair(double, flip[found.arc][order], found.amount[order])
    check(double, arc, amount)
    assert sorted(amount.tolist()) == sorted(found.amount.tolist())
    got = np.zeros(double.projects, int)
    np.add.at(got, double.project[arc], worth(double, arc, amount))
    assert (got[::2] >= got[1::2]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_being_worth_less_never_brings_more_money(seed, data):
    """If all arcs of a project are worth d less a yuan, an optimum gives it no more than before.

    Both allocations could be chosen in both cases. With their values v and w, and what the
    project gets, a and b: v >= w and w - d b >= v - d a, each up to its gap. So d (b - a) is at
    most the sum of the gaps, whatever limits there are and however whole the amounts.
    """
    problem = problem_of(seed, projects=7, step=WAN)
    i = data.draw(st.integers(0, problem.projects - 1))
    worse = data.draw(st.integers(1, 40)) * WHOLE
    value = problem.value.copy()
    value[problem.start[i] : problem.start[i + 1]] -= np.int32(worse)
    first, later = assign(problem, gap=0), assign(replace(problem, value=value), gap=0)
    before, after = (
        int(x.amount[problem.project[x.arc] == i].sum()) for x in (first, later)
    )  # fmt: skip
    gaps = sum(x.bound - x.value for x in (first, later))
    assert (after - before) * worse <= (gaps + 2) * 10**8


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_asking_for_more_changes_no_price_for_who_is_not_served_in_full(seed, data):
    """In the relaxation a project that gets less than it asked for gains nothing by asking more.

    What it asked for did not bind, so that the optimum stays one: its bound proves no more.
    """
    problem = problem_of(seed, projects=9)
    share, _ = relaxed(problem)
    served = np.add.reduceat(share, problem.start[:-1])
    some = np.flatnonzero(served < 1 - 1e-9)
    if not len(some):
        return
    i = int(data.draw(st.sampled_from(some.tolist())))
    most = problem.most.copy()
    most[problem.start[i] : problem.start[i + 1]] *= data.draw(st.integers(2, 5))
    more = replace(problem, most=most)
    now, then = (float((relaxed(p)[0] * p.most * p.value).sum()) for p in (problem, more))
    assert then == pytest.approx(now, rel=1e-7)


def test_whole_amounts_can_reward_who_asks_for_more():
    # Nothing but whole loans, and room for one: what stays idle decides, not what a yuan is worth.
    # This is why monotonicity is promised for worth and for prices, and not for sizes.
    def served(asked):
        amount = np.array([60, asked]) * WAN
        problem = Problem(
            start=np.array([0, 1, 2]), product=np.zeros(2, np.int32), least=amount, most=amount,
            step=amount, value=np.array([1_000_000, 900_000], np.int32),
            capacity=np.array([100 * WAN]),
        )  # fmt: skip
        return assign(problem, gap=0).arc.tolist()

    assert served(50) == [0]
    assert served(100) == [1]


def test_steps_leave_nothing_idle_that_a_larger_loan_would_use():
    # The same two, but parts may be given as products usually allow: asking more helps nobody.
    def served(asked):
        rows = {"A": {"limit": 60 * WAN, "value_rate": 10_000}, "B": {"limit": asked * WAN,
                "value_rate": 9_000}}  # fmt: skip
        got = allocate(
            quotes(**rows), products(P={"capacity": 100 * WAN}), as_of=DAY,
            budget=Money(1_000 * WAN),
        )["offer"].to_pylist()  # fmt: skip
        return {o["project_id"]: o["amount"] // WAN for o in got}

    assert served(50) == served(100) == {"A": 60, "B": 40}
