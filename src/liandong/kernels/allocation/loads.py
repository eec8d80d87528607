"""Whole demand points to open sites that hold only so much: packing, shifting, swapping."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from liandong.kernels.allocation.pmedian import Field, beside, closed, cost

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]
Float = NDArray[np.float64]


class Load(NamedTuple):
    """What each point takes of a capacity, and how much each site holds.

    Attributes
    ----------
    size
        Shape (points,).
    room
        Shape (sites,).
    toll
        What a unit of load costs that does not fit.
    """

    size: Int
    room: Int
    toll: int


class Packed(NamedTuple):
    """Which open site serves each point.

    Attributes
    ----------
    site
        Open sites by slot.
    slot
        By point.
    left
        By slot: what is left of its room; below 0 where too much was put in.
    cost
        Of all points, with the toll of what does not fit.
    """

    site: Int
    slot: Int
    left: Int
    cost: int


@njit(cache=True, nogil=True)
def packed(field: Field, load: Load, site: Int) -> Packed:
    """Serve every point by one of the open sites, cheaply and within their room if that is found.

    Points that stand to lose most by missing their nearest site choose first. Then points shift,
    and pairs of points swap their sites, while that saves anything.

    Parameters
    ----------
    field
        Points and sites.
    load
        Sizes and rooms.
    site
        The open sites.
    """
    points, slots = len(load.size), len(site)
    slot, left = np.full(points, -1), load.room[site].copy()
    for u in np.argsort(-_regret(field, site), kind="mergesort"):
        best, at = 2**62, 0
        for k in range(slots):
            over = max(load.size[u] - max(left[k], 0), 0)
            value = cost(field, u, np.int64(field.distance[u, site[k]])) + over * load.toll
            if value < best:
                best, at = value, k
        slot[u] = at
        left[at] -= load.size[u]
    while _shift(field, load, site, slot, left) or _exchange(field, load, site, slot, left):
        pass
    value = (np.maximum(-left, 0) * load.toll).sum()
    for u in range(points):
        value += cost(field, u, np.int64(field.distance[u, site[slot[u]]]))
    return Packed(site, slot, left, value)


@njit(cache=True, nogil=True)
def _regret(field: Field, site: Int) -> Int:
    """Return what each point loses if it goes to its second site instead of its first."""
    out = np.empty(len(field.weight), np.int64)
    for u in range(len(out)):
        near, after = field.far, field.far
        for s in site:
            d = int(field.distance[u, s])
            near, after = min(near, d), min(after, max(near, d))
        out[u] = cost(field, u, after) - cost(field, u, near)
    return out


@njit(cache=True, nogil=True)
def _shift(field: Field, load: Load, site: Int, slot: Int, left: Int) -> bool:
    """Move each point to the slot where that saves most; tell whether any moved."""
    moved = False
    for u in range(len(slot)):
        old, size, best, at = slot[u], load.size[u], 0, -1
        here = cost(field, u, np.int64(field.distance[u, site[old]]))
        here += load.toll * (max(-left[old], 0) - max(-left[old] - size, 0))
        for k in range(len(site)):
            if k != old:
                there = cost(field, u, np.int64(field.distance[u, site[k]]))
                there += load.toll * (max(size - left[k], 0) - max(-left[k], 0))
                if here - there > best:
                    best, at = here - there, k
        if at >= 0:
            left[old] += size
            left[at] -= size
            slot[u], moved = at, True
    return moved


@njit(cache=True, nogil=True)
def _exchange(field: Field, load: Load, site: Int, slot: Int, left: Int) -> bool:
    """Swap the sites of pairs where that saves something; tell whether any were swapped."""
    moved = False
    for u in range(len(slot)):
        for v in range(u):
            a, b = slot[u], slot[v]
            if a != b and _saved(field, load, site, (u, v), (a, b), left) > 0:
                left[a] += load.size[u] - load.size[v]
                left[b] += load.size[v] - load.size[u]
                slot[u], slot[v], moved = b, a, True
    return moved


@njit(cache=True, nogil=True)
def _saved(
    field: Field, load: Load, site: Int, pair: tuple[int, int], slots: tuple[int, int], left: Int
) -> int:
    """Return what it saves if two points swap their sites."""
    (u, v), (a, b) = pair, slots
    row, col = field.distance[u], field.distance[v]
    saved = cost(field, u, np.int64(row[site[a]])) - cost(field, u, np.int64(row[site[b]]))
    saved += cost(field, v, np.int64(col[site[b]])) - cost(field, v, np.int64(col[site[a]]))
    more = load.size[v] - load.size[u]
    toll = max(-left[a], 0) - max(more - left[a], 0) + max(-left[b], 0) - max(-more - left[b], 0)
    return int(saved + toll * load.toll)


@njit(cache=True, nogil=True)
def search_within(field: Field, load: Load, start: Int, fixed: int, draws: Float) -> Packed:
    """Move open sites to places near a point they serve, one by one, and keep what is better.

    Parameters
    ----------
    field
        Points and sites.
    load
        Sizes and rooms.
    start
        Sites to begin with; the first ``fixed`` stay open.
    fixed
        Number of sites that stay.
    draws
        Shape (tries, 3), in [0, 1): which slot, which point, and whether any site may open.

    Returns
    -------
    Packed
        The cheapest that was found.
    """
    best = packed(field, load, start)
    slots, sites = len(start), field.distance.shape[1]
    if slots in (fixed, sites):
        return best
    is_open = np.zeros(sites, np.bool_)
    is_open[start] = True
    for t in range(len(draws)):
        slot = fixed + int(draws[t, 0] * (slots - fixed))
        if draws[t, 2] < 0.25:
            new = closed(is_open, int(draws[t, 1] * sites))
        else:
            new = beside(field, _member(best, slot, draws[t, 1]), is_open)
        site = best.site.copy()
        site[slot] = new
        found = packed(field, load, site)
        if found.cost <= best.cost:
            is_open[best.site[slot]], is_open[new] = False, True
            best = found
    return best


@njit(cache=True, nogil=True)
def _member(now: Packed, slot: int, draw: float) -> int:
    """Return a drawn point of a slot, or of all if it has none."""
    members = np.flatnonzero(now.slot == slot)
    if len(members) == 0:
        return int(draw * len(now.slot))
    return int(members[int(draw * len(members))])
