"""F1 and F2 on a few transfers worked by hand: what comes back, and what lies idle."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.money.arriving import Moves, Tranches, coming_back
from support.warnings import Board

BEGIN = date(2024, 3, 1)
ACCOUNTS = {
    "bank": ("B1", "loan"), "own": ("F1", "current"), "second": ("F1", "current"),
    "a": ("F2", "current"), "b": ("F3", "current"), "c": ("F4", "current"),
    "saved": ("F1", "wealth"), "a_saved": ("F2", "deposit"), "house": ("G1", "property"),
}  # fmt: skip
LATER = str(BEGIN + timedelta(days=60))


def moved(*transfers: tuple, ties: tuple = ()) -> Board:
    """A loan L1 of 1000 to F1 on 1 March, then transfers (from, to, amount, days later[, kind]).

    L2 is another loan of F1, whose paying out is not among the transfers.
    """
    kinds = [*["firm"] * 5, "bank", "person"]
    board = Board("F1", "F2", "F3", "F4", "G1", "B1", "P1", kind=kinds)
    ids = list(ACCOUNTS)
    board.put(
        "bank_account", account_id=ids, party_id=[ACCOUNTS[a][0] for a in ids],
        kind=[ACCOUNTS[a][1] for a in ids], opening_balance=[10**6, *[0] * (len(ids) - 1)],
    )  # fmt: skip
    board.put(
        "loan", loan_id=["L1", "L2"], party_id=["F1", "F1"], lender_id=["B1", "B1"],
        account_id=["own", "second"], amount=[1000, 400], start=[BEGIN, BEGIN],
        term_months=[12, 12], status=["current", "current"],
    )  # fmt: skip
    rows = [
        ("bank", "own", 1000, 0, "disbursement", "L1"),
        *((*t, "transfer", None)[:6] if len(t) == 4 else (*t, "L2") for t in transfers),
    ]
    noon = datetime(BEGIN.year, BEGIN.month, BEGIN.day, 12, tzinfo=UTC)
    board.put(
        "flow", flow_id=[f"T{k}" for k in range(len(rows))], src_account=[r[0] for r in rows],
        dst_account=[r[1] for r in rows], amount=[r[2] for r in rows],
        at=[noon + timedelta(days=r[3]) for r in rows], seq=list(range(len(rows))),
        kind=[r[4] for r in rows], loan_id=[r[5] for r in rows],
    )  # fmt: skip
    if ties:
        board.put(
            "edge", src=[t[0] for t in ties], dst=[t[1] for t in ties],
            kind=["owns"] * len(ties), valid_from=[date(2020, 1, 1)] * len(ties),
        )  # fmt: skip
    return board


def returned(*transfers: tuple, day: str = LATER, ties: tuple = (), **rule: object) -> dict:
    return moved(*transfers, ties=ties).judged("F1", day, f1=rule)["F1"]


@pytest.mark.parametrize(
    ("back", "level"),
    [(100, None), (101, "yellow"), (300, "yellow"), (301, "orange"), (600, "orange"), (601, "red")],
)
def test_money_that_returns_at_each_threshold(back, level):
    said = returned(("own", "a", 700, 1), ("a", "own", back, 2))
    assert (said["value"], said["level"]) == (back / 1000, level)
    assert said["reasons"] == ["watch.fund_return"]


def test_evidence_names_the_loan():
    said = returned(("own", "a", 700, 1), ("a", "own", 200, 2))
    assert said["evidence"] == {"day": LATER, "loan_id": "L1", "lent": 1000, "arrived": 200}


@pytest.mark.parametrize(("days", "value"), [(30, 0.7), (31, 0.0)])
def test_how_soon(days, value):
    assert returned(("own", "a", 700, 1), ("a", "own", 700, days))["value"] == value


def test_how_many_transfers():
    around = ("own", "a", 700, 1), ("a", "b", 700, 2), ("b", "c", 700, 3), ("c", "own", 700, 4)
    assert returned(*around)["value"] == 0.7
    assert returned(*around, hops=3)["value"] == 0.0


def test_paths_go_forward_in_time_and_conserve_amounts():
    # b had paid before anything reached it, so nothing it paid was of the loan.
    assert returned(("own", "a", 500, 1), ("a", "b", 500, 3), ("b", "own", 500, 2))["value"] == 0
    # 300 that come back twice are counted once.
    twice = ("own", "a", 300, 1), ("a", "own", 300, 2), ("own", "a", 700, 3), ("a", "own", 300, 4)
    assert returned(*twice, ("own", "b", 300, 5), ("b", "own", 300, 6))["value"] == 0.6


def test_the_same_fen_is_counted_once():
    round_and_round = [
        leg
        for k in range(1, 4)
        for leg in (("own", "a", 1000, 2 * k), ("a", "own", 1000, 2 * k + 1))
    ]
    assert returned(*round_and_round)["value"] == 1.0


def test_related_parties_are_tied_or_tied_to_the_same():
    paid = ("own", "a", 400, 1)
    assert returned(paid)["value"] == 0.0
    assert returned(paid, ties=(("F1", "F2"),))["value"] == 0.4
    assert returned(paid, ties=(("P1", "F1"), ("P1", "F2")))["value"] == 0.4
    assert returned(paid, ties=(("P1", "F1"), ("P1", "F3"), ("F3", "F2")))["value"] == 0.0


def test_transfers_made_later_are_not_used_before():
    legs = ("own", "a", 700, 1), ("a", "own", 700, 5)
    assert returned(*legs, day="2024-03-05")["value"] == 0.0
    assert returned(*legs, day="2024-03-06")["value"] == 0.7


def test_old_loans_are_no_longer_judged():
    board = moved(("own", "a", 700, 1), ("a", "own", 700, 2))
    assert board.judged("F1", str(BEGIN + timedelta(days=364))) != {}
    assert board.judged("F1", str(BEGIN + timedelta(days=366))) == {}


def idle(*transfers: tuple, day: str = LATER, ties: tuple = ()) -> dict:
    return moved(*transfers, ties=ties).judged("F2", day)["F1"]


@pytest.mark.parametrize(
    ("saved", "level"), [(200, None), (201, "yellow"), (500, "yellow"), (501, "orange")]
)
def test_idle_money_at_each_threshold(saved, level):
    said = idle(("own", "saved", saved, 1))
    assert (said["value"], said["level"]) == (saved / 1000, level)


@pytest.mark.parametrize(("days", "value"), [(5, 0.6), (6, 0.0)])
def test_how_soon_money_is_idle(days, value):
    assert idle(("own", "house", 600, days))["value"] == value


def test_what_a_supplier_saves_is_his_own_unless_he_is_related():
    legs = ("own", "a", 600, 1), ("a", "a_saved", 600, 2)
    assert idle(*legs)["value"] == 0.0
    assert idle(*legs, ties=(("P1", "F1"), ("P1", "F2")))["value"] == 0.6


def test_a_loan_repaid_from_another():
    assert idle(("own", "bank", 300, 2, "repayment"))["value"] == 0.3


def test_idle_money_of_later_is_not_used_before():
    assert idle(("own", "saved", 600, 3), day="2024-03-03")["value"] == 0.0
    assert idle(("own", "saved", 600, 3), day="2024-03-04")["value"] == 0.6


def test_a_loan_that_is_not_paid_out_is_not_judged():
    board = moved(("own", "saved", 600, 3))
    board.tables["flow"] = board.tables["flow"].slice(1)
    assert board.judged("F2", LATER) == {}


def test_with_a_bank_money_stays():
    legs = ("own", "bank", 500, 1), ("bank", "a", 500, 2), ("a", "own", 500, 3)
    assert returned(*legs)["value"] == 0.0


def split(parties: int, transfers: list[tuple[int, int, int]], hops: int, near: set[int]) -> int:
    """Follow 5 fen of party 0 one by one, each with its number of transfers, first in first out."""
    held: dict[int, list[int]] = {0: [0] * 5}
    back = 0
    for src, dst, amount in transfers:
        if src == dst or not held.get(src):
            continue
        held[src].sort()
        paid, held[src] = held[src][:amount], held[src][amount:]
        gone = [h + 1 for h in paid if h + 1 <= hops]
        if dst in near:
            back += len(gone)
        elif dst != parties - 1:  # the last one is a bank
            held[dst] = held.get(dst, []) + [h for h in gone if h < hops]
    return back


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 6)), max_size=25),
    st.integers(1, 4),
    st.sets(st.integers(1, 4)),
)
def test_what_comes_back_is_what_single_fen_say(transfers, hops, related):
    near = {0, *related}
    src, dst, amount = (np.array([t[k] for t in transfers], np.int64) for k in range(3))
    none = np.full(len(src), -1)
    moves = Moves(src, dst, amount, none, np.zeros(len(src), bool))
    ends = [np.array([x], np.int64) for x in (0, 0, 5, 0, len(src))]
    lent = Tranches(*ends, np.array([0, len(near)]), np.array(sorted(near), np.int64))
    stops = np.arange(6) == 5
    rows = np.zeros((coming_back(moves, lent, stops, hops, np.zeros((0, 3), np.int64)), 3), int)
    coming_back(moves, lent, stops, hops, rows)
    assert rows[:, 2].sum() == split(6, transfers, hops, near)
