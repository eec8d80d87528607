"""Samples drawn from what there is: shuffled labels, and regions drawn with replacement."""

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]


def shuffled(values: Int, times: int, random: np.random.Generator) -> Int:
    """Return ``values`` in ``times`` random orders, shape (times, n)."""
    return random.permuted(np.broadcast_to(values, (times, len(values))), axis=1)


def redrawn(group: Int, times: int, random: np.random.Generator) -> Int:
    """Return how often each member is drawn if every group is drawn anew with replacement.

    Parameters
    ----------
    group
        Shape (n,): samples keep the size of each group, so that none is ever empty.

    Returns
    -------
    array
        Shape (times, n).

    Examples
    --------
    >>> counts = redrawn(np.array([0, 0, 1]), 2, np.random.default_rng(1))
    >>> counts[:, :2].sum(1).tolist(), counts[:, 2].tolist()
    ([2, 2], [1, 1])
    """
    counts = np.zeros((times, len(group)), np.int64)
    for g in np.unique(group):
        here = np.flatnonzero(group == g)
        drawn = random.integers(0, len(here), (times, len(here)))
        cell = drawn + len(here) * np.arange(times)[:, None]
        found = np.bincount(cell.ravel(), minlength=times * len(here))
        counts[:, here] = found.reshape(times, len(here))
    return counts
