"""The console: every page of a large board, a table beside its peer, and a soak.

``LIANDONG_BENCH_BOARD`` names a board made before, as by this very benchmark; it is written to.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import liandong as ld
from console_board import make
from console_pages import Asked, pages, totals
from console_peer import compared
from console_soak import soak
from liandong.board import Board
from measure import figures
from serving import serving

QUICK, FULL = (300, 17), (2_000, 50)
"""Firms of the world, and how many times over they are written."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of the console."""
    with _board(quick=quick) as (board, place):
        with (
            serving(place, "serve") as (port, process),
            closing(HTTPConnection("127.0.0.1", port)) as client,
        ):
            found = dict(pages(board, client, 1 if quick else 40))
            peer = compared(board, client)
            same = totals(board, client)
            grown = soak(board, client, process, 8 if quick else 600)
        api = _api(board, quick=quick)
        return {**_sizes(board), **_pages(found), **peer, **same, **grown, **api}


@contextmanager
def _board(*, quick: bool) -> Iterator[tuple[Board, Path]]:
    known = None if quick else os.environ.get("LIANDONG_BENCH_BOARD")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(known or Path(folder) / "b.board")
        board = ld.open(place, actor="bench") if known else make(place, *(QUICK if quick else FULL))
        with board:
            yield board, place


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


def _api(board: Board, *, quick: bool) -> dict[str, object]:
    if find_spec("console_api") is None:
        return {"api.read_per_s": "console_api missing"}
    import console_api

    found: dict[str, object] = console_api.figures(quick, board.store.location)
    return found
