"""Least squares with standard errors, and what they say of convergence."""

from math import log, log1p, nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.statistics.distributions import student_two_sided

Float = NDArray[np.float64]


class Line(NamedTuple):
    """One coefficient of a regression; nan where it cannot be known."""

    estimate: float
    se: float
    p: float
    r2: float


def least_squares(y: Float, x: Float, column: int = 0) -> Line:
    """Return one coefficient of the regression of ``y`` on the columns of ``x``.

    Parameters
    ----------
    y
        Shape (n,).
    x
        Shape (n, columns); it must hold a column of ones, or dummies that add up to it.
    column
        Which coefficient.

    Returns
    -------
    Line
        With the classical standard error, and p by Student's t, two-sided. The coefficient is nan
        if other columns say the same; the error needs more rows than columns.

    Examples
    --------
    >>> x = np.array([0.0, 1, 2, 3])
    >>> line = least_squares(np.array([0.0, 1, 2, 4]), np.column_stack((x, np.ones(4))))
    >>> [round(float(v), 4) for v in line]
    [1.3, 0.1732, 0.0174, 0.9657]
    """
    rows, columns = x.shape
    if rows < columns or np.linalg.matrix_rank(x) < columns:
        return Line(nan, nan, nan, nan)
    inverse = np.linalg.inv(x.T @ x)
    beta = inverse @ x.T @ y
    left = float(((y - x @ beta) ** 2).sum())
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1 - left / spread if spread > 0 else nan
    free, estimate = rows - columns, float(beta[column])
    if not free:
        return Line(estimate, nan, nan, r2)
    se = sqrt(left / free * float(inverse[column, column]))
    return Line(estimate, se, student_two_sided(estimate / se, free) if se > 0 else nan, r2)


class Speed(NamedTuple):
    """How fast differences shrink: a share a year, its error, and the years until half is left."""

    speed: float
    se: float
    half_life: float


def convergence_speed(line: Line, years: float) -> Speed:
    """Return the speed that a slope of yearly growth on the log of the first level stands for.

    Parameters
    ----------
    line
        Slope b of ``log(last / first) / years`` on ``log(first)``.
    years
        Between first and last.

    Returns
    -------
    Speed
        ``-log(1 + b years) / years`` with its error by the delta method; nan where differences
        are overshot. The half-life is nan where they grow.

    Notes
    -----
    R. Barro and X. Sala-i-Martin, *Journal of Political Economy* 100 (1992) 223-251.

    Examples
    --------
    >>> found = convergence_speed(Line(-0.02, 0.001, 0.0, 1.0), 20)
    >>> [round(x, 5) for x in found]
    [0.02554, 0.00167, 27.13831]
    """
    left = 1 + line.estimate * years
    if not left > 0:
        return Speed(nan, nan, nan)
    speed = -log1p(line.estimate * years) / years
    return Speed(speed, line.se / left, log(2) / speed if speed > 0 else nan)
