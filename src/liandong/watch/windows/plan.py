"""From declared windows to the rows of numbers that the kernel works by."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liandong.errors import UsageError
from liandong.kernels.streams import layout as at
from liandong.kernels.streams.layout import ABSENT, Int, Plan
from liandong.texts import both
from liandong.watch.windows.rules import Where, Window, WindowsRule, micros

CODES = {
    "count": at.COUNT, "sum": at.SUM_OF, "mean": at.MEAN, "std": at.STD, "min": at.LEAST,
    "max": at.MOST, "distinct": at.DIFFERENT, "velocity": at.VELOCITY, "first": at.FIRST,
    "last": at.LAST, "top_share": at.TOP_SHARE,
}  # fmt: skip
KEEPS: dict[str, tuple[int, ...]] = {
    "count": (), "sum": (at.SUM,), "mean": (at.SUM,), "std": (at.SUM, at.SQUARES),
    "min": (at.SMALLEST,), "max": (at.LARGEST,), "distinct": (at.DISTINCT,),
    "velocity": (at.SUM,), "first": (at.EARLIEST,), "last": (at.SUM, at.LATEST),
    "top_share": (at.SUM, at.DISTINCT, at.TOP),
}  # fmt: skip
"""What a lane keeps for a function beside tail and count."""
BLANK = {
    at.TAIL: (ABSENT, 0), at.SUM: (0, 0), at.SQUARES: (0, 0), at.EARLIEST: (ABSENT,),
    at.LATEST: (0,), at.LARGEST: (ABSENT, ABSENT), at.SMALLEST: (ABSENT, ABSENT),
    at.DISTINCT: (0,), at.TOP: (ABSENT, ABSENT),
}  # fmt: skip
"""What that looks like before the first event."""
LINKS = {at.LARGEST: at.LARGEST_LINK, at.SMALLEST: at.SMALLEST_LINK}
LINE = 8


class Chosen(NamedTuple):
    """The plan of a rule, and what goes with it.

    Attributes
    ----------
    plan
        For the kernel.
    choices
        Which events the bits of a mask stand for.
    log_width, counter_width
        Columns of a row of the log, and of a counter.
    whole
        Of each window, whether its values are whole numbers.
    """

    plan: Plan
    choices: tuple[Where, ...]
    log_width: int
    counter_width: int
    whole: tuple[bool, ...]


Lane = tuple[int, Where]


def chosen(rule: WindowsRule) -> Chosen:
    """Return the plan of a rule.

    Raises
    ------
    UsageError
        If there are more different choices of events than a mask has bits.
    """
    choices = tuple(dict.fromkeys(w.where for w in rule.windows))
    if len(choices) > at.MOST_CHOICES:
        what = both("fault.many_choices", there=len(choices), most=at.MOST_CHOICES)
        raise UsageError(what=what, remedy=both("advice.fewer_choices"))
    lanes = _lanes(rule.windows)
    rows = np.full((len(lanes), at.LANE), ABSENT, np.int64)
    blank = [ABSENT, ABSENT, 0, ABSENT]
    log_width, counter_width = at.LOG_HEAD, at.COUNTER_HEAD
    for row, ((over, where), kept) in zip(rows, lanes.items(), strict=True):
        row[at.OVER], row[at.BIT] = over, choices.index(where)
        for piece in sorted({at.TAIL, *kept}):
            row[piece] = len(blank)
            blank += BLANK[piece]
            if piece in LINKS:
                row[LINKS[piece]] = log_width
                log_width += 2
        if at.DISTINCT in kept:
            row[at.COUNTER] = counter_width
            counter_width += 4 if at.TOP in kept else 1
    blank += [0] * (-len(blank) % LINE)
    longest = int(rows[:, at.OVER].max())
    windows, ratio = _windows(rule.windows, list(lanes))
    plan = Plan(
        rows, windows, ratio, np.array(blank, np.int64), longest, longest + micros(rule.late)
    )
    return Chosen(plan, choices, log_width, counter_width, tuple(w.whole for w in rule.windows))


def _lanes(windows: Sequence[Window]) -> dict[Lane, set[int]]:
    """Return the lanes with what each must keep, in the order in which they are named."""
    lanes: dict[Lane, set[int]] = {}
    for w in windows:
        lanes.setdefault((micros(w.over), w.where), set()).update(KEEPS[w.fn])
        if w.against is not None:
            lanes.setdefault((micros(w.against), w.where), set()).add(at.SUM)
    return lanes


def _windows(windows: Sequence[Window], lanes: list[Lane]) -> tuple[Int, at.Float]:
    rows = np.full((len(windows), at.WINDOW), ABSENT, np.int64)
    ratio = np.ones(len(windows))
    used = {True: 0, False: 0}
    for n, (row, w) in enumerate(zip(rows, windows, strict=True)):
        row[at.FUNCTION] = CODES[w.fn]
        row[at.OF_LANE] = lanes.index((micros(w.over), w.where))
        row[at.COLUMN] = used[w.whole]
        used[w.whole] += 1
        if w.against is not None:
            row[at.AGAINST] = lanes.index((micros(w.against), w.where))
            ratio[n] = micros(w.against) / micros(w.over)
    return rows, ratio
