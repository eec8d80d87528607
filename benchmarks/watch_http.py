"""Events over HTTP, one a request: the time until each is durable, from when it was to be sent.

A watch runs as a user runs it (``liandong watch run --source http``), judging what comes in, in a
process of its own. Requests are sent from another one, at fixed moments whether or not those before
are answered; a request that is sent late counts from when it was due. What sending costs is told.
"""

import json
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from measure import figures
from serving import serving

RATE = 2_000
"""Requests a second."""
CONNECTIONS = 40
WARM = 0.5
"""Seconds of sending that are not counted."""
RULES = """
late = "1d"
[[rules]]
code = "burst"
when = "sum_24h > 20000000 && cnt_1h >= 3"
level = "orange"
"""
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    seconds = 1 if quick else 10
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (port, server):
        command = [sys.executable, __file__, str(port), str(RATE), str(seconds)]
        before = _cpu(server)
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        judging, taking = (_cpu(server) - before) / (RATE * (seconds + WARM)) * 1e6
    found = json.loads(done.stdout)
    cpu = {"judging_cpu_us": judging, "taking_cpu_us": taking, "server_cpu_us": judging + taking}
    return figures("http", {**found, **cpu})


@contextmanager
def _served(folder: Path) -> Iterator[tuple[int, int]]:
    """Run a watch that takes events over HTTP: its port and its process."""
    (folder / "rules.toml").write_text(RULES, "utf-8")
    watch = f"watch run --source http --rules {folder / 'rules.toml'}"
    with serving(folder / "b", *watch.split()) as found:
        yield found


def _cpu(process: int) -> np.ndarray:
    """Return the processor seconds that a process has used, and those of its children."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text("utf-8").split()
    used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return np.array([used, sum(_cpu(int(child)).sum() for child in children)])


def _load(port: int, rate: int, seconds: int) -> dict[str, object]:
    """Send requests at fixed moments, from which their times count."""
    total, warm = int(rate * (seconds + WARM)), int(rate * WARM)
    took, late = np.empty(total), np.empty(total)
    lines = [_Line(port) for _ in range(CONNECTIONS)]
    by_file = {line.socket.fileno(): line for line in lines}
    requests = [_request(i) for i in range(total)]
    start, cpu = time.perf_counter() + 0.1, time.process_time()
    done = 0
    i = 0
    while done < total:
        now = time.perf_counter()
        while i < total and start + i / rate <= now:
            lines[i % CONNECTIONS].send(i, requests[i])
            late[i] = time.perf_counter() - (start + i / rate)
            i += 1
        left = start + i / rate - time.perf_counter() if i < total else 1.0
        for file in select.select(by_file, [], [], max(0.0, left))[0]:
            for k in by_file[file].answered():
                took[k] = time.perf_counter() - (start + k / rate)
                done += 1
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    p = {f"p{q}_ms": float(np.percentile(took[warm:], q) * 1e3) for q in (50, 99, 99.9)}
    return {
        "requests": total - warm, "requests_per_s": total / wall, **p,
        "sent_late_p99_ms": float(np.percentile(late[warm:], 99) * 1e3),
        "client_cpu_us": cpu / total * 1e6,
    }  # fmt: skip


class _Line:
    """A connection: requests go out, answers come back in the same order."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open, self._heard = deque[int](), b""

    def send(self, number: int, request: bytes) -> None:
        self._open.append(number)
        self.socket.sendall(request)

    def answered(self) -> Iterator[int]:
        """Return the requests whose answers have come."""
        self._heard += self.socket.recv(1 << 16)
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            head = self._heard[:end]
            size = LENGTH.search(head)
            if b" 202 " not in head[:16] or size is None:
                raise RuntimeError(head)
            end += 4 + int(size[1])
            if len(self._heard) < end:
                return
            self._heard = self._heard[end:]
            yield self._open.popleft()


def _request(i: int) -> bytes:
    event = {
        "event_id": f"e{i}", "seq": i, "source": "bank", "at": "2026-03-02T12:00:00Z",
        "kind": "payment_out", "subject_id": f"F{i % 5_000}", "other_id": f"C{i % 97}",
        "amount": 500 + i % 1_000,
    }  # fmt: skip
    body = json.dumps(event).encode()
    return HEAD % len(body) + body


if __name__ == "__main__":
    print(json.dumps(_load(*map(int, sys.argv[1:]))))
