"""What a loan costs its borrower: instalments and totals in whole fen."""

from fractions import Fraction
from typing import NamedTuple

from liandong.types import PPM

YEAR = 12


class Plan(NamedTuple):
    """What is paid, fen: each month, in all, and how much of it is interest.

    ``last`` is the last payment, which differs from the others by what was rounded, or by the
    loan itself.
    """

    monthly: int
    last: int
    total: int
    interest: int


def level(amount: int, rate: int, months: int) -> Plan:
    """Return equal instalments: P i / (1 - (1 + i)^-n), rounded up to a fen; the last one settles.

    Parameters
    ----------
    amount
        Fen.
    rate
        Ppm a year; a twelfth of it is due each month.
    months
        Number of payments.

    Examples
    --------
    >>> level(100_000_00, 120_000, 12)
    Plan(monthly=888488, last=888485, total=10661853, interest=661853)
    >>> level(100_00, 0, 3)
    Plan(monthly=3334, last=3332, total=10000, interest=0)
    """
    month = Fraction(rate, PPM * YEAR)
    each = Fraction(amount, months) if not rate else amount * month / (1 - (1 + month) ** -months)
    monthly, left, total = -(-each.numerator // each.denominator), amount, 0
    for _ in range(months - 1):
        paid = min(monthly, left + _due(left, month))
        left, total = left + _due(left, month) - paid, total + paid
    last = left + _due(left, month)
    return Plan(monthly, last, total + last, total + last - amount)


def at_end(amount: int, rate: int, months: int) -> Plan:
    """Return interest each month and the loan at the end.

    Examples
    --------
    >>> at_end(100_000_00, 120_000, 12)
    Plan(monthly=100000, last=10100000, total=11200000, interest=1200000)
    """
    monthly = _due(amount, Fraction(rate, PPM * YEAR))
    return Plan(monthly, amount + monthly, amount + months * monthly, months * monthly)


def _due(left: int, month: Fraction) -> int:
    """Return the interest of a month, to the nearest fen."""
    return round(left * month)
