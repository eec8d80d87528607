"""Known answers of tracing first in, first out, worked out by hand, in fen."""

from datetime import date

import pytest

from liandong.errors import DataError, NotFoundError
from liandong.schema.arrow import build, empty
from liandong.trace import follow
from support.flows import START, account_table, flow_table, holdings, trails

LENT = "bank E {} disbursement loan={}"


def traced(*lines, accounts=None, **rule):
    return follow(flow_table(*lines), accounts or account_table(), **rule)


def test_opening_money_first_then_the_loan():
    got = traced(
        LENT.format(30000, "L"), "buyer E 20000", "E X 25000", "E Y 15000",
        accounts=account_table(E=10000),
    )  # fmt: skip
    assert holdings(got) == {"L": {"X": 15000, "Y": 15000}}
    assert trails(got) == [
        ("L", "f0", "bank", "E", 30000), ("L", "f2", "E", "X", 15000), ("L", "f3", "E", "Y", 15000),
    ]  # fmt: skip


def test_an_account_that_pays_more_than_it_holds():
    got = traced(LENT.format(5000, "L"), "E X 8000", "X Y 6000")
    assert holdings(got) == {"L": {"Y": 5000}}


def test_round_trip():
    got = traced(LENT.format(10000, "L"), "E S 10000", "buyer S 5000", "S E2 12000", "E2 E 9000")
    assert holdings(got) == {"L": {"E": 9000, "E2": 1000}}
    assert [t[1] for t in trails(got)] == ["f0", "f1", "f3", "f4"]


def test_a_fee_is_a_leg_of_its_own_and_ends_in_its_sink():
    got = traced(
        LENT.format(10000, "L1"), LENT.format(5000, "L2"), "E X 12000", "E FEE 100 fee",
        accounts=account_table(FEE=(0, "fee")),
    )  # fmt: skip
    assert holdings(got) == {"L1": {"X": 10000}, "L2": {"E": 2900, "FEE": 100, "X": 2000}}
    kinds = {r["place"]: r["kind"] for r in got["holding"].to_pylist()}
    assert kinds == {"X": "held", "E": "held", "FEE": "sink"}


def test_first_in_first_out_lies_within_the_bounds():
    got = traced(LENT.format(30000, "L"), "E X 25000", accounts=account_table(E=5000))
    assert 20000 <= holdings(got)["L"]["X"] <= 25000


def test_a_refund_gives_back_the_same_money_as_the_oldest():
    got = traced(
        LENT.format(6000, "L"), "buyer E 4000", "E X 10000", "buyer E 7000",
        "X E 5000 refund ref=f2", "E Y 3000",
    )  # fmt: skip
    assert holdings(got) == {"L": {"X": 3000, "Y": 3000}}


def test_a_reversal_turns_the_money_round():
    got = traced(LENT.format(100, "L"), "E X 60", "E X -60 reversal ref=f1")
    assert holdings(got) == {"L": {"E": 100}}
    assert trails(got)[-1] == ("L", "f2", "X", "E", 60)


def test_a_refund_beyond_the_original_or_of_nothing_known_is_a_transfer():
    lines = (LENT.format(100, "L"), "E X 60")
    assert holdings(traced(*lines, "X E 70 refund ref=f1")) == {"L": {"E": 100}}
    assert holdings(traced(*lines, "X E 60 refund ref=nothing")) == {"L": {"E": 100}}
    assert holdings(traced(*lines, "X Z 60 refund ref=f1")) == {"L": {"E": 40, "Z": 60}}
    assert holdings(traced("X E 5 refund ref=f1", *lines)) == {"L": {"E": 45, "X": 55}}


def test_what_is_repaid_is_told_by_the_loan_it_repays():
    got = traced(
        LENT.format(100, "old"), "bank E 90 disbursement loan=new", "E shop 100",
        "E bank 30 repayment loan=old", "E bank 20 repayment",
    )  # fmt: skip
    assert holdings(got) == {"old": {"shop": 100}, "new": {"E": 40, "bank": 20, "repaid:old": 30}}
    kinds = {r["place"]: r["kind"] for r in got["holding"].to_pylist()}
    assert (kinds["repaid:old"], kinds["bank"]) == ("repaid", "held")


def test_a_disbursement_or_repayment_taken_back():
    undone = traced(LENT.format(100, "L"), "bank E -40 disbursement ref=f0 loan=L")
    assert holdings(undone) == {"L": {"E": 60, "repaid:L": 40}}
    returned = traced(
        LENT.format(100, "L"), "E bank 70 repayment loan=L", "E bank -70 repayment ref=f1 loan=L"
    )
    assert holdings(returned) == {"L": {"E": 100}}


def test_money_ends_in_cash():
    got = traced(
        LENT.format(100, "L"), "E till 80 cash", "till E 50", "E X 70",
        accounts=account_table(till=(0, "cash")),
    )  # fmt: skip
    assert holdings(got) == {"L": {"till": 80, "X": 20}}
    back = traced(
        LENT.format(100, "L"), "E till 80 cash", "till E 50 refund ref=f1",
        accounts=account_table(till=(0, "cash")),
    )  # fmt: skip
    assert holdings(back) == {"L": {"till": 30, "E": 70}}


def test_nothing_and_oneself_do_nothing():
    got = traced(LENT.format(100, "L"), "E E 50", "E X 0", "E E 50 refund ref=f1")
    assert holdings(got) == {"L": {"E": 100}}
    assert len(got["trail"]) == 1


def test_a_loan_paid_out_in_two_parts():
    got = traced(LENT.format(100, "L"), "E X 100", LENT.format(50, "L"))
    assert holdings(got) == {"L": {"X": 100, "E": 50}}


def test_order_is_time_then_number_then_id_and_never_that_of_rows():
    lines = (LENT.format(100, "L"), "E X 60 at=5", "E Y 60 at=5", "E Z 60 at=4")
    want = traced(*lines)
    assert holdings(want) == {"L": {"Z": 60, "X": 40}}
    for order in ([3, 2, 1, 0], [1, 0, 3, 2]):
        assert follow(flow_table(*lines, order=order), account_table()) == want


def test_only_the_loans_asked_for_and_only_until_the_day():
    lines = (
        LENT.format(100, "L1"), "bank F 50 disbursement loan=L2", "E X 60", "E X 20 at=86400"
    )  # fmt: skip
    assert holdings(traced(*lines, loans=("L2",))) == {"L2": {"F": 50}}
    day = traced(*lines, until=START.date())
    assert holdings(day)["L1"] == {"X": 60, "E": 40}
    before = traced(*lines, until=date(2019, 12, 31))
    assert len(before["trail"]) == len(before["holding"]) == 0
    with pytest.raises(NotFoundError, match="L3"):
        traced(*lines, loans=("L3",))


def test_a_loan_without_transfers_has_no_trail():
    loan = build("loan", {
        "loan_id": ["L9"], "party_id": ["E"], "lender_id": ["bank"], "amount": [1],
        "start": [START.date()], "term_months": [12], "status": ["current"],
    })  # fmt: skip
    got = follow(empty("flow"), empty("bank_account"), loan, loans=("L9",))
    assert len(got["trail"]) == len(got["holding"]) == 0


def test_amounts_beyond_all_sums_are_refused():
    with pytest.raises(DataError, match="fen"):
        traced("A B 9000000000000000000")
    with pytest.raises(DataError, match="fen"):
        traced("A B -9223372036854775808 reversal ref=f0")


def test_a_debt_at_the_start_is_not_money():
    got = traced(LENT.format(100, "L"), "E X 30", accounts=account_table(E=-500))
    assert holdings(got) == {"L": {"X": 30, "E": 70}}
