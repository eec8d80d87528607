"""The least distance within which so many sites reach every point."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.pmedian import Field, scatter, search
from liandong.kernels.siting import bound, reach
from liandong.match.factors.proof import covered
from liandong.match.factors.sites import ENDLESS, Effort, Found, Siting, nearest

Int = NDArray[np.int64]

TRIES = 20
"""Shakes of a search for a cover of one radius."""


def centred(problem: Siting, effort: Effort) -> Found:
    """Open sites so that the farthest point is as near as possible; then so that all are near.

    Parameters
    ----------
    problem
        What is to be solved; the cap of its field does not matter, and sites hold any number.
    effort
        How hard to look.

    Returns
    -------
    Found
        Its value and bound are distances.
    """
    # The least radius is the distance of some pair.
    radii = np.unique(problem.field.distance).astype(np.int64)
    low, high, best = -1, len(radii) - 1, problem.fixed
    best = _cover(problem, int(radii[-1]), effort)
    while best is not None and high - low > 1:
        middle = (low + high) // 2
        got = _cover(problem, int(radii[middle]), effort)
        low, high, best = (middle, high, best) if got is None else (low, middle, got)
    if best is None:  # some point is reached by no way
        best = problem.fixed
    proof = "none"
    while high > 0:
        proof, got = _refuted(problem, int(radii[high - 1]), effort)
        if got is None:
            break
        high, best = high - 1, got
    least = high if proof != "none" or high == 0 else _proved(problem, radii[:high], effort)
    proof = "bound" if high == 0 else proof
    return _tidied(problem, best, int(radii[high]), int(radii[least]), proof, effort)
