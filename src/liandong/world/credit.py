"""Loans, and defaults that follow from causes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Floats, Ints, chance, dates, numbered, pick, total
from liandong.world.firms import Cast, Firms
from liandong.world.months import Months
from liandong.world.names import BANKS
from liandong.world.plan import Plan
from liandong.world.rule import WorldRule
from liandong.world.trade import Links

TERMS = np.array([6, 12, 12, 12, 24, 36])
LOANS_A_FIRM = 3
INTEREST_DAY = 20
"""Interest is due on the 21st of each month."""
DAYS_TO_DEFAULT = 91
"""A payment 90 days past due is a default, as in the rules on the risk classes of assets (2023)."""
NEVER, BEYOND = 10_000, 1_000_000
"""A month and a day after the end of every world."""

SLUMP, LEVERAGE, CUSTOMERS, MISUSE = 15.0, 0.3, 2.0, 0.15
"""Weights of the causes of failing: square of the slump of sales beyond EASY_SLUMP, debt over
sales beyond EASY_DEBT, share of sales to customers that failed in the last half year, misuse."""
EASY_SLUMP, EASY_DEBT = 0.1, 0.3


@dataclass(frozen=True)
class Loans:
    """Loans as arrays in order of start; a firm has at most one at a time.

    Attributes
    ----------
    firm, bank
        Borrower and lender; banks are counted from 0.
    month, day
        Start, as month of the world and as day since 1970-01-01.
    term, every
        Months to the last repayment, and between two of them.
    amount, rate
        Fen, and ppm a year.
    """

    firm: Ints
    bank: Ints
    month: Ints
    day: Ints
    term: Ints
    every: Ints
    amount: Ints
    rate: Ints

    def __len__(self) -> int:
        return len(self.firm)

    @cached_property
    def first(self) -> Ints:
        """Rows of the first loan of each borrower."""
        return np.sort(np.unique(self.firm, return_index=True)[1])

    @property
    def end(self) -> Ints:
        """Month of the last repayment."""
        return self.month + self.term

    def take(self, rows: Ints | Bools) -> "Loans":
        """Return some of the loans."""
        return Loans(**{n: getattr(self, n)[rows] for n in self.__dataclass_fields__})

    @property
    def ids(self) -> pa.Array:
        """Loan ids in order."""
        return numbered("L", np.arange(1, len(self) + 1), 6)


def draw_loans(rule: WorldRule, firms: Firms, plan: Plan, months: Months, rng: Generator) -> Loans:
    """Draw up to three loans, one after the other, for the firms that borrow."""
    firm = _borrowers(rule, firms, plan, rng)
    month = rng.integers(0, max(1, months.count // 2), len(firm))
    rounds = []
    for _ in range(LOANS_A_FIRM):
        term = rng.choice(TERMS, len(firm))
        rounds.append((firm, month, term))
        again = chance(rng, 0.7, len(firm)) & (month + term + 3 < months.count)
        month = (month + term + rng.integers(1, 4, len(firm)))[again]
        firm = firm[again]
        keep = month < months.count
        firm, month = firm[keep], month[keep]
    firm, month, term = (np.concatenate(parts) for parts in zip(*rounds, strict=True))
    rows = len(firm)
    debt = np.clip(rng.lognormal(-1.9, 0.7, rows), 0.03, 0.9)
    # Whole 10,000 yuan, at least 50,000.
    amount = np.maximum(np.rint(firms.revenue[firm] * debt / 1e4), 5).astype(np.int64) * 1_000_000
    usual = np.array([5.4, 4.7, 4.1, 3.5])[firms.size[firm]]
    rate = np.clip(usual + 1.5 * debt + rng.normal(0, 0.35, rows), 2.8, 12.0)
    other = chance(rng, 0.2, rows)
    bank = np.where(other, rng.integers(0, len(BANKS.han), rows), firms.bank[firm])
    loans = Loans(
        firm, bank, month, months.day(month, rng.random(rows)), term,
        np.where((term <= 12) & chance(rng, 0.7, rows), term, 3), amount,
        np.rint(rate * 100).astype(np.int64) * 100,
    )  # fmt: skip
    return loans.take(np.lexsort((firm, loans.day)))


def _borrowers(rule: WorldRule, firms: Firms, plan: Plan, rng: Generator) -> Ints:
    """Larger firms borrow more often, ring members always, shells never."""
    appetite = np.array([0.8, 1.2, 1.5, 1.6])[firms.size]
    appetite *= rule.borrowers / 1e6 / appetite.mean()
    appetite[np.concatenate(plan.rings)] = 1.0
    appetite[plan.shells] = 0.0
    return np.flatnonzero(chance(rng, appetite, len(firms)))


@dataclass(frozen=True)
class Failures:
    """What becomes of the firms, one entry a firm.

    Attributes
    ----------
    stop
        Month from which a firm pays nothing on its loan any more, else NEVER.
    closed
        Month in which it closes, else NEVER.
    """

    stop: Ints
    closed: Ints


def slump(sales: Floats) -> Floats:
    """Return by how much the last 3 months lie below the 12 before them, by firm and month.

    Both end before the month itself; with less than 3 earlier months the slump is 0.
    """
    months = sales.shape[1]
    summed = np.column_stack([np.zeros(len(sales)), np.cumsum(sales, axis=1)])
    fall = np.zeros_like(sales)
    for t in range(6, months):
        low = max(0, t - 15)
        before = (summed[:, t - 3] - summed[:, low]) / (t - 3 - low)
        now = (summed[:, t] - summed[:, t - 3]) / 3
        fall[:, t] = 1 - now / np.maximum(before, 1e-9)
    return np.clip(fall - EASY_SLUMP, 0, None)


@dataclass(frozen=True)
class _Exposure:
    """The borrowers of a world and what they are exposed to.

    ``own`` are the causes of (borrower, month) that are known before, ``live`` whether a loan
    runs, ``settled`` whether it runs for a second month or more, ``luck`` uniform draws;
    ``seller``, ``buyer`` and ``share`` are the sales between borrowers.
    """

    own: Floats
    live: Bools
    settled: Bools
    luck: Floats
    seller: Ints
    buyer: Ints
    share: Floats

    def stops(self, scale: float) -> Ints:
        """Return when each borrower stops to pay if hazards are ``scale`` times the causes."""
        count, months = self.own.shape
        stop = np.full(count, NEVER)
        for t in range(months):
            failed = (stop[self.buyer] < t) & (stop[self.buyer] >= t - 6)
            lost = total(self.seller[failed], self.share[failed], count)
            hazard = -np.expm1(-scale * (self.own[:, t] + CUSTOMERS * lost))
            stop[self.settled[:, t] & (stop == NEVER) & (self.luck[:, t] < hazard)] = t
        return stop

    def rate(self, stop: Ints, counted: int) -> float:
        """Return defaults per borrower and year, of stops before month ``counted``."""
        t = np.arange(self.live.shape[1])
        years = (self.live & (t <= stop[:, None])).sum() / 12
        return float((stop < counted).sum() / max(years, 1.0))


def draw_failures(
    rule: WorldRule, firms: Firms, loans: Loans, misused: Ints, sales: Floats, links: Links,
    rng: Generator,
) -> Failures:  # fmt: skip
    """Let borrowers fail for cause, as many a year as the rule says.

    The hazard of a month is 1 - exp(-scale * causes): without a cause nobody fails. The scale is
    found by bisection with all draws fixed, so more hazard only ever adds failures.

    Parameters
    ----------
    rule, firms, loans, links
        The world so far.
    misused
        Rows of the loans that go elsewhere.
    sales
        Expected sales by firm and month, without seasons.
    rng
        Draws luck and closures.
    """
    months = sales.shape[1]
    exposure = _exposure(firms, loans, misused, sales, links, rng)
    target = rule.default_rate / 1e6
    low, high = 1e-6, 100.0
    for _ in range(40):
        middle = float(np.sqrt(low * high))
        enough = exposure.rate(exposure.stops(middle), months - 3) >= target
        low, high = (low, middle) if enough else (middle, high)
    stop, closed = np.full(len(firms), NEVER), np.full(len(firms), NEVER)
    borrower = np.unique(loans.firm)
    stop[borrower] = exposure.stops(high)
    failed = np.flatnonzero(stop < months)
    gone = failed[chance(rng, 0.3, len(failed))]
    closed[gone] = stop[gone] + rng.integers(4, 10, len(gone))
    return Failures(stop, closed)


def _exposure(
    firms: Firms, loans: Loans, misused: Ints, sales: Floats, links: Links, rng: Generator
) -> _Exposure:
    months = sales.shape[1]
    borrower, place = np.unique(loans.firm, return_inverse=True)
    t = np.arange(months)
    running = (t > loans.month[:, None]) & (t <= loans.end[:, None])
    live, settled = np.zeros((2, len(borrower), months), bool)
    debt, wrong = np.zeros((2, len(borrower), months))
    np.logical_or.at(live, place, running)
    np.logical_or.at(settled, place, running & (t > loans.month[:, None] + 1))
    np.add.at(debt, place, running * (loans.amount / 100)[:, None])
    np.add.at(wrong, place[misused], running[misused].astype(float))
    own = SLUMP * slump(sales[borrower]) ** 2 + MISUSE * wrong
    own += LEVERAGE * np.clip(debt / firms.revenue[borrower, None] - EASY_DEBT, 0, None)
    number = np.full(max(int(links.buyer.max()) + 1, len(firms)), -1)
    number[borrower] = np.arange(len(borrower))
    seller, buyer = number[links.seller], number[links.buyer]
    both = (seller >= 0) & (buyer >= 0)
    share = links.yearly / firms.revenue[links.seller]
    luck = rng.random((len(borrower), months))
    return _Exposure(own, live, settled, luck, seller[both], buyer[both], share[both])


def default_day(loans: Loans, failures: Failures, months: Months) -> Ints:
    """Return the day each loan defaults, or BEYOND if it never does."""
    stop = failures.stop[loans.firm]
    met = (stop < months.count) & (loans.end >= stop)
    due = months.first[np.minimum(stop, months.count)] + INTEREST_DAY
    return np.where(met, due + DAYS_TO_DEFAULT, BEYOND)


def loan_table(
    loans: Loans, failures: Failures, accounts: pa.Array, cast: Cast, months: Months
) -> pa.Table:
    """Return ``loan``; ``accounts`` are the account ids of the firms in order."""
    stopped = (failures.stop[loans.firm] < months.count) & (
        loans.end >= failures.stop[loans.firm]
    )  # fmt: skip
    failed = default_day(loans, failures, months) < months.end
    over = ~stopped & (loans.end < months.count)
    status = np.select([failed, stopped, over], [0, 1, 2], 3)
    return build("loan", {
        "loan_id": loans.ids,
        "party_id": pick(cast.ids, loans.firm),
        "lender_id": pick(cast.ids, cast.bank + loans.bank),
        "account_id": pick(accounts, loans.firm),
        "amount": loans.amount,
        "rate": loans.rate.astype(np.int32),
        "start": dates(loans.day),
        "term_months": loans.term,
        "status": pick(("default", "in_arrears", "repaid", "current"), status),
    })  # fmt: skip
