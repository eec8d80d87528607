"""How far leading digits are from Benford's law: P(d) = log10(1 + 1/d).

F. Benford, *The law of anomalous numbers*, 1938; the mean absolute deviation and its bands as in
M. Nigrini, *Benford's Law*, Wiley 2012, table 7.1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]
Float = NDArray[np.float64]

BANDS = {1: (0.006, 0.012, 0.015), 2: (0.0012, 0.0018, 0.0022)}
"""By how many leading digits: up to here close, acceptable, marginal; above, no conformity."""
_POWERS = 10 ** np.arange(19, dtype=np.int64)


class Deviation(NamedTuple):
    """How far groups are from the law.

    Attributes
    ----------
    numbers
        Shape (groups,), how many numbers there are.
    mad, chi
        Shape (groups,), mean absolute deviation of the shares, and chi-square; nan of none.
    excess
        Shape (groups, digits), what was seen less what the law says, in numbers.
    """

    numbers: Int
    mad: Float
    chi: Float
    excess: Float


def expected(digits: int) -> Float:
    """Return the probabilities of 1 … 9 (``digits`` = 1) or of 10 … 99 (2)."""
    d = np.arange(10 ** (digits - 1), 10**digits)
    return np.log10(1 + 1 / d)


def leading(values: Int, digits: int) -> Int:
    """Return the first digits of positive numbers; a number that is shorter gets noughts."""
    long = np.searchsorted(_POWERS, values, side="right")
    cut = np.maximum(long - digits, 0)
    return values // _POWERS[cut] * _POWERS[np.maximum(digits - long, 0)]


def deviation(first: Int, group: Int, groups: int, digits: int) -> Deviation:
    """Return how far leading digits are from the law, group by group.

    Parameters
    ----------
    first
        Shape (rows,), as :func:`leading` gives them.
    group
        Shape (rows,), from 0 to ``groups`` - 1.
    """
    low, p = 10 ** (digits - 1), expected(digits)
    seen = np.bincount(group * len(p) + first - low, minlength=groups * len(p))
    seen = seen.reshape(groups, len(p)).astype(np.int64)
    count = seen.sum(axis=1)
    wanted = count[:, None] * p
    excess = seen - wanted
    with np.errstate(divide="ignore", invalid="ignore"):
        mad = np.abs(excess).mean(axis=1) / count
        chi = (excess**2 / wanted).sum(axis=1)
    return Deviation(count, mad, chi, excess)
