"""Money exchanged into another currency and back: answers worked by hand, in hundredths."""

import pytest

from liandong.errors import DataError
from liandong.schema.arrow import build, empty
from liandong.schema.validate import validate
from liandong.testing import check_step
from liandong.trace import (
    CircleWatch,
    FlowStream,
    FollowRule,
    bounds,
    cases,
    circles,
    examine,
    features,
    follow,
    idle,
    poison,
    prune,
    reconcile,
)
from support.flows import START, account_table, flow_table, holdings, trails

LENT = "bank A {} disbursement loan={}"
METHODS = ("fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho")
DOLLARS = (0, "current", None, "USD")
ROUND = (LENT.format(100, "L"), "A U 100 got=14", "U B 14 got=98")
"""100 yuan become 14 dollars and come back as 98 yuan."""


def traced(*lines, accounts=None, **rule):
    return follow(flow_table(*lines), accounts or account_table(U=DOLLARS, V=DOLLARS), **rule)


def run(step, **tables):
    """Run a step on some tables; the others it reads are empty."""
    return step(*(tables.get(n, empty(n)) for n in step.reads))


def foreign(tables):
    """Return {(loan, place): amount in the account's currency} where that is another one."""
    rows = tables["holding"].to_pylist()
    return {(r["loan_id"], r["place"]): r["converted"] for r in rows if r["converted"] is not None}


@pytest.mark.parametrize("method", METHODS)
def test_there_and_back_loses_two(method):
    got = traced(*ROUND, method=method)
    assert holdings(got) == {"L": {"B": 98, "fx": 2}}
    assert [t[3:] for t in trails(got)] == [("A", 100), ("U", 100), ("B", 100)]
    rows = sorted(got["trail"].to_pylist(), key=lambda r: r["step"])
    assert [(r["fx"], r["converted"]) for r in rows] == [(None, None), (None, 14), (2, None)]
    kinds = {r["place"]: (r["kind"], r["converted"]) for r in got["holding"].to_pylist()}
    assert kinds == {"B": ("held", None), "fx": ("sink", None)}


@pytest.mark.parametrize("method", METHODS)
def test_there_and_back_may_gain(method):
    got = traced(*ROUND[:2], "U B 14 got=103", method=method)
    assert holdings(got) == {"L": {"B": 103, "fx": -3}}


def test_lots_tell_where_it_was_lost():
    rows = traced(*ROUND)["lot"].to_pylist()
    names = ("lot_id", "parent", "dst_account", "amount", "left", "converted", "converted_left")
    assert [tuple(r[n] for n in names) for r in rows] == [
        (0, None, "A", 100, 0, None, None),
        (1, 0, "U", 100, 0, 14, 0),
        (2, 1, "B", 98, 98, None, None),
        (3, 1, "fx", 2, 2, None, None),
    ]


@pytest.mark.parametrize("method", METHODS)
def test_while_it_is_away_it_keeps_its_worth(method):
    got = traced(*ROUND[:2], method=method)
    assert holdings(got) == {"L": {"U": 100}}
    assert foreign(got) == {("L", "U"): 14}


TWO = (LENT.format(30, "L1"), LENT.format(70, "L2"), "A U 50 got=7")


@pytest.mark.parametrize(("method", "want", "dollars"), [
    # 30 of L1 leave first, then 20 of L2: of 7 dollars, 7 x 30 / 50 = 4.2 have come by then.
    ("fifo", (0, 30, 50, 20), (4, 3)),
    # 50 of L2 leave first.
    ("lifo", (30, 0, 20, 50), (None, 7)),
    # 15 and 35 leave; 2.1 and 4.9 dollars are 2 and 5.
    ("haircut", (15, 15, 35, 35), (2, 5)),
])  # fmt: skip
def test_two_loans_in_one_exchange(method, want, dollars):
    got = traced(*TWO, method=method)
    held = holdings(got)
    assert tuple(held[loan].get(p, 0) for loan in ("L1", "L2") for p in ("A", "U")) == want
    assert tuple(foreign(got).get((loan, "U")) for loan in ("L1", "L2")) == dollars


@pytest.mark.parametrize("method", METHODS)
def test_what_is_exchanged_for_nothing_is_lost(method):
    got = traced(LENT.format(100, "L"), "A U 3 got=0", method=method)
    assert holdings(got) == {"L": {"A": 97, "fx": 3}}
    assert trails(got)[1] == ("L", "f1", "A", "U", 3)


@pytest.mark.parametrize(("method", "dollars", "yuan"), [
    # U has 10 dollars of its own, then 14 of the loan, worth 100 yuan; it pays 12.
    ("fifo", 2, 14), ("clean_first", 2, 14),  # 100 x 2 / 14 = 14.3
    ("lifo", 12, 85), ("taint_first", 12, 85), ("tiho", 12, 85),  # 100 x 12 / 14 = 85.7
    ("haircut", 7, 50),
])  # fmt: skip
def test_part_of_it_is_spent_abroad(method, dollars, yuan):
    accounts = account_table(U=(10, *DOLLARS[1:]), V=DOLLARS)
    got = traced(*ROUND[:2], "U V 12", accounts=accounts, method=method)
    assert holdings(got) == {"L": {"V": yuan, "U": 100 - yuan}}
    assert foreign(got) == {("L", "V"): dollars, ("L", "U"): 14 - dollars}


def test_parts_spent_one_by_one_add_up():
    """Three parts of a lot of 3 dollars, worth 100: 33, 33, 34."""
    lines = (LENT.format(100, "L"), "A U 100 got=3", "U V 1", "U V 1", "U V 1")
    rows = traced(*lines)["lot"].to_pylist()
    assert [r["amount"] for r in rows if r["dst_account"] == "V"] == [33, 33, 34]


def test_a_cap_is_in_the_loans_currency():
    """Of 14 dollars (100 yuan) the account held as few as 4 in between: 100 x 4 / 14 = 28."""
    lines = (*ROUND[:2], "U V 10", "V U 10")
    got = traced(*lines, method="haircut")
    caps = {r["place"]: (r["amount"], r["cap"]) for r in got["holding"].to_pylist()}
    assert caps == {"U": (100, 28)}


def test_a_debt_abroad_is_paid_in_its_currency():
    """U owes 10 dollars; of 14 that come for 100 yuan, 10 pay it: 100 x 10 / 14 = 71."""
    accounts = account_table(U=(-10, "current", 20, "USD"))
    for method, want in (("fifo", 71), ("haircut", 71)):
        got = traced(*ROUND[:2], accounts=accounts, method=method)
        assert holdings(got) == {"L": {"U": 100 - want, "overdraft:U": want}}
        assert foreign(got) == {("L", "U"): 4, ("L", "overdraft:U"): 10}


def test_it_is_traced_back_through_a_debt_abroad():
    accounts = account_table(U=(0, "current", 20, "USD"), V=DOLLARS)
    lines = ("U V 10", *ROUND[:2])
    got = traced(*lines, accounts=accounts, backward=True)
    assert holdings(got) == {"L": {"U": 29, "V": 71}}


def test_a_loan_is_repaid_from_abroad():
    accounts = account_table(U=DOLLARS, bank=(0, "loan"))
    got = traced(*ROUND[:2], "U bank 14 repayment loan=L got=98", accounts=accounts)
    assert holdings(got) == {"L": {"repaid:L": 98, "fx": 2}}


USD_LOAN = (
    "bank U 100 disbursement loan=D got=14", LENT.format(100, "L"), "A U 70 got=10",
    "U bank 24 repayment loan=D got=168",
)  # fmt: skip


def test_a_loan_is_in_the_currency_that_it_was_paid_out_in():
    """14 dollars are lent; 10 dollars that were 70 yuan of L repay part of it: 10 of 24."""
    got = traced(*USD_LOAN)
    assert holdings(got) == {"D": {"repaid:D": 14}, "L": {"A": 30, "repaid:D": 70}}
    assert foreign(got) == {("L", "repaid:D"): 10}
    (row,) = got["rollover"].to_pylist()
    assert (row["amount"], row["repaid"], row["share"]) == (70, 24, 416_666)
    accounts = account_table(U=DOLLARS, V=DOLLARS)
    rows = reconcile(got["holding"], flow_table(*USD_LOAN), accounts)["reconciliation"].to_pylist()
    told = {r["loan_id"]: (r["currency"], r["disbursed"], r["by_others"]) for r in rows}
    assert told == {"D": ("USD", 14, 10), "L": (None, 100, 0)}


def test_a_loan_paid_back_at_once_goes_back_to_its_source():
    """The whole is one transfer given back: nothing of the loan was exchanged."""
    lines = ("bank U 100 disbursement loan=D got=14", "U bank 14 refund ref=f0 got=99")
    assert holdings(traced(*lines)) == {"D": {"repaid:D": 14}}


@pytest.mark.parametrize("back", ["U A 14 refund ref=f1 got=95", "A U -95 ref=f1 got=-14"])
def test_a_refund_of_an_exchange_is_an_ordinary_transfer(back):
    """50 of A's own and 50 of the loan became 7 and 7 dollars; those come back as 47 and 48."""
    accounts, lines = account_table(A=50, U=DOLLARS), (*ROUND[:2], back)
    assert holdings(traced(*lines, accounts=accounts)) == {"L": {"A": 98, "fx": 2}}
    odd = examine(flow_table(*lines), accounts)["oddity"].to_pylist()
    assert [(r["flow_id"], r["kind"]) for r in odd] == [("f2", "original_exchanged")]


def test_shortfalls_are_in_the_currency_of_the_account():
    (row,) = examine(flow_table("A U 100 got=14", "U V 20"), account_table(
        A=100, U=DOLLARS, V=DOLLARS,
    ))["shortfall"].to_pylist()  # fmt: skip
    assert (row["account_id"], row["amount"]) == ("U", 6)


@pytest.mark.parametrize(("lines", "what"), [
    (("A U 100",), "f0 runs from an account in CNY to one in USD"),
    (("A B 100 got=90",), "f0 runs between accounts in CNY"),
    (("A U 100 got=-14",), "different signs"),
    (("A U 0 got=14",), "different signs"),
    (("A U -100 got=0",), "different signs"),
    ((LENT.format(9, "L"), "U V 5 disbursement loan=L"), "neither is the loan's currency"),
])  # fmt: skip
def test_what_currencies_cannot_be(lines, what):
    accounts = account_table(U=DOLLARS, V=DOLLARS)
    for step in (follow, examine, poison):
        with pytest.raises(DataError, match=what):
            step(flow_table(*lines), accounts)


def test_what_a_file_may_say():
    flow = {
        "flow_id": ["a", "b", "c"], "src_account": ["A"] * 3, "dst_account": ["U"] * 3,
        "amount": [100, 100, 0], "received": [14, -14, 0], "at": [START] * 3, "seq": [0] * 3,
        "kind": ["transfer"] * 3,
    }  # fmt: skip
    got = validate("flow", build("flow", flow), "f.csv")
    assert got.good["flow_id"].to_pylist() == ["a", "c"]
    assert got.errors["code"].to_pylist() == ["received_sign"]
    accounts = account_table(
        A=0, U=DOLLARS, X=(0, "current", None, "usd"), Y=(0, "current", None, "YUAN")
    )
    got = validate("bank_account", accounts, "a.csv")
    assert got.good["account_id"].to_pylist() == ["A", "U"]
    assert set(got.errors["code"].to_pylist()) == {"not_currency"}


@pytest.mark.parametrize("step", [bounds, circles, features])
def test_steps_that_compare_amounts_refuse_what_is_exchanged(step):
    accounts, lent = account_table(U=DOLLARS, V=DOLLARS), LENT.format(200_000, "L")
    with pytest.raises(DataError, match="f1 exchanges CNY for USD"):
        run(step, flow=flow_table(lent, "A U 200000 got=30000"), bank_account=accounts)
    # Accounts in another currency are no obstacle by themselves.
    held = follow(flow_table(lent, "U V 5"), accounts)["holding"]
    run(step, flow=flow_table(lent, "U V 5"), bank_account=accounts, holding=held)


def test_a_watch_for_circles_refuses_what_is_exchanged():
    watch = CircleWatch({"bank_account": account_table(U=DOLLARS, V=DOLLARS)})
    assert watch.see("f0", "U", "V", 200_000, START) is None
    with pytest.raises(DataError, match="f1 exchanges CNY for USD"):
        watch.see("f1", "A", "U", 200_000, START)
    with pytest.raises(DataError, match="f0 exchanges CNY for USD"):
        watch.take(flow_table("A U 200000 got=30000"))


def test_a_stream_of_features_refuses_what_is_exchanged():
    with pytest.raises(DataError, match="another amount was received than paid"):
        FlowStream().push(flow_table("A U 200000 got=30000"))


def test_loan_money_in_a_circle_abroad_is_in_the_currency_of_its_legs():
    """Half of 2,000 dollars come from a loan in yuan, and run round among accounts in dollars."""
    accounts = account_table(U=(100_000, *DOLLARS[1:]), V=DOLLARS)
    before = (LENT.format(700_000, "L"), "A U 700000 got=100000")
    trail = follow(flow_table(*before, "U V 200000", "V U 190000"), accounts)["trail"]
    legs = flow_table(*before, "U V 200000", "V U 190000").slice(2)
    got = run(circles, flow=legs, bank_account=accounts, trail=trail)
    assert got["circle"]["loan_money"].to_pylist() == [100_000]


def test_poison_counts_no_amounts():
    rows = poison(flow_table(*ROUND), account_table(U=DOLLARS))["taint"].to_pylist()
    assert [r["account_id"] for r in rows] == ["A", "B", "U"]


def test_idle_money_is_a_share_of_the_loan_in_its_currency():
    accounts = account_table(U=DOLLARS, S=(0, "securities", None, "USD"))
    lines = ("bank U 700 disbursement loan=D got=100", "U S 60")
    flow = flow_table(*lines)
    trail = follow(flow, accounts)["trail"]
    (row,) = run(idle, flow=flow, bank_account=accounts, trail=trail)["idle"].to_pylist()
    assert (row["amount"], row["loan_money"], row["share"]) == (60, 60, 600_000)


@pytest.mark.parametrize("method", METHODS)
def test_conventions(method):
    flow = flow_table(*USD_LOAN, "A U 5 got=0", "A V 20 got=3", "U B 1 got=9")
    accounts = account_table(U=(3, *DOLLARS[1:]), V=(-2, "current", 5, "USD"))
    check_step(follow, {"flow": flow, "bank_account": accounts}, FollowRule(method=method))
    given = {"flow": flow, "bank_account": accounts}
    given |= prune(flow, accounts)
    check_step(cases, {n: given[n] for n in cases.reads})


@pytest.mark.parametrize("method", METHODS)
def test_stating_that_all_is_in_yuan_changes_nothing(method):
    lines = (*ROUND[:1], "A B 60", "B A 10 refund ref=f1", "A C 45", "C bank 7 repayment loan=L")
    names = ("A", "B", "C", "bank")
    plain, said = (
        account_table(**dict.fromkeys(names, (5, "current", 3, c))) for c in (None, "CNY")
    )
    flow = flow_table(*lines)
    same = flow.set_column(flow.schema.get_field_index("received"), "received", flow["amount"])
    one, other = (follow(f, a, method=method) for f, a in ((flow, plain), (same, said)))
    assert one == other
    for table in one.values():
        for name in {"fx", "converted", "converted_left"} & {*table.column_names}:
            assert table[name].null_count == len(table)
