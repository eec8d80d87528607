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
    origins = len(first) - 1
    cuts = [origins * k // THREADS for k in range(THREADS + 1)]
    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(
            pool.map(
                lambda k: _search(
                    *network, people, first[cuts[k] : cuts[k + 1] + 1], source, limits, listed
                ),
                range(THREADS),
            )
        )
    places, reached, count, place, minutes = (
        np.concatenate([p[i] for p in parts]) for i in range(5)
    )
    return Circles(places, reached, np.concatenate([[0], np.cumsum(count)]), place, minutes)


@njit(cache=True, nogil=True)
def _search(
    start: Int, head: Small, leg: Float, people: Int, first: Int, source: Int, limits: Float,
    listed: bool,
) -> tuple[Int, Int, Int, Small, Float]:  # fmt: skip
    """Search from each origin in turn."""
    n, origins, cut = len(start) - 1, len(first) - 1, limits[-1]
    at = np.full(n, np.inf)
    touched = np.empty(n, np.int32)
    keys, heap = np.empty(len(head) + n + 1), np.empty(len(head) + n + 1, np.int32)
    places = np.zeros((origins, len(limits)), np.int64)
    reached = np.zeros((origins, len(limits)), np.int64)
    count = np.zeros(origins, np.int64)
    place, minutes = np.empty(1024, np.int32), np.empty(1024)
    told = 0
    for i in range(origins):
        size = seen = 0
        for s in source[first[i] : first[i + 1]]:
            if at[s] > 0.0:
                at[s] = 0.0
                touched[seen] = s
                seen += 1
                size = _push(keys, heap, size, 0.0, s)
        while size > 0:
            now, v = keys[0], heap[0]
            size = _pop(keys, heap, size)
            if now > at[v]:
                continue  # it has been reached earlier another way
            for e in range(start[v], start[v + 1]):
                u, then = head[e], now + leg[e]
                if then <= cut and then < at[u]:
                    if at[u] == np.inf:
                        touched[seen] = u
                        seen += 1
                    at[u] = then
                    size = _push(keys, heap, size, then, u)
        if listed:
            while told + seen > len(place):
                place = np.concatenate((place, np.empty(len(place), np.int32)))
                minutes = np.concatenate((minutes, np.empty(len(minutes))))
            count[i] = seen
        for j in range(seen):
            v = touched[j]
            if listed:
                place[told + j], minutes[told + j] = v, at[v]
            for k in range(len(limits) - 1, -1, -1):
                if at[v] > limits[k]:
                    break
                places[i, k] += 1
                reached[i, k] += people[v]
            at[v] = np.inf
        told += count[i]
    return places, reached, count, place[:told], minutes[:told]


@njit(cache=True, nogil=True)
def _push(keys: Float, heap: Small, size: int, key: float, v: int) -> int:
    """Add an entry to a heap of four branches; returns its new size."""
    i = size
    while i > 0:
        up = (i - 1) >> 2
        if keys[up] <= key:
            break
        keys[i], heap[i] = keys[up], heap[up]
        i = up
    keys[i], heap[i] = key, v
    return size + 1


@njit(cache=True, nogil=True)
def _pop(keys: Float, heap: Small, size: int) -> int:
    """Take the least entry away; returns the new size."""
    size -= 1
    key, v, i = keys[size], heap[size], 0
    while True:
        low = 4 * i + 1
        if low >= size:
            break
        least = low
        for j in range(low + 1, min(low + 4, size)):
            if keys[j] < keys[least]:
                least = j
        if keys[least] >= key:
            break
        keys[i], heap[i] = keys[least], heap[least]
        i = least
    keys[i], heap[i] = key, v
    return size
