"""Figures of the service for Prometheus, ``GET /metrics``: of all workers, whoever answers."""

import hmac
import os
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from liandong.config import Settings
from liandong.console.reading import Reader
from liandong.errors import RefusedError
from liandong.service.serve import FOLDER
from liandong.texts import both

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds by which it is told how long answers took."""
PASSED_ON = ("x-forwarded-for", "forwarded")
"""Heads by which a proxy says that it asks for somebody else."""


class Figures:
    """Counts what a process answers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "liandong_http_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "liandong_http_seconds", "Seconds until an answer began.", ("route",),
            buckets=BOUNDS, registry=self.registry,
        )  # fmt: skip
        self.open = Gauge(
            "liandong_http_open",
            "Requests being answered.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        known = method if method in METHODS else "other"
        self.requests.labels(known, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self, reader: Reader) -> bytes:
        """Return all figures in the text format of Prometheus."""
        folder = os.environ.get(FOLDER)
        shown, workers = CollectorRegistry(), [os.getpid()]
        if folder:
            workers = list(_alive(Path(folder)))
            MultiProcessCollector(shown, folder)  # type: ignore[no-untyped-call]
        here = b"" if folder else generate_latest(self.registry)
        shown.register(_State(reader, workers))
        return here + generate_latest(shown)


class _State(Collector):
    """What is so at the moment of asking."""

    def __init__(self, reader: Reader, workers: list[int]) -> None:
        self._store, self._workers = reader.board.store, workers

    def collect(self) -> Iterator[Metric]:
        about = {
            "workers": ("Processes that answer.", len(self._workers)),
            "board_acts": ("Number of the last act: the state of the board.", self._store.state()),
            "board_alert_changes": ("Changes of alerts told.", self._store.changes()),
            "memory_bytes": ("Memory that the workers hold.", sum(map(_memory, self._workers))),
            **{
                f"db_connections_{name}": (f"Connections {name}, of the worker that answers.", n)
                for name, n in self._store.books.connections().items()
            },
        }
        for name, (said, value) in about.items():
            yield GaugeMetricFamily(f"liandong_{name}", said, value=value)
        cpu = sum(map(_cpu, self._workers))
        yield CounterMetricFamily("liandong_cpu_seconds", "CPU time of the workers.", value=cpu)
        queued = len(self._store.books.rows("service_job", state="queued"))
        yield GaugeMetricFamily("liandong_jobs_queued", "Jobs that wait.", value=queued)


def _alive(folder: Path) -> Iterator[int]:
    """Give the processes that put figures into a folder; what the dead were at is forgotten."""
    for pid in sorted({int(p.stem.rpartition("_")[2]) for p in folder.glob("*_*.db")}):
        if Path(f"/proc/{pid}").exists():
            yield pid
        else:
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def _memory(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _cpu(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def metrics(reader: Reader, figures: Figures) -> APIRouter:
    """Return the route ``/metrics``: for this machine, or for whoever has the token."""
    router = APIRouter()

    @router.get("/metrics", include_in_schema=False)
    def told(request: Request) -> Response:
        """Give the figures in the text format of Prometheus."""
        if not (_from_here(request) or _has_token(request)):
            reason = both("refusal.metrics")
            raise RefusedError(
                actor=request.state.caller.actor, action="metrics.read", reason=reason
            )
        return Response(figures.text(reader), media_type=CONTENT_TYPE_LATEST)

    return router


def _from_here(request: Request) -> bool:
    """Tell whether a program of this machine asks, and not for somebody else."""
    client = request.client.host if request.client else ""
    try:
        near = ip_address(client).is_loopback
    except ValueError:
        near = False
    return near and not any(name in request.headers for name in PASSED_ON)


def _has_token(request: Request) -> bool:
    token = Settings().metrics_token.encode()
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    return bool(token) and hmac.compare_digest(given, token)
