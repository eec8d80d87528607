"""A log in order, told subject by subject: the same bits as event by event."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.dataset import ParquetFileFormat, dataset

from liandong.kernels.streams.layout import NOTHING
from liandong.schema.arrow import empty
from liandong.schema.field import MONEY_MOST
from liandong.watch import (
    BacktestRule,
    Judgement,
    RuleSet,
    Sweep,
    Window,
    WindowsRule,
    WindowStream,
)
from liandong.watch.backtest import histories as module
from liandong.watch.backtest.grading import windows_of
from liandong.watch.backtest.histories import Histories, histories
from liandong.watch.backtest.replay import judged
from liandong.watch.backtest.step import points
from support.happenings import HOUR, WINDOWS, happenings, table_of
from support.hindsight import log, one_by_one

EVERY = WindowsRule(windows=tuple(Window(**w) for w in WINDOWS), late="1h")
NAMES = [w.name for w in sorted(EVERY.windows, key=lambda w: not w.whole)]
COUNT = Sweep.over("count", "cnt_2d >= {x}", "1", "9", 5)
RULE = BacktestRule(
    windows=(
        Window(name="cnt_2d", fn="count", over="2d"),
        Window(name="mean_3d", fn="mean", over="3d", of="amount"),
    ),
    late="3d", ahead="1h", sweeps=(COUNT,),
)  # fmt: skip


def in_order(seed: int, n: int = 60) -> pa.Table:
    """Return events, no two at one time, that came as they happened; some before, or too large."""
    rng = np.random.default_rng(seed)
    events = sorted(happenings(seed, n, hours=150), key=lambda e: e.at)
    at = np.array([e.at for e in events]) + np.arange(n)
    seen = np.maximum.accumulate(at + rng.choice([0, 0, 1, 30], n) * HOUR)
    ahead = rng.random(n) < 0.1
    at[ahead] += np.minimum(3 * HOUR, np.append(np.diff(at), 1)[ahead] - 1)
    return table_of([
        e._replace(at=int(a), seen_at=int(s), amount=2 * MONEY_MOST if r < 0.05 else e.amount)
        for e, a, s, r in zip(events, at, seen, rng.random(n), strict=True)
    ])  # fmt: skip


@pytest.fixture(autouse=True)
def small(monkeypatch) -> None:
    """Let a subject be of many pieces, and a piece of many subjects."""
    monkeypatch.setattr(module, "SIZE", 7)
    monkeypatch.setattr(module, "PART", 11)


def told(found: Histories) -> dict[tuple[str, int], list[object]]:
    """Return values by subject and time."""
    names, rows = found.subjects.to_pylist(), {}
    for piece in found.told():
        values = (*piece.said.whole.T.tolist(), *piece.said.real.T.view(np.int64).tolist())
        for who, at, *said in zip(piece.subject.tolist(), piece.at.tolist(), *values, strict=True):
            assert (names[who], at) not in rows
            rows[names[who], at] = said
    return rows


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_values_are_those_of_the_stream_bit_for_bit(seed, subjects) -> None:
    table = in_order(seed)
    names = pa.array([f"S{k % subjects}" for k in range(len(table))])
    table = table.set_column(table.column_names.index("subject_id"), "subject_id", [names])
    found = histories(table, EVERY, [])
    assert found is not None
    taken = WindowStream(EVERY).take(table).values
    at = taken["at"].cast(pa.int64()).to_pylist()
    nothing = {n: NOTHING if w.whole else np.nan for w in EVERY.windows for n in [w.name]}
    columns = [
        np.array([nothing[n] if v is None else v for v in taken[n].to_pylist()]).view(np.int64)
        for n in NAMES
    ]
    wanted = zip(*(c.tolist() for c in columns), strict=True)
    by = zip(taken["subject_id"].to_pylist(), at, strict=True)
    assert told(found) == {key: list(said) for key, said in zip(by, wanted, strict=True)}
    assert len(found) == len(taken)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_verdicts_are_those_event_by_event(seed) -> None:
    table = in_order(seed)
    assert histories(table, RULE.stream, []) is not None
    found = judged(table, RULE)
    names = found.subjects.to_pylist()
    columns = (found.subject, found.known, found.first, found.grades[0])
    rows = sorted((names[s], *r) for s, *r in zip(*(c.tolist() for c in columns), strict=True))
    assert rows == one_by_one(table, RULE, lambda v: sum(v["cnt_2d"] >= x for x in (1, 3, 5, 7, 9)))
    assert (np.diff(found.subject) >= 0).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_a_file_says_what_a_table_says(tmp_path_factory, seed) -> None:
    when = 'kind == "tax" || (tag == "loan" && amount > 500) || mean_3d > 900.5'
    sets = (RuleSet(name="s", rules=(Judgement(code="s", when=when, level="red"),)),)
    table, rule = in_order(seed), RULE.changed(sets=sets)
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    pq.write_table(table, path, row_group_size=20)
    by_name = ParquetFileFormat(dictionary_columns={"subject_id", "other_id"})
    # The same events, the last ones first: they are put in order, and gone through one by one.
    turned = table.take(pa.array(np.arange(len(table))[::-1]))
    assert histories(turned, rule.stream, []) is None
    found = judged(turned, rule)
    columns = (found.subject, found.known, found.first, *found.grades)
    for same in (table, dataset(path), dataset(path, format=by_name)):
        other = judged(same, rule)
        assert other.subjects.equals(found.subjects)
        alike = (other.subject, other.known, other.first, *other.grades)
        assert all(np.array_equal(a, b) for a, b in zip(columns, alike, strict=True))


def test_a_file_in_no_order_is_read_whole(tmp_path) -> None:
    table = table_of(happenings(3, 40))
    pq.write_table(table, tmp_path / "log.parquet")
    found = [points(given, empty("event"), empty("warning"), RULE)
             for given in (table, dataset(tmp_path / "log.parquet"))]  # fmt: skip
    assert histories(table, RULE.stream, []) is None
    assert found[0].equals(found[1])


def test_only_columns_that_rules_need_are_read(tmp_path) -> None:
    table = in_order(5).select(["at", "seen_at", "subject_id", "amount"])
    pq.write_table(table, tmp_path / "log.parquet")
    assert judged(dataset(tmp_path / "log.parquet"), RULE).grades.any()


def test_the_longest_window_stays_though_no_rule_reads_it() -> None:
    # Amounts of 30 days must not add up to 2**62: the events from there on are refused, as live.
    rows = [("A", k / 200, k / 200, MONEY_MOST) for k in range(4_700)]
    rule = RULE.changed(windows=(
        *RULE.windows, Window(name="far", fn="count", over="30d"),
        Window(name="unread", fn="count", over="9d"),
    ))  # fmt: skip
    kept = windows_of(rule.program(), rule)
    assert [w.name for w in kept.windows] == ["cnt_2d", "far"]
    taken = (1 << 62) // MONEY_MOST
    assert len(judged(log(rows), rule).known) == taken < len(rows)
    assert len(WindowStream(rule.stream).take(log(rows)).values) == taken


def test_a_log_without_events_has_no_beginning() -> None:
    found = histories(table_of([]), RULE.stream, ["kind"])
    assert found is not None
    assert (len(found), found.first, found.last, list(found.told())) == (0, None, None, [])


@pytest.mark.parametrize("name", ["at", "subject_id"])
def test_what_does_not_fit_is_left_to_those_who_say_so(name) -> None:
    table = in_order(1)
    place = table.column_names.index(name)
    assert histories(table.remove_column(place), RULE.stream, []) is None
    other = table.set_column(place, name, [pa.array(range(len(table)))])
    assert histories(other, RULE.stream, []) is None
