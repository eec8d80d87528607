"""Haircut and highest out: rules that mix, of a thousand loans and of all their money as one."""

import time

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money import windowed
from liandong.kernels.money.haircut import NOTHING, trace
from measure import figures
from trace_instances import SECONDS, Nodes, instance, nodes

Int = NDArray[np.int64]
ROUNDS = 3


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part: a million transfers when quick, ten otherwise."""
    sizes = (1_000_000,) if quick else (1_000_000, 10_000_000)
    found: dict[str, object] = {}
    for count in sizes:
        made = instance(count)
        log, size = nodes(made), f"{count // 1_000_000}m"
        found |= figures(f"haircut_{size}", _traced(log) | _pooled(log))
        found |= figures(f"tiho_{size}", _windows(log, made.at // SECONDS))
    return found


def _traced(log: Nodes) -> dict[str, object]:
    wall, cpu, (moved, held, balance, short, _) = _timed(log, log.origin)
    book = log.opening + short
    np.subtract.at(book, log.src, log.amount)
    np.add.at(book, log.dst, log.amount)
    return {
        "transfers": len(log.src), "loans": int(log.origin.max()), "seconds": wall,
        "cpu_seconds": cpu, "moved": len(moved), "held": len(held),
        "longest_list": int(np.bincount(held[:, 0]).max()),
        "fen_unreconciled": _unreconciled(log, held) + int(np.abs(book - balance).sum()),
    }  # fmt: skip


def _pooled(log: Nodes) -> dict[str, object]:
    wall, cpu, (moved, held, *_) = _timed(log, np.minimum(log.origin, 1))
    lost = int(log.opening[log.origin > 0].sum()) - int(held[:, 2].sum())
    return {
        "pooled_seconds": wall, "pooled_cpu_seconds": cpu, "pooled_moved": len(moved),
        "pooled_fen_unreconciled": abs(lost),
    }  # fmt: skip


def _windows(log: Nodes, day: Int) -> dict[str, object]:
    """Fill the largest payments first, day by day and over the whole period."""
    found: dict[str, object] = {}
    for name, window in (("day", day), ("whole", np.zeros_like(day))):
        wall, cpu, (moved, held, *_) = _timed(log, log.origin, window)
        found |= {
            f"{name}_seconds": wall, f"{name}_cpu_seconds": cpu, f"{name}_moved": len(moved),
            f"{name}_fen_unreconciled": _unreconciled(log, held),
        }  # fmt: skip
    return found


def _timed(
    log: Nodes, origin: Int, window: Int | None = None
) -> tuple[float, float, tuple[Int, ...]]:
    """Return the least wall and CPU seconds of some rounds, after one that compiles."""

    def work(rows: slice) -> tuple[Int, ...]:
        columns = (log.src[rows], log.dst[rows], log.amount[rows], NOTHING, log.opening, origin)
        return (
            trace(*columns) if window is None else windowed.trace(*columns, NOTHING, window[rows])
        )

    work(slice(1000))
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        got = work(slice(None))
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus), got


def _unreconciled(log: Nodes, held: Int) -> int:
    """Return how many fen of how many loans are not found again."""
    lent, found = np.zeros((2, 1 + int(log.origin.max())), np.int64)
    np.add.at(lent, log.origin, np.where(log.origin > 0, log.opening, 0))
    np.add.at(found, held[:, 1], held[:, 2])
    return int(np.abs(lent - found).sum())
