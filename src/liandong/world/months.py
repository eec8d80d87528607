"""The calendar of a world: months, business days, and Spring Festival."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from liandong.world.arrays import Floats, Ints

SYNODIC_MONTH = 29.530588861
NEW_MOON_2000 = 2451550.09766 - 2440587.5 + 8 / 24
"""Mean new moon of January 2000, Julian date to days since 1970-01-01, in Beijing time."""


def spring_festival(year: int) -> int:
    """Return Chinese New Year as a day since 1970-01-01, right to about a day.

    It is the new moon between 21 January and 20 February. Mean new moons after J. Meeus,
    Astronomical Algorithms, chapter 49, without the periodic terms: enough for seasonality.
    """
    earliest = (date(year, 1, 21) - date(1970, 1, 1)).days
    moons = np.ceil((earliest - NEW_MOON_2000) / SYNODIC_MONTH)
    return int(np.floor(NEW_MOON_2000 + moons * SYNODIC_MONTH))


@dataclass(frozen=True)
class Months:
    """Months 0 to ``count`` - 1 of a world.

    Attributes
    ----------
    start
        First day of month 0.
    count
        Number of months.
    """

    start: date
    count: int

    @cached_property
    def first(self) -> Ints:
        """First day of each month and, last, the day after the world; days since 1970."""
        begin = np.datetime64(self.start, "M")
        months = np.arange(begin, begin + self.count + 1)
        return months.astype("datetime64[D]").astype(np.int64)

    @property
    def end(self) -> int:
        """The day after the last."""
        return int(self.first[-1])

    @cached_property
    def number(self) -> Ints:
        """Month of the year, 0 to 11."""
        return (np.arange(self.count) + self.start.month - 1) % 12

    @cached_property
    def festivals(self) -> Ints:
        """New Year's days of all years the world touches."""
        last = self.start.year + (self.start.month + self.count) // 12 + 1
        return np.array([spring_festival(y) for y in range(self.start.year, last + 1)])

    @cached_property
    def idle(self) -> Floats:
        """Share of each month that falls into the slack from New Year - 6 to New Year + 12 days."""
        begin, end = self.first[:-1, None], self.first[1:, None]
        low, high = self.festivals - 6, self.festivals + 13
        overlap = np.clip(np.minimum(end, high) - np.maximum(begin, low), 0, None).sum(axis=1)
        return np.asarray(overlap / (end - begin)[:, 0])

    @cached_property
    def bonus(self) -> Ints:
        """1 for the month whose wages are paid last before New Year, else 0."""
        paid = np.zeros(self.count, np.int64)
        months = self.of(self.festivals - 15)
        paid[months[(months >= 0) & (months < self.count)]] = 1
        return paid

    @cached_property
    def _business(self) -> tuple[Ints, Ints]:
        """Business days by month, as a matrix with its row lengths."""
        days = np.arange(self.first[0], self.end)
        since = days[:, None] - self.festivals
        holiday = ((since >= -1) & (since < 7)).any(axis=1)
        # 1970-01-01 was a Thursday.
        open_days = days[((days + 3) % 7 < 5) & ~holiday]
        month = self.of(open_days)
        counts = np.bincount(month, minlength=self.count)
        table = np.zeros((self.count, counts.max()), np.int64)
        table[month, np.arange(len(open_days)) - np.repeat(counts.cumsum() - counts, counts)] = (
            open_days
        )
        return table, counts

    def day(self, month: Ints, u: Floats) -> Ints:
        """Return a business day of each month; ``u`` in [0, 1) says which."""
        table, counts = self._business
        return table[month, (u * counts[month]).astype(np.int64)]

    def of(self, day: Ints) -> Ints:
        """Return the month of each day; -1 before the world, ``count`` after it."""
        return np.searchsorted(self.first, day, "right") - 1

    @cached_property
    def names(self) -> list[str]:
        """Months as ``2023-01``."""
        begin = np.datetime64(self.start, "M")
        return [str(m) for m in np.arange(begin, begin + self.count)]
