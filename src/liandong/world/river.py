"""A river between two provinces: what is measured at the border, month by month, over ten years."""

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.schema.tables.rivers import INDICATORS
from liandong.world.agreements import RIVER
from liandong.world.months import Months
from liandong.world.regions import MAINLAND
from liandong.world.truth import Fact

SECTION = "JIEKOU"
"""The section at the border."""
AGREED = (2_000, 250, 40, 1_300)
"""Base values, micrograms per litre, in the order of the indicators."""
BEFORE = 9
"""Years that were measured before the world begins."""
START, BETTER, BAD = 1.55, 0.94, 1.5
"""Of the agreed values: what they were in the first year; what is left of that a year later; and
what a bad year is above the others."""
DETECTABLE = 130
"""Less ammonia nitrogen than this is not found."""
LOST = {1: (1, 2, 3, 7)}
"""Months without measurements, by year from the first."""
LABS = ("省监测中心", "流域监测站")


def bad_year(months: Months) -> int:
    """Return the bad year: the first of the world."""
    return months.start.year


def section_table() -> pa.Table:
    """Return ``water_section``."""
    above, below = (MAINLAND[k].adcode for k in RIVER)
    return build("water_section", {
        "section_id": [SECTION], "name": ["界口断面"], "river": ["清安江"], "upstream_id": [above],
        "downstream_id": [below], "body": ["river"],
    })  # fmt: skip


def base_table(months: Months) -> pa.Table:
    """Return ``water_base``: what was agreed before the first measurement."""
    first = date(bad_year(months) - BEFORE, 1, 1)
    return build("water_base", {
        "section_id": [SECTION] * len(AGREED), "indicator": [*INDICATORS],
        "valid_from": [first] * len(AGREED), "value": [*AGREED],
    })  # fmt: skip


def sample_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``water_sample``: each indicator in turn by one laboratory, on a day of each month."""
    first = np.datetime64(f"{bad_year(months) - BEFORE}", "M")
    end = np.datetime64(int(months.end), "D").astype("datetime64[M]")
    every = np.arange(first, end)
    year = (np.arange(len(every))) // 12
    kept = np.array([m % 12 + 1 not in LOST.get(int(y), ()) for m, y in enumerate(year)], bool)
    level = START * BETTER**year * np.where(year == BEFORE, BAD, 1.0)
    season = 1 + 0.12 * np.cos(2 * np.pi * (np.arange(len(every)) - 6) / 12)
    state = level * season * rng.lognormal(0, 0.06, len(every))
    noise = rng.lognormal(0, 0.08, (len(every), len(AGREED)))
    value = np.rint(state[:, None] * noise * np.array(AGREED)).astype(np.int64)
    day = every.astype("datetime64[D]") + rng.integers(4, 25, len(every))
    below = (value < DETECTABLE) & (np.array(INDICATORS) == "ammonia")
    value = np.where(below, DETECTABLE, value)
    count = int(kept.sum())
    return build("water_sample", {
        "section_id": [SECTION] * (count * len(AGREED)),
        "indicator": [*INDICATORS] * count,
        "day": pa.array(np.repeat(day[kept], len(AGREED))),
        "lab": [LABS[int(m) % 2] for m in np.repeat(np.flatnonzero(kept), len(AGREED))],
        "value": value[kept].ravel(),
        "below": below[kept].ravel(),
    })  # fmt: skip


def facts(months: Months) -> list[Fact]:
    """Return the bad year that was planted."""
    year = bad_year(months)
    day = (date(year, 1, 1) - date(1970, 1, 1)).days
    return [Fact("bad_water_year", SECTION, None, day, None, {"year": year})]
