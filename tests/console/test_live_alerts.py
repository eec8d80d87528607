"""The alert wall while a watch runs: it shows what is told, at once, and misses nothing."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from liandong.watch import WatchRule
from support.site import serving

RULE = WatchRule.from_toml("""
windows = [{name = "cnt", fn = "count", over = "1h"}]
rules = [{code = "busy", when = "cnt >= 2", level = "orange"}]
shadow = [{code = "busy", when = "cnt >= 1", level = "red"}]
""")


class Running:
    """A watch that is given events, and the board that it is on, served."""

    def __init__(self, board, url, path):
        self.board, self.url, self.path, self.count = board, url, path, 0

    def happen(self, *subjects):
        """Two events of each subject, and all that the watch makes of them."""
        with self.path.open("a", encoding="utf-8") as file:
            for subject in subjects:
                for _ in range(2):
                    self.count += 1
                    at = f"2026-03-02T12:{self.count:02}:00Z"
                    event = {"event_id": f"e{self.count}", "at": at, "kind": "k"}
                    file.write(json.dumps({**event, "subject_id": subject}) + "\n")
        with Live(self.board, "w", FileSource(self.path), RULE) as live:
            live.run()


@pytest.fixture(params=["sqlite", "postgres"])
def running(request, tmp_path):
    """A running watch on each kind of books."""
    where = tmp_path / "t.board"
    if request.param == "postgres":
        where = request.getfixturevalue("postgres_url")
    with ld.open(where, actor="ann", lake=tmp_path / "lake") as board, serving(where) as url:
        found = Running(board, url, tmp_path / "a.ndjson")
        found.happen("F1")
        yield found


def events(running, seconds=4.0, **options):
    """Return the events that come within some seconds, as (id, data)."""
    found = {}
    with (
        httpx.Client(timeout=seconds, trust_env=False) as http,
        http.stream("GET", running.url + "/v1/alerts/events", **options) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            found[name] = value
            if not line and "data" in found:
                return found["id"], json.loads(found["data"])
    raise AssertionError("nothing was told")


def test_whoever_comes_back_is_told_at_once_if_he_missed_something(running):
    mark, data = events(running)
    assert data["changes"] == 1
    with pytest.raises(httpx.ReadTimeout):
        events(running, 1.5, headers={"Last-Event-ID": mark})
    running.happen("F2")
    for missed in ({"headers": {"Last-Event-ID": mark}}, {"params": {"since": mark}}):
        later, data = events(running, **missed)
        assert later != mark
        assert data["changes"] == 2
    running.board.snooze("F1", until=datetime.now(UTC) + timedelta(days=1), reason="known")
    assert events(running, headers={"Last-Event-ID": later})[1]["acts"] > data["acts"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_wall_shows_an_alert_when_it_is_told(running, look_at, lang):
    seen = look_at(running.url, "/alerts", lang=lang)
    wall = seen.page.locator("#wall")
    assert "F1" in wall.inner_text()
    assert ("橙色" if lang == "zh" else "orange") in wall.inner_text().lower()
    running.happen("F2", "F3")
    seen.page.locator("#wall").get_by_text("F3").first.wait_for(timeout=8_000)
    assert seen.page.locator("li.alert").count() == 3
    seen.page.get_by_role("link", name="证据" if lang == "zh" else "Evidence").first.click()
    assert "cnt" in seen.page.locator("main").inner_text()
    assert not seen.faults


def test_without_events_the_wall_looks_again_by_the_clock(running, look_at):
    page = look_at(running.url, "/backtests").page
    page.clock.install()
    page.route("**/v1/alerts/events*", lambda route: route.fulfill(status=500))
    with page.expect_response("**/v1/alerts/events*"):
        page.goto(running.url + "/alerts")
    running.happen("F2")
    page.clock.run_for(16_000)
    page.locator("#wall").get_by_text("F2").first.wait_for(timeout=25_000)


def test_home_and_days_gone_by_show_what_a_watch_told(running):
    with httpx.Client(base_url=running.url, trust_env=False, timeout=30) as http:
        home = http.get("/", headers={"accept-language": "en"}).text
        assert "/table/live_alert/row?watch=w" in home
        for day, n in (("2026-03-01", 0), ("2026-03-02", 1)):
            wall = http.get(f"/alerts?on={day}&format=json").json()
            assert wall["total"] == n
