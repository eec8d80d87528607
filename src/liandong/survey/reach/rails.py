"""Stations, stops of trips and the places around stations as a network of trains."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.places.legs import great_circles
from liandong.kernels.places.timetable import ANY, DAY, UNREACHED, Walks, journeys, rides
from liandong.step import Tables
from liandong.survey.reach.ground import Ground, Times, city, fault, numbers, positions
from liandong.survey.reach.rules import ArrivalsRule

Int = NDArray[np.int64]


class Timetable(NamedTuple):
    """Trip, station, arrival and departure of each stop, by trip and in order; ways to change."""

    trip: Int
    station: Int
    arrives: Int
    departs: Int
    walks: Walks


def rails(tables: Tables, rule: ArrivalsRule) -> tuple[Ground, Timetable]:
    """Return the stations as nodes, with the people around them, and the timetable.

    A station without a region is in that of the nearest place, if that is near.

    Raises
    ------
    DataError
        If a stop names an unknown station, or a trip arrives before it departed.
    """
    station = tables["station"].sort_by("station_id").combine_chunks()
    place = tables["place"].sort_by("place_id").combine_chunks()
    ids = station["station_id"].combine_chunks()
    stops = _stops(tables["stop_time"], ids)
    idle = np.ones(len(ids), bool)
    idle[stops[1]] = False
    node, beside = _near(station, idle, place, rule.near)
    beside = pa.array(np.maximum(beside, 0), mask=beside < 0)
    region = pc.coalesce(station["region_id"], place["region_id"].take(beside))
    same = np.flatnonzero(stops[0][1:] == stops[0][:-1])
    walks = _walks(station, rule)
    src = np.repeat(np.arange(len(ids)), np.diff(walks.start))
    ends = (
        np.concatenate([stops[1][same], src]),
        np.concatenate([stops[1][same + 1], walks.head]),
    )
    ground = Ground(
        network="rail", ids=ids, region=pa.chunked_array(region).combine_chunks(),
        origin=np.flatnonzero(~idle), place=place,
        city=city(place, rule) & (place["weight"].to_numpy() >= rule.size), node=node, idle=idle,
        ends=ends, lost=np.isnan(sum(positions(station))),
    )  # fmt: skip
    return ground, Timetable(*stops, walks)


def travelled(ground: Ground, timetable: Timetable, rule: ArrivalsRule) -> Times:
    """Return all journeys between stations that have trains."""
    n, at = len(ground.ids), ANY if rule.at is None else rule.at
    until = (DAY if rule.at is None else rule.at) + rule.longest
    found = journeys(
        rides(*timetable[:4], until), n, rule.change, rule.longest, at, timetable.walks
    )
    src, dst = np.nonzero(found.minutes < UNREACHED)
    used = ~ground.idle[src]
    src, dst = src[used], dst[used]
    minutes, departs, changes = (c[src, dst] for c in found)
    return Times(src, dst, minutes.astype(np.float64), departs, changes)


def _walks(station: pa.Table, rule: ArrivalsRule) -> Walks:
    """Return the ways between stations near each other; those without a position have none."""
    lon, lat = positions(station)
    count, head, minutes = np.zeros(len(station) + 1, np.int64), [], []
    for i in range(len(station) if rule.between else 0):
        far = great_circles(lon[i], lat[i], lon, lat) / 1_000
        far[i] = np.nan
        near = np.flatnonzero(far <= rule.between)  # nan is not near
        count[i + 1] = len(near)
        head.append(near)
        minutes.append(np.ceil(far[near] * 60 / rule.pace).astype(np.int64))
    none = np.zeros(0, np.int64)
    return Walks(np.cumsum(count), np.concatenate([none, *head]), np.concatenate([none, *minutes]))


def _stops(table: pa.Table, ids: pa.Array) -> tuple[Int, Int, Int, Int]:
    table = table.sort_by([("trip_id", "ascending"), ("seq", "ascending")]).combine_chunks()
    station = numbers(table["station_id"], ids, "stop_time", "station")
    trip = table["trip_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    trip = trip.astype(np.int64)
    arrives = pc.coalesce(table["arrives"], table["departs"]).to_numpy()
    departs = pc.coalesce(table["departs"], table["arrives"]).to_numpy()
    back = (trip[1:] == trip[:-1]) & (arrives[1:] < departs[:-1])
    if back.any():
        row = table.slice(int(np.argmax(back)) + 1, 1).to_pylist()[0]
        told = {"trip": row["trip_id"], "seq": row["seq"]}
        raise fault("stop_time", "fault.trip_backwards", "advice.trip_backwards", **told)
    return trip, station, arrives, departs


def _near(
    station: pa.Table, idle: NDArray[np.bool_], place: pa.Table, near: int
) -> tuple[Int, Int]:
    """Return the nearest station with trains of each place, and the nearest place of each station.

    -1 where none is within ``near`` kilometres.
    """
    lon, lat = positions(place)
    at = positions(station)
    best = np.full(len(place), np.inf)
    node, beside = np.full(len(place), -1), np.full(len(station), -1)
    for i in range(len(station) if len(place) else 0):
        far = great_circles(at[0][i], at[1][i], lon, lat) / 1_000
        far[~(far <= near)] = np.inf  # nan is not near
        if far.min() < np.inf:
            beside[i] = int(far.argmin())
        if not idle[i]:
            closer = far < best
            best[closer], node[closer] = far[closer], i
    return node, beside
