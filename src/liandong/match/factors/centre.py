"""The least distance within which so many sites reach every point."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.allocation.pmedian import Field, search
from liandong.match.factors.proof import covered
from liandong.match.factors.sites import (
    Effort,
    Found,
    Siting,
    lexical,
    nearest,
    shakes,
    solve,
)

Int = NDArray[np.int64]

COVER = Effort(tries=50, arcs=0)
"""How hard to look for a cover of one radius."""
EASY = 16
"""So many times more pairs may a program have that only asks for a cover."""


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
    refuted, high = -1, len(radii) - 1
    site = _cover(problem, int(radii[high]), effort).site
    while high - refuted > 1:
        middle = (refuted + high) // 2
        got = _cover(problem, int(radii[middle]), effort)
        if got.value == 0:
            high, site = middle, got.site
        else:
            refuted = middle
    proof = "bound"
    while high > 0:
        proof, got_site = _last(problem, int(radii[high - 1]), effort)
        if got_site is None:
            break
        high, site = high - 1, got_site
    least = int(radii[high]) if proof != "none" else _least(problem, radii[:high], effort)
    return _tidied(problem, site, int(radii[high]), effort, least, proof)


def _within(problem: Siting, radius: int) -> Siting:
    """Return the problem of reaching as many points as possible within a radius."""
    f = problem.field
    one = np.ones_like(f.weight)
    return replace(problem, field=Field(f.distance, 0 * one, one, radius, f.far), load=None)


def _cover(problem: Siting, radius: int, effort: Effort) -> Found:
    """Look for sites that reach every point; the value says how many are left out."""
    return solve(_within(problem, radius), replace(COVER, seed=effort.seed))


def _last(problem: Siting, radius: int, effort: Effort) -> tuple[str, Int | None]:
    """Return what proves that no sites reach every point, or else the sites that do."""
    if _cover(problem, radius, effort).bound > 0:
        return "bound", None
    near = problem.field.distance <= radius
    if near.size > EASY * effort.arcs:
        return "none", None
    got = covered(near, problem.forced, problem.slots)
    if got.open is None:
        return ("search" if got.done else "none"), None
    spare = np.argsort(~got.open, kind="stable")
    return "none", spare[: problem.slots]


def _least(problem: Siting, radii: Int, effort: Effort) -> int:
    """Return the least radius that is not proved too small by the bound."""
    low, high = -1, len(radii)
    while high - low > 1:
        middle = (low + high) // 2
        if _cover(problem, int(radii[middle]), effort).bound > 0:
            low = middle
        else:
            high = middle
    return int(radii[min(low + 1, len(radii) - 1)])


def _tidied(
    problem: Siting, site: Int, radius: int, effort: Effort, least: int, proof: str
) -> Found:
    """Return sites of the same radius from which the mean distance is short."""
    field = lexical(problem.field, radius)
    rest = site[~np.isin(site, problem.fixed)]
    start = np.concatenate([problem.fixed, rest])
    draws = shakes(np.random.default_rng(effort.seed), effort.tries, problem.slots)
    state, _ = search(field, start, len(problem.fixed), draws, 0)
    points = np.arange(len(field.weight))
    for chosen in (state.site, site):
        found = nearest(problem, chosen)
        if int(field.distance[points, found.serves].max()) <= radius:
            break
    return replace(found, value=radius, bound=least, proof=proof)
