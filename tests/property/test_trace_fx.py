"""Random logs in two currencies: every loan is found again, and cases give what the whole gives."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.engine.local import LocalEngine
from liandong.step import NoRule
from liandong.trace import CasesRule, FollowRule, cases, examine, follow, prune, reconcile
from support.flows import account_table, flow_table

METHODS = ("fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho")
CURRENCY = {"A": "CNY", "B": "CNY", "C": "CNY", "U": "USD", "V": "USD", "W": "USD", "till": "USD"}
ACCOUNTS = account_table(
    A=100, B=(-20, "current", 150), C=0, U=(30, "current", 0, "USD"),
    V=(-10, "current", 25, "USD"), W=(0, "current", 0, "USD"), till=(0, "cash", 0, "USD"),
)  # fmt: skip
KINDS = ["", "", "", "", "cash", "refund", "reversal", "disbursement", "repayment"]
LENT = {"L0": "CNY", "L1": "CNY", "L2": "USD"}


@st.composite
def lines(draw):
    """Logs with ties in time, in which loans reach accounts of their currency first."""
    found, pairs = [], []
    account = st.sampled_from(sorted(CURRENCY))
    for n in range(draw(st.integers(0, 25))):
        kind, loan = draw(st.sampled_from(KINDS)), draw(st.sampled_from(sorted(LENT)))
        of_loan = kind in {"disbursement", "repayment"}
        own = st.sampled_from([a for a, c in CURRENCY.items() if c == LENT[loan]])
        payer, payee = draw(account), draw(own if of_loan else account)
        named = ""
        if pairs and not of_loan and draw(st.integers(0, 2)) == 0:
            ref = draw(st.integers(0, len(pairs) - 1))
            named, (payee, payer) = f"ref=f{ref}", pairs[ref]
        amount = draw(st.integers(0, 200))
        if named and draw(st.booleans()):
            payer, payee, amount = payee, payer, -amount
        got = ""
        if CURRENCY[payer] != CURRENCY[payee]:
            rate = draw(st.sampled_from([(14, 100), (7, 1), (1, 1), (1, 300)]))
            arrives = amount * rate[0] // rate[1]  # of a negative amount, never nothing
            got = f"got={arrives}"
        words = f"{kind} loan={loan}" if of_loan else kind
        at = f"at={n // draw(st.integers(1, 3))}"
        found.append(f"{payer} {payee} {amount} {words} {named} {got} {at}")
        pairs.append((payer, payee))
    return found


def rows_of(flow):
    """Return the amounts that left and arrived, in the direction of the money, plainly."""
    for r in flow.to_pylist():
        got = r["amount"] if r["received"] is None else r["received"]
        yield r, r["amount"], got


def paid_out(flow):
    """Return what of each loan was paid out, in its currency: its payees' accounts are in that."""
    paid = Counter()
    for r, amount, got in rows_of(flow):
        if r["kind"] == "disbursement" and amount > 0:
            paid[r["loan_id"]] += got
    return +paid


@settings(max_examples=60, deadline=None)
@given(lines(), st.sampled_from(METHODS), st.booleans(), st.integers(0, 3))
def test_all_loans_are_found_again_in_their_currency(log, method, backward, days):
    flow = flow_table(*log)
    rule = FollowRule(
        method=method, backward=backward and method in METHODS[:4], window_days=days
    )  # fmt: skip
    got = follow(flow, ACCOUNTS, rule=rule)
    found, there = Counter(), Counter()
    for r in got["holding"].to_pylist():
        found[r["loan_id"]] += r["amount"]
        assert r["cap"] is None or 0 <= r["cap"] <= r["amount"]
        in_account = r["kind"] == "held"
        if in_account:
            foreign = CURRENCY[r["place"]] != LENT[r["loan_id"]]
            assert foreign == (r["converted"] is not None)
            there[r["place"]] += r["converted"] if foreign else r["amount"]
    paid = paid_out(flow)
    assert +Counter({k: x for k, x in found.items() if paid[k]}) == paid
    assert all(x == paid[k] for k, x in found.items())
    if len(got["holding"]):
        sheet = reconcile(got["holding"], flow, ACCOUNTS)["reconciliation"].to_pylist()
        assert all(r["difference"] == 0 for r in sheet)
    if not len(examine(flow, ACCOUNTS)["shortfall"]):
        book = Counter({r["account_id"]: r["opening_balance"] for r in ACCOUNTS.to_pylist()})
        for r, amount, arrives in rows_of(flow):
            if r["src_account"] == r["dst_account"]:
                continue
            book[r["src_account"]] -= 0 if r["kind"] == "disbursement" else amount
            book[r["dst_account"]] += 0 if r["kind"] == "repayment" else arrives
        assert all(x <= book[a] for a, x in there.items() if a not in given_to_lenders(flow))


def given_to_lenders(flow):
    """Return accounts of disbursements and repayments, which need not be what the trace holds."""
    of_loan = [r for r in flow.to_pylist() if r["loan_id"]]
    back = [r for r in flow.to_pylist() if r["ref"]]
    return {r[n] for r in of_loan + back for n in ("src_account", "dst_account")} | {"till"}


@settings(max_examples=60, deadline=None)
@given(lines(), st.sampled_from(METHODS[:4]), st.booleans())
def test_lots_prove_places_and_trails(log, method, backward):
    got = follow(flow_table(*log), ACCOUNTS, method=method, backward=backward)
    lots = {(r["loan_id"], r["lot_id"]): r for r in got["lot"].to_pylist()}
    left, moved, lost, spent = Counter(), Counter(), Counter(), Counter()
    for (loan, _), lot in lots.items():
        left[loan, lot["dst_account"]] += lot["left"]
        if lot["flow_id"]:
            moved[loan, lot["flow_id"]] += lot["amount"]
            if lot["dst_account"] == "fx":
                lost[loan, lot["flow_id"]] += lot["amount"]
        if lot["parent"] is not None:
            assert lot["parent"] < lot["lot_id"]
            spent[loan, lot["parent"]] += lot["amount"]
    places, trails, told = Counter(), Counter(), Counter()
    for r in got["holding"].to_pylist():
        places[r["loan_id"], r["place"]] += r["amount"]
    for r in got["trail"].to_pylist():
        trails[r["loan_id"], r["flow_id"]] += r["amount"]
        told[r["loan_id"], r["flow_id"]] += r["fx"] or 0
    assert all(left[k] == places[k] for k in {*left, *places})
    assert all(moved[k] == trails[k] for k in {*moved, *trails})
    assert all(lost[k] == told[k] for k in {*lost, *told})
    assert all(lot["amount"] == lot["left"] + spent[key] for key, lot in lots.items())


def without_caps(rows):
    return [{k: v for k, v in r.items() if k not in {"cap", "case_id"}} for r in rows]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25, deadline=None)
@given(log=lines(), parts=st.sampled_from([1, 2, 7]))
def test_cases_give_what_the_whole_gives(log, parts, method):
    flow = flow_table(*log)
    whole = follow(flow, ACCOUNTS, method=method)
    engine, given_ = LocalEngine(2, parts=parts), {"flow": flow, "bank_account": ACCOUNTS}
    given_ |= engine.run(prune, given_, NoRule())
    got = engine.run(cases, given_, CasesRule(method=method))
    for name in ("trail", "holding"):
        assert without_caps(got[f"case_{name}"].to_pylist()) == without_caps(
            whole[name].to_pylist()
        )
