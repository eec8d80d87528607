"""Provisions against closed forms, published risk weights, and loans worked by hand."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from liandong.assess import (
    Plan,
    ProvisionRule,
    expected_loss,
    monthly_loss,
    provision,
    risk_weight,
)
from liandong.errors import UsageError
from liandong.schema.arrow import build, empty
from liandong.types import Rate

DAY = date(2024, 6, 30)
# Basel Committee, International Convergence (June 2006), annex 5: corporate exposures, LGD 45 %,
# 2.5 years, turnover of 50 and of 5 million euros.
PUBLISHED = {
    0.0003: (14.44, 11.30), 0.0005: (19.65, 15.39), 0.0010: (29.65, 23.30),
    0.0025: (49.47, 39.01), 0.0040: (62.72, 49.49), 0.0050: (69.61, 54.91),
    0.0075: (82.78, 65.14), 0.0100: (92.32, 72.40), 0.0130: (100.95, 78.77),
    0.0150: (105.59, 82.11), 0.0200: (114.86, 88.55), 0.0250: (122.16, 93.43),
}  # fmt: skip


def test_risk_weights_are_those_published():
    pd, lgd = np.array(list(PUBLISHED)), np.full(len(PUBLISHED), 0.45)
    large, small = (100 * risk_weight(pd, lgd, sales=s) for s in (np.full(len(pd), 50.0), 5.0))
    told = np.array(list(PUBLISHED.values()))
    assert np.abs(large - told[:, 0]).max() < 0.0101
    assert np.abs(small - told[:, 1]).max() < 0.0101
    unknown = risk_weight(pd, lgd, sales=np.full(len(pd), np.nan))
    assert unknown.tolist() == risk_weight(pd, lgd).tolist()


def test_each_loan_has_its_own_sales_and_maturity():
    pd, lgd = np.array([0.01, 0.02, 1.0]), np.full(3, 0.45)
    together = risk_weight(pd, lgd, np.array([1.0, 4.0, 2.0]), np.array([5.0, 20.0, np.nan]))
    alone = [
        risk_weight(pd[i : i + 1], lgd[:1], m, s)[0]
        for i, (m, s) in enumerate([(1.0, 5.0), (4.0, 20.0), (2.0, None)])
    ]
    assert together.tolist() == alone


def losses(pd, months, *, level=True, rate=0.0, owed=1000.0, lgd=0.5):
    plan = Plan(np.array([owed]), np.array([months]), np.array([level]))
    year, life = monthly_loss(np.array([pd]), np.array([lgd]), plan, np.array([rate]))
    return float(year[0]), float(life[0])


def test_losses_without_discount_have_closed_forms():
    assert losses(0.02, 12) == pytest.approx((10, 10))
    assert losses(0.02, 24) == pytest.approx((10, 500 * (1 - 0.98**2)))
    assert losses(0.02, 6) == pytest.approx((500 * (1 - 0.98**0.5),) * 2)
    assert losses(1.0, 24, lgd=0.4) == pytest.approx((400, 400))
    assert losses(0.0, 24) == (0, 0)


def test_losses_of_two_months_by_hand():
    """1 - 0.88^(1/12) a month is 1.0596 %; 1.21^(1/12) is 1.016012; 1,000 then 500 owed."""
    a, v = 1 - 0.88 ** (1 / 12), 1.21 ** (-1 / 12)
    by_hand = 0.5 * (a * 1000 * v + (1 - a) * a * 500 * v**2)
    assert (a, v) == pytest.approx((0.0105964, 0.984240), abs=1e-6)
    assert losses(0.12, 2, level=False, rate=0.21) == pytest.approx((by_hand, by_hand))
    assert by_hand == pytest.approx(7.754, abs=0.001)


def test_months_are_the_years_of_the_sum_in_smaller_steps():
    pd, lgd, rate = np.array([0.05, 0.3]), np.array([0.45, 0.6]), np.array([0.04, 0.0])
    plan = Plan(np.array([100.0, 70.0]), np.array([30, 7]), np.array([False, True]))
    found = monthly_loss(pd, lgd, plan, rate)
    ead = np.column_stack([plan.exposure(m) for m in range(30)])
    step = 1 - (1 - pd) ** (1 / 12), lgd, ead, (1 + rate) ** (1 / 12) - 1
    assert found.life == pytest.approx(expected_loss(*step).life)
    assert found.year == pytest.approx(expected_loss(*step[:2], ead[:, :12], step[3]).life)


# --- the step ---------------------------------------------------------------------------------


def loans(**rows):
    usual = {
        "party_id": "F1",
        "lender_id": "B",
        "product_id": None,
        "amount": 1_000_000,
        "rate": None,
        "start": date(2024, 1, 15),
        "term_months": 12,
        "status": "current",
    }
    table = [{"loan_id": i, **usual, **r} for i, r in rows.items()]
    return build("loan", {c: [r[c] for r in table] for c in table[0]})


def flows(*rows):
    """Rows of (loan, kind, fen, day)."""
    return build("flow", {
        "flow_id": [f"T{i}" for i in range(len(rows))], "src_account": ["a"] * len(rows),
        "dst_account": ["b"] * len(rows), "loan_id": [r[0] for r in rows],
        "kind": [r[1] for r in rows], "amount": [r[2] for r in rows],
        "at": [datetime(*r[3], 3, tzinfo=UTC) for r in rows], "seq": range(len(rows)),
    })  # fmt: skip


def scores(*rows):
    """Rows of (party, day, ppm)."""
    return build("score", {
        "party_id": [r[0] for r in rows], "as_of": [r[1] for r in rows],
        "rule_id": ["card"] * len(rows), "pd": [r[2] for r in rows], "points": [600] * len(rows),
        "grade": ["A" if r[2] < 50_000 else "B" for r in rows], "reasons": [[]] * len(rows),
    })  # fmt: skip


def provided(loan, day=DAY, **given):
    tables = {n: given.get(n, empty(n)) for n in provision.reads} | {"loan": loan}
    rule = given.get("rule", ProvisionRule(as_of=day))
    found = provision(*(tables[n] for n in provision.reads), rule=rule)["provision"]
    return {r["loan_id"]: r | {"codes": [x["code"] for x in r["reasons"]]}
            for r in found.to_pylist()}  # fmt: skip


def on_time(loan, until=6):
    paid = [(loan, "disbursement", 1_000_000, (2024, 1, 15))]
    return [*paid, *((loan, "interest", 500, (2024, m, 21)) for m in range(2, until + 1))]


def test_a_performing_loan_by_hand():
    """2 % a year, 7 months left, nothing paid back: year and life alike."""
    row = provided(
        loans(L1={"rate": None}), flow=flows(*on_time("L1")),
        score=scores(("F1", date(2024, 1, 1), 20_000), ("F1", DAY, 20_000)),
    )["L1"]  # fmt: skip
    assert (row["stage"], row["days_past_due"], row["ead"]) == (1, 0, 1_000_000)
    assert (row["pd"], row["pd_then"], row["lgd"], row["grade"]) == (20_000, 20_000, 450_000, "A")
    base, down, up = (450_000 * (1 - (1 - p) ** (7 / 12)) for p in (0.02, 0.03, 0.014))
    assert (row["base"], row["down"], row["up"]) == (round(base), round(down), round(up))
    assert row["provision"] == round(0.5 * base + 0.3 * down + 0.2 * up) == 5751
    assert row["ecl_year"] == row["ecl_life"] == row["provision"]
    weight = float(risk_weight(np.array([0.02]), np.array([0.45]), 1.0)[0])
    assert row["risk_weight"] == round(1e6 * weight)
    assert row["capital"] == round(1_000_000 * round(1e6 * weight) / 1e6 * 0.08)
    assert row["codes"] == ["provision.performing", "provision.pd_score(A)",
                            "provision.lgd_rule(45%)"]  # fmt: skip


@pytest.mark.parametrize(
    ("until", "days", "stage"),
    [(6, 0, 1), (5, 9, 1), (4, 40, 2), (3, 70, 2), (2, 101, 3), (1, 130, 3)],
)
def test_days_past_due_are_those_since_the_first_missed_payment(until, days, stage):
    row = provided(loans(L1={}), flow=flows(*on_time("L1", until)))["L1"]
    assert (row["days_past_due"], row["stage"]) == (days, stage)


def test_a_late_payment_covers_its_month_and_later_ones_are_not_known_yet():
    late = [*on_time("L1", 5), ("L1", "interest", 500, (2024, 6, 29))]
    assert provided(loans(L1={}), flow=flows(*late))["L1"]["days_past_due"] == 0
    later = [*on_time("L1", 5), ("L1", "repayment", 600_000, (2024, 7, 1))]
    row = provided(loans(L1={}), flow=flows(*later))["L1"]
    assert (row["days_past_due"], row["ead"]) == (9, 1_000_000)


def test_without_transfers_the_days_are_not_known():
    rows = provided(loans(L1={}, L2={"status": "in_arrears"}, L3={"start": date(2024, 6, 10)}))
    assert [rows[i]["days_past_due"] for i in ("L1", "L2", "L3")] == [None, None, 0]
    assert [rows[i]["stage"] for i in ("L1", "L2", "L3")] == [1, 2, 1]
    assert "provision.no_payments_seen" in rows["L1"]["codes"]
    assert "provision.in_arrears" in rows["L2"]["codes"]


def events(*rows):
    """Rows of (party, day, seen, ref)."""
    return build("event", {
        "event_id": [f"E{i}" for i in range(len(rows))], "party_id": [r[0] for r in rows],
        "kind": ["default"] * len(rows), "at": [r[1] for r in rows],
        "seen_at": [r[2] for r in rows], "ref": [r[3] for r in rows],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("event", "status", "stage"),
    [
        (("F1", date(2024, 5, 1), None, "L1"), "current", 3),
        (("F1", date(2024, 5, 1), None, "L0"), "current", 3),
        (("F1", date(2023, 5, 1), None, "L0"), "current", 1),
        (("F1", date(2024, 5, 1), date(2024, 7, 2), "L1"), "default", 1),
        (("F1", date(2024, 8, 1), date(2024, 8, 2), "L1"), "default", 1),
        (("F2", date(2024, 5, 1), None, "L9"), "default", 3),
    ],
    ids=["its own", "of another loan", "before it", "not seen yet", "later", "status alone"],
)
def test_whose_default_counts(event, status, stage):
    row = provided(loans(L1={"status": status}), event=events(event))["L1"]
    assert row["stage"] == stage
    if stage == 3:
        lost = row["ead"] * 45 // 100
        figures = ("provision", "ecl_year", "ecl_life", "base", "down", "up")
        assert {row[f] for f in figures} == {lost}
        assert (row["pd"], row["capital"], row["risk_weight"]) == (1_000_000, 0, 0)


@pytest.mark.parametrize(
    ("then", "now", "stage", "code"),
    [
        (10_000, 20_000, 2, "provision.pd_risen(1% → 2%)"),
        (10_000, 19_999, 1, "provision.performing"),
        (4_000, 13_000, 1, "provision.performing"),
        (150_000, 200_000, 2, "provision.pd_high(20%)"),
    ],
)
def test_a_significant_rise_of_risk(then, now, stage, code):
    known = scores(("F1", date(2023, 12, 31), then), ("F1", DAY, now))
    row = provided(loans(L1={}), score=known)["L1"]
    assert row["stage"] == stage
    assert code in row["codes"]
    assert row["provision"] == (row["ecl_life"] if stage == 2 else row["ecl_year"])


def test_the_first_score_after_the_loan_stands_in_for_one_before_and_says_so():
    known = scores(("F1", date(2024, 3, 1), 10_000), ("F1", DAY, 40_000),
                   ("F1", date(2024, 7, 31), 1))  # fmt: skip
    row = provided(loans(L1={}), score=known)["L1"]
    assert (row["pd"], row["pd_then"], row["stage"]) == (40_000, 10_000, 2)
    assert "provision.later_score" in row["codes"]
    alone = provided(loans(L1={}), score=scores(("F1", DAY, 40_000)))["L1"]
    assert (alone["pd_then"], alone["stage"]) == (None, 1)
    assert "provision.no_earlier_score" in alone["codes"]


def test_firms_without_score_have_the_rate_of_the_rule_and_say_so():
    row = provided(loans(L1={}), rule=ProvisionRule(as_of=DAY, unscored=Rate(70_000)))["L1"]
    assert (row["pd"], row["grade"]) == (70_000, None)
    assert "provision.pd_portfolio(7%)" in row["codes"]


def test_of_two_scores_of_a_day_the_worse_counts():
    both = scores(("F1", DAY, 30_000), ("F1", DAY, 50_000))
    both = both.set_column(2, both.schema.field("rule_id"), [["x", "y"]])
    assert provided(loans(L1={}), score=both)["L1"]["pd"] == 50_000


def test_what_is_owed_and_who_is_not_there():
    back = [("L1", "repayment", 250_000, (2024, 4, 21)), ("L2", "repayment", 10**6, (2024, 5, 1))]
    rows = provided(
        loans(L1={}, L2={}, L3={"status": "repaid"}, L4={"start": date(2024, 7, 1)}),
        flow=flows(*on_time("L1"), *back),
    )
    assert list(rows) == ["L1"]
    assert rows["L1"]["ead"] == 750_000
    # What has been paid back in part falls on; what has not is owed until the end.
    level = provided(loans(L1={"amount": 750_000}))["L1"]
    assert rows["L1"]["ecl_life"] < level["ecl_life"]


def test_loss_given_default_of_the_product_less_its_guarantee():
    terms = {"min_amount": 1, "max_amount": 9, "step_amount": 1, "min_rate": 1, "max_rate": 9,
             "term_months": 12, "capacity": 9, "funding_rate": 1, "operating_rate": 1}  # fmt: skip
    product = build("product", {
        "product_id": ["K1"], "lender_id": ["B"], "lgd": [400_000], "guarantee_cover": [500_000],
        **{n: [v] for n, v in terms.items()},
    })  # fmt: skip
    row = provided(loans(L1={"product_id": "K1"}, L2={"product_id": "K2"}), product=product)
    assert [row[i]["lgd"] for i in ("L1", "L2")] == [200_000, 450_000]
    assert "provision.lgd_product(K1)" in row["L1"]["codes"]


def test_small_firms_need_less_capital():
    party = build("party", {
        "party_id": ["F1", "F2"], "kind": ["firm"] * 2,
        "annual_revenue": [780 * 5_000_000, 780 * 50_000_000],
    })  # fmt: skip
    both = provided(loans(L1={}, L2={"party_id": "F2"}), party=party)
    assert both["L1"]["capital"] < both["L2"]["capital"]
    assert "provision.small_firm" in both["L1"]["codes"]
    assert "provision.small_firm" not in both["L2"]["codes"]


def test_scenarios_must_be_whole():
    with pytest.raises(UsageError):
        ProvisionRule.make(as_of=DAY, base={"weight": "60%", "pd": "100%"})
