"""Replay and metrics against plain twins, on logs with ties, late knowledge and refusals."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import ExpressionError, UsageError
from liandong.kernels.streams.hindsight import GRAVE, gravity, oldest_to_come, turns
from liandong.watch import BacktestRule, Judgement, RuleSet, Sweep, Window, backtest
from liandong.watch.backtest.measuring import Study, Terms
from liandong.watch.backtest.outcomes import DAY, Outcomes
from liandong.watch.backtest.replay import Judged, judged
from support.happenings import HOUR, happenings, table_of
from support.hindsight import Plain, log, one_by_one

WINDOWS = (
    Window(name="sum_2d", fn="sum", over="2d", of="amount"),
    Window(name="cnt_2d", fn="count", over="2d"),
    Window(name="mean_2d", fn="mean", over="2d", of="amount"),
)
RULE = BacktestRule(
    windows=WINDOWS, late="3d",
    sweeps=(Sweep.over("count", "cnt_2d >= {x}", "1", "9", 5),),
    sets=(RuleSet(name="mean", rules=(
        Judgement(code="a", when='mean_2d > 500.5 && kind != "tax"', level="red"),)),),
)  # fmt: skip


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_a_replay_says_what_a_stream_says_event_by_event(seed) -> None:
    rng = np.random.default_rng(seed)
    events = happenings(seed, 60, hours=150)
    delay = rng.choice([0, 1, 30, 80, 100], len(events))  # beyond late, too
    events = [e._replace(seen_at=e.at + int(d) * HOUR) for e, d in zip(events, delay, strict=True)]
    kept = RULE.changed(sets=())
    found = judged(table_of(events), kept)
    names = found.subjects.to_pylist()
    rows = zip(*(a.tolist() for a in (found.subject, found.known, found.first)),
               found.grades[0].tolist(), strict=True)  # fmt: skip
    told = sorted((names[s], known, first, grade) for s, known, first, grade in rows)
    limits = [float(t) for t in RULE.sweeps[0].thresholds]
    assert told == one_by_one(
        table_of(events), kept, lambda values: sum(values["cnt_2d"] >= x for x in limits)
    )


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_changes_nothing(seed) -> None:
    events = table_of(happenings(seed, 50))
    mixed = events.take(pa.array(np.random.default_rng(seed).permutation(len(events))))
    one, other = judged(events, RULE), judged(mixed, RULE)
    assert one.grades.shape == (2, len(events))
    as_rows = [
        sorted(zip(j.subjects.take(pa.array(j.subject)).to_pylist(), j.known.tolist(),
                   j.grades.T.tolist(), strict=True)) for j in (one, other)
    ]  # fmt: skip
    assert as_rows[0] == as_rows[1]


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_figures_are_those_of_loops_over_everything(seed) -> None:
    rng = np.random.default_rng(seed)
    n, subjects = int(rng.integers(1, 60)), 6
    rows = sorted(
        (int(rng.integers(subjects)), int(rng.integers(300)) * DAY + int(rng.integers(3)),
         bool(rng.random() < 0.8), int(rng.integers(4))) for _ in range(n)
    )  # fmt: skip
    ended = rng.choice(subjects, int(rng.integers(0, 5)), replace=False)
    defaults = {int(s): (int(rng.integers(320)) * DAY, int(rng.integers(1, 9))) for s in ended}
    terms = Terms(0, 300 * DAY, int(rng.integers(20, 120)) * DAY, 30 * DAY, 20 * DAY, 2, 30)
    some = sorted(s for s in defaults if defaults[s][0] < terms.until)
    known = Outcomes(*(np.array(c, np.int64) for c in (
        some, [defaults[s][0] for s in some], [defaults[s][1] for s in some])))  # fmt: skip
    subject, at, first, grade = (np.array(c) for c in zip(*rows, strict=True))
    grades = grade.astype(np.uint8)
    judged_rows = Judged(pa.array([str(s) for s in range(subjects)]), subject, at, first,
                         grades[None])  # fmt: skip
    study = Study(judged_rows, subjects, known, terms)
    for k, found in enumerate(study.sweep(study.rows.grades[0], 3)):
        hits = [(s, t, f, g if g > k else 0) for s, t, f, g in rows]
        plain = Plain(hits, {s: defaults[s] for s in some}, subjects, terms).figures()
        assert {n: found[n] for n in plain} == pytest.approx(plain)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=40))
def test_turns_hold_nothing_that_was_known_later(pairs) -> None:
    key = np.array([k for k, _ in pairs], np.int64)
    place = np.argsort(np.argsort([t for _, t in pairs], kind="stable"))
    turn = turns(key, place, 4)
    oldest = oldest_to_come(key, place, 4)
    for k in range(4):
        mine = np.flatnonzero(key == k)
        assert (np.diff(turn[mine]) >= 0).all()
        assert set(turn[mine]) == set(range(len(set(turn[mine]))))
        for n, i in enumerate(mine):
            assert oldest[i] == place[mine[n:]].min()
        for r in set(turn[mine]):
            inside = place[mine[turn[mine] == r]].tolist()
            before = place[mine[turn[mine] < r]].tolist()
            late = [p for p in inside if before and p < max(before)]
            assert inside == sorted(inside)
            assert not late or len(inside) == 1


def test_thresholds_out_of_order_are_refused() -> None:
    rule = BacktestRule(sweeps=(Sweep(code="s", when="cnt_1h >= {x}", thresholds=("2", "1")),))
    with pytest.raises(UsageError, match="sweep s"):
        backtest(table_of(happenings(1, 20)), rule=rule)


def test_rules_are_checked_before_anything_is_read() -> None:
    rule = BacktestRule(sweeps=(Sweep(code="s", when="nothing >= {x}", thresholds=("1",)),))
    with pytest.raises(ExpressionError, match="nothing"):
        backtest(table_of(happenings(1, 5)), rule=rule)
    for wrong in (
        {}, {"sweeps": [{"code": "s", "when": "cnt_1h > 1", "thresholds": ["1"]}]},
        {"sweeps": [{"code": "s", "when": "cnt_1h > {x}", "thresholds": ["1", "1.0"]}]},
        {"sweeps": [{"code": "s", "when": "cnt_1h > {x}", "thresholds": ["1"]}] * 2},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            BacktestRule.make(**wrong)


def test_a_rule_reads_back_from_its_text() -> None:
    assert BacktestRule.from_toml(RULE.to_toml()) == RULE
    assert BacktestRule.from_toml(RULE.to_toml()).id == RULE.id


def test_an_empty_log_says_nothing() -> None:
    rule = BacktestRule(sweeps=(Sweep.over("c", "cnt_1h >= {x}", "1", "2", 2),))
    assert len(backtest(table_of([]), rule=rule)["backtest_point"]) == 0


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_gravity_is_a_count_and_whether_one_is_grave(seed) -> None:
    rng = np.random.default_rng(seed)
    rules = int(rng.integers(1, 200))
    verdicts = (rng.random((rules, 5)) < rng.random()).astype(np.uint8)
    worth = rng.choice([0, 1, GRAVE], rules).astype(np.uint8)
    found = np.empty(5, np.uint8)
    gravity(verdicts, worth, found)
    for k in range(5):
        held = [int(w) for w, v in zip(worth, verdicts[:, k], strict=True) if v and w]
        assert found[k] == min(len(held), GRAVE - 1) + (GRAVE if GRAVE in held else 0)


def test_a_set_needs_something_serious() -> None:
    rules = [Judgement(code=c, when="cnt_1h > 0", level=c) for c in ("yellow", "orange", "red")]
    sets = tuple(RuleSet(name=r.code, rules=(r,)) for r in rules)
    found = judged(table_of(happenings(1, 20)), BacktestRule(sets=(*sets, RuleSet(
        name="all", rules=tuple(rules)))))  # fmt: skip
    assert [sorted(set(g.tolist())) for g in found.grades] == [[0], [1], [GRAVE + 1], [GRAVE + 2]]


def test_a_version_is_judged_on_the_days_on_which_it_is_in_force() -> None:
    days = {"from": {"valid_from": date(2025, 1, 3)}, "to": {"valid_to": date(2025, 1, 4)}}
    days["both"] = days["from"] | days["to"]
    sets = tuple(
        RuleSet(name=n, rules=(Judgement(code=n, when="cnt_1h > 0", level="orange", **v),))
        for n, v in days.items()
    )
    events = log([("A", day + 0.5, day + 0.5, 1) for day in range(6)])
    found = judged(events, BacktestRule(sets=sets)).grades.tolist()
    assert found == [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [0, 0, 1, 1, 0, 0]]


@pytest.mark.parametrize(
    ("amounts", "mean"), [((1, 1, 3), "1.666667"), ((-1, -1, -3), "-1.666667")]
)
def test_real_numbers_are_rounded_to_millionths(amounts, mean) -> None:
    sets = (RuleSet(name="m", rules=(
        Judgement(code="m", when=f"mean_30d == {mean}", level="orange"),)),)  # fmt: skip
    events = log([("A", k, k, a) for k, a in enumerate(amounts)])
    assert judged(events, BacktestRule(sets=sets)).grades.tolist() == [[0, 0, 1]]
