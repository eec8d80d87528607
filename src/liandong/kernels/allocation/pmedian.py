"""Where to open sites: interchange by gains and losses, iterated.

Every demand point goes to its nearest open site. What it costs is its weight times the distance,
and what it is late by beyond a cap; all are whole numbers, so results are exact. With weights of 0
the same search covers as many points as it can, or all of them within the least distance.

The local search looks at every swap of an open site for a closed one: profit = gain of the newcomer
- loss of the one that goes + extra, what they have to do with each other (Resende and Werneck 2007,
European Journal of Operational Research 174, 54-68; after Whitaker 1983). A swap renews only the
demand points that it touches.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Near = NDArray[np.int32]
Bool = NDArray[np.bool_]

ENDLESS = 2**62
LOG = 4096
"""Most swaps between two shakes: they are undone when they led nowhere."""


class Field(NamedTuple):
    """Demand points, sites, and what lies between them.

    Attributes
    ----------
    distance
        Shape (points, sites), int32, from 0 up.
    weight
        Shape (points,): what a unit of distance costs.
    late
        Shape (points,): what it costs besides if the site is farther than ``cap``.
    cap
        A distance.
    far
        More than any distance: how far a point is from a site that is not there.
    """

    distance: Near
    weight: Int
    late: Int
    cap: int
    far: int


class State(NamedTuple):
    """Open sites by slot, and what swaps would change.

    Attributes
    ----------
    site
        Site in each slot.
    open
        By site.
    first, second
        Slots of the two nearest open sites of each point; -1 where there is no second.
    near, next
        Distances to them.
    gain
        By site: what opening it would save.
    loss
        By slot: what closing it would cost.
    extra
        Shape (slots, sites): what a swap costs less than the two alone.
    """

    site: Int
    open: Bool
    first: Int
    second: Int
    near: Int
    next: Int
    gain: Int
    loss: Int
    extra: Int


@njit(cache=True, nogil=True)
def cost(field: Field, u: int, distance: int | np.int64) -> int:
    """Return what point ``u`` costs at this distance."""
    return int(field.weight[u] * distance + (distance > field.cap) * field.late[u])


@njit(cache=True, nogil=True)
def opened(field: Field, site: Int) -> State:
    """Return the state in which just these sites are open.

    Parameters
    ----------
    field
        Points and sites.
    site
        Different sites, at least one.
    """
    points, sites = field.distance.shape
    state = State(
        site.copy(), np.zeros(sites, np.bool_),
        np.empty(points, np.int64), np.empty(points, np.int64),
        np.empty(points, np.int64), np.empty(points, np.int64),
        np.zeros(sites, np.int64), np.zeros(len(site), np.int64),
        np.zeros((len(site), sites), np.int64),
    )  # fmt: skip
    state.open[site] = True
    for u in range(points):
        _look(field, state, u)
        _tell(field, state, u, 1)
    return state


@njit(cache=True, nogil=True)
def _look(field: Field, state: State, u: int) -> None:
    """Find the two nearest open sites of a point."""
    row, near, after, first, second = field.distance[u], field.far, field.far, -1, -1
    for k in range(len(state.site)):
        d = row[state.site[k]]
        if d < near:
            after, second, near, first = near, first, d, k
        elif d < after:
            after, second = d, k
    state.first[u], state.second[u], state.near[u], state.next[u] = first, second, near, after


@njit(cache=True, nogil=True)
def _tell(field: Field, state: State, u: int, sign: int) -> None:
    """Add to gains, losses and extras what a point has to do with them, or take it away."""
    slot = state.first[u]
    here, there = cost(field, u, state.near[u]), cost(field, u, state.next[u])
    state.loss[slot] += sign * (there - here)
    row, gain, extra = field.distance[u], state.gain, state.extra[slot]
    for c in range(len(row)):
        new = cost(field, u, np.int64(row[c]))
        gain[c] += sign * max(here - new, 0)
        extra[c] += sign * max(there - max(here, new), 0)


@njit(cache=True, nogil=True)
def swap(field: Field, state: State, slot: int, new: int) -> None:
    """Close the site in a slot and open a closed one in its place."""
    state.open[state.site[slot]] = False
    state.open[new] = True
    state.site[slot] = new
    for u in range(len(field.weight)):
        d = field.distance[u, new]
        touched = state.first[u] == slot or state.second[u] == slot
        if touched or d < state.next[u]:
            _tell(field, state, u, -1)
            if touched:
                _look(field, state, u)
            elif d < state.near[u]:
                state.second[u], state.next[u] = state.first[u], state.near[u]
                state.first[u], state.near[u] = slot, d
            else:
                state.second[u], state.next[u] = slot, d
            _tell(field, state, u, 1)


@njit(cache=True, nogil=True)
def best_swap(state: State, fixed: int) -> tuple[int, int, int]:
    """Return the slot, the newcomer and the profit of the best swap; a profit of 0 if none gains.

    The first ``fixed`` slots stay as they are.
    """
    free = np.where(state.open, -(2**62), state.gain)
    top, slot, new = 0, -1, -1
    for k in range(fixed, len(state.site)):
        extra, best = state.extra[k], -(2**62)
        for c in range(len(free)):
            best = max(best, free[c] + extra[c])
        if best - state.loss[k] > top:
            top, slot = best - state.loss[k], k
            for c in range(len(free)):
                if free[c] + extra[c] == best:
                    new = c
                    break
    return slot, new, top


@njit(cache=True, nogil=True)
def total(field: Field, state: State) -> int:
    """Return what all points cost."""
    out = 0
    for u in range(len(field.weight)):
        out += cost(field, u, state.near[u])
    return out


@njit(cache=True, nogil=True)
def search(
    field: Field, start: Int, fixed: int, draws: NDArray[np.float64], goal: int
) -> tuple[State, int]:
    """Swap until nothing gains; then shake and swap again, and keep what is not worse.

    Parameters
    ----------
    field
        Points and sites.
    start
        Sites to begin with; the first ``fixed`` stay open.
    fixed
        Number of sites that stay.
    draws
        Shape (tries, swaps, 2), in [0, 1): which slot and which site each shaking swap takes; the
        first of a row says how many there are.
    goal
        Stop at this cost: it is known that none is lower.

    Returns
    -------
    state, cost
        The best that was found.
    """
    state = opened(field, start)
    slots, sites = len(start), len(state.open)
    log = np.empty((LOG, 2), np.int64)
    _descend(field, state, fixed, log[:0], ENDLESS)
    value = total(field, state)
    if slots in (fixed, sites):
        return state, value
    for t in range(len(draws)):
        if value <= goal:
            break
        done = 1 + int(draws[t, 0, 0] * (draws.shape[1] - 1))
        for j in range(done):
            slot = fixed + int(draws[t, 1 + j, 0] * (slots - fixed))
            new = closed(state.open, int(draws[t, 1 + j, 1] * sites))
            log[j] = slot, state.site[slot]
            swap(field, state, slot, new)
        done += _descend(field, state, fixed, log[done:], LOG - done)
        found = total(field, state)
        if found <= value:
            value = found
        else:
            for j in range(done - 1, -1, -1):
                swap(field, state, log[j, 0], log[j, 1])
    return state, value


@njit(cache=True, nogil=True)
def closed(is_open: Bool, at: int) -> int:
    """Return the first closed site from ``at`` on."""
    while is_open[at]:
        at = (at + 1) % len(is_open)
    return at


@njit(cache=True, nogil=True)
def _descend(field: Field, state: State, fixed: int, log: Int, most: int) -> int:
    """Make at most ``most`` swaps that gain, note in the log what they close, and count them."""
    done = 0
    while done < most:
        slot, new, profit = best_swap(state, fixed)
        if profit <= 0:
            break
        if done < len(log):
            log[done] = slot, state.site[slot]
        swap(field, state, slot, new)
        done += 1
    return done


@njit(cache=True, nogil=True)
def scatter(field: Field, fixed: Int, slots: int, draws: NDArray[np.float64]) -> Int:
    """Return sites to begin with: those that are fixed, then one by one near a costly point.

    Each point is drawn with a chance proportional to what it costs so far (Arthur and Vassilvitskii
    2007 sow so), and the nearest closed site opens.

    Parameters
    ----------
    field
        Points and sites.
    fixed
        Sites that stay open, at most ``slots``.
    slots
        How many sites open, at most all.
    draws
        Shape (slots,), in [0, 1).
    """
    points, sites = field.distance.shape
    near, chosen = np.full(points, field.far), np.empty(slots, np.int64)
    is_open = np.zeros(sites, np.bool_)
    for k in range(slots):
        new = fixed[k] if k < len(fixed) else beside(field, _costly(field, near, draws[k]), is_open)
        chosen[k], is_open[new] = new, True
        for u in range(points):
            near[u] = min(near[u], field.distance[u, new])
    return chosen


@njit(cache=True, nogil=True)
def _costly(field: Field, near: Int, draw: float) -> int:
    """Return a point drawn by what it costs."""
    running = np.empty(len(near))
    before = 0.0
    for u in range(len(near)):
        before += cost(field, u, near[u])
        running[u] = before
    return min(int(np.searchsorted(running, draw * before, side="right")), len(near) - 1)


@njit(cache=True, nogil=True)
def beside(field: Field, u: int, is_open: Bool) -> int:
    """Return the closed site nearest to a point; there must be one."""
    best, new = field.far + 1, -1
    for s in range(len(is_open)):
        if not is_open[s] and field.distance[u, s] < best:
            best, new = field.distance[u, s], s
    return new
