"""Windows, episodes and backtests hold the conventions, on events with ties and late knowledge."""

from liandong.testing import check_step
from liandong.watch import (
    BacktestRule,
    EpisodesRule,
    Sweep,
    TrialRule,
    WatchRule,
    WindowsRule,
    backtest,
    episodes,
    trial,
    windows,
)
from support.episodes import table_of as warnings_of
from support.episodes import warned
from support.happenings import HOUR, WINDOWS, happenings, table_of
from support.hindsight import ends, said


def test_windows_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    events = happenings(9, 150, subjects=9)
    events[7] = events[7]._replace(seen_at=events[7].at - HOUR)
    rule = WindowsRule(windows=WINDOWS)
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(windows, {"watch_event": table_of(events)}, rule, boards=boards)


def test_episodes_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    # The loop has warnings of one day only: here some come late, and some take back.
    monkeypatch.chdir(tmp_path)
    levels = ("yellow", "orange", None, "yellow", "red", None)
    rows = [
        warned(at, levels[(at + n) % 6], seen=at + (at * n) % 7, subject=f"F{n % 5}",
               rule=f"r{n % 3}")
        for at in range(40) for n in range(15)
    ]  # fmt: skip
    rule = EpisodesRule(usual={"hold": "2d", "cool": "1d", "repeats": 3})
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(episodes, {"warning": warnings_of(rows)}, rule, boards=boards)


def test_backtests_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    events = happenings(9, 150, subjects=9)
    late = [e._replace(seen_at=e.at + k % 5 * HOUR) for k, e in enumerate(events)]
    rule = BacktestRule(
        sweeps=(Sweep.over("busy", "cnt_24h >= {x}", "1", "9", 5),), horizon=4, least=0, cool="6h",
        signals=("T1", "U1"),
    )  # fmt: skip
    given = {
        "watch_event": table_of(late),
        "warning": said(
            [
                (("T1", "U1")[k % 2], f"S{k % 9}", k % 8 - 413, ("orange", "red", None)[k % 3])
                for k in range(30)
            ]
        ),
        "event": ends([(f"S{k}", "default", -410 + k // 2, 100) for k in range(6)]),
    }
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(backtest, given, rule, boards=boards)


def test_trials_hold_the_conventions(tmp_path, postgres_url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    now, then = (
        WatchRule(rules=[
            {"code": "busy", "when": f"cnt_24h >= {least} && kind != 'x'", "level": "yellow"},
            {"code": "large", "when": "max_7d > 900", "level": "red"},
        ])
        for least in (3, 5)
    )  # fmt: skip
    rule = TrialRule(now=now, then=then, code="busy", horizon=4, least=0, cool="6h")
    given = {
        "watch_event": table_of(happenings(9, 150, subjects=9)),
        "event": ends([(f"S{k}", "default", -410 + k // 2, 100) for k in range(6)]),
    }
    boards = [str(tmp_path / "s.board"), postgres_url]
    check_step(trial, given, rule, boards=boards)
