"""Pairing against brute force, and what holds of every reconciliation."""

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong import settle
from liandong.errors import DataError
from liandong.kernels.pairing.single import OPEN, Lines, by_amount
from liandong.kernels.pairing.sums import by_sum
from liandong.schema.arrow import build
from liandong.step.registry import step
from liandong.testing import check_step

DAY = date(2026, 1, 1)


def lines(most_amount):
    one = st.tuples(st.integers(0, 1), st.integers(1, most_amount), st.integers(0, 6))
    return st.lists(one, max_size=7)


def arrays(rows):
    found = np.array(rows, np.int64).reshape(-1, 3)
    return Lines(*(np.ascontiguousarray(found[:, i]) for i in range(3)))


def most_pairs(bank, books, fits, taken=frozenset(), b=0):
    """Return how many can be paired at most, by trying everything."""
    if b == len(bank):
        return 0
    best = most_pairs(bank, books, fits, taken, b + 1)
    for e, entry in enumerate(books):
        if e not in taken and fits(bank[b], entry):
            best = max(best, 1 + most_pairs(bank, books, fits, taken | {e}, b + 1))
    return best


@settings(deadline=None)
@given(lines(2), lines(2), st.integers(0, 2), st.integers(0, 3))
def test_as_many_are_paired_as_can_be(bank, books, early, late):
    def fits(b, e):
        return b[:2] == e[:2] and -early <= b[2] - e[2] <= late

    pair, choices = by_amount(arrays(bank), arrays(books), early, late)
    taken = [e for e in pair if e != OPEN]
    assert len(set(taken)) == len(taken) == most_pairs(bank, books, fits)
    assert all(fits(bank[b], books[e]) for b, e in enumerate(pair) if e != OPEN)
    assert choices.tolist() == [sum(fits(b, e) for e in books) for b in bank]


def ways(whole, parts, early, late, most):
    fit = [
        p for p, (account, amount, day) in enumerate(parts)
        if account == whole[0] and -early <= whole[2] - day <= late and amount < whole[1]
    ]  # fmt: skip
    return [
        c for n in range(2, most + 1) for c in combinations(fit, n)
        if sum(parts[p][1] for p in c) == whole[1]
    ]  # fmt: skip


@settings(deadline=None)
@given(lines(12), lines(6), st.integers(0, 2), st.integers(0, 3), st.integers(2, 4))
def test_a_sum_is_paired_if_there_is_one_way(wholes, parts, early, late, most):
    whole_of, state = by_sum(arrays(wholes), arrays(parts), early, late, most, 40)
    left = [p if whole_of[i] == OPEN else (9, 9, 9) for i, p in enumerate(parts)]
    for w, whole in enumerate(wholes):
        mine = tuple(np.flatnonzero(whole_of == w))
        if state[w] > 0:
            assert mine in ways(whole, parts, early, late, most)
        else:
            assert not mine
            # What stays open has no way among what is left, several, or one that others need.
            found = ways(whole, left, early, late, most)
            rivals = [x for v, x in enumerate(wholes) if v != w and state[v] <= 0]
            needed = {p for x in rivals for c in ways(x, left, early, late, most) for p in c}
            assert len(found) != 1 or needed & set(found[0])


def account(*owners):
    return build(
        "account",
        {"account_id": [f"deposits:{o}:CNY" for o in owners], "owner_id": list(owners),
         "unit": ["CNY"] * len(owners), "code": ["deposits"] * len(owners)},
    )  # fmt: skip


def entries(*rows):
    """Make entries of (id, debit, credit, amount, day)."""
    ids, debit, credit, amount, day = zip(*rows, strict=True) if rows else [()] * 5
    return build(
        "entry",
        {"entry_id": ids, "debit": [f"deposits:{x}:CNY" for x in debit],
         "credit": [f"deposits:{x}:CNY" for x in credit], "amount": amount,
         "unit": ["CNY"] * len(ids), "phase": ["posted"] * len(ids),
         "event_time": [DAY + timedelta(d) for d in day]},
    )  # fmt: skip


def bank_lines(*rows):
    """Make lines of account A of (id, amount, day, reference)."""
    ids, amount, day, ref = zip(*rows, strict=True) if rows else [()] * 4
    return build(
        "bank_line",
        {"line_id": ids, "account_id": ["deposits:A:CNY"] * len(ids), "amount": amount,
         "day": [DAY + timedelta(d) for d in day], "unit": ["CNY"] * len(ids), "ref": ref},
    )  # fmt: skip


ENTRIES = entries(
    ("e1", "B", "A", 100, 1), ("e2", "A", "B", 50, 2), ("e3", "B", "A", 70, 3),
    ("e4", "B", "A", 30, 3), ("e7", "B", "A", 500, 5), ("e8", "B", "A", 9, 9),
    ("e9", "B", "A", 9, 9),
)  # fmt: skip
BANK = bank_lines(
    ("b1", 100, 1, "e1"), ("b2", -50, 3, None), ("b3", 100, 4, None), ("b5", 200, 5, None),
    ("b6", 300, 6, None), ("b7", 999, 7, None), ("b8", 100, 1, "e1"), ("b9", 10, 7, "e8"),
    ("b10", 9, 10, None),
)  # fmt: skip


def test_each_line_finds_its_entry_or_says_why_not():
    found = settle.reconcile(BANK, account("A", "B"), ENTRIES)
    pairs = [(r["line_id"], r["entry_id"], r["method"], r["days"], r["choices"])
             for r in found["bank_match"].to_pylist()]  # fmt: skip
    assert pairs == [
        ("b1", "e1", "reference", 0, 1), ("b10", "e8", "amount", 1, 2),
        ("b2", "e2", "amount", 1, 1), ("b3", "e3", "sum", 1, 1), ("b3", "e4", "sum", 1, 1),
        ("b5", "e7", "sum", 0, 1), ("b6", "e7", "sum", 1, 1),
    ]  # fmt: skip
    left = {r["item_id"]: [x["code"] for x in r["reasons"]] for r in found["bank_open"].to_pylist()}
    assert left == {
        "b7": ["settle.no_counterpart"], "b8": ["settle.twice"], "b9": ["settle.other_amount"],
        "e9": ["settle.twice"],
    }  # fmt: skip
    (total,) = found["bank_difference"].to_pylist()
    assert (total["bank"], total["books"], total["difference"]) == (1768, 668, 1100)
    assert total["difference"] == total["bank_open"] - total["books_open"]


def test_two_sums_that_fit_are_nobodys_guess():
    books = entries(("e1", "B", "A", 60, 1), ("e2", "B", "A", 40, 1), ("e3", "B", "A", 40, 1))
    found = settle.reconcile(bank_lines(("b1", 100, 1, None)), account("A", "B"), books)
    assert not len(found["bank_match"])
    assert found["bank_open"].to_pylist()[0]["reasons"][0]["code"] == "settle.several_sums"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 9), st.booleans()), max_size=12),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), max_size=12),
)
def test_the_difference_is_what_is_open(books, bank):
    entry = entries(*((f"e{i}", *("AB" if out else "BA"), x, d) for i, (x, d, out)
                      in enumerate(books)))  # fmt: skip
    line = bank_lines(*((f"b{i}", x, d, f"e{i}" if i % 3 == 0 else None) for i, (x, d)
                        in enumerate(bank)))  # fmt: skip
    if not bank:
        return
    found = settle.reconcile(line, account("A", "B"), entry)
    (total,) = found["bank_difference"].to_pylist()
    assert total["difference"] == total["bank_open"] - total["books_open"]
    matched = pc.count(pc.unique(found["bank_match"]["line_id"])).as_py()
    open_ = found["bank_open"].filter(pc.equal(found["bank_open"]["side"], "bank"))
    assert matched + len(open_) == len(bank)
    assert total["bank"] == sum(x for x, _ in bank)


def test_reconciling_holds_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given_ = {"bank_line": BANK, "account": account("A", "B"), "entry": ENTRIES}
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(step("settle.reconcile"), given_, boards=boards)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"account_id": ["deposits:Z:CNY"]}, "deposits:Z:CNY"),
        ({"unit": ["USD"]}, "USD"),
        ({"amount": [0]}, "zero"),
    ],
)
def test_a_line_that_cannot_be_is_named(change, said):
    line = bank_lines(("b1", 100, 1, None)).to_pydict()
    with pytest.raises(DataError, match="b1") as refused:
        settle.reconcile(build("bank_line", {**line, **change}), account("A", "B"), ENTRIES)
    assert said in str(refused.value)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 80), st.booleans()), max_size=15))
def test_statements_go_on_where_the_last_one_ended(rows):
    entry = entries(*((f"e{i:02}", *("AB" if out else "BA"), x, d) for i, (x, d, out)
                      in enumerate(rows)))  # fmt: skip
    if not rows:
        return
    found = settle.statement(account("A", "B"), entry)
    for owner in "AB":
        own = [r for r in found["statement"].to_pylist() if r["owner_id"] == owner]
        closing = 0
        for r in own:
            assert r["opening"] == closing
            closing = r["opening"] + r["debit"] - r["credit"]
            assert r["closing"] == closing
        sign = 1 if owner == "A" else -1
        assert closing == sign * sum(x if out else -x for x, _, out in rows)
    balance = {}
    listed = pa.Table.to_pylist(found["statement_line"])
    assert len(listed) == 2 * len(rows)
    for r in listed:
        balance[r["account_id"]] = balance.get(r["account_id"], 0) + r["amount"]
        assert r["balance"] == balance[r["account_id"]]
