"""Defaults with what comes before and after them, and the trouble others have."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Ints, chance, dates, numbered, pick
from liandong.world.credit import BEYOND, Failures, Loans, default_day
from liandong.world.firms import Cast, Firms
from liandong.world.lending import outstanding
from liandong.world.months import Months

KINDS = ("default", "lawsuit", "enforcement", "penalty", "closure", "listing")
DEFAULT, LAWSUIT, ENFORCEMENT, PENALTY, CLOSURE, LISTING = range(len(KINDS))

SUED = 0.65
"""Share of the failing firms that are sued before they default."""
SUED_ANYWAY, FINED = 0.012, 0.006
"""Firms a year that are sued or fined without failing."""


@dataclass(frozen=True)
class Events:
    """Events as arrays in order of day.

    Attributes
    ----------
    party, kind, day
        Number of the firm, index into ``KINDS``, day since 1970-01-01.
    seen
        Day it became known.
    amount
        Fen, 0 for none.
    loan
        Number of the loan, else -1.
    """

    party: Ints
    kind: Ints
    day: Ints
    seen: Ints
    amount: Ints
    loan: Ints


def draw_events(
    firms: Firms, loans: Loans, failures: Failures, months: Months, rng: Generator
) -> Events:
    """Draw all events within the world."""
    found = [
        *_of_defaults(loans, failures, months, rng),
        _closures(failures, months, rng),
        _by_chance(firms, LAWSUIT, SUED_ANYWAY, months, rng),
        _by_chance(firms, PENALTY, FINED, months, rng),
    ]
    party, kind, day, amount, loan = (np.concatenate(c) for c in zip(*found, strict=True))
    seen = day + np.where(kind == DEFAULT, 1, rng.integers(2, 30, len(day)))
    order = np.lexsort((kind, party, day))
    order = order[(day < months.end)[order]]
    return Events(*(c[order] for c in (party, kind, day, seen, amount, loan)))


_Rows = tuple[Ints, Ints, Ints, Ints, Ints]
"""party, kind, day, amount, loan"""


def _of_defaults(loans: Loans, failures: Failures, months: Months, rng: Generator) -> list[_Rows]:
    """Lawsuits of suppliers, then the default, then enforcement and the list of debtors."""
    day = default_day(loans, failures, months)
    row = np.flatnonzero(day < BEYOND)
    firm, day = loans.firm[row], day[row]
    owed = outstanding(loans.take(row), failures.stop[firm] - loans.month[row] - 1)
    sued = chance(rng, SUED, len(row))
    forced = chance(rng, 0.5, len(row))
    listed = forced & chance(rng, 0.5, len(row))
    before = day - rng.integers(15, 120, len(row))
    after = day + rng.integers(20, 100, len(row))
    claim = (owed * rng.uniform(0.05, 0.6, len(row))).astype(np.int64)

    def rows(kind: int, some: Ints, when: Ints, amount: Ints, loan: Ints) -> _Rows:
        return firm[some], np.full(len(some), kind), when[some], amount[some], loan[some]

    every, none = np.arange(len(row)), np.full(len(row), -1)
    return [
        rows(DEFAULT, every, day, owed, row),
        rows(LAWSUIT, np.flatnonzero(sued), before, claim, none),
        rows(ENFORCEMENT, np.flatnonzero(forced), after, owed, row),
        rows(LISTING, np.flatnonzero(listed), after + 30, owed * 0, none),
    ]


def _closures(failures: Failures, months: Months, rng: Generator) -> _Rows:
    firm = np.flatnonzero(failures.closed < months.count)
    day = months.first[failures.closed[firm]] + rng.integers(0, 5, len(firm))
    nothing = np.zeros(len(firm), np.int64)
    return firm, nothing + CLOSURE, day, nothing, nothing - 1


def _by_chance(firms: Firms, kind: int, yearly: float, months: Months, rng: Generator) -> _Rows:
    firm = np.flatnonzero(chance(rng, yearly * months.count / 12, len(firms)))
    day = rng.integers(months.first[0], months.end, len(firm))
    amount = (firms.revenue[firm] * rng.lognormal(-3.5, 1.0, len(firm))).astype(np.int64) * 100
    return firm, np.full(len(firm), kind), day, amount, np.full(len(firm), -1)


def event_table(events: Events, loans: pa.Array, cast: Cast) -> pa.Table:
    """Return ``event``; ``loans`` are the loan ids by number."""
    return build("event", {
        "event_id": numbered("E", np.arange(1, len(events.day) + 1), 6),
        "party_id": pick(cast.ids, events.party),
        "kind": pick(KINDS, events.kind),
        "at": dates(events.day),
        "seen_at": dates(events.seen),
        "amount": pa.array(events.amount, mask=events.amount == 0),
        "ref": pick(loans, events.loan),
    })  # fmt: skip
