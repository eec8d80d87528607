"""kill -9 on a watch, many times, at any moment: nothing lost, nothing doubled, nothing changed."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import Live
from support.happened import RULE, happened, spoilt, write

CHILD = Path(__file__).with_name("watch_child.py")
EVENTS, MOST, KILLS = 4_200, 24, 55
"""Kills on each kind of books."""
SAID = ("live_warning", "alert_change", "live_alert")

pytestmark = pytest.mark.crash


def books(board, watch):
    """Everything that the books say of a watch, but for moments of the machine's own clock."""
    found = {}
    for name in (*SAID, "watch_refusal", "watch_state"):
        rows = board.store.books.rows(name, watch=watch)
        own = {"watch", "bytes", "piece", "commits", "size"} | (
            {"seen_at"} if name not in SAID else set()
        )
        if name == "watch_refusal":
            own.add("seq")
        found[name] = [{k: str(v) for k, v in r.items() if k not in own} for r in rows]
    found["watch_refusal"].sort(key=lambda r: json.dumps(r, sort_keys=True))
    return found


def digest(rows):
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def test_killed_again_and_again(location, tmp_path):
    path = write(tmp_path / "a.ndjson", spoilt(happened(EVENTS)))
    rule = tmp_path / "rule.toml"
    rule.write_text(RULE.to_toml(), "utf-8")
    with ld.open(tmp_path / "calm.board") as board:
        with Live(board, "killed", FileSource(path, most=MOST), RULE) as live:
            live.run()
        calm = books(board, "killed")
    ld.open(location, lake=tmp_path / "lake").close()
    command = [sys.executable, CHILD, location, tmp_path / "lake", path, rule, 11, KILLS, MOST]
    done = subprocess.run([str(c) for c in command], capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()
    said = json.loads(done.stdout.splitlines()[-1])
    with ld.open(location, lake=tmp_path / "lake") as board:
        killed = books(board, "killed")
    for name in SAID:
        assert digest(killed[name]) == digest(calm[name])
    assert killed == calm
    assert len(calm["live_warning"]) > 200
    assert any(r["amends"] == "True" for r in calm["live_warning"])
    ends = {"opened", "escalated", "closed", "amended", "withdrawn"}
    assert ends <= {r["change"] for r in calm["alert_change"]}
    assert said["met"] >= KILLS // 2, said
