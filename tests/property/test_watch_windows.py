"""Windows are right, and the same whatever the batches, the order of arrival, the restarts."""

from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.errors import UsageError
from liandong.watch import WindowsRule, WindowStream
from liandong.watch.windows import ledger, page
from support.happenings import (
    HOUR,
    WINDOWS,
    event_of,
    happenings,
    must_say_the_same,
    said,
    table_of,
)

LATE_HOURS = 30
YEAR = {"name": "most", "fn": "max", "of": "amount", "over": "365d"}


def _stream(late="30h", windows=WINDOWS):
    return WindowStream(windows=windows, late=late)


def _fed(events, cuts, restarts=(), stream=None):
    """Feed events in batches and return the last that was told of each, and the stream."""
    stream, found = stream or _stream(), {}
    for n, (a, b) in enumerate(zip([0, *cuts], [*cuts, len(events)], strict=True)):
        told = stream.take(table_of(events[a:b]))
        assert not len(told.quarantine)
        for rows in (told.values, told.amended):
            found |= {r["event_id"]: r for r in rows.to_pylist()}
        if n in restarts:
            stream = WindowStream.load(stream.save())
    return found, stream


def _arrival(events, rng, hours):
    """Return events in an order in which none is later than the bound."""
    return sorted(events, key=lambda e: e.at + rng.integers(0, hours * 3_600_000_000))


def _right(found, events, windows):
    expected = said(events, windows)
    assert found.keys() == expected.keys()
    for event, values in expected.items():
        for name, value in values.items():
            got = found[event][name]
            if name.startswith("std") and value:
                assert isclose(got, value, rel_tol=1e-14), (event, name)
            else:
                assert got == value, (event, name)


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_looking_at_everything(seed) -> None:
    events = sorted(happenings(seed, 250), key=lambda e: e.place)
    found, stream = _fed(events, [])
    _right(found, events, stream.rule.windows)


@given(
    seed=st.integers(0, 2**32),
    n=st.integers(1, 80),
    cuts=st.lists(st.integers(0, 80), max_size=12),
    restarts=st.sets(st.integers(0, 12), max_size=3),
)
@settings(max_examples=40, deadline=None)
def test_batches_arrival_and_restarts_change_nothing(seed, n, cuts, restarts) -> None:
    events = happenings(seed, n)
    rng = np.random.default_rng(seed)
    arrived = _arrival(events, rng, LATE_HOURS)
    found, _ = _fed(arrived, sorted(min(c, n) for c in cuts), restarts)
    whole, _ = _fed(sorted(events, key=lambda e: e.place), [])
    assert found == whole


@given(
    seed=st.integers(0, 2**32),
    cuts=st.lists(st.integers(0, 120), max_size=20),
    late=st.integers(0, 20),
    most=st.integers(1, 8),
)
@settings(max_examples=40, deadline=None)
def test_what_no_late_event_can_touch_needs_no_texts(seed, cuts, late, most) -> None:
    arrived = _arrival(happenings(seed, 120, subjects=2), np.random.default_rng(seed), 2 * late + 1)
    rule = WindowsRule.make(windows=WINDOWS, late=f"{late}h")
    whole, lean = WindowStream(rule), WindowStream(rule, to_save=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "MOST", most)
        patch.setattr(ledger, "LARGEST", most)
        must_say_the_same(whole, lean, arrived, cuts)
    assert lean.size["texts"] <= whole.size["texts"]


def test_texts_of_events_as_old_as_one_that_comes_just_in_time_are_there() -> None:
    first = [e._replace(at=HOUR, seen_at=HOUR, source="b", seq=k, subject_id="S", amount=k)
             for k, e in enumerate(happenings(1, 3))]  # fmt: skip
    newest, late = (first[0]._replace(event_id=n, at=at, seen_at=at, source="a")
                    for n, at in (("newest", 2 * HOUR), ("late", HOUR)))  # fmt: skip
    stream = WindowStream(windows=[YEAR | {"fn": "count", "of": None}], late="1h", to_save=False)
    stream.take(table_of(first))
    stream.take(table_of([newest]))
    told = stream.take(table_of([late]))
    assert told.values["most"].to_pylist() == [1]
    assert told.amended["most"].to_pylist() == [2, 3, 4, 5]


def test_old_texts_are_let_go_and_then_nothing_can_be_saved() -> None:
    events = sorted(happenings(3, 4_000, hours=2_000), key=lambda e: e.place)
    sizes = {}
    for to_save in (False, True):
        stream = WindowStream(windows=[YEAR], late="2h", to_save=to_save)
        blank = stream.size["texts"]
        for a in range(0, len(events), 20):
            stream.take(table_of(events[a : a + 20]))
        sizes[to_save] = stream.size
    lean, whole = (sizes[to_save].pop("texts") - blank for to_save in (False, True))
    assert 20 * lean < whole
    assert sizes[False] == sizes[True]
    with pytest.raises(UsageError, match="to_save"):
        WindowStream(to_save=False).save()


def test_many_seeded_orders() -> None:
    events = happenings(1, 60, subjects=2)
    ordered, _ = _fed(sorted(events, key=lambda e: e.place), [])
    _right(ordered, events, _stream().rule.windows)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        cuts = sorted(rng.integers(0, 60, rng.integers(0, 8)).tolist())
        restarts = set(rng.integers(0, 9, 1).tolist())
        found, _ = _fed(_arrival(events, rng, LATE_HOURS), cuts, restarts)
        assert found == ordered, seed


def test_one_by_one_is_the_same() -> None:
    events, found = _arrival(happenings(5, 80), np.random.default_rng(5), LATE_HOURS), {}
    stream = _stream()
    for e in events:
        seen = stream.see(event_of(e))
        found[e.event_id] = seen.values
        for row in seen.amended.to_pylist() if seen.amended is not None else []:
            found[row["event_id"]] = {n: row[n] for n in seen.values}
    ordered, _ = _fed(sorted(events, key=lambda e: e.place), [])
    assert found == {k: {n: r[n] for n in found[k]} for k, r in ordered.items()}


def test_counters_of_a_late_event_are_not_given_back_while_it_waits_for_room() -> None:
    windows = [{"name": "n", "fn": "distinct", "over": "1d"},
               {"name": "top", "fn": "top_share", "of": "amount", "over": "1d"}]  # fmt: skip
    like = happenings(1, 1)[0]._replace(source="b", subject_id="S", kind="invoice", tag=None)

    def happened(k, at, other):
        at = int(at)
        return like._replace(
            event_id=f"e{k}", seq=k, at=at, seen_at=at, other_id=other, amount=100 + k % 7
        )

    # As many rows as a ring has are in use when the late event comes, and a sweep is due.
    step, n = 30 * HOUR / 1_010, 8_000
    before = [happened(k, step * k, f"C{k % 50}") for k in range(n)]
    before += [happened(n + k, step * n + k, f"C{k % 50}") for k in range(14)]
    late = [happened(n + 100, step * n - HOUR, "late")]
    after = [happened(n + 200 + k, step * n + HOUR + k, f"N{k}") for k in range(30)]
    after += [happened(n + 300 + k, step * n + 2 * HOUR + k, "late") for k in range(3)]
    for spare in range(3):
        full = [happened(n + 50 + k, step * n + 20 + k, f"C{k}") for k in range(spare)]
        stream, whole = (WindowStream(windows=windows, late="6h") for _ in range(2))
        for rows in (before, full, late):
            stream.take(table_of(rows))
        told = [stream.take(table_of([e])).values for e in after]
        expected = whole.replay(table_of([*before, *full, *late, *after])).values
        assert [r for t in told for r in t.to_pylist()] == expected.slice(
            len(expected) - len(after)
        ).to_pylist()
