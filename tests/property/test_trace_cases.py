"""Cases: traced one by one they give what tracing everything at once gives, to the fen."""

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from liandong.engine.local import LocalEngine
from liandong.schema.arrow import empty
from liandong.step import NoRule
from liandong.testing import check_step
from liandong.trace import CasesRule, FollowRule, cases, follow, poison, prune
from support.flows import START, account_table, flow_table

DAY = timedelta(days=1)
KINDS = ["", "", "", "fee", "cash", "refund", "reversal", "disbursement", "repayment"]


@st.composite
def lines(draw):
    """Logs of up to twelve accounts in which loans may or may not meet."""
    found, names = [], [f"A{k}" for k in range(draw(st.integers(2, 10)))] + ["till", "tax"]
    account = st.sampled_from(names)
    for n in range(draw(st.integers(0, 40))):
        kind, ref = draw(st.sampled_from(KINDS)), draw(st.integers(0, 40))
        payer, payee = draw(account), draw(account)
        loan = f"loan=L{draw(st.integers(0, 4))}" if kind in {"disbursement", "repayment"} else ""
        named = ""
        if draw(st.booleans()):
            named = f"ref=f{ref}"
            if ref < n:
                payee, payer = found[ref].split()[:2]
        amount = draw(st.integers(-50 if named else 0, 200))
        if amount < 0:
            payer, payee = payee, payer
        at = f"at={n // draw(st.integers(1, 3))}"
        found.append(f"{payer} {payee} {amount} {kind} {loan} {named} {at}")
    return found


def in_parts(flow, account, parts, rule):
    """Run both steps on the local engine in some parts."""
    engine = LocalEngine(2, parts=parts)
    given = {"flow": flow, "bank_account": account}
    given |= engine.run(prune, given, NoRule())
    return given | engine.run(cases, given, rule)


def without_caps(rows):
    return [{k: v for k, v in r.items() if k not in {"cap", "case_id"}} for r in rows]


THROUGH_THE_TILL = [
    "b A0 100 disbursement loan=L0", "b A1 100 disbursement loan=L1", "A0 till 80 cash",
    "A1 till 20 cash", "till A1 70 refund ref=f3",
]  # fmt: skip
"""A sink that gives back more than it got from one gives it of what another brought."""


TAKEN_BACK_AS_A_LOAN = [
    "A0 till 25", "A0 till -31 disbursement loan=L0 ref=f0", "b A0 185 disbursement loan=L3",
    "A0 b 183 repayment loan=L0",
]  # fmt: skip
"""What names itself a disbursement but gives a transfer back runs the way of that one."""

GIVEN_BACK_TWICE = [
    "b A0 100 disbursement loan=L0", "b A1 90 disbursement loan=L1", "A1 b 80 repayment loan=L0",
    "b A1 70 refund ref=f2", "A1 b 50 refund ref=f3", "b A1 60 refund ref=f4", "A1 A2 85",
]  # fmt: skip
"""A refund of a refund of a repayment runs to the node of repayment, and so on."""


@settings(max_examples=40, deadline=None)
@given(lines(), st.sampled_from([1, 2, 7]), st.sampled_from(["fifo", "lifo", "haircut", "tiho"]))
@example(THROUGH_THE_TILL, 2, "fifo")
@example(TAKEN_BACK_AS_A_LOAN, 1, "fifo")
@example(GIVEN_BACK_TWICE, 7, "fifo")
def test_cases_give_what_the_whole_gives(log, parts, method):
    flow = flow_table(*log)
    account = account_table(A0=100, A1=30, till=(0, "cash"), tax=(0, "tax"))
    whole = follow(flow, account, rule=FollowRule(method=method))
    got = in_parts(flow, account, parts, CasesRule(method=method))
    for name in ("trail", "holding"):
        assert without_caps(got[f"case_{name}"].to_pylist()) == without_caps(
            whole[name].to_pylist()
        )


def apart():
    """Two loans that never meet, and much that no loan touches."""
    return flow_table(
        "b A 100 disbursement loan=L1", "c D 100 disbursement loan=L2", "U V 5", "A B 60",
        "D E 30", "V U 5", "B tax 10 tax", "E tax 10 tax", "U A 7", "V W 3",
    )  # fmt: skip


def test_loans_that_never_meet_are_cases_of_their_own():
    flow, account = apart(), account_table(U=50, tax=(0, "tax"))
    got = prune(flow, account)
    assert {r["loan_id"]: r["case_id"] for r in got["case_loan"].to_pylist()} == {
        "L1": "L1", "L2": "L2",
    }  # fmt: skip
    by = {}
    for r in got["case_flow"].to_pylist():
        by.setdefault(r["case_id"], set()).add(r["flow_id"])
    # Both pay the tax office, where money ends; what U pays A matters, what it pays V does not.
    assert by == {"L1": {"f0", "f3", "f6", "f8"}, "L2": {"f1", "f4", "f7"}}
    held = {(r["case_id"], r["account_id"]) for r in got["case_account"].to_pylist()}
    assert held == {("L1", "A"), ("L1", "B"), ("L2", "D"), ("L2", "E")}


def test_only_the_loans_asked_for_and_only_until_the_day():
    flow, account = apart(), account_table(U=50, tax=(0, "tax"))
    given = prune(flow, account)
    one = cases(given["case_flow"], given["case_loan"], account, loans=("L2",))
    assert set(one["case_holding"]["loan_id"].to_pylist()) == {"L2"}
    early = cases(given["case_flow"], given["case_loan"], account, until=START.date() - DAY)
    assert len(early["case_holding"]) == 0


def test_who_paid_before_the_loan_came_is_not_reached():
    got = prune(flow_table("A B 10", "b A 100 disbursement loan=L1", "A C 10"), account_table())
    assert got["case_account"]["account_id"].to_pylist() == ["A", "C"]


@pytest.mark.parametrize("step", [prune, cases, poison])
def test_conventions(step):
    account = account_table(U=50, tax=(0, "tax"))
    given = {"flow": apart(), "bank_account": account, "loan": empty("loan")}
    given |= prune(given["flow"], account)
    check_step(step, {n: given[n] for n in step.reads})


def reach(log, loan):
    """Return {account: (flow, hops)} by following a loan alone, plainly."""
    found, inside = {}, set()
    for n, line in enumerate(log):
        payer, payee, amount, *rest = line.split()
        if int(amount) == 0 or payer == payee:
            continue
        hops = 1 if f"loan={loan}" in rest else found.get(payer, (0, 0))[1] + 1
        if (f"loan={loan}" in rest or payer in inside) and payee not in inside:
            inside.add(payee)
            found[payee] = (f"f{n}", hops)
    return found


@st.composite
def plain_lines(draw):
    account = st.sampled_from(["A", "B", "C", "D", "E", "F"])
    found = []
    for k in range(draw(st.integers(1, 70))):
        lent = draw(st.integers(0, 3)) == 0
        loan = f"disbursement loan=L{k:02}" if lent else ""
        payer = "bank" if lent else draw(account)
        found.append(f"{payer} {draw(account)} {draw(st.integers(0, 3))} {loan}")
    return found


@settings(max_examples=60, deadline=None)
@given(plain_lines())
def test_poison_is_contact_in_the_order_of_time(log):
    got = {}
    for r in poison(flow_table(*log), account_table())["taint"].to_pylist():
        got.setdefault(r["loan_id"], {})[r["account_id"]] = (r["flow_id"], r["hops"])
    lent = [line.split()[-1].removeprefix("loan=") for line in log if "disb" in line]
    want = {loan: reach(log, loan) for loan in lent}
    assert got == {loan: rows for loan, rows in want.items() if rows}


def test_poison_tells_of_the_known_answer():
    log = ["bank E 300 disbursement loan=L", "w E 200", "E X 250", "E Y 150", "w Z 5"]
    rows = poison(flow_table(*log), account_table(E=100))["taint"].to_pylist()
    assert [(r["account_id"], r["flow_id"], r["hops"]) for r in rows] == [
        ("E", "f0", 1), ("X", "f2", 2), ("Y", "f3", 2),
    ]  # fmt: skip


def test_poison_tells_of_the_loans_that_are_asked_for_only():
    log = ["bank E 300 disbursement loan=L", "bank X 10 disbursement loan=M", "E X 5", "X Y 5"]
    rows = poison(flow_table(*log), account_table(), loans=("M",))["taint"].to_pylist()
    assert [(r["loan_id"], r["account_id"]) for r in rows] == [("M", "X"), ("M", "Y")]


def test_more_loans_than_bits_in_a_word():
    log = [f"bank A{k % 7} 10 disbursement loan=L{k:03}" for k in range(200)]
    log += ["A0 B 1", "A1 C 1", "C D 1"]
    rows = poison(flow_table(*log), account_table())["taint"]
    assert len(rows) == 200 + 29 + 29 + 29
    assert isinstance(rows, pa.Table)
