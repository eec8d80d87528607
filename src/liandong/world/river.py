"""Rivers that cross borders of provinces: what is measured there, month by month, for years."""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.schema.tables.rivers import INDICATORS
from liandong.world.agreements import RIVER
from liandong.world.arrays import Bools, Ints
from liandong.world.months import Months
from liandong.world.regions import MAINLAND
from liandong.world.truth import Fact


class Border(NamedTuple):
    """A section where a river goes from one province, by number, to another.

    Attributes
    ----------
    id, name, river
        What they are called; they do not exist.
    between
        Provinces above and below.
    early
        By how many years its bad year is before the first of the world.
    """

    id: str
    name: str
    river: str
    between: tuple[int, int]
    early: int


BORDERS = (
    Border("JIEKOU", "界口断面", "清安江", RIVER, 0),
    Border("LONGQIAO", "龙桥断面", "龙川河", (13, 18), 1),
    Border("SHITAN", "石滩断面", "石江", (19, 18), 2),
)
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


def section_table() -> pa.Table:
    """Return ``water_section``."""
    above, below = ([MAINLAND[b.between[k]].adcode for b in BORDERS] for k in (0, 1))
    return build("water_section", {
        "section_id": [b.id for b in BORDERS], "name": [b.name for b in BORDERS],
        "river": [b.river for b in BORDERS], "upstream_id": above, "downstream_id": below,
        "body": ["river"] * len(BORDERS),
    })  # fmt: skip


def base_table(months: Months) -> pa.Table:
    """Return ``water_base``: what was agreed before the first measurement."""
    rows = len(BORDERS) * len(AGREED)
    return build("water_base", {
        "section_id": [b.id for b in BORDERS for _ in AGREED],
        "indicator": [*INDICATORS] * len(BORDERS),
        "valid_from": [date(_first(months), 1, 1)] * rows, "value": [*AGREED] * len(BORDERS),
    })  # fmt: skip


def sample_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``water_sample``: each indicator by laboratories in turn, on a day of each month."""
    end = np.datetime64(int(months.end), "D").astype("datetime64[M]")
    every = np.arange(np.datetime64(f"{_first(months)}", "M"), end)
    year = np.arange(len(every)) // 12
    kept = np.array([m % 12 + 1 not in LOST.get(int(y), ()) for m, y in enumerate(year)], bool)
    found = []
    for border in BORDERS:
        day = every.astype("datetime64[D]") + rng.integers(4, 25, len(every))
        value, below = _measured(year, BEFORE - border.early, rng)
        found.append((np.repeat(day[kept], len(AGREED)), value[kept].ravel(), below[kept].ravel()))
    day, value, below = (np.concatenate(c) for c in zip(*found, strict=True))
    count = int(kept.sum())
    labs = [LABS[int(m) % 2] for m in np.repeat(np.flatnonzero(kept), len(AGREED))]
    return build("water_sample", {
        "section_id": [b.id for b in BORDERS for _ in range(count * len(AGREED))],
        "indicator": [*INDICATORS] * (count * len(BORDERS)),
        "day": pa.array(day), "lab": labs * len(BORDERS), "value": value, "below": below,
    })  # fmt: skip


def _measured(year: Ints, bad: int, rng: Generator) -> tuple[Ints, Bools]:
    """Return values by month and indicator, and which of them are below the limit of detection."""
    month = np.arange(len(year))
    level = START * BETTER**year * np.where(year == bad, BAD, 1.0)
    season = 1 + 0.12 * np.cos(2 * np.pi * (month - 6) / 12)
    state = level * season * rng.lognormal(0, 0.06, len(year))
    noise = rng.lognormal(0, 0.08, (len(year), len(AGREED)))
    value = np.rint(state[:, None] * noise * np.array(AGREED)).astype(np.int64)
    below = (value < DETECTABLE) & (np.array(INDICATORS) == "ammonia")
    return np.where(below, DETECTABLE, value), below


def facts(months: Months) -> list[Fact]:
    """Return the bad years that were planted."""
    found = []
    for border in BORDERS:
        year = months.start.year - border.early
        day = (date(year, 1, 1) - date(1970, 1, 1)).days
        found.append(Fact("bad_water_year", border.id, None, day, None, {"year": year}))
    return found


def _first(months: Months) -> int:
    """Return the first year that was measured."""
    return months.start.year - BEFORE
