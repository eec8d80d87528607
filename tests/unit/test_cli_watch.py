"""The command that runs a watch."""

import json
import os
import signal
import subprocess
import sys
import time

import httpx
import pytest
from typer.testing import CliRunner

import liandong as ld
from liandong.cli.main import app
from liandong.errors import UsageError
from support.happened import RULE, happened, write


def liandong(*words):
    return CliRunner().invoke(app, [str(w) for w in words], catch_exceptions=False)


@pytest.fixture
def rules(tmp_path):
    return write(tmp_path / "rules.toml", [RULE.to_toml()])


def test_a_file_is_watched_and_gone_on_with(tmp_path, rules):
    board = tmp_path / "t.board"
    lines = [json.dumps(e) for e in happened(300)]
    path = write(tmp_path / "a.ndjson", lines[:200])
    given = ("--source", path, "--rules", rules, "--json")
    assert json.loads(liandong("-b", board, "watch", "run", *given).stdout)[0]["taken"] == 200
    write(path, lines)
    again = json.loads(liandong("-b", board, "watch", "run", *given).stdout)[0]
    assert (again["taken"], again["refused"]) == (300, 0)
    said = liandong("--lang", "zh", "-b", board, "watch", "status").stdout
    assert "接收 300" in said
    told = json.loads(liandong("-b", board, "alerts", "--closed", "--json").stdout)
    with ld.open(board) as opened:
        live = opened.table("live_alert").rows()
    assert len(live) > 0
    assert {(r["alert_id"], r["state"]) for r in told} == {
        (r["alert_id"], r["state"]) for r in live
    }


def test_without_rules_it_says_what_it_needs(tmp_path):
    with pytest.raises(UsageError, match="rule file"):
        liandong("-b", tmp_path / "t.board", "watch", "run", "--source", "http")


def test_http_until_it_is_told_to_end(tmp_path, rules):
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    board = tmp_path / "t.board"
    words = ["-b", board, "watch", "run", "--source", "http", "--rules", rules, "--port", port]
    command = [sys.executable, "-m", "liandong.cli", *map(str, words)]
    child = subprocess.Popen(command, env={**os.environ, "LIANDONG_LANG": "en"})
    url, data = f"http://127.0.0.1:{port}", "\n".join(json.dumps(e) for e in happened(50))
    try:
        with httpx.Client(trust_env=False) as http:
            until = time.monotonic() + 60
            while True:
                try:
                    assert http.post(f"{url}/v1/events", content=data).json()["events"] == 50
                    break
                except httpx.ConnectError:
                    assert time.monotonic() < until
                    time.sleep(0.1)
            while "events_total" not in http.get(f"{url}/metrics").text:
                assert time.monotonic() < until
                time.sleep(0.05)
    finally:
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
    status = liandong("-b", board, "watch", "status", "--json").stdout
    assert json.loads(status)[0]["taken"] == 50


def test_rules_are_told_checked_tried_and_proposed(tmp_path, rules):
    import liandong as ld
    from liandong.delivery import lines

    board = tmp_path / "t.board"
    told = json.loads(liandong("watch", "check", "--rules", rules, "--when", "sum_24h > 5000000",
                               "--json").stdout)  # fmt: skip
    assert told["en"] == "sum of amounts in 24 hours > 50,000 yuan"
    with pytest.raises(UsageError, match="line 1, column 10"):
        liandong("watch", "check", "--rules", rules, "--when", "sum_24h >")
    given = ("-b", board, "watch")
    case = liandong(*given, "propose", "--rules", rules, "--reason", "first").stdout.strip()
    with pytest.raises(UsageError, match="rule file"):  # nobody has approved it yet
        liandong(*given, "run", "--source", write(tmp_path / "a.ndjson", []))
    liandong("--actor", "second", "-b", board, "approve", case)
    listed = json.loads(liandong(*given, "rules", "--json").stdout)
    assert [r["code"] for r in listed["rules"]] == ["burst", "above", "burst"]
    assert listed["versions"][0]["state"] == "approved"
    events = "\n".join(json.dumps(e) for e in happened(300))
    table, _ = lines.read(events.encode(), "a")
    with ld.open(board) as opened:
        opened.put("events", {"watch_event": table})
    stricter = RULE.changed(rules=[{"code": "burst", "when": "sum_24h > 1", "level": "orange"}])
    changed = write(tmp_path / "changed.toml", [stricter.to_toml()])
    found = json.loads(liandong(*given, "try", "--rules", changed, "--code", "burst",
                                "--json").stdout)  # fmt: skip
    sides = {p["study"]: p["alerts"] for p in found["points"] if p["kind"] == "rules"}
    assert sides["then.rule"] > sides["now.rule"]
    assert "new" in liandong("--lang", "en", *given, "try", "--rules", changed).stdout
    # A watch needs no rule file any more.
    ran = liandong(*given, "run", "--source", write(tmp_path / "a.ndjson", events.split("\n")),
                   "--json")  # fmt: skip
    assert json.loads(ran.stdout)[0]["rule"] == RULE.id
