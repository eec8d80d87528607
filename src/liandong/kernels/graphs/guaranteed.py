"""Chains of guarantees: who is in a circle of them, and how near a default is."""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.graphs.network import cores, neighbours
from liandong.kernels.graphs.strong import strong_components

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TIED = 2
"""In the core of this number everybody has guarantees with two others who have, too."""


def in_chains(guarantor: Int, debtor: Int, count: int) -> Bool:
    """Tell who is in a strong component with others, or in the 2-core of the graph of guarantees.

    Parameters
    ----------
    guarantor, debtor
        The two parties of each guarantee, different ones; repeated as often as you like.
    count
        How many parties there are.

    Returns
    -------
    numpy.ndarray
        Shape (count,).

    Notes
    -----
    Strong components after Tarjan (1972), cores after Seidman (1983) on ties without direction.

    Examples
    --------
    >>> in_chains(np.array([0, 1, 2]), np.array([1, 0, 0]), 4)
    array([ True,  True, False, False])
    """
    begin, to, _ = neighbours(guarantor, debtor, count)
    label, _ = strong_components(begin, to)
    together = np.bincount(label, minlength=1)[label] > 1 if count else np.zeros(0, bool)
    begin, near = _both_ways(guarantor, debtor, count)
    return together | (cores(begin, near) >= TIED)


def within_hops(guarantor: Int, debtor: Int, marked: Bool, count: int, hops: int) -> Bool:
    """Tell who has somebody else that is marked within some guarantees, in either direction.

    Parameters
    ----------
    guarantor, debtor, count
        As of :func:`in_chains`.
    marked
        Shape (count,).
    hops
        How many guarantees at most lie between.

    Notes
    -----
    Who is marked is never told of for his own sake: the nearest marked parties are followed one
    by one from different origins, so two of them that lie apart tell of each other.

    Examples
    --------
    >>> chain = np.array([0, 1, 2]), np.array([1, 2, 3])
    >>> within_hops(*chain, np.array([True, False, False, False]), 4, 2)
    array([False,  True,  True, False])
    """
    begin, near = _both_ways(guarantor, debtor, count)
    found = np.zeros(count, bool)
    for origin in np.flatnonzero(marked):
        reached, edge = {int(origin)}, [int(origin)]
        for _ in range(hops):
            around = {int(q) for p in edge for q in near[begin[p] : begin[p + 1]]}
            edge = sorted(around - reached)
            reached |= around
        found[[p for p in reached if p != origin]] = True
    return found


def _both_ways(one: Int, other: Int, count: int) -> tuple[Int, Int]:
    """Return the neighbours of each party, each once."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    low, high = np.divmod(np.unique(low * max(count, 1) + high), max(count, 1))
    begin, near, _ = neighbours(np.append(low, high), np.append(high, low), count)
    return begin, near
