"""Known answers of the rules that mix, through the step, in fen."""

import pytest

from liandong.testing import check_step
from liandong.trace import FollowRule, follow
from support.flows import account_table, flow_table, holdings, trails

LENT = "bank E {} disbursement loan={}"
KAT_1 = (LENT.format(30000, "L"), "buyer E 20000", "E X 25000", "E Y 15000")


def traced(*lines, accounts=None, **rule):
    return follow(flow_table(*lines), accounts or account_table(), **rule)


def test_haircut_of_two_loans_and_a_fee():
    got = traced(
        LENT.format(10000, "L1"), LENT.format(5000, "L2"), "E X 12000", "E FEE 100 fee",
        accounts=account_table(FEE=(0, "fee")), method="haircut",
    )  # fmt: skip
    assert holdings(got) == {
        "L1": {"X": 8000, "FEE": 67, "E": 1933}, "L2": {"X": 4000, "FEE": 33, "E": 967},
    }  # fmt: skip
    assert [t[3:] for t in trails(got) if t[0] == "L2"] == [("E", 5000), ("X", 4000), ("FEE", 33)]


def test_windows_close_at_the_end_of_a_day():
    lines = (LENT.format(50, "L"), "E X 30", "E Y 60 at=86400")
    accounts = account_table(E=100)
    assert holdings(traced(*lines, accounts=accounts, method="tiho")) == {"L": {"Y": 50}}
    by_day = traced(*lines, accounts=accounts, method="tiho", window_days=1)
    assert holdings(by_day) == {"L": {"X": 30, "Y": 20}}
    by_two = traced(*lines, accounts=accounts, method="tiho", window_days=10_000)
    assert holdings(by_two) == {"L": {"Y": 50}}


@pytest.mark.parametrize("method", ["haircut", "tiho"])
def test_conventions(method):
    flow, accounts = flow_table(*KAT_1, "X Z 7"), account_table(E=10000)
    rule = FollowRule(method=method, window_days=2)
    check_step(follow, {"flow": flow, "bank_account": accounts}, rule)
