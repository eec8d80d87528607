"""Jobs whose process, or whose service, is killed leave nothing half-visible."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

import liandong as ld
from liandong.service.working import Worker
from liandong.store.jobs import Jobs
from support.jobs import ended, posted
from support.servers import free_port
from support.site import serving

pytestmark = pytest.mark.crash
BIG = {"kind": "load", "source": "world", "options": {"firms": 50_000, "months": 60}}


def process_of(job):
    """Return the id of the process that does a job, None if there is none."""
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes().split(b"\0")
        except OSError:
            continue  # it has ended meanwhile
        if job.encode() in words:
            return int(place.parent.name)
    return None


def until(there, seconds=60):
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_a_process_that_is_killed_leaves_a_broken_job(tmp_path):
    location = tmp_path / "k.board"
    with (
        ld.open(location, actor="ann") as board,
        serving(location, actor="ann") as url,
        httpx.Client(base_url=url, timeout=30, trust_env=False) as client,
    ):
        job = posted(client, BIG)
        until(lambda: board.store.runs(status="running"))
        os.kill(process_of(job), signal.SIGKILL)
        found = ended(client, job)
        assert found["state"] == "broken"
        assert "not done twice" in found["error_en"]
        assert [r.status for r in board.runs()] == ["broken"]
        assert not len(board.table("party"))
        assert board.check() == []


def test_a_service_that_is_killed_takes_its_job_with_it_and_the_next_one_tells(tmp_path):
    location, port = tmp_path / "s.board", free_port()
    command = [sys.executable, "-m", "liandong.cli", "-b", location, "serve", "--port", port]
    with ld.open(location, actor="ann") as board:
        service = subprocess.Popen([str(c) for c in command], stderr=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
                until(lambda: alive(client))
                job = posted(client, BIG)
                until(lambda: board.store.runs(status="running"))
        finally:
            service.kill()
            service.wait()
        until(lambda: process_of(job) is None, 20)
        worker = Worker(str(location), board, lost=0.1)
        worker.start()
        jobs = Jobs(board.store, "ann")
        until(lambda: jobs.one(job)["state"] == "broken", 20)
        until(lambda: [r.status for r in board.runs()] == ["broken"], 20)
        worker.stop()
        assert board.check() == []


def alive(client):
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False
