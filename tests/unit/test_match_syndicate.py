"""Joint funds: who pays what, faults by name, and money paid out by several exactly once."""

from datetime import date, timedelta

import pytest

import liandong as ld
from liandong.errors import ConflictError, DataError
from liandong.match import syndicate
from liandong.schema.arrow import empty
from liandong.settle import balances, disburse
from liandong.step.reasons import reason_text
from support.funds import offers, participations
from support.lending import DAY, products

FUND = [("P", "A", 600_000), ("P", "B", 400_000)]


def shared(fund, rows, product=None, day=DAY):
    offer, product = offers(day, *rows), product or products(P={}, Q={})
    got = syndicate(offer, participations(*fund), product, empty("quote"), as_of=day)
    return {(r["project_id"], r["lender_id"]): r for r in got["contribution"].to_pylist()}


def amounts(found):
    return {k: r["amount"] for k, r in found.items()}


def test_an_offer_is_shared_and_says_why():
    found = shared(FUND, [("E", "P", 1_000), ("F", "Q", 500), ("G", "P", 0)])
    assert amounts(found) == {("E", "A"): 600, ("E", "B"): 400}
    assert found["E", "A"]["interest"] == 26  # 43.5 fen a year is 43, of which 25.8
    assert found["E", "A"]["expected_loss"] is None
    assert found["E", "A"]["reasons"] == [{"code": "match.fund_share", "points": 600_000}]
    assert all(reason_text("match.fund_share", 600_000, lang) for lang in ("zh", "en"))


def test_single_fen_go_to_whoever_is_behind():
    third = [("P", lender, 333_333 + (lender == "A")) for lender in "ABC"]
    found = amounts(shared(third, [(f"E{i}", "P", 1) for i in range(9)]))
    assert [max("ABC", key=lambda p: found[f"E{i}", p]) for i in range(9)] == list("ABC" * 3)


def test_shares_change_with_the_day():
    old, new = DAY - timedelta(30), DAY - timedelta(1)
    fund = [("P", "A", 10**6, old, new), ("P", "A", 500_000, DAY), ("P", "B", 500_000, DAY)]
    assert amounts(shared(fund, [("E", "P", 10)], day=new)) == {("E", "A"): 10}
    assert amounts(shared(fund, [("E", "P", 10)])) == {("E", "A"): 5, ("E", "B"): 5}
    # Before it begins the product has its one lender.
    assert shared(fund, [("E", "P", 10)], day=old - timedelta(1)) == {}


@pytest.mark.parametrize(
    ("fund", "what"),
    [
        ([("P", "A", 600_000), ("P", "B", 300_000)], "product P.*900000"),
        ([("P", "A", 600_000), ("P", "B", 400_001)], "product P.*1000001"),
        ([*FUND, ("P", "A", 1, date(2023, 2, 1))], "product P.*two shares of lender A"),
        ([("P", "A", 10**6, DAY - timedelta(9), DAY - timedelta(1))], "product P.* 0 ppm"),
        ([("X", "A", 10**6)], "no product X"),
        ([("P", "A", 600_000, DAY, None, 5_000), ("P", "B", 400_000)], "lender A.*product P.*83 y"),
    ],
)
def test_faults_of_a_fund_are_named(fund, what):
    with pytest.raises(DataError, match=what):
        shared(fund, [("E", "P", 10)], products(P={"capacity": 8_334}))


def test_a_lender_never_pays_more_than_his_most():
    fund = [("P", "A", 600_000, DAY, None, 5_000), ("P", "B", 400_000)]
    found = shared(fund, [("E", "P", 8_333)], products(P={"capacity": 8_333}))
    assert amounts(found) == {("E", "A"): 5_000, ("E", "B"): 3_333}
    assert found["E", "A"]["reasons"][1] == {"code": "match.fund_most", "points": 50}


def payment(fund, rows, **before):
    offer, product = offers(DAY, *rows), products(P={}, Q={})
    part = participations(*fund)
    got = syndicate(offer, part, product, empty("quote"), as_of=DAY)
    given = {"loan": empty("loan"), "entry": empty("entry"), **before}
    given |= {"contribution": got["contribution"], "participation": part}
    return disburse(
        offer, product, *(given[n] for n in ("loan", "entry", "contribution", "participation")),
        as_of=DAY,
    )  # fmt: skip


def test_all_lenders_pay_out_and_the_loan_is_one():
    got = payment(FUND, [("E", "P", 1_000), ("F", "Q", 500)])
    assert got["loan"]["amount"].to_pylist().count(1_000) == 1
    assert len(got["loan"]) == 2
    book = {r["account_id"]: r for r in balances(got["entry"]).to_pylist()}
    assert {a: r["debit"] for a, r in book.items() if r["debit"]} == {
        "loans:A:CNY": 600, "loans:B:CNY": 400, "loans:BANK:CNY": 500,
    }  # fmt: skip
    assert (book["deposits:E:CNY"]["credit"], book["deposits:F:CNY"]["credit"]) == (1_000, 500)
    assert "loans:B:CNY" in got["account"]["account_id"].to_pylist()
    again = payment(FUND, [("E", "P", 1_000), ("F", "Q", 500)], **got)
    assert again["entry"] == got["entry"]


def test_nothing_is_paid_without_the_contributions():
    offer = offers(DAY, ("E", "P", 1_000))
    none = (empty("loan"), empty("entry"))
    for part in (empty("contribution"), payment_parts(999)):
        with pytest.raises(DataError, match=r"project E.*match\.syndicate"):
            disburse(offer, products(P={}), *none, part, participations(*FUND), as_of=DAY)
    # A fund that begins later does not matter yet.
    later = participations(("P", "A", 10**6, DAY + timedelta(1)))
    got = disburse(offer, products(P={}), *none, empty("contribution"), later, as_of=DAY)
    assert got["entry"]["debit"].to_pylist() == ["loans:BANK:CNY"]


def payment_parts(amount):
    """Return contributions to an offer of another amount."""
    offer = offers(DAY, ("E", "P", amount))
    args = (offer, participations(*FUND), products(P={}), empty("quote"))
    return syndicate(*args, as_of=DAY)["contribution"]


@pytest.mark.parametrize(
    "others",
    [
        [("P", "A", 600_000), ("P", "C", 400_000)],
        [("P", "A", 10**6)],
        [*FUND[:1], ("P", "B", 300_000), ("P", "C", 100_000)],
        [],
    ],
)
def test_what_was_paid_out_is_not_paid_again_by_others(others):
    first = payment(FUND, [("E", "P", 1_000)])
    with pytest.raises(ConflictError, match="entry"):
        payment(others, [("E", "P", 1_000)], loan=first["loan"], entry=first["entry"])
    sole = payment([], [("E", "P", 1_000)])
    with pytest.raises(ConflictError, match="entry"):
        payment(FUND, [("E", "P", 1_000)], loan=sole["loan"], entry=sole["entry"])


def test_the_board_pays_a_fund_once_and_only_what_was_approved(tmp_path):
    with ld.open(tmp_path / "f.board", actor="ann") as board:
        board.put("fund", {
            "offer": offers(DAY, ("E", "P", 1_000)), "product": products(P={}),
            "participation": participations(*FUND),
        })  # fmt: skip
        board.run(syndicate, as_of=DAY)
        board.acting("bob").approve(board.propose(disburse))
        board.run(disburse, as_of=DAY)
        before = board.table("entry").arrow()
        assert sorted(before["amount"].to_pylist()) == [400, 600]
        shares = participations(("P", "A", 500_000), ("P", "B", 500_000))
        board.put("fund", {
            "offer": offers(DAY, ("E", "P", 1_000)), "product": products(P={}),
            "participation": shares,
        })  # fmt: skip
        board.run(syndicate, as_of=DAY)
        assert not board.approved(disburse)
        board.acting("bob").approve(board.propose(disburse))
        with pytest.raises(ConflictError):
            board.run(disburse, as_of=DAY)
        assert board.table("entry").arrow() == before
        assert board.check() == []
