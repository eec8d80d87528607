"""The money of loans: paid out, interest each month, paid back in instalments or at the end."""

import numpy as np
from numpy.random import Generator

from liandong.world.accounts import Accounts
from liandong.world.arrays import Ints
from liandong.world.credit import INTEREST_DAY, Failures, Loans
from liandong.world.journal import DAY, SECOND, Journal, moments
from liandong.world.months import Months


def disburse(journal: Journal, loans: Loans, accounts: Accounts, rng: Generator) -> Ints:
    """Pay the loans out and return the moments; in the first two hours, so that use comes after."""
    at = loans.day * DAY + rng.integers(1_800, 9_000, len(loans)) * SECOND
    journal.add(
        "disbursement", "loan", accounts.loan + loans.bank, loans.firm, loans.amount, at,
        loan=np.arange(len(loans)),
    )  # fmt: skip
    return at


def outstanding(loans: Loans, passed: Ints) -> Ints:
    """Return what is owed on each loan after ``passed`` months of payments, fen."""
    count = loans.term // loans.every
    done = np.minimum(passed // loans.every, count)
    return np.where(done == count, 0, loans.amount - loans.amount // count * done)


def repay(
    journal: Journal, loans: Loans, failures: Failures, accounts: Accounts, months: Months,
    rng: Generator,
) -> None:  # fmt: skip
    """Pay interest each month and principal when it is due, until the borrower stops.

    Interest of a month is outstanding * rate / 12, rounded to the fen.
    """
    row = np.repeat(np.arange(len(loans)), loans.term)
    k = np.arange(len(row)) - np.repeat(np.cumsum(loans.term) - loans.term, loans.term) + 1
    month = loans.month[row] + k
    paid = (month < months.count) & (month < failures.stop[loans.firm[row]])
    row, k, month = row[paid], k[paid], month[paid]
    due = loans.take(row)
    before, after = outstanding(due, k - 1), outstanding(due, k)
    at = moments(months.first[month] + INTEREST_DAY, rng)
    bank = accounts.loan + due.bank
    interest = (before * due.rate + 6_000_000) // 12_000_000
    journal.add("interest", "interest", due.firm, bank, interest, at, loan=row)
    back = before > after
    journal.add(
        "repayment", "repayment", due.firm[back], bank[back], (before - after)[back],
        at[back], loan=row[back],
    )  # fmt: skip
