"""Known answers of the reconciliation of loans, in fen."""

from datetime import date

import pytest

from liandong.errors import InvariantError
from liandong.schema.arrow import build
from liandong.testing import check_step
from liandong.trace import follow, reconcile
from liandong.trace.audit.reconcile import CLASSES
from support.flows import account_table, flow_table

LENT = "bank {} {} disbursement loan={}"
ACCOUNTS = account_table(FEE=(0, "fee"), TAX=(0, "tax"), ATM=(0, "cash"))


def sheet(*lines, accounts=ACCOUNTS, holding=None, **rule):
    flow = flow_table(*lines)
    held = holding or follow(flow, accounts)["holding"]
    rows = reconcile(held, flow, accounts, **rule)["reconciliation"].to_pylist()
    return {(r["method"], r["loan_id"]): r for r in rows}


def parts(row):
    return {n: row[n] for n in CLASSES if row[n]}


def test_every_class_of_places():
    found = sheet(
        LENT.format("E", 10000, "L"), "E X 3000", "E FEE 100 fee", "E TAX 900 tax", "E ATM 500",
        "E bank 2000 repayment loan=L",
    )  # fmt: skip
    row = found["fifo", "L"]
    assert parts(row) == {"held": 6500, "repaid": 2000, "fee": 100, "tax": 900, "cash": 500}
    assert (row["disbursed"], row["difference"], row["evergreen"]) == (10000, 0, False)
    assert row["places"] == 6
    assert [(r["code"].split(".")[-1], r["points"]) for r in row["reasons"]] == [
        ("held", 65), ("repaid", 20), ("fee", 1), ("tax", 9), ("cash", 5),
    ]  # fmt: skip


def test_a_loan_repaid_by_a_loan_is_marked_on_both():
    found = sheet(
        LENT.format("E", 10000, "OLD"), "E X 10000", LENT.format("E", 8000, "NEW"),
        "E bank 7000 repayment loan=OLD",
    )  # fmt: skip
    new, old = found["fifo", "NEW"], found["fifo", "OLD"]
    assert parts(new) == {"held": 1000, "repaid_other": 7000}
    assert parts(old) == {"held": 10000}
    assert (new["by_others"], old["by_others"]) == (0, 7000)
    assert [new["evergreen"], old["evergreen"]] == [True, True]


def test_sinks_are_known_by_their_name_too():
    lines = (LENT.format("E", 1000, "L"),)
    holding = build("holding", {
        "method": ["haircut"] * 5 + ["lifo"], "loan_id": ["L"] * 6,
        "place": ["overdraft:B", "FX", "fee:B", "gone", "E", "E"],
        "kind": ["sink"] * 4 + ["held"] * 2, "amount": [100, 200, 300, 250, 150, 1000],
    })  # fmt: skip
    found = sheet(*lines, holding=holding)
    assert parts(found["haircut", "L"]) == {
        "overdraft": 100, "fx": 200, "fee": 300, "other": 250, "held": 150,
    }  # fmt: skip
    assert parts(found["lifo", "L"]) == {"held": 1000}


def test_a_missing_fen_stops_it_and_names_the_loan():
    holding = build("holding", {
        "method": ["fifo"], "loan_id": ["L"], "place": ["E"], "kind": ["held"], "amount": [999],
    })  # fmt: skip
    with pytest.raises(InvariantError, match=r"L \(fifo\)"):
        sheet(LENT.format("E", 1000, "L"), holding=holding)


def test_only_payments_up_to_the_last_day_count():
    lines = (LENT.format("E", 1000, "L"), LENT.format("E", 500, "L") + " at=172800")
    flow = flow_table(*lines)
    held = follow(flow, ACCOUNTS, until=date(2020, 1, 1))["holding"]
    row = sheet(*lines, holding=held, until=date(2020, 1, 1))["fifo", "L"]
    assert (row["disbursed"], row["held"]) == (1000, 1000)
    with pytest.raises(InvariantError):
        sheet(*lines, holding=held)


def test_it_holds_the_conventions():
    flow = flow_table(
        LENT.format("E", 10000, "L"), LENT.format("F", 5000, "M"), "E F 4000", "F X 7000",
        "F bank 1500 repayment loan=L", "X ATM 20",
    )  # fmt: skip
    given = {"flow": flow, "bank_account": ACCOUNTS, "holding": follow(flow, ACCOUNTS)["holding"]}
    check_step(reconcile, given)
