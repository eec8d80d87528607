"""Logistic regression with a ridge penalty, by Newton's method."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]

TOLERANCE = 1e-10
MAX_STEPS = 100


def fit_logit(x: Float, y: Float, ridge: float, weight: Float | None = None) -> Float:
    """Return intercept and coefficients of the largest penalised likelihood.

    Minimises sum w ln(1 + exp(-s z)) + ridge / 2 |coefficients|^2 with z = intercept + x @ c and
    s = 1 where y is 1, else -1. The intercept is not penalised.

    Parameters
    ----------
    x
        Shape (rows, columns). Sums run in row order, on one thread: same rows, same bits.
    y
        Shape (rows,), 0 or 1; both must occur.
    ridge
        Above 0: then the minimum exists and is unique, even if the classes can be separated.
    weight
        Shape (rows,), w above, not negative; None: 1.
    """
    w = np.ones(len(y)) if weight is None else weight
    mean = w @ y / w.sum()
    beta = np.zeros(x.shape[1] + 1)
    beta[0] = np.log(mean / (1 - mean))
    loss = _loss(x, y, w, ridge, beta)
    for _ in range(MAX_STEPS):
        gradient, hessian = _derivatives(x, y, w, ridge, beta)
        step = np.linalg.solve(hessian, gradient)
        # Close to the optimum rounding hides whether the loss still falls: take the step.
        most = loss + TOLERANCE * (1 + loss)
        while (trial := _loss(x, y, w, ridge, beta - step)) > most and np.abs(
            step
        ).max() > TOLERANCE:
            step /= 2
        beta, loss = beta - step, trial
        if np.abs(step).max() <= TOLERANCE:
            break
    return beta


@njit(cache=True, nogil=True)
def _loss(x: Float, y: Float, w: Float, ridge: float, beta: Float) -> float:
    total = 0.0
    for i in range(len(x)):
        z = _linear(x, beta, i)
        # ln(1 + e^z) without overflow, less y z.
        total += w[i] * (max(z, 0.0) + np.log1p(np.exp(-abs(z))) - y[i] * z)
    for j in range(1, len(beta)):
        total += ridge / 2 * beta[j] ** 2
    return total


@njit(cache=True, nogil=True)
def _linear(x: Float, beta: Float, i: int) -> float:
    z: float = beta[0]
    for j in range(x.shape[1]):
        z += beta[j + 1] * x[i, j]
    return z


@njit(cache=True, nogil=True)
def _derivatives(x: Float, y: Float, w: Float, ridge: float, beta: Float) -> tuple[Float, Float]:
    columns = len(beta)
    gradient, hessian = np.zeros(columns), np.zeros((columns, columns))
    row = np.ones(columns)
    for i in range(len(x)):
        row[1:] = x[i]
        p = 1 / (1 + np.exp(-_linear(x, beta, i)))
        for a in range(columns):
            gradient[a] += w[i] * (p - y[i]) * row[a]
            bent = w[i] * p * (1 - p) * row[a]
            for b in range(a + 1):
                hessian[a, b] += bent * row[b]
    for a in range(1, columns):
        hessian[:a, a] = hessian[a, :a]
        gradient[a] += ridge * beta[a]
        hessian[a, a] += ridge
    return gradient, hessian
