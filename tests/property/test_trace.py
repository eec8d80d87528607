"""Tracing and groups on random data: order and parts of the input never matter."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.arrow import build, empty
from liandong.step.local import run_step
from liandong.trace import FifoRule, GroupRule, fifo, groups
from support.flows import account_table, flow_table, holdings

KINDS = ["", "fee", "cash", "refund", "reversal", "disbursement", "repayment"]


@st.composite
def lines(draw):
    """Logs with ties in time, loans, refunds and reversals of anything, earlier or later."""
    found = []
    account = st.sampled_from(["A", "B", "C", "till"])
    for n in range(draw(st.integers(0, 25))):
        kind, ref = draw(st.sampled_from(KINDS)), draw(st.integers(0, 25))
        loan = f"loan=L{draw(st.integers(0, 2))}" if kind in {"disbursement", "repayment"} else ""
        named = f"ref=f{ref}" if draw(st.booleans()) else ""
        amount = draw(st.integers(-50 if named else 0, 200))
        at = f"at={n // draw(st.integers(1, 3))}"
        found.append(f"{draw(account)} {draw(account)} {amount} {kind} {loan} {named} {at}")
    return found


@settings(max_examples=60, deadline=None)
@given(lines(), st.randoms())
def test_all_loans_are_found_again_whatever_the_order_of_rows(log, random):
    accounts = account_table(A=100, till=(0, "cash"))
    first = fifo(flow_table(*log), accounts)
    paid = {f"L{k}": 0 for k in range(3)}
    for words in (line.split() for line in log):
        if "disbursement" in words and int(words[2]) > 0:
            paid[words[4].removeprefix("loan=")] += int(words[2])
    assert {k: sum(v.values()) for k, v in holdings(first).items()} == {
        k: x for k, x in paid.items() if x
    }
    order = list(range(len(log)))
    random.shuffle(order)
    assert fifo(flow_table(*log, order=order), accounts) == first


@settings(max_examples=60, deadline=None)
@given(lines())
def test_a_loan_does_not_depend_on_which_others_are_asked_for(log):
    flow, accounts = flow_table(*log), account_table(B=30)
    everything = fifo(flow, accounts)
    for loan in {r["loan_id"] for r in everything["holding"].to_pylist()}:
        one = fifo(flow, accounts, loans=(loan,))
        for name, table in one.items():
            assert table.to_pylist() == [
                r for r in everything[name].to_pylist() if r["loan_id"] == loan
            ]


def edges(rows):
    """Rows are (src, dst, kind, share, valid_to)."""
    return build("edge", {
        "src": [r[0] for r in rows], "dst": [r[1] for r in rows], "kind": [r[2] for r in rows],
        "share": [r[3] for r in rows], "valid_from": [date(2020, 1, 1)] * len(rows),
        "valid_to": [r[4] for r in rows],
    })  # fmt: skip


def components(pairs):
    """Connected components by joining sets: the oracle."""
    sets = []
    for pair in pairs:
        joined = set(pair).union(*(s for s in sets if s & set(pair)))
        sets = [*(s for s in sets if not s & joined), joined]
    return {member: (min(s), len(s)) for s in sets if len(s) > 1 for member in s}


def grouped(table):
    return {r["party_id"]: (r["group_id"], r["size"]) for r in table.to_pylist()}


TIES = st.lists(
    st.tuples(
        st.integers(0, 30).map("P{:02}".format),
        st.integers(0, 30).map("P{:02}".format),
        st.sampled_from(["guarantees", "controls", "owns", "supplies"]),
        st.sampled_from([None, 499_999, 500_000]),
        st.none(),
    ),
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(TIES, st.randoms())
def test_groups_equal_joined_sets_on_any_parts(ties, random):
    binding = [
        t[:2] for t in ties
        if t[2] in {"guarantees", "controls"} or (t[2] == "owns" and t[3] == 500_000)
    ]  # fmt: skip
    whole = run_step(groups, {"edge": edges(ties)}, GroupRule(), 1)
    assert grouped(whole["party_group"]) == components(binding)
    random.shuffle(ties)
    for parts in (2, 7):
        assert run_step(groups, {"edge": edges(ties)}, GroupRule(), parts) == whole


@pytest.mark.parametrize("name", [lambda i: f"{i:05}", lambda i: f"{i * 7919 % 20_000:05}"])
def test_a_long_chain_settles_in_few_rounds(name, monkeypatch):
    monkeypatch.setattr("liandong.step.local.MAX_ROUNDS", 20)
    chain = [(name(i), name(i + 1), "guarantees", None, None) for i in range(19_999)]
    table = groups(edges(chain))["party_group"]
    assert set(table["group_id"].to_pylist()) == {"00000"}
    assert set(table["size"].to_pylist()) == {20_000}


def test_only_ties_in_force_bind():
    table = edges(
        [("A", "B", "guarantees", None, date(2020, 6, 1)), ("B", "C", "controls", None, None)]
    )
    assert set(grouped(groups(table, as_of=date(2020, 6, 1))["party_group"])) == {"A", "B", "C"}
    assert set(grouped(groups(table, as_of=date(2020, 6, 2))["party_group"])) == {"B", "C"}
    assert len(groups(table, as_of=date(2019, 12, 31))["party_group"]) == 0
    assert len(groups(empty("edge"))["party_group"]) == 0


def test_rules_read_back_what_they_write():
    for rule in (
        GroupRule(as_of=date(2020, 1, 1)),
        FifoRule(loans=("L1",), until=date(2020, 1, 1)),
    ):
        assert type(rule).from_toml(rule.to_toml()) == rule
