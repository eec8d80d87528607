"""The command `liandong serve` in a process of its own, with its workers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


@contextmanager
def served(board: Path, log: Path, *words: object, **env: str) -> Iterator[subprocess.Popen]:
    """Serve a board over the socket ``web.sock`` beside it, until the block ends."""
    socket = board.with_name("web.sock")
    command = [sys.executable, "-m", "liandong.cli", "-b", board, "serve", "--login",
               "--socket", socket, "--log", "json", *words]  # fmt: skip
    with log.open("w") as out:
        process = subprocess.Popen(
            [str(w) for w in command], stderr=out, env={**os.environ, "LIANDONG_LANG": "en", **env}
        )
    try:
        until = time.monotonic() + 120
        while not socket.is_socket():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.05)
        with asking(board) as ask:  # it is taken at once, and answered when a worker is there
            assert ask.get("/health").status_code == 200
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def asking(board: Path, cookies: httpx.Cookies | None = None) -> httpx.Client:
    """Return a client of what :func:`served` serves."""
    way, own = httpx.HTTPTransport(uds=str(board.with_name("web.sock"))), "http://localhost"
    return httpx.Client(
        transport=way, base_url=own, headers={"origin": own}, cookies=cookies, timeout=120
    )
