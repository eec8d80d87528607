"""Known answers of bounds without a rule, worked out by hand, in fen."""

from datetime import date

import pytest

from liandong.errors import DataError, NotFoundError
from liandong.schema.arrow import build, empty
from liandong.step.progress import listening
from liandong.step.reasons import reason_text
from liandong.trace import bounds as by_rule
from liandong.trace import follow
from support.flows import START, account_table, flow_table, holdings

LENT = "bank E {} disbursement loan={}"


def bounds(flow, accounts, loan=None, **rule):
    """Bound loans wherever they can be."""
    return by_rule(flow, accounts, empty("loan") if loan is None else loan, look="reached", **rule)


def bounded(*lines, accounts=None, **rule):
    """Return {loan: {place: (least, most)}}."""
    got = bounds(flow_table(*lines), accounts or account_table(), **rule)
    found = {}
    for r in got["bound"].to_pylist():
        found.setdefault(r["loan_id"], {})[r["place"]] = r["least"], r["most"]
    return found


def test_a_loan_between_an_opening_balance_and_a_sale():
    lines = (LENT.format(30000, "L"), "buyer E 20000", "E X 25000", "E Y 15000")
    got = bounds(flow_table(*lines), account_table(E=10000))
    assert bounded(*lines, accounts=account_table(E=10000)) == {
        "L": {"X": (0, 25000), "Y": (0, 15000), "E": (0, 20000)}
    }
    limits = {(r["place"], r["side"], r["flow_id"], r["what"], r["account_id"], r["amount"])
              for r in got["bound_limit"].to_pylist()}  # fmt: skip
    assert limits == {
        ("X", "most", "f2", "balance", "X", 25000), ("Y", "most", "f3", "balance", "Y", 15000),
        ("E", "most", "f3", "balance", "E", 20000),
    }  # fmt: skip


def test_more_is_paid_than_there_was_other_money():
    lines, accounts = (LENT.format(30000, "L"), "E X 25000"), account_table(E=5000)
    got = bounds(flow_table(*lines), accounts)
    assert bounded(*lines, accounts=accounts) == {"L": {"X": (20000, 25000), "E": (5000, 10000)}}
    (x,) = [r for r in got["bound"].to_pylist() if r["place"] == "X"]
    said = [reason_text(r["code"], r["points"], "en") for r in x["reasons"]]
    assert said == [
        "300.00 yuan were paid out in all",
        "the transfers and balances on the way let no more than 250.00 yuan through",
        "no more than 100.00 yuan can be anywhere else",
    ]
    proof = [r for r in got["bound_limit"].to_pylist() if (r["place"], r["side"]) == ("X", "least")]
    assert [(r["what"], r["account_id"], r["amount"]) for r in proof] == [("balance", "E", 10000)]


def test_an_account_that_pays_more_than_it_holds_keeps_nothing():
    assert bounded(LENT.format(5000, "L"), "E X 8000") == {"L": {"X": (5000, 5000)}}


def test_the_money_may_come_back():
    lines = (LENT.format(100, "L"), "E S 100", "S E2 60", "E2 E 60", "E Z 60")
    assert bounded(*lines, accounts=account_table(S=50))["L"] == {
        "S": (40, 90), "Z": (10, 60),
    }  # fmt: skip


def test_time_runs_one_way():
    assert bounded("E X 50", LENT.format(100, "L"), accounts=account_table(E=50)) == {
        "L": {"E": (100, 100)}
    }


def test_two_ways_join():
    lines = (LENT.format(100, "L"), "E A 100", "E B 100", "A X 10", "B X 100")
    found = bounded(*lines, accounts=account_table(E=100))["L"]
    assert found["X"] == (10, 100)
    assert found["A"] == (0, 90)


def test_what_is_repaid_and_what_ends_in_a_sink():
    lines = (
        LENT.format(100, "L"), "E bank 30 repayment loan=L", "E till 50 cash", "till E 50",
    )  # fmt: skip
    accounts = account_table(till=(0, "cash"))
    assert bounded(*lines, accounts=accounts) == {
        "L": {"repaid:L": (30, 30), "till": (50, 50), "E": (20, 20)}
    }
    kinds = {
        r["place"]: r["kind"] for r in bounds(flow_table(*lines), accounts)["bound"].to_pylist()
    }
    assert kinds == {"repaid:L": "repaid", "till": "sink", "E": "held"}


def test_a_disbursement_taken_back_is_repaid():
    lines = (LENT.format(100, "L"), "bank E -40 disbursement ref=f0 loan=L", "E X 60")
    assert bounded(*lines) == {"L": {"X": (60, 60), "repaid:L": (40, 40)}}


def test_a_refund_of_untouched_money_returns_what_it_came_from():
    lines = (LENT.format(60, "L"), "buyer E 40", "E X 50", "shop X 70", "X E 50 refund ref=f2")
    assert bounded(*lines) == {"L": {"E": (60, 60)}}
    part = (*lines[:-1], "X E 30 refund ref=f2")
    assert bounded(*part) == {"L": {"E": (40, 60), "X": (0, 20)}}


def test_a_refund_of_touched_money_may_be_of_any_origin():
    lines = (
        LENT.format(60, "L"), "buyer E 40", "E X 50", "shop X 70", "X Z 1", "X E 50 refund ref=f2",
    )  # fmt: skip
    got = bounds(flow_table(*lines), account_table())
    (x,) = [r for r in got["bound"].to_pylist() if r["place"] == "X"]
    assert (x["least"], x["most"]) == (0, 50)
    assert {"code": "trace.bound_refunds", "points": 1} in x["reasons"]


def test_loans_of_one_borrower_fill_together_what_each_might_leave():
    lines = (LENT.format(100, "L1"), LENT.format(100, "L2"), "E X 150")
    assert bounded(*lines)["L1"] == {"X": (50, 100), "E": (0, 50)}
    loan = build("loan", {
        "loan_id": ["L1", "L2"], "party_id": ["firm"] * 2, "lender_id": ["bank"] * 2,
        "amount": [100] * 2, "start": [START.date()] * 2, "term_months": [12] * 2,
        "status": ["current"] * 2,
    })  # fmt: skip
    got = bounds(flow_table(*lines), account_table(), loan)["borrower_bound"].to_pylist()
    assert [(r["party_id"], r["place"], r["loans"], r["least"], r["most"]) for r in got] == [
        ("firm", "E", 2, 50, 50), ("firm", "X", 2, 150, 150),
    ]  # fmt: skip
    alone = bounds(flow_table(*lines), account_table(), loan, loans=("L1",))
    assert len(alone["borrower_bound"]) == 0


def test_only_the_loans_and_places_asked_for_and_only_until_the_day():
    lines = (LENT.format(100, "L1"), "bank F 50 disbursement loan=L2", "E X 60", "E X 20 at=86400")
    assert bounded(*lines, loans=("L2",)) == {"L2": {"F": (50, 50)}}
    asked = bounded(*lines, places=("X", "repaid:L1"))
    assert asked == {
        "L1": {"X": (80, 80), "repaid:L1": (0, 0)}, "L2": {"X": (0, 0), "repaid:L1": (0, 0)},
    }  # fmt: skip
    assert bounded(*lines, until=START.date())["L1"] == {"X": (60, 60), "E": (40, 40)}
    assert bounded(*lines, until=date(2019, 12, 31)) == {}
    with pytest.raises(NotFoundError, match="L3"):
        bounded(*lines, loans=("L3",))
    with pytest.raises(NotFoundError, match="nowhere"):
        bounded(*lines, places=("nowhere",))


def test_places_are_spelled_as_where_a_trace_finds_money():
    lines = (LENT.format(100, "L"), "E bank 30 repayment loan=L", "E till 50 cash")
    flow, accounts = flow_table(*lines), account_table(till=(0, "cash"), E=20)
    found = {(r["place"], r["kind"]) for r in bounds(flow, accounts)["bound"].to_pylist()}
    traced = {(r["place"], r["kind"]) for r in follow(flow, accounts)["holding"].to_pylist()}
    assert traced <= found
    assert (
        holdings(follow(flow, accounts))["L"].keys()
        <= bounded(*lines, accounts=accounts)["L"].keys()
    )


def test_without_a_look_further_the_places_are_those_of_traces():
    lines, accounts = (LENT.format(100, "L"), "E X 60", "E Y 40"), account_table(E=40)
    flow, none = flow_table(*lines), empty("loan")
    traced = follow(flow, accounts)["holding"]
    got = by_rule(flow, accounts, none, traced)["bound"].to_pylist()
    assert {r["place"]: (r["least"], r["most"]) for r in got} == {
        "E": (0, 40),
        "X": (20, 60),
        "Y": (0, 40),
    }
    few = by_rule(flow, accounts, none, traced.slice(0, 1))["bound"].to_pylist()
    assert [r["place"] for r in few] == [traced["place"][0].as_py()]
    with pytest.raises(DataError, match=r"trace\.follow"):
        by_rule(flow, accounts)


def test_what_comes_into_an_account_in_debt_pays_the_debt():
    lines, accounts = (LENT.format(100, "L"), "E X 70"), account_table(E=(-30, "current", 50))
    assert bounded(*lines, accounts=accounts) == {"L": {"overdraft:E": (30, 30), "X": (70, 70)}}
    more = ("buyer E 20", LENT.format(100, "L"), "E X 40")
    assert bounded(*more, accounts=accounts) == {
        "L": {"overdraft:E": (10, 10), "X": (40, 40), "E": (50, 50)}
    }


def test_it_tells_after_each_loan_how_many_are_bounded():
    told = []
    with listening(lambda done, of: told.append((done, of))):
        bounds(flow_table(LENT.format(30000, "L"), "bank F 10000 disbursement loan=M"),
               account_table())  # fmt: skip
    bounds(flow_table(LENT.format(30000, "L")), account_table())
    assert told == [(1, 2), (2, 2)]
