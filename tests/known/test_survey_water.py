"""Water at a border: trends and indices with known answers, and what a planted river shows."""

from datetime import date
from fractions import Fraction
from itertools import permutations
from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import DataError, UsageError
from liandong.kernels.statistics.monthly import redrawn_means, runs
from liandong.kernels.statistics.trend import mann_kendall
from liandong.schema.arrow import build, empty
from liandong.settle import AgreementRule, share
from liandong.survey import water
from liandong.survey.water.measured import grade
from liandong.testing import check_step
from liandong.world import river
from liandong.world.months import Months
from support.worlds import small_world, truths

NAMES = ("permanganate", "ammonia", "phosphorus", "nitrogen")
PAY = {"section": "S", "amount": "100 CNY", "met": "good", "missed": "bad"}


def tables(values, *, base=17, body="river", below=False, year=2024):
    """A section with values by month: one number for all indicators, or None for nothing."""
    rows = [(i, m, v) for m, v in enumerate(values, 1) if v is not None for i in NAMES]
    return {
        "water_section": build("water_section", {
            "section_id": ["S"], "upstream_id": ["340000"], "downstream_id": ["330000"],
            "body": [body],
        }),
        "water_base": build("water_base", {
            "section_id": ["S"] * 4, "indicator": NAMES, "valid_from": [date(2020, 1, 1)] * 4,
            "value": [base] * 4,
        }),
        "water_sample": build("water_sample", {
            "section_id": ["S"] * len(rows), "indicator": [r[0] for r in rows],
            "day": [date(year, r[1], 10) for r in rows], "lab": ["L"] * len(rows),
            "value": [r[2] for r in rows], "below": [below] * len(rows),
        }),
    }  # fmt: skip


def judged(given_, **rule):
    return water(*(given_[n] for n in water.reads), **rule)


def row(given_, **rule):
    (found,) = judged(given_, **rule)["water_index"].to_pylist()
    return found


@pytest.mark.parametrize(
    ("values", "s", "p"),
    [
        ([1, 2, 3, 4, 5], 10, 2 / 120),  # one of two orders out of 5!
        ([5, 4, 3, 2, 1], -10, 2 / 120),
        ([1, 2, 3, 4], 6, 2 / 24),
        ([2, 1, 4, 3], 2, 18 / 24),  # of 24 orders 6 have S = 0
    ],
)
def test_trends_of_few_values_are_exact(values, s, p):
    found = mann_kendall(np.array(values, float), np.arange(len(values), dtype=float))
    assert found.s == s
    assert found.p == pytest.approx(p)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(6)))
def test_the_distribution_is_that_of_all_orders(values):
    def score(order):
        pairs = [(a, b) for i, a in enumerate(order) for b in order[i + 1 :]]
        return sum(1 if b > a else -1 for a, b in pairs)

    found = mann_kendall(np.array(values, float), np.arange(6.0))
    every = [abs(score(o)) for o in permutations(range(6))]
    assert found.s == score(values)
    assert found.p == pytest.approx(sum(e >= abs(found.s) for e in every) / 720)


def test_ties_are_allowed_for_and_slopes_are_medians():
    # Variance (6 x 5 x 17 - 2 x 2 x 1 x 9) / 18 = 79 / 3; S = 13.
    found = mann_kendall(np.array([1.0, 1, 2, 3, 3, 4]), np.array([0.0, 1, 2, 3, 4, 7]))
    assert found.s == 13
    assert found.p == pytest.approx(2 * (1 - NormalDist().cdf(12 / sqrt(79 / 3))))
    even = mann_kendall(np.array([1.0, 3, 5, 7]), np.array([0.0, 1, 2, 3]))
    assert even.slope == 2
    assert mann_kendall(np.full(5, 3.0), np.arange(5.0)).p == 1
    long = mann_kendall(np.arange(61.0), np.arange(61.0))
    assert long.p < 1e-20


def test_months_are_drawn_in_runs():
    drawn = runs(12, 3, 400, np.random.default_rng(2))
    assert drawn.shape == (400, 12)
    assert np.all((drawn.reshape(400, 4, 3)[:, :, 1:] - drawn.reshape(400, 4, 3)[:, :, :-1]) % 12
                  == 1)  # fmt: skip
    assert set(np.unique(drawn)) == set(range(12))
    values = np.array([[1.0, np.nan], [3.0, 5.0]])
    means = redrawn_means(values, np.array([[0, 0], [0, 1], [1, 1]]))
    assert means.tolist() == [[1, 5], [2, 5], [3, 5]]


def test_the_index_is_exact_at_its_threshold():
    # 0.85 x 20 / 17 = 1, in every month: met, and nothing is left open.
    found = row(tables([20] * 12), payments=[PAY])
    assert (found["index"], found["verdict"], found["months"]) == (1.0, "met", 12)
    assert found["low"] == pytest.approx(1)
    more = row(tables([20] * 11 + [21]))
    assert more["index"] == float(Fraction(85, 100) * (Fraction(241, 12) / 17))
    assert more["verdict"] == "unsure"
    assert row(tables([34] * 12))["index"] == pytest.approx(1.7)
    assert row(tables([34] * 12))["verdict"] == "missed"
    other = row(tables([17] * 12), factor="90%", threshold="91%")
    assert (other["index"], other["threshold"]) == (pytest.approx(0.9), 0.91)
    weights = {"ammonia": "60%", "phosphorus": "40%"}
    assert row(tables([17] * 12), weights=weights)["index"] == pytest.approx(0.85)


@pytest.mark.parametrize(("rule", "index"), [("half", 0.5), ("limit", 1.0), ("zero", 0.0)])
def test_values_below_detection_follow_a_rule(rule, index):
    found = judged(tables([20] * 12, below=True), below=rule)
    assert found["water_index"]["index"].to_pylist() == [index]
    told = found["water_indicator"]["reasons"].to_pylist()[0]
    assert told == [
        {"code": "survey.water_of_base", "points": round(index * 20 / 17 * 10**6)},
        {"code": "survey.water_below", "points": 12},
    ]


def test_a_year_without_enough_months_has_no_index():
    found = judged(tables([20, None, None, *[20] * 7, None, None]), payments=[PAY])
    (one,) = found["water_index"].to_pylist()
    assert (one["index"], one["verdict"], one["months"]) == (None, "incomplete", 8)
    assert one["reasons"][0] == {"code": "survey.water_months(permanganate)", "points": 8}
    missing = [r["code"] for r in found["water_indicator"]["reasons"].to_pylist()[0]]
    assert missing[1:5] == [f"survey.water_month(2024-{m:02})" for m in (2, 3, 11, 12)]
    assert len(found["derived_amount"]) == 0
    enough = row(tables([20, None, None, *[20] * 7, None, None]), least_months=8)
    assert enough["index"] == 1.0
    before = row(tables([20] * 12, year=2019))  # nothing had been agreed by then
    assert before["verdict"] == "incomplete"
    assert before["reasons"][0]["code"] == "survey.water_base_of(permanganate)"


def test_who_pays_follows_the_index():
    rule = AgreementRule.make(agreements=[{
        "name": "river", "parties": {"above": "340000", "below": "330000"},
        "text": """agreement reward { unit CNY/2; parties above, below; base yearly = good
                   valid 2020-01-01..2029-12-31; tier rest { above 1 } }
                   agreement penalty { parties above, below; base yearly = bad
                   tier rest { below 1 } }""",
    }])  # fmt: skip
    for value, payer, side in ((20, "330000", "340000"), (21, "340000", "330000")):
        found = judged(tables([value] * 12), payments=[PAY])["derived_amount"]
        due = [r for r in found.to_pylist() if r["amount"]]
        assert [(r["party_id"], r["amount"]) for r in due] == [(payer, 100_00)]
        nothing = [empty(n) for n in share.reads[:3]]
        entries = share(*nothing, found, rule=rule)["share_entry"].to_pylist()
        assert [(e["debit"], e["credit"]) for e in entries if e["debit"] != "income:river:CNY"] == [
            (f"income:{payer}:CNY", "income:river:CNY")
        ]
        assert [e["credit"] for e in entries if e["debit"] == "income:river:CNY"] == [
            f"income:{side}:CNY"
        ]
    near = tables([20] * 11 + [21])
    assert judged(near, payments=[{**PAY, "hold": True}])["derived_amount"].num_rows == 0
    told = judged(near, payments=[PAY])["derived_amount"]["reasons"].to_pylist()[0]
    assert told[1]["code"] == "survey.water_unsure"
    with pytest.raises(DataError, match="no section X"):
        judged(near, payments=[{**PAY, "section": "X"}])


def test_classes_are_those_of_the_standard():
    assert [grade(Fraction(v), "phosphorus", "river") for v in (20, 21, 200, 400, 401)] == [
        1, 2, 3, 5, 6,
    ]  # fmt: skip
    assert grade(Fraction(20), "phosphorus", "lake") == 2
    assert grade(Fraction(1), "nitrogen", "river") is None
    found = judged(tables([20] * 12, body="lake"))["water_indicator"].to_pylist()
    assert {r["indicator"]: r["grade"] for r in found} == dict.fromkeys(NAMES, 1) | {
        "phosphorus": 2
    }


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"ammonia": "50%"}, "add up to 100 %"),
        ({"mercury": "100%"}, "no such indicator"),
        ({}, "add up"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, words):
    with pytest.raises(UsageError, match=words):
        row(tables([20] * 12), weights=weights)


def test_planted_bad_years_and_the_improvement_are_found():
    months = Months(date(2023, 1, 1), 36)
    bad = {f.subject: str(f.detail["year"]) for f in river.facts(months)}
    for seed in range(2):
        made = {
            "water_section": river.section_table(), "water_base": river.base_table(months),
            "water_sample": river.sample_table(months, np.random.default_rng(seed)),
        }  # fmt: skip
        found = judged(made)
        verdict = {(r["section_id"], r["period"]): r["verdict"]
                   for r in found["water_index"].to_pylist()}  # fmt: skip
        trend = {(r["section_id"], r["measure"]): r for r in found["water_trend"].to_pylist()}
        for section, year in bad.items():
            assert verdict[section, year] == "missed"
            assert verdict[section, str(int(year) + 1)] != "missed"
            assert verdict[section, "2015"] == "incomplete"
            assert verdict[section, "2025"] == "met"
            assert trend[section, "index"]["verdict"] == "falling"
            assert trend[section, "index"]["years"] == 11
    planted = truths(small_world(), "bad_water_year")
    assert {t["subject"]: t["detail"]["year"] for t in planted} == {
        "JIEKOU": 2023, "LONGQIAO": 2022, "SHITAN": 2021,
    }  # fmt: skip


def test_the_step_holds_the_conventions():
    rule = water.rule.make(payments=[PAY])
    check_step(water, tables([20, 30, None, *[19] * 8, 25]), rule)
