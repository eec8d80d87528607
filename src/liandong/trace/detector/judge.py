"""How well flagged transfers meet the illicit ones: figures with intervals, and the curve."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

POINTS = 200
"""Most points of a curve."""


class Figure(NamedTuple):
    """A figure and its 95 % interval, nan where there is none."""

    measure: str
    value: float
    low: float = float("nan")
    high: float = float("nan")


class Curve(NamedTuple):
    """Precision and recall by how many transfers are flagged, those of the highest scores first.

    Attributes
    ----------
    flagged, found, score
        Transfers flagged, the illicit ones among them, and the lowest score flagged.
    """

    flagged: Int
    found: Int
    score: Int


def curve(score: Int, bad: Bool) -> Curve:
    """Return the curve at every distinct score; transfers of the same score go together."""
    order = np.argsort(-score, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, len(score) > 0))
    return Curve(ends + 1, np.cumsum(bad[order], dtype=np.int64)[ends], score[order][ends])


def thinned(found: Curve) -> Curve:
    """Return at most :data:`POINTS` points, as many among few flagged as among many."""
    n = len(found.flagged)
    if n <= POINTS:
        return found
    wanted = np.geomspace(found.flagged[0], found.flagged[-1], POINTS)
    at = np.unique(np.minimum(np.searchsorted(found.flagged, wanted), n - 1))
    return Curve(*(column[at] for column in found))


def average_precision(found: Curve) -> float:
    """Return the area under the curve, by steps.

    Examples
    --------
    >>> average_precision(curve(np.array([9, 5, 5, 1]), np.array([True, True, False, False])))
    0.8333333333333333
    """
    total = int(found.found[-1])
    gained = np.diff(np.append(0, found.found))
    return float((gained * (found.found / found.flagged)).sum() / total)


def best_threshold(found: Curve) -> int:
    """Return the score from which to flag so that F1 is greatest; the higher of equals."""
    f1 = 2 * found.found / (found.flagged + found.found[-1])
    return int(found.score[np.argmax(f1)])


def figures(score: Int, bad: Bool, threshold: int, boots: int, seed: int) -> list[Figure]:
    """Return precision, recall, F1 and average precision.

    Intervals of the first three are bootstrap percentiles: to draw transfers anew with the same
    threshold is to draw the four counts of hits and misses from a multinomial distribution. They
    take transfers as independent, so those of one scheme make them too narrow.
    """
    flagged = score >= threshold
    cells = np.array([
        (flagged & bad).sum(), (flagged & ~bad).sum(), (~flagged & bad).sum(),
        (~flagged & ~bad).sum(),
    ])  # fmt: skip
    drawn = np.random.default_rng(seed).multinomial(len(bad), cells / len(bad), size=boots)
    found = []
    for name, now, anew in zip(
        ("precision", "recall", "f1"), _rates(cells[None])[:, 0], _rates(drawn), strict=True
    ):
        low, high = np.quantile(anew, [0.025, 0.975])
        found.append(Figure(name, float(now), float(low), float(high)))
    return [*found, Figure("average_precision", average_precision(curve(score, bad)))]


def _rates(cells: Int) -> Float:
    """Return precision, recall and F1 of rows of (hits, false alarms, misses, rest)."""
    hit, alarm, miss, _ = cells.T
    return np.array([
        hit / np.maximum(hit + alarm, 1), hit / np.maximum(hit + miss, 1),
        2 * hit / np.maximum(2 * hit + alarm + miss, 1),
    ])  # fmt: skip
