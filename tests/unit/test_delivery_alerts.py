"""Changes of alerts that go out: filtered, in order, once; what is snoozed waits."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from liandong.delivery.addresses import channels_at
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.delivery.messages import change_id, of_change
from liandong.delivery.outbox import Channel, Outbox
from liandong.delivery.wanted import Wanted, wanted_of
from liandong.errors import UsageError
from liandong.schema.tables.warnings import LEVELS
from liandong.watch.live.rule import WatchRule
from support.happened import RULE, happened, write

START = datetime(2026, 3, 2, tzinfo=UTC)
STEPS = WatchRule.from_toml("""
late = "2d"
pace = {hold = "1h", cool = "1h"}
rules = [
  {code = "a", when = "amount >= 1 && amount < 10", level = "yellow"},
  {code = "b", when = "amount >= 10", level = "red"},
]
""")


class Box:
    name = "box"

    def __init__(self):
        self.got, self.fails = [], 0

    def send(self, messages):
        if self.fails:
            self.fails -= 1
            self.got += messages[: len(messages) // 2]  # and dies in the middle
            raise ConnectionError("gone")
        self.got += messages


class Desk:
    """A watch of one subject, event by event, and a sink that looks after each of them."""

    def __init__(self, board, tmp_path, **wanted):
        self.board, self.box, self.lines = board, Box(), []
        self.path = tmp_path / "e.ndjson"
        self.to = Channel(self.box, Wanted(**wanted), "alerts")
        self.now = datetime.now(UTC)

    def happens(self, hours, amount=0, subject="F1", seen=None):
        at = START + timedelta(hours=hours)
        known = at if seen is None else START + timedelta(hours=seen)
        self.lines.append(json.dumps({
            "event_id": f"e{len(self.lines)}", "at": at.isoformat(), "kind": "k",
            "seen_at": known.isoformat(), "subject_id": subject, "amount": amount,
        }))  # fmt: skip
        write(self.path, self.lines)
        with Live(self.board, "w", FileSource(self.path), STEPS) as live:
            live.run()
        return self

    def told(self, later=timedelta()):
        outbox, before = Outbox(self.board.store, "w", []), len(self.box.got)
        while outbox.step(self.to, datetime.now(UTC) + later):
            pass
        return [(m.about, m.body["change"], m.body["snoozed"]) for m in self.box.got[before:]]

    def silent(self):
        return [(r["seq"], r["outcome"]) for r in self.board.store.books.rows("watch_silence")]


@pytest.fixture
def desk(board, tmp_path):
    return Desk(board, tmp_path)


def changes(board):
    return board.store.books.rows("alert_change")


def test_all_changes_go_out_in_order_through_failures_with_ids_that_stay(board, tmp_path):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(1_500)])
    with Live(board, "w", FileSource(path, most=300), RULE) as live:
        live.run()
    box = Box()
    to, at = Channel(box, Wanted(), "alerts"), START
    outbox = Outbox(board.store, "w", [to])
    for fails in (1, 0, 2, 0, 0, 0, 0):
        box.fails = fails
        while outbox.step(to, at):
            pass
        at += timedelta(minutes=5)
    usual = {"opened", "escalated", "closed", "amended", "withdrawn"}
    want = [r for r in changes(board) if r["change"] in usual]
    assert {r["change"] for r in changes(board)} > usual >= {r["change"] for r in want}
    once = list({m.id: m for m in box.got}.values())
    assert len(once) < len(box.got)  # some came twice
    assert [m.body["seq"] for m in once] == [r["seq"] for r in want]
    assert [m.id for m in once] == [change_id("w", r["alert_id"], r["seq"]) for r in want]
    reason = once[0].body["reasons"][0]
    assert (reason["zh"], reason["en"]) == ("规则 above 成立", "rule above holds") or (
        reason["zh"], reason["en"]
    ) == ("规则 burst 成立", "rule burst holds")  # fmt: skip


@pytest.mark.parametrize("wanted", [
    {"level": "orange"}, {"changes": ("warned", "cooling")},
    {"changes": ("closed",), "lang": ("zh",)},
])  # fmt: skip
def test_filters_are_by_level_and_by_kind_of_change(board, tmp_path, wanted):
    path = write(tmp_path / "a.ndjson", [json.dumps(e) for e in happened(1_200)])
    with Live(board, "w", FileSource(path), RULE) as live:
        live.run()
    box = Box()
    wants = Wanted(**wanted)
    to = Channel(box, wants, "alerts")
    outbox = Outbox(board.store, "w", [to])
    while outbox.step(to, START):
        pass
    least = LEVELS.index(wants.level)
    plain = [
        r["seq"] for r in changes(board)
        if r["change"] in wants.changes and LEVELS.index(r["level"]) >= least
    ]  # fmt: skip
    got = [m.body["seq"] for m in box.got]
    assert set(plain) <= set(got)
    once = {r["alert_id"] for r in changes(board) if wants.wants(r)}
    more = [r for r in changes(board) if r["seq"] in set(got) - set(plain)]
    assert all(r["change"] in {"amended", "withdrawn"} and r["alert_id"] in once for r in more)
    assert 0 < len(got) < len(changes(board))
    assert got == sorted(got)
    assert set(box.got[0].body["reasons"][0]) == {"code", "points", *wants.lang}
    assert board.store.books.rows("watch_outbox")[0]["sent"] == changes(board)[-1]["seq"]


def test_what_is_snoozed_waits_and_is_told_once_if_it_still_goes_on(desk):
    day = timedelta(days=1)
    desk.board.snooze("F1", until=desk.now + day, reason="visit", level="orange")
    desk.happens(0, 5).happens(0.5, 5).happens(0.6, 5, subject="F2")
    assert desk.told() == [("F2", "opened", False)]
    assert desk.silent() == [(1, "waiting")]
    assert {r["change"] for r in changes(desk.board)} == {"opened", "warned"}  # all in the books
    (row,) = desk.board.store.books.rows("watch_silence")
    assert row["snooze_id"] == desk.board.table("snooze").rows()[0]["snooze_id"]
    assert desk.told() == []
    assert desk.told(2 * day) == [("F1", "warned", True)]
    assert desk.silent() == [(1, "told")]
    assert desk.told(3 * day) == []
    last = desk.box.got[-1].body
    assert (last["state"], last["seq"], last["level"]) == ("open", 2, "yellow")
    desk.happens(9)
    assert ("F1", "closed", False) in desk.told(3 * day)


def test_what_ended_meanwhile_is_told_only_to_whom_knew_of_it(desk):
    day = timedelta(days=1)
    desk.happens(0, 5)
    assert desk.told() == [("F1", "opened", False)]
    desk.board.snooze("F1", until=desk.now + day, reason="visit")
    desk.board.snooze("F2", until=desk.now + day, reason="visit")
    desk.happens(0.1, 5, subject="F2").happens(9)
    assert desk.told() == []
    assert [o for _, o in desk.silent()] == ["waiting"] * 3
    assert desk.told(2 * day) == [("F1", "closed", True)]
    assert sorted(o for _, o in desk.silent()) == ["over", "over", "told"]


def test_what_is_graver_than_the_snooze_goes_out(desk):
    desk.board.snooze("F1", until=desk.now + timedelta(days=1), reason="visit", level="orange")
    desk.happens(0, 5).happens(0.2, 50)
    assert desk.told() == [("F1", "opened", False)]
    assert desk.box.got[0].body["level"] == "red"


def test_another_snooze_goes_on_hiding(desk):
    day = timedelta(days=1)
    desk.board.snooze("F1", until=desk.now + day, reason="visit")
    desk.happens(0, 5)
    assert desk.told() == []
    desk.board.snooze("F1", until=desk.now + 5 * day, reason="still")
    assert desk.told(2 * day) == []
    row = desk.board.store.books.rows("watch_silence")[0]
    assert row["outcome"] == "waiting"
    assert row["until_at"] == desk.now + 5 * day
    assert desk.told(6 * day) == [("F1", "opened", True)]


def test_warnings_that_are_snoozed_are_silent_too_and_stand_in_the_books(desk):
    desk.board.snooze("F1", until=desk.now + timedelta(days=1), reason="visit", code="a")
    desk.happens(0, 5).happens(0.1, 50)
    to = Channel(desk.box, Wanted(send=("warnings",)), "warnings")
    outbox = Outbox(desk.board.store, "w", [to])
    assert outbox.step(to, datetime.now(UTC))
    assert [m.body["code"] for m in desk.box.got] == ["b"]
    assert desk.silent() == [(1, "over")]
    assert len(desk.board.store.books.rows("live_warning")) == 2


def test_who_was_told_hears_when_late_events_make_it_milder(board, tmp_path):
    rule = WatchRule.from_toml("""
    late = "2d"
    pace = {hold = "5h", cool = "1h", repeats = 3}
    windows = [{name = "cnt", fn = "count", over = "10m"}]
    rules = [{code = "lone", when = "cnt == 1 && kind == 'k'", level = "yellow"}]
    """)
    events = [(0, 0, "k"), (1, 1, "k"), (2, 2, "k"), (0.95, 2.5, "x"), (1.95, 2.6, "x")]
    lines = [
        json.dumps({"event_id": f"e{n}", "at": (START + timedelta(hours=at)).isoformat(),
                    "seen_at": (START + timedelta(hours=seen)).isoformat(), "kind": kind,
                    "subject_id": "F1", "amount": 1})
        for n, (at, seen, kind) in enumerate(events)
    ]  # fmt: skip
    with Live(board, "w", FileSource(write(tmp_path / "l.ndjson", lines), most=1), rule) as live:
        live.run()
    box = Box()
    to = Channel(box, Wanted(level="orange"), "alerts")
    outbox = Outbox(board.store, "w", [to])
    while outbox.step(to, START):
        pass
    assert ("opened", "yellow") in {(r["change"], r["level"]) for r in changes(board)}
    told = [(m.body["change"], m.body["level"]) for m in box.got]
    assert told == [("escalated", "orange")] + 2 * [("amended", "yellow")]


def test_what_a_sink_wants_stands_behind_its_address(monkeypatch):
    monkeypatch.setenv("LIANDONG_WEBHOOK_SECRET", "s")
    url = "https://example.com/x?y=1"
    one, two = channels_at(
        f"{url}#send=alerts,warnings&level=red&changes=opened,closed&lang=zh", "en"
    )
    assert (one.sink.name, one.told, two.told) == (url, "alerts", "warnings")
    assert one.name != two.name == url
    assert one.wanted.changes == ("opened", "closed")
    assert [c.told for c in channels_at(url, "en")] == ["alerts"]
    for wrong in ("level=purple", "colour=red", "level", "send=", "changes=open"):
        with pytest.raises(UsageError, match="send="):
            wanted_of(f"{url}#{wrong}")


def test_mail_of_changes_says_what_changed_and_why():
    from liandong.delivery.mail import Mail

    at = datetime(2026, 1, 1, tzinfo=UTC)
    row = dict.fromkeys(("instead", "value", "threshold", "cooling_at", "closed_at", "evidence"))
    row |= {"watch": "w", "seq": 3, "alert_id": "i", "change": "escalated", "state": "open",
            "party_id": "F1", "code": "b", "rule": "r", "level": "red", "warnings": 2,
            "known_from": at, "opened_at": at, "seen_at": at, "last_at": at,
            "reasons": [{"code": "watch.live_rule(b)", "points": 3}]}  # fmt: skip
    for lang, words in (("zh", "升级"), ("en", "escalated")):
        line = Mail("h", 25, "a@b", "c@d", lang)._line(of_change(row, (lang,), snoozed=True))
        assert words in line
        assert row["reasons"][0]["code"] not in line
