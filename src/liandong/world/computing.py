"""Hubs of computing power and two days of jobs.

The hubs are the eight of the national network of computing; their prices, carbon and jobs are round
numbers: power is dear in the east and cheap in the west, and cheapest there while the sun shines.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, numbered, pick, times
from liandong.world.months import Months

HOURS = 48
JOBS = 300
LOAD = 0.55
"""Share of all hours that the jobs ask for."""
HOUR = 3_600_000_000
"""Microseconds."""


class Site(NamedTuple):
    """A hub: where, PUE, price of a MWh in yuan, carbon in g a kWh, share of the jobs."""

    code: str
    region: str
    zh: str
    en: str
    lon: float
    lat: float
    pue: float
    price: int
    carbon: int
    share: float


SITES = (
    Site("JJJ", "130000", "京津冀", "Beijing-Tianjin-Hebei", 114.9, 40.8, 1.25, 600, 650, 0.24),
    Site("CSJ", "310000", "长三角", "Yangtze Delta", 121.2, 31.1, 1.30, 640, 560, 0.22),
    Site("YGA", "440000", "粤港澳", "Greater Bay Area", 113.6, 24.8, 1.30, 620, 440, 0.18),
    Site("CY", "510000", "成渝", "Chengdu-Chongqing", 104.1, 30.7, 1.25, 520, 140, 0.14),
    Site("NM", "150000", "内蒙古", "Inner Mongolia", 112.5, 41.0, 1.15, 360, 720, 0.07),
    Site("GZ", "520000", "贵州", "Guizhou", 106.5, 26.4, 1.16, 350, 430, 0.05),
    Site("GS", "620000", "甘肃", "Gansu", 107.6, 35.7, 1.15, 340, 460, 0.05),
    Site("NX", "640000", "宁夏", "Ningxia", 105.2, 37.5, 1.15, 330, 640, 0.05),
)
SUNNY = ("NM", "GS", "NX")


def hub_table() -> pa.Table:
    """Return ``hub``."""
    return build("hub", {
        "hub_id": [s.code for s in SITES],
        "region_id": [s.region for s in SITES],
        "name": [s.zh for s in SITES],
        "name_en": [s.en for s in SITES],
        "lon": [s.lon for s in SITES],
        "lat": [s.lat for s in SITES],
        "pue": [s.pue for s in SITES],
        "transfer_fee": [5] * len(SITES),
    })  # fmt: skip


def _volumes() -> Ints:
    """Return the volumes of the jobs, GPU minutes: even quantiles of a long-tailed law."""
    u = (np.arange(JOBS) + 0.5) / JOBS
    return np.rint(60 * 5 * (1 / (1 - u) ** 0.5)).astype(np.int64)


def hub_hour_table(months: Months) -> pa.Table:
    """Return ``hub_hour``: the last two days of the world."""
    hour = np.arange(HOURS)
    gpus = int(np.ceil(_volumes().sum() / 60 / LOAD / HOURS / len(SITES)))
    wave = 1 + 0.3 * np.sin((hour - 9) / 24 * 2 * np.pi)
    sun = 1 - 0.3 * np.clip(np.sin((hour % 24 - 7) / 12 * np.pi), 0, None)
    price = np.concatenate([s.price * wave * (sun if s.code in SUNNY else 1) for s in SITES])
    rows = np.repeat(np.arange(len(SITES)), HOURS)
    begin = (months.end - 2) * 24 * HOUR
    return build("hub_hour", {
        "hub_id": pick([s.code for s in SITES], rows),
        "at": times(begin + np.tile(hour, len(SITES)) * HOUR),
        "gpus": np.full(len(rows), gpus),
        "price": np.rint(price).astype(np.int64) * 100,
        "carbon": np.array([s.carbon for s in SITES])[rows],
    })  # fmt: skip


def job_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``job``: most may wait and run anywhere, the others stay at home and hurry."""
    home = rng.choice(len(SITES), JOBS, p=[s.share for s in SITES])
    volume = rng.permutation(_volumes())
    calm = rng.random(JOBS) < 0.7
    begin = (months.end - 2) * 24 * HOUR
    arrived = np.sort(rng.integers(0, (HOURS - 8) * 60, JOBS))
    gpus = np.maximum(1, volume // 60 // np.where(calm, 6, 3))
    spare = np.where(calm, rng.integers(6, 24, JOBS), 2)
    deadline = arrived + (-(-volume // (60 * gpus)) + 1 + spare) * 60
    return build("job", {
        "job_id": numbered("J", np.arange(JOBS) + 1, 4),
        "home": pick([s.code for s in SITES], home),
        "arrived": times(begin + arrived * (HOUR // 60)),
        "deadline": times(begin + np.minimum(deadline, HOURS * 60) * (HOUR // 60)),
        "volume": volume,
        "gpus": gpus,
        "reach": pa.array(np.where(calm, 0, 800_000), mask=calm),
        "data": rng.integers(1, 50, JOBS),
        "penalty": np.full(JOBS, 800),
    })  # fmt: skip
