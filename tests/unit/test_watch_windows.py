"""Windows by known answers; what is refused, what is forgotten, and what a rule may say."""

from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from liandong.errors import UsageError
from liandong.kernels.streams.layout import COUNTER_LIVE, LOG_LIVE
from liandong.kernels.streams.squares import add_square, deviation
from liandong.watch import Event, Window, WindowsRule, WindowStream, windows
from liandong.watch.windows import pools
from support.happenings import HOUR, Happening, happenings, said, table_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAYS = tuple(timedelta(days=d) for d in range(40))
START = 1_700_000_000_000_000
TWICE = '[[windows]]\nname = "a"\nfn = "count"\nover = "2h"'


def _see(stream, n, at, amount=100, subject="F", other="C", **more):
    event = Event(f"e{n}", "bank", n, at, "payment_in", subject, other, amount, **more)
    return stream.see(event)


def _event(n, at, amount=100, subject="F", seen_at=None):
    seen = at if seen_at is None else seen_at
    return Happening(f"e{n}", "bank", n, at, seen, "payment_in", subject, "C", amount, None)


def test_the_window_is_open_at_its_beginning() -> None:
    stream = WindowStream()
    assert _see(stream, 1, NOON).values["cnt_24h"] == 1
    before = NOON + DAYS[1] - timedelta(microseconds=1)
    assert _see(stream, 2, before).values["cnt_24h"] == 2
    assert _see(stream, 3, NOON + DAYS[1]).values["cnt_24h"] == 2


def test_the_eight_windows_by_hand() -> None:
    stream = WindowStream()
    _see(stream, 1, NOON, 200, other="A")
    _see(stream, 2, NOON + DAYS[10], 400, other="B")
    values = _see(stream, 3, NOON + DAYS[10] + timedelta(hours=2), 600, other="A").values
    assert values == {
        "cnt_1h": 1, "cnt_24h": 2, "sum_24h": 1_000, "max_7d": 600, "distinct_30d": 2,
        "mean_30d": 400.0, "std_30d": 200.0, "velocity": 1_000 / (1_200 / 30.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([2, 4, 4, 4, 5, 5, 7, 9], (32 / 7) ** 0.5),
        ([10**15, 10**15 - 1], 0.5**0.5),  # one apart, where a float of the square is blind
        ([10**15] * 5, 0.0),
        ([-(10**15), 10**15], 2**0.5 * 10**15),
    ],
)
def test_deviation_of_large_amounts_is_exact(amounts, expected) -> None:
    row = np.zeros(2, np.int64)
    for a in [*amounts, 77]:
        add_square(row, 0, a, 1)
    add_square(row, 0, 77, -1)
    assert deviation(len(amounts), sum(amounts), *row.tolist()) == pytest.approx(
        expected, rel=1e-15
    )


def test_duckdb_says_the_same() -> None:
    events = [e for e in happenings(3, 400, subjects=5) if e.amount is not None]
    times = range(START, START + len(events) * 977_000_000, 977_000_000)
    events = [e._replace(at=t, seen_at=t) for t, e in zip(times, events, strict=True)]
    told = WindowStream().take(table_of(events)).values.to_pydict()
    event = table_of(events)
    event = event.append_column("t", event["at"].cast(pa.int64()))
    frame = "OVER (PARTITION BY subject_id ORDER BY t RANGE BETWEEN {} PRECEDING AND CURRENT ROW)"
    day, week, month = (frame.format(h * HOUR - 1) for h in (24, 168, 720))
    with duckdb.connect() as db:
        db.register("event", event)
        rows = db.execute(
            f"SELECT count(*) {day}, sum(amount) {day}, max(amount) {week}, avg(amount) {month},"
            f" stddev_samp(amount) {month}, count(DISTINCT other_id) {month} FROM event ORDER BY t"
        ).fetchall()
    names = ("cnt_24h", "sum_24h", "max_7d", "mean_30d", "std_30d", "distinct_30d")
    for k, row in enumerate(rows):
        mine = [told[n][k] for n in names]
        assert mine[:3] == list(row[:3])
        assert mine[5] == row[5]
        assert mine[3] == pytest.approx(row[3], rel=1e-15)
        assert mine[4] == (None if row[4] is None else pytest.approx(row[4], rel=1e-11))


def test_a_late_event_amends_its_own_subject_alone() -> None:
    stream = WindowStream(late="2d")
    day = 24 * HOUR
    stream.take(
        table_of([_event(1, START), _event(2, START + day), _event(3, START + day, 5, "G")])
    )
    told = stream.take(table_of([_event(4, START + HOUR, 900)]))
    assert told.values["max_7d"].to_pylist() == [900]
    assert [(r["event_id"], r["max_7d"]) for r in told.amended.to_pylist()] == [("e2", 900)]


def test_what_time_does_not_allow_is_put_aside_and_moves_no_clock() -> None:
    stream = WindowStream(late="1d", leap="30d")
    minute, day = HOUR // 60, 24 * HOUR
    rows = [
        _event(1, START),
        _event(2, START + 11 * minute, seen_at=START),
        _event(3, START + 10 * minute, seen_at=START),
        _event(4, START + 31 * day),
        _event(5, START + 2 * day),
        _event(6, START + day),
        _event(7, START + 10 * minute),
    ]
    told = stream.take(table_of(rows))
    refused = {r["event_id"]: r["reason"] for r in told.quarantine.to_pylist()}
    assert refused == {"e2": "ahead", "e4": "leap", "e7": "late"}
    assert told.values["event_id"].to_pylist() == ["e1", "e3", "e6", "e5"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    at = epoch + timedelta(microseconds=START)
    assert _see(stream, 8, at).refused == "late"
    assert _see(stream, 9, at + DAYS[39]).refused == "leap"
    ahead = _see(stream, 10, at + DAYS[3], seen_at=at + DAYS[2])
    assert (ahead.refused, ahead.values) == ("ahead", None)


def test_events_that_are_there_already_change_nothing() -> None:
    events = happenings(2, 40)
    stream = WindowStream(late="1000h")
    first = stream.take(table_of(events))
    twice = stream.take(table_of([*events[:20], *events[10:]]))
    assert not len(twice.values)
    assert not len(twice.amended)
    assert set(twice.quarantine["reason"].to_pylist()) == {"again"}
    fresh = WindowStream(late="1000h").take(table_of([*events, *events]))
    assert fresh.values.equals(first.values)
    assert len(fresh.quarantine) == len(events)


def test_amounts_that_cannot_be_summed_are_put_aside() -> None:
    stream = WindowStream()
    assert _see(stream, 1, NOON, 10**15 + 1).refused == "large"
    most = 10**15
    rows = [_event(n, START + n, most) for n in range(5_000)]
    told = stream.take(table_of(rows))
    assert len(told.values) == 2**62 // most
    assert set(told.quarantine["reason"].to_pylist()) == {"large"}
    assert told.values["sum_24h"].to_pylist()[-1] == len(told.values) * most


def test_the_dead_are_forgotten() -> None:
    stream = WindowStream(late="1h")
    per_day, days = 200, 400
    for day in range(days):
        at = START + day * 24 * HOUR
        rows = [
            _event(day * per_day + k, at + k * 1_000_000, subject=f"S{k}")._replace(
                other_id=f"C{day}"
            )
            for k in range(per_day)
        ]
        stream.take(table_of(rows))
    kept = stream._pools
    alive = per_day * 31
    assert kept.state.meta[LOG_LIVE] <= 4 * alive
    assert len(kept.state.log) <= 4 * alive * kept.plan.log_wide
    assert len(kept.state.counters) <= 4 * alive * kept.plan.counter_wide
    kept.numbers(START + days * 24 * HOUR, days * per_day)
    assert kept.state.meta[[LOG_LIVE, COUNTER_LIVE]].max() <= alive
    assert sum(len(p.events) for p in stream._ledger._pieces) <= 8 * alive


def test_saving_what_was_loaded_gives_the_same_bytes() -> None:
    stream = WindowStream(late="30h")
    stream.take(table_of(sorted(happenings(4, 100), key=lambda e: e.place)))
    saved = stream.save()
    assert WindowStream.load(saved).save() == saved
    assert WindowStream.load(WindowStream().save()).save() == WindowStream().save()
    with pytest.raises(UsageError, match="taken events already"):
        stream.replay(table_of([]))


def test_the_step_tells_what_the_stream_tells() -> None:
    events = table_of(happenings(6, 120))
    rule = WindowsRule(late="1000h")
    told = WindowStream(rule).take(events).values
    long = windows(events, rule=rule)["window_value"]
    for w in rule.windows:
        rows = long.filter(pc.equal(long["window"], w.name)).to_pydict()
        found = zip(rows["event_id"], rows["exact" if w.whole else "value"], strict=True)
        expected = zip(told["event_id"].to_pylist(), told[w.name].to_pylist(), strict=True)
        assert dict(found) == dict(expected)
    last = max(events["at"].to_pylist()).date()
    since = windows(events, rule=rule.changed(since=last))["window_value"]
    assert {r["at"].date() for r in since.to_pylist()} == {last}


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ('name = "a"\nfn = "sum"\nover = "1h"', "sum needs of"),
        ('name = "a"\nfn = "count"\nover = "1h"\nof = "amount"', "looks at no amount"),
        ('name = "a"\nfn = "velocity"\nover = "1h"\nof = "amount"', "against is for velocity"),
        ('name = "a"\nfn = "velocity"\nover = "2h"\nagainst = "1h"\nof = "amount"', "longer"),
        ('name = "a"\nfn = "count"\nover = "1 hour"', "a span is"),
        ('name = "a"\nfn = "count"\nover = "0h"', "some length"),
        ('name = "a"\nfn = "count"\nover = "99999d"', "10 years"),
        ('name = "kind"\nfn = "count"\nover = "1h"', "field of that name"),
        ('name = "A b"\nfn = "count"\nover = "1h"', "pattern"),
        ('name = "a"\nfn = "median"\nover = "1h"', "'count'"),
        (
            'name = "a"\nfn = "count"\nover = "1h"\n' + TWICE,
            "there twice",
        ),
    ],
)  # fmt: skip
def test_a_wrong_rule_says_what_is_wrong(toml, said) -> None:
    with pytest.raises(UsageError, match=said):
        WindowsRule.from_toml(f"[[windows]]\n{toml}")


def test_there_are_bits_for_sixty_choices() -> None:
    many = tuple(
        Window(name=f"w{n}", fn="count", over="1h", where={"kinds": (f"k{n}",)}) for n in range(61)
    )
    WindowStream(windows=many[:60])
    with pytest.raises(UsageError, match="61 different ways"):
        WindowStream(windows=many)


def test_names_may_come_as_dictionaries() -> None:
    plain = table_of(sorted(happenings(3, 90), key=lambda e: e.place))
    given = plain
    for name in ("subject_id", "other_id"):
        parts = [plain[name].slice(a, 30).combine_chunks().dictionary_encode() for a in (0, 30, 60)]
        given = given.set_column(given.column_names.index(name), name, pa.chunked_array(parts))
    one, other = WindowStream(), WindowStream()
    for begin in (0, 40):
        told, same = one.take(given.slice(begin, 50)), other.take(plain.slice(begin, 50))
        assert told.values.equals(same.values)
        assert told.quarantine.equals(same.quarantine)
    assert one.save() == other.save()
    mixed = given.take(pa.array(np.random.default_rng(1).permutation(len(given))))
    assert WindowStream().replay(mixed).values.equals(WindowStream().replay(plain).values)


def test_rows_of_the_reference_are_narrow() -> None:
    plan = WindowStream()._pools.plan
    assert 8 * plan.key_wide <= 128
    assert 8 * plan.log_wide <= 32


def test_many_choices_have_bits_and_flags_of_their_own() -> None:
    kinds = sorted({e.kind for e in happenings(8, 120)})
    wheres = [{"kinds": (kinds[n % len(kinds)], f"none{n}")} for n in range(40)]
    many = tuple(
        Window(name=f"d{n}", fn="distinct", over=f"{1 + n}h", where=w) for n, w in enumerate(wheres)
    )
    tops = tuple(
        Window(name=f"t{n}", fn="top_share", over="9h", of="amount", where=w)
        for n, w in enumerate(wheres[:3])
    )
    events = sorted(happenings(8, 120), key=lambda e: e.place)
    told = WindowStream(windows=many + tops, late="30h").take(table_of(events)).values
    expected = said(events, many + tops)
    for row in told.to_pylist():
        assert {n: row[n] for n in expected[row["event_id"]]} == expected[row["event_id"]]


def test_sweeping_at_every_turn_changes_nothing(monkeypatch) -> None:
    events = sorted(happenings(9, 300, subjects=4), key=lambda e: e.place)
    plain = WindowStream(late="30h").take(table_of(events)).values
    monkeypatch.setattr(pools, "SPARE", 0)
    monkeypatch.setattr(pools, "START", 4)
    monkeypatch.setattr(pools, "BLOCK", 3)
    swept = WindowStream(late="30h")
    parts = [swept.take(table_of(events[a : a + 7])).values for a in range(0, 300, 7)]
    assert pa.concat_tables(parts).equals(plain)


def test_what_was_looked_at_ahead_is_taken_as_if_at_once() -> None:
    day = 24 * HOUR
    last, late = START + 3 * day, START + 2 * day + HOUR
    batches = [
        table_of([_event(1, START), _event(2, last), _event(3, last, 5, "G")]),
        table_of([_event(4, START), _event(5, late, 7), _event(2, last)]),
        table_of([_event(6, last + HOUR, 11, "H"), _event(7, late)]),
    ]
    rule = WindowsRule.make(late="1d")
    at_once, ahead, other = (WindowStream(rule) for _ in range(3))
    expected = [at_once.take(b) for b in batches]
    admitted = [ahead.admit(b) for b in batches]
    assert [len(t.quarantine) for t in expected] == [0, 2, 0]
    for stream in (ahead, other):  # the other one has to look for itself
        for admit, want in zip(admitted, expected, strict=True):
            told = stream.take(admit)
            for n in ("values", "amended", "quarantine", "taken", "mended"):
                assert getattr(told, n).equals(getattr(want, n))
        assert stream.clock == at_once.clock
        assert stream.save() == at_once.save()
