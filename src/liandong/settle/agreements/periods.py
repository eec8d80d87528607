"""Periods by name: years, quarters and months, in the order in which they end."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from liandong.errors import DataError
from liandong.settle.agreements.nodes import Span
from liandong.texts import both

_PERIOD = re.compile(r"([0-9]{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")


@cache
def days_of(period: str) -> Span:
    """Return first and last day of ``2026``, ``2026-Q3`` or ``2026-03``.

    Raises
    ------
    DataError
        If it is none of these.

    Examples
    --------
    >>> days_of("2024-02").last
    datetime.date(2024, 2, 29)
    """
    hit = _PERIOD.fullmatch(period)
    if hit is None or int(hit[1]) == 0:
        raise _wrong("fault.period", "advice.period", period)
    year, first, months = int(hit[1]), 1, 12
    if hit[2]:
        first, months = 3 * int(hit[2]) - 2, 3
    elif hit[3]:
        first, months = int(hit[3]), 1
    end = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    return Span(date(year, first, 1), end - timedelta(days=1))


def in_order(periods: Iterable[str], valid: Span, *, partly: bool = False) -> list[str]:
    """Return the periods within a validity, each once, by time; others are left out.

    Raises
    ------
    DataError
        If two of them overlap, or one is only partly within the validity and may not (``partly``).
    """
    every = sorted({p: days_of(p) for p in periods}.items(), key=lambda item: item[1])
    found: list[str] = []
    for period, span in every:
        if span.last < valid.first or span.first > valid.last:
            continue
        if not partly and (span.first < valid.first or span.last > valid.last):
            raise _wrong("fault.period_partly", "advice.period_partly", period)
        if found and days_of(found[-1]).last >= span.first:
            raise _wrong("fault.period_overlap", "advice.period_overlap", period)
        found.append(period)
    return found


def ends_year(period: str, valid: Span) -> bool:
    """Tell whether a year of the validity ends with a period."""
    last = days_of(period).last
    return last == valid.last or (last.month, last.day) == (12, 31)


def _wrong(what: str, remedy: str, period: str) -> DataError:
    return DataError(file="base_amount", what=both(what, period=period), remedy=both(remedy))
