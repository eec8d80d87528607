"""Haircut: every origin in proportion, of a thousand loans and of all their money as one."""

import time

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.haircut import NOTHING, trace
from measure import figures
from trace_instances import Nodes, instance, nodes

Int = NDArray[np.int64]
ROUNDS = 3


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part: a million transfers when quick, ten otherwise."""
    sizes = (1_000_000,) if quick else (1_000_000, 10_000_000)
    found: dict[str, object] = {}
    for count in sizes:
        log = nodes(instance(count))
        name = f"haircut_{count // 1_000_000}m"
        found |= figures(name, _traced(log) | _pooled(log))
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


def _timed(log: Nodes, origin: Int) -> tuple[float, float, tuple[Int, ...]]:
    """Return the least wall and CPU seconds of some rounds, after one that compiles."""
    few = slice(1000)
    none = (NOTHING, log.opening, origin)
    trace(log.src[few], log.dst[few], log.amount[few], *none)
    walls, cpus = [], []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        got = trace(log.src, log.dst, log.amount, *none)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus), got


def _unreconciled(log: Nodes, held: Int) -> int:
    """Return how many fen of how many loans are not found again."""
    lent, found = np.zeros((2, 1 + int(log.origin.max())), np.int64)
    np.add.at(lent, log.origin, np.where(log.origin > 0, log.opening, 0))
    np.add.at(found, held[:, 1], held[:, 2])
    return int(np.abs(lent - found).sum())
