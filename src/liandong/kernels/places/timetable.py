"""The fastest journeys by a timetable: from every station to every other, over midnights."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]

DAY = 1_440
UNREACHED = 2**31 - 1
"""Minutes to a station that no journey reaches."""
ANY = -1
"""Instead of a time of departure: whenever the journey is fastest."""
THREADS = 2
"""Targets that are searched beside each other; the result is that of one after the other."""
_FAR = 2**62
_MANY = 64
"""More changes than any journey has; a label is its arrival times this, plus its changes."""


class Rides(NamedTuple):
    """Rides from one stop to the next, by departure and then by place in the trip.

    Attributes
    ----------
    departs, arrives
        Minutes since midnight of the first day.
    origin, target
        Stations.
    trip
        The trip, another one every day.
    """

    departs: Small
    arrives: Small
    origin: Small
    target: Small
    trip: Small


class Walks(NamedTuple):
    """Ways between stations by which one changes trains.

    Attributes
    ----------
    start
        Shape (stations + 1,): ways that leave station i are start[i] to start[i + 1].
    head, minutes
        Where each leads, and how long it takes beside the change.
    """

    start: Int
    head: Int
    minutes: Int


class Journeys(NamedTuple):
    """The best journeys, each of shape (origins, targets), int32.

    Attributes
    ----------
    minutes
        How long each takes, :data:`UNREACHED` where there is none; with a time of departure the
        wait for the first train counts.
    departs
        When it departs, in minutes since midnight of the first day; -1 without a train.
    changes
        How often one changes trains.
    """

    minutes: Small
    departs: Small
    changes: Small


def rides(trip: Int, station: Int, arrives: Int, departs: Int, until: int) -> Rides:
    """Return all rides that depart from minute 0 until ``until``, of trips that run every day.

    Parameters
    ----------
    trip, station, arrives, departs
        Stops of trips in order, minutes since midnight of the day on which the trip begins. A trip
        of yesterday that runs past midnight is under way today.
    """
    same = np.flatnonzero(trip[1:] == trip[:-1])
    left, right = departs[same], arrives[same + 1]
    back = -(int(left.max(initial=0)) // DAY)
    days = np.arange(back, until // DAY + 1)
    leaves = (left + DAY * days[:, None]).ravel()
    kept = np.flatnonzero((leaves >= 0) & (leaves < until))
    day, ride = np.divmod(kept, max(len(same), 1))
    order = np.lexsort((same[ride], leaves[kept]))
    day, ride = day[order], ride[order]
    runs = day * (int(trip.max(initial=0)) + 1) + trip[same[ride]]
    number = np.unique(runs, return_inverse=True)[1]
    columns = (
        leaves[kept][order], right[ride] + DAY * days[day], station[same[ride]],
        station[same[ride] + 1], number,
    )  # fmt: skip
    return Rides(*(np.ascontiguousarray(c, np.int32) for c in columns))


def journeys(
    found: Rides, stations: int, change: int, longest: int, at: int = ANY,
    walks: Walks | None = None,
) -> Journeys:  # fmt: skip
    """Return the best journeys between all stations; they begin and end with a train.

    Parameters
    ----------
    found
        All rides, for as long as journeys may last after the last departure.
    stations
        How many there are.
    change
        Minutes that a change of trains takes at least, 1 or more.
    longest
        Minutes that a journey takes at most.
    at
        When one comes to the station; or :data:`ANY` for the fastest journey that departs on the
        first day, then with the fewest changes, then the earliest.
    walks
        Between trains one goes at most one of these ways; none without them.

    Notes
    -----
    Profiles by a scan of connections from the last to the first, one target at a time (Dibbelt,
    Pajor, Strasser and Wagner 2013, *Intriguingly simple and fast transit routing*). Journeys are
    compared by arrival and then by changes.
    """
    count = np.bincount(found.origin, minlength=stations)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    none = np.zeros(0, np.int64)
    ways = walks or Walks(np.zeros(stations + 1, np.int64), none, none)
    out = np.empty((3, stations, stations), np.int32)
    cuts = [stations * k // THREADS for k in range(THREADS + 1)]
    with ThreadPoolExecutor(THREADS) as pool:
        for job in [
            pool.submit(_scan, found, ways, first, (cuts[k], cuts[k + 1]), change, longest, at, out)
            for k in range(THREADS)
        ]:
            job.result()
    return Journeys(*out)


@njit(cache=True, nogil=True)
def _scan(
    found: Rides, walks: Walks, first: Int, goals: tuple[int, int], change: int, longest: int,
    at: int, out: NDArray[np.int32],
) -> None:  # fmt: skip
    """Search the journeys to some targets."""
    departs, arrives, origin, target, trip = found
    stations, far = len(first) - 1, np.int64(_FAR)
    when, label = np.empty(len(departs), np.int32), np.empty(len(departs), np.int64)
    top = np.empty(stations, np.int64)
    aboard = np.empty(trip.max() + 1 if len(trip) else 0, np.int64)
    for goal in range(goals[0], goals[1]):
        top[:] = first[1:]  # profiles are filled from their ends
        aboard[:] = far
        for c in range(len(departs) - 1, -1, -1):
            best, there = aboard[trip[c]], target[c]
            if there == goal:
                best = min(best, np.int64(arrives[c]) * _MANY)
            else:
                ready = arrives[c] + change
                best = min(best, _next(when, label, top[there], first[there + 1], ready))
                for e in range(walks.start[there], walks.start[there + 1]):
                    other, then = walks.head[e], ready + walks.minutes[e]
                    best = min(best, _next(when, label, top[other], first[other + 1], then))
            if best == far:
                continue
            aboard[trip[c]] = best
            here = origin[c]
            i = top[here]
            if i == first[here + 1] or best < label[i]:
                if i == first[here + 1] or when[i] != departs[c]:
                    top[here] = i = i - 1
                when[i], label[i] = departs[c], best
        for here in range(stations):
            _choose(when, label, top[here], first[here + 1], longest, at, out[:, here, goal])
        out[0, goal, goal], out[1, goal, goal], out[2, goal, goal] = 0, -1, 0


@njit(cache=True, nogil=True)
def _next(when: Small, label: Int, low: int, high: int, ready: int) -> int:
    """Return the label of the first train of a profile that one catches, with one more change."""
    for i in range(low, high):
        if when[i] >= ready:
            return int(label[i]) + 1
    return _FAR


@njit(cache=True, nogil=True)
def _choose(
    when: Small, label: Int, low: int, high: int, longest: int, at: int, out: NDArray[np.int32]
) -> None:
    """Write the best journey of a profile."""
    best = np.int64(longest + 1) * _MANY - 1
    out[0], out[1], out[2] = UNREACHED, -1, 0
    for i in range(high - 1, low - 1, -1):
        if when[i] >= at if at >= 0 else when[i] < DAY:
            takes = label[i] - np.int64(at if at >= 0 else when[i]) * _MANY
            if takes <= best:
                best = takes
                out[0], out[1], out[2] = takes // _MANY, when[i], takes % _MANY
