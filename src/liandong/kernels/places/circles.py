"""What lies within some minutes of given places, over a network of legs."""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int = NDArray[np.int64]
Small = NDArray[np.int32]
Float = NDArray[np.float64]

THREADS = 2
"""Searches that run beside each other; the result is that of one after the other."""


class Network(NamedTuple):
    """Legs by the place they leave.

    Attributes
    ----------
    start
        Shape (places + 1,): legs that leave place i are start[i] to start[i + 1].
    head, minutes
        Where each leg leads, and how long it takes, from 0 up.
    """

    start: Int
    head: Small
    minutes: Float


class Circles(NamedTuple):
    """What was reached.

    Attributes
    ----------
    places, people
        Shape (origins, limits): places within each limit, origins included, and their people.
    first
        Shape (origins + 1,): the places that origin i reaches are first[i] to first[i + 1].
    place, minutes
        They themselves, and when they are reached.
    """

    places: Int
    people: Int
    first: Int
    place: Small
    minutes: Float


def circles(
    network: Network, people: Int, first: Int, source: Int, limits: Float, *, listed: bool = True
) -> Circles:
    """Search from many origins for all that lies within the largest limit.

    Parameters
    ----------
    network
        Of places 0 to n - 1.
    people
        Shape (n,).
    first, source
        Origin i is where its sources first[i] to first[i + 1] are: one place, or several at once.
    limits
        Minutes, rising.
    listed
        Whether the places themselves are returned; otherwise ``first`` counts nothing.

    Notes
    -----
    Dijkstra (1959) with a bound. Only what was touched is made good again after each search, so a
    search costs what it reaches, whatever the size of the network.
    """
    cuts = [(len(first) - 1) * k // THREADS for k in range(THREADS + 1)]
    room = 1_024 if listed else 0

    def part(k: int) -> tuple[Int, Int, Int, Small, Float]:
        return _search(network, people, first[cuts[k] : cuts[k + 1] + 1], source, limits, room)

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(part, range(THREADS)))
    places, reached, count, place, minutes = (
        np.concatenate([p[i] for p in parts]) for i in range(5)
    )
    return Circles(places, reached, np.concatenate([[0], np.cumsum(count)]), place, minutes)


@njit(cache=True, nogil=True)
def _search(
    network: Network, people: Int, first: Int, source: Int, limits: Float, room: int
) -> tuple[Int, Int, Int, Small, Float]:
    """Search from each origin in turn; ``room`` for lists to begin with, 0 for none."""
    n, legs, shape = len(people), len(network.head), (len(first) - 1, len(limits))
    at, touched = np.full(n, np.inf), np.empty(n, np.int32)
    heap = _Heap(np.empty(legs + n), np.empty(legs + n, np.int32))
    places, reached = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    count = np.zeros(shape[0], np.int64)
    place, minutes = np.empty(room, np.int32), np.empty(room)
    told = 0
    for i in range(shape[0]):
        seen = _spread(network, source[first[i] : first[i + 1]], limits[-1], at, touched, heap)
        if room:
            while told + seen > len(place):
                place = np.concatenate((place, np.empty(len(place), np.int32)))
                minutes = np.concatenate((minutes, np.empty(len(minutes))))
            place[told : told + seen] = touched[:seen]
            minutes[told : told + seen] = at[touched[:seen]]
            count[i], told = seen, told + seen
        for v in touched[:seen]:
            for k in range(len(limits) - 1, -1, -1):
                if at[v] > limits[k]:
                    break
                places[i, k] += 1
                reached[i, k] += people[v]
            at[v] = np.inf
    return places, reached, count, place[:told], minutes[:told]


class _Heap(NamedTuple):
    """A heap of four branches: minutes, and the places reached then."""

    key: Float
    place: Small


@njit(cache=True, nogil=True)
def _spread(
    network: Network, source: Int, cut: float, at: Float, touched: Small, heap: _Heap
) -> int:
    """Write when each place is reached, and which places are; returns how many."""
    size = seen = 0
    for s in source:
        if at[s] > 0.0:
            at[s] = 0.0
            touched[seen] = s
            seen, size = seen + 1, _push(heap, size, 0.0, s)
    while size > 0:
        now, v = heap.key[0], heap.place[0]
        size = _pop(heap, size)
        if now > at[v]:
            continue  # it has been reached earlier another way
        for e in range(network.start[v], network.start[v + 1]):
            u, then = network.head[e], now + network.minutes[e]
            if then <= cut and then < at[u]:
                if at[u] == np.inf:
                    touched[seen] = u
                    seen += 1
                at[u] = then
                size = _push(heap, size, then, u)
    return seen


@njit(cache=True, nogil=True)
def _push(heap: _Heap, size: int, key: float, place: int) -> int:
    """Add an entry; returns the new size."""
    keys, places, i = heap.key, heap.place, size
    while i > 0:
        up = (i - 1) >> 2
        if keys[up] <= key:
            break
        keys[i], places[i] = keys[up], places[up]
        i = up
    keys[i], places[i] = key, place
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heap: _Heap, size: int) -> int:
    """Take the least entry away; returns the new size."""
    size -= 1
    keys, places, i = heap.key, heap.place, 0
    key, place = keys[size], places[size]
    while 4 * i + 1 < size:
        low = least = 4 * i + 1
        for j in range(low + 1, min(low + 4, size)):
            if keys[j] < keys[least]:
                least = j
        if keys[least] >= key:
            break
        keys[i], places[i] = keys[least], places[least]
        i = least
    keys[i], places[i] = key, place
    return size
