"""Snoozes hide alerts for a while, with a reason and a name, and delete nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong.cli.main import app
from liandong.console.alerting import alerts, which
from liandong.console.filters import Filter
from liandong.console.reading import Reading
from liandong.errors import DataError, UsageError
from liandong.watch import awake, episodes
from support.episodes import DAY, START, table_of, warned

NOW = datetime.now(UTC)


@pytest.fixture
def board(tmp_path):
    """Three alerts on two parties that are going on on the last day."""
    with ld.open(tmp_path / "s.board", actor="ann") as found:
        rows = [
            warned(0, "yellow"), warned(1, "red", rule="r2", code="L1"),
            warned(2, "orange", subject="F2"), warned(1.5, "orange", seen=3),
        ]  # fmt: skip
        found.put("w", {"warning": table_of(rows)})
        found.run(episodes, as_of="2026-01-10")
        yield found


def seen(board, at):
    found = awake(board.table("alert").arrow(), board.table("snooze").arrow(), at)
    return {(r["party_id"], r["code"]) for r in found.to_pylist()}


def shown(board, f=None):
    """What the console shows, which asks in SQL."""
    reading = Reading(board, board.store.state())
    f = f or Filter()
    rows = reading.rows("SELECT a.* FROM {alerts} a{where}", which(f), alerts=alerts(reading, f))
    reading.close()
    return {(r["party_id"], r["code"]) for r in rows}


def test_a_snooze_hides_one_signal_up_to_a_level_until_it_ends(board):
    every = {("F1", "T1"), ("F1", "L1"), ("F2", "T1")}
    assert seen(board, NOW) == shown(board) == every
    board.snooze("F1", until=NOW + DAY, reason="known to the branch", level="orange")
    now = datetime.now(UTC)
    assert seen(board, now) == shown(board) == {("F1", "L1"), ("F2", "T1")}  # red shows
    assert seen(board, NOW - DAY) == every
    assert seen(board, NOW + DAY) == every  # it ends there
    board.snooze("F2", until=NOW + DAY, reason="holiday", code="X1")
    assert seen(board, now + timedelta(minutes=1)) == {("F1", "L1"), ("F2", "T1")}
    assert len(board.table("alert")) == 3
    row = board.table("snooze").rows(party_id="F1")[0]
    assert (row["actor"], row["reason"], row["code"]) == ("ann", "known to the branch", None)
    assert board.check() == []


def test_the_act_names_who_did_it(board):
    run = board.acting("bob").snooze("F1", until=NOW + DAY, reason="x")
    acts = board.sql("SELECT actor, action FROM act WHERE subject = ?", [run.run_id]).to_pylist()
    assert {a["actor"] for a in acts} == {"bob"}
    assert {a["action"] for a in acts} == {"run.start", "run.done"}


@pytest.mark.parametrize("wrong", [{"until": NOW - DAY}, {"reason": "  "}])
def test_a_snooze_without_a_reason_or_a_future_is_refused(board, wrong):
    with pytest.raises(UsageError, match="says why"):
        board.snooze("F1", **{"until": NOW + DAY, "reason": "x", **wrong})


def test_a_level_that_is_none_is_refused(board):
    with pytest.raises(DataError):
        board.snooze("F1", until=NOW + DAY, reason="x", level="purple")


def test_the_console_on_a_day_knows_what_was_known_then(board):
    on = Filter(on=START.date())
    assert shown(board, on) == {("F1", "T1")}
    reading = Reading(board, board.store.state())
    levels = {}
    for day in (1, 4):
        f = Filter(on=(START + day * DAY).date())
        known = alerts(reading, f)
        rows = reading.rows("SELECT a.* FROM {alerts} a{where}", which(f), alerts=known)
        levels[day] = {r["level"] for r in rows if (r["party_id"], r["code"]) == ("F1", "T1")}
    reading.close()
    assert levels == {1: {"yellow"}, 4: {"orange"}}  # known on day 3 only


def test_alerts_and_snooze_on_the_command_line(board):
    where = str(board.store.folder)

    def call(*words):
        done = CliRunner().invoke(app, ["-b", where, "--actor", "bob", "--lang", "en", *words])
        assert done.exit_code == 0, done.output
        return done.output

    def keys(*words):
        rows = json.loads(call("alerts", "--json", *words))
        return [(r["party_id"], r["code"], r["level"]) for r in rows]

    assert keys("--on", "2026-01-02") == [("F1", "L1", "red"), ("F1", "T1", "yellow")]
    assert keys("--party", "F2") == [("F2", "T1", "orange")]
    assert "snoozed until" in call("snooze", "F1", "--reason", "seen", "--days", "3")
    assert keys() == [("F2", "T1", "orange")]
    assert len(keys("--snoozed")) == 3
    assert "Level" in call("alerts")
