"""A served board under mixed traffic for a while: what the memory of its process grows by."""

import random
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from console_pages import Known, addresses, asked
from liandong.board import Board
from measure import figures

WRITES = 3.0
"""Seconds between two changes of the board; every one ends a state that pages hold."""
PART = 0.25
"""Part of the time at its begin and at its end over which the memory is looked at."""


def soak(
    board: Board, client: HTTPConnection, known: Known, process: int, seconds: float
) -> dict[str, object]:
    """Return by how much a server grows that is asked for pages while the board changes.

    It has shown every page before. Each change frees what was read of the state before it, so the
    memory goes up and down: what is told is by how much its median has grown.
    """
    rng = random.Random(11)  # noqa: S311 - not a secret
    there = addresses(known)
    case = board.sql("SELECT min(case_id) AS id FROM alert_case")["id"][0].as_py()
    requests, seen = 0, list[tuple[float, float]]()
    begun = written = time.monotonic()
    while (now := time.monotonic()) < begun + seconds:
        if now > written + WRITES:
            board.cases.note(case, str(requests))
            written = now
        asked(client, rng.choice(rng.choice(there)))
        requests += 1
        seen.append(((now - begun) / seconds, _rss(process)))
    first = median(rss for at, rss in seen if at < PART)
    last = median(rss for at, rss in seen if at > 1 - PART)
    return figures("soak", {
        "rss_growth_mb": last - first, "rss_mb": max(rss for _, rss in seen),
        "minutes": seconds / 60, "requests": requests,
    })  # fmt: skip


def _rss(process: int) -> float:
    """Return the memory of a process in MB."""
    told = Path(f"/proc/{process}/statm").read_text("ascii")
    return int(told.split()[1]) * 4096 / 1e6
