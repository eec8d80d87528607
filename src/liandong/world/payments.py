"""Everyday money: sales received, refunds, wages, taxes, withdrawals, fees, savings."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from liandong.world.accounts import Accounts
from liandong.world.arrays import Floats, Ints, chance, fen, total
from liandong.world.credit import Failures
from liandong.world.firms import Firms
from liandong.world.journal import Journal, moments
from liandong.world.months import Months
from liandong.world.trade import RED, VALID, VOID, Invoices

WAGE_DAY, TAX_DAY, WITHDRAWAL_DAY = 9, 14, 24
"""Days after the first of the month."""
LEVIES = 0.012
"""Other taxes over net sales, beside VAT."""
PAID_OUT = 0.9
"""Share of a quarter's surplus that owners take out."""
UNPAID = 0.5
"""Probability that a firm that has failed leaves an invoice unpaid."""


@dataclass(frozen=True)
class Turnover:
    """What the invoices of a world add up to, by firm and month, fen.

    Attributes
    ----------
    sales, purchases
        Net amounts, without void invoices, red-letter ones taken off.
    vat
        VAT on sales less VAT on purchases.
    """

    sales: Floats
    purchases: Floats
    vat: Floats


def turnover(invoices: Invoices, firms: int, months: int) -> Turnover:
    """Add up the invoices by firm and month."""
    good = invoices.status != VOID
    month, net, tax = invoices.month[good], invoices.net[good], invoices.tax[good]

    def summed(party: Ints, values: Ints) -> Floats:
        own = party < firms
        cell = party[own] * months + month[own]
        return total(cell, values[own], firms * months).reshape(firms, months)

    seller, buyer = invoices.seller[good], invoices.buyer[good]
    vat = summed(seller, tax) - summed(buyer, tax)
    return Turnover(summed(seller, net), summed(buyer, net), vat)


def pay_invoices(
    journal: Journal, invoices: Invoices, accounts: Accounts, failures: Failures, months: Months,
    rng: Generator,
) -> Ints:  # fmt: skip
    """Pay the valid invoices and refund the red-letter ones; return rows by invoice, -1 unpaid.

    Firms pay after a delay of their own, households at once. A failed firm pays half of its
    invoices; what falls due after the last day is not paid in this world.
    """
    firms = len(failures.stop)
    patience = np.zeros(int(accounts.party.max()) + 1)
    patience[:firms] = np.clip(rng.lognormal(3.0, 0.6, firms), 2, 120)
    patience[accounts.party[accounts.treasury : accounts.tax]] = 40
    delay = patience[invoices.buyer] * rng.uniform(0.5, 1.5, len(invoices.day))
    day = invoices.day + delay.astype(np.int64)
    stop = np.concatenate([failures.stop, np.full(len(patience) - firms, months.count)])
    broke = (months.of(day) >= stop[invoices.buyer]) & chance(rng, UNPAID, len(day))
    gross = invoices.net + invoices.tax
    paid = (invoices.status == VALID) & (day < months.end) & ~broke & (gross > 0)
    row = np.full(len(day), -1)
    row[paid] = journal.add(
        "transfer", "goods", payer(accounts, firms, invoices.buyer[paid]),
        invoices.seller[paid], gross[paid], moments(day[paid], rng),
    )  # fmt: skip
    _refund(journal, invoices, accounts, firms, np.where(paid, day, 0), row, months, rng)
    return row


def _refund(
    journal: Journal, invoices: Invoices, accounts: Accounts, firms: int, paid_on: Ints, row: Ints,
    months: Months, rng: Generator,
) -> None:  # fmt: skip
    red = np.flatnonzero(invoices.status == RED)
    red = red[row[invoices.ref[red]] >= 0]
    original = invoices.ref[red]
    day = np.maximum(invoices.day[red], paid_on[original]) + rng.integers(1, 10, len(red))
    red, original, day = (a[day < months.end] for a in (red, original, day))
    journal.add(
        "refund", "refund", invoices.seller[red], payer(accounts, firms, invoices.buyer[red]),
        -(invoices.net + invoices.tax)[red], moments(day, rng), ref=row[original],
    )  # fmt: skip


def payer(accounts: Accounts, firms: int, party: Ints) -> Ints:
    """Return the account that a buyer pays from: firms, households and governments."""
    # Households and governments follow each other among the parties, but not among the accounts.
    first = np.array([accounts.spending, accounts.treasury])
    group = (party >= accounts.party[accounts.treasury]).astype(np.int64)
    other = party - accounts.party[first][group] + first[group]
    return np.where(party < firms, party, other)


def pay_wages(
    journal: Journal, firms: Firms, staff: Ints, accounts: Accounts, months: Months, rng: Generator
) -> Ints:
    """Pay each month's wages, more of it before Spring Festival; return fen by firm and month."""
    firm, month = np.nonzero(staff)
    head = firms.wage[firm] / 12 * (1 + 0.8 * months.bonus[month])
    amount = fen(staff[firm, month] * head * rng.lognormal(-0.0005, 0.03, len(firm)))
    day = months.first[month] + WAGE_DAY
    journal.add(
        "wage", "wage", firm, accounts.savings + firms.region[firm], amount, moments(day, rng)
    )  # fmt: skip
    paid = np.zeros(staff.shape, np.int64)
    paid[firm, month] = amount
    return paid


def pay_taxes(
    journal: Journal, firms: Firms, traded: Turnover, accounts: Accounts, months: Months,
    rng: Generator,
) -> Ints:  # fmt: skip
    """Pay VAT and levies in the month after they fall due, and return :func:`taxes_due`."""
    due = taxes_due(firms, traded, months)
    firm, month = np.nonzero(due[:, :-1])
    day = months.first[month + 1] + TAX_DAY
    journal.add(
        "tax", "tax", firm, accounts.tax + firms.region[firm], due[firm, month], moments(day, rng)
    )  # fmt: skip
    return due


def taxes_due(firms: Firms, traded: Turnover, months: Months) -> Ints:
    """Return the VAT and levies that fall due by firm and month, fen; of small firms by quarter."""
    owed = np.clip(traded.vat, 0, None) + LEVIES * np.clip(traded.sales, 0, None)
    due = np.rint(owed).astype(np.int64)
    quarterly = firms.size <= 1
    due[quarterly] = _by_quarter(due[quarterly], months)
    return due


def _by_quarter(monthly: Ints, months: Months) -> Ints:
    """Move each month's amount to the last month of its quarter, or of the world."""
    quarter = (np.arange(months.count) + months.start.month - 1) // 3
    last = np.flatnonzero(np.diff(quarter, append=-1))
    moved = np.zeros_like(monthly)
    moved[:, last] = np.add.reduceat(monthly, np.concatenate([[0], last[:-1] + 1]), axis=1)
    return moved


def withdraw(
    journal: Journal, firms: Firms, surplus: Ints, shells: Ints, accounts: Accounts, months: Months,
    rng: Generator,
) -> None:  # fmt: skip
    """Let the owners take most of a quarter's surplus out in cash."""
    quarter = _by_quarter(surplus, months)
    quarter[shells] = 0
    amount = np.floor(quarter * PAID_OUT * rng.uniform(0.6, 1.1, quarter.shape) / 1e5)
    firm, month = np.nonzero(amount[:, :-1] > 0)
    day = months.first[month + 1] + WITHDRAWAL_DAY
    journal.add(
        "cash", "cash", firm, accounts.cash + firms.bank[firm],
        (amount[firm, month] * 1e5).astype(np.int64), moments(day, rng),
    )  # fmt: skip


def pay_fees(
    journal: Journal, firms: Firms, accounts: Accounts, months: Months, rng: Generator
) -> None:
    """Pay the bank's yearly fee each December."""
    december = np.flatnonzero(months.number == 11)
    firm = np.repeat(np.arange(len(firms)), len(december))
    day = months.first[np.tile(december, len(firms))] + 20
    amount = np.array([30_000, 60_000, 120_000, 360_000])[firms.size[firm]]
    bank = accounts.fee + firms.bank[firm]
    journal.add("fee", "fee", firm, bank, amount, moments(day, rng))


def save(
    journal: Journal, firms: Firms, accounts: Accounts, months: Months, rng: Generator
) -> None:
    """Move spare money into securities and wealth products and back some weeks later."""
    for owned, out, back in (
        (accounts.securities, "securities", "securities"), (accounts.wealth, "wealth", "redeemed"),
    ):  # fmt: skip
        firm = np.repeat(np.flatnonzero(owned >= 0), months.count // 6)
        amount = _round(firms.revenue[firm] * rng.lognormal(-3.3, 0.6, len(firm)))
        day = rng.integers(months.first[0], months.end, len(firm))
        journal.add("transfer", out, firm, owned[firm], amount, moments(day, rng))
        later = day + rng.integers(20, 240, len(firm))
        home = later < months.end
        at = moments(later[home], rng)
        journal.add("transfer", back, owned[firm][home], firm[home], amount[home], at)


def buy_property(
    journal: Journal, firms: Firms, accounts: Accounts, months: Months, rng: Generator
) -> None:
    """Let a few firms buy an office out of their own means."""
    firm = np.flatnonzero(chance(rng, 0.01, len(firms)))
    amount = _round(firms.revenue[firm] * rng.uniform(0.05, 0.25, len(firm)))
    day = rng.integers(months.first[0], months.end, len(firm))
    where = rng.choice(accounts.property, len(firm))
    journal.add("transfer", "property", firm, where, amount, moments(day, rng))


def settle_with_relatives(
    journal: Journal, firms: Firms, owner: Ints, months: Months, rng: Generator
) -> None:
    """Lend money between firms of one owner for some weeks, now and then."""
    ranked = np.argsort(owner, kind="stable")
    one, other = ranked[:-1], ranked[1:]
    same = (owner[one] == owner[other]) & (owner[one] >= 0)
    one, other = (np.repeat(a[same], months.count // 12) for a in (one, other))
    amount = _round(np.minimum(firms.revenue[one], firms.revenue[other]) * 0.03)
    day = rng.integers(months.first[0], months.end, len(one))
    later = day + rng.integers(60, 200, len(one))
    home = later < months.end
    journal.add("transfer", "settlement", one, other, amount, moments(day, rng))
    at = moments(later[home], rng)
    journal.add("transfer", "settlement", other[home], one[home], amount[home], at)


def _round(yuan: Floats) -> Ints:
    """Whole 1,000 yuan, at least one, in fen."""
    return np.maximum(np.rint(yuan / 1e3), 1).astype(np.int64) * 100_000
