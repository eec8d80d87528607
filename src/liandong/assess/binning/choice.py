"""Choosing bins: every trend is tried, the best is taken, and a certificate says by how much."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.scores.binning import Limits, best_bins, woe

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True)
class Certificate:
    """What was proved of some bins: no others on the same candidates separate better.

    Attributes
    ----------
    trend, objective
        The trend that was taken, and its information value over the bins with values.
    runner_up, loss
        The next best of the trends that were allowed, and the information value that it would
        lose; None if only one was allowed.
    objectives
        The best information value of each allowed trend, in the order they were given; 0 where
        its limits leave no bins.
    candidates
        SHA-256 of the candidate edges (as little-endian doubles) or of the levels in order (as
        UTF-8 lines): what the optimum is an optimum over.
    """

    trend: str
    objective: float
    runner_up: str | None
    loss: float | None
    objectives: tuple[tuple[str, float], ...]
    candidates: str


def fingerprint(cuts: Float | list[str]) -> str:
    """Return the SHA-256 of candidate edges or levels."""
    if isinstance(cuts, list):
        return sha256("\n".join(cuts).encode()).hexdigest()
    return sha256(cuts.astype("<f8").tobytes()).hexdigest()


def choose(
    table: Int, trends: tuple[str, ...], limits: Limits, candidates: str
) -> tuple[Int, Certificate]:
    """Return the last prebin of each bin, and the certificate.

    Parameters
    ----------
    table
        Shape (cohorts, 2, prebins): non-events and events.
    trends
        Trends that are allowed; an earlier one among equals is taken.
    limits
        What bins must keep to. If they leave none, all prebins are one bin that tells nothing.
    candidates
        Fingerprint of the candidates.
    """
    found = best_bins(table[:, 0], table[:, 1], trends, limits)
    ivs = {t: max(0.0, b.iv) for t, b in found.items()}
    ranked = sorted(trends, key=lambda t: -ivs[t])
    trend = ranked[0]
    second = ranked[1] if len(ranked) > 1 else None
    certificate = Certificate(
        trend=trend if ivs[trend] else "none",
        objective=ivs[trend],
        runner_up=second,
        loss=None if second is None else ivs[trend] - ivs[second],
        objectives=tuple(ivs.items()),
        candidates=candidates,
    )
    ends = found[trend].ends if ivs[trend] else np.array([table.shape[2] - 1])
    return ends, certificate


def evidence(table: Int, ends: Int, min_rows: int) -> tuple[Int, Float]:
    """Join the cells of a count table into bins; return their counts and weights of evidence.

    The cells after the last end stay as they are: special codes, then absent values. Those with
    fewer than ``min_rows`` rows, and bins without any, say nothing.
    """
    pooled = table.sum(axis=0)
    starts = np.concatenate([[0], ends[:-1] + 1, np.arange(ends[-1] + 1, pooled.shape[1])])
    counts = np.add.reduceat(pooled, starts, axis=1)
    least = np.where(np.arange(len(starts)) < len(ends), 1, max(1, min_rows))
    weights = np.where(counts.sum(axis=0) < least, 0.0, woe(counts[0], counts[1]))
    return counts, weights
