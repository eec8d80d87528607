"""Splits: nothing lost in any of them, nobody gives back, and how many a second."""

import time

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from liandong.kernels.splits.quota import by_quota
from liandong.kernels.splits.remainder import by_remainder
from measure import figures

BATCH = 1_000_000
SEED = 20_261
PARTIES = (2, 8)


def bench(*, quick: bool) -> dict[str, object]:
    splits, steps = (10**6, 10**5) if quick else (10**9, 10**7)
    by_remainder(np.array([1]), np.array([[1, 2]]))  # compiled from here on
    by_quota(np.array([1]), np.array([1, 2]))
    by_quota(np.array([1]), np.array([1, 20_001]))
    return figures("split", {**_lost(splits), **_monotone(steps)})


def _lost(splits: int) -> dict[str, object]:
    """Split random amounts by random weights: as many by largest remainder as by quota."""
    rng, lost, seconds, done = np.random.default_rng(SEED), 0, 0.0, 0
    while done < splits:
        totals = rng.integers(-(10**15), 10**15, min(BATCH, splits - done))
        half = len(totals) // 2
        weights = _weights(rng, half)
        start = time.process_time()
        share = by_remainder(totals[:half], weights)
        seconds += time.process_time() - start
        lost += int(np.abs(share.sum(axis=1) - totals[:half]).sum())
        share = by_quota(totals[half:], weights[done % half]).share
        lost += int(np.abs(share.sum(axis=1) - totals[half:]).sum())
        done += len(totals)
    return {"lost_fen": lost, "splits": done, "per_s": round(done / 2 / seconds)}


def _weights(rng: Generator, rows: int) -> NDArray[np.int64]:
    """Draw weights up to a million, for 2 to 8 parties, 0 for those that are not there."""
    found = rng.integers(0, 1_000_001, (rows, PARTIES[1]))
    there = rng.integers(PARTIES[0], PARTIES[1] + 1, (rows, 1))
    found[np.arange(PARTIES[1])[None, :] >= there] = 0
    found[:, 0] += 1
    return found


def _monotone(steps: int) -> dict[str, object]:
    """Raise amounts by a unit at a time, and count shares that fall or are a unit off."""
    rng, fell, outside, done, seconds = np.random.default_rng(SEED + 1), 0, 0, 0, 0.0
    while done < steps:
        most = 60 if rng.random() < 0.9 else 100_000
        weight = rng.integers(1, most, rng.integers(PARTIES[0], PARTIES[1] + 1))
        first = int(rng.integers(-(10**15), 10**15))
        totals = np.arange(first, first + min(20_000, steps - done) + 1)
        start = time.process_time()
        found = by_quota(totals, weight)
        seconds += time.process_time() - start
        fell += int((np.diff(found.share, axis=0) < 0).any(axis=1).sum())
        outside += int(found.outside.sum())
        done += len(totals) - 1
    return {
        "nonmonotone": fell, "steps": done, "webster_outside": outside,
        "quota_per_s": round(done / seconds),
    }  # fmt: skip
