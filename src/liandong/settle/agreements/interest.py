"""Interest subsidies: a principal, the least of some rates, and days as the clause counts them."""

from datetime import date, timedelta
from fractions import Fraction

from liandong.errors import DataError
from liandong.settle.agreements.curves import Vector, plus
from liandong.settle.agreements.nodes import Count, Facts, Span, Subsidy, Term
from liandong.settle.agreements.periods import days_of, in_order
from liandong.settle.agreements.posting import Target, nearest
from liandong.texts import both
from liandong.types import PPM


def year_part(span: Span, count: Count) -> Fraction:
    """Return the part of a year that days make, the last one included.

    ``act/360`` and ``act/365`` divide the days by 360 or 365; ``30/360`` takes every month as 30
    days (30E/360 from the first day to the day after the last).

    Examples
    --------
    >>> february = Span(date(2026, 2, 1), date(2026, 2, 28))
    >>> [str(year_part(february, c)) for c in ("act/360", "act/365", "30/360")]
    ['7/90', '28/365', '1/12']
    """
    end = span.last + timedelta(days=1)
    if count == "30/360":
        start = span.first
        months = 12 * (end.year - start.year) + end.month - start.month
        return Fraction(30 * months + min(end.day, 30) - min(start.day, 30), 360)
    return Fraction((end - span.first).days, 360 if count == "act/360" else 365)


def subsidised(clause: Subsidy, facts: Facts) -> list[Target]:
    """Return what has been paid in all by the end of each period.

    Raises
    ------
    DataError
        If a period with a principal has no rate of a name that the clause uses.
    """
    window = _window(clause)
    exact, found = dict[tuple[str, str], Fraction](), []
    paid = Fraction(0)
    for period in in_order((p for n, p in facts if n == clause.base), clause.valid, partly=True):
        days = days_of(period)
        span = Span(max(days.first, window.first), min(days.last, window.last))
        if span.first <= span.last and facts[clause.base, period]:
            number, rate = _rate(clause, facts, period)
            due = facts[clause.base, period] * rate * year_part(span, clause.count)
            most = due if clause.most is None else Fraction(clause.most) - paid
            paid += min(due, most)
            exact = plus(exact, _both(clause, f"settle.subsidy({number})", min(due, most)))
        whole = nearest(paid)
        found.append(Target(period, (whole, -whole), dict(exact)))
    return found


def _both(clause: Subsidy, code: str, due: Fraction) -> Vector:
    return {(clause.to, code): due, (clause.payer, f"settle.subsidy_paid({clause.to})"): -due}


def _window(clause: Subsidy) -> Span:
    """Return the days of the months for which the subsidy is paid."""
    start = clause.valid.first
    from_, to = (12 * start.year + start.month - 1 + m for m in (clause.first - 1, clause.last))
    first, end = (date(m // 12, m % 12 + 1, 1) for m in (from_, to))
    return Span(max(first, start), min(end - timedelta(days=1), clause.valid.last))


def _rate(clause: Subsidy, facts: Facts, period: str) -> tuple[int, Fraction]:
    """Return which of the rates is the least, from 1, and that rate, never below 0."""
    rates = [_of(term, facts, period) for term in clause.rates]
    least = min(range(len(rates)), key=lambda i: (rates[i], i))
    return least + 1, max(rates[least], Fraction(0))


def _of(term: Term, facts: Facts, period: str) -> Fraction:
    if not term.name:
        return term.plus
    if (term.name, period) not in facts:
        raise DataError(
            file="base_amount", what=both("fault.rate_missing", name=term.name, period=period),
            remedy=both("advice.rate_missing"),
        )  # fmt: skip
    return term.times * Fraction(facts[term.name, period], PPM) + term.plus
