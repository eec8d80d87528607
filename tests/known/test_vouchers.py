"""Books of vouchers worked by hand: lots, holders, interest, and every act that cannot be."""

from datetime import date

import pytest

from liandong.errors import DataError, InvariantError
from liandong.schema.tables.vouchers import FAULTS
from liandong.trace import vouchers
from liandong.trace.receivables import book as books
from support.vouchers import act_table, faults, held, left

CHAIN = (
    "issue C>S1 10000 v=V1 invoice=I1",
    "transfer S1>S2 6000 v=V1",  # a split: 4000 stay
    "discount S2>B 2500 lot=a2#1 rate=36000",
    "transfer S2>S3 3500 v=V1",
    "settle C>S1 4000 v=V1 day=181",
    "settle C>B 2500 v=V1 day=181",
)


def test_a_chain_of_splits_to_the_end():
    got = vouchers(act_table(*CHAIN))
    assert faults(got) == {}
    rows = {r["lot_id"]: r for r in got["voucher_lot"].to_pylist()}
    tree = {n: (r["parent_id"], r["holder_id"], r["amount"], r["left"]) for n, r in rows.items()}
    assert tree == {
        "a1#1": (None, "S1", 10000, 0), "a2#1": ("a1#1", "S2", 6000, 0),
        "a3#1": ("a2#1", "B", 2500, 0), "a4#1": ("a2#1", "S3", 3500, 3500),
    }  # fmt: skip
    assert {n: r["state"] for n, r in rows.items()} == {
        "a1#1": "settled", "a2#1": "passed", "a3#1": "settled", "a4#1": "open",
    }  # fmt: skip
    assert held(got) == {("V1", "S3"): 3500}
    assert rows["a4#1"]["depth"] == 2
    ends = [m for m in got["voucher_move"].to_pylist() if m["child_id"] is None]
    assert sum(m["amount"] for m in ends) == 6500


def test_states_are_those_of_the_day():
    states = {}
    for day in (date(2024, 1, 5), date(2024, 6, 30), date(2024, 7, 1)):
        rows = vouchers(act_table(*CHAIN), as_of=day)["voucher_lot"].to_pylist()
        states[day] = [r["state"] for r in rows]
    assert states == {
        date(2024, 1, 5): ["open", "passed", "discounted", "open"],
        date(2024, 6, 30): ["settled", "passed", "settled", "open"],
        date(2024, 7, 1): ["settled", "passed", "settled", "overdue"],
    }


@pytest.mark.parametrize(
    ("day", "fen"), [(date(2024, 1, 4), 45), (date(2024, 6, 29), 0), (date(2024, 6, 30), 0)]
)
def test_interest_runs_to_the_due_day(day: date, fen: int):
    # 2500 fen at 3.6 % for 178 days: 44.5 fen, which are 45; 1 day: 0.25 fen, which are none.
    after = (day - date(2024, 1, 1)).days
    got = vouchers(act_table(
        "issue C>S1 2500 v=V1", f"discount S1>B 2500 v=V1 rate=36000 day={after}"
    ))["voucher_discount"].to_pylist()[0]  # fmt: skip
    assert (got["interest"], got["proceeds"]) == (fen, 2500 - fen)
    assert got["days"] == (date(2024, 6, 30) - day).days
    assert got["bearer_id"] == "S1"


def test_the_issuer_may_bear_the_interest():
    acts = act_table("issue C>S1 10000000 v=V1", "discount S1>B 10000000 v=V1 rate=36500 by=issuer")
    got = vouchers(acts, year_days=365)["voucher_discount"].to_pylist()[0]
    assert (got["interest"], got["proceeds"], got["bearer_id"]) == (179_000, 10_000_000, "C")


def test_oldest_lots_go_first_unless_named():
    start = ("issue C>S 100 v=V1", "issue C>S 200 v=V2")
    assert left(vouchers(act_table(*start, "transfer S>T 150"))) == {
        "a2#1": ("S", 150), "a3#1": ("T", 100), "a3#2": ("T", 50),
    }  # fmt: skip
    assert left(vouchers(act_table(*start, "transfer S>T 150 lot=a2"))) == {
        "a1#1": ("S", 100), "a2#1": ("S", 50), "a3#1": ("T", 150),
    }  # fmt: skip
    assert left(vouchers(act_table(*start, "transfer S>T 150 v=V2"))) == {
        "a1#1": ("S", 100), "a2#1": ("S", 50), "a3#1": ("T", 150),
    }  # fmt: skip


def test_a_split_stays_with_its_holder_and_can_be_named():
    got = vouchers(
        act_table("issue C>S 100 v=V", "split S> 30 v=V", "discount S>B 30 lot=a2 rate=1")
    )
    assert left(got) == {"a1#1": ("S", 70), "a3#1": ("B", 30)}


def test_a_cancellation_ends_a_lot():
    got = vouchers(act_table("issue C>S 100 v=V", "cancel C>S 40 v=V", "cancel C>S 60 v=V"))
    assert faults(got) == {}
    assert held(got) == {}
    assert got["voucher_lot"]["state"].to_pylist() == ["cancelled"]


FAULTY = {
    "zero": ["transfer S>T 0 v=V"],
    "negative": ["transfer S>T -5 v=V"],
    "no_party": ["transfer S> 5 v=V"],
    "self_transfer": ["transfer S>S 5 v=V"],
    "no_voucher": ["settle C>S 5"],
    "no_due": ["issue C>S 5 v=W due=-"],
    "no_rate": ["discount S>B 5 v=V"],
    "due_passed": ["issue C>S 5 v=W due=2023-12-31"],
    "issued_twice": ["issue C>S 5 v=V"],
    "unknown_voucher": ["transfer S>T 5 v=W"],
    "unknown_parent": ["transfer S>T 5 lot=nowhere"],
    "other_voucher": ["issue C>S 5 v=W", "transfer S>T 5 v=W lot=a1"],
    "not_holder": ["transfer T>S 5 lot=a1"],
    "not_issuer": ["settle D>S 5 v=V"],
    "more_than_held": ["transfer S>T 101 v=V"],
    "after_maturity": ["transfer S>T 5 v=V day=182"],
    "across_due": ["transfer S>T 5 v=V due=2024-07-01"],
    "settled_twice": ["settle C>S 100 v=V day=181", "settle C>S 100 v=V day=182"],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_act_that_cannot_be_is_told_and_changes_nothing(fault: str):
    *before, wrong = FAULTY[fault]
    good = vouchers(act_table("issue C>S 100 v=V", *before))
    got = vouchers(act_table("issue C>S 100 v=V", *before, wrong))
    assert faults(good) == {}
    assert faults(got) == {f"a{2 + len(before)}": fault}
    assert held(got) == held(good)
    row = got["voucher_fault"].to_pylist()[0]
    assert [r["code"] for r in row["reasons"]] == [f"trace.voucher_{fault}"]
    if fault == "more_than_held":
        assert (row["held"], row["reasons"][0]["points"]) == (100, 1)


def test_vouchers_due_on_different_days_do_not_mix():
    start = ("issue C>S 100 v=V", "issue C>S 100 v=W due=2024-05-31")
    assert faults(vouchers(act_table(*start, "transfer S>T 150"))) == {"a3": "across_due"}
    named = vouchers(act_table(*start, "transfer S>T 60 due=2024-05-31"))
    assert held(named) == {("V", "S"): 100, ("W", "S"): 40, ("W", "T"): 60}
    # What is overdue stays where it is: the oldest that still may go.
    late = vouchers(act_table(*start, "transfer S>T 60 day=160"))
    assert held(late) == {("V", "S"): 40, ("V", "T"): 60, ("W", "S"): 100}
    assert faults(vouchers(act_table(*start, "transfer S>T 60 day=200"))) == {
        "a3": "after_maturity"
    }


def test_a_fault_draws_those_that_rest_on_it():
    got = vouchers(act_table("issue C>S 100 v=V", "transfer S>T 101 v=V", "transfer T>U 5 lot=a2"))
    assert faults(got) == {"a2": "more_than_held", "a3": "unknown_parent"}


def test_a_lot_of_later_is_no_parent():
    got = vouchers(act_table("issue C>S 100 v=V", "transfer S>T 5 lot=a3", "split S>S 9 v=V"))
    assert faults(got) == {"a2": "unknown_parent"}


def test_order_is_time_then_number_then_id():
    lines = ("issue C>S 100 v=V day=1", "transfer S>T 100 v=V day=2 seq=2 id=x",
             "transfer S>U 100 v=V day=2 seq=1 id=y")  # fmt: skip
    for order in ([0, 1, 2], [2, 1, 0]):
        assert held(vouchers(act_table(*lines, order=order))) == {("V", "U"): 100}
    lines = ("issue C>S 100 v=V day=1", "transfer S>T 100 v=V day=2 id=y",
             "transfer S>U 100 v=V day=2 id=x")  # fmt: skip
    assert held(vouchers(act_table(*lines))) == {("V", "U"): 100}


def test_amounts_that_cannot_be_summed_are_refused():
    with pytest.raises(DataError):
        vouchers(act_table(*(f"issue C>S {2**60} v=V{i}" for i in range(4))))


@pytest.mark.parametrize("column", [6, 7, 8])
def test_a_breach_stops_and_names_the_row(monkeypatch, column: int):
    from liandong.kernels.money import vouchers as kernel

    def broken(*given):
        lots, *rest = kernel_run(*given)
        lots[2, column] += 1
        return lots, *rest

    kernel_run = kernel.run
    monkeypatch.setattr(kernel, "run", broken)
    with pytest.raises(InvariantError, match="a3#1"):
        vouchers(act_table(*CHAIN))
    assert books.interest_of(1, 1, 0, 360) == 0
