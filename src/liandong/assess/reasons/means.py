"""What a firm can do about a measure: which way it can move it, and how long that takes.

Nobody is told to undo what has happened. Courts, penalties, registration and what others report
cannot be moved by the firm, nor can age and history; time alone mends those. What a firm does can
be moved the way that is better, or either way where neither is better as such; its place in a
network is made by others. A measure that is not in the catalogue may be anything, so nothing is
promised of it.
"""

import re
from typing import Literal, NamedTuple

from liandong.assess.measures.catalogue import MEASURES, Better

Change = Literal["up", "down", "either", "none"]
"""Which way a firm can move a measure."""

DOING = frozenset({"invoice", "tax", "utility", "staff", "ip", "customs", "bank"})
"""Categories that tell of what a firm does; the others tell of what was done or happened to it."""
GIVEN = frozenset({"history", "tenure", "age", "network"})
"""Words in the name of a measure that only time can change, or only others."""
YEAR = 12
"""Months until a measure over the latest year is all new."""
MONTHS = {"sales_trend": 6, "sales_idle": 1, "staff": 3}
"""Months until other measures can be moved, where their name does not say so (``_24m``)."""
WAYS: dict[Better, Change] = {"more": "up", "less": "down", "either": "either"}


class Means(NamedTuple):
    """What can be done about a measure.

    Attributes
    ----------
    category
        What must be shared to know it; ``other`` if it is not in the catalogue.
    change
        Which way the firm can move it.
    months
        Until a change shows in full; None where there is none to be made.
    """

    category: str
    change: Change
    months: int | None


def means(name: str) -> Means:
    """Return what a firm can do about the measure called ``name``.

    Examples
    --------
    >>> means("sales_12m"), means("cases_share").change, means("patents_24m").months
    (Means(category='invoice', change='up', months=12), 'none', 24)
    """
    known = {m.name: m for m in MEASURES}.get(name)
    if known is None:
        return Means("other", "none", None)
    if known.category not in DOING or GIVEN & set(name.split("_")):
        return Means(known.category, "none", None)
    window = re.search(r"_(\d+)m$", name)
    return Means(
        known.category, WAYS[known.better], int(window[1]) if window else MONTHS.get(name, YEAR)
    )
