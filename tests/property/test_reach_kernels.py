"""Circles and journeys against plain searches that know nothing of bounds, heaps or profiles."""

import heapq
from itertools import chain, pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from liandong.kernels.places.circles import Network, circles
from liandong.kernels.places.legs import both_ways
from liandong.kernels.places.timetable import ANY, DAY, UNREACHED, Walks, journeys, rides

NODES = 8
LEGS = st.lists(
    st.tuples(
        st.integers(0, NODES - 1), st.integers(0, NODES - 1), st.sampled_from([0.0, 0.1, 0.7, 2.5])
    ),
    max_size=20,
)
SOURCES = st.lists(st.lists(st.integers(0, NODES - 1), max_size=3), min_size=1, max_size=5)


def plainly(legs, sources):
    """Dijkstra over everything; a way told in one direction goes both, the first told counts."""
    told = {}
    for a, b, m in legs:
        told.setdefault((a, b), m)
    for (a, b), m in list(told.items()):
        told.setdefault((b, a), m)
    best, queue = {}, [(0.0, s) for s in sources]
    while queue:
        now, v = heapq.heappop(queue)
        if v not in best:
            best[v] = now
            for (a, b), m in told.items():
                if a == v:
                    heapq.heappush(queue, (now + m, b))
    return best


@given(legs=LEGS, sources=SOURCES, limits=st.sampled_from([[0.0], [0.7, 3.0], [0.1, 0.8, 50.0]]))
@settings(deadline=None, max_examples=50)
def test_circles_hold_what_a_search_of_everything_finds(legs, sources, limits) -> None:
    src, dst, minutes = (np.array([e[i] for e in legs]) for i in range(3))
    start, head, lengths = both_ways(
        src.astype(np.int64), dst.astype(np.int64), minutes.astype(float), NODES
    )
    network = Network(start, head.astype(np.int32), lengths)
    people = np.array([10**k for k in range(NODES)])
    first = np.cumsum([0, *map(len, sources)])
    flat = np.array([*chain.from_iterable(sources)], np.int64)
    asked = network, people, first, flat, np.array(limits)
    found = circles(*asked)
    for i, own in enumerate(sources):
        best = plainly(legs, own)
        for k, limit in enumerate(limits):
            near = [v for v, m in best.items() if m <= limit]
            assert found.places[i, k] == len(near)
            assert found.people[i, k] == sum(10**v for v in near)
        here = slice(found.first[i], found.first[i + 1])
        listed = dict(zip(found.place[here].tolist(), found.minutes[here].tolist(), strict=True))
        assert listed == {v: m for v, m in best.items() if m <= limits[-1]}
    bare = circles(*asked, listed=False)
    assert not len(bare.place)
    assert np.array_equal(bare.people, found.people)


STATIONS, CHANGE, LONGEST = 4, 10, 2_000
STOP = st.tuples(st.integers(0, STATIONS - 1), st.integers(0, 700), st.integers(0, 90))
"""Station, minutes of the ride to it, minutes that the train stands."""
TRIPS = st.lists(
    st.tuples(st.integers(0, DAY + 200), st.lists(STOP, min_size=2, max_size=4)),
    min_size=1,
    max_size=6,
)


def stops(trips):
    rows = []
    for trip, (begin, calls) in enumerate(trips):
        now = begin
        for i, (station, ride, stand) in enumerate(calls):
            now += ride if i else 0
            rows.append((trip, station, now, now + stand))
            now += stand
    return rows


WALKS = st.dictionaries(
    st.tuples(st.integers(0, STATIONS - 1), st.integers(0, STATIONS - 1)),
    st.integers(0, 300),
    max_size=4,
)


def aboard(rows, walks, origin, at):
    """Return arrivals with fewest changes, by target, of one who comes to ``origin`` at ``at``."""
    every = [
        (a[3] + DAY * day, b[2] + DAY * day, a[1], b[1], (a[0], day), k)
        for day in range(-4, 4)
        for k, (a, b) in enumerate(pairwise(rows))
        if a[0] == b[0]
    ]
    every.sort(key=lambda r: (r[0], r[5]))
    changes, best = {}, {}
    for n, (leaves, arrives, here, there, trip, _) in enumerate(every):
        ways = [c for m, c in changes.items() if every[m][4] == trip]
        ways += [
            c + 1
            for m, c in changes.items()
            if (every[m][3], here) in walks
            and every[m][1] + CHANGE + walks[every[m][3], here] <= leaves
        ]
        if here == origin and leaves >= at:
            ways.append(0)
        if ways:
            changes[n] = min(ways)
            best[there] = min(best.get(there, (10**9, 0)), (arrives, changes[n]))
    return best


@given(trips=TRIPS, walks=WALKS, at=st.one_of(st.just(ANY), st.integers(0, DAY - 1)))
@settings(deadline=None, max_examples=60)
def test_journeys_are_those_of_a_search_over_all_rides(trips, walks, at) -> None:
    rows = stops(trips)
    columns = [np.array(c, np.int64) for c in zip(*rows, strict=True)]
    until = (DAY if at == ANY else at) + LONGEST
    legs = sorted((a, b, m) for (a, b), m in walks.items() if a != b)
    src, head, minutes = np.array(legs, np.int64).reshape(-1, 3).T
    ways = Walks(np.searchsorted(src, np.arange(STATIONS + 1)), head.copy(), minutes.copy())
    near = {(a, b): m for a, b, m in legs} | {(a, a): 0 for a in range(STATIONS)}
    found = journeys(rides(*columns, until), STATIONS, CHANGE, LONGEST, at, ways)
    for origin in range(STATIONS):
        leaving = sorted({r[3] % DAY for r, s in pairwise(rows)
                          if r[1] == origin and r[0] == s[0]})  # fmt: skip
        best = {}
        for moment in leaving if at == ANY else [at]:
            for target, (arrives, changes) in aboard(rows, near, origin, moment).items():
                label = (arrives - moment, changes, moment)
                best[target] = min(best.get(target, (10**9,)), label)
        for target in set(range(STATIONS)) - {origin}:
            told = best.get(target, (10**9, 0, 0))
            if told[0] > LONGEST:
                assert found.minutes[origin, target] == UNREACHED
                continue
            assert found.minutes[origin, target] == told[0]
            assert found.changes[origin, target] == told[1]
            if at == ANY:
                assert found.departs[origin, target] == told[2]
