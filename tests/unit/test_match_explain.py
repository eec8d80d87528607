"""Explanations: what would make an offer win does; measures of fairness are counted right."""

from dataclasses import replace
from itertools import pairwise
from itertools import product as pairs

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.match import ExplainRule, explain
from liandong.match.allocation.alternatives import NEVER, needs
from liandong.match.allocation.certificate import prices_of
from liandong.match.allocation.explain import paid
from liandong.match.allocation.fairness import blocking, envy, ties
from liandong.match.allocation.pool import pool
from liandong.match.core.exact import relaxed
from liandong.match.core.problem import Problem, bound
from liandong.step.reasons import reason_text
from liandong.testing import check_step
from support.lending import DAY
from support.pools import allocated, problem_of

SEEDS = range(8)
MADE = {seed: allocated(seed, projects=16, equal=2) for seed in SEEDS}


def parts(seed):
    """Return pool, prices and amounts of an allocation."""
    tables, rule, said = MADE[seed]
    given_ = pool(tables["quote"], tables["product"], rule)
    return given_, prices_of(said, given_), paid(given_, tables["offer"], DAY)


def explained(seed, **rule):
    tables, _, _ = MADE[seed]
    given_ = [tables[n] for n in ("quote", "product", "offer", "allocation")]
    return explain(*given_, rule=ExplainRule(as_of=DAY, **rule))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_alternative_adds_up_and_says_why(seed):
    tables, _, _ = MADE[seed]
    rows = explained(seed, left_out=0)["alternative"].to_pylist()
    amount = {(o["project_id"], o["product_id"]): o["amount"] for o in tables["offer"].to_pylist()}
    by_project = {}
    for r in rows:
        by_project.setdefault(r["project_id"], []).append(r)
        assert r["reduced_value"] == r["value"] - r["scarce_price"] + r["inclusion_credit"]
        assert r["amount"] == amount.get((r["project_id"], r["product_id"]), 0)
        assert all(
            reason_text(x["code"], x["points"], lang) != x["code"]
            for x in r["reasons"] for lang in ("zh", "en")
        )  # fmt: skip
    for mine in by_project.values():
        assert [r["rank"] for r in mine[:3]] == list(range(1, min(len(mine), 3) + 1))
        assert len(mine) <= 3 or mine[3]["amount"] > 0
    assert sum(r["amount"] for r in rows) == tables["allocation"]["used"][0].as_py()


def raised(problem, arc, by):
    """Return the problem with one arc worth more."""
    value = problem.value.copy()
    value[arc] += by
    return replace(problem, value=value)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.data())
def test_an_offer_gets_money_if_it_is_worth_what_it_lacked_and_not_with_less(seed, data):
    # In the relaxation, whose prices these are: whole amounts may still decide a close call.
    problem = problem_of(seed)
    share, prices = relaxed(problem)
    arcs = np.flatnonzero(share == 0)
    arc = int(data.draw(st.sampled_from(arcs.tolist())))
    need = needs(problem, prices, np.where(share > 0, problem.most, 0)).value[arc]
    near = 60  # of rounded prices, 1 / UNIT
    share_then, then = relaxed(raised(problem, arc, int(need) + near))
    if share_then[arc] <= 1e-9:
        # Prices are not always the only ones: others prove the same, and ask for more.
        assert bound(problem, then) == pytest.approx(bound(problem, prices), rel=1e-6)
        assert needs(problem, then, np.where(share > 0, problem.most, 0)).value[arc] > need


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_at_fixed_prices_the_winner_is_who_says_so(seed):
    problem = problem_of(seed)
    _, prices = relaxed(problem)
    found = needs(problem, prices, np.zeros(len(problem), int))
    reduced = prices.reduced(problem)

    def wins(value, arc):
        mine = np.flatnonzero(problem.project == problem.project[arc])
        gain = {int(e): int(problem.most[e]) * int(value[e]) for e in mine}
        return gain[arc] > max([0, *(g for e, g in gain.items() if e != arc)])

    for arc in range(len(problem)):
        need, more = int(found.value[arc]), reduced.copy()
        more[arc] += need
        assert wins(more, arc) or found.place[arc] == 0  # first among equals
        if need:
            more[arc] -= 2  # the last unit may be one of rounding
            assert not wins(more, arc)


def test_more_capacity_lets_an_offer_win_where_only_capacity_is_scarce():
    # One product, no other limit: who is served is in the order of value a yuan.
    for seed in range(20):
        random = np.random.default_rng(seed)
        n = 12
        most = random.integers(10, 100, n)
        value = random.permutation(n).astype(np.int32) * 10_000 + 10_000
        start, zero, one = np.arange(n + 1), np.zeros(n, np.int32), np.ones(n, int)
        problem = Problem(start, zero, one, most, one, value, np.array([int(most.sum() // 2)]))
        share, prices = relaxed(problem)
        amount = np.rint(share * most).astype(int)
        found = needs(problem, prices, amount)
        for arc in np.flatnonzero(amount == 0):
            more = int(found.capacity[arc])
            assert more != NEVER
            enough = relaxed(replace(problem, capacity=problem.capacity + more))[0]
            less = relaxed(replace(problem, capacity=problem.capacity + more - int(most[arc])))[0]
            assert enough[arc] == pytest.approx(1)
            assert less[arc] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_envy_and_blocking_pairs_are_those_of_their_definitions(seed):
    given_, prices, amount = parts(seed)
    problem, reduced = given_.problem, prices.reduced(given_.problem)
    gain = [max(int(m) * int(r), 0) for m, r in zip(problem.most, reduced, strict=True)]
    got = [
        max(
            [0, *(max(gain[e], int(amount[e]) * int(reduced[e])) for e in range(a, b) if amount[e])]
        )
        for a, b in pairwise(problem.start.tolist())
    ]
    held = np.flatnonzero(amount)
    count = [
        (e, h) for e, h in pairs(range(len(problem)), held)
        if amount[e] == 0 and gain[e] > got[problem.project[e]]
        and problem.product[e] == problem.product[h] and reduced[h] < reduced[e]
    ]  # fmt: skip
    assert envy(problem, prices, amount) == (
        len(count), len({problem.project[e] for e, _ in count})
    )  # fmt: skip
    budget = MADE[seed][2]["budget"]
    rate = given_.arcs["rate"].to_pylist()
    blocks = []
    for e in np.flatnonzero(amount == 0):
        mine = [rate[h] for h in held if problem.project[h] == problem.project[e]]
        if mine and rate[e] >= max(mine):
            continue
        others = [h for h in held if problem.product[h] == problem.product[e]]
        room = min(problem.capacity[problem.product[e]] - amount[others].sum(),
                   budget - amount.sum())  # fmt: skip
        room += sum(amount[h] for h in others if problem.value[h] < problem.value[e])
        if room >= problem.least[e]:
            blocks.append(e)
    assert blocking(given_, amount, budget) == (
        len(blocks), len({problem.project[e] for e in blocks})
    )  # fmt: skip


def test_ties_are_projects_among_equals_that_got_different_amounts():
    decided = 0
    for seed in SEEDS:
        given_, _, amount = parts(seed)
        problem = given_.problem
        signs = [tuple(zip(problem.product[a:b].tolist(), problem.most[a:b].tolist(),
                           problem.value[a:b].tolist(), strict=True))
                 for a, b in pairwise(problem.start.tolist())]  # fmt: skip
        got = np.bincount(problem.project, amount, problem.projects)
        groups = {}
        for sign, money in zip(signs, got.tolist(), strict=True):
            if sign:
                groups.setdefault(sign, []).append(money)
        among = sum(len(g) for g in groups.values() if len(set(g)) > 1)
        assert ties(problem, amount) == among
        decided += among
    assert decided


def test_groups_are_counted_and_gaps_weighted_by_money():
    tables, _, _ = MADE[2]
    lines = explained(2)["fairness"].to_pylist()
    rows = {(r["measure"], r["group"]): r for r in lines}
    offers = tables["offer"].to_pylist()
    quote = tables["quote"].to_pylist()
    grade = {q["project_id"]: q["grade"] for q in quote}
    fit = {q["project_id"] for q in quote if q["eligible"]}
    total = sum(o["amount"] for o in offers)
    mean = sum(o["amount"] * (o["rate"] or 0) for o in offers) / total
    for g in "AB":
        mine = [o for o in offers if grade[o["project_id"]] == g]
        asked = {p for p, x in grade.items() if x == g}
        money = sum(o["amount"] for o in mine)
        served = sum(o["amount"] > 0 for o in mine)
        assert rows["eligible", f"grade:{g}"]["count"] == len(asked)
        assert rows["acceptance", f"grade:{g}"]["value"] == served * 10**6 // len(asked & fit)
        assert rows["money", f"grade:{g}"]["value"] == money * 10**6 // total
        gap = sum(o["amount"] * (o["rate"] or 0) for o in mine) / money - mean
        assert rows["rate_gap", f"grade:{g}"]["value"] == pytest.approx(gap, abs=1)
        assert rows["rate_gap_alike", f"grade:{g}"]["value"] == 0
    assert rows["influence", "all"]["count"] == 8
    assert all(r["reasons"] for r in lines)


def test_explaining_holds_the_conventions():
    tables, _, _ = MADE[3]
    given_ = {n: tables[n] for n in ("quote", "product", "offer", "allocation")}
    check_step(explain, given_, ExplainRule(as_of=DAY, left_out=2))
