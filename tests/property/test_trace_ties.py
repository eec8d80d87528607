"""The range over ties against following every order of every moment."""

import itertools
import math
from collections import defaultdict

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from liandong.trace import follow, ties
from support.flows import account_table, flow_table

ACCOUNTS = account_table(A=30, B=(-20, "current", 50), C=0, till=(0, "cash"))
METHODS = st.sampled_from(["fifo", "lifo", "clean_first", "taint_first", "haircut", "tiho"])


@st.composite
def tied_lines(draw):
    found = ["bank A 100 disbursement loan=L0 at=0"]
    account = st.sampled_from(["A", "B", "C", "D", "till"])
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(["", "", "fee", "refund", "disbursement", "repayment"]))
        loan = f"loan=L{draw(st.integers(0, 1))}" if kind in {"disbursement", "repayment"} else ""
        ref = f"ref=f{draw(st.integers(0, 7))}" if kind == "refund" else ""
        at = f"at={draw(st.integers(0, 2))}"
        amount = draw(st.integers(0, 90))
        found.append(f"{draw(account)} {draw(account)} {amount} {kind} {loan} {ref} {at}")
    return found


def every_order(flow):
    """Give the flow with each order of each moment, nothing given back before it was paid."""
    rows = sorted(flow.to_pylist(), key=lambda r: (r["at"], r["flow_id"]))
    groups = [list(g) for _, g in itertools.groupby(rows, key=lambda r: r["at"])]
    assume(math.prod(math.factorial(len(g)) for g in groups) <= 200)
    ends = {
        r["flow_id"]: (r["src_account"], r["dst_account"], r["at"]) for r in rows if r["amount"]
    }
    backs = [
        (r["ref"], r["flow_id"])
        for r in rows
        if r["kind"] == "refund" and r["amount"] and r["src_account"] != r["dst_account"]
        and ends.get(r["ref"]) == (r["dst_account"], r["src_account"], r["at"])
    ]  # fmt: skip
    assume(not {b[::-1] for b in backs} & {*backs})
    for chosen in itertools.product(*(itertools.permutations(g) for g in groups)):
        place = {r["flow_id"]: n for n, r in enumerate(r for g in chosen for r in g)}
        if all(place[original] < place[back] for original, back in backs):
            seq = [place[i] for i in flow["flow_id"].to_pylist()]
            yield flow.set_column(flow.schema.get_field_index("seq"), "seq", pa.array(seq))


def side_by_side(orders):
    """Return flows and accounts of worlds that do not touch: one for each order."""
    names = ("flow_id", "src_account", "dst_account", "ref", "loan_id")
    flows = [_named(flow, names, k) for k, flow in enumerate(orders)]
    accounts = [_named(ACCOUNTS, ("account_id", "party_id"), k) for k in range(len(orders))]
    return pa.concat_tables(flows), pa.concat_tables(accounts)


def _named(table, names, world):
    for name in names:
        column = pc.binary_join_element_wise(f"{world}/", table[name], "")
        table = table.set_column(table.column_names.index(name), name, column)
    return table


@settings(max_examples=60, deadline=None)
@given(tied_lines(), METHODS)
def test_the_range_is_that_of_all_orders(lines, method):
    flow = flow_table(*lines)
    amounts, orders = defaultdict(list), list(every_order(flow))
    for r in follow(*side_by_side(orders), method=method)["holding"].to_pylist():
        world, _, loan = r["loan_id"].partition("/")
        place = r["place"].replace(f"{world}/", "")  # it may be the overdraft of an account
        amounts[loan, place, r["kind"]].append(r["amount"])
    expected = {p: (min(x) if len(x) == len(orders) else 0, max(x)) for p, x in amounts.items()}
    found = ties(flow, ACCOUNTS, method=method, most=5_000)["tie_range"].to_pylist()
    assert {
        (r["loan_id"], r["place"], r["kind"]): (r["least"], r["most"]) for r in found
    } == expected
    assert all(r["complete"] for r in found)
