"""From weights of evidence to effects of cells: refined together, and in pairs."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.assess.card.encode import Encoded
from liandong.kernels.scores.effects import (
    DOWN,
    FIXED,
    FREE,
    PEAK,
    UP,
    VALLEY,
    pair_gains,
    refine,
)

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

SHAPES = {"none": FREE, "ascending": DOWN, "descending": UP, "peak": VALLEY, "valley": PEAK}
"""Shapes of effects on being good, by the trend of the event rate; others stay as binned."""
LEAST_GAIN = 2.0
"""Log likelihood that a pair must gain on parts it has not seen."""


class Effects(NamedTuple):
    """The intercept, the effect of each cell of each term (silent last), and those of pairs.

    A pair is the places of two terms and a table, cells of the first by cells of the second.
    """

    intercept: float
    terms: list[Float]
    pairs: list[tuple[int, int, Float]]


def refined(
    chosen: list[Encoded], start: Effects, good: Float, weight: Float, shrink: float
) -> Effects:
    """Fit the effects of all cells together, near where they start and within their trends."""
    sizes = [len(t) - 1 for t in start.terms] + [t.size for _, _, t in start.pairs]
    terms, width = len(start.terms), max(sizes) + 1
    cells = np.empty((len(sizes), len(good)), np.int64)
    begin, bound = np.zeros((len(sizes), width)), np.zeros((len(sizes), width), bool)
    shapes = np.full(len(sizes), FREE)
    for t, (e, effect) in enumerate(zip(chosen, start.terms, strict=True)):
        begin[t, : sizes[t]] = effect[:-1]
        bound[t, : e.characteristic.bins] = ~e.characteristic.coded
        shapes[t] = SHAPES.get(e.characteristic.trend, FIXED)
        cells[t] = np.where(e.cells < sizes[t], e.cells, width - 1)
    for t, (a, b, table) in enumerate(start.pairs, terms):
        begin[t, : table.size] = table.ravel()
        both = chosen[a].cells * table.shape[1] + chosen[b].cells
        silent = (chosen[a].cells >= sizes[a]) | (chosen[b].cells >= sizes[b])
        cells[t] = np.where(silent, width - 1, both)
    intercept, found = refine(cells, good, weight, start.intercept, begin, bound, shapes, shrink)
    return Effects(
        float(intercept),
        [np.append(found[t, : sizes[t]], 0.0) for t in range(terms)],
        [
            (a, b, found[t, : table.size].reshape(table.shape))
            for t, (a, b, table) in enumerate(start.pairs, terms)
        ],
    )


def paired(
    chosen: list[Encoded], fitted: Effects, good: Float, weight: Float, part: Int,
    most: int, shrink: float,
) -> Effects:  # fmt: skip
    """Add the pairs of terms that gain most on parts of the sample that they have not seen.

    One at a time: each is chosen for what the model with those before it has left. Pairs that
    gain nothing at first are not looked at again.
    """
    sizes = [len(t) - 1 for t in fitted.terms]
    cells = np.array(
        [np.where(e.cells < n, e.cells, -1) for e, n in zip(chosen, sizes, strict=True)]
    )
    left = list(combinations(range(len(chosen)), 2))
    pairs: list[tuple[int, int, Float]] = []
    z = fitted.intercept + sum(t[e.cells] for e, t in zip(chosen, fitted.terms, strict=True))
    while len(pairs) < most and left:
        p = 1 / (1 + np.exp(-z))
        slope, bend = weight * (good - p), weight * p * (1 - p)
        first, second = np.array(left).T
        gains = pair_gains(cells, first, second, slope, bend, part, shrink)
        best = int(np.argmax(gains))
        if gains[best] < LEAST_GAIN:
            break
        a, b = left[best]
        left = [pair for pair, gain in zip(left, gains, strict=True) if 0 < gain < gains[best]]
        both = cells[a] * sizes[b] + cells[b]
        heard = (cells[a] >= 0) & (cells[b] >= 0)
        table = [
            np.bincount(both[heard], v[heard], minlength=sizes[a] * sizes[b]) for v in (slope, bend)
        ]
        effect = table[0] / (table[1] + shrink)
        z = z + np.where(heard, effect[both], 0.0)
        pairs.append((a, b, effect.reshape(sizes[a], sizes[b])))
    return fitted._replace(pairs=pairs)
