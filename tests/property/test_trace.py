"""Tracing random logs: every loan is found again, and the order of rows never matters."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.trace import FollowRule, follow
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
    first = follow(flow_table(*log), accounts)
    paid = {f"L{k}": 0 for k in range(3)}
    for words in (line.split() for line in log):
        if "disbursement" in words and int(words[2]) > 0:
            paid[words[4].removeprefix("loan=")] += int(words[2])
    assert {k: sum(v.values()) for k, v in holdings(first).items()} == {
        k: x for k, x in paid.items() if x
    }
    order = list(range(len(log)))
    random.shuffle(order)
    assert follow(flow_table(*log, order=order), accounts) == first


@settings(max_examples=60, deadline=None)
@given(lines())
def test_a_loan_does_not_depend_on_which_others_are_asked_for(log):
    flow, accounts = flow_table(*log), account_table(B=30)
    everything = follow(flow, accounts)
    for loan in {r["loan_id"] for r in everything["holding"].to_pylist()}:
        one = follow(flow, accounts, loans=(loan,))
        for name, table in one.items():
            assert table.to_pylist() == [
                r for r in everything[name].to_pylist() if r["loan_id"] == loan
            ]


def test_the_rule_reads_back_what_it_writes():
    rule = FollowRule(loans=("L1",), until=date(2020, 1, 1))
    assert FollowRule.from_toml(rule.to_toml()) == rule
