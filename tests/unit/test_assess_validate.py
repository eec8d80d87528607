"""Validation of scores on a board of its own: outcomes after the day alone, slices, and nothing."""

from datetime import date

import pytest

from liandong import assess
from liandong.schema.arrow import empty
from liandong.step import output

DAY = date(2020, 6, 30)


def tables(period="2021-01", bad=(0, 0, 1, 1)):
    ids = [f"F{k}" for k in range(4)]
    none = {name: empty(name) for name in ("event", "loan", "party")}
    score = output(
        "score", party_id=ids, as_of=[DAY] * 4, rule_id=["card"] * 4,
        pd=[10_000, 300_000, 200_000, 400_000], points=[600, 500, 520, 480],
        grade=["A", "B", "B", "B"], reasons=[[]] * 4,
    )["score"]  # fmt: skip
    signal = output(
        "signal", party_id=ids, source=["bank"] * 4, measure=["default"] * 4,
        period=[period] * 4, value=[float(b) for b in bad], unit=["flag"] * 4,
        seen_at=[None] * 4,
    )["signal"]  # fmt: skip
    return {**none, "score": score, "signal": signal}


def validated(given, **rule):
    step = assess.validate
    found = step.finish(given, assess.ValidateRule(as_of=DAY, **rule))
    return {(r["slice"], r["measure"]): r for r in found["validation"].to_pylist()}


def test_figures_by_hand():
    found = validated(tables())
    assert found["all", "auc"]["value"] == 0.75
    assert found["all", "gini"]["value"] == 0.5
    assert found["all", "ks"]["value"] == 0.5
    assert found["all", "bad_rate"]["value"] == 0.5
    assert found["all", "mean_pd"]["value"] == pytest.approx(0.2275)
    assert found["all", "auc"]["low"] < 0.75 < found["all", "auc"]["high"] <= 1
    assert found["grade.A", "bad_rate"]["n"] == 1
    assert ("grade.A", "auc") not in found
    assert ("grade.B", "auc") not in found
    assert ("grade.B", "auc") in validated(tables(), least=1)


@pytest.mark.parametrize(
    "given",
    [tables(period="2020-05"), tables(period="2020-06"), tables(bad=(0, 0, 0, 0))],
    ids=["before", "the same month", "no default"],
)
def test_without_outcomes_after_the_day_nothing_is_written(given):
    assert validated(given) == {}


def test_nothing_given_nothing_found():
    given = {name: empty(name) for name in assess.validate.reads}
    assert validated(given) == {}
