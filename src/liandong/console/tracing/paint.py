"""The pictures of a traced loan on paper: the same shapes as on the page, painted by reportlab."""

from math import cos, pi, sin
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import short
from liandong.console.tracing.layout import BAR, SIDE, Strip
from liandong.console.tracing.pictures import look, title

Data = dict[str, Any]
INKS = {
    "lender": "#0b5866", "first": "#0d4a57", "account": "#1f7a6c", "asset": "#c9a24b",
    "others": "#b4ad9b", "back": "#b2362a", "stays": "#b4ad9b", "text": "#16222a",
}  # fmt: skip
"""Colours of the printed pictures: those of the page by day."""


class Money(Flowable):  # type: ignore[misc] # reportlab has no types
    """The money of a loan, unrolled.

    Parameters
    ----------
    drawn
        ``flow`` and ``picture`` as the page has them.
    c
        Writes values.
    font
        Name of a font that has Chinese letters.
    """

    def __init__(self, drawn: Data, c: Cells, font: str) -> None:
        super().__init__()
        self.flow, self.picture, self.c, self.font = drawn["flow"], drawn["picture"], c, font
        self.scale = 1.0

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the room taken: all of the width, or less where the height forbids it."""
        tall = self.picture["height"]
        self.scale = min(width / self.picture["width"], 0.8 * height / tall)
        self.scale = max(self.scale, 0.9 * width / self.picture["width"])
        return width, tall * self.scale

    def draw(self) -> None:
        """Paint bands, nodes and names."""
        self.canv.scale(self.scale, self.scale)
        order = sorted(range(len(self.flow["bands"])), key=lambda i: self.flow["bands"][i]["back"])
        for i in order:
            self._band(self.flow["bands"][i], Strip(*self.picture["strips"][i]))
        for node, box in zip(self.flow["nodes"], self.picture["boxes"], strict=True):
            self._node(node, box)
        self._ruled()

    def _up(self, y: float) -> float:
        return float(self.picture["height"]) - y

    def _band(self, band: Data, strip: Strip) -> None:
        kind = "back" if band["back"] else "stays" if band["stays"] else "account"
        self.canv.setFillColor(HexColor(INKS[kind]))
        self.canv.setFillAlpha({"back": 0.55, "stays": 0.22}.get(kind, 0.3))
        p = [(x, self._up(y)) for x, y in strip.points()]
        path = self.canv.beginPath()
        path.moveTo(*p[0])
        path.curveTo(*p[1], *p[2], *p[3])
        path.lineTo(*p[4])
        path.curveTo(*p[5], *p[6], *p[7])
        path.close()
        self.canv.drawPath(path, stroke=0, fill=1)
        self.canv.setFillAlpha(1)

    def _node(self, node: Data, box: tuple[float, float, float]) -> None:
        x, y, h = box
        self.canv.setFillColor(HexColor(INKS[look(node)]))
        self.canv.rect(x, self._up(y + h), BAR, h, stroke=0, fill=1)
        if self.flow["columns"]:
            last = max(n["column"] for n in self.flow["nodes"])
            if node["column"] == last:
                self._write(x + BAR + 5, y + 10, formats.yuan(node["amount"]))
            return
        middle = max(y + h / 2, y + 8)
        self._write(x + BAR + 5, middle - 1, short(title(node, self.c), int(SIDE) - 20))
        self._write(x + BAR + 5, middle + 12, formats.yuan(node["amount"]))

    def _ruled(self) -> None:
        """Name the lanes and the columns."""
        names = {n["lane"]: n for n in self.flow["nodes"]}
        for y, lane in zip(self.picture["lanes"], sorted(names), strict=False):
            self._write(2, y + 10, short(title(names[lane], self.c), int(SIDE) - 12))
        before = None
        for x, days in zip(self.picture["heads"], self.flow["columns"], strict=True):
            if days != before:
                self._write(x - 22, 14, formats.day(days[0], "en"))
            before = days

    def _write(self, x: float, y: float, words: str) -> None:
        self.canv.setFillColor(HexColor(INKS["text"]))
        self.canv.setFont(self.font, 11)
        self.canv.drawString(x, self._up(y), words)


class Ring(Flowable):  # type: ignore[misc] # reportlab has no types
    """A circle of transfers; see :class:`Money` for the parameters."""

    def __init__(self, circle: Data, c: Cells, font: str) -> None:
        super().__init__()
        self.circle, self.c, self.font = circle, c, font

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the room taken."""
        del height
        return width, 170.0

    def draw(self) -> None:
        """Paint legs as lines from account to account round a ring, with amounts and names."""
        legs, middle, radius = self.circle["path"], (220.0, 85.0), 58.0
        n = max(len(legs), 1)
        at = [
            (middle[0] + radius * sin(2 * pi * k / n), middle[1] + radius * cos(2 * pi * k / n))
            for k in range(n)
        ]
        self.canv.setFont(self.font, 8)
        for k, leg in enumerate(legs):
            a, b = at[k], at[(k + 1) % n]
            self.canv.setStrokeColor(HexColor(INKS["back" if k == n - 1 else "account"]))
            self.canv.setLineWidth(1.6)
            self.canv.line(*a, *b)
            words = formats.yuan(leg["amount"])
            self.canv.drawCentredString((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 + 3, words)
        for (x, y), leg in zip(at, legs, strict=False):
            self.canv.setFillColor(HexColor(INKS["lender"]))
            self.canv.circle(x, y, 3, stroke=0, fill=1)
            self.canv.setFillColor(HexColor(INKS["text"]))
            name = (leg["name_en"] if self.c.lang == "en" else None) or leg["name"]
            words = f"{name or leg['src_account']} {formats.moment(leg['at'], self.c.lang)}"
            draw = self.canv.drawString if x >= middle[0] else self.canv.drawRightString
            draw(x + (6 if x >= middle[0] else -6), y + (6 if y >= middle[1] else -10), words)
