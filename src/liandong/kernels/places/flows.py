"""What flows between places: Poisson pseudo-maximum likelihood with robust errors.

Santos Silva and Tenreyro (2006), The log of gravity: flows in levels, zeros included, with a mean
that is the exponential of a linear form.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

STEPS = 100
"""Steps of Newton's method at most; a dozen are usual."""
NEAR = 1e-11
_SURE, _TIMES = 1e5, 1_000


class Fitted(NamedTuple):
    """A fit of flows.

    Attributes
    ----------
    coefficient, error
        Shape (columns,), nan of a column that depends on those before it; errors are robust.
    mean
        Shape (rows,), what is expected.
    steps
        How many steps were taken.
    settled
        Whether the equations hold: the sum of x (y - mean) is nothing for every column.
    """

    coefficient: Float
    error: Float
    mean: Float
    steps: int
    settled: bool


def ppml(x: Float, y: Float) -> Fitted:
    """Fit y to exp(x b) by iterated least squares.

    Parameters
    ----------
    x
        Shape (rows, columns); later columns that depend on earlier ones are left out.
    y
        Shape (rows,), not negative; some must be positive. Rows that :func:`separated` names must
        be left out before: with them there is no finite solution.

    Returns
    -------
    Fitted
        Errors are White's, by n / (n - columns).
    """
    kept = independent(x)
    a = x[:, kept]
    mean = (y + y.mean()) / 2
    linear, b = np.log(mean), np.zeros(len(kept))
    loss, settled, step = np.inf, False, 0
    for step in range(1, STEPS + 1):
        b, before = _weighted(a, mean, linear + (y - mean) / mean), b
        trial, mean, linear = _loss(a, y, b)
        while step > 1 and trial > loss + NEAR * (1 + abs(loss)):
            b = (b + before) / 2
            trial, mean, linear = _loss(a, y, b)
        loss = trial
        if np.abs(a.T @ (y - mean)).max() <= NEAR * y.sum() * np.abs(a).max():
            settled = True
            break
    found, error = np.full((2, x.shape[1]), np.nan)
    found[kept], error[kept] = b, _errors(a, y - mean, mean)
    return Fitted(found, error, mean, step, settled)


def _loss(a: Float, y: Float, b: Float) -> tuple[float, Float, Float]:
    linear = np.clip(a @ b, -300, 300)
    mean = np.exp(linear)
    return float((mean - y * linear).sum()), mean, linear


def _weighted(a: Float, weight: Float, y: Float) -> Float:
    square, product = _products(a, weight, y)
    return np.asarray(np.linalg.solve(square, product))


@njit(cache=True, nogil=True)
def _products(a: Float, weight: Float, y: Float) -> tuple[Float, Float]:
    """Return a' w a and a' w y; most of a row is 0, and sums run in the order of rows."""
    rows, columns = a.shape
    square, product = np.zeros((columns, columns)), np.zeros(columns)
    there = np.empty(columns, np.int64)
    for i in range(rows):
        count = 0
        for j in range(columns):
            if a[i, j] != 0.0:
                there[count] = j
                count += 1
        for j in there[:count]:
            heavy = weight[i] * a[i, j]
            product[j] += heavy * y[i]
            for k in there[:count]:
                square[j, k] += heavy * a[i, k]
    return square, product


def _errors(a: Float, off: Float, mean: Float) -> Float:
    bread = np.linalg.inv(_products(a, mean, off)[0])
    meat = _products(a, off * off, off)[0]
    rows, columns = a.shape
    return np.asarray(np.sqrt(np.diag(bread @ meat @ bread) * rows / max(rows - columns, 1)))


def independent(x: Float) -> list[int]:
    """Return the columns that do not depend on those before them (Gram and Schmidt, twice)."""
    base, kept = np.empty((x.shape[1], len(x))), list[int]()
    for k, column in enumerate(x.T):
        size, rest = float(np.linalg.norm(column)), column.copy()
        for _ in range(2):
            q = base[: len(kept)]
            rest -= q.T @ (q @ rest)
        left = float(np.linalg.norm(rest))
        if left > 1e-9 * size and size > 0:
            base[len(kept)] = rest / left
            kept.append(k)
    return kept


def separated(x: Float, y: Float) -> Bool:
    """Tell which rows without a flow have it that the model can tell for sure.

    If some combination of columns is nothing wherever something flows, and not negative elsewhere,
    then its coefficient runs away and the rows where it is positive teach nothing.

    Parameters
    ----------
    x, y
        As for :func:`ppml`.

    Returns
    -------
    numpy.ndarray
        Shape (rows,).

    Notes
    -----
    Iterated rectifier of Correia, Guimarães and Zylkin (2019), Verifying the existence of maximum
    likelihood estimates for generalized linear models.
    """
    zero = y <= 0
    a = x[:, independent(x)]
    weight = np.where(zero, 1.0, _SURE)
    u = zero.astype(np.float64)
    for _ in range(_TIMES):
        fit = a @ _weighted(a, weight, u)
        off = np.abs(u - fit)[zero].max(initial=0.0)
        u = np.where(zero & (fit > 0), fit, 0.0)
        if off < 1e-6:
            break
    return u > 1e-4
