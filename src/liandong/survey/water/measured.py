"""Measurements of water by section, year, indicator and month; and classes of water."""

from bisect import bisect_left
from collections import defaultdict
from datetime import date
from fractions import Fraction

import pyarrow as pa

from liandong.survey.water.rules import WaterRule

Months = dict[int, Fraction]
"""Means by month, 1 to 12, in micrograms per litre."""

LIMITS: dict[str, dict[str, tuple[int, ...]]] = {
    "river": {
        "permanganate": (2_000, 4_000, 6_000, 10_000, 15_000),
        "ammonia": (150, 500, 1_000, 1_500, 2_000),
        "phosphorus": (20, 100, 200, 300, 400),
    },
    "lake": {
        "permanganate": (2_000, 4_000, 6_000, 10_000, 15_000),
        "ammonia": (150, 500, 1_000, 1_500, 2_000),
        "phosphorus": (10, 25, 50, 100, 200),
        "nitrogen": (200, 500, 1_000, 1_500, 2_000),
    },
}
"""GB 3838-2002, table 1: the highest values of classes I to V, micrograms per litre. The limits of
total nitrogen are for lakes and reservoirs only."""


class Measured:
    """What was measured.

    Attributes
    ----------
    means
        By section, year and indicator: means by month of all samples of the month.
    below
        By the same: how many samples were below the limit of detection.
    """

    def __init__(self, sample: pa.Table, rule: WaterRule) -> None:
        part = {"half": Fraction(1, 2), "limit": Fraction(1), "zero": Fraction(0)}[rule.below]
        values: dict[tuple[str, int, str], dict[int, list[Fraction]]]
        values = defaultdict(lambda: defaultdict(list))
        self.below: dict[tuple[str, int, str], int] = defaultdict(int)
        for r in sample.to_pylist():
            key = (r["section_id"], r["day"].year, r["indicator"])
            counts = Fraction(r["value"]) * (part if r["below"] else 1)
            values[key][r["day"].month].append(counts)
            self.below[key] += bool(r["below"])
        self.means: dict[tuple[str, int, str], Months] = {
            key: {m: sum(v, Fraction(0)) / len(v) for m, v in sorted(months.items())}
            for key, months in values.items()
        }

    def years(self, section: str) -> list[int]:
        """Return the years from the first in which anything was measured to the last."""
        found = {y for s, y, _ in self.means if s == section}
        return list(range(min(found), max(found) + 1)) if found else []


def mean(months: Months) -> Fraction | None:
    """Return the mean over months: each counts once, however often it was measured."""
    return sum(months.values(), Fraction(0)) / len(months) if months else None


def grade(value: Fraction, indicator: str, body: str) -> int | None:
    """Return the class of water, 1 to 5, 6 for worse; None without limits for such water.

    Examples
    --------
    >>> grade(Fraction(500), "ammonia", "river"), grade(Fraction(501), "ammonia", "river")
    (2, 3)
    """
    limits = LIMITS[body].get(indicator)
    return None if limits is None else bisect_left(limits, value) + 1


def agreed(base: pa.Table) -> dict[tuple[str, str], list[tuple[date, int]]]:
    """Return the agreed base values by section and indicator, in order of their first days."""
    found: dict[tuple[str, str], list[tuple[date, int]]] = defaultdict(list)
    for r in base.to_pylist():
        found[r["section_id"], r["indicator"]].append((r["valid_from"], r["value"]))
    return {key: sorted(rows) for key, rows in found.items()}


def in_force(rows: list[tuple[date, int]], year: int) -> int | None:
    """Return the base value that holds at the beginning of a year."""
    known = [value for day, value in rows if day <= date(year, 1, 1)]
    return known[-1] if known else None
