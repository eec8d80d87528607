"""Trains between the capitals of the mainland: lines that run all day, and one night train.

Times follow from distances, so they are plausible and no timetable. Known for tests and measures:
one capital is reached by the night train alone, whose trips run past midnight; another has a
station but no trains, until a link is built.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liandong.kernels.places.legs import great_circles
from liandong.schema.arrow import build
from liandong.world.regions import FACTS, MAINLAND

CAPITALS = (
    ("北京", "Beijing"), ("天津", "Tianjin"), ("石家庄", "Shijiazhuang"), ("太原", "Taiyuan"),
    ("呼和浩特", "Hohhot"), ("沈阳", "Shenyang"), ("长春", "Changchun"), ("哈尔滨", "Harbin"),
    ("上海", "Shanghai"), ("南京", "Nanjing"), ("杭州", "Hangzhou"), ("合肥", "Hefei"),
    ("福州", "Fuzhou"), ("南昌", "Nanchang"), ("济南", "Jinan"), ("郑州", "Zhengzhou"),
    ("武汉", "Wuhan"), ("长沙", "Changsha"), ("广州", "Guangzhou"), ("南宁", "Nanning"),
    ("海口", "Haikou"), ("重庆", "Chongqing"), ("成都", "Chengdu"), ("贵阳", "Guiyang"),
    ("昆明", "Kunming"), ("拉萨", "Lhasa"), ("西安", "Xi'an"), ("兰州", "Lanzhou"),
    ("西宁", "Xining"), ("银川", "Yinchuan"), ("乌鲁木齐", "Urumqi"),
)  # fmt: skip
"""In the order of ``MAINLAND``."""


class Line(NamedTuple):
    """Capitals along a line by the first two digits of their codes, and when trains begin."""

    stops: str
    first: int = 360
    last: int = 1_200
    every: int = 120
    speed: int = 250


NIGHT = Line("63 54", 1_230, 1_230, 1_440, 90)
"""Xining to Lhasa in the evening, there on the next day; and back."""
ISLAND = "460000"
"""The capital without trains."""
LINES = (
    Line("11 12 37 32 31"), Line("11 13 41 42 43 44"), Line("31 33 36 43 52 53"),
    Line("37 41 61 62 65"), Line("23 22 21 12 11"), Line("31 32 34 42 50 51"), Line("61 51"),
    Line("50 52 45 44"), Line("62 63"), Line("62 64"), Line("11 15"), Line("13 14 61"),
    Line("33 35 44"), NIGHT,
)  # fmt: skip
DETOUR, DWELL = 1.2, 3
"""A line is longer than the crow flies; minutes that a train stands."""


def station_id(adcode: str) -> str:
    """Return the id of the station in a capital."""
    return f"R{adcode}"


def station_table() -> pa.Table:
    """Return ``station``: one in each capital of the mainland."""
    return build("station", {
        "station_id": [station_id(p.adcode) for p in MAINLAND],
        "name": [zh for zh, _ in CAPITALS],
        "name_en": [en for _, en in CAPITALS],
        "lon": [FACTS[p.adcode].lon for p in MAINLAND],
        "lat": [FACTS[p.adcode].lat for p in MAINLAND],
        "region_id": [p.adcode for p in MAINLAND],
    })  # fmt: skip


def stop_time_table() -> pa.Table:
    """Return ``stop_time``: every line both ways, all day."""
    rows: list[tuple[str, int, str, int | None, int | None]] = []
    for number, line in enumerate(LINES, start=1):
        codes = [f"{two}0000" for two in line.stops.split()]
        for way, stops in (("A", codes), ("B", codes[::-1])):
            arrive, depart = _times(stops, line.speed)
            for begin in range(line.first, line.last + 1, line.every):
                trip = f"L{number:02d}{way}{begin:04d}"
                rows += [
                    (trip, seq, station_id(stop), begin + arrive[seq] if seq else None,
                     begin + depart[seq] if seq < len(stops) - 1 else None)
                    for seq, stop in enumerate(stops)
                ]  # fmt: skip
    names = ("trip_id", "seq", "station_id", "arrives", "departs")
    return build("stop_time", {n: [r[i] for r in rows] for i, n in enumerate(names)})


TABLES: dict[str, Callable[[object], pa.Table]] = {
    "station": lambda _: station_table(),
    "stop_time": lambda _: stop_time_table(),
}
"""How each table is made, whatever the economy."""


def _times(stops: list[str], speed: int) -> tuple[list[int], list[int]]:
    """Return arrivals and departures of a trip, minutes after it begins."""
    at = np.array([(FACTS[s].lon, FACTS[s].lat) for s in stops])
    metres = great_circles(*at[:-1].T, *at[1:].T) * DETOUR
    rides = np.rint(metres * 0.06 / speed).astype(np.int64)
    depart = np.concatenate([[0], np.cumsum(rides + DWELL)])
    return (depart - DWELL).tolist(), depart.tolist()
