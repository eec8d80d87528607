"""Monthly reports of cases by province, with a season, and a few things for somebody to find."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator
from numpy.typing import NDArray

from liandong.schema.arrow import build
from liandong.world.arrays import Floats, Ints
from liandong.world.months import Months
from liandong.world.regions import MAINLAND, latest

REPORTED = 48
"""Months that were reported, up to the end of the world: a season takes some years."""
PROBLEMS = 0.12
"""Problems a month for 10,000 people."""
KINDS = {"gifts": 0.33, "banquets": 0.25, "allowances": 0.15, "formalism_duty": 0.17,
         "extravagance_other": 0.10}  # fmt: skip
SANCTIONED = np.array([0.80, 0.75, 0.70, 0.45, 0.65])
"""Share of the people handled that are sanctioned, by type."""
LEVELS = {"prefectural": 0.007, "county_level": 0.073, "township_level": 0.92}
SEASON = np.array([1.05, 0.75, 0.9, 0.95, 1.0, 1.05, 0.95, 0.95, 1.1, 1.05, 1.0, 1.25])
"""Few at the Spring Festival, many before the Mid-Autumn Festival and at the end of the year."""
DIFFERENT = {2: 1.3, 14: 1.2, 20: 0.75}
"""Provinces, by their place, that report more or less than their people let one expect."""
SURGE = (18, 8, 1.6)
"""Which province reports how much more in one month: so many before the last."""
SILENT = (25, 41)
"""Which province did not report a month: so many before the last."""
REVISED = (9, 3, 5)
"""Which province revised a month, and how many months later."""


def case_report_table(months: Months, rng: Generator) -> pa.Table:
    """Return ``case_report``: figures of each mainland province by type and level.

    The share sanctioned differs by type alone, so that it says nothing about provinces.
    """
    shape = (len(MAINLAND), REPORTED, len(KINDS), len(LEVELS))
    end = (months.start.year * 12 + months.start.month - 1) + months.count
    number = np.arange(end - REPORTED, end)
    rate = _expected(number)
    problems = rng.poisson(rate)
    handled = problems + rng.poisson(0.4 * rate)
    sanctioned = rng.binomial(handled, SANCTIONED[None, None, :, None])
    place, at, kind, level = (i.ravel() for i in np.indices(shape))
    told = (place != SILENT[0]) | (at != REPORTED - 1 - SILENT[1])
    counts = [c.ravel() for c in (problems, handled, sanctioned)]
    return _rows(number, (place, at, kind, level), counts, told)


def _expected(number: Ints) -> Floats:
    """Return how many problems are expected: by province, month, type and level."""
    people = latest("population")
    people[list(DIFFERENT)] *= list(DIFFERENT.values())
    place, season = people[:, None, None, None], SEASON[number % 12, None, None]
    kind, level = (np.array(list(of.values())) for of in (KINDS, LEVELS))
    rate: Floats = PROBLEMS * place * season * kind[:, None] * level
    rate[SURGE[0], REPORTED - 1 - SURGE[1]] *= SURGE[2]
    return rate


def _rows(
    number: Ints, at: tuple[Ints, ...], counts: list[Ints], told: NDArray[np.bool_]
) -> pa.Table:
    """Return the reports, published in the month after, and what was revised later."""
    names = [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(number[0], number[-1] + 2 + REVISED[2])]
    place, month, kind, level = at
    first = (place == REVISED[0]) & (month == REPORTED - 1 - REVISED[1])
    row = np.concatenate([np.flatnonzero(told), np.flatnonzero(first)])
    late = np.arange(len(row)) >= told.sum()
    # The first version lacked a part of what the revised one has.
    seen = [np.where(first[row] & ~late, c[row] * 4 // 5, c[row]) for c in counts]
    regions, kinds, levels = [p.adcode for p in MAINLAND], list(KINDS), list(LEVELS)
    return build("case_report", {
        "month": [names[m] for m in month[row]],
        "region_id": [regions[p] for p in place[row]],
        "kind": [kinds[k] for k in kind[row]],
        "level": [levels[v] for v in level[row]],
        "vintage": [names[m] for m in month[row] + 1 + REVISED[2] * late],
        **dict(zip(("problems", "handled", "sanctioned"), seen, strict=True)),
    })  # fmt: skip
