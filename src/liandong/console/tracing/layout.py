"""Where the nodes and bands of unrolled money stand: heights are fen, and nothing overlaps."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from liandong.console.tracing.unroll import Unrolled

TALL = 380.0
"""Height of all money together with the gaps between nodes."""
GAP = 16.0
"""Least height between nodes, enough for a label of two lines beside them."""
BAR = 10.0
"""Width of a node."""
TOP = 26.0
"""Room above for the names of columns."""
SIDE = 150.0
"""Room for labels beside the last column, and before the first one when places have lanes."""
STEP = 118.0
"""Least width of a column."""
WIDE = 1100.0
"""Least width of the picture."""


class Box(NamedTuple):
    """A node: its left upper corner and its height."""

    x: float
    y: float
    h: float


class Strip(NamedTuple):
    """A band: where it leaves, where it arrives, and how high it is."""

    x0: float
    y0: float
    x1: float
    y1: float
    h: float

    def points(self) -> list[tuple[float, float]]:
        """Return the eight corners and control points of its outline, from the left upper one."""
        xm = (self.x0 + self.x1) / 2
        low = (self.y0 + self.h, self.y1 + self.h)
        return [
            (self.x0, self.y0), (xm, self.y0), (xm, self.y1), (self.x1, self.y1),
            (self.x1, low[1]), (xm, low[1]), (xm, low[0]), (self.x0, low[0]),
        ]  # fmt: skip


class Picture(NamedTuple):
    """A picture of unrolled money.

    Attributes
    ----------
    width, height
        Of the whole.
    boxes, strips
        One for each node and band, in their order.
    heads
        Middle of each named column.
    lanes
        Upper end of each lane, empty without lanes.
    """

    width: float
    height: float
    boxes: list[Box]
    strips: list[Strip]
    heads: list[float]
    lanes: list[float]


def laid_out(money: Unrolled) -> Picture:
    """Lay out nodes and bands."""
    last = max((n.column for n in money.nodes), default=0)
    lanes = money.unit != "step"
    start = SIDE if lanes else 8.0
    width = max(WIDE, start + SIDE + last * STEP)
    step = (width - start - SIDE - BAR) / max(last, 1)
    high, tops, scale = _in_lanes(money) if lanes else _in_columns(money, last)
    boxes = [
        Box(start + n.column * step, high[i], max(1.0, n.amount * scale))
        for i, n in enumerate(money.nodes)
    ]
    height = max((b.y + b.h for b in boxes), default=0.0) + GAP
    heads = [start + BAR / 2 + (k + 0.5) * step for k in range(last)] if lanes else []
    return Picture(width, height, boxes, _strips(money, boxes, scale), heads, tops)


def _in_lanes(money: Unrolled) -> tuple[list[float], list[float], float]:
    """Return the height of each node, the upper end of each lane, and units a fen."""
    most: dict[int, int] = defaultdict(int)
    for n in money.nodes:
        most[n.lane] = max(most[n.lane], n.amount)
    room = 1.3 * TALL - (GAP + 8) * len(most)
    scale = max(room, TALL / 3) / max(sum(most.values()), 1)
    tops, y = {}, TOP + 6
    for lane in sorted(most):
        tops[lane] = y
        y += max(most[lane] * scale, 12.0) + GAP
    return [tops[n.lane] for n in money.nodes], list(tops.values()), scale


def _in_columns(money: Unrolled, last: int) -> tuple[list[float], list[float], float]:
    """Return the height of each node near the nodes that its money comes from."""
    column: list[list[int]] = [[] for _ in range(last + 1)]
    for i, n in enumerate(money.nodes):
        column[n.column].append(i)
    gap = 2 * GAP
    most = max((sum(money.nodes[i].amount for i in c) for c in column), default=0)
    crowd = max((len(c) for c in column), default=1)
    scale = max(TALL - gap * (crowd - 1), TALL / 3) / max(most, 1)
    into = defaultdict(list)
    for b in money.bands:
        into[b.target].append(b)
    y = [0.0] * len(money.nodes)
    for c in column:
        tall = {i: money.nodes[i].amount * scale for i in c}
        aim = {}
        for i in c:
            total = sum(b.amount for b in into[i])
            middle = sum(b.amount * (y[b.source] + money.nodes[b.source].amount * scale / 2)
                         for b in into[i])  # fmt: skip
            aim[i] = middle / total if total else TOP + TALL / 2
        c.sort(key=lambda i: (money.nodes[i].place == "", aim[i], i))
        at = [aim[i] - tall[i] / 2 for i in c]
        for i, place in zip(c, _apart(at, [tall[i] for i in c], gap), strict=True):
            y[i] = place
    return y, [], scale


def _apart(at: list[float], tall: list[float], gap: float) -> list[float]:
    """Move intervals apart, first down and then up from the lower end, as little as that takes."""
    floor = max(TOP + TALL, TOP + sum(tall) + gap * (len(tall) - 1))
    y, low = [], TOP
    for a, h in zip(at, tall, strict=True):
        y.append(max(a, low))
        low = y[-1] + h + gap
    for i in range(len(y) - 1, -1, -1):
        y[i] = min(y[i], floor - tall[i])
        floor = y[i] - gap
    return y


def _strips(money: Unrolled, boxes: Sequence[Box], scale: float) -> list[Strip]:
    """Let bands leave and arrive side by side, in the order of where they go and come from."""
    n = len(money.bands)
    ends = ([0.0] * n, [0.0] * n)
    for end, other, places in (("source", "target", ends[0]), ("target", "source", ends[1])):
        used = [b.y for b in boxes]
        order = sorted(range(n), key=lambda i: boxes[getattr(money.bands[i], other)].y)
        for i in order:
            node = getattr(money.bands[i], end)
            places[i] = used[node]
            used[node] += money.bands[i].amount * scale
    return [
        Strip(boxes[b.source].x + BAR, ends[0][i], boxes[b.target].x, ends[1][i],
              max(0.8, b.amount * scale))
        for i, b in enumerate(money.bands)
    ]  # fmt: skip
