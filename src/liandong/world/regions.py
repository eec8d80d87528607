"""The provincial units of China: where they are, and public facts about the 31 of the mainland."""

from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.schema.provinces import NATION, PROVINCES
from liandong.world.arrays import Floats


class Facts(NamedTuple):
    """Position and statistics of one provincial unit.

    Attributes
    ----------
    lon, lat
        Of its capital, in degrees.
    x, y
        Column and row on the tile map.
    gdp
        In 2022 and 2023, 100 million yuan, as first published (before the census revision of 2024).
    population
        At the end of 2022 and 2023, 10,000 people.
    """

    lon: float
    lat: float
    x: int
    y: int
    gdp: tuple[float, float] | None = None
    population: tuple[float, float] | None = None


FACTS = {
    "110000": Facts(116.41, 39.90, 4, 1, (41610.9, 43760.7), (2184, 2186)),
    "120000": Facts(117.20, 39.08, 5, 2, (16311.3, 16737.3), (1363, 1364)),
    "130000": Facts(114.51, 38.04, 4, 2, (42370.4, 43944.1), (7420, 7393)),
    "140000": Facts(112.55, 37.87, 3, 2, (25642.6, 25698.2), (3481, 3466)),
    "150000": Facts(111.75, 40.84, 3, 1, (23158.6, 24627.0), (2401, 2396)),
    "210000": Facts(123.43, 41.80, 6, 2, (28975.1, 30209.4), (4197, 4182)),
    "220000": Facts(125.32, 43.82, 6, 1, (13070.2, 13531.2), (2348, 2339)),
    "230000": Facts(126.64, 45.76, 6, 0, (15901.0, 15883.9), (3099, 3062)),
    "310000": Facts(121.47, 31.23, 6, 4, (44652.8, 47218.7), (2476, 2487)),
    "320000": Facts(118.80, 32.06, 5, 4, (122875.6, 128222.2), (8515, 8526)),
    "330000": Facts(120.15, 30.27, 5, 5, (77715.4, 82553.2), (6577, 6627)),
    "340000": Facts(117.23, 31.82, 4, 4, (45045.0, 47050.6), (6127, 6121)),
    "350000": Facts(119.30, 26.07, 4, 6, (53109.9, 54355.1), (4188, 4183)),
    "360000": Facts(115.86, 28.68, 4, 5, (32074.7, 32200.1), (4528, 4515)),
    "370000": Facts(117.12, 36.65, 4, 3, (87435.1, 92068.7), (10163, 10123)),
    "410000": Facts(113.62, 34.75, 3, 3, (61345.1, 59132.4), (9872, 9815)),
    "420000": Facts(114.31, 30.59, 3, 4, (53734.9, 55803.6), (5844, 5838)),
    "430000": Facts(112.94, 28.23, 3, 5, (48670.4, 50012.9), (6604, 6568)),
    "440000": Facts(113.26, 23.13, 3, 6, (129118.6, 135673.2), (12657, 12706)),
    "450000": Facts(108.37, 22.82, 2, 6, (26300.9, 27202.4), (5047, 5027)),
    "460000": Facts(110.20, 20.04, 2, 7, (6818.2, 7551.2), (1027, 1043)),
    "500000": Facts(106.55, 29.56, 2, 4, (29129.0, 30145.8), (3213, 3191)),
    "510000": Facts(104.07, 30.57, 1, 4, (56749.8, 60132.9), (8374, 8368)),
    "520000": Facts(106.63, 26.65, 2, 5, (20164.6, 20913.3), (3856, 3865)),
    "530000": Facts(102.83, 24.88, 1, 5, (28954.2, 30021.1), (4693, 4673)),
    "540000": Facts(91.14, 29.65, 0, 3, (2132.6, 2392.7), (364, 365)),
    "610000": Facts(108.94, 34.34, 2, 3, (32772.7, 33786.1), (3956, 3952)),
    "620000": Facts(103.83, 36.06, 1, 2, (11201.6, 11863.8), (2492, 2465)),
    "630000": Facts(101.78, 36.62, 1, 3, (3610.1, 3799.1), (595, 594)),
    "640000": Facts(106.23, 38.49, 2, 2, (5069.6, 5315.0), (728, 729)),
    "650000": Facts(87.62, 43.83, 0, 2, (17741.3, 19125.9), (2587, 2598)),
    "710000": Facts(121.56, 25.04, 6, 6),
    "810000": Facts(114.17, 22.28, 4, 7),
    "820000": Facts(113.54, 22.20, 3, 7),
}

MAINLAND = [p for p in PROVINCES if FACTS[p.adcode].gdp]
YEARS = ("2022", "2023")
VINTAGE = "preliminary"


def published(measure: Literal["gdp", "population"]) -> Floats:
    """Return figures of the mainland provinces by year, in the order of ``MAINLAND``."""
    return np.array([getattr(FACTS[p.adcode], measure) for p in MAINLAND], np.float64)


def latest(measure: Literal["gdp", "population"]) -> Floats:
    """Return the newest figures of the mainland provinces, in the order of ``MAINLAND``."""
    return published(measure)[:, -1]


def region_table() -> pa.Table:
    """Return ``region``: the nation and its 34 provincial units with a tile map."""
    facts = [FACTS[p.adcode] for p in PROVINCES]
    return build("region", {
        "region_id": [NATION, *(p.adcode for p in PROVINCES)],
        "parent_id": [None, *(NATION for _ in PROVINCES)],
        "name": ["全国", *(p.zh for p in PROVINCES)],
        "name_en": ["China", *(p.en for p in PROVINCES)],
        "level": ["nation", *("province" for _ in PROVINCES)],
        "belt": [None, *(p.belt for p in PROVINCES)],
        **{n: [None, *(getattr(f, n) for f in facts)] for n in ("lon", "lat")},
        "tile_x": [None, *(f.x for f in facts)],
        "tile_y": [None, *(f.y for f in facts)],
    })  # fmt: skip


def region_stat_table() -> pa.Table:
    """Return ``region_stat``: GDP and population of the mainland provinces."""
    measures = (
        ("gdp", "100 million yuan", "国家统计局 地区生产总值初步核算数"),
        ("population", "10,000 people", "国家统计局 年末常住人口"),
    )
    rows = [
        (p.adcode, year, name, VINTAGE, float(getattr(FACTS[p.adcode], name)[i]), unit, source)
        for name, unit, source in measures
        for p in MAINLAND
        for i, year in enumerate(YEARS)
    ]
    names = ("region_id", "period", "measure", "vintage", "value", "unit", "source")
    return build("region_stat", {n: [r[i] for r in rows] for i, n in enumerate(names)})
