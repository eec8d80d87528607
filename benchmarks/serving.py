"""Commands of ours that serve while something else is measured."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 120
"""Seconds until something has to listen."""


@contextmanager
def serving(board: str | Path, *words: str) -> Iterator[tuple[int, int]]:
    """Run a command that serves a board, in a process of its own: its port and its process."""
    with beginning(board, *words) as found:
        until_open(found[0])
        yield found


@contextmanager
def beginning(board: str | Path, *words: str) -> Iterator[tuple[int, int]]:
    """Do as :func:`serving` does, without waiting until it serves."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "liandong.cli", "--board", str(board), *words]
    with subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL) as server:
        try:
            yield port, server.pid
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def until_open(port: int) -> None:
    """Wait until something listens at a port of this machine."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
