"""Periods in order: which one follows which."""

import re

from liandong.errors import DataError
from liandong.texts import both

_FORMS = (
    (re.compile(r"(\d{4})"), 1),
    (re.compile(r"(\d{4})-?Q([1-4])"), 4),
    (re.compile(r"(\d{4})-?(0[1-9]|1[0-2])"), 12),
)


def ordinals(periods: list[str], file: str) -> list[int]:
    """Return numbers of periods: one that follows another has the next.

    Parameters
    ----------
    periods
        All years (``2026``), all quarters (``2026-Q3``) or all months (``2026-03``).
    file
        Table that they come from, for the error.

    Raises
    ------
    DataError
        If one is none of these, or they are mixed.

    Examples
    --------
    >>> ordinals(["2025-12", "2026-01", "2026-03"], "price")
    [24311, 24312, 24314]
    """
    found = [_ordinal(p) for p in periods]
    forms = {form for form, _ in found}
    if 0 in forms or len(forms) > 1:
        odd = [p for p, (form, _) in zip(periods, found, strict=True) if form != found[0][0]]
        odd = [p for p, (form, _) in zip(periods, found, strict=True) if not form] or odd
        what = both("fault.periods_differ", period=odd[0], first=periods[0])
        raise DataError(file=file, what=what, remedy=both("advice.one_period_form"))
    return [number for _, number in found]


def _ordinal(period: str) -> tuple[int, int]:
    for form, parts in _FORMS:
        if match := form.fullmatch(period):
            part = int(match[2]) - 1 if parts > 1 else 0
            return parts, int(match[1]) * parts + part
    return 0, 0
