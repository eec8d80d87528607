"""Means over months, and how far they could be off: runs of months are drawn anew."""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


def runs(months: int, block: int, draws: int, random: np.random.Generator) -> Int:
    """Return places of months, drawn as runs that go on after each other in a circle.

    The circular block bootstrap of D. N. Politis and J. P. Romano (1992): months that hang together
    stay together.

    Parameters
    ----------
    months, block, draws
        How many there are, how long a run is, and how often they are drawn.

    Returns
    -------
    array
        Shape (draws, months).

    Examples
    --------
    >>> found = runs(5, 2, 1, np.random.default_rng(1))[0]
    >>> ((found[1::2] - found[:4:2]) % 5).tolist()
    [1, 1]
    """
    begin = random.integers(0, months, (draws, -(-months // block)))
    every = (begin[:, :, None] + np.arange(min(block, months))) % months
    return every.reshape(draws, -1)[:, :months]


def redrawn_means(values: Float, drawn: Int) -> Float:
    """Return means over drawn months of what is known, shape (draws, columns).

    Parameters
    ----------
    values
        Shape (months, columns), nan where nothing is known. Where no month of a draw is known the
        mean of all months stands in its place.
    """
    with np.errstate(invalid="ignore"):
        taken = values[drawn]
        there = np.isfinite(taken)
        count = there.sum(axis=1)
        mean = np.where(there, taken, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan)
    whole = np.isfinite(values)
    usual = np.where(whole, values, 0.0).sum(axis=0) / whole.sum(axis=0)
    return np.asarray(np.where(count > 0, mean, usual), np.float64)
