"""The windows hold the conventions, on events with ties and late knowledge."""

from liandong.testing import check_step
from liandong.watch import WindowsRule, windows
from support.happenings import HOUR, WINDOWS, happenings, table_of


def test_windows_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    events = happenings(9, 150, subjects=9)
    events[7] = events[7]._replace(seen_at=events[7].at - HOUR)
    rule = WindowsRule(windows=WINDOWS)
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(windows, {"watch_event": table_of(events)}, rule, boards=boards)
