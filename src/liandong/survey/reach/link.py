"""What one new or faster link changes: pairs within the limits, and people."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.schema.arrow import build
from liandong.schema.tables.reaching import TOTAL
from liandong.step import Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.survey.reach.ground import Ground, Times, numbers
from liandong.survey.reach.rails import rails, travelled
from liandong.survey.reach.roads import roads, searched
from liandong.survey.reach.rules import LinkRule
from liandong.survey.reach.told import by_region, grouped

Int = NDArray[np.int64]
Float = NDArray[np.float64]


@fold(
    reads=("place", "travel", "station", "stop_time"),
    writes=("reach_link",),
    rule=LinkRule,
    part=("network", "src", "dst"),
)
def link(tables: Tables, rule: LinkRule) -> Tables:
    """Compare reach with and without a link: pairs that come within each limit, and their people.

    A row stands for each region whose origins reach more, or sooner, and one for all. People count
    once for every origin that newly reaches them; those who have a station keep it. By rail, trips
    run both ways every day at even distances.

    Raises
    ------
    DataError
        If the network lacks an end of the link, or cannot be searched itself.
    """
    find = _by_rail if rule.network == "rail" else _by_road
    ground, after, was, took = find(tables, rule)
    return _told(ground, after, was, took, rule)


Found = tuple[Ground, Times, Float, float | None]
"""The network with the link, times on it, how long each took without it, and the link's ends."""


def _by_road(tables: Tables, rule: LinkRule) -> Found:
    ground, legs = roads(tables, rule)
    a, b = _ends(ground, rule, "place")
    src, dst, minutes = legs
    same = ((src == a) & (dst == b)) | ((src == b) & (dst == a))
    minutes = np.where(same, np.minimum(minutes, rule.minutes), minutes)
    linked = np.append(src, a), np.append(dst, b), np.append(minutes, float(rule.minutes))
    before, after = (searched(ground, each, rule) for each in (legs, linked))
    alone = searched(replace(ground, origin=np.array([a])), legs, rule)
    return ground, after, _earlier(ground, before, after), _between(alone, a, b)


def _by_rail(tables: Tables, rule: LinkRule) -> Found:
    ground, timetable = rails(tables, rule)
    a, b = _ends(ground, rule, "station")
    before = travelled(ground, timetable, rule)
    more = pa.concat_tables([tables["stop_time"], _trips(rule)])
    linked, timetable = rails(tables | {"stop_time": more}, rule)
    after = travelled(linked, timetable, rule)
    kept = np.where(ground.node < 0, linked.node, ground.node)
    was = _earlier(ground, before, after)
    return replace(linked, node=kept), after, was, _between(before, a, b)


def _ends(ground: Ground, rule: LinkRule, kind: str) -> tuple[int, int]:
    named = pa.chunked_array([pa.array([rule.src, rule.dst])])
    a, b = numbers(named, ground.ids, "rule", kind).tolist()
    return a, b


def _between(times: Times, a: int, b: int) -> float | None:
    found = times.minutes[(times.origin == a) & (times.node == b)]
    return float(found[0]) if len(found) else None


def _trips(rule: LinkRule) -> pa.Table:
    """Return the stops of the link's trips, both ways."""
    begins = np.arange(rule.first, rule.last + 1, rule.every)
    ways = [(rule.src, rule.dst), (rule.dst, rule.src)]
    trips = [(a, b, int(t)) for a, b in ways for t in begins]
    return build("stop_time", {
        "trip_id": [f"{a}>{b}@{t}" for a, b, t in trips for _ in range(2)],
        "seq": [0, 1] * len(trips),
        "station_id": [end for a, b, _ in trips for end in (a, b)],
        "arrives": [m for _, _, t in trips for m in (None, t + rule.minutes)],
        "departs": [m for _, _, t in trips for m in (t, None)],
    })  # fmt: skip


def _earlier(ground: Ground, before: Times, after: Times) -> Float:
    """Return how long each pair of ``after`` took before; infinity if it was not reached."""
    nodes = len(ground.ids)
    known, wanted = (t.origin * nodes + t.node for t in (before, after))
    order = np.argsort(known)
    at = np.searchsorted(known[order], wanted)
    there = np.append(known[order], -1)[at] == wanted
    return np.where(there, np.append(before.minutes[order], np.inf)[at], np.inf)


def _told(ground: Ground, after: Times, was: Float, took: float | None, rule: LinkRule) -> Tables:
    names, code = by_region(ground.region.take(pa.array(ground.origin)))
    group, groups = code[ground.index(after)], len(names) + 1
    other, people = after.origin != after.node, ground.weight[after.node]
    found: dict[str, list[Int]] = {"pairs": [], "people": [], "faster": []}
    saved = []
    for limit in rule.limits:
        within = other & (after.minutes <= limit)
        new = within & (was > limit)
        faster = within & ~new & (after.minutes < was - _EQUAL)
        spared = np.where(faster, was - after.minutes, 0.0)
        sums = np.bincount(group + 1, spared, groups)[1:]
        found["pairs"].append(grouped(group, new, groups))
        found["people"].append(grouped(group, people * new, groups))
        found["faster"].append(grouped(group, faster, groups))
        saved.append(np.append(sums, spared.sum()))
    return _rows(rule, names, {n: np.concatenate(v) for n, v in found.items()},
                 np.concatenate(saved), took)  # fmt: skip


_EQUAL = 1e-9
"""Minutes by which sums of the same legs may differ."""


def _rows(
    rule: LinkRule, names: list[str], found: dict[str, Int], saved: Float, took: float | None
) -> Tables:
    """Return the rows where something changes, and those of all regions together."""
    limits = np.repeat(rule.limits, len(names) + 1)
    region = np.array([*names, TOTAL] * len(rule.limits), object)
    changed = (found["pairs"] + found["faster"] > 0) | (region == TOTAL)
    count = int(changed.sum())
    found = {n: v[changed] for n, v in found.items()}
    faster = found["faster"]
    reasons = Reasons(count)
    reasons.add("survey.new_pairs", found["pairs"], found["pairs"] > 0)
    reasons.add("survey.faster_pairs", faster, faster > 0)
    reasons.add("survey.no_effect", 0, found["pairs"] + faster == 0)
    mean = saved[changed] / np.maximum(faster, 1)
    return output(
        "reach_link", network=[rule.network] * count, src=[rule.src] * count,
        dst=[rule.dst] * count, within=limits[changed], region_id=region[changed].tolist(),
        minutes=[float(rule.minutes)] * count, before=pa.array([took] * count, pa.float64()),
        **found, saved=pa.array(mean, mask=faster == 0), reasons=reasons.column(),
    )  # fmt: skip
