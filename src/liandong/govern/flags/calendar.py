"""The working calendar of mainland China: weekends, holidays, and weekends that are worked."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

WORK, WEEKEND, HOLIDAY, UNKNOWN = 0, 1, 2, 3
_EPOCH = date(1970, 1, 1)


@cache
def _known() -> dict[int, NDArray[np.int8]]:
    """Return for each year that was announced what its days are, from the first of January."""
    text = files(__package__).joinpath("calendar.toml").read_text("utf-8")
    return {int(y): _year(int(y), told) for y, told in tomllib.loads(text).items()}


def _year(year: int, told: dict[str, str]) -> NDArray[np.int8]:
    first = date(year, 1, 1)
    days = np.arange((date(year + 1, 1, 1) - first).days)
    kind = np.where((days + first.weekday()) % 7 >= 5, WEEKEND, WORK).astype(np.int8)
    for name, what in (("off", HOLIDAY), ("on", WORK)):
        for span in told[name].split():
            begin, _, end = span.partition("/")
            a, b = (date.fromisoformat(f"{year}-{d}") for d in (begin, end or begin))
            kind[(a - first).days : (b - first).days + 1] = what
    return kind


def kinds(days: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return what days are: ``WORK``, ``WEEKEND``, ``HOLIDAY``, or ``UNKNOWN``.

    Parameters
    ----------
    days
        Shape (n,), days since 1970-01-01.

    Notes
    -----
    Years for which no notice of the State Council is in ``calendar.toml`` are unknown: a weekend of
    such a year may be worked.

    Examples
    --------
    >>> from datetime import date
    >>> day = [(date(*d) - date(1970, 1, 1)).days for d in ((2024, 2, 4), (2024, 2, 10))]
    >>> kinds(np.array(day)).tolist()  # a Sunday that was worked, and the Spring Festival
    [0, 2]
    """
    if not len(days):
        return np.zeros(0, np.int8)
    low, high = int(days.min()), int(days.max())
    every = np.full(high - low + 1, UNKNOWN, np.int8)
    for year, kind in _known().items():
        at = (date(year, 1, 1) - _EPOCH).days - low
        a, b = max(at, 0), min(at + len(kind), len(every))
        if a < b:
            every[a:b] = kind[a - at : b - at]
    return every[days - low]
