"""Drawings as SVG: the same on a page and in a file of its own, without a script.

Colours and letters come from classes; texts are real texts, so that they are read out and found.
"""

from collections.abc import Iterable, Sequence
from math import ceil, floor, isfinite, log10
from typing import NamedTuple

from markupsafe import Markup, escape

from liandong.console.markup import joined, put

WIDTH = 400
"""Units of width; about as many pixels where it stands."""
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 34
"""Margins round the field of a chart with axes."""
LINE = 19
"""Height of a line of a chart of rows."""
NOTHING = 1e-300
"""What is no further from 0 cannot be divided any more: it is drawn as 0."""


class Axis(NamedTuple):
    """From where to where an axis goes, where it is marked, and what it says."""

    low: float
    high: float
    marks: tuple[tuple[float, str], ...]
    name: str = ""

    @classmethod
    def over(cls, values: Iterable[float], name: str = "", *, share: bool = False) -> "Axis":
        """Return an axis over values at round marks; shares are written in percent."""
        found = [v for v in values if isfinite(v)] or [0.0]
        low, high = min(found), max(found)
        span = high - low or abs(high)
        step = _round_step((span if span > NOTHING else 1.0) / 4)
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        last = max(last, first + 1)
        at = [k * step for k in range(first, last + 1)]
        return cls(at[0], at[-1], tuple((v, _mark(v, step, share=share)) for v in at), name)

    @classmethod
    def along(cls, names: Sequence[str], step: int, name: str = "") -> "Axis":
        """Return an axis on which the k-th name stands at k; every ``step``-th one is written."""
        marks = tuple((float(k), names[k]) for k in range(0, len(names), step))
        return cls(0.0, float(max(len(names) - 1, 1)), marks, name)

    def place(self, value: float, start: float, end: float) -> float:
        """Return where a value stands between two places; what lies outside stands at the end."""
        part = (value - self.low) / (self.high - self.low)
        return start + min(1.0, max(0.0, part)) * (end - start)


PERCENT = Axis(0.0, 1.0, tuple((k / 4, f"{25 * k}%") for k in range(5)))
"""The axis of a share."""


class Series(NamedTuple):
    """A line or dots.

    Attributes
    ----------
    name
        What it is.
    look
        Class of its colour.
    points
        Pairs (x, y); for dots also (x, y, low, high).
    dots
        Whether points are dots with intervals and not a line.
    band
        Triples (x, low, high) of a stretch that is shaded behind a line.
    """

    name: str
    look: str
    points: Sequence[tuple[float, ...]]
    dots: bool = False
    band: Sequence[tuple[float, float, float]] = ()


class Row(NamedTuple):
    """A line of a chart of rows: a value with its interval, or a bar."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""
    look: str = "s1"


class Dot(NamedTuple):
    """A moment on a lane: where, its colour, and what it says."""

    at: float
    look: str
    told: str


class Lane(NamedTuple):
    """A line along time: a stretch of it, and moments on it."""

    name: str
    span: tuple[float, float] | None = None
    look: str = "s1"
    told: str = ""
    dots: Sequence[Dot] = ()


class Spot(NamedTuple):
    """A place in a plane: where, its looks, what it says, and how large it is."""

    x: float
    y: float
    look: str
    told: str
    size: float = 3.5


def plane(
    label: str, spots: Sequence[Spot], ties: Sequence[tuple[float, float, float, float]] = ()
) -> Markup:
    """Draw spots in a plane whose two directions have one scale, y upwards; later ones above.

    Parameters
    ----------
    ties
        Lines below the spots, each from where to where: x, y, x, y.
    """
    across, up = [s.x for s in spots] or [0.0], [s.y for s in spots] or [0.0]
    left, top, high = min(across), max(up), max(up) - min(up)
    scale = (WIDTH - 2 * TOP) / max(max(across) - left, high, NOTHING)

    def at(x: float, y: float) -> tuple[float, float]:
        return TOP + (x - left) * scale, TOP + (top - y) * scale

    inside = [_line(*at(*t[:2]), *at(*t[2:]), "tie") for t in ties]
    for s in spots:
        x, y = at(s.x, s.y)
        inside.append(_tag("circle", s.told, cx=x, cy=y, r=s.size, cls=s.look))
    return _svg(label, high * scale + 2 * TOP, inside)


def curves(label: str, series: Sequence[Series], x: Axis, y: Axis, height: int = 250) -> Markup:
    """Draw lines and dots over two axes of numbers.

    Parameters
    ----------
    label
        What the drawing says to whom does not see it.
    """
    right, bottom = WIDTH - RIGHT, height - BOTTOM
    inside = [_grid(x, y, right, bottom)]
    for s in series:
        edge = [(p[0], p[1]) for p in s.band] + [(p[0], p[2]) for p in reversed(s.band)]
        if edge:
            around = (f"{x.place(a, LEFT, right):.1f},{y.place(b, bottom, TOP):.1f}"
                      for a, b in edge)  # fmt: skip
            inside.append(_tag("polygon", s.name, points=" ".join(around), cls=f"band {s.look}"))
    for s in series:
        placed = [(x.place(p[0], LEFT, right), y.place(p[1], bottom, TOP)) for p in s.points]
        if not s.dots:
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in placed)
            inside.append(_tag("polyline", s.name, points=path, cls=f"line {s.look}"))
            continue
        for (a, b), p in zip(placed, s.points, strict=True):
            if len(p) > 2:
                ends = [y.place(v, bottom, TOP) for v in p[2:4]]
                inside.append(_line(a, ends[0], a, ends[1], f"line {s.look}"))
            tip = f"{s.name}: {p[0]:.4g}, {p[1]:.4g}"
            inside.append(_tag("circle", tip, cx=a, cy=b, r=3.5, cls=f"dot {s.look}"))
    return _svg(label, height, inside)


def columns(
    label: str, names: Sequence[str], series: Sequence[tuple[str, str, Sequence[float]]], y: Axis,
    x_name: str = "", height: int = 220, marks: Sequence[float] = (),
) -> Markup:  # fmt: skip
    """Draw upright bars beside each other: series of (name, class, one value a name)."""
    right, bottom = WIDTH - RIGHT, height - BOTTOM
    room = (right - LEFT) / max(len(names), 1)
    wide = room * 0.8 / max(len(series), 1)
    inside = [_grid(Axis(0, 1, (), x_name), y, right, bottom)]
    zero = y.place(0.0, bottom, TOP)
    for k, (name, look, values) in enumerate(series):
        for j, value in enumerate(values):
            top = y.place(value, bottom, TOP)
            x = LEFT + room * (j + 0.1) + wide * k
            tip = f"{names[j]}, {name}: {value:.4g}"
            shape = {"x": x, "y": min(top, zero), "width": wide, "height": abs(top - zero)}
            inside.append(_tag("rect", tip, **shape, cls=f"fill {look}"))
    skip = ceil(len(names) * max(map(len, names), default=1) * 7 / (right - LEFT)) or 1
    for j, name in enumerate(names):
        if j % skip == 0:
            inside.append(_text(LEFT + room * (j + 0.5), bottom + 13, name, "middle"))
    inside += [_line(LEFT, y.place(m, bottom, TOP), right, y.place(m, bottom, TOP), "mark")
               for m in marks]  # fmt: skip
    return _svg(label, height, inside)


def rows(
    label: str, found: Sequence[Row], x: Axis, marks: Sequence[float] = (), *, bars: bool = False,
    side: int = 130, note: int = 60,
) -> Markup:  # fmt: skip
    """Draw one line below another: values with their intervals, or bars from zero.

    Parameters
    ----------
    marks
        Values to draw a line at.
    side, note
        Room for the names at the left, and for the notes at the right.
    """
    right, bottom = WIDTH - note, TOP + LINE * len(found)
    marked = [(x.place(v, side, right), word) for v, word in x.marks]
    inside = [_line(at, TOP, at, bottom, "grid") for at, _ in marked]
    inside += [_text(at, bottom + 14, word, "middle") for at, word in marked]
    for v in marks:
        inside.append(_line(x.place(v, side, right), TOP, x.place(v, side, right), bottom, "mark"))
    for k, r in enumerate(found):
        y = TOP + LINE * (k + 0.5)
        inside.append(_text(side - 6, y + 4, short(r.name, side), "end", r.name))
        inside.append(_text(right + 6, y + 4, r.note, "start"))
        if r.value is not None:
            ends = (0.0, r.value, r.low, r.high)
            placed = [None if v is None else x.place(v, side, right) for v in ends]
            inside.append(_bar(r, placed, y) if bars else _dot(r, placed, y))
    if x.name:
        inside.append(_text((side + right) / 2, bottom + 28, x.name, "middle"))
    return _svg(label, bottom + (34 if x.name else 20), inside)


def lanes(label: str, found: Sequence[Lane], x: Axis, side: int = 60) -> Markup:
    """Draw stretches and moments along one axis, each lane below the other.

    Parameters
    ----------
    side
        Room for the names at the left.
    """
    right, bottom = WIDTH - RIGHT, TOP + LINE * len(found)
    inside = []
    for value, mark in x.marks:
        at = x.place(value, side, right)
        anchor = "end" if value == x.high else "start" if value == x.low else "middle"
        inside += [_line(at, TOP, at, bottom, "grid"), _text(at, bottom + 14, mark, anchor)]
    for k, lane in enumerate(found):
        y = TOP + LINE * (k + 0.5)
        inside.append(_text(side - 6, y + 4, short(lane.name, side), "end", lane.name))
        if lane.span is not None:
            start, end = (x.place(v, side, right) for v in lane.span)
            shape = {"x": start, "y": y - 5, "width": max(end - start, 2), "height": 10}
            inside.append(_tag("rect", lane.told, **shape, cls=lane.look))
        for dot in lane.dots:
            at = x.place(dot.at, side, right)
            inside.append(_tag("circle", dot.told, cx=at, cy=y, r=3.5, cls=f"dot {dot.look}"))
    return _svg(label, bottom + 20, inside)


def heat(
    label: str, names: Sequence[str], columns_: Sequence[str],
    cells: Sequence[Sequence[tuple[int, str]]], side: int = 90, every: int = 1,
) -> Markup:  # fmt: skip
    """Draw a table of shades: one line a name, one cell (shade, told) a column.

    Parameters
    ----------
    side
        Room for the names at the left.
    every
        Of so many columns one is named above.
    """
    wide = (WIDTH - side - RIGHT) / max(len(columns_), 1)
    high, top = 14, 44 if all(short(n, 44) == n for n in columns_) else side
    inside = [
        put(
            '<text transform="translate({:.1f} {}) rotate(-90)">{}</text>',
            side + wide * (j + 0.5) + 4,
            top - 4,
            short(name, top),
        )
        for j, name in enumerate(columns_) if j % every == 0
    ]  # fmt: skip
    for k, (name, line) in enumerate(zip(names, cells, strict=True)):
        y = top + high * k
        inside.append(_text(side - 6, y + 11, short(name, side), "end", name))
        for j, (shade, told) in enumerate(line):
            shape = {"x": side + wide * j, "y": float(y), "width": wide - 1, "height": high - 1.0}
            tip = f"{name}, {columns_[j]}: {told}"
            inside.append(_tag("rect", tip, **shape, cls=f"shade-{shade}"))
    return _svg(label, top + high * len(names) + 4, inside)


def _bar(r: Row, placed: list[float | None], y: float) -> Markup:
    start, end = sorted(v for v in placed[:2] if v is not None)
    shape = {"x": start, "y": y - 6, "width": max(end - start, 1), "height": 12}
    return _tag("rect", f"{r.name}: {r.value:.4g}", **shape, cls=f"fill {r.look}")


def _dot(r: Row, placed: list[float | None], y: float) -> Markup:
    _, middle, low, high = placed
    drawn, tip = Markup(""), f"{r.name}: {r.value:.4g}"
    if low is not None and high is not None:
        drawn = _line(low, y, high, y, f"line {r.look}")
        tip += f" ({r.low:.4g} … {r.high:.4g})"
    return drawn + _tag("circle", tip, cx=middle or 0.0, cy=y, r=3.5, cls=f"dot {r.look}")


def _round_step(raw: float) -> float:
    """Return the least of 1, 2, 2.5 and 5 times a power of ten that is not below ``raw``."""
    power = 10.0 ** floor(log10(raw))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * (1 - 1e-9))


def _mark(value: float, step: float, *, share: bool) -> str:
    scaled, width = (100 * value, 100 * step) if share else (value, step)
    digits = max(0, -floor(log10(width) + 1e-9))
    digits += float(f"{width:.{digits}f}") != round(width, 12)  # 2.5 takes one digit more
    return f"{scaled:,.{digits}f}".replace("-", "−") + ("%" if share else "")


def _grid(x: Axis, y: Axis, right: float, bottom: float) -> Markup:
    inside = []
    for value, word in y.marks:
        at = y.place(value, bottom, TOP)
        inside += [_line(LEFT, at, right, at, "grid"), _text(LEFT - 5, at + 4, word, "end")]
    for value, word in x.marks:
        at = x.place(value, LEFT, right)
        anchor = "end" if value == x.high else "middle"
        inside += [_line(at, TOP, at, bottom, "grid"), _text(at, bottom + 14, word, anchor)]
    inside.append(_text((LEFT + right) / 2, bottom + 29, x.name, "middle"))
    if y.name:
        inside.append(_text(LEFT + 4, TOP + 11, y.name, "start"))
    return joined(inside)


def short(name: str, room: int) -> str:
    """Return as much of a name as fits; a Chinese letter takes twice the room of a Latin one."""
    used = 0.0
    for k, letter in enumerate(name):
        used += 11.5 if letter > "\u2e80" else 6.2
        if used > room - 8:
            return name[: max(1, k - 1)] + "…"
    return name


def _text(x: float, y: float, words: str, anchor: str, title: str = "") -> Markup:
    tip = put("<title>{}</title>", title) if title and title != words else ""
    return put('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}{}</text>', x, y, anchor, tip, words)


def _line(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    return put(
        '<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>', x1, y1, x2, y2, look
    )


def _tag(name: str, tip: str, *, cls: str, **shape: float | str) -> Markup:
    given = " ".join(
        f'{k}="{escape(v)}"' if isinstance(v, str) else f'{k}="{v:.1f}"'
        for k, v in {**shape, "class": cls}.items()
    )
    tag = f"<{name} {given}><title>{escape(tip)}</title></{name}>"
    return Markup(tag)  # noqa: S704 - texts have just been escaped


def _svg(label: str, height: float, inside: Iterable[Markup]) -> Markup:
    head = Markup('<svg class="drawing" viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">')
    return joined([head.format(WIDTH, height, label), *inside, Markup("</svg>")])
