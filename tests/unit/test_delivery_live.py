"""A watch on a board: what it takes, says, refuses, and how it goes on."""

import gc
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

import liandong as ld
from liandong.delivery import lines
from liandong.delivery import live as live_room
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.errors import BoardLockedError, ExpressionError, StorageError, UsageError
from liandong.schema.arrow import conform
from liandong.store import watching
from liandong.watch.live.rule import WatchRule
from liandong.watch.live.watcher import Watcher
from support.happened import RULE, SORTS, happened, spoilt, write

WORDS = ("warning_id", "rule", "event_id", "at", "seen_at", "level", "amends", "evidence")


def rows(board, name="live_warning"):
    return board.store.books.rows(name)


def watched(board, path, rule=RULE, name="w", most=300, **options):
    with Live(board, name, FileSource(path, most=most, **options), rule) as live:
        live.run()
        return live


def final(found):
    """What holds in the end: the last word of each rule on each event."""
    last = {(r["rule"], r["event_id"]): r["level"] for r in sorted(found, key=lambda r: r["seq"])}
    return {key for key, level in last.items() if level}


def test_what_is_wrong_is_refused_by_name_and_all_else_is_judged(board, tmp_path):
    events = happened(1_400)
    path = write(tmp_path / "a.ndjson", spoilt(events))
    watched(board, path)
    state = rows(board, "watch_state")[0]
    refused = rows(board, "watch_refusal")
    assert state["taken"] == 1_400
    assert state["refused"] == len(refused) == 28
    assert Counter(r["reason"] for r in refused) == dict.fromkeys(SORTS, 4)
    assert all(r["text"] for r in refused if r["reason"] in {"field", "not_json", "missing"})
    # What lies in the far future has not moved the clock.
    assert state["clock"] == max(datetime.fromisoformat(e["at"]) for e in events)
    clean = write(tmp_path / "b.ndjson", [json.dumps(e) for e in events])
    with ld.open(tmp_path / "clean.board") as other:
        watched(other, clean)
        assert final(rows(other)) == final(rows(board))
        assert len(final(rows(board))) > 50


def test_a_watcher_says_the_same_of_all_at_once(board, tmp_path):
    events = happened(1_000)
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in events])
    watched(board, path, most=40)
    table, bad = lines.read(path.read_bytes(), "a")
    assert not bad
    whole = Watcher(RULE).take(conform("watch_event", table)).warnings.to_pylist()
    assert {(r["rule"], r["event_id"]) for r in whole} == final(rows(board))
    first = {r["warning_id"] for r in rows(board) if not r["amends"]}
    assert {r["warning_id"] for r in whole} & first
    assert len({r["warning_id"] for r in rows(board)}) == len(rows(board))


def test_late_events_take_back_and_add(board, tmp_path):
    rule = WatchRule.from_toml("""
    windows = [{name = "most", fn = "max", over = "2h", of = "amount"},
               {name = "cnt", fn = "count", over = "2h"}]
    [[rules]]
    code = "lonely"
    when = "cnt < 2"
    level = "yellow"
    [[rules]]
    code = "twice"
    when = "cnt >= 3"
    level = "red"
    """)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    each = {"kind": "k", "subject_id": "F1", "amount": 1, "seen_at": "2026-03-03T00:00:00Z"}
    order = {"e1": 60, "e2": 90, "e0": 30}
    lines = [
        json.dumps({**each, "event_id": n, "at": (noon + timedelta(minutes=m)).isoformat()})
        for n, m in order.items()
    ]
    path = write(tmp_path / "a.ndjson", lines)
    watched(board, path, rule, most=1)
    said = [(r["event_id"], r["code"], r["level"], r["amends"]) for r in rows(board)]
    assert said == [
        ("e1", "lonely", "yellow", False),
        ("e1", "lonely", None, True),
        ("e2", "twice", "red", True),
        ("e0", "lonely", "yellow", False),
    ]
    assert rows(board)[2]["reasons"] == [{"code": "watch.live_rule(twice)", "points": 3}]
    assert json.loads(rows(board)[2]["evidence"]) == {"cnt": 3}


def test_it_goes_on_where_it_was(board, tmp_path):
    lines = spoilt(happened(2_000))
    path = write(tmp_path / "a.ndjson", lines[:900])
    watched(board, path)
    write(path, lines)
    live = watched(board, path)
    figures = live.metrics.text()
    assert "restart_seconds" in figures
    held = [line.split() for line in figures.splitlines() if "_state_bytes{" in line]
    assert sum(float(n) for _, n in held) == live.state["size"] > 0
    with ld.open(tmp_path / "one.board") as other:
        watched(other, path)
        assert final(rows(other)) == final(rows(board))
        count = [Counter(r["reason"] for r in rows(b, "watch_refusal")) for b in (board, other)]
        assert count[0] == count[1]


def test_a_new_rule_goes_live_without_losing_state(board, tmp_path, monkeypatch):
    events = happened(1_200)
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in events])
    wider = RULE.changed(
        rules=[{"code": "burst", "when": "sum_24h > 1", "level": "red"}], shadow=[]
    )
    with Live(board, "w", FileSource(path, most=100), RULE) as live:
        monkeypatch.setattr(live_room, "ENOUGH", 1)
        reads = iter(range(100))

        def stop():
            if next(reads) == 9:
                live.change(wider)
            return False

        live.run(stop)
    before, after = {r.id for r in RULE.rules}, wider.rules[0].id
    found = rows(board)
    switch = min(r["seq"] for r in found if r["rule"] == after)
    assert all(r["rule"] not in before for r in found if r["seq"] > switch)
    assert any(r["rule"] in before for r in found)
    # The windows were not begun anew: what the new rule reads counts what came before it.
    first = next(r for r in found if r["rule"] == after and not r["amends"])
    always, place, said = Watcher(wider), None, {}
    while (batch := FileSource(path, most=100).read(place, 0)).rows:
        place, seen = batch.place, always.take(conform("watch_event", batch.events))
        said |= {r["event_id"]: r["evidence"] for r in seen.warnings.to_pylist() if not r["amends"]}
    assert said[first["event_id"]] == first["evidence"]
    assert rows(board, "watch_state")[0]["rule"] == wider.id
    # Each rule that a warning names can be looked up, and so can the rules that held together.
    kept = {r["rule_id"] for r in board.store.books.rows("rule")}
    assert kept == {RULE.id, wider.id, after, *before, *(r.id for r in RULE.shadow)}


def test_other_windows_are_made_anew_from_the_log(board, tmp_path, monkeypatch):
    for room in (watching, live_room):
        monkeypatch.setattr(room, "PIECE_ROWS", 90)  # several files
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(600)])
    watched(board, path)
    longer = WatchRule.from_toml("""
    windows = [{name = "cnt_90d", fn = "count", over = "90d"}]
    rules = [{code = "many", when = "cnt_90d > 1", level = "red"}]
    """)
    write(path, [json.dumps(e) for e in happened(601)])
    watched(board, path, longer)
    newest = rows(board)[-1]
    assert newest["event_id"] == "e0000600"
    subject = newest["subject_id"]
    mine = [e for e in happened(601) if e["subject_id"] == subject]
    assert json.loads(newest["evidence"])["cnt_90d"] == len(mine)


def test_versions_count_for_the_days_on_which_they_are_valid(board, tmp_path):
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)
    text = """
    windows = [{{name = "cnt", fn = "count", over = "1h"}}]
    [[rules]]
    code = "any"
    when = "cnt > 0"
    level = "yellow"
    {0}
    [[rules]]
    code = "any"
    when = "cnt > 0"
    level = "red"
    valid_from = 2026-07-01
    """
    with pytest.raises(UsageError, match="any"):
        WatchRule.from_toml(text.format(""))
    rule = WatchRule.from_toml(text.format("valid_to = 2026-06-30"))
    lines = [
        json.dumps({"event_id": f"e{d}", "at": (noon + timedelta(d)).isoformat(), "kind": "k",
                    "subject_id": "F"})
        for d in range(3)
    ]  # fmt: skip
    watched(board, write(tmp_path / "a.ndjson", lines), rule)
    assert [r["level"] for r in rows(board)] == ["yellow", "red", "red"]


def test_rules_that_refer_to_nothing_are_refused_before_the_start():
    with pytest.raises(ExpressionError, match="sum_25h"):
        WatchRule.from_toml('rules = [{code = "a", when = "sum_25h > 1", level = "red"}]')


def test_shadow_judges_and_is_marked(board, tmp_path):
    watched(board, write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(1_500)]))
    found = rows(board)
    assert {r["shadow"] for r in found if r["rule"] == RULE.shadow[0].id} == {True}
    assert {r["shadow"] for r in found if r["rule"] != RULE.shadow[0].id} == {False}


def test_two_processes_cannot_run_one_watch(board, tmp_path):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(10)])
    with Live(board, "w", FileSource(path), RULE):
        with pytest.raises(BoardLockedError):
            Live(board, "w", FileSource(path), RULE)
        watched(board, path, name="another")


def test_what_another_has_committed_is_not_written_over(board, tmp_path):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(10)])
    with Live(board, "w", FileSource(path, most=1), RULE) as live:
        live.run()
        state = live._books.state
        state["commits"] += 1
        write(path, [json.dumps(e) for e in happened(20)])
        with pytest.raises(BoardLockedError):
            live.run()
    assert rows(board, "watch_state")[0]["taken"] == 10


def test_a_full_disk_commits_nothing(board, tmp_path, monkeypatch):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(500)])

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr(watching, "add", full)
        with pytest.raises(StorageError):
            watched(board, path)
    assert rows(board, "watch_state") == []
    watched(board, path)
    assert rows(board, "watch_state")[0]["taken"] == 500
    with ld.open(tmp_path / "calm.board") as other:
        watched(other, path)
        assert [[r[n] for n in WORDS] for r in rows(other)] == [
            [r[n] for n in WORDS] for r in rows(board)
        ]


def test_old_files_of_the_log_go(board, tmp_path, monkeypatch):
    for room in (watching, live_room):
        monkeypatch.setattr(room, "PIECE_ROWS", 500)
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(10_000)])
    watched(board, path, most=500)
    folder = board.store.lake.root / "watch" / "w"
    kept = sorted(int(p.stem) for p in folder.glob("[0-9]*"))
    assert kept[0] > 1
    newest = kept[-1]
    longer = write(path, [json.dumps(e) for e in happened(10_500)])
    watched(board, longer, most=500)
    with ld.open(tmp_path / "one.board") as other:
        watched(other, longer, most=500)
        assert final(rows(other)) == final(rows(board))
    assert max(int(p.stem) for p in folder.glob("[0-9]*")) >= newest


def test_a_poison_time_cannot_speak_for_itself(board, tmp_path):
    good = happened(3)
    poison = {**good[0], "event_id": "x"} | dict.fromkeys(("at", "seen_at"), "2099-01-01T00:00:00Z")
    unseen = {k: v for k, v in poison.items() if k != "seen_at"} | {"event_id": "y"}
    lines = [json.dumps(e) for e in (poison, unseen, *good)]
    watched(board, write(tmp_path / "a.ndjson", lines), most=1)
    assert rows(board, "watch_state")[0]["taken"] == 3
    refused = {r["event_id"]: r["reason"] for r in rows(board, "watch_refusal")}
    assert refused == {"x": "ahead", "y": "ahead"}


def test_the_board_still_agrees_with_its_log_and_shows_the_tables(board, tmp_path):
    watched(board, write(tmp_path / "a.ndjson", spoilt(happened(900))))
    assert board.check() == []
    assert len(board.table("live_warning").arrow()) == len(rows(board)) > 0
    assert board.sql("SELECT count(*) AS n FROM watch_refusal").to_pylist() == [{"n": 18}]
    assert board.table("watch_state").arrow()["taken"].to_pylist() == [900]


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_files_of_all_kinds_say_the_same(kind, board, tmp_path):
    events = happened(700)
    watched(board, write(tmp_path / "a.ndjson", [json.dumps(e) for e in events]))
    folder = tmp_path / "more"
    folder.mkdir()
    table = lines.read((tmp_path / "a.ndjson").read_bytes(), "a")[0]
    for n, part in enumerate((table.slice(0, 300), table.slice(300))):
        if kind == "csv":
            pa_csv.write_csv(part.select([c for c in part.column_names if c != "tag"]),
                             folder / f"{n}.csv")  # fmt: skip
        elif kind == "arrow":
            with pa.ipc.new_file(folder / f"{n}.arrow", part.schema) as file:
                file.write_table(part, max_chunksize=128)
        else:
            pq.write_table(part, folder / f"{n}.parquet", row_group_size=128)
    watched(board, folder, name="other", most=100)
    mine, other = ([r for r in rows(board) if r["watch"] == w] for w in ("w", "other"))
    assert final(mine) == final(other) != set()


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_bad_rows_of_other_files_are_refused_by_name(kind, board, tmp_path):
    good = {"event_id": "e1", "at": "2026-01-01T00:00:00Z", "kind": "k", "subject_id": "F"}
    bad = [{**good, "event_id": ""}, {**good, "subject_id": None}, {**good, "at": None}]
    if kind == "csv":
        text = [",".join(good), *(",".join(r[n] or "" for n in good) for r in (good, *bad))]
        path = write(tmp_path / "a.csv", [*text, "e9,yesterday,k,F"])
    else:
        path = tmp_path / f"a.{kind}"
        rows_ = [{**r, "at": r["at"] and datetime.fromisoformat(r["at"])} for r in (good, *bad)]
        table = pa.Table.from_pylist(rows_)
        if kind == "parquet":
            pq.write_table(table, path)
        else:
            with pa.ipc.new_file(path, table.schema) as file:
                file.write_table(table)
    watched(board, path)
    assert rows(board, "watch_state")[0]["taken"] == 1
    reasons = [r["reason"] for r in rows(board, "watch_refusal")]
    expected = ["missing" if kind == "csv" else "text", "missing", "missing"]
    assert reasons == expected + ["text"] * (kind == "csv")


def test_python_is_as_it_was_after_a_run(board, tmp_path):
    before = sys.getswitchinterval(), gc.get_freeze_count()
    with Live(board, "w", FileSource(write(tmp_path / "a.ndjson", ["{}"])), RULE) as live:
        seen = []
        live.run(lambda: bool(seen.append((sys.getswitchinterval(), gc.get_freeze_count()))))
    assert seen[0][0] < before[0]
    assert seen[0][1] > before[1]
    assert (sys.getswitchinterval(), gc.get_freeze_count()) == before
