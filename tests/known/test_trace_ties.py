"""Orders of transfers of one moment, counted by hand."""

import pytest

from liandong.errors import NotFoundError
from liandong.trace import follow, ties
from liandong.trace.ties.arrangements import without_rings
from support.flows import account_table, flow_table

LENT = "bank E 100 disbursement loan=L at=0"
NOBODY = account_table(E=0)


def ranges(table):
    return {r["place"]: (r["least"], r["most"]) for r in table.to_pylist()}


def test_who_is_paid_first_may_get_all_of_the_loan():
    # 50 of the loan and 50 of others wait in E; two payments of 50 leave at one moment.
    log = flow_table(LENT, "S E 50 at=1", "E X 100 at=2", "E Y 50 at=2")
    found = ties(log, account_table(E=0, S=50))["tie_range"]
    assert ranges(found) == {"X": (50, 100), "Y": (0, 50)}
    assert found["orders"].to_pylist() == [2, 2]
    assert found["complete"].to_pylist() == [True, True]


def test_what_arrives_first_leaves_first():
    # Two credits tie nothing under clean_first, but the older of them leaves first under fifo.
    log = flow_table("bank E 60 disbursement loan=L at=0", "E Q 60 at=1", "Q X 60 at=2",
                     "S X 60 at=2", "X Y 60 at=3")  # fmt: skip
    accounts = account_table(S=60)
    assert ranges(ties(log, accounts)["tie_range"]) == {"X": (0, 60), "Y": (0, 60)}
    same = ties(log, accounts, method="clean_first")["tie_range"]
    assert ranges(same) == {"X": (60, 60)}


def test_without_ties_the_range_is_the_answer():
    log = flow_table(LENT, "E X 70", "X Y 30")
    held = follow(log, NOBODY)["holding"].to_pylist()
    found = ties(log, NOBODY)["tie_range"]
    assert ranges(found) == {r["place"]: (r["amount"], r["amount"]) for r in held}
    assert {*found["orders"].to_pylist()} == {1}


def test_transfers_that_are_the_same_have_one_order():
    log = flow_table(LENT, *["E X 10 at=1"] * 8)
    found = ties(log, NOBODY)["tie_range"]
    assert found["orders"].to_pylist() == [1, 1]
    assert ranges(found) == {"E": (20, 20), "X": (80, 80)}


def test_nothing_is_given_back_before_it_was_paid():
    log = flow_table(LENT, "E X 40 at=1", "X E 40 refund ref=f1 at=1", "E Y 100 at=2")
    found = ties(log, NOBODY)["tie_range"]
    assert ranges(found) == {"Y": (100, 100)}
    assert found["orders"].to_pylist() == [1]


def test_an_id_that_puts_giving_back_first_is_not_believed():
    lines = ("E X 40 refund ref=f2 at=1", "X E 40 at=1", "E Y 60 at=2")
    log = flow_table(LENT, *lines)
    assert ranges(ties(log, account_table(E=0, X=40))["tie_range"]) == {
        "E": (40, 40),
        "Y": (60, 60),
    }


def test_two_that_name_each_other_are_still_put_in_order():
    lines = ("E X 40 refund ref=f2 at=1", "X E 40 refund ref=f1 at=1")
    found = ties(flow_table(LENT, *lines), account_table(E=0, X=40))["tie_range"]
    assert ranges(found) == {"E": (100, 100)}
    assert found["orders"].to_pylist() == [1]


def test_rings_lose_one_tie_and_what_leads_to_them_keeps_its_own():
    assert without_rings([1, 2, 1, -1, 3]) == (1, -1, 1, -1, 3)


def test_far_from_any_loan_order_is_not_looked_at():
    far = [f"P Q {n} at=5" for n in range(1, 9)]
    found = ties(flow_table(LENT, "E X 70", *far), NOBODY)["tie_range"]
    assert found["orders"].to_pylist() == [1, 1]


def test_with_too_many_orders_the_range_says_that_it_may_be_wider():
    paid = [f"E X{n} {n} at=5" for n in range(10, 20)]
    log, accounts = flow_table(LENT, "S E 45 at=1", *paid), account_table(E=0, S=45)
    found = ties(log, accounts, most=50)["tie_range"].to_pylist()
    assert {r["complete"] for r in found} == {False}
    assert {r["orders"] for r in found} <= set(range(26, 51))
    stored = follow(log, accounts)["holding"].to_pylist()
    within = {r["place"]: (r["least"], r["most"]) for r in found}
    assert all(within[r["place"]][0] <= r["amount"] <= within[r["place"]][1] for r in stored)
    assert any(low < high for low, high in within.values())
    assert ties(log, accounts, most=50)["tie_range"].to_pylist() == found


def test_a_loan_that_nobody_knows_is_named():
    with pytest.raises(NotFoundError, match="L9"):
        ties(flow_table(LENT), NOBODY, loans=("L9",))
