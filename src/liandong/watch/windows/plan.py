"""From declared windows to the rows of numbers that the kernel works by."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liandong.errors import UsageError
from liandong.kernels.streams import layout as at
from liandong.kernels.streams.layout import Int, Plan
from liandong.texts import both
from liandong.watch.windows.rules import Where, Window, WindowsRule, micros

SUMS: dict[str, tuple[int, ...]] = {
    "count": (at.COUNT,), "sum": (at.SUM,), "mean": (at.SUM,), "std": (at.SUM, at.SQUARES),
    "distinct": (at.DISTINCT,), "velocity": (at.SUM,),
    "top_share": (at.SUM, at.TOP),
}  # fmt: skip
"""What a lane keeps for a function."""
ENDS = {"max": at.LARGEST, "min": at.SMALLEST, "first": at.FIRST, "last": at.LAST}
TOLD = {
    "count": at.WORD, "distinct": at.WORD, "sum": at.TOTAL, "mean": at.MEAN, "std": at.STD,
    "velocity": at.VELOCITY, "top_share": at.TOP_SHARE,
}  # fmt: skip
PLACES = {
    "count": (at.COUNT,), "distinct": (at.DISTINCT,), "sum": (at.KNOWN, at.SUM),
    "mean": (at.KNOWN, at.SUM), "std": (at.KNOWN, at.SUM, at.SQUARES),
    "velocity": (at.KNOWN, at.SUM), "top_share": (at.KNOWN, at.SUM, at.TOP, at.COUNTER),
}  # fmt: skip
"""Where a lane keeps what is told."""
SIZES = {at.COUNT: 1, at.DISTINCT: 1, at.KNOWN: 1, at.SUM: 2, at.SQUARES: 4, at.TOP: 2}
WHOLE = (at.SUM, at.SQUARES)
"""Pieces that are named by their place among whole numbers, not words."""
ROUND = 8
"""Rows have a multiple of so many words, so that few of them lie in one line more than need be."""

Lane = tuple[int, Where]


class Chosen(NamedTuple):
    """The plan of a rule, and what goes with it.

    Attributes
    ----------
    plan
        For the kernel.
    choices
        Which events the bits of a mask stand for.
    whole
        Of each window, whether its values are whole numbers.
    """

    plan: Plan
    choices: tuple[Where, ...]
    whole: tuple[bool, ...]


class _Row:
    """Gives out places in a row, in words."""

    def __init__(self, head: int) -> None:
        self.used = head

    def give(self, words: int, *, whole: bool = False) -> int:
        """Return the place of so many words; whole numbers are named by their own places."""
        self.used += self.used % 2 if whole else 0
        place = self.used
        self.used += words
        return place // 2 if whole else place

    def wide(self, multiple: int) -> int:
        """Return the whole numbers in a row."""
        return -(-self.used // multiple) * multiple // 2


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
    key, log, counter = _Row(at.KEY_HEAD), _Row(at.LOG_HEAD), _Row(at.LATEST)
    mask_at = at.AMOUNT if len(choices) <= at.MASK_LOW else log.give(2, whole=True)
    kept = _kept(rule.windows)
    order = list(kept)
    tails = _tails(order, key)
    tail_at = dict(tails[:, [at.OVER, at.TAIL]].tolist())
    # Of each choice that counterparties are counted of, the longest lane.
    pairs = {where: tail_at[over] for over, where in order if at.DISTINCT in kept[over, where]}
    counter.give(len(pairs))
    lanes = [_lane(k, choices, kept[k], key, counter) for k in order]
    for row, (over, where) in zip(lanes, order, strict=True):
        row[at.TAIL_AT] = tail_at[over]
        row[at.PAIR] = list(pairs).index(where) if row[at.DISTINCT] else 0
    points = list(dict.fromkeys((*_lane_of(w), ENDS[w.fn]) for w in rule.windows if w.fn in ENDS))
    flags = _flags(pairs, choices, log)
    ends = [_end(p, choices, key, log) for p in points]
    longest = max(micros(w.against or w.over) for w in rule.windows)
    plan = Plan(
        tails, _rows(lanes, at.LANE_WIDE), flags, _rows(ends, at.END_WIDE),
        *_windows(rule.windows, dict(zip(order, lanes, strict=True)),
                  dict(zip(points, ends, strict=True))),
        longest, longest + micros(rule.late), key.wide(ROUND), log.wide(ROUND),
        counter.wide(4) if counter.used > at.LATEST else 0, mask_at,
    )  # fmt: skip
    return Chosen(plan, choices, tuple(w.whole for w in rule.windows))


def _rows(rows: Sequence[object], wide: int) -> Int:
    return np.array(rows, np.int64).reshape(-1, wide)


def _lane_of(window: Window) -> Lane:
    return micros(window.over), window.where


def _kept(windows: Sequence[Window]) -> dict[Lane, set[int]]:
    """Return the lanes, by length, with what each must keep."""
    lanes: dict[Lane, set[int]] = {}
    for w in windows:
        if w.fn in SUMS:
            lanes.setdefault(_lane_of(w), set()).update(SUMS[w.fn])
        if w.against is not None:
            lanes.setdefault((micros(w.against), w.where), set()).add(at.SUM)
    return {lane: lanes[lane] for lane in sorted(lanes, key=lambda lane: lane[0])}


def _tails(order: Sequence[Lane], key: _Row) -> Int:
    """Return a tail for each length, with the lanes that it is of."""
    spans = [over for over, _ in order]
    return _rows(
        [
            (over, key.give(1), spans.index(over), spans.index(over) + spans.count(over))
            for over in dict.fromkeys(spans)
        ],
        at.TAIL_WIDE,
    )


def _lane(lane: Lane, choices: Sequence[Where], kept: set[int], key: _Row, counter: _Row) -> Int:
    row = np.zeros(at.LANE_WIDE, np.int64)
    row[at.BIT] = choices.index(lane[1])
    for piece in sorted(kept | ({at.KNOWN} if at.SUM in kept else set())):
        row[piece] = key.give(SIZES[piece], whole=piece in WHOLE)
    if at.TOP in kept:
        counter.used += 1 - counter.used % 2  # so that the sum, three words on, stands even
        row[at.COUNTER] = counter.give(5)
    return row


def _flags(pairs: dict[Where, int], choices: Sequence[Where], log: _Row) -> Int:
    """Return the pairs, with a flag in the log for each; the longest tails are given."""
    rows, place = [], 0
    for d, (where, tail) in enumerate(pairs.items()):
        if d % at.FLAGS_WIDE == 0:
            place = log.give(1)
        rows.append((choices.index(where), place, d % at.FLAGS_WIDE, tail))
    return _rows(rows, at.PAIR_WIDE)


def _end(point: tuple[int, Where, int], choices: Sequence[Where], key: _Row, log: _Row) -> Int:
    row = np.zeros(at.END_WIDE, np.int64)
    over, where, kind = point
    is_deque = kind < at.FIRST
    row[at.END_OVER], row[at.END_BIT], row[at.KIND] = over, choices.index(where), kind
    row[at.PLACE] = key.give(2 if is_deque else 1)
    if is_deque:
        row[at.LINK] = log.give(1)
    return row


def _windows(
    windows: Sequence[Window], lanes: dict[Lane, Int], ends: dict[tuple[int, Where, int], Int]
) -> tuple[Int, at.Float]:
    rows = np.zeros((len(windows), at.WINDOW_WIDE), np.int64)
    ratio = np.ones(len(windows))
    used = {True: 0, False: 0}
    for n, (row, w) in enumerate(zip(rows, windows, strict=True)):
        row[at.COLUMN] = used[w.whole]
        used[w.whole] += 1
        if w.fn in ENDS:
            row[at.TOLD], row[at.P0] = at.AMOUNT_OF, ends[*_lane_of(w), ENDS[w.fn]][at.PLACE]
            continue
        row[at.TOLD] = TOLD[w.fn]
        for place, piece in zip((at.P0, at.P1, at.P2, at.P3), PLACES[w.fn], strict=False):
            row[place] = lanes[_lane_of(w)][piece]
        if w.against is not None:
            row[at.P2] = lanes[micros(w.against), w.where][at.SUM]
            ratio[n] = micros(w.against) / micros(w.over)
    return rows, ratio
