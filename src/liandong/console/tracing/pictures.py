"""Pictures of a traced loan as SVG: its money unrolled, and its circles; nothing needs a script."""

from collections.abc import Sequence
from math import cos, pi, sin
from typing import Any

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import short
from liandong.console.query import Query
from liandong.console.tracing.layout import BAR, SIDE, WIDE, Strip
from liandong.console.tracing.lots import FX

Data = dict[str, Any]
ASSETS = frozenset({"wealth", "securities", "property"})
"""Kinds of accounts where money no longer works in a firm."""
RING = 92.0
"""Radius of a circle of transfers."""


def flow(data: Data, c: Cells, query: Query) -> Markup:
    """Draw the money of a loan, unrolled; bands and nodes lead to their rows of evidence."""
    flow_, picture = data["flow"], data["picture"]
    nodes = flow_["nodes"]
    # What comes back is drawn last, so that nothing hides it.
    order = sorted(range(len(flow_["bands"])), key=lambda i: flow_["bands"][i]["back"])
    inside = [_band(flow_, i, Strip(*picture["strips"][i]), c, query) for i in order]
    inside += [_node(n, picture["boxes"][i], flow_, c, query) for i, n in enumerate(nodes)]
    if flow_["columns"]:
        inside += _heads(flow_, picture, c) + _lanes(nodes, picture, c)
        last = max((n["column"] for n in nodes), default=0)
        labelled = [i for i, n in enumerate(nodes) if n["column"] == last]
        inside += [_kept(nodes[i], picture["boxes"][i], c) for i in labelled]
    else:
        inside += [_named(n, picture["boxes"][i], picture, c) for i, n in enumerate(nodes)]
    head = Markup(
        '<svg class="trail{2}" viewBox="0 0 {0:.0f} {1:.0f}" width="{0:.0f}" height="{1:.0f}"'
        ' role="group" aria-label="{3}">'
    ).format(
        picture["width"], picture["height"], " wide" if picture["width"] > WIDE else "",
        c.t("sankey_label"),
    )  # fmt: skip
    return head + Markup("").join(inside) + Markup("</svg>")


def title(node: Data, c: Cells) -> str:
    """Name a node: its owner, what was repaid, or how many others it stands for."""
    place = node["place"]
    if not place:
        return f"{c.t('others')} ({formats.number(node['places'])})"
    if place.startswith("repaid:"):
        return c.t("trail_repaid", loan=place.removeprefix("repaid:"))
    if place == FX:
        return c.t("trail_fx")
    name = (node["name_en"] if c.lang == "en" else None) or node["name"]
    kind = node["account_kind"]
    if kind in ASSETS or kind in {"cash", "fee", "tax"}:
        word = c.choice("bank_account", "kind", kind)
        return f"{word} · {name}" if name else word
    return str(name or place)


def look(node: Data) -> str:
    """Return the class of a node: what its colour says."""
    if node["column"] == 0:
        return "lender"
    if not node["place"]:
        return "others"
    if node["place"].startswith("repaid:"):
        return "lender"
    if node["account_kind"] in ASSETS:
        return "asset"
    return "first" if node["first"] else "account"


def _span(flow_: Data, column: int) -> Data:
    """Return the days of the transfers that arrive at a column, as the evidence is asked for."""
    if not flow_["columns"] or not column:
        return {"from": None, "to": None}
    first, last = flow_["columns"][column - 1]
    return {"from": first, "to": last}


def _band(flow_: Data, at: int, strip: Strip, c: Cells, query: Query) -> Markup:
    band = flow_["bands"][at]
    source, target = flow_["nodes"][band["source"]], flow_["nodes"][band["target"]]
    corners = strip.points()
    path = "M{:.1f},{:.1f} C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f} L{:.1f},{:.1f}".format(
        *(v for p in corners[:5] for v in p)
    ) + " C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f} Z".format(*(v for p in corners[5:] for v in p))
    amount = formats.yuan(band["amount"])
    if band["stays"]:
        tip = f"{title(source, c)}\n{c.t('left_there')} {amount}"
        return Markup('<path class="stays" d="{}"><title>{}</title></path>').format(path, tip)
    tip = f"{title(source, c)} → {title(target, c)}\n{amount}"
    tip += f"\n{c.t('trail_back')}" if band["back"] else ""
    span = _span(flow_, target["column"])
    address = _rows(query, source["account"], target["account"], **span)
    name = "band back" if band["back"] else "band"
    shape = Markup('<path class="{}" d="{}"><title>{}</title></path>').format(name, path, tip)
    return _linked(address, tip, shape)


def _node(n: Data, box: Sequence[float], flow_: Data, c: Cells, query: Query) -> Markup:
    x, y, h = box
    tip = f"{title(n, c)}  {n['place']}\n{c.t('loan_money')} {formats.yuan(n['amount'])}"
    tip += f"\n{c.t('left_there')} {formats.yuan(n['left'])}" if n["left"] else ""
    shape = Markup(
        '<rect class="node {}" x="{:.1f}" y="{:.1f}" width="{:.0f}" height="{:.1f}">'
        "<title>{}</title></rect>"
    ).format(look(n), x, y, BAR, h, tip)
    if not n["place"]:
        return shape
    return _linked(_rows(query, n["account"], "", **_span(flow_, n["column"])), tip, shape)


def _linked(address: str, name: str, shape: Markup) -> Markup:
    return Markup('<a href="{}" aria-label="{}">{}</a>').format(address, name, shape)


def _rows(query: Query, account: str, payee: str, **span: object) -> str:
    given = {"account": account, "payee": payee, **span}
    return query.address(**{k: v or None for k, v in given.items()}) + "#evidence"


def _text(x: float, y: float, words: str, look_: str = "", anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        look_, x, y, anchor, words
    )


def _heads(flow_: Data, picture: Data, c: Cells) -> list[Markup]:
    """Name the columns by their days; columns of one day are named once."""
    found, before = [], None
    for x, (first, last) in zip(picture["heads"], flow_["columns"], strict=True):
        if (first, last) != before:
            words = f"{first.month}/{first.day}" if first == last else _days(first, last, flow_)
            new = before is None or before[0].year != first.year
            year = f" {first.year}" if new and flow_["unit"] != "year" else ""
            found.append(_text(x, 14, words + year, "head", "middle"))
        before = (first, last)
    del c
    return found


def _days(first: Any, last: Any, flow_: Data) -> str:  # noqa: ANN401 - dates
    if flow_["unit"] == "year":
        return str(first.year)
    return f"{first.month}/{first.day}–{last.month}/{last.day}"


def _lanes(nodes: list[Data], picture: Data, c: Cells) -> list[Markup]:
    """Name the lanes at their left, and rule a line above each."""
    by_lane = {n["lane"]: n for n in nodes}
    found = []
    for y, lane in zip(picture["lanes"], sorted(by_lane), strict=True):
        name = title(by_lane[lane], c)
        found.append(
            Markup('<line class="rule" x1="0" y1="{0:.1f}" x2="{1:.1f}" y2="{0:.1f}"/>').format(
                y - 5, picture["width"]
            )
        )
        found.append(_text(4, y + 10, short(name, int(SIDE) - 12), "name"))
    return found


def _kept(n: Data, box: Sequence[float], c: Cells) -> Markup:
    x, y, _ = box
    return _text(x + BAR + 6, y + 10, formats.compact(n["amount"], "money", c.lang), "sum")


def _named(n: Data, box: Sequence[float], picture: Data, c: Cells) -> Markup:
    """Name a node at its right: what it is, what came, and what stays of it."""
    x, y, h = box
    xs = sorted({b[0] for b in picture["boxes"]})
    after = next((v for v in xs if v > x), picture["width"])
    room = int(min(after - x - BAR - 8, SIDE))
    words = formats.compact(n["amount"], "money", c.lang)
    if n["left"] and n["left"] != n["amount"]:
        words += f" ({c.t('left_there')} {formats.compact(n['left'], 'money', c.lang)})"
    middle = max(y + h / 2, y + 8)
    x += BAR + 5
    return _text(x, middle - 1, short(title(n, c), room), "name") + _text(
        x, middle + 12, words, "sum"
    )


def ring(circle: Data, c: Cells) -> Markup:
    """Draw a circle of transfers: its accounts round a ring, its legs as arrows with amounts."""
    legs = circle["path"]
    n, inside = max(len(legs), 1), []
    most = max((g["amount"] for g in legs), default=1)
    for k, g in enumerate(legs):
        last = " last" if k == n - 1 else ""
        inside += _leg(g, (k + 0.14) / n, (k + 0.86) / n, 2 + 8 * g["amount"] / most, last)
        x, y = _round((k + 0.5) / n, 0.66)
        amount = formats.compact(g["amount"], "money", c.lang)
        inside.append(_text(x, y + 4, amount, "sum", "middle"))
    inside += [_stop(g, k / n, c) for k, g in enumerate(legs)]
    head = Markup('<svg class="ring" viewBox="0 0 380 262" role="img" aria-label="{}">')
    label = c.t("circle_label", n=len(legs))
    return head.format(label) + Markup("").join(inside) + Markup("</svg>")


def _round(turn: float, far: float = 1.0) -> tuple[float, float]:
    """Return where one is after a part of a turn from the top, clockwise."""
    return 190 + far * RING * sin(2 * pi * turn), 128 - far * RING * cos(2 * pi * turn)


def _leg(g: Data, start: float, end: float, width: float, last: str) -> list[Markup]:
    (ax, ay), (bx, by) = _round(start), _round(end)
    tip = f"{g['src_account']} → {g['dst_account']}\n{formats.yuan(g['amount'])}"
    wide = int(end - start > 0.5)
    arc = Markup(
        '<path class="leg{}" d="M{:.1f},{:.1f} A{:.0f},{:.0f} 0 {} 1 {:.1f},{:.1f}"'
        ' stroke-width="{:.1f}"><title>{}</title></path>'
    ).format(last, ax, ay, RING, RING, wide, bx, by, width, tip)
    arrow = Markup(
        '<path class="arrow{}" d="M-4,-7 L9,0 L-4,7 Z"'
        ' transform="translate({:.1f},{:.1f}) rotate({:.0f})"/>'
    ).format(last, bx, by, 360 * end)
    return [arc, arrow]


def _stop(g: Data, turn: float, c: Cells) -> Markup:
    """Draw an account on the ring, with its owner's name outside."""
    x, y = _round(turn)
    name = (g["name_en"] if c.lang == "en" else None) or g["name"] or g["src_account"]
    side = 0 if abs(x - 190) < 8 else 1 if x > 190 else -1
    up = -12 if y < 60 else 20 if y > 200 else 4
    words = short(str(name), 96 if side else 150)
    anchor = ("middle", "start", "end")[side]
    dot = Markup('<circle class="stop" cx="{:.1f}" cy="{:.1f}" r="6"/>').format(x, y)
    return dot + _text(x + 9 * side, y + up, words, "name", anchor)
