"""The console: every page of a large board, a table beside its peer, and a soak.

``LIANDONG_BENCH_BOARD`` names a board made before, as by this very benchmark; it is written to.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

import liandong as ld
from console_api import SERVED, api
from console_board import fill
from console_pages import Asked, pages, things, totals
from console_peer import compared
from console_soak import soak
from liandong.board import Board
from measure import figures
from serving import beginning, until_open

QUICK, FULL = (300, 8), (2_000, 50)
"""Firms of the world, and how many times over they are written."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of the console; what serves begins while the board is being filled."""
    with _board(quick=quick) as (board, new):
        place = board.store.location
        with beginning(place, *SERVED) as (port, _):
            with beginning(place, "serve") as (console, process):
                if new:
                    fill(board, *(QUICK if quick else FULL))
                until_open(port)
                until_open(console)
                found = _console(board, console, process, quick=quick)
            return {**_sizes(board), **found, **api(place, port, 4 if quick else 60)}


@contextmanager
def _board(*, quick: bool) -> Iterator[tuple[Board, bool]]:
    """Open a board, and tell whether it is a new one."""
    known = None if quick else os.environ.get("LIANDONG_BENCH_BOARD")
    with (
        tempfile.TemporaryDirectory() as folder,
        ld.open(known or Path(folder) / "b.board", actor="bench") as board,
    ):
        yield board, not known


def _console(board: Board, port: int, process: int, *, quick: bool) -> dict[str, object]:
    """Return the figures of the pages."""
    with closing(HTTPConnection("127.0.0.1", port)) as client:
        known = things(board)
        found = dict(pages(board, client, known, 1 if quick else 40))
        peer = compared(board, client)
        same = totals(board, client)
        grown = soak(board, client, known, process, 8 if quick else 600)
    return {**_pages(found), **peer, **same, **grown}


def _pages(found: dict[str, Asked]) -> dict[str, object]:
    p95 = {name: float(np.percentile(a.spent, 95)) for name, a in found.items()}
    worst, heavy = max(p95, key=lambda n: p95[n]), max(found, key=lambda n: found[n].size)
    each = {f"{name}.p95_ms": ms for name, ms in p95.items()}
    return figures("page", {
        "p95_ms": p95[worst], "worst": worst, "count": len(found), "target_ms": 300,
        "p50_ms": float(np.median([ms for a in found.values() for ms in a.spent])),
        "first_ms": max(a.first for a in found.values()),
        "bytes": found[heavy].size, "bytes_worst": heavy, **each,
    })  # fmt: skip


def _sizes(board: Board) -> dict[str, object]:
    tables = ("party", "flow", "invoice", "loan", "offer", "alert", "entry")
    return figures("board", {t: len(board.table(t)) for t in tables})
