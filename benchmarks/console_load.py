"""Clients of a service that ask again as soon as they are answered, all from one process.

It begins at once, for it needs nothing of the product: its input is the addresses, its output what
was found.
"""

import json
import os
import re
import selectors
import socket
import sys
import time
from collections import deque

CLIENTS = 64
SIZE = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
WARM = 2.0
"""Seconds of asking that are not counted,"""
WARM_ANSWERS = 3
"""and answers of each client: by then all workers have begun, and read the tables."""


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
        "cpus": os.cpu_count(), "clients": CLIENTS,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(_load(int(sys.argv[1]), float(sys.argv[2]), json.load(sys.stdin))))
