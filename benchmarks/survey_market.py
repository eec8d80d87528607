"""Markets across borders: segmentation by prices, a planted border, flows between regions.

No package reckons segmentation by the price method: the peer is a plain Python twin, run in the
same process on a part of the panel, whose answers must be the same. ``power`` is how often a border
is found at 5 % that moves prices behind it by ``power_across`` on their own, where each region's
prices are 0.5 % to 2 % off: 31 regions, 3 of them behind it, 16 goods, 24 months;
``false_alarms`` is how often one is found where there is none. Gravity is held against its own
equations.
"""

import time
from itertools import combinations
from math import log
from statistics import variance

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.places.apart import border, segmentation
from liandong.kernels.places.flows import ppml, separated
from measure import figures

Float = NDArray[np.float64]
REGIONS, GOODS, MONTHS = 31, 16, 240
PART = 6
"""Months that the twin reckons."""
ACROSS = 0.007


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; a quick run simulates fewer borders."""
    rng = np.random.default_rng(2026)
    return {
        **figures("segmentation", {**_segmentation(rng), **_power(rng, 200 if quick else 2_000)}),
        **figures("gravity", _gravity(rng)),
    }


def _best(work: object, times: int = 5) -> float:
    """Return the least milliseconds of a call."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()  # type: ignore[operator]
        found.append(1e3 * (time.perf_counter() - start))
    return min(found)


def _segmentation(rng: np.random.Generator) -> dict[str, object]:
    prices = np.exp(np.cumsum(rng.normal(0, 0.01, (MONTHS, REGIONS, GOODS)), axis=0))
    left, right = np.triu_indices(REGIONS, 1)
    ms = _best(lambda: segmentation(np.diff(np.log(prices), axis=0), left, right))
    part = prices[: PART + 1]
    start = time.perf_counter()
    twin = _twin(part)
    twin_ms = 1e3 * (time.perf_counter() - start)
    own = segmentation(np.diff(np.log(part), axis=0), left, right).value
    part_ms = _best(lambda: segmentation(np.diff(np.log(part), axis=0), left, right))
    return {
        "regions": REGIONS, "goods": GOODS, "months": MONTHS, "pairs": len(left), "ms": ms,
        "equal": bool(np.allclose(own, twin, rtol=1e-9, atol=0)),
        "plain_python_ratio": twin_ms / part_ms,
    }  # fmt: skip


def _twin(prices: Float) -> list[list[float]]:
    """Parsley and Wei with loops: the variance over goods of demeaned moves, by month and pair."""
    pairs = list(combinations(range(REGIONS), 2))
    found = []
    for then, now in zip(prices[:-1].tolist(), prices[1:].tolist(), strict=True):
        moved: list[list[float]] = [[] for _ in pairs]
        for g in range(GOODS):
            size = [
                abs(log(now[i][g] / now[j][g]) - log(then[i][g] / then[j][g])) for i, j in pairs
            ]
            mean = sum(size) / len(size)
            for k, value in enumerate(size):
                moved[k].append(value - mean)
        found.append([variance(m) for m in moved])
    return found


def _power(rng: np.random.Generator, runs: int) -> dict[str, object]:
    hits = {across: sum(_found(rng, across) for _ in range(runs)) for across in (ACROSS, 0.0)}
    return {
        "power_across": f"{100 * ACROSS:.1f}%", "power_runs": runs, "power": hits[ACROSS] / runs,
        "false_alarms": hits[0.0] / runs,
    }  # fmt: skip


def _found(rng: np.random.Generator, across: float, months: int = 24, behind: int = 3) -> bool:
    noise = rng.uniform(0.005, 0.02, (REGIONS, 1))
    logs = noise * rng.standard_normal((months, REGIONS, GOODS))
    logs[:, :behind] += rng.normal(0, across, (months, 1, GOODS))
    sides = np.arange(behind), np.arange(behind, REGIONS)
    return border(np.diff(logs, axis=0), *sides, 0.95).p < 0.05


def _gravity(rng: np.random.Generator) -> dict[str, object]:
    n = REGIONS
    i, j = np.divmod(np.arange(n * n), n)
    distance, cross = rng.uniform(4, 8, n * n), (i != j) * 1.0
    x = np.column_stack([np.eye(n)[i], np.eye(n)[j], distance, cross])
    effects = rng.normal(0, 1, 2 * n)
    mean = np.exp(9 + x[:, : 2 * n] @ effects - distance - 0.5 * cross)
    flow = rng.poisson(mean).astype(np.float64)
    ms = _best(lambda: (separated(x, flow), ppml(x, flow)))
    fitted = ppml(x, flow)
    off = np.abs(fitted.coefficient[-2:] - [-1.0, -0.5]) / fitted.error[-2:]
    return {
        "ms_31x31": ms, "settled": fitted.settled,
        "equations_hold": bool(np.abs(x.T @ (flow - fitted.mean)).max() <= 1e-9 * flow.sum()),
        "errors_off": float(off.max()), "zeros": int((flow == 0).sum()),
    }  # fmt: skip
