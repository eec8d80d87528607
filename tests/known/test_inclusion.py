"""Curves of approvals against brute force, policies by hand, and that no firm judges itself."""

from datetime import date
from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.assess import InclusionRule, inclusion
from liandong.assess.portfolio.policies import (
    Learning,
    collateral_worth,
    financial_worth,
    unseen_worth,
)
from liandong.assess.portfolio.reach import Applicants, Reach
from liandong.errors import UsageError
from liandong.kernels.scores.approvals import at_count, ladder, last_within, queue
from liandong.kernels.scores.roc import auc
from liandong.schema.arrow import build, empty
from liandong.testing import check_step
from liandong.types import Money

DAY = date(2024, 12, 31)
HOW = Learning(DAY, 12, 4, 1)

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(1, 9)), min_size=1,
                max_size=5)  # fmt: skip


@given(ROWS)
@settings(max_examples=60)
def test_equals_are_approved_as_on_average_over_all_their_orders(rows):
    worth, bad, amount = (np.array(c, float) for c in zip(*rows, strict=True))
    columns = np.column_stack([bad, amount])
    found = at_count(ladder(queue(worth), columns, np.ones(len(rows))), np.arange(len(rows) + 1.0))
    orders = [p for p in permutations(range(len(rows)))
              if (np.diff(worth[list(p)]) <= 0).all()]  # fmt: skip
    sums = [np.cumsum(np.vstack([[0, 0], columns[list(p)]]), axis=0) for p in orders]
    assert found == pytest.approx(np.mean(sums, axis=0))


@given(ROWS, st.floats(0, 1))
@settings(max_examples=100)
def test_no_more_can_be_approved_within_a_loss(rows, limit):
    worth, bad, amount = (np.array(c, float) for c in zip(*rows, strict=True))
    steps = ladder(queue(worth), np.column_stack([bad, amount, bad * amount]), np.ones(len(rows)))
    for lost, base in ((0, None), (2, 1)):
        most = last_within(steps, lost, base, limit)
        fine = np.linspace(0, len(rows), 1001)
        sums = at_count(steps, fine)
        whole = fine if base is None else sums[:, base]
        within = fine[sums[:, lost] <= limit * whole + 1e-9]
        assert most >= within.max() - 1e-6
        at = at_count(steps, np.array([most]))[0]
        assert at[lost] <= limit * (most if base is None else at[base]) + 1e-6


def test_curves_by_hand():
    """Ten firms; the first policy knows the two bad ones, the second takes them first."""
    bad = np.array([True, True] + [False] * 8)
    small = np.array([True, False] * 5)
    good, worse = np.arange(10.0), -np.arange(10.0)
    who = Applicants(bad, np.full(10, 100.0), {"small": small}, {"region.3": small})
    reach = Reach(who, {"one": good, "two": worse}, (500_000, 1_000_000), 0.4, 20, 1)
    found = {(f.policy, f.slice, f.approved, f.measure): f for f in reach.figures()}
    value = {k: f.value for k, f in found.items()}
    assert value["one", "all", 500_000, "bad_rate"] == 0
    assert value["two", "all", 500_000, "bad_rate"] == 0.4
    assert value["two", "all", 500_000, "loss_rate"] == pytest.approx(0.16)
    assert value["one", "all", 1_000_000, "bad_rate"] == 0.2
    assert value["one", "small", 500_000, "reached"] == 0.4  # firms 9 to 5: two of them small
    assert value["two", "small", 500_000, "reached"] == 0.6
    assert value["two", "small", 500_000, "share_of_approved"] == 0.6
    assert value["one", "region.3", 500_000, "reached"] == 0.4
    # At the loss of the other at a half, 40 %, the first can take everybody.
    assert value["one", "all", 500_000, "over_two"] == pytest.approx(0.5)
    assert value["one", "small", 500_000, "over_two"] == pytest.approx(0.4)
    assert value["one", "small", 500_000, "over_two_by_amount"] == pytest.approx(0.4)
    assert value["one", "all", 1_000_000, "over_two"] == 0
    assert ("one", "region.3", 500_000, "over_two") not in value
    assert found["one", "all", 500_000, "bad_rate"].high > 0.2  # Jeffreys of 0 in 5
    assert found["two", "small", 500_000, "reached"].n == 5
    assert all(f.low <= f.value + 1e-9 for f in found.values() if f.measure == "reached")


# --- policies ---------------------------------------------------------------------------------


def signals(**measures):
    """By measure: rows of (party, value, period, day seen)."""
    rows = [(m, *r) for m, found in measures.items() for r in found]
    return build("signal", {
        "party_id": [r[1] for r in rows], "source": ["registry"] * len(rows),
        "measure": [r[0] for r in rows], "period": [r[3] for r in rows],
        "value": [r[2] for r in rows], "seen_at": [r[4] for r in rows],
    })  # fmt: skip


FIRMS = pa.array(["A", "B", "C", "D"])


def test_collateral_is_the_latest_known_value_over_the_amount():
    known = signals(
        property_value=[("A", 100.0, "2022-12", date(2023, 1, 5)),
                        ("A", 200.0, "2023-12", date(2024, 1, 5)),
                        ("A", 900.0, "2024-12", date(2025, 1, 5)),
                        ("C", 50.0, "2023-12", None)],
        equipment_value=[("A", 40.0, "2023-12", date(2024, 1, 5))],
    )  # fmt: skip
    worth = collateral_worth(known, FIRMS, np.array([12_000, 5_000, 10_000, 0]), DAY)
    assert worth.tolist() == [2.0, 0.0, 0.5, 0.0]


def test_firms_with_statements_come_first_and_then_the_larger_ones():
    said = signals(statement_sales=[("B", 1e6, "2023-12", date(2024, 5, 1))])
    tables = {"signal": said, "feature": empty("feature"), "loan": empty("loan"),
              "event": empty("event")}  # fmt: skip
    revenue = np.array([500, 1, -1, 900])
    worth = financial_worth(tables, FIRMS, np.zeros(4, bool), revenue, HOW)
    assert np.argsort(-worth).tolist() == [1, 3, 0, 2]


def sample(signal_of_risk, n=240, seed=3):
    """Borrowers with one measure, a loan each, and defaults; ``signal_of_risk`` may be noise."""
    random = np.random.default_rng(seed)
    firms = [f"F{i:03d}" for i in range(n)]
    bad = random.random(n) < 0.25
    names = [f"m{j}" for j in range(12)]
    value = random.normal(size=(n, len(names)))
    value[:, 0] += signal_of_risk * bad
    day = date(2024, 6, 1)
    loan = build("loan", {
        "loan_id": [f"L{i}" for i in range(n)], "party_id": firms, "lender_id": ["B"] * n,
        "amount": 100 + np.arange(n), "start": [day] * n, "term_months": [24] * n,
        "status": ["current"] * n,
    })  # fmt: skip
    who = [f for f, b in zip(firms, bad, strict=True) if b]
    event = build("event", {
        "event_id": who, "party_id": who, "kind": ["default"] * len(who),
        "at": [date(2025, 6, 1)] * len(who),
    })  # fmt: skip
    feature = build("feature", {
        "party_id": np.repeat(firms, len(names)), "as_of": [DAY] * value.size,
        "measure": names * n, "value": value.ravel(),
    })  # fmt: skip
    party = build("party", {
        "party_id": firms, "kind": ["firm"] * n,
        "annual_revenue": [(1 + i % 2) * 1_000_000_000 for i in range(n)],
        "region_id": [("310000", "320000")[i % 2] for i in range(n)],
    })  # fmt: skip
    return {"loan": loan, "event": event, "feature": feature, "party": party}, bad


def test_a_firm_is_never_judged_by_its_own_outcome():
    """Twelve measures of pure noise: a card that had seen the firms would tell them apart."""
    tables, bad = sample(0.0)
    firms = tables["party"]["party_id"].combine_chunks()
    area = auc(-unseen_worth(tables, firms, bad, HOW), bad)
    assert area < 0.5 + 2.5 * (1 / 12 / bad.sum()) ** 0.5
    tables, bad = sample(2.0)
    assert auc(-unseen_worth(tables, firms, bad, HOW), bad) > 0.85


# --- the step ---------------------------------------------------------------------------------


def measured(tables, **rule):
    given = [tables.get(n, empty(n)) for n in inclusion.reads]
    found = inclusion(*given, rule=InclusionRule(as_of=DAY, **rule))["inclusion"]
    return {(r["policy"], r["slice"], r["approved"], r["measure"]): r for r in found.to_pylist()}


def test_shares_of_what_was_lent_by_hand():
    tables, _ = sample(0.0, n=4)
    loan = build("loan", {
        "loan_id": ["L1", "L2", "L3", "L4", "L5"], "lender_id": ["B"] * 5,
        "party_id": ["F000", "F001", "F000", "F002", "F003"],
        "amount": [100, 300, 500, 100, 100], "term_months": [12] * 5, "status": ["current"] * 5,
        "start": [date(2022, 1, 1), date(2024, 2, 1), date(2024, 3, 1), date(2024, 12, 31),
                  date(2025, 1, 1)],
    })  # fmt: skip
    found = measured({"loan": loan, "party": tables["party"]})
    lent = {k[1:]: r["value"] for k, r in found.items()}
    # Of L2, L3 and L4, borrowers F000 and F002 are small; F001 and F002 borrow for the first time.
    assert lent["small", 1_000_000, "share_number"] == pytest.approx(2 / 3)
    assert lent["small", 1_000_000, "share_amount"] == pytest.approx(600 / 900)
    assert lent["first_time", 1_000_000, "share_number"] == pytest.approx(2 / 3)
    assert lent["first_time", 1_000_000, "share_amount"] == pytest.approx(400 / 900)
    assert lent["region.320000", 1_000_000, "share_amount"] == pytest.approx(300 / 900)
    assert {k[0] for k in found} == {"lent"}
    small = found["lent", "small", 1_000_000, "share_number"]
    assert small["n"] == 3
    assert small["low"] < 2 / 3 < small["high"]


def test_a_short_history_does_not_make_first_time_borrowers():
    tables, _ = sample(0.0, n=8)
    found = measured(tables)
    assert ("lent", "first_time", 1_000_000, "share_number") not in found
    found = measured(tables, history_months=0)
    assert found["lent", "first_time", 1_000_000, "share_number"]["value"] == 1


def test_a_scorecard_that_knows_reaches_more_than_collateral_that_does_not():
    tables, bad = sample(2.0)
    firms = tables["party"]["party_id"].to_pylist()
    random = np.random.default_rng(1)
    owned = [(f, float(v), "2023-12", date(2024, 1, 5))
             for f, v in zip(firms, random.random(len(firms)), strict=True)]  # fmt: skip
    found = measured(tables | {"signal": signals(property_value=owned)}, draws=50)
    assert {k[0] for k in found} == {"lent", "scorecard", "collateral", "financials"}
    gain = found["scorecard", "small", 500_000, "over_collateral"]
    assert 0 < gain["low"] < gain["value"] <= gain["high"]
    assert found["scorecard", "all", 1_000_000, "bad_rate"]["value"] == pytest.approx(bad.mean())
    curve = [found["scorecard", "all", s * 100_000, "bad_rate"]["value"] for s in range(1, 11)]
    other = [found["collateral", "all", s * 100_000, "bad_rate"]["value"] for s in range(1, 11)]
    assert all(a < b for a, b in zip(curve[:7], other[:7], strict=True))


def test_a_policy_with_nothing_to_go_by_is_left_out():
    tables, _ = sample(2.0)
    found = measured(tables, draws=20)
    assert {k[0] for k in found} == {"lent", "scorecard", "financials"}


def test_wrong_rules_are_refused():
    for wrong in ({"approvals": ["50%", "20%"]}, {"approvals": ["0%"]}, {"approvals": []}):
        with pytest.raises(UsageError):
            InclusionRule.make(as_of=DAY, **wrong)
    assert InclusionRule.make(as_of=DAY, small="5_000_000 CNY").small == Money(500_000_000)


def test_the_curves_hold_the_conventions():
    tables, _ = sample(1.5, n=120)
    given = {n: t for n, t in tables.items() if n in inclusion.reads}
    check_step(inclusion, given, InclusionRule(as_of=DAY, folds=2, draws=20))
