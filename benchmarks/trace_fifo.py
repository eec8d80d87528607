"""Following loans through logs of transfers, lot by lot: seconds, memory, and every fen found."""

import resource
import time
from collections import deque
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money.queues import METHODS, NO_DEBT, Traced, trace
from measure import figures, measure
from trace_instances import TAINTED, TAINTED_REPEATED, Instance, Nodes, instance, nodes, repeated

Int = NDArray[np.int64]
REPEATS = 3
MILLION = 1_000_000
HUNDRED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from trace_fifo import hundred
print(json.dumps(hundred(tainted={tainted})))
"""


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part."""
    _warm()
    found = _ratio(MILLION)
    if not quick:
        ten = instance(10 * MILLION)
        for method in METHODS:
            found |= figures(f"{method}_10m", _timed(ten, method))
        found |= figures("fifo_10m_tainted", _timed(_tainted(10 * MILLION), "fifo"))
        for name, tainted in (("fifo_100m", False), ("fifo_100m_tainted", True)):
            done = measure(HUNDRED.format(tainted=tainted), str(Path(__file__).parent))
            found |= figures(name, done.said | {"peak_gb": done.peak_mb / 1024})
    found["fen_unreconciled"] = sum(v for k, v in found.items() if k.endswith("fen_unreconciled"))
    return found


def hundred(*, tainted: bool) -> dict[str, object]:
    """Follow the loans of a hundred million transfers, in a process of its own."""
    _warm()
    ten = _tainted(10 * MILLION, TAINTED_REPEATED) if tainted else instance(10 * MILLION)
    log = repeated(ten, 10, 5 * MILLION)
    del ten
    return _timed(log, "fifo", repeats=1)


def _warm() -> None:
    """Have everything compiled."""
    small = nodes(instance(20_000))
    for rule in METHODS.values():
        trace(*small, rule)


def _tainted(count: int, a_loan: int = TAINTED) -> Instance:
    return instance(count, loans=count // a_loan)


def _timed(log: Instance | Nodes, method: str, repeats: int = REPEATS) -> dict[str, object]:
    """Follow all loans; the fastest of several runs, by the clock and by the processor."""
    given = nodes(log) if isinstance(log, Instance) else log
    times, got = [], None
    for _ in range(repeats):
        got = None  # two results at once need twice the memory
        start = time.perf_counter(), time.process_time()
        got = trace(*given, METHODS[method])
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {
        "seconds": min(t for t, _ in times), "cpu_s": min(t for _, t in times),
        "transfers": len(given.src), "tainted_ppm": _tainted_ppm(given, got),
        "lots": len(got.lots.flow), "rows": len(got.moved),
        "fen_unreconciled": unreconciled(given, got),
        "rss_gb": peak,  # of all the process, with the log, before what was found is checked
    }  # fmt: skip


def _tainted_ppm(given: Nodes, got: Traced) -> int:
    """Return how many transfers carry money of loans."""
    carrying = int((np.diff(got.moved[:, 0]) != 0).sum()) + 1
    return carrying * 1_000_000 // len(given.src)


def unreconciled(given: Nodes, got: Traced) -> int:
    """Return the fen of loans and of accounts that were lost or made, by books of their own."""
    book = given.opening + got.short
    for at in range(0, len(given.src), MILLION):  # indices are widened: not all at once
        part = slice(at, at + MILLION)
        np.subtract.at(book, given.src[part], given.amount[part])
        np.add.at(book, given.dst[part], given.amount[part])
    loans = given.origin > 0
    lent = np.zeros(1 + int(given.origin.max()), np.int64)
    np.add.at(lent, given.origin[loans], given.opening[loans])
    held, left = np.zeros_like(lent), np.zeros_like(lent)
    np.add.at(held, got.held[:, 1], got.held[:, 2])
    np.add.at(left, got.lots.origin, got.lots.left)
    off = (book - got.balance, held - lent, left - lent)
    return int(sum(np.abs(o).sum() for o in off))


def _ratio(count: int) -> dict[str, object]:
    """Compare with queues of Python, on a log whose answers must be the same lot by lot."""
    log = instance(count)
    given = nodes(log)
    mine = _timed(log, "fifo", repeats=7)
    start = time.perf_counter(), time.process_time()
    lots = in_python(given)
    wall, cpu = time.perf_counter() - start[0], time.process_time() - start[1]
    got = trace(*given).lots
    assert (got.paid == NO_DEBT).all()
    columns = (got.flow, got.origin, got.amount, got.left, got.parent)
    same = [tuple(r) for r in zip(*(c.tolist() for c in columns), strict=True)] == lots
    return figures("fifo_1m", mine) | figures(
        "fifo",
        {
            "ratio_vs_python": wall / mine["seconds"], "cpu_ratio_vs_python": cpu / mine["cpu_s"],
            "python_1m_seconds": wall, "same_evidence": same, "evidence_lots": len(lots),
        },
    )  # fmt: skip


def in_python(given: Nodes) -> list[tuple[int, int, int, int, int]]:
    """Follow all loans with a dict of deques; return lots (flow, origin, amount, left, parent)."""
    lots: list[list[int]] = []
    queues: dict[int, deque[list[int]]] = {}  # of [left, lot], the lot -1 where no loan brought it
    start = zip(given.opening.tolist(), given.origin.tolist(), strict=True)
    for account, (fen, origin) in enumerate(start):
        if fen and origin:
            lots.append([-1, origin, fen, fen, -1])
        queues[account] = deque([[fen, len(lots) - 1 if origin else -1]] if fen else [])
    rows = zip(given.src.tolist(), given.dst.tolist(), given.amount.tolist(), strict=True)
    for i, (src, dst, amount) in enumerate(rows):
        payer, payee, need = queues[src], queues[dst], amount
        while need:
            if payer:
                piece = payer[0]
                x, lot = min(need, piece[0]), piece[1]
                piece[0] -= x
                if not piece[0]:
                    payer.popleft()
            else:
                x, lot = need, -1
            need -= x
            if lot >= 0:
                lots[lot][3] -= x
                lots.append([i, lots[lot][1], x, x, lot])
                payee.append([x, len(lots) - 1])
            elif payee and payee[-1][1] < 0:
                payee[-1][0] += x
            else:
                payee.append([x, -1])
    return [tuple(lot) for lot in lots]
