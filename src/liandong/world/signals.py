"""What offices know of firms month by month: tax, electricity, insured staff, patents, courts."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.activity import seasons
from liandong.world.arrays import Floats, Ints, chance, dates, pick, total
from liandong.world.events import LAWSUIT, Events
from liandong.world.firms import Cast, Firms
from liandong.world.industries import trait
from liandong.world.months import Months
from liandong.world.payments import Turnover
from liandong.world.plan import Plan
from liandong.world.trade import Links

WAGE_SHARE = 0.5
"""Wages over value added."""


class Workforce(NamedTuple):
    """Staff at the start by firm, and insured staff by firm and month."""

    reported: Ints
    insured: Ints


def draw_workforce(
    firms: Firms, links: Links, course: Floats, plan: Plan, rng: Generator
) -> Workforce:
    """Return staff that half of value added pays for, following business with a delay.

    Shells report one to three people and insure none.
    """
    count = len(firms)
    to_firms = links.buyer < count
    bought = total(links.buyer[to_firms], links.yearly[to_firms], count)
    added = np.maximum(firms.revenue - bought, 0.1 * firms.revenue)
    base = np.maximum(np.rint(added * WAGE_SHARE / firms.wage), 1)
    level = np.empty_like(course)
    level[:, 0] = course[:, 0]
    for t in range(1, course.shape[1]):
        level[:, t] = 0.7 * level[:, t - 1] + 0.3 * course[:, t]
    insured = np.rint(base[:, None] * level**0.8).astype(np.int64)
    insured[course == 0] = 0
    insured[plan.shells] = 0
    base[plan.shells] = rng.integers(1, 4, len(plan.shells))
    return Workforce(base.astype(np.int64), insured)


class Series(NamedTuple):
    """One measure for the firms that share it: ``values`` by firm and month, ``lag`` days later."""

    source: str
    measure: str
    unit: str
    share: float
    lag: int
    firms: Ints
    values: Floats


def office_signals(
    firms: Firms, plan: Plan, course: Floats, staff: Ints, traded: Turnover, cast: Cast,
    months: Months, rng: Generator,
) -> pa.Table:  # fmt: skip
    """Return ``signal`` without the courts; firms have no rows of what they do not share."""
    count, shape = len(firms), course.shape
    everybody = np.arange(count)
    declared = np.clip(traded.sales, 0, None) / 100 * (1 - 0.03 * rng.random(shape))
    inventive = np.flatnonzero(chance(rng, trait("inventive")[firms.industry], count))
    pace = 0.02 + 0.05 * np.log10(firms.revenue[inventive] / 5e4)
    patents = rng.poisson(pace[:, None], (len(inventive), months.count))
    power = _power(firms, plan, course, months, rng)
    series = (
        Series("tax", "declared_sales", "yuan", 0.92, 15, everybody, np.rint(declared)),
        Series("utility", "kwh", "kWh", 0.75, 8, everybody, power),
        Series("staff", "insured", "people", 0.85, 20, everybody, staff.astype(float)),
        Series("ip", "patents", "patents", 0.95, 30, inventive, patents.astype(float)),
    )
    return pa.concat_tables([series_table(s, cast, months, rng) for s in series])


def _power(firms: Firms, plan: Plan, course: Floats, months: Months, rng: Generator) -> Floats:
    """Electricity by firm and month: with output, though less than in proportion; kWh."""
    basis = trait("power")[firms.industry] * firms.revenue / 12 / 1e3
    output = course**0.7 * seasons(months)[firms.industry] ** 0.5
    used = basis[:, None] * rng.lognormal(0, 0.3, (len(firms), 1)) * output
    used *= rng.lognormal(0, 0.06, used.shape)
    used[plan.shells] = rng.integers(0, 30, (len(plan.shells), months.count))
    return np.asarray(np.rint(used))


def series_table(series: Series, cast: Cast, months: Months, rng: Generator) -> pa.Table:
    """Return ``signal`` of one series; each firm shares all of its months, or none."""
    shared = np.flatnonzero(chance(rng, series.share, len(series.firms)))
    month = np.tile(np.arange(months.count), len(shared))
    late = np.where(chance(rng, 0.02, len(month)), rng.integers(30, 90, len(month)), 0)
    rows = len(month)
    return build("signal", {
        "party_id": pick(cast.ids, np.repeat(series.firms[shared], months.count)),
        "source": pa.repeat(series.source, rows),
        "measure": pa.repeat(series.measure, rows),
        "period": pick(months.names, month),
        "value": series.values[shared].ravel(),
        "unit": pa.repeat(series.unit, rows),
        "seen_at": dates(months.first[month + 1] + series.lag + late),
    })  # fmt: skip


def court_signals(events: Events, cast: Cast, months: Months) -> pa.Table:
    """Return ``signal`` of the courts: sums sued for; courts publish, so nobody is left out."""
    suit = events.kind == LAWSUIT
    party, amount = events.party[suit], events.amount[suit]
    cell, place = np.unique(
        party * months.count + months.of(events.day[suit]), return_inverse=True
    )  # fmt: skip
    month = cell % months.count
    return build("signal", {
        "party_id": pick(cast.ids, cell // months.count),
        "source": pa.repeat("judicial", len(cell)),
        "measure": pa.repeat("cases_amount", len(cell)),
        "period": pick(months.names, month),
        "value": total(place, amount, len(cell)) / 100,
        "unit": pa.repeat("yuan", len(cell)),
        "seen_at": dates(months.first[month + 1] + 10),
    })  # fmt: skip
