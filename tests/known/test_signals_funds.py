"""F1 and F2 on a few transfers worked by hand: what comes back, and what lies idle."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong import trace
from liandong.kernels.money.arriving import first_arrivals, hops
from liandong.watch import signals
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

    The loan L2 of F1, of 400 on the same day and to its second account, is never spent.
    """
    board = Board("F1", "F2", "F3", "F4", "G1", "B1", "P1")
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
        ("bank", "second", 400, 0, "disbursement", "L2"),
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
    read = [board.tables[n] for n in ("flow", "bank_account", "loan")]
    board.tables["lot"] = trace.follow(*read)["lot"]
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


def test_without_lots_nobody_is_judged():
    board = moved(("own", "saved", 600, 3))
    board.tables["lot"] = board.tables["lot"].slice(0, 0)
    assert board.judged("F2", LATER) == {}


def test_any_order_of_lots_says_the_same():
    board = moved(("own", "a", 700, 1), ("a", "b", 500, 2), ("b", "own", 250, 3))
    given, lot = board.given(), board.tables["lot"]
    turned = lot.take(pa.array(np.arange(len(lot))[::-1]))
    rule = signals.rule.make(as_of=date.fromisoformat(LATER))
    one, other = (
        signals(*({**given, "lot": t}[n] for n in signals.reads), rule=rule) for t in (lot, turned)
    )
    assert one["warning"].equals(other["warning"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-1, 10), st.booleans()), max_size=11))
def test_first_arrivals_as_paths_say(rows):
    parent = np.array([min(p, k - 1) for k, (p, _) in enumerate(rows)], np.int64)
    hit = np.array([h for _, h in rows], bool)

    def path(k: int) -> list[int]:
        return [k, *path(parent[k])] if k >= 0 else []

    paths = [path(k)[1:] for k in range(len(rows))]
    assert hops(parent).tolist() == [len(p) for p in paths]
    want = [bool(hit[k]) and not any(hit[p] for p in paths[k]) for k in range(len(rows))]
    assert first_arrivals(parent, hit).tolist() == want
