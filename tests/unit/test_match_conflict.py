"""Sides that cannot hold together: named, by few names, with a proof that others can check."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from liandong.errors import ConflictingLimitsError, UnprovedError
from liandong.match.core.assign import assign
from liandong.match.core.conflict import conflict, proves
from liandong.match.core.problem import UNIT, Problem, Side
from liandong.types import PPM

YUAN = 100


def pool(projects=60, products=3, seed=1, yuan=1_000):
    """Return a pool of projects, of which every third is micro and the others are large."""
    random = np.random.default_rng(seed)
    arcs = projects * products
    money = np.repeat(random.integers(1, 9, projects), products) * yuan * YUAN
    return Problem(
        np.arange(projects + 1) * products, np.tile(np.arange(products, dtype=np.int32), projects),
        money, money, money, random.integers(1, 5, arcs).astype(np.int32) * 10**6,
        np.full(products, int(money.sum()) // (2 * products)),
    )  # fmt: skip


def share(name, group, least):
    return Side(name, 0, by_project=PPM * group.astype(np.int64) - least)


def micro(p):
    return np.arange(p.projects) % 3 == 0


def verified(p, proof):
    """Check a proof by plain fractions, from the definition of the Lagrangian."""
    price = [Fraction(int(x), UNIT) for x in proof.prices.product]
    weight = [Fraction(int(x), UNIT) for x in proof.prices.side]
    assert min([*price, *weight]) >= 0
    assert {s for s, w in enumerate(weight) if w} <= set(proof.sides)
    most = sum(x * int(c) for x, c in zip(price, p.capacity, strict=True))
    most -= sum(w * s.least / PPM for w, s in zip(weight, p.sides, strict=True))
    columns = [p.coefficient(s).tolist() for s in p.sides]
    for a, b in zip(p.start.tolist(), p.start.tolist()[1:], strict=False):
        gain = [Fraction(0)]
        for e in range(a, b):
            rate = Fraction(proof.rate, UNIT) - price[p.product[e]]
            rate += sum(w * c[e] / PPM for w, c in zip(weight, columns, strict=True))
            gain.append(rate * int(p.most[e]))
        most += max(gain)
    if proof.rate == 0:
        return most < 0
    return most < Fraction(proof.rate, UNIT) * int(p.least.min())


def names(p, proof):
    return [p.sides[s].name for s in proof.sides]


@pytest.mark.parametrize("projects", [60, 3_000])
def test_shares_that_only_nothing_holds(projects):
    p = pool(projects)
    loose = share("first", np.arange(projects) % 2 == 0, 100_000)
    p = replace(p, sides=(loose, share("micro", micro(p), 700_000),
                          share("large", ~micro(p), 400_000)))  # fmt: skip
    proof = conflict(p)
    assert names(p, proof) == ["micro", "large"]
    assert proof.rate > 0
    assert proves(p, proof)
    assert verified(p, proof)
    with pytest.raises(ConflictingLimitsError, match=r"micro, large.*nobody gets anything"):
        assign(p)


@pytest.mark.parametrize("projects", [60, 3_000])
def test_a_floor_above_what_there_is(projects):
    p = pool(projects)
    everybody = np.full(projects, PPM)
    above = (int(p.capacity.sum()) + 1) * PPM
    p = replace(p, sides=(share("micro", micro(p), 300_000), Side("floor", above, None, everybody)))
    proof = conflict(p)
    assert (names(p, proof), proof.rate) == (["floor"], 0)
    assert verified(p, proof)
    with pytest.raises(ConflictingLimitsError, match=r"floor.*no allocation holds"):
        assign(p)


def test_a_floor_and_a_cap_that_contradict_each_other_only_together():
    p = pool()
    half = int(p.capacity.sum()) // 2
    floor = Side("floor", half * PPM, by_project=np.full(p.projects, PPM))
    cap = Side("cap", -(half - 1) * PPM, by_product=np.full(3, -PPM))
    p = replace(p, sides=(floor, share("micro", micro(p), 200_000), cap))
    proof = conflict(p)
    assert names(p, proof) == ["floor", "cap"]
    assert verified(p, proof)
    assert conflict(replace(p, sides=p.sides[:2])) is None


def test_the_smallest_set_is_named_even_if_a_larger_one_conflicts_too():
    """Three shares of 40 % conflict; a floor for a group without members does so alone."""
    p = pool(90)
    third = [share(f"third {r}", np.arange(90) % 3 == r, 400_000) for r in range(3)]
    nobody = share("nobody", np.zeros(90, bool), 50_000)
    q = replace(p, sides=tuple(third))
    assert names(q, conflict(q)) == [s.name for s in third]
    q = replace(p, sides=(*third, nobody))
    proof = conflict(q)
    assert names(q, proof) == ["nobody"]
    assert verified(q, proof)


def test_a_share_above_all_there_is():
    p = pool()
    p = replace(p, sides=(share("micro", micro(p), 1_100_000),))
    assert names(p, conflict(p)) == ["micro"]


def test_a_budget_below_the_smallest_amount():
    p = pool()
    p = replace(p, sides=(Side("budget", -PPM * (int(p.least.min()) - 1), np.full(3, -PPM)),))
    proof = conflict(p)
    assert names(p, proof) == ["budget"]
    assert verified(p, proof)


def test_a_floor_where_there_are_no_arcs():
    p = Problem(np.zeros(3, np.int64), np.zeros(0, np.int32), *(np.zeros(0, np.int64),) * 3,
                np.zeros(0, np.int32), np.array([100]), (Side("floor", 1),))  # fmt: skip
    proof = conflict(p)
    assert (names(p, proof), proves(p, proof)) == (["floor"], True)
    with pytest.raises(ConflictingLimitsError, match="floor"):
        assign(p)


def test_no_room_at_all_is_no_conflict_of_sides():
    p = pool()
    p = replace(p, capacity=0 * p.capacity, sides=(share("micro", micro(p), 300_000),))
    found = assign(p)
    assert (len(found.arc), found.value) == (0, 0)


def test_what_only_whole_amounts_make_impossible_is_said_without_a_proof():
    one = np.array([1])
    p = Problem(np.array([0, 1]), np.zeros(1, np.int32), one * 300, one * 300, one * 300,
                np.array([1000], np.int32), np.array([200]),
                (Side("floor", 100 * PPM, by_project=one * PPM),))  # fmt: skip
    assert conflict(p) is None
    with pytest.raises(UnprovedError, match="floor"):
        assign(p)


def test_a_false_proof_is_refused():
    p = pool()
    p = replace(p, sides=(share("micro", micro(p), 700_000), share("large", ~micro(p), 400_000)))
    proof = conflict(p)
    for price in (0 * proof.prices.side, proof.prices.side * np.array([1, 0])):
        wrong = proof._replace(prices=proof.prices._replace(side=price))
        assert not proves(p, wrong)
        assert not verified(p, wrong)
