"""One event at a time is what tables say: windows, refusals, amendments, verdicts, what is kept."""

import gc
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import InputError
from liandong.kernels.streams.exact import nearest_millionths
from liandong.watch import Event, EventJudge, Judgement, WatchRule, WindowStream
from liandong.watch.language import Column, RowJudge, millionths, program
from support.happenings import HOUR, WINDOWS, happenings, table_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RULE = WatchRule(windows=WINDOWS, late="30h", ahead="2h", leap="100h")
WHEN = (
    "count_1h > 1", "sum_2d / count_2d >= 250.5", "mean_2d > 1000 || !has(min_1h)",
    "std_2d >= 0.000001 && std_1h < 7", "velocity_1h > 1.0", "top_share_2d < 0.5",
    "top_buyer == 1.0 || first_loan > paid", "amount > 500 && kind in ['invoice']",
    "has(amount) ? amount * amount > 9 : seq == 1", "tag == 'loan' || other_id == 'C1'",
    "other_id.startsWith('C') && subject_id != source", "has(tag)", "event_id == 'e00003'",
    "mean_1h - least_export > 0.5", "seq % 2 == 1",
)  # fmt: skip
RULES = [Judgement(code=f"R{i}", when=w, level="red") for i, w in enumerate(WHEN)]
PROGRAM = program(RULES, RULE.schema_of_rows)


def _event(e) -> Event:
    """Return a happening as an event; one known when it happened says nothing of that."""
    at, seen = (EPOCH + timedelta(microseconds=t) for t in (e.at, e.seen_at))
    return Event(
        e.event_id, e.source, e.seq, at, e.kind, e.subject_id, e.other_id, e.amount, e.tag,
        None if seen == at else seen,
    )  # fmt: skip


def _stream() -> WindowStream:
    return WindowStream(RULE.of_windows)


def _arrived(seed, n, much):
    """Return events as they come: ``much`` out of order, some twice, some too large or early."""
    rng = np.random.default_rng(seed)
    events = sorted(happenings(seed, n), key=lambda e: e.at + rng.integers(0, much * HOUR + 1))
    for k in np.flatnonzero(rng.random(len(events)) < 0.1).tolist():
        events.append(events[k])
        size, early = int(rng.choice([5, 10**15 + 1, -(10**15) - 1])), int(rng.integers(0, 5))
        events[k] = events[k]._replace(amount=size, seen_at=events[k].at - early * HOUR)
    return events


def _rows(values: pa.Table, event: pa.Table) -> pa.Table:
    """Return what rules read of a row, as tables have it."""
    windows = {w.name: millionths(values[w.name]) for w in RULE.windows}
    return pa.table(windows | {n: event[n] for n in event.column_names if n not in windows})


@given(seed=st.integers(0, 2**32), n=st.integers(1, 80), much=st.sampled_from([0, 25, 60]))
@settings(max_examples=40, deadline=None)
def test_it_says_what_a_stream_and_a_judge_of_rows_and_tables_say(seed, n, much) -> None:
    judge, row, apart, whole = (
        EventJudge(_stream(), PROGRAM),
        RowJudge(PROGRAM),
        _stream(),
        _stream(),
    )
    for e in _arrived(seed, n, much):
        found, seen = judge(_event(e)), apart.see(_event(e))
        told = whole.take(table_of([e]))
        reason = told.quarantine["reason"].to_pylist()
        assert [found.refused] == [seen.refused] == (reason or [None])
        if reason:
            assert found.verdicts is seen.values is found.amended is None
            continue
        (values,) = told.values.to_pylist()
        assert judge.said == seen.values == {w.name: values[w.name] for w in RULE.windows}
        for amended in (found.amended, seen.amended):
            assert (amended or told.amended[:0]).to_pylist() == told.amended.to_pylist()
        rows = _rows(told.values, told.taken)
        assert found.verdicts.tolist() == PROGRAM.judge(rows)[:, 0].tolist()
        assert found.verdicts.tolist() == row(rows.to_pylist()[0]).tolist()
    assert judge._stream.save() == apart.save() == whole.save()


@settings(deadline=None)
@given(st.floats(allow_nan=True, allow_infinity=True) | st.integers(-99, 99).map(lambda k: k / 2e6))
def test_millionths_are_those_of_tables(value) -> None:
    table = millionths(pa.chunked_array([[value]])).to_pylist()[0]
    found, state = nearest_millionths(value)
    assert (None if state else found) == table


def test_texts_of_all_kinds_are_kept_page_by_page() -> None:
    texts = ["", "a\0b", "联动", "x" * 300, "\0", "y" * 100_000, "e"]
    stream, other, rows = _stream(), _stream(), happenings(2, 2_500, subjects=40)
    rows = sorted(rows, key=lambda e: e.place)
    for k, e in enumerate(rows):
        text = texts[k // 5 % 6] if k % 100 == 7 else texts[k % 3]
        rows[k] = e._replace(event_id=f"{k}{text}", other_id=e.other_id and text, tag=str(k % 9))
    late = rows.pop(2_400)._replace(seq=5)
    for e in rows:
        stream.see(_event(e))
    assert stream.save() == _taken(other, rows).save()
    assert stream.see(_event(late)).amended is not None
    assert stream.save() == _taken(other, [late]).save()


def _taken(stream, rows):
    assert not len(stream.take(table_of(rows)).quarantine)
    return stream


def test_singles_and_batches_in_turn_and_two_sets_of_rules_on_one_stream() -> None:
    rows, stream, whole = sorted(happenings(4, 300), key=lambda e: e.place), _stream(), _stream()
    judges = [EventJudge(stream, program(RULES[i::2], RULE.schema_of_rows)) for i in range(2)]
    found = []
    for k in range(0, 300, 6):
        stream.take(table_of(rows[k : k + 4]))
        found += [judge(_event(e)) for judge, e in zip(judges, rows[k + 4 : k + 6], strict=True)]
    told = whole.take(table_of(rows))
    verdicts = PROGRAM.judge(_rows(told.values, told.taken))
    at = {e: k for k, e in enumerate(told.taken["event_id"].to_pylist())}
    for k, one in enumerate(found):
        row = at[rows[k // 2 * 6 + 4 + k % 2].event_id]
        assert one.verdicts.tolist() == verdicts[k % 2 :: 2, row].tolist()
    assert stream.save() == whole.save()


def test_no_object_is_kept_of_an_event() -> None:
    stream, noon = WindowStream(), datetime(2026, 3, 2, 12, tzinfo=UTC)

    def see(n: int) -> None:
        for k in range(n, n + 3_000):
            at = noon + timedelta(minutes=k)
            stream.see(Event(f"e{k}", "bank", k, at, "in", f"F{k}", f"C{k}", k, "t"))

    def kept() -> int:
        gc.collect()
        return len(gc.get_objects())

    see(0)
    grown = []
    for n in (3_000, 6_000, 9_000):  # what runs beside the test may make some of its own at times
        before = kept()
        see(n)
        grown.append(kept() - before)
    assert min(grown) < 100


@pytest.mark.parametrize("amount", [2**63, -(2**80), -(2**63), 10**15 + 1])
def test_what_is_too_large_for_any_number_is_refused(amount) -> None:
    stream = WindowStream()
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert stream.see(Event("e", "bank", 1, noon, "in", "F", "C", amount)).refused == "large"
    assert stream.clock is None


@pytest.mark.parametrize(
    ("when", "schema"),
    [
        ("unknown > 1", {"unknown": Column("int")}),
        ("amount", {"amount": Column("bool")}),
        ("kind > 1", {"kind": Column("int")}),
        ("at > 1", {"at": Column("int")}),
        ("cnt_1h == 'a'", {"cnt_1h": Column("text")}),
        ("seen_at == 'a'", {"seen_at": Column("text")}),
    ],
)
def test_rules_that_read_what_is_not_there_are_refused(when, schema) -> None:
    made = program([Judgement(code="R", when=when, level="red")], schema)
    with pytest.raises(InputError, match=next(iter(schema))):
        EventJudge(WindowStream(), made)
