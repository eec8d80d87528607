"""Disbursement and the ledger: debits equal credits, ids are idempotent, balances are a fold."""

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import ConflictError, DataError, InvariantError
from liandong.schema.arrow import build
from liandong.settle import DisburseRule, account_id, balances, disburse
from liandong.step.local import run_step

DAY = date(2020, 2, 28)


def products(*names):
    n = len(names)
    return build("product", {
        "product_id": list(names), "lender_id": [f"L{p}" for p in names],
        "min_amount": [1] * n, "max_amount": [10**9] * n, "step_amount": [1] * n,
        "min_rate": [0] * n, "max_rate": [10**6] * n, "term_months": [12] * n,
        "capacity": [10**12] * n, "funding_rate": [0] * n, "operating_rate": [0] * n,
        "lgd": [0] * n, "guarantee_cover": [0] * n,
    })  # fmt: skip


def offers(rows, day=DAY):
    return build("offer", {
        "project_id": [r[0] for r in rows], "product_id": [r[1] for r in rows],
        "party_id": [r[2] for r in rows], "amount": [r[3] for r in rows],
        "as_of": [day] * len(rows), "value": [0] * len(rows), "reasons": [[]] * len(rows),
        "rate": [43_500] * len(rows),
    })  # fmt: skip


def entries(rows):
    names = ("entry_id", "debit", "credit", "amount", "phase", "ref")
    columns = {n: [r[i] for r in rows] for i, n in enumerate(names)}
    return build("entry", {
        **columns, "unit": ["CNY"] * len(rows), "event_time": [DAY] * len(rows),
    })  # fmt: skip


def test_one_offer_becomes_one_loan_and_one_entry():
    got = disburse(offers([("E1", "P", "F1", 500), ("E2", "P", "F2", 0)]), products("P"), as_of=DAY)
    (entry,), (loan,) = got["entry"].to_pylist(), got["loan"].to_pylist()
    assert (entry["debit"], entry["credit"]) == ("loans:LP:CNY", "deposits:F1:CNY")
    assert (entry["amount"], entry["phase"], entry["event_time"]) == (500, "posted", DAY)
    assert (loan["amount"], loan["rate"], loan["term_months"]) == (500, 43_500, 12)
    assert (loan["party_id"], loan["lender_id"], loan["account_id"]) == (
        "F1",
        "LP",
        entry["credit"],
    )
    assert entry["ref"] == loan["loan_id"]
    assert got["account"]["account_id"].to_pylist() == ["deposits:F1:CNY", "loans:LP:CNY"]


def test_offers_of_other_days_wait_and_no_offers_pay_nothing():
    for given_offers in (offers([("E1", "P", "F1", 500)], date(2020, 3, 1)), offers([])):
        assert all(len(t) == 0 for t in disburse(given_offers, products("P"), as_of=DAY).values())


def test_an_unknown_product_pays_nothing_out():
    with pytest.raises(DataError, match="product Q"):
        disburse(offers([("E1", "Q", "F1", 500)]), products("P"), as_of=DAY)


def test_a_paid_loan_stays_when_its_offer_is_withdrawn():
    """Entries are never deleted, so neither is the loan they are about; nothing is paid twice."""
    both = [("E1", "P", "F1", 500), ("E2", "P", "F2", 700)]
    first = disburse(offers(both), products("P"), as_of=DAY)
    unpaid = first["loan"].slice(1)
    for left in (both, both[1:], []):
        again = disburse(offers(left), products("P"), first["loan"], first["entry"], as_of=DAY)
        assert again["loan"] == first["loan"]
        assert len(again["entry"]) == len(left)
    # A loan that no entry paid out is a result like any other, and those of other days not ours.
    assert len(disburse(offers([]), products("P"), unpaid, entries([]), as_of=DAY)["loan"]) == 0
    later = date(2020, 3, 1)
    got = disburse(offers([]), products("P"), first["loan"], first["entry"], as_of=later)
    assert len(got["loan"]) == 0


def test_a_paid_project_is_not_paid_again_from_another_product():
    first = disburse(offers([("E1", "P", "F1", 500)]), products("P", "Q"), as_of=DAY)
    for day in (DAY, date(2020, 3, 1)):
        moved = offers([("E1", "Q", "F1", 500)], day)
        with pytest.raises(ConflictError, match="E1"):
            disburse(moved, products("P", "Q"), first["loan"], first["entry"], as_of=day)


def test_what_is_approved_is_all_that_decides_a_payment():
    assert set(disburse.approval) == {"offer", "product", "contribution"}
    assert set(DisburseRule.model_fields) == {"as_of", "valid_from", "valid_to"}


OFFERS = st.lists(
    st.tuples(
        st.integers(0, 30).map(lambda i: f"E{i}"),
        st.sampled_from(["P", "Q"]),
        st.integers(0, 5).map(lambda i: f"F{i}"),
        st.integers(0, 10**15),
    ),
    unique_by=lambda r: r[:2],
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(OFFERS, st.randoms())
def test_debits_equal_credits_and_order_and_parts_change_nothing(rows, random):
    first = disburse(offers(rows), products("P", "Q"), as_of=DAY)
    counters = balances(first["entry"])
    total = sum(r[3] for r in rows)
    assert sum(counters["debit"].to_pylist()) == sum(counters["credit"].to_pylist()) == total
    assert set(counters["account_id"].to_pylist()) == set(
        first["account"]["account_id"].to_pylist()
    )
    random.shuffle(rows)
    loan, entry = first["loan"], first["entry"]
    given = {"offer": offers(rows), "product": products("Q", "P"), "loan": loan, "entry": entry}
    assert run_step(disburse, given, DisburseRule(as_of=DAY), 1)["loan"] == loan
    tables = {"offer": offers(rows), "product": products("Q", "P")}
    for parts in (1, 2, 7):
        assert run_step(disburse, tables, DisburseRule(as_of=DAY), parts) == first


@settings(max_examples=60, deadline=None)
@given(OFFERS, OFFERS)
def test_the_id_depends_on_project_and_product_alone(rows, others):
    ids = [
        {
            (r["ref"], r["entry_id"])
            for r in disburse(offers(o), products("P", "Q"), as_of=DAY)["entry"].to_pylist()
        }
        for o in (rows, others)
    ]
    paid = [{r[:2] for r in o if r[3]} for o in (rows, others)]
    assert len(ids[0] & ids[1]) == len(paid[0] & paid[1])
    assert len(ids[0]) == len(paid[0])


def fold_of(rows):
    """Balances by a plain loop over entries: the oracle."""
    found = defaultdict(lambda: [0, 0, 0, 0])
    begun = {r[0]: r for r in rows if r[4] == "pending"}
    for entry_id, debit, credit, amount, phase, ref in rows:
        if phase in {"posted", "post"}:
            found[debit][0] += amount
            found[credit][1] += amount
        if phase in {"pending", "post", "void"}:
            reserved = begun[ref or entry_id]
            sign = 1 if phase == "pending" else -1
            found[reserved[1]][2] += sign * reserved[3]
            found[reserved[2]][3] += sign * reserved[3]
    return {a: tuple(c) for a, c in found.items()}


@st.composite
def journals(draw):
    side = st.sampled_from(["a", "b", "c", "d"])
    amount = st.integers(1, 10**15)
    begun = draw(st.lists(st.tuples(side, side, amount), max_size=8))
    rows = [(f"p{i}", *b, "pending", None) for i, b in enumerate(begun)]
    for i, (debit, credit, most) in enumerate(begun):
        end = draw(st.sampled_from(["post", "void", "none"]))
        if end != "none":
            rows.append((f"e{i}", debit, credit, draw(st.integers(1, most)), end, f"p{i}"))
    plain = draw(st.lists(st.tuples(side, side, amount), max_size=8))
    return draw(
        st.permutations(rows + [(f"q{i}", *b, "posted", None) for i, b in enumerate(plain)])
    )


@settings(max_examples=80, deadline=None)
@given(journals())
def test_balances_equal_the_plain_fold(rows):
    got = balances(entries(rows))
    counters = zip(*(got[c].to_pylist() for c in got.column_names[2:]), strict=True)
    assert dict(zip(got["account_id"].to_pylist(), counters, strict=True)) == fold_of(rows)
    assert sum(got["debit"].to_pylist()) == sum(got["credit"].to_pylist())
    assert sum(got["pending_debit"].to_pylist()) == sum(got["pending_credit"].to_pylist())


@pytest.mark.parametrize(
    "ends",
    [
        [("e", "a", "b", 5, "post", "nothing")],
        [("e", "a", "b", 11, "post", "p")],
        [("e", "a", "b", 5, "post", "p"), ("f", "a", "b", 5, "void", "p")],
    ],
)
def test_a_reservation_ends_once_and_within_its_amount(ends):
    with pytest.raises(InvariantError):
        balances(entries([("p", "a", "b", 10, "pending", None), *ends]))


def test_account_ids_are_readable():
    assert account_id("loans", "LENDER", "CNY") == "loans:LENDER:CNY"
    assert isinstance(balances(entries([])), pa.Table)
