"""Reach: circles of an hour on a million places, and all journeys of a national timetable.

The roads are a grid of a kilometre with gaps, four speeds and a fast road every 50 km; 300 origins,
and 3,000 in the full run. The peer is scipy's Dijkstra with the same bound, one origin a call, held
against the same sets, minutes and people. The timetable is that of 12306 of 2016-03-10; its slow
twin searches forward from a sample of stations and minutes. Without scipy or the timetable the
figures of that part are null, and ``missing`` names it.
"""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.places.circles import Circles, Network, circles
from liandong.kernels.places.legs import both_ways
from liandong.kernels.places.timetable import DAY, UNREACHED, Rides, journeys, rides
from liandong.load import load
from liandong.schema.arrow import empty
from liandong.survey import ArrivalsRule
from liandong.survey.reach.rails import rails
from liandong.testing.data import data_folder
from measure import figures

Int = NDArray[np.int64]

SIDE, LIMIT, SEED = 1_000, 60.0, 0
SPEEDS, PARTS = (0.33, 0.5, 0.66, 1.0), (0.3, 0.35, 0.25, 0.1)
"""Kilometres a minute, and how many ways have them."""
CHANGE, LONGEST = 15, 2_880


def bench(*, quick: bool) -> dict[str, object]:
    """Return the figures of this part; the full run adds 3,000 origins and a larger sample."""
    network = _roads()
    found = _circles(network, 3 if quick else 7)
    if not quick:
        origins = np.random.default_rng(SEED + 1).integers(0, SIDE**2, 3_000)
        found |= figures("circles_3000_1m", {"seconds": _timed(network, origins, 3)[0]})
    return found | figures("hsr", _timetable(1 if quick else 5, 10 if quick else 60))


def _roads() -> Network:
    rng, at = np.random.default_rng(SEED), np.arange(SIDE**2).reshape(SIDE, SIDE)
    src = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel()])
    dst = np.concatenate([at[:, 1:].ravel(), at[1:].ravel()])
    there = rng.random(len(src)) < 0.92
    src, dst = src[there], dst[there]
    minutes = 1 / rng.choice(SPEEDS, len(src), p=PARTS)
    east = dst == src + 1
    fast = ((src // SIDE % 50 == 0) & east) | ((src % SIDE % 50 == 0) & ~east)
    start, head, minutes = both_ways(src, dst, np.where(fast, 0.6, minutes), SIDE**2)
    return Network(start, head.astype(np.int32), minutes)


def _timed(network: Network, origins: Int, repeats: int) -> tuple[float, Circles]:
    """Return the median of the seconds, and the circles with their people, not listed."""
    people = np.arange(SIDE**2) % 1_000
    given = network, people, np.arange(len(origins) + 1), origins, np.array([LIMIT])
    circles(*given[:2], np.arange(2), origins[:1], np.array([1.0]), listed=False)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = circles(*given, listed=False)
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds)), found


def _circles(network: Network, repeats: int) -> dict[str, Any]:
    origins = np.random.default_rng(SEED).integers(0, SIDE**2, 300)
    seconds, found = _timed(network, origins, repeats)
    told = figures("circles_300_1m", {"seconds": seconds, "reached": int(found.places.sum())})
    try:
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import dijkstra
    except ImportError:
        peer = {"ratio_vs_scipy": None, "same_sets": None, "missing": "scipy"}
        return told | figures("circles", peer)
    graph = csr_matrix((network.minutes, network.head, network.start), (SIDE**2, SIDE**2))
    people = np.arange(SIDE**2) % 1_000
    listed = circles(network, people, np.arange(len(origins) + 1), origins, np.array([LIMIT]))
    theirs, same = [], True
    for i, origin in enumerate(origins):
        start = time.perf_counter()
        minutes = dijkstra(graph, indices=origin, limit=LIMIT)
        theirs.append(time.perf_counter() - start)
        mine = slice(listed.first[i], listed.first[i + 1])
        order = np.argsort(listed.place[mine])
        near = np.flatnonzero(np.isfinite(minutes))
        same &= np.array_equal(near, listed.place[mine][order])
        same &= np.array_equal(minutes[near], listed.minutes[mine][order])
        same &= int(people[near].sum()) == found.people[i, 0]
    ratio = {"scipy_seconds": sum(theirs), "ratio_vs_scipy": sum(theirs) / seconds}
    return told | figures("circles", {**ratio, "same_sets": int(same)})


def _timetable(whole: int, sample: int) -> dict[str, Any]:
    folder = data_folder("china_regions")
    path = folder and folder / "hsr_timetable_20160310"
    if path is None or not path.exists():
        return {"all_pairs_seconds": None, "pairs": None, "same": None, "missing": "timetable"}
    tables = load("hsr12306", path).tables
    ground, timetable = rails(tables | {"place": empty("place")}, ArrivalsRule())
    stations = len(ground.ids)
    every = rides(*timetable[:4], DAY + LONGEST)
    journeys(every, stations, CHANGE, 1)
    start = time.perf_counter()
    found = journeys(rides(*timetable[:4], DAY + LONGEST), stations, CHANGE, LONGEST)
    seconds = time.perf_counter() - start
    rng = np.random.default_rng(SEED)
    origins = rng.choice(stations, whole, replace=False)
    fastest = all(
        np.array_equal(_fastest(every, stations, int(o)), found.minutes[o]) for o in origins
    )
    moment = int(rng.integers(0, DAY))
    asked = journeys(every, stations, CHANGE, LONGEST, moment)
    earliest = all(
        np.array_equal(_forward(every, stations, int(o), moment), asked.minutes[o])
        for o in rng.choice(stations, sample, replace=False)
    )
    hour = int((found.minutes <= LIMIT).sum()) - stations
    return {
        "all_pairs_seconds": seconds, "pairs": int((found.minutes < UNREACHED).sum()) - stations,
        "pairs_within_hour": hour, "rides": len(every.departs), "same": int(fastest and earliest),
    }  # fmt: skip


def _fastest(every: Rides, stations: int, origin: int) -> Int:
    """Return the fastest of the journeys that begin with each departure of the first day."""
    leaving = np.unique(every.departs[(every.origin == origin) & (every.departs < DAY)])
    best = np.full(stations, UNREACHED)
    for moment in leaving.tolist():
        best = np.minimum(best, _forward(every, stations, origin, moment))
    return best


def _forward(every: Rides, stations: int, origin: int, at: int) -> Int:
    """Return minutes from one station at one moment: rides in plain Python, as they depart."""
    ready, there = [10**9] * stations, [10**9] * stations
    ready[origin] = at
    aboard: set[int] = set()
    for leaves, arrives, here, to, trip in zip(*(c.tolist() for c in every), strict=True):
        if trip in aboard or ready[here] <= leaves:
            aboard.add(trip)
            if arrives < there[to]:
                there[to] = arrives
                ready[to] = min(ready[to], arrives + CHANGE)
    there[origin] = at
    took = np.array(there) - at
    return np.where(took <= LONGEST, took, UNREACHED)
