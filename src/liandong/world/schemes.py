"""Loan money that goes astray: which loans, by which way, and the transfers it leaves behind."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from liandong.world.accounts import Accounts
from liandong.world.arrays import Ints, choose
from liandong.world.credit import Loans
from liandong.world.firms import Cast
from liandong.world.journal import CLOSING, DAY, OPENING, SECOND, Journal
from liandong.world.months import Months
from liandong.world.plan import Plan
from liandong.world.rule import MOST_HELPERS, WorldRule, planted_count
from liandong.world.truth import Fact

ROUTES = ("securities", "property", "relative")
TO_SECURITIES, TO_PROPERTY, TO_RELATIVE = range(len(ROUTES))
DAYS_NEEDED = 45
"""A scheme starts only where it can end within the world."""
SHAVED = 0.02
"""Each leg of a round trip keeps back at most this share."""
HOUR = 3_600 * SECOND


@dataclass(frozen=True)
class Schemes:
    """Loans that go astray.

    Attributes
    ----------
    diverted, route, relative
        Rows of loans, index into ``ROUTES``, and the firm that gets the money (-1: none).
    trips, helpers
        Rows of loans that come back, and the firms they pass through, in order.
    """

    diverted: Ints
    route: Ints
    relative: Ints
    trips: Ints
    helpers: list[Ints]

    def investors(self, loans: Loans) -> Ints:
        """Return the firms that divert money into securities."""
        return np.asarray(loans.firm[self.diverted[self.route == TO_SECURITIES]], np.int64)

    def renumbered(self, row: Ints) -> "Schemes":
        """Return the same schemes with new row numbers of loans."""
        return replace(self, diverted=row[self.diverted], trips=row[self.trips])

    def groups(self, loans: Loans, plan: Plan) -> list[Ints]:
        """Return the groups of firms under one owner, the owner's own firm first."""
        related = self.relative >= 0
        trips = zip(loans.firm[self.trips], self.helpers, strict=True)
        borrower = loans.firm[self.diverted[related]]
        return [
            *plan.cartels,
            *np.column_stack([plan.bosses, plan.shells]),
            *np.column_stack([borrower, self.relative[related]]),
            *(np.concatenate([[firm], helpers]) for firm, helpers in trips),
        ]


def draw_schemes(
    rule: WorldRule, loans: Loans, plan: Plan, months: Months, rng: Generator
) -> Schemes:
    """Choose first loans that start early enough; helpers are firms without another part."""
    borrowers = len(loans.first)
    early = loans.first[loans.day[loans.first] + DAYS_NEEDED < months.end]
    diverted = planted_count(rule.diverted, borrowers)
    trips = planted_count(rule.round_trips, borrowers)
    chosen = choose(rng, early, diverted + trips)
    diverted_rows, trip_rows = chosen[:diverted], chosen[diverted:]
    helpers = iter(np.setdiff1d(plan.helpers, loans.firm[chosen], assume_unique=True))
    route = np.resize([TO_RELATIVE, TO_SECURITIES, TO_PROPERTY], len(diverted_rows))
    relative = np.array([next(helpers) if r == TO_RELATIVE else -1 for r in route])
    lengths = rng.integers(1, MOST_HELPERS + 1, len(trip_rows))
    return Schemes(
        diverted_rows, route, relative, trip_rows,
        [np.array([next(helpers) for _ in range(k)]) for k in lengths],
    )  # fmt: skip


def _later(at: int, low: float, high: float, rng: Generator) -> int:
    """Return a moment ``low`` to ``high`` hours later, moved on into banking hours."""
    moved = at + int(rng.uniform(low, high) * 3_600) * SECOND
    day, second = divmod(moved // SECOND, DAY // SECOND)
    if OPENING <= second < CLOSING:
        return moved
    day += second >= CLOSING
    return int((day * DAY // SECOND + rng.integers(OPENING, OPENING + 9_000)) * SECOND)


def _stages(at: int, count: int, hours: float, rng: Generator) -> Ints:
    """Return ``count`` moments after ``at``, each at most ``hours`` or so after the one before."""
    moments = []
    for _ in range(count):
        at = _later(at, 1, hours, rng)
        moments.append(at)
    return np.array(moments, np.int64)


def divert(
    journal: Journal, schemes: Schemes, loans: Loans, paid: Ints, accounts: Accounts, cast: Cast,
    rng: Generator,
) -> list[Fact]:  # fmt: skip
    """Send most of each diverted loan elsewhere within days, in one to three transfers.

    ``paid`` is the moment each loan was paid out.
    """
    facts = []
    for row, route, relative in zip(schemes.diverted, schemes.route, schemes.relative, strict=True):
        firm, amount = int(loans.firm[row]), int(loans.amount[row])
        target = {
            TO_SECURITIES: accounts.securities[firm],
            TO_PROPERTY: rng.choice(accounts.property),
            TO_RELATIVE: relative,
        }[route]
        pieces = rng.dirichlet(np.full(rng.integers(1, 4), 8.0)) * rng.uniform(0.5, 0.97) * amount
        sums = np.floor(pieces / 1e5).astype(np.int64) * 100_000
        moments = _stages(int(paid[row]), len(sums), 40, rng)
        purpose = ("securities", "property", "settlement")[route]
        rows = journal.add(
            "transfer", purpose, np.full(len(sums), firm), np.full(len(sums), target), sums, moments
        )  # fmt: skip
        owner = int(accounts.party[target])
        facts.append(Fact(
            "diverted_loan", loans.ids[row].as_py(), cast.ids[owner].as_py(), int(loans.day[row]),
            int(sums.sum()), {"borrower": cast.ids[firm].as_py(), "to": ROUTES[route]}, rows,
        ))  # fmt: skip
    return facts


def send_round(
    journal: Journal, schemes: Schemes, loans: Loans, paid: Ints, cast: Cast, rng: Generator
) -> list[Fact]:
    """Send a part of each loan through its helpers and back to the borrower within days."""
    facts = []
    for row, helpers in zip(schemes.trips, schemes.helpers, strict=True):
        firm = int(loans.firm[row])
        stops = np.concatenate([[firm], helpers, [firm]])
        legs = len(stops) - 1
        sums = np.zeros(legs, np.int64)
        sums[0] = int(loans.amount[row] * rng.uniform(0.5, 0.95)) // 100_000 * 100_000
        for leg in range(1, legs):
            sums[leg] = int(sums[leg - 1] * (1 - SHAVED * rng.random()))
        moments = _stages(int(paid[row]), legs, 36, rng)
        purpose = ("goods", "settlement")[int(rng.integers(2))]
        rows = journal.add("transfer", purpose, stops[:-1], stops[1:], sums, moments)
        facts.append(Fact(
            "round_trip", loans.ids[row].as_py(), cast.ids[firm].as_py(), int(loans.day[row]),
            int(sums[-1]), {"through": [cast.ids[int(h)].as_py() for h in helpers]}, rows,
        ))  # fmt: skip
    return facts


def pass_through(
    journal: Journal, plan: Plan, cast: Cast, months: Months, rng: Generator
) -> list[Fact]:
    """Send what shells receive on to their bosses within a day or so."""
    dst, amount, at = journal.into(plan.shells)
    kept = (amount * rng.uniform(0.005, 0.04, len(amount))).astype(np.int64)
    moments = np.array([_later(int(a), 1, 20, rng) for a in at], np.int64)
    boss = np.zeros(cast.firms, np.int64)
    boss[plan.shells] = plan.bosses
    within = moments < months.end * DAY
    dst, amount, moments = dst[within], (amount - kept)[within], moments[within]
    rows = journal.add("transfer", "settlement", dst, boss[dst], amount, moments)
    return [
        Fact(
            "shell", cast.ids[int(s)].as_py(), cast.ids[int(b)].as_py(), int(months.first[0]),
            int(amount[dst == s].sum()), {}, rows[dst == s],
        )
        for s, b in zip(plan.shells, plan.bosses, strict=True)
    ]  # fmt: skip
