"""Linear regression with a ridge penalty, where some weights may not be negative."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TOLERANCE = 1e-12
MAX_ROUNDS = 10_000


@njit(cache=True, nogil=True)
def _moments(x: Float, y: Float, part: Int, parts: int) -> tuple[Float, Float]:
    """Return the sums of products of columns (with a leading 1) and with each outcome, by part."""
    rows, columns = x.shape
    gram = np.zeros((parts, columns + 1, columns + 1))
    cross = np.zeros((parts, y.shape[1], columns + 1))
    row = np.ones(columns + 1)
    for i in range(rows):
        row[1:] = x[i]
        for a in range(columns + 1):
            for b in range(columns + 1):
                gram[part[i], a, b] += row[a] * row[b]
            for k in range(y.shape[1]):
                cross[part[i], k, a] += row[a] * y[i, k]
    return gram, cross


@njit(cache=True, nogil=True)
def _solve(gram: Float, cross: Float, penalty: float, rising: Bool) -> Float:
    """Minimise by coordinate descent: each weight in turn, at its best, but not below its bound.

    The loss is strictly convex on the weights and quadratic, so the descent ends at its minimum.
    """
    columns = len(cross)
    beta = np.zeros(columns)
    for _ in range(MAX_ROUNDS):
        most = 0.0
        for a in range(columns):
            own = gram[a, a] + (penalty if a else 0.0)
            if own <= 0:
                continue
            rest = cross[a]
            for b in range(columns):
                if b != a:
                    rest -= gram[a, b] * beta[b]
            new = rest / own
            if a and rising[a - 1] and new < 0:
                new = 0.0
            most = max(most, abs(new - beta[a]) * np.sqrt(own))
            beta[a] = new
        if most <= TOLERANCE * np.sqrt(gram[0, 0]):
            break
    return beta


@njit(cache=True, nogil=True)
def fit_ridge(x: Float, y: Float, penalty: float, rising: Bool) -> Float:
    """Return intercept and weights of the least squared error plus the penalised weights.

    Minimises |y - b0 - x b|^2 + penalty |b|^2 with b[j] >= 0 where ``rising[j]``.

    Parameters
    ----------
    x
        Shape (rows, columns). Sums run in row order: same rows, same bits.
    y
        Shape (rows,).
    penalty
        Above 0; the intercept is free.
    rising
        Shape (columns,): weights that may not be negative.

    Examples
    --------
    >>> x = np.array([[-1.0], [1.0]])
    >>> fit_ridge(x, np.array([0.0, 4.0]), 2.0, np.array([False])).round(6).tolist()
    [2.0, 1.0]
    """
    gram, cross = _moments(x, y.reshape(-1, 1), np.zeros(len(x), np.int64), 1)
    return _solve(gram[0], cross[0, 0], penalty, rising)


@njit(cache=True, nogil=True)
def fit_without(x: Float, y: Float, part: Int, parts: int, penalty: float, rising: Bool) -> Float:
    """Return the weights learnt from all rows but those of each part, for each outcome.

    Parameters
    ----------
    x, penalty, rising
        As for :func:`fit_ridge`.
    y
        Shape (rows, outcomes).
    part
        Shape (rows,), 0 to ``parts`` - 1.

    Returns
    -------
    array
        Shape (parts, outcomes, columns + 1): intercept first.
    """
    gram, cross = _moments(x, y, part, parts)
    outcomes, columns = y.shape[1], x.shape[1] + 1
    found = np.zeros((parts, outcomes, columns))
    for p in range(parts):
        own = np.zeros((columns, columns))
        for q in range(parts):
            if q != p:
                own += gram[q]
        for k in range(outcomes):
            target = np.zeros(columns)
            for q in range(parts):
                if q != p:
                    target += cross[q, k]
            found[p, k] = _solve(own, target, penalty, rising)
    return found


@njit(cache=True, nogil=True)
def predict(x: Float, beta: Float) -> Float:
    """Return intercept plus weighted columns, shape (rows,); ``beta`` as of :func:`fit_ridge`."""
    found = np.empty(len(x))
    for i in range(len(x)):
        z = beta[0]
        for j in range(x.shape[1]):
            z += beta[j + 1] * x[i, j]
        found[i] = z
    return found


@njit(cache=True, nogil=True)
def predict_without(x: Float, beta: Float, part: Int) -> Float:
    """Return what the weights learnt without each row's part foretell of it.

    Parameters
    ----------
    x
        Shape (rows, columns).
    beta
        Shape (parts, outcomes, columns + 1), of :func:`fit_without`.
    part
        Shape (rows,).

    Returns
    -------
    array
        Shape (rows, outcomes).
    """
    found = np.empty((len(x), beta.shape[1]))
    for i in range(len(x)):
        for k in range(beta.shape[1]):
            z = beta[part[i], k, 0]
            for j in range(x.shape[1]):
                z += beta[part[i], k, j + 1] * x[i, j]
            found[i, k] = z
    return found
