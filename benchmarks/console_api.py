"""The API under load: 64 clients that ask for a mix of what programs ask for, without a pause.

A service runs as a user runs it (``liandong serve``), in a process of its own; the clients share
another one, so that both have the processors of this machine. What is answered is held against the
board. The mix, of 100 requests: 40 newest scores and 30 parties of random firms, 14 pages of 50
after a random firm, 8 lists of 50 firms of a region, 7 whose answer is known already (``304``), 1
why.
"""

import json
import os
import random
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from urllib.parse import quote, urlencode

import liandong as ld
from liandong.console.query import Query
from liandong.schema.tables import table
from liandong.service.v1.asked import Asked
from measure import figures as rounded
from serving import serving

CLIENTS = 64
SIZE = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
WARM = 2.0
"""Seconds of asking that are not counted,"""
WARM_ANSWERS = 3
"""and answers of each client: by then all workers have begun, and read the tables."""
WORKERS = 2


def figures(quick: bool, location: str | Path) -> dict[str, object]:  # noqa: FBT001 - the form of its caller
    """Return the figures of a board that has parties and scores."""
    words = ("--actor", "bench", "serve", "--workers", str(WORKERS))
    with serving(location, *words) as (port, _):
        paths = _paths(location)
        command = [sys.executable, __file__, str(port), "4" if quick else "60"]
        done = subprocess.run(
            command, input=json.dumps(paths), capture_output=True, check=True, text=True
        )
        right = _right(location, port)
    found = json.loads(done.stdout)
    return rounded("api", {**found, "clients": CLIENTS, "workers": WORKERS, "right": right})


def _paths(location: str | Path) -> list[str]:
    """Return addresses in the order in which they are asked for."""
    rng = random.Random(1)  # noqa: S311 - the same addresses each time
    with ld.open(location, create=False) as board:
        firms = board.sql("SELECT party_id, region_id FROM party WHERE kind = 'firm'").to_pydict()
        scores = board.sql(
            "SELECT party_id, max(as_of) AS as_of, max(rule_id) AS rule_id FROM score GROUP BY 1"
        ).to_pylist()
    ids, regions = firms["party_id"], sorted({*firms["region_id"]})
    lists = "/v1/tables/party?limit=50"
    page = Asked.of(table("party"), Query())

    def one(kind: int) -> str:
        if kind < 40 and scores:
            return f"/v1/scores/{quote(rng.choice(scores)['party_id'], safe='')}"
        if kind < 70:
            return f"/v1/parties/{quote(rng.choice(ids), safe='')}"
        if kind < 84:
            return f"{lists}&cursor={page.cursor({'party_id': rng.choice(ids)})}"
        if kind < 92:
            return f"{lists}&f.region_id={rng.choice(regions)}"
        if kind < 99 or not scores:
            return lists
        key = {k: str(v) for k, v in rng.choice(scores).items()}
        return f"/v1/tables/score/row/why?{urlencode(key)}"

    kinds = [k for _ in range(100) for k in rng.sample(range(100), 100)]
    return [one(k) for k in kinds]


def _right(location: str | Path, port: int) -> bool:
    """Tell whether some answers are the rows of the board."""
    import urllib.request

    with ld.open(location, create=False) as board:
        rows = board.sql("SELECT party_id, name FROM party ORDER BY party_id LIMIT 50").to_pylist()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/tables/party?limit=50") as answer:
        told = json.load(answer)["rows"]
    return [{n: r[n] for n in ("party_id", "name")} for r in told] == rows


class _Line:
    """A client: it asks again as soon as it is answered."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._heard = b""
        self.began = 0.0
        self.known: dict[str, bytes] = {}
        self.path = ""
        self.answers = 0

    def ask(self, path: str) -> None:
        mark = self.known.get(path)
        head = b"If-None-Match: %b\r\n" % mark if mark else b""
        self.path, self.began = path, time.perf_counter()
        self.socket.sendall(b"GET %b HTTP/1.1\r\nHost: 127.0.0.1\r\n%b\r\n" % (path.encode(), head))

    def answered(self) -> bool | None:
        """Return whether what came is right; None: not all has come."""
        self._heard += self.socket.recv(1 << 18)
        end = self._heard.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._heard[:end]
        size = SIZE.search(head)
        if len(self._heard) < end + 4 + (int(size[1]) if size else 0):
            return None
        self._heard = b""
        good = head[9:12] in {b"200", b"304"}
        if self.path.endswith("limit=50") and good and self.path not in self.known:
            mark = re.search(rb"etag: ([^\r]+)", head, re.IGNORECASE)
            self.known = {self.path: mark[1]} if mark else {}
        return good


def _load(port: int, seconds: float, paths: list[str]) -> dict[str, object]:
    """Ask for some seconds; the times are those of answers within them."""
    left = deque(paths)
    lines = [_Line(port) for _ in range(CLIENTS)]
    took: list[float] = []
    errors = 0
    chosen = selectors.DefaultSelector()
    for line in lines:
        chosen.register(line.socket, selectors.EVENT_READ, line)
        line.ask(left[0])
        left.rotate(-1)
    begin, over = time.perf_counter() + WARM, float("inf")
    while (now := time.perf_counter()) < over:
        if over == float("inf") and now > begin and min(x.answers for x in lines) >= WARM_ANSWERS:
            begin, over, cpu = now, now + seconds, time.process_time()
        for key, _ in chosen.select(1):
            line = key.data
            good = line.answered()
            if good is None:
                continue
            now = time.perf_counter()
            line.answers += 1
            if over < float("inf"):
                took.append(now - line.began)
                errors += not good
            line.ask(left[0])
            left.rotate(-1)
    took.sort()
    return {
        "read_per_s": len(took) / seconds,
        **{f"p{q}_ms": took[int(len(took) * q / 100)] * 1e3 for q in (50, 95, 99)},
        "errors": errors, "requests": len(took), "seconds": seconds,
        "client_cpu_share": (time.process_time() - cpu) / seconds,
        "mix": "40 scores, 30 parties, 14 lists, 8 filtered, 7 known, 1 why of 100",
        "cpus": os.cpu_count(),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_load(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin))))
