"""Places and travel as a network of roads."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.places.circles import Network, circles
from liandong.kernels.places.legs import both_ways, great_circles
from liandong.step import Tables
from liandong.survey.reach.ground import Ground, Times, city, fault, numbers, positions
from liandong.survey.reach.rules import CirclesRule

Int = NDArray[np.int64]
Float = NDArray[np.float64]

Legs = tuple[Int, Int, Float]
"""Two ends and minutes of each leg."""


def roads(tables: Tables, rule: CirclesRule) -> tuple[Ground, Legs]:
    """Return the places as nodes, and the legs between them.

    Without ``travel`` all places within the largest limit of each other are joined: the distance
    as the crow flies, with the rule's detour, at its speed.

    Raises
    ------
    DataError
        If ``travel`` names unknown places or has neither minutes nor distance; if no place is an
        origin, or an origin of the rule is unknown.
    """
    place = tables["place"].sort_by("place_id").combine_chunks()
    ids = place["place_id"].combine_chunks()
    towns = city(place, rule)
    origin = np.flatnonzero(towns)
    if rule.origins:
        named = pa.chunked_array([pa.array(rule.origins, pa.string())])
        origin = np.unique(numbers(named, ids, "place", "place"))
    if not len(origin):
        raise fault("place", "fault.no_origins", "advice.no_origins", kinds=", ".join(rule.kinds))
    if len(tables["travel"]):
        legs, lost = _told(tables["travel"], ids, rule), np.zeros(len(ids), bool)
        ends = legs[:2]
    else:
        legs, lost = _as_the_crow_flies(place, rule), np.isnan(sum(positions(place)))
        there = np.flatnonzero(~lost)
        ends = there[:-1], there[1:]  # however far
    ground = Ground(
        network="road", ids=ids, region=place["region_id"].combine_chunks(), origin=origin,
        place=place, city=towns & (place["weight"].to_numpy() >= rule.size),
        node=np.arange(len(ids)), idle=lost, ends=ends, lost=lost,
    )  # fmt: skip
    return ground, legs


def searched(ground: Ground, legs: Legs, rule: CirclesRule) -> Times:
    """Return what every origin reaches within the largest limit."""
    start, head, minutes = both_ways(*legs, len(ground.ids))
    network = Network(start, head.astype(np.int32), minutes)
    first = np.arange(len(ground.origin) + 1)
    limits = np.array(rule.limits, np.float64)
    found = circles(network, ground.weight, first, ground.origin, limits)
    origin = np.repeat(ground.origin, np.diff(found.first))
    return Times(origin, found.place.astype(np.int64), found.minutes)


def _told(travel: pa.Table, ids: pa.Array, rule: CirclesRule) -> Legs:
    src, dst = (numbers(travel[c], ids, "travel", "place") for c in ("src", "dst"))
    by_distance = pc.divide(
        pc.multiply(pc.cast(travel["distance"], pa.float64()), 0.06), rule.speed
    )
    minutes = pc.coalesce(travel["minutes"], by_distance)
    if minutes.null_count:
        row = travel.filter(pc.is_null(minutes)).slice(0, 1).to_pylist()[0]
        ways = {"src": row["src"], "dst": row["dst"], "measure": "minutes"}
        raise fault("travel", "fault.no_length", "advice.give_length", **ways)
    return src, dst, minutes.to_numpy()


def _as_the_crow_flies(place: pa.Table, rule: CirclesRule) -> Legs:
    """Return legs no longer than the largest limit between places that have a position."""
    lon, lat = positions(place)
    pace = 0.06 * rule.detour / 100 / rule.speed
    ends: list[tuple[Int, Float]] = []
    for i in range(len(place)):
        minutes = great_circles(lon[i], lat[i], lon[i + 1 :], lat[i + 1 :]) * pace
        near = np.flatnonzero(minutes <= rule.limits[-1])  # nan is not near
        ends.append((near + i + 1, minutes[near]))
    src = np.repeat(np.arange(len(place)), [len(n) for n, _ in ends])
    dst, minutes = (np.concatenate(c) for c in zip(*ends, strict=True))
    return src, dst, minutes
