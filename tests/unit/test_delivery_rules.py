"""Rules and windows that change while a watch runs: as if they had been there, or not known yet."""

import json
import threading
import time
from datetime import datetime

import pytest

from liandong.delivery import lines
from liandong.delivery import live as live_room
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.schema.arrow import conform
from liandong.store import watching
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.watcher import Watcher
from support.happened import RULE, happened, write


def rows(board, name="live_warning"):
    return board.store.books.rows(name)


LONGER = WatchRule.from_toml("""
late = "2d"
windows = [{name = "cnt_24h", fn = "count", over = "24h"},
           {name = "mean_20d", fn = "mean", over = "20d", of = "amount"}]
[[rules]]
code = "many"
when = "cnt_24h >= 2"
level = "yellow"
[[rules]]
code = "above"
when = "amount > 2 * mean_20d"
level = "red"
""")


class Counted(FileSource):
    """A file that counts its batches; how often a watch looks around depends on the machine."""

    batches = 0

    def read(self, place, wait):
        self.batches += 1
        return super().read(place, wait)


def changing(board, path, at, rule=RULE, then=LONGER, most=100):
    """Run a watch whose rules change after some batches, and return what it still waits for."""
    source = Counted(path, most=most)
    with Live(board, "w", source, rule) as live:
        changed, known = False, {}

        def stop():
            nonlocal changed
            if not changed and source.batches >= at:
                live.change(then)
                changed = True
            elif changed and not known:
                known.update(live.known_from)
            return False

        live.run(stop)
    return known


def fresh(path, rule=LONGER):
    """Return what a watch says that had the rule from the start: (rule, event) and evidence."""
    table, _ = lines.read(path.read_bytes(), "a")
    told = Watcher(rule).take(conform("watch_event", table)).warnings.to_pylist()
    return {(r["code"], r["event_id"]): r["evidence"] for r in told}


def said_since_change(board, codes=("many", "above")):
    ids = {r.id for r in LONGER.rules}
    last = {}
    for r in sorted(rows(board), key=lambda r: r["seq"]):
        if r["rule"] in ids and r["code"] in codes:
            last[r["code"], r["event_id"]] = r["evidence"] if r["level"] else None
    return {key: evidence for key, evidence in last.items() if evidence}


def in_time(n, minutes=2):
    """Return events none of which is late: what is said first is then what holds."""
    return [{**e, "at": e["seen_at"]} for e in happened(n, minutes=minutes)]


@pytest.mark.parametrize("late", [False, True])
def test_windows_change_while_it_runs_and_count_what_came_before(
    board, tmp_path, monkeypatch, late
):
    monkeypatch.setattr(live_room, "ENOUGH", 1)
    events = (happened if late else in_time)(2_000)
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in events])
    assert changing(board, path, 3) == {}  # the log is whole, so that nothing is unknown
    found, wanted = said_since_change(board), fresh(path)
    assert found
    assert found.keys() <= wanted.keys()
    if not late:  # to the last bit, means of 20 days among them
        assert found.items() <= wanted.items()
    # Everything judged after the change is there.
    since = min(r["seen_at"] for r in rows(board) if r["rule"] == LONGER.rules[0].id)
    table, _ = lines.read(path.read_bytes(), "a")
    later = {r["event_id"] for r in table.to_pylist() if r["seen_at"] >= since}
    assert {k for k in wanted if k[1] in later} <= found.keys()


def test_windows_that_look_back_too_far_say_nothing_until_they_can(board, tmp_path, monkeypatch):
    monkeypatch.setattr(live_room, "ENOUGH", 1)
    monkeypatch.setattr(live_room, "PIECE_ROWS", 100)
    monkeypatch.setattr(watching, "PIECE_ROWS", 100)
    events = in_time(4_000, minutes=15)  # 41 days
    short = RULE.changed(
        windows=[{"name": "sum_24h", "fn": "sum", "over": "24h", "of": "amount"}],
        rules=[{"code": "burst", "when": "sum_24h > 400000", "level": "orange"}], shadow=[],
    )  # fmt: skip
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in events])
    known = changing(board, path, 50, short, most=40)
    assert set(known) == {"mean_20d"}
    at = {e["event_id"]: datetime.fromisoformat(e["at"]) for e in events}
    found, wanted = said_since_change(board), fresh(path)
    above = {key for key in found if key[0] == "above"}
    assert above
    assert min(at[event] for _, event in above) >= known["mean_20d"]
    assert found.items() <= wanted.items()
    due = {k for k in wanted if k[0] == "above" and at[k[1]] >= known["mean_20d"]}
    assert due == above
    # After a restart it is the same.
    with Live(board, "w", FileSource(path), LONGER) as live:
        assert live.known_from == {}


def test_an_approved_version_goes_live_within_a_second(board, tmp_path, monkeypatch):
    events = [json.dumps(e) for e in in_time(400)]
    path = write(tmp_path / "a.ndjson", events[:200])
    with Live(board, "w", FileSource(path, follow=True), RULE) as live:
        stop = threading.Event()
        worker = threading.Thread(target=live.run, args=(stop.is_set,))
        worker.start()
        try:
            case = board.propose_rules("w", LONGER, "longer")
            time.sleep(0.8)
            assert live._watcher.rule == RULE  # not before somebody else has approved
            board.acting("checker").approve(case)
            time.sleep(0.9)
            write(path, events)
            until = time.monotonic() + 20
            while board.store.books.rows("watch_state", watch="w")[0]["taken"] < 400:
                assert time.monotonic() < until
                time.sleep(0.05)
        finally:
            stop.set()
            worker.join()
    ids = {r.id for r in LONGER.rules}
    number = {e["event_id"]: k for k, e in enumerate(in_time(400))}
    assert {number[r["event_id"]] >= 200 for r in rows(board) if r["rule"] in ids} == {True}
    assert not [r for r in rows(board) if r["rule"] not in ids and number[r["event_id"]] >= 200]
    assert rows(board, "watch_state")[0]["rule"] == LONGER.id
