"""Measuring a piece of work in a process of its own: seconds, peak memory, and what it says."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """Seconds of the whole process, peak memory in MB, and the JSON that it printed last."""

    seconds: float
    peak_mb: float
    said: dict[str, Any]


def measure(code: str, *arguments: str) -> Measured:
    """Run Python ``code`` in a fresh process in an empty folder; it prints one line of JSON."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=folder, stdout=subprocess.PIPE
        )
        out = child.stdout.read() if child.stdout else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"the measured work ended with {child.returncode}")
    seconds = time.perf_counter() - start
    return Measured(seconds, usage.ru_maxrss / 1024, json.loads(out.splitlines()[-1]))


def figures(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return values under ``prefix.``, floats rounded to what a clock can tell."""
    return {f"{prefix}.{k}": round(v, 3) if isinstance(v, float) else v for k, v in values.items()}


@contextmanager
def served(place: Path) -> Iterator[HTTPConnection]:
    """Serve a board in a thread, as ``liandong serve`` does; yield a connection to it."""
    import uvicorn

    from liandong.service.app import create_app

    config = uvicorn.Config(create_app(str(place)), port=0, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        with closing(HTTPConnection("127.0.0.1", port)) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


Part = Callable[..., dict[str, object]]


def in_parts(timed: tuple[Part, ...], judged: tuple[Part, ...], *, quick: bool) -> dict[str, Any]:
    """Run parts of a benchmark, and put their figures together.

    Parameters
    ----------
    timed
        What is measured by the clock: it has the machine for itself.
    judged
        What is measured by its answers, or works in one thread: two at a time, the longest first.
    """
    found: dict[str, Any] = {}
    for part in timed:
        found |= part(quick=quick)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(part, quick=quick) for part in judged]:
            found |= done.result()
    return found
