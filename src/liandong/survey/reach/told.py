"""What was searched as tables: circles of places and regions, times, summary, what is cut off."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.schema.tables.reaching import TOTAL
from liandong.step import Tables, output
from liandong.step.reasons import Reasons
from liandong.survey.reach.ground import Ground, Times, summed
from liandong.types import PPM

Int = NDArray[np.int64]
Float = NDArray[np.float64]
Bool = NDArray[np.bool_]


def told(ground: Ground, times: Times, limits: Sequence[int], known: str = "") -> Tables:
    """Return ``reach``, ``reach_time``, ``reach_summary`` and ``reach_gap``.

    Parameters
    ----------
    times
        Of all origins, themselves included.
    limits
        Minutes, rising.
    known
        Reason of the summary that says how times are known, if it has to.
    """
    return {
        **_reach(ground, times, limits),
        **_times(ground, times),
        **_summary(ground, times, limits, known),
        **_gaps(ground),
    }


def by_region(region: pa.Array) -> tuple[list[str], Int]:
    """Return the names of regions, rising, and which of them each row is in; -1 for none."""
    names = sorted(pc.unique(region).drop_null().to_pylist())
    code = pc.index_in(region, value_set=pa.array(names, pa.string()))
    return names, np.asarray(pc.fill_null(code, -1).to_numpy(), np.int64)


def _times(ground: Ground, times: Times) -> Tables:
    src, dst = (ground.ids.take(pa.array(n)) for n in (times.origin, times.node))
    absent = pa.nulls(len(src), pa.int64())
    departs = absent if times.departs is None else pa.array(times.departs, mask=times.departs < 0)
    changes = absent if times.changes is None else times.changes
    return output(
        "reach_time", network=pa.repeat(ground.network, len(src)), src=src, dst=dst,
        minutes=times.minutes, departs=departs, changes=changes,
        people=ground.weight[times.node],
    )  # fmt: skip


def _reach(ground: Ground, times: Times, limits: Sequence[int]) -> Tables:
    origins, index = ground.ids.take(pa.array(ground.origin)), ground.index(times)
    regions = ground.region.take(pa.array(ground.origin))
    names, code = by_region(regions)
    known = pa.array(names, pa.string())
    every = (
        _circles(ground, limits, "place", (origins, regions), index, times),
        _circles(ground, limits, "region", (known, known), *_united(code[index], times)),
    )
    return {"reach": pa.concat_tables([t["reach"] for t in every])}


def _circles(
    ground: Ground, limits: Sequence[int], level: str, whose: tuple[pa.Array, pa.Array],
    group: Int, times: Times,
) -> Tables:  # fmt: skip
    """Return ``reach`` of one level: names and regions of groups, and what each of them reaches."""
    groups, rows = len(whose[0]), len(whose[0]) * len(limits)
    short = [times.minutes <= limit for limit in limits]
    count = [np.bincount(group[s], minlength=groups) for s in short]
    people = [summed(group[s], ground.weight[times.node[s]], groups) for s in short]
    reached = np.concatenate(people)
    origin, region = (pa.concat_arrays([w] * len(limits)) for w in whose)
    everybody = int(ground.place["weight"].to_numpy().sum())
    return output(
        "reach", network=pa.repeat(ground.network, rows), level=pa.repeat(level, rows),
        origin_id=origin, within=np.repeat(limits, groups), region_id=region,
        places=np.concatenate(count), people=reached,
        share=shares(reached, np.full(rows, everybody)),
    )  # fmt: skip


def _united(region: Int, times: Times) -> tuple[Int, Times]:
    """Return when the first origin of each region reaches each node, and which region that is.

    Origins without a region (-1) are left out.
    """
    known = region >= 0
    nodes = int(times.node.max(initial=0)) + 1
    pair, at = np.unique(region[known] * nodes + times.node[known], return_inverse=True)
    best = np.full(len(pair), np.inf)
    np.minimum.at(best, at, times.minutes[known])
    group, node = np.divmod(pair, nodes)
    return group, Times(group, node, best)


def shares(part: Int, whole: Int) -> pa.Array:
    """Return parts of wholes in millionths; null where there is no whole."""
    some = np.maximum(whole, 1)
    return pa.array(PPM * part // some, pa.int32(), mask=whole == 0)


def earliest(times: Times, nodes: int, from_: Bool | None = None) -> Float:
    """Return when each node is first reached, from any other origin of ``from_`` or from any."""
    chosen = np.ones(len(times.node), bool)
    if from_ is not None:
        chosen = from_[times.origin] & (times.origin != times.node)
    best = np.full(nodes, np.inf)
    np.minimum.at(best, times.node[chosen], times.minutes[chosen])
    return best


def _summary(ground: Ground, times: Times, limits: Sequence[int], known: str) -> Tables:
    n = len(ground.ids)
    served = earliest(times, n)
    linked = earliest(times, n, ground.cities > 0)
    place_region = ground.place["region_id"].combine_chunks()
    names, codes = by_region(pa.concat_arrays([ground.region, place_region]))
    of_node, of_place = codes[:n], codes[n:]
    groups = len(names) + 1
    fixed = _standing(ground, of_node, of_place, groups)
    weight, town, node = ground.place["weight"].to_numpy(), ground.city, ground.node
    rows = {k: np.tile(v, len(limits)) for k, v in fixed.items()}
    counted: dict[str, list[Int]] = {"served": [], "cities_served": [], "cities_linked": []}
    for limit in limits:
        in_reach, from_city = (np.append(b <= limit, False)[node] for b in (served, linked))
        counted["served"].append(grouped(of_place, weight * in_reach, groups))
        counted["cities_served"].append(grouped(of_place, town & in_reach, groups))
        counted["cities_linked"].append(grouped(of_place, town & from_city, groups))
    found = rows | {k: np.concatenate(v) for k, v in counted.items()}
    reasons = Reasons(groups * len(limits))
    if known:
        reasons.add(known)
    for code, points in _left_out(ground, of_node, of_place, groups):
        each = np.tile(points, len(limits))
        reasons.add(code, each, each > 0)
    return output(
        "reach_summary", network=pa.repeat(ground.network, groups * len(limits)),
        within=np.repeat(limits, groups), region_id=[*names, TOTAL] * len(limits), **found,
        share=shares(found["served"], found["weight"]),
        city_share=shares(found["cities_linked"], found["cities"]), reasons=reasons.column(),
    )  # fmt: skip


def grouped(code: Int, values: NDArray[np.generic], groups: int) -> Int:
    """Return sums by region, and of all at the end, of what may have no region."""
    out = summed(code, np.asarray(values, np.int64), groups)  # -1 is the last, which comes now
    out[-1] = np.asarray(values, np.int64).sum()
    return out


def _standing(ground: Ground, of_node: Int, of_place: Int, groups: int) -> dict[str, Int]:
    """Return what no limit changes, by region."""
    origin = np.zeros(len(ground.ids), bool)
    origin[ground.origin] = True
    used, n = np.flatnonzero(~ground.idle), len(ground.ids)
    pairs = np.unique(of_node[used] * n + ground.part[used])
    parts = np.bincount(pairs[pairs >= 0] // max(n, 1), minlength=groups)
    parts[-1] = len(np.unique(ground.part[used]))
    return {
        "origins": grouped(of_node, origin, groups),
        "places": grouped(of_place, np.ones(len(of_place)), groups),
        "weight": grouped(of_place, ground.place["weight"].to_numpy(), groups),
        "cities": grouped(of_place, ground.city, groups),
        "parts": parts.astype(np.int64),
        "cut_off": grouped(of_node, _elsewhere(ground), groups),
    }


def _elsewhere(ground: Ground) -> Bool:
    return np.asarray(~ground.idle & (ground.part != ground.main), bool)


def _left_out(
    ground: Ground, of_node: Int, of_place: Int, groups: int
) -> Iterator[tuple[str, Int]]:
    """Yield reasons for what is missing, with how much of it by region."""
    yield "survey.cut_off", grouped(of_node, _elsewhere(ground), groups)
    yield "survey.no_trips", grouped(of_node, ground.idle & ~ground.lost, groups)
    yield "survey.no_position", grouped(of_node, ground.lost, groups)
    yield "survey.far", grouped(of_place, ground.node < 0, groups)


def _gaps(ground: Ground) -> Tables:
    """Return every node and place that the main part does not hold, with the reason."""
    size = np.bincount(ground.part, minlength=len(ground.ids))[ground.part]
    why = np.select([ground.idle & ~ground.lost, _elsewhere(ground), ground.lost],
                    ["no_trips", "other_part", "no_position"], "")  # fmt: skip
    at, far = np.flatnonzero(why != ""), np.flatnonzero(ground.node < 0)
    what = "place" if ground.network == "road" else "station"
    place = ground.place.take(pa.array(far))
    ids = ground.ids.take(pa.array(ground.part[at]))
    other = pa.array(why[at] == "other_part")
    return output(
        "reach_gap", network=pa.repeat(ground.network, len(at) + len(far)),
        what=[what] * len(at) + ["place"] * len(far),
        node_id=pa.chunked_array([ground.ids.take(pa.array(at)), *place["place_id"].chunks]),
        region_id=pa.chunked_array([ground.region.take(pa.array(at)), *place["region_id"].chunks]),
        why=[*why[at].tolist(), *["far"] * len(far)],
        part=pa.concat_arrays([pc.if_else(other, ids, None), pa.nulls(len(far), pa.string())]),
        size=np.concatenate([size[at], np.ones(len(far), np.int64)]),
        weight=np.concatenate([ground.weight[at], place["weight"].to_numpy()]),
    )  # fmt: skip
