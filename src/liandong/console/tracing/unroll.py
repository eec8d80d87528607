"""The money of a loan unrolled, by step or by day, so that it only ever runs forwards.

Bands have exact sums: what comes to a node goes on or stays, to the fen; what is not drawn by
itself is in a node of others, and what is not drawn at all is told with its sum.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from liandong.console.tracing.lots import FX, Lot
from liandong.types import EPOCH

LAYERS = 6
"""Steps drawn; what comes later is one band behind them."""
WIDTH = 7
"""Places drawn in a step; the smaller ones are one band."""
SMALLEST = 80
"""A place is drawn by itself if one part in so many of the money came to it."""
LANES = 9
"""Places with a lane of their own when money is unrolled by day."""
DAY_US, CHINA_US = 86_400_000_000, 28_800_000_000
"""A day, and how far the clocks of China are ahead of UTC, in microseconds."""
COLUMNS = 30
"""Columns at most; money handed on within one day takes one a transfer."""


class Node(NamedTuple):
    """Money at a place, at one step or at one time.

    Attributes
    ----------
    column
        From the left.
    lane
        From the top when places have fixed lanes, else -1.
    place
        Account or sink; empty for the others.
    places
        How many it stands for.
    first
        Whether it is the first account that money was paid to.
    amount, left
        Fen that came (with what was there before), and fen that never leave again.
    """

    column: int
    lane: int
    place: str
    places: int
    first: bool
    amount: int
    left: int


class Band(NamedTuple):
    """Money between two nodes.

    Attributes
    ----------
    source, target
        Numbers of nodes.
    amount
        Fen.
    back
        Whether this money had been at that place before.
    stays
        Whether it stays in its place until the next column.
    """

    source: int
    target: int
    amount: int
    back: bool
    stays: bool


class Unrolled(NamedTuple):
    """Nodes, bands, and what the columns are.

    Attributes
    ----------
    columns
        First and last day of each; empty by step.
    unit
        What a column is: ``step``, ``day``, ``week``, ``month``, ``quarter`` or ``year``.
    rest, rest_amount
        Transfers that are not drawn, and their fen.
    """

    nodes: list[Node]
    bands: list[Band]
    columns: list[tuple[date, date]]
    unit: str
    rest: int
    rest_amount: int


Key = tuple[int, str]
"""Column and place."""
Span = tuple[date, date]
"""First and last day."""


@dataclass
class _Sum:
    """Bands and nodes while they are added up; a node is named by column and place."""

    bands: dict[tuple[Key, Key, bool, bool], int] = field(default_factory=lambda: defaultdict(int))
    left: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    inside: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, a: Key, b: Key, amount: int, *, back: bool = False, stays: bool = False) -> None:
        if amount and a != b:
            self.bands[a, b, back, stays] += amount

    def unrolled(
        self, first: str, lane: Callable[[str], int], columns: list[tuple[date, date]], unit: str,
        rest: tuple[int, int],
    ) -> Unrolled:  # fmt: skip
        came: dict[Key, int] = defaultdict(int)
        went: dict[Key, int] = defaultdict(int)
        for (a, b, _, _), amount in self.bands.items():
            went[a] += amount
            came[b] += amount
        names = sorted(came.keys() | went.keys(), key=lambda k: (k[0], lane(k[1]), k[1] == "", k))
        number = {name: i for i, name in enumerate(names)}
        nodes = [
            Node(k[0], lane(k[1]), k[1], max(1, len(self.inside[k])), k[1] == first,
                 max(came[k], went[k]), self.left[k])
            for k in names
        ]  # fmt: skip
        bands = [
            Band(number[a], number[b], n, back, stays)
            for (a, b, back, stays), n in self.bands.items()
        ]
        return Unrolled(nodes, sorted(bands), columns, unit, *rest)


def by_step(
    lots: Sequence[Lot], layers: int = LAYERS, width: int = WIDTH, smallest: int = SMALLEST
) -> Unrolled:
    """Unroll by the number of transfers since the money was paid out.

    Parameters
    ----------
    lots
        Of one loan, each after its parent.
    layers, width
        Most steps, and most places in each.
    smallest
        A place is drawn by itself if one part in so many of the money came to it.
    """
    lots = _gains_apart(lots)
    got: dict[Key, int] = defaultdict(int)
    for lot in lots:
        got[min(lot.depth, layers + 1), lot.place] += lot.amount
    shown = _largest(got, layers, width, smallest)

    def key(lot: Lot) -> Key:
        layer = min(lot.depth, layers + 1)
        return layer, lot.place if (layer, lot.place) in shown else ""

    found = _Sum()
    for lot in lots:
        to = key(lot)
        start = (0, lot.src) if lot.parent < 0 else key(lots[lot.parent])
        found.add(start, to, lot.amount, back=lot.back)
        found.inside[to].add(lot.place)
        found.left[to] += lot.left
    return found.unrolled(lots[0].place if lots else "", lambda _: -1, [], "step", (0, 0))


def _gains_apart(lots: Sequence[Lot]) -> Sequence[Lot]:
    """Let what was gained in exchange come from there: no band is less than nothing.

    A gain is a lot of less than nothing behind the lot that arrived with it.
    """
    if all(lot.amount >= 0 for lot in lots):
        return lots
    found = list(lots)
    for i, lot in enumerate(lots):
        if lot.amount < 0:
            came = lots[i - 1]
            found[i - 1] = came._replace(amount=came.amount + lot.amount)
            found[i] = came._replace(
                lot_id=lot.lot_id, parent=-1, src=FX, amount=-lot.amount, left=0, back=False
            )
    return found


def _largest(got: dict[Key, int], layers: int, width: int, smallest: int) -> set[Key]:
    """Return the places that are drawn by themselves."""
    least = max(got.values(), default=0) // smallest
    shown: set[Key] = set()
    for layer in range(1, layers + 1):
        found = sorted((k for k in got if k[0] == layer), key=lambda k: (-got[k], k[1]))
        large = sum(got[k] >= least for k in found)
        n = width if len(found) <= width else width - 1
        n = min(n, large) if len(found) - large > 1 else n
        shown.update(found[:n])
    return shown


def by_day(lots: Sequence[Lot], lanes: int = LANES, columns: int = COLUMNS) -> Unrolled:
    """Unroll by day, every place in a lane of its own.

    Money that is handed on within a day takes a column more for each transfer, so that it, too,
    only runs forwards; a day without transfers takes none. Days are put together to weeks, months,
    quarters or years until the columns suffice.

    Parameters
    ----------
    lots
        Of one loan, each after its parent.
    lanes
        Places with a lane of their own; the others share one.
    columns
        Columns at most; what comes later is not drawn but told.
    """
    lots = _gains_apart(lots)
    unit, spans, slot = _columns(lots, columns)
    drawn: list[list[Lot]] = [[] for _ in range(min(len(spans), columns))]
    late = [lot for lot, s in zip(lots, slot, strict=True) if s >= columns]
    for lot, s in zip(lots, slot, strict=True):
        if s < columns:
            drawn[s].append(lot)
    order = {place: i for i, place in enumerate([*_own_lanes(lots, lanes), ""])}
    found = _streams(lots, drawn, order)
    first = lots[0].place if lots else ""
    rest = (len({lot.flow_id for lot in late}), sum(lot.amount for lot in late))
    return found.unrolled(first, order.__getitem__, spans[: len(drawn)], unit, rest)


def _streams(lots: Sequence[Lot], drawn: list[list[Lot]], order: dict[str, int]) -> _Sum:
    """Let money run through the columns: what is not sent on stays in its lane."""
    found, stock, others = _Sum(), dict.fromkeys(order, 0), set[str]()

    def lane(place: str) -> str:
        return place if place in order else ""

    for s, moved in enumerate(drawn):
        sent, got = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
        for lot in moved:
            root = lot.parent < 0
            a, b = lane(lot.src if root else lots[lot.parent].place), lane(lot.place)
            others |= set() if b else {lot.place}
            if a == b:  # among the others
                continue
            found.add((s, a), (s + 1, b), lot.amount, back=lot.back)
            sent[a] += 0 if root else lot.amount
            got[b] += lot.amount
        for place in order:
            found.add((s, place), (s + 1, place), stock[place] - sent[place], stays=True)
            stock[place] += got[place] - sent[place]
        found.inside[s + 1, ""] = set(others)
    for place, amount in stock.items():
        found.left[len(drawn), place] = amount
    return found


def _own_lanes(lots: Sequence[Lot], lanes: int) -> list[str]:
    """Return the places with most money in the order in which it came, lenders first."""
    lenders = dict.fromkeys(lot.src for lot in lots if lot.parent < 0)
    got: dict[str, int] = defaultdict(int)
    for lot in lots:
        got[lot.place] += lot.amount
    most = sorted((p for p in got if p not in lenders), key=lambda p: (-got[p], p))
    large = set(most[: lanes if len(most) <= lanes else lanes - 1])
    later = sorted((p for p in got if p in large), key=lambda p: p.startswith("repaid:"))
    return [*lenders, *later]


def _columns(lots: Sequence[Lot], most: int) -> tuple[str, list[Span], list[int]]:
    """Return the unit of time, the days of each column, and the column of each lot."""
    first = EPOCH.toordinal()
    whole = [first + (lot.us + CHINA_US) // DAY_US for lot in lots]
    day = {n: date.fromordinal(n) for n in set(whole)}
    tried = []
    for unit, span_of in UNITS.items():
        span = {n: span_of(d) for n, d in day.items()}
        spans, slot = _slots(lots, [span[n] for n in whole])
        tried.append((len(spans), unit, spans, slot))
        if len(spans) <= most:
            break
    _, unit, spans, slot = min(tried, key=lambda t: t[0]) if len(tried) == len(UNITS) else tried[-1]
    return unit, spans, slot


def _slots(lots: Sequence[Lot], span: Sequence[Span]) -> tuple[list[Span], list[int]]:
    """Give each lot a column after that of its parent, and each span as many as it needs."""
    offset: list[int] = []
    for i, lot in enumerate(lots):
        handed = lot.parent >= 0 and span[lot.parent] == span[i]
        offset.append(offset[lot.parent] + 1 if handed else 0)
    need: dict[Span, int] = {}
    for s, k in zip(span, offset, strict=True):
        need[s] = max(need.get(s, 0), k + 1)
    start, at = {}, 0
    for s in sorted(need):
        start[s] = at
        at += need[s]
    columns = [s for s in sorted(need) for _ in range(need[s])]
    return columns, [start[s] + k for s, k in zip(span, offset, strict=True)]


def _months(day: date, length: int) -> Span:
    """Return the calendar months around a day, ``length`` of them from January on."""
    start = date(day.year, (day.month - 1) // length * length + 1, 1)
    after = date(start.year + (start.month + length > 12), (start.month + length - 1) % 12 + 1, 1)
    return start, after - timedelta(days=1)


def _week(day: date) -> Span:
    start = day - timedelta(days=day.weekday())
    return start, start + timedelta(days=6)


UNITS: dict[str, Callable[[date], Span]] = {
    "day": lambda d: (d, d),
    "week": _week,
    "month": lambda d: _months(d, 1),
    "quarter": lambda d: _months(d, 3),
    "year": lambda d: _months(d, 12),
}
"""Units of time, from the finest: the first and last day of the one around a day."""
