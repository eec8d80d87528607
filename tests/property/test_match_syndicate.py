"""Sharing out: sums exact, within one fen of the exact share at every moment, in any order."""

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.allocation.sharing import shared
from liandong.match import SyndicateRule, syndicate
from liandong.testing import check_step
from support.funds import offers, participations
from support.lending import DAY, products, quotes

WEIGHTS = st.lists(st.integers(1, 60), min_size=1, max_size=6)


def dealt(weight, upto):
    """Say the same plainly: unit by unit to whoever may have one and must have it soonest."""
    whole, had, course = sum(weight), [0] * len(weight), [[0] * len(weight)]
    for t in range(upto):
        may = [
            (ceil(Fraction((n + 1) * whole, w)), k)
            for k, (n, w) in enumerate(zip(had, weight, strict=True))
            if floor(Fraction(n * whole, w)) <= t
        ]
        had[min(may)[1]] += 1
        course.append(had.copy())
    return course


@settings(max_examples=120, deadline=None)
@given(WEIGHTS)
def test_every_total_is_shared_within_one_unit_and_nobody_gives_back(weight):
    whole = sum(weight)
    totals = np.arange(2 * whole + 2)
    got = shared(totals, np.array(weight))
    assert got.tolist() == dealt(weight, len(totals) - 1)
    assert (got.sum(axis=1) == totals).all()
    assert all((after >= before).all() for before, after in pairwise(got))
    exact = [[Fraction(int(t) * w, whole) for w in weight] for t in totals]
    assert all(
        floor(e) <= g <= ceil(e)
        for gs, es in zip(got.tolist(), exact, strict=True) for g, e in zip(gs, es, strict=True)
    )  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    st.lists(st.integers(0, 2**61), max_size=8),
)
def test_large_totals_in_any_order_are_exact(weight, totals):
    got = shared(np.array(totals, np.int64), np.array(weight))
    for total, parts in zip(totals, got.tolist(), strict=True):
        assert sum(parts) == total
        for part, w in zip(parts, weight, strict=True):
            assert abs(part - Fraction(total * w, sum(weight))) < 1


@st.composite
def funds(draw):
    cuts = sorted(draw(st.sets(st.integers(1, 999_999), max_size=3)))
    shares = [b - a for a, b in pairwise([0, *cuts, 1_000_000])]
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 60).map(lambda i: f"E{i}"),
                st.sampled_from(["P", "Q"]),
                st.integers(0, 10**9),
            ),
            unique_by=lambda r: r[0],
            max_size=15,
        )
    )
    return [("P", f"L{i}", s) for i, s in enumerate(shares)], rows


def given_tables(fund, rows):
    named = {e: {"product_id": p, "expected_loss": 12_345} for e, p, _ in rows}
    return {
        "offer": offers(DAY, *rows), "participation": participations(*fund),
        "product": products(P={}, Q={}), "quote": quotes(**named, OTHER={"product_id": "P"}),
    }  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(funds())
def test_offers_are_shared_to_the_fen_and_lenders_never_drift(case):
    fund, rows = case
    got = syndicate(*given_tables(fund, rows).values(), as_of=DAY)["contribution"].to_pylist()
    part = {(r["project_id"], r["lender_id"]): r for r in got}
    paid = sorted((e, a) for e, p, a in rows if p == "P" and a)
    assert {r["project_id"] for r in got} == {e for e, _ in paid}
    whole = {"amount": 0, "interest": 0, "expected_loss": 0}
    had = {(name, lender): 0 for name in whole for _, lender, _ in fund}
    for e, amount in paid:
        sums = {
            "amount": amount, "interest": amount * 43_500 // 10**6,
            "expected_loss": amount * 12_345 // 10**6,
        }  # fmt: skip
        for name, total in sums.items():
            parts = {lender: part[e, lender][name] for _, lender, _ in fund}
            assert min(parts.values()) >= 0
            assert sum(parts.values()) == total
            whole[name] += total
            for _, lender, share in fund:
                had[name, lender] += parts[lender]
                off = had[name, lender] - Fraction(whole[name] * share, 10**6)
                assert abs(off) < 1


@settings(max_examples=5, deadline=None)
@given(funds())
def test_parts_and_order_change_nothing(case):
    check_step(syndicate, given_tables(*case), SyndicateRule(as_of=DAY))
