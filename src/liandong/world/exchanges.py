"""What moves between provinces beside money and goods, what they are measured by, a joint park."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.kernels.places.sphere import apart
from liandong.schema.arrow import build
from liandong.world.months import Months
from liandong.world.prices import border_facts, price_table
from liandong.world.regions import (
    FACTS,
    MAINLAND,
    YEARS,
    latest,
    published,
    region_stat_table,
)
from liandong.world.rule import WorldRule
from liandong.world.truth import Fact

VINTAGE, SOURCE = "synthetic", "liandong world"
PULLS = {
    "people": ("10,000 people", 1.1, 1.0, 1e-3),
    "data": ("TB", 0.3, 0.4, 10.0),
}
"""By kind: the unit, how much distance and the border of a province hold back, and a scale."""
LATE = "540000"
"""A province whose logistics cost of the last year is not known yet."""

HISTORY = range(2004, 2022)
"""Years before the published ones for which figures are made up."""
SPEED, GROWTH = 0.015, 0.08
"""How much of their distance to each other provinces lose in a year, and how they grow."""

YUAN = 100
_M = 1_000_000 * YUAN
PARK = {
    "310000": 200 * _M, "330000": 150 * _M, "340000": 80 * _M,
    "310000+330000": 480 * _M, "310000+340000": 360 * _M, "330000+340000": 270 * _M,
    "310000+330000+340000": 700 * _M + 1,
}  # fmt: skip
"""What groups of three provinces would make of a joint park in a year, fen."""


def movement_table(rng: Generator) -> pa.Table:
    """Return ``movement``: people and data between and within provinces in the last year."""
    size = latest("population")
    lon, lat = (np.array([getattr(FACTS[p.adcode], c) for p in MAINLAND]) for c in ("lon", "lat"))
    far = apart(lon, lat) / 1000
    n = len(MAINLAND)
    rows: list[tuple[str, str, str, str, float, str]] = []
    for kind, (unit, distance, border, scale) in PULLS.items():
        mean = scale * np.outer(size, size) ** 0.8 * far**-distance
        mean *= np.exp(-border * (1 - np.eye(n)))
        value = (mean * np.exp(rng.normal(-0.02, 0.2, (n, n)))).round(3)
        rows += [
            (a.adcode, b.adcode, kind, YEARS[-1], float(value[i, j]), unit)
            for i, a in enumerate(MAINLAND) for j, b in enumerate(MAINLAND)
        ]  # fmt: skip
    names = ("from_region", "to_region", "kind", "period", "value", "unit")
    return build("movement", {c: [r[k] for r in rows] for k, c in enumerate(names)})


def made_up_stats(rng: Generator) -> pa.Table:
    """Return rows of ``region_stat`` that are drawn: logistics, research, electricity, carbon."""
    n = len(MAINLAND)
    gdp = published("gdp")
    logistics = gdp * np.clip(rng.normal(0.15, 0.02, (n, 1)) - [0.0, 0.004], 0.08, 0.25)
    research = gdp * np.exp(rng.normal(-4.0, 0.5, (n, 1))) * [1.0, 1.05]
    power = gdp * np.exp(rng.normal(-2.6, 0.4, (n, 1))) * [1.0, 1.02]
    carbon = np.clip(rng.normal(580, 170, (n, 2)), 60, 950)
    measures = (
        ("logistics_cost", "100 million yuan", logistics.round(1)),
        ("rd_spending", "100 million yuan", research.round(1)),
        ("electricity", "100 million kWh", power.round(1)),
        ("grid_carbon", "g CO2 a kWh", carbon.round(1)),
    )
    rows = [
        (p.adcode, year, name, VINTAGE, float(values[i, k]), unit, SOURCE)
        for name, unit, values in measures
        for i, p in enumerate(MAINLAND)
        for k, year in enumerate(YEARS)
        if (name, year) != ("grid_carbon", YEARS[-1])
        and (name, year, p.adcode) != ("logistics_cost", YEARS[-1], LATE)
    ]
    return _stats(rows)


def history_stats(rng: Generator) -> pa.Table:
    """Return rows of ``region_stat``: GDP and population of years past, which are drawn.

    Provinces draw nearer to each other at :data:`SPEED` until they are where they are published to
    have been in the first of :data:`YEARS`.
    """
    back = int(YEARS[0]) - np.array(HISTORY)
    gdp, people = published("gdp")[:, :1], published("population")[:, :1]
    head = np.log(gdp / people)
    mean = head.mean()
    apart_then = (head - mean) * np.exp(SPEED * back) + rng.normal(0, 0.01, (len(gdp), len(back)))
    past = np.exp(mean - GROWTH * back + apart_then)
    crowd = people * np.exp(rng.normal(-0.004, 0.003, (len(gdp), 1)) * back)
    measures = (
        ("gdp", "100 million yuan", (past * crowd).round(1)),
        ("population", "10,000 people", crowd.round(0)),
    )
    rows = [
        (p.adcode, str(year), name, VINTAGE, float(values[i, k]), unit, SOURCE)
        for name, unit, values in measures
        for i, p in enumerate(MAINLAND) for k, year in enumerate(HISTORY)
    ]  # fmt: skip
    return _stats(rows)


def _stats(rows: list[tuple[str, str, str, str, float, str, str]]) -> pa.Table:
    names = ("region_id", "period", "measure", "vintage", "value", "unit", "source")
    return build("region_stat", {c: [r[k] for r in rows] for k, c in enumerate(names)})


def coalition_worth_table() -> pa.Table:
    """Return ``coalition_worth``: a joint park of three provinces."""
    return build("coalition_worth", {
        "game": ["joint_park"] * len(PARK),
        "members": list(PARK),
        "worth": list(PARK.values()),
        "unit": ["CNY"] * len(PARK),
    })  # fmt: skip


class World(Protocol):
    """What these tables need to know of a world."""

    rule: WorldRule
    months: Months
    rng: dict[str, Generator]


def region_stats(world: World) -> pa.Table:
    """Return ``region_stat``: public facts, and made-up figures if the rule asks for them."""
    rng = world.rng["statistics"]
    more = [made_up_stats(rng), history_stats(rng)] if world.rule.statistics else []
    return pa.concat_tables([region_stat_table(), *more]).combine_chunks()


def facts(world: World) -> list[Fact]:
    """Return the border that is planted among the prices."""
    return border_facts(world.months)


TABLES: dict[str, Callable[[World], pa.Table]] = {
    "price": lambda w: price_table(w.months, w.rng["prices"]),
    "movement": lambda w: movement_table(w.rng["movements"]),
    "coalition_worth": lambda _: coalition_worth_table(),
}
"""Tables of markets and cooperation, by name."""
