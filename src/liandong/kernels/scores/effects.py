"""Additive effects of cells on the log odds, each kept near a start and within a shape.

A row falls in one cell of each term. The effect of a cell is fitted by Newton steps, one term
after another (backfitting), with a ridge penalty that draws it to where it started; after each
step the effects of a term are projected on its shape by pooling neighbours that violate it.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

FREE, UP, DOWN, PEAK, VALLEY, FIXED = range(6)
"""Shapes of the effects of a term, from its first cell to its last; fixed ones stay as they are."""

ROUNDS, SWEEPS = 25, 3
"""Most rounds of Newton's method, and sweeps over the terms in each."""
SETTLED = 1e-4
"""Log odds: what moves no row farther moves no point of a score."""
FARTHEST = 1.0
"""Longest step."""


@njit(cache=True, nogil=True)
def refine(
    cells: Int, y: Float, w: Float, intercept: float, start: Float, bound: Bool, shapes: Int,
    ridge: float,
) -> tuple[float, Float]:  # fmt: skip
    """Fit the effects of cells; return the intercept and the effects.

    Parameters
    ----------
    cells
        Shape (terms, rows): the cell of each row.
    y, w
        Shape (rows,): 0 or 1, and weights.
    intercept, start
        Where to start; shape (terms, cells) of effects. The last cell of each term keeps 0.
    bound
        Shape (terms, cells): cells that the shape is about, in order; the others are free.
    shapes
        Shape (terms,): a shape each.
    ridge
        Rows of variance 1 that the start of each cell is worth.
    """
    terms, rows = cells.shape
    effects = start.copy()
    z = np.full(rows, intercept)
    for t in range(terms):
        for i in range(rows):
            z[i] += effects[t, cells[t, i]]
    for _ in range(ROUNDS):
        slope, bend, before = np.empty(rows), np.empty(rows), z.copy()
        for i in range(rows):
            p = 1 / (1 + np.exp(-z[i]))
            slope[i], bend[i] = w[i] * (y[i] - p), w[i] * p * (1 - p)
        for _ in range(SWEEPS):
            step = min(max(slope.sum() / max(bend.sum(), 1e-9), -FARTHEST), FARTHEST)
            intercept += step
            z += step
            slope -= step * bend
            _sweep(cells, (z, slope, bend), effects, start, bound, shapes, ridge)
        if np.abs(z - before).max() < SETTLED:
            break
    return intercept, effects


@njit(cache=True, nogil=True)
def _sweep(
    cells: Int, rows: tuple[Float, Float, Float], effects: Float, start: Float, bound: Bool,
    shapes: Int, ridge: float,
) -> None:  # fmt: skip
    """Move the effects of one term after another, and the log odds and slopes of the rows."""
    z, slope, bend = rows
    for t in range(len(cells)):
        if shapes[t] == FIXED:
            continue
        new, weight = _newton(cells[t], slope, bend, effects[t], start[t], ridge)
        _shaped(new, weight, bound[t], shapes[t])
        change = new - effects[t]
        effects[t] = new
        for i in range(len(z)):
            step = change[cells[t, i]]
            z[i] += step
            slope[i] -= step * bend[i]


@njit(cache=True, nogil=True)
def _newton(
    cell: Int, slope: Float, bend: Float, effect: Float, start: Float, ridge: float
) -> tuple[Float, Float]:
    """Return the effects of cells after a step, and the weight of each."""
    s, b = np.zeros(len(effect)), np.zeros(len(effect))
    for i in range(len(cell)):
        s[cell[i]] += slope[i]
        b[cell[i]] += bend[i]
    new = effect.copy()
    for c in range(len(effect) - 1):
        step = (s[c] - ridge * (effect[c] - start[c])) / (b[c] + ridge)
        new[c] += min(max(step, -FARTHEST), FARTHEST)
    return new, b + ridge


@njit(cache=True, nogil=True)
def _shaped(effects: Float, weight: Float, bound: Bool, shape: int) -> None:
    """Project the bound effects on a shape, in place."""
    at = np.flatnonzero(bound)
    if shape != FREE and len(at):
        effects[at] = project(effects[at], weight[at], shape)


@njit(cache=True, nogil=True)
def project(values: Float, weight: Float, shape: int) -> Float:
    """Return the nearest values (weighted least squares) of a shape.

    Rising values are the pooled means of neighbours that violate the order (PAV; Ayer et al.
    1955). A peak is a rise up to its mode and a fall from there: every mode is tried.

    Examples
    --------
    >>> project(np.array([1.0, 3.0, 2.0]), np.ones(3), UP)
    array([1. , 2.5, 2.5])
    >>> project(np.array([1.0, 3.0, 2.0]), np.ones(3), PEAK)
    array([1., 3., 2.])
    """
    if shape == UP:
        return _rising(values, weight)
    if shape == DOWN:
        return -_rising(-values, weight)
    if shape == VALLEY:
        return -project_peak(-values, weight)
    return project_peak(values, weight)


@njit(cache=True, nogil=True)
def project_peak(values: Float, weight: Float) -> Float:
    """Return the nearest values that rise, then fall."""
    best, least = values, np.inf
    for mode in range(1, len(values) + 1):
        trial = values.copy()
        trial[:mode] = _rising(values[:mode], weight[:mode])
        trial[mode:] = -_rising(-values[mode:], weight[mode:])
        loss = (weight * (trial - values) ** 2).sum()
        if loss < least:
            best, least = trial, loss
    return best


@njit(cache=True, nogil=True)
def _rising(values: Float, weight: Float) -> Float:
    """Return the nearest values that never fall."""
    n = len(values)
    mean, mass, size = np.zeros(n), np.zeros(n), np.zeros(n, np.int64)
    k = 0
    for i in range(n):
        mean[k], mass[k], size[k] = values[i], weight[i], 1
        k += 1
        while k > 1 and mean[k - 2] > mean[k - 1]:
            both = mass[k - 2] + mass[k - 1]
            mean[k - 2] = (mass[k - 2] * mean[k - 2] + mass[k - 1] * mean[k - 1]) / both
            mass[k - 2] = both
            size[k - 2] += size[k - 1]
            k -= 1
    found = np.empty(n)
    at = 0
    for b in range(k):
        found[at : at + size[b]] = mean[b]
        at += size[b]
    return found


@njit(cache=True, nogil=True)
def pair_gains(
    cells: Int, first: Int, second: Int, slope: Float, bend: Float, part: Int, ridge: float
) -> Float:  # fmt: skip
    """Return how much log likelihood an effect of each pair of terms gains on unseen parts.

    The effect of a pair of cells is one Newton step from 0 on the other parts of the sample; its
    gain on the part left out is taken to the second order.

    Parameters
    ----------
    cells
        Shape (terms, rows), -1 where a term is silent.
    first, second
        Shape (pairs,): terms of each pair.
    slope, bend
        Shape (rows,): slope and bend of the likelihood in the log odds of each row.
    part
        Shape (rows,): 0, 1, ...
    ridge
        Rows of variance 1 that no effect is worth.
    """
    parts, width = part.max() + 1, cells.max() + 1
    gains = np.zeros(len(first))
    for q in range(len(first)):
        s = np.zeros((parts, width * width))
        b = np.zeros((parts, width * width))
        for i in range(len(slope)):
            one, other = cells[first[q], i], cells[second[q], i]
            if one >= 0 and other >= 0:
                s[part[i], one * width + other] += slope[i]
                b[part[i], one * width + other] += bend[i]
        for c in range(width * width):
            s_all, b_all = s[:, c].sum(), b[:, c].sum()
            for k in range(parts):
                effect = (s_all - s[k, c]) / (b_all - b[k, c] + ridge)
                gains[q] += s[k, c] * effect - b[k, c] * effect * effect / 2
    return gains
