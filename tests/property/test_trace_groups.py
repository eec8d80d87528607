"""Connected groups: hand-made cases, and union-find as the twin."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.arrow import build
from liandong.step.local import run_step
from liandong.testing import check_step
from liandong.trace.groups import GroupsRule, groups

DAY = dt.date(2020, 1, 1)


def ties(*rows):
    """Rows are (src, dst, kind, share ppm or None, valid_to or None)."""
    return build("edge", {
        "src": [r[0] for r in rows], "dst": [r[1] for r in rows], "kind": [r[2] for r in rows],
        "share": [r[3] for r in rows], "valid_from": [DAY] * len(rows),
        "valid_to": [r[4] for r in rows],
    })  # fmt: skip


def parties(**kinds):
    return build("party", {"party_id": list(kinds), "kind": list(kinds.values())})


def members(found):
    by = {}
    for r in found["party_group"].to_pylist():
        by.setdefault(r["group_id"], set()).add(r["party_id"])
        assert r["size"] >= 2
    return by


def test_a_guarantee_ring_and_a_holding():
    edge = ties(
        ("B", "A", "guarantees", None, None), ("C", "B", "guarantees", None, None),
        ("A", "C", "guarantees", None, None), ("P", "Q", "owns", 600_000, None),
        ("P", "R", "owns", 499_999, None), ("S", "T", "supplies", None, None),
    )  # fmt: skip
    assert members(groups(edge, parties())) == {"A": {"A", "B", "C"}, "P": {"P", "Q"}}


def test_a_fund_or_a_bank_joins_nobody():
    edge = ties(("F", "A", "guarantees", None, None), ("F", "B", "guarantees", None, None),
                ("A", "B", "controls", None, None))  # fmt: skip
    assert members(groups(edge, parties(F="fund"))) == {"A": {"A", "B"}}


def test_ties_that_have_ended_do_not_join():
    edge = ties(("A", "B", "controls", None, dt.date(2020, 6, 30)))
    assert members(groups(edge, parties(), on=dt.date(2020, 6, 30)))
    assert not members(groups(edge, parties(), on=dt.date(2020, 7, 1)))
    assert not members(groups(edge, parties(), on=dt.date(2019, 12, 31)))


@pytest.mark.parametrize("name", ["{0:05}", "{1:05}"])
def test_a_long_chain_settles_in_few_rounds(name, monkeypatch):
    monkeypatch.setattr("liandong.step.local.MAX_ROUNDS", 20)
    ids = [name.format(i, i * 7919 % 20_000) for i in range(20_000)]  # in order, and at random
    edge = ties(*((a, b, "controls", None, None) for a, b in pairwise(ids)))
    found = groups(edge, parties())["party_group"]
    assert set(found["group_id"].to_pylist()) == {"00000"}
    assert set(found["size"].to_pylist()) == {20_000}


def test_ownership_of_an_unknown_share_and_oneself_join_nobody():
    edge = ties(("A", "B", "owns", None, None), ("C", "C", "controls", None, None))
    assert not members(groups(edge, parties()))
    assert members(groups(ties(("A", "B", "owns", 1, None)), parties(), least_share="0%"))


NAMES = st.sampled_from([f"{i:02d}" for i in range(25)])


@settings(deadline=None)
@given(st.sets(st.tuples(NAMES, NAMES), max_size=40), st.sampled_from([1, 2, 7]))
def test_groups_equal_union_find(pairs, parts):
    edge = ties(*((a, b, "controls", None, None) for a, b in sorted(pairs)))
    parent = {n: n for pair in pairs for n in pair}

    def find(n):
        while parent[n] != n:
            n = parent[n]
        return n

    for a, b in pairs:
        low, high = sorted((find(a), find(b)))
        parent[high] = low
    wanted = {}
    for n in parent:
        wanted.setdefault(find(n), set()).add(n)
    wanted = {g: m for g, m in wanted.items() if len(m) > 1}
    found = run_step(groups, {"edge": edge, "party": parties()}, GroupsRule(), parts)
    assert members(found) == wanted


def test_conventions():
    edge = ties(("A", "B", "controls", None, None), ("B", "C", "guarantees", None, None),
                ("X", "Y", "owns", 900_000, None))  # fmt: skip
    check_step(groups, {"edge": edge, "party": parties(A="firm", F="fund")})
