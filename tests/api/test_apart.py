"""Taking events in a process of its own: it ends with its parent, nothing is lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing

import httpx
import pytest

import liandong as ld
from liandong.errors import BoardLockedError, StorageError, UsageError
from liandong.service.apart import apart
from liandong.store.spool import Spool
from support.happened import RULE, happened, write


@pytest.fixture
def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def post(port, lines):
    """Send lines as soon as somebody listens; return the answer to them."""
    until = time.monotonic() + 60
    with httpx.Client(trust_env=False, timeout=30) as http:
        while True:
            try:
                return http.post(f"http://127.0.0.1:{port}/v1/events", content="\n".join(lines))
            except httpx.ConnectError:
                assert time.monotonic() < until
                time.sleep(0.05)


def text_of(url):
    """Return what is told there; nothing while one that was killed has ended its part, too."""
    try:
        return httpx.get(url, trust_env=False).text
    except httpx.ConnectError:
        return ""


def eventually(true):
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_it_takes_events_tells_figures_and_ends(tmp_path, port):
    lines = [json.dumps(e) for e in happened(20)]
    with apart(tmp_path / "s", port, lambda: "liandong_watch 1\n", lambda: 0) as going:
        assert post(port, lines).json() == {"events": 20, "refused": 0, "why": []}
        metrics = f"http://127.0.0.1:{port}/metrics"
        eventually(lambda: "liandong_watch 1" in httpx.get(metrics, trust_env=False).text)
        assert going()
        with pytest.raises(BoardLockedError):
            Spool(tmp_path / "s")
    assert not going()
    assert (tmp_path / "s" / "00000001.ndjson").read_text("utf-8").splitlines() == lines
    Spool(tmp_path / "s").close()


def test_one_that_is_far_behind_is_known_there_too(tmp_path, port):
    with apart(tmp_path / "s", port, str, lambda: 1 << 40):
        eventually(lambda: post(port, [json.dumps(happened(1)[0])]).status_code == 503)


def test_that_it_cannot_begin_is_said(tmp_path, port):
    with closing(Spool(tmp_path / "s")), pytest.raises(StorageError):
        begun(tmp_path / "s", port)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(UsageError, match=str(port)):
        begun(tmp_path / "t", port)


def begun(folder, port):
    with apart(folder, port, str, lambda: 0):
        pass


def watching(board, rules, port):
    words = ["-b", board, "watch", "run", "--source", "http", "--rules", rules, "--port", port]
    return subprocess.Popen([sys.executable, "-m", "liandong.cli", *map(str, words)])


def test_what_was_acknowledged_is_judged_though_the_watch_is_killed(tmp_path, port):
    rules = write(tmp_path / "rules.toml", [RULE.to_toml()])
    lines = [json.dumps(e) for e in happened(100)]
    killed = watching(tmp_path / "b", rules, port)
    assert post(port, lines[:50]).json()["events"] == 50
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    after = watching(tmp_path / "b", rules, port)
    try:
        assert post(port, lines[50:]).json()["events"] == 50
        metrics = f"http://127.0.0.1:{port}/metrics"
        books = 'liandong_watch_committed_events_total{watch="watch"} '
        eventually(lambda: books in text_of(metrics))
        eventually(lambda: taken(tmp_path / "b") == 100)
    finally:
        after.send_signal(signal.SIGTERM)
        assert after.wait(30) == 0


def taken(location):
    with ld.open(location) as board:
        return sum(r["taken"] for r in board.store.books.rows("watch_state"))
