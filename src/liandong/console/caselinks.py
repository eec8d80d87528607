"""The pictures of accountability: shares of holders with intervals, and a group of cases."""

from math import cos, degrees, pi, sin
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
SIZE, RADIUS, BESIDE = 480, 110, 14
"""Of the picture, of the circle, and from it to a name, which points outwards."""
ROOM = SIZE // 2 - RADIUS - BESIDE
"""For a name."""


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
    turn = 2 * pi / max(len(nodes), 1)
    at = {n["item"]: k * turn - pi / 2 for k, n in enumerate(nodes)}
    # Ties that fewer share say more: they are drawn over the others.
    inside = Markup("").join(_tie(t, at, c) for t in reversed(data["graph"]["ties"]))
    inside += Markup("").join(_node(n, at[n["item"]], c) for n in nodes)
    head = Markup('<svg class="drawing" viewBox="-{0} -{0} {1} {1}" role="group" aria-label="{2}">')
    return head.format(SIZE // 2, SIZE, c.t("accountability_graph")) + inside + Markup("</svg>")


def ties(data: Data, c: Cells) -> list[tuple[str, str]]:
    """Return the ties that are drawn, as colour and word."""
    there = {t["tie"] for t in data["graph"]["ties"]}
    return [(LOOKS[t], c.choice("case_link", "tie", t)) for t in LOOKS if t in there]


def _place(angle: float) -> tuple[float, float]:
    return RADIUS * cos(angle), RADIUS * sin(angle)


def _tie(tie: Data, at: dict[str, float], c: Cells) -> Markup:
    ends = (*_place(at[tie["one"]]), *_place(at[tie["other"]]))
    told = f"{c.choice('case_link', 'tie', tie['tie'])}: {tie['via']}"
    # Bent towards the middle, so that ties of neighbours lie apart.
    return Markup(
        '<path d="M{:.0f} {:.0f} Q0 0 {:.0f} {:.0f}" class="line {}"><title>{}</title></path>'
    ).format(*ends, LOOKS[tie["tie"]], told)


def _node(node: Data, angle: float, c: Cells) -> Markup:
    item, name = node["item"], (c.lang == "en" and node["name_en"]) or node["name"]
    left = cos(angle) < -1e-9  # there a name is turned, lest it stand on its head
    shown = Markup(
        '<g transform="rotate({:.1f})"><circle cx="{}" r="{}" class="dot {}"><title>{}</title>'
        '</circle><text x="{}" dy="0.35em" transform="{}" text-anchor="{}">{}</text></g>'
    ).format(degrees(angle), RADIUS, min(4 + node["links"], 10), "s1" if node["case"] else "s5",
             name, -RADIUS - BESIDE if left else RADIUS + BESIDE, "rotate(180)" if left else "",
             "end" if left else "start", short(name, ROOM))  # fmt: skip
    target = f"/cases/{item}" if node["case"] else f"/table/red_flag/row?flag_id={item}"
    return Markup('<a href="{}">{}</a>').format(c.href(target), shown)
