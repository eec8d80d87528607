"""A served board under mixed traffic for a while: what the memory of its process grows by."""

import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from console_pages import addresses, asked
from liandong.board import Board
from measure import figures

WRITES = 3.0
"""Seconds between two changes of the board; every one ends a state that pages hold."""
WARM = 0.25
"""Part of the time after which the memory is looked at for the first time."""


def soak(board: Board, place: Path, seconds: float) -> dict[str, object]:
    """Return by how much a server grows that is asked for pages while the board changes."""
    rng = random.Random(11)  # noqa: S311 - not a secret
    known = addresses(board)
    case = board.sql("SELECT min(case_id) AS id FROM alert_case")["id"][0].as_py()
    requests, first, rss = 0, 0.0, 0.0
    with _server(place) as (process, client):
        begun = written = time.monotonic()
        while (now := time.monotonic()) < begun + seconds:
            if now > written + WRITES:
                board.cases.note(case, str(requests))
                written = now
            asked(client, rng.choice(rng.choice(known)))
            requests += 1
            rss = _rss(process)
            first = first if first and now > begun + WARM * seconds else rss
    return figures("soak", {
        "rss_growth_mb": rss - first, "rss_mb": rss, "minutes": seconds / 60, "requests": requests,
    })  # fmt: skip


@contextmanager
def _server(place: Path) -> Iterator[tuple[int, HTTPConnection]]:
    """Serve a board as a user does, in a process of its own: yields it and a connection."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "liandong.cli", "--board", str(place), "serve"]
    with subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL) as server:
        try:
            until_open(port)
            with closing(HTTPConnection("127.0.0.1", port)) as client:
                yield server.pid, client
        finally:
            server.terminate()


def until_open(port: int) -> None:
    """Wait until something listens at a port of this machine."""
    until = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _rss(process: int) -> float:
    """Return the memory of a process in MB."""
    told = Path(f"/proc/{process}/statm").read_text("ascii")
    return int(told.split()[1]) * 4096 / 1e6
