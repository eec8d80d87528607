"""Figures of a watch in the text format of Prometheus."""

import time
from collections import Counter
from datetime import datetime
from itertools import accumulate
from math import inf
from threading import Lock
from typing import Any

from liandong.delivery.source import Batch
from liandong.watch.live.watcher import Seen

CHANGES = ("opened", "escalated", "closed", "withdrawn")
"""Changes of alerts that are counted."""
_BOUNDS_MS = (*range(1, 10), *range(10, 50, 5), 50, 60, 75, 100, 150, 200, 300, 500, 1_000, 5_000)
BOUNDS = (*(n / 1_000 for n in _BOUNDS_MS), inf)
"""Seconds by which it is told how soon events were durable."""


class Metrics:
    """Counts what a watch does.

    Parameters
    ----------
    watch
        Its name, which stands as a label at each figure.
    """

    def __init__(self, watch: str) -> None:
        self._watch, self._lock = watch, Lock()
        self._counts = Counter({f"alerts_{change}": 0 for change in CHANGES})
        self._refused: Counter[str] = Counter()
        self._gauges: dict[str, float] = {}
        self._sizes: dict[str, int] = {}
        self._durable, self._waited = Counter[float](), 0.0
        self._began = time.monotonic()

    def begun(self, state: dict[str, Any], seconds: float, going_on: int) -> None:
        """Take note of what was there before, and of how long it took to go on from it."""
        with self._lock:
            for name in ("taken", "refused", "warnings", "changes", "commits"):
                self._counts[f"books_{name}"] = state[name]
            self._gauges["restart_seconds"] = seconds
            self._gauges["alerts_open"] = going_on

    def took(self, batch: Batch, seen: Seen, clock: datetime | None, going_on: int) -> None:
        """Take note of a batch, of what it brought, and of how many alerts go on."""
        with self._lock:
            self._counts["events"] += len(seen.taken)
            self._counts["warnings"] += len(seen.warnings)
            for change in seen.alerts["change"].to_pylist():
                if change in CHANGES:
                    self._counts[f"alerts_{change}"] += 1
            self._gauges["alerts_open"] = going_on
            self._gauges["behind"] = batch.behind
            if clock is not None:
                self._gauges["watermark_seconds"] = clock.timestamp()
            self._refused.update(r["reason"] for r in batch.refused)
            self._refused.update(seen.quarantine["reason"].to_pylist())

    def holds(self, sizes: dict[str, int], resting: dict[str, int]) -> None:
        """Take note of the bytes that windows use, by what for, and of subjects at rest."""
        with self._lock:
            self._sizes = sizes
            self._gauges |= {f"resting_{name}": n for name, n in resting.items()}

    def behind(self) -> int:
        """Return how much is still to be read, in the source's own unit."""
        with self._lock:
            return int(self._gauges.get("behind", 0))

    def committed(self, events: int, seconds: float, oldest: float) -> None:
        """Take note of a commit.

        Parameters
        ----------
        events
            How many it made durable.
        seconds
            How long it took.
        oldest
            Seconds since the first of its events was read; the others waited less.
        """
        with self._lock:
            self._durable[next(b for b in BOUNDS if oldest <= b)] += events
            self._waited += oldest * events
            self._counts["committed_events"] += events
            self._counts["commits"] += 1
            self._gauges["commit_seconds"] = seconds

    def durable_within(self, share: float) -> float:
        """Return the least of :data:`BOUNDS` within which such a share of events was durable.

        Examples
        --------
        >>> metrics = Metrics("bank")
        >>> metrics.committed(90, 0.004, 0.012)
        >>> metrics.committed(10, 0.004, 0.031)
        >>> metrics.durable_within(0.9), metrics.durable_within(0.99)
        (0.015, 0.035)
        """
        with self._lock:
            up_to = _summed(self._durable)
        return next((b for b, n in up_to.items() if n >= share * up_to[BOUNDS[-1]]), BOUNDS[-1])

    def text(self) -> str:
        """Return all figures in the text format of Prometheus.

        Examples
        --------
        >>> print(Metrics("bank").text().splitlines()[-1])
        liandong_watch_events_per_second{watch="bank"} 0
        """
        label = f'watch="{_escaped(self._watch)}"'
        with self._lock:
            lines = []
            for name, value in sorted(self._counts.items()):
                lines += _figure(f"{name}_total", "counter", {label: value})
            named: dict[str, float] = {
                f'{label},reason="{r}"': n for r, n in sorted(self._refused.items())
            }
            if named:
                lines += _figure("quarantine_total", "counter", named)
            if self._sizes:
                sizes = {f'{label},part="{p}"': float(n) for p, n in self._sizes.items()}
                lines += _figure("state_bytes", "gauge", sizes)
            lines += self._spread(label)
            for name, gauge in sorted(self._gauges.items()):
                lines += _figure(name, "gauge", {label: gauge})
            rate = self._counts["events"] / max(time.monotonic() - self._began, 1e-9)
            lines += _figure("events_per_second", "gauge", {label: rate})
        return "\n".join(lines) + "\n"

    def _spread(self, label: str) -> list[str]:
        """Return after how long events were durable, as a histogram."""
        full, up_to = "liandong_watch_durable_seconds", _summed(self._durable)
        return [
            f"# TYPE {full} histogram",
            *(f'{full}_bucket{{{label},le="{_bound(b)}"}} {n:g}' for b, n in up_to.items()),
            f"{full}_sum{{{label}}} {self._waited:g}",
            f"{full}_count{{{label}}} {up_to[BOUNDS[-1]]:g}",
        ]


def _summed(counts: Counter[float]) -> dict[float, int]:
    """Return how many were counted up to each bound."""
    return dict(zip(BOUNDS, accumulate(counts[b] for b in BOUNDS), strict=True))


def _bound(value: float) -> str:
    return "+Inf" if value == inf else f"{value:g}"


def _figure(name: str, kind: str, values: dict[str, float]) -> list[str]:
    full = f"liandong_watch_{name}"
    return [f"# TYPE {full} {kind}", *(f"{full}{{{at}}} {v:g}" for at, v in values.items())]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
