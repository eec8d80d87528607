"""The pictures of accountability: shares of holders with intervals, and a group of cases."""

from math import cos, pi, sin
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import PERCENT, Row, rows, short

Data = dict[str, Any]
LOOKS = {
    "subject": "s1", "owner": "s1", "vendor": "s2", "staff": "s2", "unit": "s5", "buyer": "s4",
    "supplier": "s4", "approver": "s3", "account": "s3", "address": "s5", "phone": "s5",
    "person": "s3",
}  # fmt: skip
"""Colours of ties."""
SIZE, RADIUS = 400, 150
ROOM = 130
"""For a name, in the units of the picture."""


def shares(data: Data, duty: str, c: Cells) -> Markup:
    """Draw a share of all holders with its interval: as it is, beside that drawn towards all."""
    drawn = []
    for r in data["cards"]:
        if r["duty"] == duty and r["value"] is not None:
            note = f"{formats.number(r['hits'])} / {formats.number(r['total'])}"
            drawn.append(Row(r["holder"], r["shrunk"], r["low"], r["high"], note))
    label = c.choice("responsibility", "duty", duty)
    return rows(label, drawn, PERCENT, side=120, note=56)


def graph(data: Data, c: Cells) -> Markup:
    """Draw the cases of a group on a circle and the ties between them."""
    nodes = data["graph"]["nodes"]
    at = {n["item"]: _place(k, len(nodes)) for k, n in enumerate(nodes)}
    inside = Markup("").join(_tie(t, at, c) for t in data["graph"]["ties"])
    inside += Markup("").join(_node(n, at[n["item"]], c) for n in nodes)
    head = Markup('<svg class="drawing" viewBox="0 0 {0} {0}" role="group" aria-label="{1}">')
    return head.format(SIZE, c.t("accountability_graph")) + inside + Markup("</svg>")


def ties(data: Data, c: Cells) -> list[tuple[str, str]]:
    """Return the ties that are drawn, as colour and word."""
    there = {t["tie"] for t in data["graph"]["ties"]}
    return [(LOOKS[t], c.choice("case_link", "tie", t)) for t in LOOKS if t in there]


def _place(k: int, count: int) -> tuple[float, float]:
    angle = 2 * pi * k / max(count, 1) - pi / 2
    return SIZE / 2 + RADIUS * cos(angle), SIZE / 2 + RADIUS * sin(angle)


def _tie(tie: Data, at: dict[str, tuple[float, float]], c: Cells) -> Markup:
    (x1, y1), (x2, y2) = at[tie["one"]], at[tie["other"]]
    told = f"{c.choice('case_link', 'tie', tie['tie'])}: {tie['via']}"
    return Markup(
        '<path d="M{:.0f} {:.0f} L{:.0f} {:.0f}" class="line {}"><title>{}</title></path>'
    ).format(x1, y1, x2, y2, LOOKS[tie["tie"]], told)


def _node(node: Data, at: tuple[float, float], c: Cells) -> Markup:
    x, y = at
    item, name = node["item"], (c.lang == "en" and node["name_en"]) or node["name"]
    low = y > SIZE / 2
    shown = Markup(
        '<circle cx="{:.0f}" cy="{:.0f}" r="{:.0f}" class="dot {}"><title>{}</title></circle>'
        '<text x="{:.0f}" y="{:.0f}" text-anchor="middle">{}</text>'
    ).format(x, y, min(4 + node["links"], 10), "s1" if node["case"] else "s5", name,
             x, y + (24 if low else -14), short(name, ROOM))  # fmt: skip
    target = f"/cases/{item}" if node["case"] else f"/table/red_flag/row?flag_id={item}"
    return Markup('<a href="{}">{}</a>').format(c.href(target), shown)
