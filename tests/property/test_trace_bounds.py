"""Whatever the rule: its answer lies within the bounds, and what limits them proves them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.schema.arrow import empty
from liandong.trace import bounds as by_rule
from liandong.trace import follow
from liandong.trace.log import read_log
from support.flows import account_table, flow_table, holdings
from support.laws import outcome, whim

ACCOUNTS = st.sampled_from(["A", "B", "C", "till"])
KINDS = st.sampled_from(["", "", "", "fee", "disbursement", "disbursement", "repayment"])


def bounds(flow, accounts, loan=None, **rule):
    """Bound loans wherever they can be."""
    return by_rule(flow, accounts, empty("loan") if loan is None else loan, look="reached", **rule)


@st.composite
def lines(draw):
    """Logs with ties in time and loans, in which much is given back, whole or in part."""
    found = []
    for n in range(draw(st.integers(0, 20))):
        at = f"at={n // draw(st.integers(1, 3))}"
        amount = draw(st.integers(0, 100))
        if n and draw(st.integers(0, 2)) == 0:
            back = draw(st.integers(0, n - 1))
            src, dst, was, *_ = found[back].split()
            part = draw(st.sampled_from([amount, abs(int(was)), abs(int(was)) // 2]))
            found.append(f"{dst} {src} {part} refund ref=f{back} {at}")
        else:
            kind = draw(KINDS)
            loan = f"loan=L{draw(st.integers(0, 1))}" if kind[-4:] == "ment" else ""
            found.append(f"{draw(ACCOUNTS)} {draw(ACCOUNTS)} {amount} {kind} {loan} {at}")
    return found


def ends(log, law):
    """Return {loan: {place: fen}} by a rule, places spelled as a trace spells them."""
    accounts, loans = log.accounts.to_pylist(), log.loans.to_pylist()
    names = [*accounts, *[f"repaid:{n}" for n in loans] * 2, "outside"]
    found = {name: {} for name in loans}
    for (node, origin), x in outcome(log, law).items():
        if origin and x:
            there = found[loans[origin - 1]]
            there[names[node]] = there.get(names[node], 0) + x
    return found


def must_be_within(found, got):
    least = {(r["loan_id"], r["place"]): r["least"] for r in got["bound"].to_pylist()}
    most = {(r["loan_id"], r["place"]): r["most"] for r in got["bound"].to_pylist()}
    said = {(loan, place): x for loan, there in found.items() for place, x in there.items()}
    assert all(x <= most.get(k, 0) for k, x in said.items())
    assert all(said.get(k, 0) >= x for k, x in least.items())


@settings(max_examples=100, deadline=None)
@given(lines(), st.booleans())
def test_every_method_lies_within(log, in_debt):
    owing = {"B": (-20, "current", 60), "C": (10, "current", 1000)} if in_debt else {}
    flow, accounts = flow_table(*log), account_table(A=100, till=(0, "cash"), **owing)
    got = bounds(flow, accounts)
    for method in ("fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho"):
        must_be_within(holdings(follow(flow, accounts, method=method)), got)


@settings(max_examples=100, deadline=None)
@given(lines(), st.randoms(use_true_random=False))
def test_every_whim_lies_within(log, random):
    flow, accounts = flow_table(*log), account_table(A=100, till=(0, "cash"))
    got, read = bounds(flow, accounts), read_log(flow, accounts)
    for _ in range(5):
        must_be_within(ends(read, whim(random)), got)


@settings(max_examples=60, deadline=None)
@given(lines())
def test_limits_add_up_to_the_bounds(log):
    got = bounds(flow_table(*log), account_table(A=100))
    paid, total = {}, {}
    for r in got["bound_limit"].to_pylist():
        key = r["loan_id"], r["place"], r["side"]
        total[key] = total.get(key, 0) + r["amount"]
    for words in (line.split() for line in log):
        if "disbursement" in words:
            loan = words[4].removeprefix("loan=")
            paid[loan] = paid.get(loan, 0) + int(words[2])
    for r in got["bound"].to_pylist():
        loan, place = r["loan_id"], r["place"]
        if 0 < r["most"] < paid[loan]:
            assert total[loan, place, "most"] == r["most"]
        if r["least"] > 0:
            assert total.get((loan, place, "least"), 0) == paid[loan] - r["least"]


@settings(max_examples=60, deadline=None)
@given(lines(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_other_loans_do_not_matter(log, random):
    accounts, order = account_table(B=30), list(range(len(log)))
    random.shuffle(order)
    got = bounds(flow_table(*log), accounts)
    assert bounds(flow_table(*log, order=order), accounts) == got
    for loan in {r["loan_id"] for r in got["bound"].to_pylist()}:
        one = bounds(flow_table(*log), accounts, loans=(loan,))
        for name in ("bound", "bound_limit"):
            mine = [r for r in got[name].to_pylist() if r["loan_id"] == loan]
            assert one[name].to_pylist() == mine
