"""Known answers of tracing by every rule of queues: overdrafts, lots, rollovers, bad input."""

import pytest

from liandong.schema.arrow import build
from liandong.schema.tables.tracing import QUEUES
from liandong.trace import examine, follow
from support.flows import START, account_table, flow_table, holdings, trails

LENT = "bank {} {} disbursement loan={}"


def traced(*lines, accounts=None, loan=None, **rule):
    return follow(
        flow_table(*lines), accounts or account_table(), *([loan] if loan else []), **rule
    )


def loan_table(**borrowers):
    n = len(borrowers)
    return build("loan", {
        "loan_id": list(borrowers), "party_id": list(borrowers.values()), "lender_id": ["bank"] * n,
        "amount": [1] * n, "start": [START.date()] * n, "term_months": [12] * n,
        "status": ["current"] * n,
    })  # fmt: skip


def caps(tables):
    return {r["place"]: r["cap"] for r in tables["holding"].to_pylist()}


OPENING, SALE = account_table(E=10000), "buyer E 20000"
KAT_1 = (LENT.format("E", 30000, "L"), SALE, "E X 25000", "E Y 15000")


def test_the_cap_is_the_lowest_balance_since_the_money_came():
    # E falls to 20000 at last, which does not cap what the rules find there.
    assert caps(traced(*KAT_1, accounts=OPENING, method="clean_first"))["E"] == 20000
    # The loan's own money comes back to an account that was empty in between.
    lines = (LENT.format("E", 100, "L"), "E X 60", "E Y 40", "X E 60", "buyer E 500")
    got = traced(*lines)
    assert holdings(got) == {"L": {"E": 60, "Y": 40}}
    assert caps(got) == {"E": 0, "Y": 40}
    lines = (LENT.format("E", 100, "L"), "E X 70", "X E 70", "E Y 20")
    assert caps(traced(*lines)) == {"E": 30, "Y": 20}


@pytest.mark.parametrize("method", QUEUES)
def test_money_beyond_what_an_account_holds_is_unexplained(method):
    flow = flow_table(LENT.format("E", 5000, "L"), "E X 8000")
    got = follow(flow, account_table(), method=method)
    assert holdings(got) == {"L": {"X": 5000}}
    (row,) = examine(flow, account_table())["shortfall"].to_pylist()
    assert (row["account_id"], row["amount"], row["flow_id"]) == ("E", 3000, "f1")


@pytest.mark.parametrize(("method", "want"), [
    ("fifo", {"E": 9000, "E2": 1000}),
    # 5000 clean and 7000 of the loan reach E2, and the loan's leave it first.
    ("lifo", {"S": 3000, "E": 7000}),
])  # fmt: skip
def test_round_trip(method, want):
    lines = (
        LENT.format("E", 10000, "L"), "E S 10000", "buyer S 5000", "S E2 12000", "E2 E 9000",
    )  # fmt: skip
    assert holdings(traced(*lines, method=method)) == {"L": want}


@pytest.mark.parametrize(("method", "want"), [
    ("fifo", {"L1": {"X": 10000}, "L2": {"X": 2000, "FEE": 100, "E": 2900}}),
    ("lifo", {"L1": {"X": 7000, "FEE": 100, "E": 2900}, "L2": {"X": 5000}}),
])  # fmt: skip
def test_a_fee_after_the_principal(method, want):
    got = traced(
        LENT.format("E", 10000, "L1"), LENT.format("E", 5000, "L2"), "E X 12000", "E FEE 100 fee",
        accounts=account_table(FEE=(0, "fee")), method=method,
    )  # fmt: skip
    assert holdings(got) == want


@pytest.mark.parametrize("method", QUEUES)
def test_every_rule_lies_within_what_is_possible(method):
    got = traced(
        LENT.format("E", 30000, "L"), "E X 25000", accounts=account_table(E=5000), method=method
    )
    assert 20000 <= holdings(got)["L"]["X"] <= 25000


@pytest.mark.parametrize(("method", "want"), [
    # X was paid 60 of the loan and 40 clean; 50 come back as 30 and 20, and E pays 25 more.
    ("fifo", {"X": 3000, "Z": 2500, "E": 500}),
    ("clean_first", {"X": 3000, "Z": 500, "E": 2500}),
    ("taint_first", {"X": 3000, "Z": 2500, "E": 500}),
    # Newest first what came back is newer than nothing: 30 of the loan leave before the 20.
    ("lifo", {"X": 3000, "Z": 2500, "E": 500}),
])  # fmt: skip
def test_a_refund_gives_back_the_same_money_to_where_it_was(method, want):
    got = traced(
        LENT.format("E", 6000, "L"), "buyer E 4000", "E X 10000", "X E 5000 refund ref=f2",
        "E Z 2500", method=method,
    )  # fmt: skip
    assert holdings(got) == {"L": want}


def test_what_comes_back_under_newest_first_is_older_than_what_came_since():
    got = traced(
        LENT.format("E", 100, "L"), "E X 100", LENT.format("E", 50, "M"),
        "X E 100 refund ref=f1", "E Z 60", method="lifo",
    )  # fmt: skip
    assert holdings(got) == {"L": {"E": 90, "Z": 10}, "M": {"Z": 50}}


OVERDRAWN = ("E Z 3000", LENT.format("E", 10000, "L"), "E X 7000")


@pytest.mark.parametrize("method", QUEUES)
def test_money_that_reaches_an_account_in_debt_pays_its_bank(method):
    accounts = account_table(E=(0, "current", 5000))
    got = traced(*OVERDRAWN, accounts=accounts, method=method)
    assert holdings(got) == {"L": {"overdraft:E": 3000, "X": 7000}}
    kinds = {r["place"]: r["kind"] for r in got["holding"].to_pylist()}
    assert kinds == {"overdraft:E": "sink", "X": "held"}
    assert [r["amount"] for r in got["trail"].to_pylist()] == [10000, 7000]
    back = traced(*OVERDRAWN, accounts=accounts, method=method, backward=True)
    assert holdings(back) == {"L": {"Z": 3000, "X": 7000}}
    assert {r["place"]: r["kind"] for r in back["holding"].to_pylist()}["Z"] == "backward"
    assert len(examine(flow_table(*OVERDRAWN), accounts)["shortfall"]) == 0


def test_debts_are_paid_the_oldest_first_and_only_within_the_facility():
    accounts = account_table(E=(-1000, "current", 4000))
    lines = ("E Z 2000", "E Y 2500", LENT.format("E", 2500, "L"))
    got = traced(*lines, accounts=accounts, backward=True)
    # 1000 from the start, then Z; of what Y got, 1000 was a debt and 1500 is unexplained.
    assert holdings(got) == {"L": {"overdraft:E": 1000, "Z": 1500}}
    (row,) = examine(flow_table(*lines), accounts)["shortfall"].to_pylist()
    assert (row["account_id"], row["amount"], row["known"]) == ("E", 1500, True)


def test_a_debt_at_the_start_beyond_the_facility_is_nobodys_to_pay():
    accounts = account_table(E=(-1000, "current", 400))
    got = traced(LENT.format("E", 2500, "L"), accounts=accounts)
    assert holdings(got) == {"L": {"overdraft:E": 400, "E": 2100}}


def test_one_place_can_hold_money_and_be_where_an_overdraft_had_gone():
    got = traced(
        *OVERDRAWN, "X Z 7000", accounts=account_table(E=(0, "current", 5000)), backward=True
    )
    rows = {(r["place"], r["kind"]): r["amount"] for r in got["holding"].to_pylist()}
    assert rows == {("Z", "held"): 7000, ("Z", "backward"): 3000}


@pytest.mark.parametrize("method", QUEUES)
def test_stolen_money_deposited_before_clean_money(method):
    # Anderson, Shumailov and Ahmed 2018: 3 stolen, then 7 of one's own; 3 are paid, then 4.
    got = traced(LENT.format("D", 3, "L"), "own D 7", "D X 3", "D Y 4", method=method)
    want = {
        "fifo": {"X": 3}, "lifo": {"D": 3}, "clean_first": {"D": 3}, "taint_first": {"X": 3},
    }  # fmt: skip
    assert holdings(got) == {"L": want[method]}


def paths(tables):
    """Return by place what is left there, each way told as flows from the disbursement on."""
    lots = {(r["loan_id"], r["lot_id"]): r for r in tables["lot"].to_pylist()}
    found = []
    for lot in lots.values():
        way, at = [], lot
        while at:
            way.append(at["flow_id"])
            at = lots.get((at["loan_id"], at["parent"]))
        if lot["left"]:
            found.append((lot["loan_id"], lot["dst_account"], lot["left"], way[::-1]))
    return found


def test_lots_prove_every_sum():
    got = traced(
        LENT.format("E", 100, "L"), "E X 60", "E Y 40", "X Z 50", "Y Z 40", "Z E 70",
    )  # fmt: skip
    assert paths(got) == [
        ("L", "X", 10, ["f0", "f1"]), ("L", "Z", 20, ["f0", "f2", "f4"]),
        ("L", "E", 50, ["f0", "f1", "f3", "f5"]), ("L", "E", 20, ["f0", "f2", "f4", "f5"]),
    ]  # fmt: skip
    assert holdings(got) == {"L": {"X": 10, "Z": 20, "E": 70}}
    without = traced(LENT.format("E", 100, "L"), "E X 60", lots=False)
    assert len(without["lot"]) == 0
    assert holdings(without) == {"L": {"X": 60, "E": 40}}


def test_lots_of_what_paid_a_debt_and_of_what_was_taken_back():
    got = traced(*OVERDRAWN, accounts=account_table(E=(0, "current", 5000)))
    assert paths(got) == [("L", "overdraft:E", 3000, ["f1"]), ("L", "X", 7000, ["f1", "f2"])]
    undone = traced(LENT.format("E", 100, "L"), "bank E -40 disbursement ref=f0 loan=L")
    assert paths(undone) == [("L", "E", 60, ["f0"]), ("L", "repaid:L", 40, ["f0", "f1"])]


def test_a_loan_repaid_by_a_loan_is_told():
    got = traced(
        LENT.format("E", 100, "old"), LENT.format("F", 90, "new"), "E shop 100", "F E 60",
        "own E 20", "E bank 80 repayment loan=old", loan=loan_table(old="E", new="F"),
    )  # fmt: skip
    assert got["rollover"].to_pylist() == [{
        "method": "fifo", "loan_id": "new", "repaid_loan_id": "old", "amount": 60, "repaid": 80,
        "share": 750_000, "party_id": "E", "same_party": False,
    }]  # fmt: skip
    own = traced(LENT.format("E", 100, "L"), "E bank 30 repayment loan=L", loan=loan_table(L="E"))
    assert len(own["rollover"]) == 0


def oddities(*lines, accounts=None):
    rows = examine(flow_table(*lines), accounts or account_table())["oddity"].to_pylist()
    return {(r["flow_id"], r["kind"]): r["amount"] for r in rows}


def test_what_does_nothing_is_told():
    assert oddities("E E 50", "E X 0") == {
        ("f0", "to_itself"): 50, ("f1", "of_nothing"): 0
    }  # fmt: skip


def test_refunds_of_nothing_known_are_told():
    assert oddities(
        "E X 60", "X E 50 refund ref=f0", "X E 30 refund ref=f0", "X E 5 refund ref=nothing",
        "X E 5 refund", "Y E 5 refund ref=f0", "X E 5 refund ref=f7", "E X 9", "E X -4",
    ) == {
        ("f2", "beyond_original"): 20, ("f3", "original_missing"): 5,
        ("f4", "without_original"): 5, ("f5", "original_between_others"): 5,
        ("f6", "original_later"): 5, ("f8", "without_original"): -4,
    }  # fmt: skip


def test_a_loan_paid_out_twice_counts_twice_and_is_told():
    lines = (LENT.format("E", 100, "L"), "E X 100", LENT.format("E", 50, "L"))
    assert holdings(traced(*lines)) == {"L": {"X": 100, "E": 50}}
    assert oddities(*lines) == {("f2", "paid_out_again"): 50}


def test_money_from_a_sink_is_of_no_loan_and_told():
    lines = (LENT.format("E", 100, "L"), "E till 80 cash", "till E 50")
    accounts = account_table(till=(0, "cash"))
    assert oddities(*lines, accounts=accounts) == {("f2", "leaves_sink"): 50}
    assert len(examine(flow_table(*lines), accounts)["shortfall"]) == 0


def test_accounts_that_nobody_knows_are_followed_and_told():
    lines = (LENT.format("E", 100, "L"), "E X 100", "X Y 130")
    assert holdings(traced(*lines, accounts=account_table(E=0))) == {"L": {"Y": 100}}
    (row,) = examine(flow_table(*lines), account_table(E=0))["shortfall"].to_pylist()
    assert (row["account_id"], row["amount"], row["known"]) == ("X", 30, False)


TIED = (LENT.format("E", 100, "L"), "E X 60 at=5", "S E 60 at=5", "Q S 60 at=5", "A B 1 at=5")


def test_at_one_moment_ids_decide_or_credits_come_first():
    assert set(oddities(*TIED)) == {
        ("f1", "same_moment"), ("f2", "same_moment"), ("f3", "same_moment"),
    }  # fmt: skip
    lines = ("bank E 100 disbursement loan=L at=1", "E X 60 at=5", "bank E 60 at=5")
    assert holdings(traced(*lines, method="clean_first")) == {"L": {"X": 60, "E": 40}}
    first = traced(*lines, method="clean_first", ties="credits_first")
    assert holdings(first) == {"L": {"E": 100}}
    chain = (
        "bank C 9 disbursement loan=L at=1", "B A 9 at=5", "C B 9 at=5", "A D 9 at=5",
    )  # fmt: skip
    assert trails(traced(*chain))[1:] == [("L", "f2", "C", "B", 9)]
    assert [t[1] for t in trails(traced(*chain, ties="credits_first"))] == ["f0", "f2", "f1", "f3"]


def test_where_money_runs_in_a_circle_at_one_moment_the_first_id_begins():
    ring = (LENT.format("A", 9, "L") + " at=1", "B A 9 at=5", "A B 9 at=5")
    assert holdings(traced(*ring, ties="credits_first")) == {"L": {"B": 9}}


def test_the_other_order_can_change_the_answer_but_never_the_sum():
    for ties in ("stored", "credits_first"):
        assert sum(holdings(traced(*TIED, ties=ties))["L"].values()) == 100
