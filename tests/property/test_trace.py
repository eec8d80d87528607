"""Tracing random logs: every loan is found again, and the order of rows never matters."""

from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.trace import FollowRule, examine, follow
from support.flows import account_table, flow_table

KINDS = ["", "fee", "cash", "refund", "reversal", "disbursement", "repayment"]


@st.composite
def lines(draw):
    """Logs with ties in time, loans, refunds and reversals of anything, earlier or later."""
    found = []
    account = st.sampled_from(["A", "B", "C", "till"])
    for n in range(draw(st.integers(0, 25))):
        kind, ref = draw(st.sampled_from(KINDS)), draw(st.integers(0, 25))
        loan = f"loan=L{draw(st.integers(0, 2))}" if kind in {"disbursement", "repayment"} else ""
        named = f"ref=f{ref}" if draw(st.booleans()) else ""
        amount = draw(st.integers(-50 if named else 0, 200))
        at = f"at={n // draw(st.integers(1, 3))}"
        found.append(f"{draw(account)} {draw(account)} {amount} {kind} {loan} {named} {at}")
    return found


METHODS = st.sampled_from(["fifo", "lifo", "clean_first", "taint_first"])
ACCOUNTS = account_table(A=100, B=(-20, "current", 150), C=(0, "current", 40), till=(0, "cash"))


def paid_out(log):
    """Return what of each loan was paid out."""
    paid = Counter()
    for words in (line.split() for line in log):
        if "disbursement" in words and int(words[2]) > 0:
            paid[words[4].removeprefix("loan=")] += int(words[2])
    return +paid


@settings(max_examples=40, deadline=None)
@given(lines(), METHODS, st.booleans(), st.sampled_from(["stored", "credits_first"]), st.randoms())
def test_all_loans_are_found_again_whatever_the_order_of_rows(log, method, backward, ties, random):
    rule = FollowRule(method=method, backward=backward, ties=ties)
    first = follow(flow_table(*log), ACCOUNTS, rule=rule)
    found = Counter()
    for row in first["holding"].to_pylist():
        found[row["loan_id"]] += row["amount"]
        assert row["cap"] is None or 0 <= row["cap"] <= row["amount"]
    assert found == paid_out(log)
    order = list(range(len(log)))
    random.shuffle(order)
    assert follow(flow_table(*log, order=order), ACCOUNTS, rule=rule) == first


@settings(max_examples=40, deadline=None)
@given(lines(), METHODS, st.booleans())
def test_lots_prove_places_and_trails(log, method, backward):
    got = follow(flow_table(*log), ACCOUNTS, method=method, backward=backward)
    lots = {(r["loan_id"], r["lot_id"]): r for r in got["lot"].to_pylist()}
    left, moved, spent = Counter(), Counter(), Counter()
    for (loan, _), lot in lots.items():
        left[loan, lot["dst_account"]] += lot["left"]
        if lot["flow_id"]:
            moved[loan, lot["flow_id"]] += lot["amount"]
        if lot["parent"] is not None:
            assert lot["parent"] < lot["lot_id"]
            spent[loan, lot["parent"]] += lot["amount"]
    places, trails = Counter(), Counter()
    for r in got["holding"].to_pylist():
        places[r["loan_id"], r["place"]] += r["amount"]
    for r in got["trail"].to_pylist():
        trails[r["loan_id"], r["flow_id"]] += r["amount"]
    assert (+left, moved) == (places, trails)
    assert all(lot["amount"] == lot["left"] + spent[key] for key, lot in lots.items())


@settings(max_examples=25, deadline=None)
@given(lines(), METHODS)
def test_a_loan_does_not_depend_on_which_others_are_asked_for(log, method):
    flow = flow_table(*log)
    everything = follow(flow, ACCOUNTS, method=method)
    for loan in {r["loan_id"] for r in everything["holding"].to_pylist()}:
        one = follow(flow, ACCOUNTS, loans=(loan,), method=method)
        for name, table in one.items():
            assert table.to_pylist() == [
                r for r in everything[name].to_pylist() if r["loan_id"] == loan
            ]


@settings(max_examples=25, deadline=None)
@given(lines(), METHODS)
def test_what_is_paid_without_cover_depends_on_no_rule(log, method):
    """What examine tells is what makes every account's balance come out."""
    flow = flow_table(*log)
    implied = {
        r["account_id"]: r["amount"] for r in examine(flow, ACCOUNTS)["shortfall"].to_pylist()
    }
    rows = ACCOUNTS.to_pylist()
    richer = [r["opening_balance"] + implied.pop(r["account_id"], 0) for r in rows]
    fuller = ACCOUNTS.set_column(
        ACCOUNTS.schema.get_field_index("opening_balance"), "opening_balance", [richer]
    )
    assert {r["account_id"] for r in examine(flow, fuller)["shortfall"].to_pylist()} <= {*implied}


@settings(max_examples=40, deadline=None)
@given(lines(), st.randoms())
def test_what_is_odd_does_not_depend_on_the_order_of_rows(log, random):
    order = list(range(len(log)))
    random.shuffle(order)
    one, other = (flow_table(*log, order=o) for o in (None, order))
    assert examine(one, ACCOUNTS) == examine(other, ACCOUNTS)


def test_the_rule_reads_back_what_it_writes():
    rule = FollowRule(loans=("L1",), until=date(2020, 1, 1), method="lifo", backward=True)
    assert FollowRule.from_toml(rule.to_toml()) == rule
