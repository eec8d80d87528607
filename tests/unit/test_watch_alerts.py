"""Alerts of a watch: those of the batch step, whatever batches and restarts, by its own clock."""

import json
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import liandong as ld
from liandong.delivery import lines
from liandong.delivery import live as live_room
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.schema.arrow import arrow_schema, build, conform, sort_by_key
from liandong.store import watching
from liandong.testing.checks import digest
from liandong.types import from_epoch
from liandong.watch import EpisodesRule, Watcher, WatchRule, episodes, standing
from support.happened import RULE, happened, write

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COUNT = """
windows = [{name = "cnt", fn = "count", over = "1h"}]
late = "2h"
pace = {hold = "1h", cool = "1h"}
rules = [{code = "any", when = "cnt >= 2 && kind == 'k'", level = "orange"}]
shadow = [{code = "any", when = "cnt >= 1", level = "red"}]
"""


def table_of(events):
    data = "\n".join(json.dumps(e) for e in events).encode()
    found, bad = lines.read(data, "a")
    assert not bad
    return conform("watch_event", found)


def moments(said) -> pa.Table:
    """Warnings of a watch as the table ``warning``, the plain way: what holds at each moment."""
    holds, rows = {}, []
    for r in said:
        if r["shadow"]:
            continue
        held = holds.setdefault((r["rule"], r["subject_id"], r["at"]), set())
        (held.add if r["level"] else held.remove)(r["event_id"])
        if r["level"] or not held:
            names = ("rule", "code", "subject_id", "at", "level", "evidence", "reasons", "amends")
            rows.append({n: r[n] for n in names} | {"seen_at": r["known_at"]})
    names = rows[0]
    return build("warning", {n: [r[n] for r in rows] for n in names})


def batch(said, rule: WatchRule, clock) -> pa.Table:
    """What the step makes of the same warnings, as far as the clock has gone."""
    paced = EpisodesRule(as_of=date(2027, 1, 1), usual=rule.pace, codes=rule.paces)
    found = episodes(moments(said), rule=paced)["alert_version"]
    found = found.filter(pc.less_equal(found["known_from"], pa.scalar(clock)))
    return sort_by_key("alert_version", found)


def last_words(changes):
    """Versions as they were told, later ones in the place of earlier ones of the same moment."""
    held = {(r["alert_id"], r["known_from"]): r for r in changes}
    found = pa.Table.from_pylist(list(held.values()), schema=arrow_schema("alert_version"))
    return sort_by_key("alert_version", found)


def watched(events, size, restart=0, rule=RULE):
    """Take events in batches; every so often, go on from what was kept."""
    watcher, seen = Watcher(rule), []
    kept, since = watcher.said(), 0
    for n, a in enumerate(range(0, len(events), size), start=1):
        seen.append(watcher.take(events.slice(a, size)))
        if restart and n % restart == 0:
            taken = [s.taken for s in seen]
            watcher = Watcher(rule).remember(kept)
            watcher.recall(pa.concat_tables([events[:0], *taken[:since]]))
            said = pa.concat_tables([s.warnings for s in seen])
            watcher.again(pa.concat_tables(taken[since:]), said.slice(watcher.warnings))
            if n % (2 * restart) == 0:
                kept, since = watcher.said(), n
    said, changes = ([r for s in seen for r in s[i].to_pylist()] for i in (0, 3))
    return watcher, said, changes


@pytest.mark.parametrize(("size", "restart"), [(2_000, 0), (64, 0), (64, 3), (7, 40)])
def test_alerts_are_those_of_the_batch_step_over_the_same_warnings(size, restart):
    watcher, said, changes = watched(table_of(happened(2_000)), size, restart)
    clock = from_epoch(watcher._alerts.clock)
    want = batch(said, RULE, clock)
    got = last_words(changes)
    assert digest(got) == digest(want)
    assert {"opened", "escalated", "cooling", "closed"} <= set(want["change"].to_pylist())
    assert watcher.going_on == sum(
        r["state"] != "closed" for r in standing(got)["alert"].to_pylist()
    )
    if size < 2_000:
        assert {"amended"} <= set(want["change"].to_pylist())


def test_which_alerts_there_are_in_the_end_depends_on_no_batches_and_no_restarts():
    names = ("alert_id", "state", "level", "opened_at", "last_at", "closed_at", "warnings")
    found = set()
    for size, restart in ((1_500, 0), (100, 2), (9, 0)):
        _, _, changes = watched(table_of(happened(1_500)), size, restart)
        alerts = standing(last_words(changes))["alert"].select(names)
        found.add(digest(alerts.sort_by("alert_id")))
        assert len(alerts) > 50
    assert len(found) == 1


def test_events_in_order_tell_the_same_changes_in_the_same_order_in_any_batches():
    events = table_of(happened(700)).sort_by("at")
    whole = watched(events, 700)[2]
    assert len({(r["change"], r["state"]) for r in whole}) > 3
    for size, restart in ((1, 0), (50, 4)):
        assert watched(events, size, restart)[2] == whole


def event(n, minutes, subject="F1", kind="k"):
    at = (NOON + timedelta(minutes=minutes)).isoformat()
    return {"event_id": f"e{n}", "at": at, "seen_at": (NOON + timedelta(hours=4)).isoformat(),
            "kind": kind, "subject_id": subject, "seq": n}  # fmt: skip


def told(watcher, *events):
    minute = timedelta(minutes=1)
    return [
        (r["party_id"], r["change"], r["state"], (r["known_from"] - NOON) // minute)
        for r in watcher.take(table_of(events)).alerts.to_pylist()
    ]


def test_time_is_that_of_the_events_whoever_they_are_of():
    watcher = Watcher(WatchRule.from_toml(COUNT))
    assert told(watcher, event(1, 0), event(2, 5)) == [("F1", "opened", "open", 5)]
    assert told(watcher, event(3, 30, "F2", "x")) == []
    # Those of others move the clock; the machine's own is months ahead and moves nothing.
    assert told(watcher, event(4, 70, "F2", "x")) == [("F1", "cooling", "cooling", 65)]
    assert watcher.going_on == 1
    assert told(watcher, event(5, 200, "F2", "x")) == [("F1", "closed", "closed", 125)]
    assert watcher.going_on == 0


def test_candidates_make_no_alerts():
    watcher = Watcher(WatchRule.from_toml(COUNT))
    seen = watcher.take(table_of([event(1, 0), event(2, 90)]))
    assert seen.warnings["shadow"].to_pylist() == [True, True]
    assert not len(seen.alerts)
    assert watcher.going_on == 0


def test_a_warning_taken_back_is_as_if_it_had_not_been():
    rule = WatchRule.from_toml("""
    windows = [{name = "cnt", fn = "count", over = "1h"}]
    late = "2h"
    pace = {hold = "1h", cool = "1h"}
    rules = [{code = "lonely", when = "cnt < 2", level = "yellow"}]
    """)
    watcher = Watcher(rule)
    assert told(watcher, event(1, 60)) == [("F1", "opened", "open", 60)]
    back = told(watcher, event(2, 30))
    # The late one is lonely itself, and was 30 minutes before.
    assert sorted(back) == [("F1", "opened", "open", 60), ("F1", "withdrawn", "withdrawn", 60)]
    assert watcher.going_on == 1


def test_two_at_one_moment_are_one_until_both_are_taken_back():
    rule = WatchRule.from_toml("""
    windows = [{name = "cnt", fn = "count", over = "1h", where = {kinds = ["late"]}}]
    late = "2h"
    pace = {hold = "1h", cool = "1h"}
    rules = [{code = "r", when = "cnt < 1 || (cnt < 2 && amount > 5)", level = "yellow"}]
    """)
    watcher = Watcher(rule)
    two = {**event(1, 60), "amount": 1}, {**event(2, 60), "amount": 9}
    assert told(watcher, *two) == [("F1", "opened", "open", 60)]
    noise = {"kind": "late", "amount": 1}
    changes = told(watcher, {**event(3, 50), **noise})
    assert not [c for c in changes if c[1] == "withdrawn"]
    assert [c[1] for c in told(watcher, {**event(4, 51), **noise})].count("withdrawn") == 1


def test_an_alert_keeps_its_pace_and_the_next_one_has_the_new_one():
    watcher = Watcher(WatchRule.from_toml(COUNT))
    told(watcher, event(1, 0), event(2, 5))
    faster = watcher.rule.changed(pace={"hold": "10m", "cool": "10m"})
    watcher.changed(faster, dict, None)
    assert told(watcher, event(3, 40, "F2"), event(4, 41, "F2")) == [("F2", "opened", "open", 41)]
    assert told(watcher, event(5, 66, "F3", "x")) == [
        ("F2", "cooling", "cooling", 51), ("F2", "closed", "closed", 61),
        ("F1", "cooling", "cooling", 65),
    ]  # fmt: skip


def test_the_books_hold_every_change_and_how_each_alert_looks(board, tmp_path, monkeypatch):
    for room in (watching, live_room):
        monkeypatch.setattr(room, "PIECE_ROWS", 300)
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(1_500)])
    opened = 0
    for most in (5, 3, 1_000):
        batches = iter(range(most))
        with Live(board, "w", FileSource(path, most=100), RULE) as live:
            live.run(lambda left=batches: next(left, None) is None)
        figures = dict(line.rsplit(" ", 1) for line in live.metrics.text().splitlines())
        opened += int(figures['liandong_watch_alerts_opened_total{watch="w"}'])
    changes, looks = board.table("alert_change").arrow(), board.table("live_alert").arrow()
    assert changes["seq"].to_pylist() == list(range(1, len(changes) + 1))
    (state,) = board.store.books.rows("watch_state")
    assert state["changes"] == len(changes) > 200
    rows = [{k: v for k, v in r.items() if k not in {"watch", "seq"}} for r in changes.to_pylist()]
    want = batch(board.store.books.rows("live_warning"), RULE, max(r["known_from"] for r in rows))
    assert digest(last_words(rows)) == digest(want)
    assert opened == changes["change"].to_pylist().count("opened") > 50
    going_on = sum(state in {"open", "cooling"} for state in looks["state"].to_pylist())
    assert int(figures['liandong_watch_alerts_open{watch="w"}']) == going_on > 0
    assert looks.drop_columns(["watch"]).to_pylist() == list(
        {r["alert_id"]: r for r in sorted(rows, key=lambda r: r["alert_id"])}.values()
    )
    with ld.open(tmp_path / "calm.board") as other:
        with Live(other, "w", FileSource(path, most=100), RULE) as live:
            live.run()
        assert other.table("alert_change").arrow().equals(changes)
