"""The lots of a voucher as a tree: each split a layer further right, drawn as SVG by the server."""

from collections import defaultdict
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import short
from liandong.console.query import Query
from liandong.console.reading import Row

DRAWN = 48
"""Lots drawn by themselves, the largest; the others of a parent are one box with their total."""
BOX, LINE, COLUMN, HEIGHT = 150, 40, 190, 30
"""Width of a box, height of a line, width of a layer, height of a box; units of the drawing."""
LOOKS = {
    "open": "s1", "discounted": "s2", "overdue": "s3", "settled": "s4", "passed": "s5",
    "cancelled": "s0",
}  # fmt: skip
"""Class of the colour of each state."""


def tree(lots: list[Row], most: int = DRAWN) -> list[dict[str, Any]]:
    """Lay out lots of one voucher.

    Parameters
    ----------
    lots
        Rows of ``voucher_lot``.
    most
        Lots drawn by themselves.

    Returns
    -------
    list
        Boxes, parents first: ``lot_id`` (none for a box of others), ``lots`` in it, ``holder_id``,
        ``state``, ``amount``, ``layer``, ``line`` (from above, half lines between children) and
        ``parent`` (number of a box, or none). What the children of a box come to is never more
        than its amount.
    """
    # A parent is never smaller than its child, so that whoever is drawn has his parent drawn.
    ranked = sorted(lots, key=lambda r: (-r["amount"], r["depth"], r["lot_id"]))
    shown = {r["lot_id"] for r in ranked[:most]}
    children: dict[str | None, list[Row]] = defaultdict(list)
    for r in ranked:
        children[r["parent_id"]].append(r)
    boxes: list[dict[str, Any]] = []
    below = 0.0
    for root in children[None]:
        below = _place(root, None, children, shown, boxes, below)
    return boxes


def _place(
    lot: Row, parent: int | None, children: dict[str | None, list[Row]], shown: set[str],
    boxes: list[dict[str, Any]], line: float,
) -> float:  # fmt: skip
    """Add a lot and all that came of it from ``line`` on; return the first free line below."""
    names = ("lot_id", "holder_id", "name", "name_en", "state", "amount")
    me = {n: lot.get(n) for n in names} | {"lots": 1, "layer": lot["depth"], "parent": parent}
    number = len(boxes)
    boxes.append(me)
    mine = children[lot["lot_id"]]
    begin, places = line, []
    for child in (c for c in mine if c["lot_id"] in shown):
        places.append(len(boxes))
        line = _place(child, number, children, shown, boxes, line)
    others = [c for c in mine if c["lot_id"] not in shown]
    if others:
        places.append(len(boxes))
        boxes.append({
            **dict.fromkeys(names), "lots": len(others), "layer": lot["depth"] + 1, "line": line,
            "amount": sum(c["amount"] for c in others), "parent": number,
        })  # fmt: skip
        line += 1
    me["line"] = (boxes[places[0]]["line"] + boxes[places[-1]]["line"]) / 2 if places else begin
    return max(line, begin + 1)


def drawn(boxes: list[dict[str, Any]], query: Query, c: Cells) -> Markup:
    """Draw boxes; each leads to the chain of its lot."""
    wide = 1 + max((b["layer"] for b in boxes), default=0)
    high = 1 + max((b["line"] for b in boxes), default=0)
    ties = [_tie(boxes[b["parent"]], b) for b in boxes if b["parent"] is not None]
    head = Markup(
        '<svg class="drawing tree" width="{0}" height="{1:.0f}" viewBox="0 0 {0} {1:.0f}"'
        ' role="group" aria-label="{2}">'
    ).format(COLUMN * wide, LINE * high, c.t("voucher_tree_label"))
    return head + Markup("").join([*ties, *(_box(b, query, c) for b in boxes)]) + Markup("</svg>")


def _at(box: dict[str, Any]) -> tuple[float, float]:
    return 1 + COLUMN * box["layer"], 4 + LINE * box["line"]


def _tie(parent: dict[str, Any], child: dict[str, Any]) -> Markup:
    (x1, y1), (x2, y2) = _at(parent), _at(child)
    x1, y1, y2 = x1 + BOX, y1 + HEIGHT / 2, y2 + HEIGHT / 2
    bend = (x1 + x2) / 2
    return Markup(
        '<path class="tie" d="M{:.0f} {:.1f}C{:.0f} {:.1f} {:.0f} {:.1f} {:.0f} {:.1f}"/>'
    ).format(x1, y1, bend, y1, bend, y2, x2, y2)


def _box(box: dict[str, Any], query: Query, c: Cells) -> Markup:
    x, y = _at(box)
    known = (box["name_en"] if c.lang == "en" else None) or box["name"] or box["holder_id"]
    who = known if box["lot_id"] else c.t("other_lots", n=formats.number(box["lots"]))
    state = c.choice("voucher_lot", "state", box["state"]) if box["state"] else ""
    shape = Markup(
        '<rect class="box {}" x="{:.1f}" y="{:.1f}" width="{}" height="{}" rx="3"><title>{}</title>'
        '</rect><text x="{:.1f}" y="{:.1f}">{}</text><text x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(
        LOOKS.get(box["state"], "s0"), x, y, BOX, HEIGHT,
        " · ".join(w for w in (who, state, formats.yuan(box["amount"]), box["lot_id"]) if w),
        x + 7, y + 13, short(str(who), BOX - 6),
        x + 7, y + 25, c.t("box_amount", amount=formats.money(box["amount"], c.lang), state=state),
    )  # fmt: skip
    if not box["lot_id"]:
        return shape
    return Markup('<a href="{}#chain">{}</a>').format(query.address(lot=box["lot_id"]), shape)
