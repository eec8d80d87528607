"""Known circles: by hand, and the counts published for a real simulation."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from liandong.errors import DataError
from liandong.load import load
from liandong.schema.arrow import build
from liandong.trace import CircleWatch, circles
from liandong.types import Money, Rate
from support.data import dataset
from support.flows import START, account_table, flow_table


def found(*lines, accounts=None, **rule):
    rule = {"least": Money(1), "retained": Rate(0), "hours": 1} | rule
    return circles(flow_table(*lines), accounts or account_table(), **rule)


def ways(tables):
    """Return the accounts of each circle in order."""
    legs = tables["circle_leg"].to_pylist()
    by = {}
    for r in sorted(legs, key=lambda r: (r["circle_id"], r["leg"])):
        by[r["circle_id"]] = by.get(r["circle_id"], "") + r["src_account"]
    return sorted(by.values())


def test_a_round_trip_with_its_amounts():
    got = found("E S 10000", "S E2 12000", "E2 E 9000")
    (circle,) = got["circle"].to_pylist()
    assert ways(got) == ["ES" + "E2"]
    assert (circle["legs"], circle["bottleneck"], circle["retained"]) == (3, 9000, 900_000)
    assert (circle["first_amount"], circle["last_amount"]) == (10000, 9000)
    assert circle["last_at"] - circle["first_at"] == timedelta(seconds=2)
    assert [r["flow_id"] for r in got["circle_leg"].to_pylist()] == ["f0", "f1", "f2"]


def test_legs_at_the_same_time_do_not_follow_each_other():
    assert ways(found("A B 1 at=1", "B A 1 at=1")) == []
    assert ways(found("A B 1 at=1", "B C 1 at=2", "C A 1 at=2")) == []
    assert ways(found("A B 1 at=1", "B A 1 at=2")) == ["AB"]


def test_the_window_counts_its_ends():
    assert ways(found("A B 1 at=0", "B A 1 at=3600")) == ["AB"]
    assert ways(found("A B 1 at=0", "B A 1 at=3601")) == []


def test_no_account_is_passed_twice_and_nobody_pays_himself():
    assert ways(found("A B 1", "B C 1", "C B 1", "B A 1")) == ["AB", "BC"]
    assert ways(found("A A 1", "A B 1", "B B 1", "B A 1")) == ["AB"]


def test_legs_up_to_the_most_and_amounts_from_the_least():
    ring = [f"{a} {b} {x}" for a, b, x in zip("ABCDEFGH", "BCDEFGHA", range(8, 0, -1), strict=True)]
    assert ways(found(*ring, legs=8)) == ["ABCDEFGH"]
    assert ways(found(*ring, legs=7)) == []
    assert ways(found(*ring, legs=8, least=Money(2))) == []


def test_of_parallel_transfers_the_latest_that_fits_is_taken():
    got = found("A B 5", "A B 6", "B C 7", "A B 8", "B C 4", "C A 9", "B C 3")
    assert ways(got) == ["ABC"]
    assert [r["flow_id"] for r in got["circle_leg"].to_pylist()] == ["f3", "f4", "f5"]


def test_a_reversal_is_no_leg_and_a_disbursement_is_one():
    assert ways(found("A B 5", "B A -5 reversal ref=f0")) == []
    assert ways(found("bank E 9 disbursement loan=L", "E bank 9 repayment loan=L"))


def test_the_verdict_goes_by_loans_amounts_and_owners():
    flow = flow_table("E S 1000", "S E 990")
    account = build("bank_account", {
        "account_id": ["E", "S"], "party_id": ["firm", "sister"], "kind": ["current"] * 2,
        "opening_balance": [0, 0],
    })  # fmt: skip
    loan = build("loan", {
        "loan_id": ["L"], "party_id": ["firm"], "lender_id": ["bank"], "account_id": ["E"],
        "amount": [2000], "start": [START.date()], "term_months": [1], "status": ["current"],
    })  # fmt: skip
    group = build("party_group", {
        "party_id": ["firm", "sister"], "group_id": ["firm"] * 2, "size": [2, 2],
    })  # fmt: skip
    trail = build("trail", {
        "method": ["fifo"], "loan_id": ["L"], "flow_id": ["f0"], "step": [1],
        "src_account": ["E"], "dst_account": ["S"], "amount": [600], "at": [START],
    })  # fmt: skip
    few = {"least": Money(1), "retained": Rate(0)}

    def verdict(*tables):
        return circles(flow, *tables, **few)["circle"].to_pylist()[0]

    assert verdict(account)["level"] == "yellow"
    assert verdict(account, loan)["level"] == "red"
    assert verdict(account, loan)["fresh_loan"] == "L"
    assert verdict(account, loan.slice(1), group)["level"] == "orange"
    assert verdict(account, loan.slice(1), group)["owners"] == 1
    last = verdict(account, loan.slice(1), group.slice(2), trail)
    assert (last["level"], last["loan_money"]) == ("orange", 600)
    assert [r["code"] for r in last["reasons"]] == [
        "circles.retained", "circles.even", "circles.hours", "circles.loan_money",
    ]  # fmt: skip


def test_more_circles_than_allowed_are_refused():
    with pytest.raises(DataError, match="more than 1 circles"):
        found("A B 5", "B A 5", "A B 5", "B A 5", most=1)


def test_a_watch_refuses_what_is_too_late_and_goes_on():
    watch = CircleWatch(late_hours=1, hours=1, least=Money(1))
    assert watch.see("f1", "A", "B", 5, START) is None
    assert watch.see("f2", "X", "Y", 5, START + timedelta(hours=1, seconds=1)) is None
    with pytest.raises(DataError, match="more than 1 hours before"):
        watch.see("f3", "B", "A", 5, START)
    assert watch.see("f4", "B", "A", 5, START + timedelta(hours=1)) is not None


def test_a_watch_with_too_many_circles_takes_nothing():
    watch = CircleWatch(hours=1, least=Money(1), most=1)
    watch.take(flow_table("A B 5", "B A 5"))
    before = watch.save()
    with pytest.raises(DataError, match="more than 1 circles"):
        watch.take(flow_table("A B 5", "B A 5", "A B 5", "B A 5", "C D 1"))
    assert watch.save() == before


def test_one_transfer_that_closes_too_many_circles_is_not_taken():
    watch = CircleWatch(hours=1, least=Money(1), most=1)
    watch.take(flow_table("A B 5", "A C 5", "C B 5"))
    before, later = watch.save(), START + timedelta(minutes=1)
    with pytest.raises(DataError, match="more than 1 circles"):
        watch.see("f9", "B", "A", 5, later)
    assert watch.save() == before
    assert len(watch.see("f9", "B", "C", 5, later)["circle"]) == 1


@pytest.mark.parametrize(
    ("days", "counts"),
    [(20, [164, 57, 17, 5, 3, 1, 0]), (100, [455, 481, 528, 1005, 1734, 2446, 3131])],
)
def test_counts_of_a_simulation(days, counts):
    tables = load("amlsim", dataset("amlsim_20k") / "20K_cycle200").tables
    got = circles(
        tables["flow"],
        tables["bank_account"],
        hours=24 * days,
        legs=8,
        least=Money(1),
        retained=Rate(0),
    )
    assert np.bincount(got["circle"]["legs"], minlength=9)[2:].tolist() == counts
    assert pa.compute.all(pa.compute.greater(got["circle"]["bottleneck"], 0)).as_py()
