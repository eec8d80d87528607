"""Bounds without a rule at scale: the least and the most of a loan at the places it can reach."""

import time

import numpy as np

from liandong.kernels.graphs.bounding import bounds
from liandong.kernels.graphs.temporal import NOWHERE, balances, network
from measure import figures
from trace_instances import Nodes, instance, nodes

LOANS = 20


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part: seconds for one loan, at all places it can reach."""
    rows = 1_000_000 if quick else 10_000_000
    log = nodes(instance(rows))
    src, dst = log.src.astype(np.int64), log.dst.astype(np.int64)
    few = slice(0, 9)
    balances(src[few], dst[few], log.amount[few], log.opening)  # compiles
    began = time.perf_counter()
    held = balances(src, dst, log.amount, log.opening)
    once = time.perf_counter() - began
    starts = np.flatnonzero(log.origin > 0)[: 5 if quick else LOANS]
    _of_loan(log, (src[few], dst[few], log.amount[few]), (held[0][few], held[1][few]), starts[0])
    found = [_of_loan(log, (src, dst, log.amount), held, start) for start in starts]
    seconds = np.array([once + f["seconds"] for f in found])
    return figures(
        "bounds_1m" if quick else "bounds_10m",
        {
            "rows": rows, "loans": len(found), "balances_seconds": once,
            "seconds": float(np.median(seconds)), "worst_seconds": float(seconds.max()),
            "places_most": max(f["places"] for f in found),
            "transfers_most": max(f["transfers"] for f in found),
            "places_certain": sum(f["certain"] for f in found),
            "wrong": sum(f["wrong"] for f in found),
        },
    )  # fmt: skip


def _of_loan(
    log: Nodes, flows: tuple[np.ndarray, ...], held: tuple[np.ndarray, ...], start: np.int64
) -> dict[str, float]:
    """Bound one loan wherever it can be; wrong is what cannot be, whatever the bounds."""
    began = time.perf_counter()
    source, supply = np.array([start]), log.opening[[start]]
    net = network(flows, held, source, supply, len(log.opening))
    places = np.flatnonzero(net.last != NOWHERE)
    least, most, _ = bounds(net, supply, places, np.arange(len(places) + 1))
    seconds = time.perf_counter() - began
    wrong = (least > most).sum() + (least.sum() > supply[0]) + (most.sum() < supply[0])
    return {
        "seconds": seconds, "places": len(places), "transfers": len(net.row),
        "certain": int((least > 0).sum()), "wrong": int(wrong),
    }  # fmt: skip
