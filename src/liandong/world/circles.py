"""Trade in a circle: firms that write each other invoices of like amounts, which nobody pays."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.world.arrays import Ints, share_of
from liandong.world.credit import Failures
from liandong.world.firms import Cast, Firms
from liandong.world.industries import trait
from liandong.world.months import Months
from liandong.world.plan import Plan
from liandong.world.trade import VALID, Invoices, invoice_table
from liandong.world.truth import Fact

LEAST_LEGS, MOST_LEGS = 3, 5
WINDOW = 25
"""All invoices of a circle are written within so many days."""
SLIP = 0.03
"""Amounts of a circle differ by less than this."""
LEAST = 5_000_000
"""Fen of the least circle."""
SEEN_DAYS = 160
"""A circle begins so long before the end that payments would have come."""


class Circles(NamedTuple):
    """Invoices of circles, circle by circle, and whose they are."""

    invoices: Invoices
    circle: Ints
    first: int

    def table(self, cast: Cast) -> pa.Table:
        """Return the rows of ``invoice``; ids go on after those of all other invoices."""
        return invoice_table(self.invoices, cast, self.first)

    def facts(self, cast: Cast) -> list[Fact]:
        """Return each circle with its invoices and members, in its own order."""
        ids = self.invoices.ids_from(self.first).to_pylist()
        found = []
        for c in range(int(self.circle.max(initial=-1)) + 1):
            rows = np.flatnonzero(self.circle == c)
            gross = self.invoices.net[rows] + self.invoices.tax[rows]
            members = [cast.ids[int(f)].as_py() for f in self.invoices.seller[rows]]
            found.append(Fact(
                "circular_trade", ids[rows[0]], members[0], int(self.invoices.day[rows].min()),
                int(gross.min()), {"invoices": [ids[r] for r in rows], "members": members},
            ))  # fmt: skip
        return found


def draw_circles(
    count: int, firms: Firms, plan: Plan, failures: Failures, months: Months, first: int,
    rng: Generator,
) -> Circles:  # fmt: skip
    """Draw circles among firms without a hidden part that stay open.

    Parameters
    ----------
    count
        How many; no firm is in two.
    first
        How many invoices there are without them.
    """
    free = plan.helpers[failures.closed[plan.helpers] >= months.count]
    deck = rng.permutation(free)
    legs = np.minimum(rng.integers(LEAST_LEGS, MOST_LEGS + 1, count), len(deck) // count)
    ends = np.cumsum(legs)
    circle = np.repeat(np.arange(count), legs)
    seller = deck[: ends[-1]]
    buyer = np.roll(seller, -1)
    buyer[ends - 1] = seller[ends - legs]
    monthly = np.minimum.reduceat(firms.revenue[seller], ends - legs) * 100 / 12
    whole = np.maximum(LEAST, monthly * rng.uniform(0.5, 2.0, count))[circle]
    slip = rng.uniform(0, SLIP, count)[circle] * rng.random(len(seller))
    gross = np.rint(whole * (1 - slip)).astype(np.int64)
    begin = rng.integers(months.first[0], months.end - SEEN_DAYS, count)[circle]
    day = begin + rng.integers(0, WINDOW + 1, len(seller))
    rate = np.where(firms.size == 0, 10_000, trait("vat")[firms.industry].astype(np.int64))[seller]
    net = np.rint(gross / (1 + rate / 1e6)).astype(np.int64)
    return Circles(
        Invoices(seller, buyer, day, months.of(day), net, share_of(net, rate),
                 np.full(len(net), VALID), np.full(len(net), -1)),
        circle, first,
    )  # fmt: skip
