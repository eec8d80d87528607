"""Backtests whose figures are worked out by hand."""

from datetime import date

import pytest

from liandong.watch import BacktestRule, Judgement, RuleSet, Sweep, Window, backtest
from support.hindsight import ends, log, said

LAST = Window(name="last_1h", fn="last", over="1h", of="amount")
RULE = BacktestRule(
    windows=(LAST,),
    sweeps=(Sweep(code="size", when="last_1h >= {x}", thresholds=("5", "9")),),
    sets=(
        RuleSet(name="both", rules=(
            Judgement(code="large", when="last_1h >= 9", level="red"),
            Judgement(code="some", when="last_1h >= 5", level="orange"),
            Judgement(code="any", when="last_1h >= 0", level="yellow"),
        )),
    ),
    since=date(2025, 1, 1), until=date(2025, 7, 19), horizon=100, least=10, cool="20d",
    budget=1, minutes=30, late="400d",
)  # fmt: skip
"""200 days."""

EVENTS = log([
    ("A", 20, 20, 5), ("A", 30, 30, 9), ("A", 60, 60, 9),  # defaults on day 90
    ("B", 40, 40, 7), ("B", 44, 44, 0),  # never does
    ("C", 45, 45, 9),  # on day 50: five days are too few
    ("D", 1, 1, 0),  # on day 5: nobody could have said so ten days before
    ("E", 40, 40, 9), ("E", 100, 100, 5), ("E", 151, 151, 9),  # on day 150
])  # fmt: skip
DEFAULTS = ends([
    ("A", "default", 90, 100), ("A", "enforcement", 120, 900), ("C", "enforcement", 50, 300),
    ("D", "default", 5, 50), ("E", "default", 150, 600), ("F", "default", 80, 7),
    ("B", "lawsuit", 60, 10),
])  # fmt: skip


@pytest.fixture(scope="module")
def points() -> dict[tuple[str, int], dict]:
    rows = backtest(EVENTS, DEFAULTS, rule=RULE)["backtest_point"].to_pylist()
    return {(r["study"], r["point"]): r for r in rows}


def test_the_loose_threshold(points) -> None:
    found = points["size", 0]
    assert (found["kind"], found["when"], found["threshold"]) == ("sweep", "last_1h >= 5", 5.0)
    assert (found["subjects"], found["hits"]) == (5, 7)  # that on day 151 comes after the default
    assert found["alerts"] == 6  # A 20, A 60, B 40, C 45, E 40, E 100
    months = (90 + 200 + 50 + 5 + 150) / 30.4375
    assert found["burden"] == pytest.approx(6000 / months)
    assert found["repeats"] == pytest.approx(2 / 6)
    assert found["flips"] == pytest.approx(1 / 6)  # B: nothing on day 44
    assert (found["defaults"], found["caught"]) == (3, 2)  # A and E
    assert found["recall"] == pytest.approx(2 / 3)
    assert found["recall_exposure"] == pytest.approx(0.7)
    # A 70, C 5, E 50: day 40 is too long before day 150.
    assert [found[f"lead_{n}"] for n in ("low", "median", "high")] == [27.5, 50, 60]
    assert (found["lead_90"], found["lead_180"]) == (0, 0)
    assert (found["hours"], found["minutes_per_default"]) == (3, 90)


def test_precision_within_the_budget(points) -> None:
    # One a week: in that of day 40, E is graver than B and earlier than C. Day 100 is too recent.
    # A 20 and A 60 are right, E 40 is not: its default comes more than 100 days later.
    assert points["size", 0]["precision"] == pytest.approx(2 / 3)
    # Weeks from day 0 to day 98: 3 of 5, seven times 2 of 4, five times 2 of 3, twice 1 of 2.
    assert points["size", 0]["base"] == pytest.approx(29 / 52)


def test_the_strict_threshold(points) -> None:
    found = points["size", 1]
    assert (found["hits"], found["alerts"]) == (4, 4)  # A 30, A 60, C 45, E 40
    assert (found["caught"], found["lead_median"]) == (1, 32.5)
    assert found["recall_exposure"] == pytest.approx(0.1)


def test_a_set_of_rules_counts_from_orange(points) -> None:
    found = points["both", 0]
    assert found["kind"] == "rules"
    assert found["threshold"] is None
    same = ("hits", "alerts", "burden", "caught", "lead_median", "precision", "flips")
    assert [found[n] for n in same] == [points["size", 0][n] for n in same]


def test_what_was_not_known_yet_warns_nobody() -> None:
    total = Window(name="sum_30d", fn="sum", over="30d", of="amount")
    rule = BacktestRule(
        windows=(total,), sweeps=(Sweep(code="sum", when="sum_30d >= {x}", thresholds=("10",)),),
        since=date(2025, 1, 1), until=date(2025, 7, 19), horizon=100, late="60d",
    )  # fmt: skip
    # 11 within 30 days on day 20, but 6 of them were known on day 40 only.
    events = log([("A", 20, 20, 5), ("A", 10, 40, 6), ("B", 10, 10, 6), ("B", 20, 20, 5)])
    defaults = ends([("A", "default", 90, 1), ("B", "default", 90, 1)])
    (found,) = backtest(events, defaults, rule=rule)["backtest_point"].to_pylist()
    assert (found["hits"], found["caught"]) == (2, 2)
    assert found["lead_median"] == 60  # A from day 40, B from day 20
    assert found["flips"] == 0


def test_signals_are_measured_by_their_warnings(points) -> None:
    # What the rules of the set found, said by two signals; C2 warns of nothing serious.
    warnings = said([
        ("C1", "A", 20, "orange"), ("C1", "A", 30, "red"), ("C3", "A", 60, "red"),
        ("C1", "B", 40, "orange"), ("C1", "B", 44, None), ("C3", "C", 45, "red"),
        ("C1", "D", 1, None), ("C1", "E", 40, "red"), ("C3", "E", 100, "orange"),
        ("C3", "E", 151, "red"), ("C2", "B", 70, "yellow"), ("C9", "B", 90, "red"),
    ])  # fmt: skip
    rule = RULE.changed(sweeps=(), sets=(), signals=("C1", "C2", "C3"))
    rows = backtest(EVENTS[:0], DEFAULTS, warnings, rule=rule)["backtest_point"].to_pylist()
    found = {r["study"]: r for r in rows}
    assert [found[c]["alerts"] for c in ("C1", "C2", "C3", "all")] == [3, 0, 3, 6]
    assert found["C1"]["flips"] == pytest.approx(1 / 3)  # B, on day 44
    same = ("subjects", "burden", "repeats", "caught", "recall_exposure", "lead_median",
            "precision", "base", "hours")  # fmt: skip
    assert [found["all"][n] for n in same] == [points["both", 0][n] for n in same]
    assert (found["all"]["kind"], found["all"]["flips"]) == ("signals", None)
    # C1 warned of A on day 20; what it says of E on day 40 is too early to count.
    assert (found["C1"]["caught"], found["C3"]["caught"]) == (1, 2)
