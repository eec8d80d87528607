"""Flags over expenses: planted cases and few others; twins; caps, reviews, cases."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liandong as ld
from liandong.govern import (
    ExpenseRule,
    FlagCasesRule,
    expense_flags,
    flag_cases,
    flag_precision,
)
from liandong.govern.flags import calendar
from liandong.govern.flags.expense import KINDS
from liandong.kernels.flags.grouping import covered, grouped, windows
from liandong.schema.arrow import build
from liandong.testing.expenses import expenses

EPOCH = date(1970, 1, 1)


def lines(*rows, **same):
    """Return expense lines; each row says what differs from ``same``."""
    usual = {"unit_id": "U", "staff_id": "S", "vendor_id": "V", "category": "office",
             "amount": 12_345, "spent_on": date(2024, 3, 5), "invoice_no": None, "heads": None,
             "text": None} | same  # fmt: skip
    full = [usual | {"expense_id": f"X{k}"} | r for k, r in enumerate(rows)]
    return build("expense", {n: [r[n] for r in full] for n in full[0]})


def found(table, code, **rule):
    """Return the rows of each flag of a kind."""
    flags = expense_flags(table, rule=ExpenseRule.make(cap="100%", **rule))["red_flag"].to_pylist()
    return sorted(json.loads(f["evidence"])["rows"] for f in flags if f["code"] == code)


@pytest.fixture(scope="module")
def made():
    return expenses(40_000, seed=7, cases=2)


def test_planted_cases_are_found_and_named(made):
    rule = ExpenseRule.make(cap="5%", evidence=100_000)
    out = expense_flags(made.expense, made.staff, made.vendor, rule=rule)
    by = defaultdict(set)
    for f in out["red_flag"].to_pylist():
        by[f["code"]].update(json.loads(f["evidence"])["rows"])
    assert len(made.planted) == len(KINDS) == len(out["flag_summary"]) == 20
    missed = {c: len(p - by[c]) for c, p in made.planted.items() if p - by[c]}
    assert not missed
    # Whoever makes amounts up is flagged with the honest lines he has besides.
    other = {c: len(by[c] - p) for c, p in made.planted.items() if c != "first_digit"}
    assert sum(other.values()) < 0.002 * len(made.expense), other


def test_beyond_its_cap_a_flag_says_so_and_lists_the_gravest(made):
    whole, capped = (
        expense_flags(made.expense, made.staff, made.vendor, rule=ExpenseRule.make(caps=caps))
        for caps in ({"banquet_head": "100%"}, {"banquet_head": "0.007%"})
    )
    rows = [[f for f in t["red_flag"].to_pylist() if f["code"] == "banquet_head"]
            for t in (whole, capped)]  # fmt: skip
    said = {s["code"]: s for s in capped["flag_summary"].to_pylist()}["banquet_head"]
    assert (said["shown"], said["flags"], said["listed"]) == ("gravest", len(rows[0]), 1)
    assert said["flagged"] == sum(f["items"] for f in rows[0])
    assert [f["amount"] for f in rows[1]] == [max(f["amount"] for f in rows[0])]


def test_a_worked_weekend_is_no_day_off_and_an_unknown_year_is_said():
    days = [date(2024, 2, 4), date(2024, 2, 3), date(2024, 2, 10), date(2030, 1, 5)]
    table = lines(*({"spent_on": d} for d in days), category="banquet")
    assert found(table, "weekend") == [["X1"]]
    assert found(table, "holiday") == [["X2"]]
    said = {s["code"]: s for s in expense_flags(table)["flag_summary"].to_pylist()}
    assert said["calendar_unknown"]["flagged"] == 1
    assert said["calendar_unknown"]["shown"] == "calendar_unknown"


def test_every_known_year_has_whole_weeks_of_work():
    for year in range(2007, 2027):
        first, last = date(year, 1, 1), date(year, 12, 31)
        days = np.arange((first - EPOCH).days, (last - EPOCH).days + 1)
        kind = calendar.kinds(days)
        assert calendar.UNKNOWN not in kind
        # A year has 11 days off by law (13 from 2025 on, 10 before 2008) besides its weekends.
        weekends = sum((first + timedelta(k)).weekday() >= 5 for k in range(len(days)))
        assert 8 <= (kind != calendar.WORK).sum() - weekends <= 14, year
    assert calendar.kinds(np.array([(date(2006, 1, 1) - EPOCH).days]))[0] == calendar.UNKNOWN


def test_repeats_worked_by_hand():
    alike = lines({"invoice_no": "A1"}, {"invoice_no": "A1"}, {"invoice_no": "A1", "amount": 5})
    assert found(alike, "duplicate") == [["X0", "X1"]]
    assert found(alike, "reused") == [["X0", "X1", "X2"]]
    written = lines({"invoice_no": "0012-34O"}, {"invoice_no": "12340"}, {"invoice_no": "12341"})
    assert found(written, "near") == [["X0", "X1"]]
    row = lines(*({"invoice_no": f"N{n}"} for n in (7, 8, 8, 10, 11, 12)))
    assert found(row, "serial") == [["X3", "X4", "X5"]]
    parts = lines(
        {"amount": 600_000},
        {"amount": 500_000, "spent_on": date(2024, 3, 8)},
        {"amount": 500_000, "spent_on": date(2024, 3, 15)},
        {"amount": 1_000_000},
    )
    assert found(parts, "split") == [["X0", "X1"]]
    assert found(parts, "split", split_days=8) == [["X0", "X1", "X2"]]


def _windows(rows, wide, least):
    """Plain twin: rows in a window of one group that reaches ``least``, ended by any day."""
    hit = set()
    for g, end, _ in rows:
        inside = [k for k, (h, at, _) in enumerate(rows) if h == g and end - wide < at <= end]
        if sum(rows[k][2] for k in inside) >= least:
            hit.update(inside)
    return hit


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 20), st.integers(1, 9)), max_size=30),
    st.integers(1, 8),
    st.integers(5, 40),
)
def test_windows_equal_their_plain_twin(rows, wide, least):
    group, at, value = (np.array([r[k] for r in rows], np.int64) for k in range(3))
    by_day = grouped(group, at)
    order = by_day.order
    w = windows(group[order], at[order], value[order], wide)
    last = by_day.start + by_day.size - 1
    ends = np.zeros(len(rows), bool)
    ends[last] = w.sums[last] >= least
    assert set(order[covered(w.first, ends)].tolist()) == _windows(rows, wide, least)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from([0, 1, 2**61])), max_size=20))
def test_groups_are_those_of_a_dictionary(rows):
    by = defaultdict(set)
    for k, r in enumerate(rows):
        by[r].add(k)
    keys = [np.array([r[k] for r in rows], np.int64) for k in range(2)]
    g = grouped(*keys)
    ours = [set(g.order[a : a + n].tolist()) for a, n in zip(g.start, g.size, strict=True)]
    assert ours == [by[k] for k in sorted(by)]


def test_reviews_appeals_and_closed_cases_make_the_precision(made):
    out = expense_flags(made.expense, made.staff, made.vendor)
    ids = [f["flag_id"] for f in out["red_flag"].to_pylist() if f["code"] == "banquet_head"][:2]
    at = datetime(2026, 1, 2, tzinfo=UTC)
    rows = [(ids[0], at, "confirmed"), (ids[1], at, "confirmed"),
            (ids[1], at + timedelta(1), "appealed")]  # fmt: skip
    review = build("flag_review", {
        "flag_id": [r[0] for r in rows], "at": [r[1] for r in rows],
        "actor": ["li"] * 3, "outcome": [r[2] for r in rows],
    })  # fmt: skip
    told = {r["code"]: r for r in
            flag_precision(out["red_flag"], review)["flag_precision"].to_pylist()}  # fmt: skip
    one = told["banquet_head"]
    assert (one["confirmed"], one["appealed"], one["precision"]) == (1, 1, 1.0)
    assert told["split"]["precision"] is None
    false = build("flag_review", {"flag_id": ids[:1], "at": [at], "actor": ["li"],
                                  "outcome": ["false_alarm"]})  # fmt: skip
    rule = FlagCasesRule(as_of=date(2026, 1, 2))
    listed = flag_cases(out["red_flag"], false, rule=rule)["triage"]["alert_id"].to_pylist()
    assert ids[0] not in listed
    assert ids[1] in listed


def test_all_flags_on_a_subject_are_one_case(tmp_path):
    table = lines(
        {"category": "banquet", "spent_on": date(2024, 2, 10), "heads": 1, "amount": 90_000},
        {"text": "月饼"}, {"staff_id": "T", "text": "月饼"},
    )  # fmt: skip
    with ld.open(tmp_path / "f.board", actor="li") as board:
        board.put("hand", {"expense": table})
        board.run(ld.govern.expense_flags, cap="100%")
        board.run(ld.govern.flag_cases, as_of="2026-01-02")
        assert board.cases.open().opened == 2
        cases = {c["party_id"]: c for c in board.cases.rows()}
        assert (cases["S"]["alerts"], cases["S"]["level"]) == (3, "red")
        assert (cases["T"]["alerts"], cases["T"]["level"]) == (1, "yellow")
        case = cases["T"]["case_id"]
        board.cases.propose(case, "confirmed", "seen")
    with ld.open(tmp_path / "f.board", actor="wang") as board:
        board.cases.approve(case)
        board.run(ld.govern.flag_precision)
        one = {r["code"]: r for r in board.table("flag_precision").rows()}["gift_hidden"]
        assert (one["listed"], one["confirmed"], one["precision"]) == (2, 1, 1.0)


def test_row_order_changes_nothing(made):
    shuffled = made.expense.take(pa.array(np.random.default_rng(3).permutation(len(made.expense))))
    a, b = (expense_flags(t, made.staff, made.vendor) for t in (made.expense, shuffled))
    assert all(a[n].equals(b[n]) for n in a)
