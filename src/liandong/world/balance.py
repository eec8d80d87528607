"""What firms own and what their yearly reports say: property, machines, and statements.

Property and machines are what a bank would take as collateral: large and old firms have them, small
and young ones do not, and they say little of who will fail. Statements are those of the yearly
report to the registry; the smallest firms file none.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Floats, Ints, chance, dates, pick, total
from liandong.world.credit import Failures, Loans
from liandong.world.firms import Cast, Firms
from liandong.world.lending import outstanding
from liandong.world.months import Months
from liandong.world.payments import Turnover
from liandong.world.plan import Plan
from liandong.world.signals import WAGE_SHARE, Workforce
from liandong.world.trade import Links

FILING = np.array([0.0, 0.6, 0.95, 1.0])
"""Share of the firms that file statements, by size class."""
DECLINING_OWN = 0.7
"""Firms on their way down own property this much less often: a weak sign, not a cause."""
GROWTH = 0.02
"""Yearly rise of the value of property."""
YEAR_END = "-12"
_START = np.datetime64("1970-01-01")


class Held(NamedTuple):
    """What each firm owns at the start in yuan, 0 for nothing."""

    property: Floats
    equipment: Floats


class Business(NamedTuple):
    """What of the world goes into the reports."""

    links: Links
    workforce: Workforce
    loans: Loans
    failures: Failures
    traded: Turnover


class _Year(NamedTuple):
    """A calendar year: its name, its months in the world (empty before it) and its end."""

    name: int
    months: Ints
    end: int

    @property
    def whole(self) -> bool:
        return len(self.months) == 12


def draw_held(firms: Firms, plan: Plan, months: Months, rng: Generator) -> Held:
    """Draw what firms own: more often and more the larger and the older they are."""
    count = len(firms)
    age = (months.first[0] - firms.founded) / 365
    owns = 0.05 + 0.13 * np.log10(firms.revenue / 3e5) + 0.012 * age
    owns[plan.declining] *= DECLINING_OWN
    owns[plan.shells] = 0
    building = chance(rng, np.clip(owns, 0, 0.9), count)
    worth = firms.revenue * rng.lognormal(-1.2, 0.8, count)
    machines = chance(rng, np.clip(0.1 + owns, 0, 0.9), count) & (owns != 0)
    value = firms.revenue * rng.lognormal(-2.0, 0.7, count)
    return Held(np.where(building, worth, 0), np.where(machines, value, 0))


def balance_signals(
    firms: Firms, plan: Plan, known: Business, cast: Cast, months: Months, rng: Generator
) -> pa.Table:
    """Return ``signal`` of the registry: what is owned and, for those who file, statements."""
    held = draw_held(firms, plan, months, rng)
    files = chance(rng, FILING[firms.size], len(firms))
    scale = firms.revenue * rng.lognormal(-0.3, 0.5, len(firms))
    credit = rng.uniform(0.05, 0.25, len(firms))
    found = []
    for year in _years(months):
        open_ = known.failures.closed > (year.months[-1] if len(year.months) else -1)
        found += _owned(held, year, months, open_, cast, rng)
        sales, bought, wages = _course(firms, known, year)
        debt = _debt(known.loans, year, len(firms))
        owed = debt + credit * bought + scale * rng.uniform(0.0, 0.15, len(firms))
        profit = sales - bought - wages + 0.02 * sales * rng.standard_normal(len(firms))
        assets = scale * (np.maximum(sales, 1) / firms.revenue) ** 0.5
        reported = {
            "statement_sales": sales, "statement_profit": profit,
            "statement_assets": assets + debt, "statement_liabilities": owed,
        }  # fmt: skip
        here = np.flatnonzero(files & open_)
        day = year.end + rng.integers(60, 180, len(here))
        found += [_table(m, here, v[here], year, day, cast, months) for m, v in reported.items()]
    return pa.concat_tables(found)


def _years(months: Months) -> list[_Year]:
    """Return the calendar years that have ended in this world, and the one before it."""
    number = np.datetime64(months.start, "M").astype(int) + np.arange(months.count)
    calendar = 1970 + number // 12
    last = int(calendar[-1]) - (int(number[-1]) % 12 != 11)
    found = []
    for name in range(months.start.year - 1, last + 1):
        end = np.datetime64(f"{name + 1}-01-01") - _START
        found.append(_Year(name, np.flatnonzero(calendar == name), int(end.astype(int))))
    return found


def _course(firms: Firms, known: Business, year: _Year) -> tuple[Floats, Floats, Floats]:
    """Return sales, purchases and wages of a year in yuan; as planned if it is not all there."""
    if year.whole:
        traded = known.traded
        paid = known.workforce.insured[:, year.months].sum(axis=1) * firms.wage / 12
        sales = np.clip(traded.sales[:, year.months].sum(axis=1), 0, None) / 100
        return sales, traded.purchases[:, year.months].sum(axis=1) / 100, paid
    links = known.links
    own = links.buyer < len(firms)
    bought = total(links.buyer[own], links.yearly[own], len(firms))
    added = np.maximum(firms.revenue - bought, 0.1 * firms.revenue)
    return firms.revenue, bought, WAGE_SHARE * added


def _debt(loans: Loans, year: _Year, count: int) -> Floats:
    """Return what each firm owes banks at the end of the year, yuan."""
    passed = (year.months[-1] if len(year.months) else -1) - loans.month
    owed = np.where(passed >= 0, outstanding(loans, np.maximum(passed, 0)), 0)
    return total(loans.firm, owed, count) / 100


def _owned(
    held: Held, year: _Year, months: Months, here: Bools, cast: Cast, rng: Generator
) -> list[pa.Table]:
    """Return what is registered in the month after the year: values rise, machines wear out."""
    since = year.name + 1 - months.start.year
    found = []
    for measure, value, pace in (
        ("property_value", held.property, 1 + GROWTH), ("equipment_value", held.equipment, 0.9),
    ):  # fmt: skip
        rows = np.flatnonzero(here & (value > 0))
        day = year.end + rng.integers(0, 25, len(rows))
        found.append(_table(measure, rows, value[rows] * pace**since, year, day, cast, months))
    return found


def _table(
    measure: str, rows: Ints, yuan: Floats, year: _Year, day: Ints, cast: Cast, months: Months
) -> pa.Table:
    """Return rows of ``signal`` in whole 1,000 yuan; what is seen after the world is left out."""
    seen = day < months.end
    rows, yuan, day = rows[seen], yuan[seen], day[seen]
    return build("signal", {
        "party_id": pick(cast.ids, rows),
        "source": pa.repeat("registry", len(rows)),
        "measure": pa.repeat(measure, len(rows)),
        "period": pa.repeat(f"{year.name}{YEAR_END}", len(rows)),
        "value": np.rint(yuan / 1e3) * 1e3,
        "unit": pa.repeat("yuan", len(rows)),
        "seen_at": dates(day),
    })  # fmt: skip
