"""The pictures of a chain: layers from upstream to downstream, ripples, and who depends on whom."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import quote

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.chaining import NEAR
from liandong.console.drawing import Axis, Row, Series, curves, rows, short
from liandong.console.filters import short_name
from liandong.console.tiles import LETTERS

Data = dict[str, Any]
WIDE, HIGH, STEP, RISE, EDGE = 124, 30, 190, 38, 16
"""Size of a box, from layer to layer, from box to box, and the margin."""
LAYERS = 5
CELL, SIDE = 24, 30
"""Size of a cell of the matrix, and room for the names."""
BARS = 30


class Box(NamedTuple):
    """A box: its layer, its words, how it looks, and where it leads."""

    key: str
    layer: int
    name: str
    told: str
    look: str
    link: str


def stages(data: Data, c: Cells) -> Markup:
    """Draw industries from upstream to downstream with the largest flows between them."""
    found = data["stages"]
    size = -(-len(found) // LAYERS) or 1
    boxes = []
    for k, s in enumerate(found):
        held = s["chokepoints"]
        told = f"{c.t('chain_upstreamness')} {s['upstreamness']:.2f}"
        told += f" · {c.t('chain_chokepoints_n', n=held)}" if held else ""
        link = c.href("/chain", industry=s["industry"]) if "industry" not in c.keep else ""
        name = c.industry(s["industry"], s)
        boxes.append(Box(s["industry"], k // size, f"{name} {s['upstreamness']:.2f}", told,
                         "circular" if held else "firm", link))  # fmt: skip
    flows = [(w["src"], w["dst"], w["amount"]) for w in data["flows"]]
    return _layers(c.t("chain_stages"), boxes, flows, c)


def around(data: Data, c: Cells) -> Markup:
    """Draw a firm between its largest suppliers and buyers; who stops without it is marked."""
    stopped = {r["stopped_id"]: r["day"] for r in data["ripple"]}
    own, boxes = data["firm"], []
    for layer, side in enumerate(("suppliers", "buyers")):
        for r in data[side][:NEAR]:
            day = stopped.get(r["party_id"]) if layer else None
            told = formats.money(r["amount"], c.lang)
            told += f" · {c.t('chain_stops_on', day=day)}" if day is not None else ""
            look = "circular" if day is not None else "firm" if r["kind"] == "firm" else "person"
            link = c.href("/chain", firm=r["party_id"]) if r["kind"] == "firm" else ""
            boxes.append(Box(f"{side}{r['party_id']}", 2 * layer, _called(r, c), told, look, link))
    boxes.append(Box("own", 1, _called(own, c), "", "self",
                     c.href(f"/firm/{quote(own['party_id'], safe='')}")))  # fmt: skip
    ties = [(f"suppliers{r['party_id']}", "own", r["amount"]) for r in data["suppliers"][:NEAR]]
    ties += [("own", f"buyers{r['party_id']}", r["amount"]) for r in data["buyers"][:NEAR]]
    return _layers(c.t("chain_around"), boxes, ties, c)


def _called(row: Data, c: Cells) -> str:
    return str((row["name_en"] if c.lang == "en" else None) or row["name"] or row["party_id"])


def _layers(label: str, boxes: Iterable[Box], ties: list[tuple[str, str, int]], c: Cells) -> Markup:
    """Draw boxes in columns from left to right, and arrows as strong as their amounts."""
    columns: dict[int, list[Box]] = defaultdict(list)
    for box in boxes:
        columns[box.layer].append(box)
    deep = max((len(b) for b in columns.values()), default=1)
    width, height = (max(columns, default=0)) * STEP + WIDE + 2 * EDGE, deep * RISE + 2 * EDGE
    at = {
        box.key: (EDGE + layer * STEP, EDGE + (deep - len(column)) * RISE / 2 + k * RISE)
        for layer, column in columns.items() for k, box in enumerate(column)
    }  # fmt: skip
    most = max((amount for *_, amount in ties), default=1)
    inside = [
        _arrow(at[src], at[dst], amount / most, f"{_name(src, columns)} → {_name(dst, columns)} "
               f"{formats.money(amount, c.lang)}")
        for src, dst, amount in reversed(ties) if src in at and dst in at
    ]  # fmt: skip
    inside += [_box(box, *at[box.key]) for column in columns.values() for box in column]
    head = Markup('<svg class="drawing owners chain" viewBox="0 0 {0} {1:.0f}" width="{0}"'
                  ' role="group" aria-label="{2}">')  # fmt: skip
    return head.format(width, height, label) + Markup("").join(inside) + Markup("</svg>")


def _name(key: str, columns: dict[int, list[Box]]) -> str:
    return next(box.name for column in columns.values() for box in column if box.key == key)


def _arrow(src: tuple[float, float], dst: tuple[float, float], part: float, told: str) -> Markup:
    (x1, y1), (x2, y2) = src, dst
    back = x2 <= x1  # against the stream: from the left side of one to the right side of the other
    x1, x2 = (x1, x2 + WIDE) if back else (x1 + WIDE, x2)
    y1, y2, bend = y1 + HIGH / 2, y2 + HIGH / 2, -40 if back else 40
    return Markup(
        '<path d="M{:.0f} {:.0f} C{:.0f} {:.0f} {:.0f} {:.0f} {:.0f} {:.0f}" class="{}"'
        ' stroke-width="{:.1f}"><title>{}</title></path>'
    ).format(x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2, "flow s1 back" if back else "flow s1",
             0.8 + 5 * part, told)  # fmt: skip


def _box(box: Box, x: float, y: float) -> Markup:
    drawn = Markup(
        '<rect x="{:.0f}" y="{:.0f}" width="{}" height="{}" rx="4" class="box {}"/>'
        '<text x="{:.0f}" y="{:.0f}" text-anchor="middle" class="name">{}'
        "<title>{}</title></text>"
    ).format(
        x, y, WIDE, HIGH, box.look, x + WIDE / 2, y + HIGH / 2 + 4, short(box.name, WIDE - 4),
        f"{box.name} · {box.told}" if box.told else box.name,
    )  # fmt: skip
    return Markup('<a href="{}">{}</a>').format(box.link, drawn) if box.link else drawn


def ripple(data: Data, c: Cells) -> Markup:
    """Draw how many firms have stopped by each day."""
    days = [r["day"] for r in data["ripple"]]
    points = [(0.0, 0.0)]
    for day in sorted(set(days)):
        points += [(float(day), points[-1][1]), (float(day), float(sum(d <= day for d in days)))]
    x = Axis.over([0, max(days) * 1.1], c.t("chain_days"))
    points.append((x.high, points[-1][1]))
    y = Axis.over([0, len(days)], c.t("chain_stopped"))
    return curves(c.t("chain_curve"), [Series(c.t("chain_stopped"), "s2", points)], x, y)


def upstream_bars(data: Data, c: Cells) -> Markup:
    """Draw the distance to final use of the industries furthest up."""
    found = [r for r in data["upstreamness"] if r["upstreamness"] is not None][:BARS]
    drawn = [
        Row(c.industry(r["industry"], r), r["upstreamness"], note=f"{r['upstreamness']:.2f}")
        for r in found
    ]
    axis = Axis.over([0, *(r["upstreamness"] for r in found)])
    return rows(c.t("chain_upstreamness"), drawn, axis, (1.0,), bars=True, side=150, note=50)


def matrix(data: Data, c: Cells) -> Markup:
    """Draw which share of its purchases each region (row) has from each other one (column)."""
    shares = {(r["region_id"], r["other_id"]): r["share"] for r in data["matrix"]}
    names = sorted({name for pair in shares for name in pair})
    inside, size = [], SIDE + CELL * len(names) + 4
    for k, name in enumerate(names):
        at, word = SIDE + CELL * (k + 0.5), _letters(name, c)
        inside.append(_word(SIDE - 4, at + 4, word, "end"))
        inside.append(_word(at, SIDE - 6, word, "middle"))
    cell = Markup(
        '<a href="{}"><rect x="{}" y="{}" width="{}" height="{}" class="shade-{}"><title>{}'
        "</title></rect></a>"
    )
    for (to, source), share in sorted(shares.items()):
        x, y = (SIDE + CELL * names.index(n) for n in (source, to))
        told = f"{c.region(to)} ← {c.region(source)} {formats.rate(share)}"
        link, side = c.href("/chain", region=to), CELL - 1
        inside.append(cell.format(link, x, y, side, side, _shade(share), told))
    head = Markup(
        '<svg class="drawing matrix" viewBox="0 0 {0} {0}" role="group" aria-label="{1}">'
    )
    return head.format(size, c.t("chain_matrix")) + Markup("").join(inside) + Markup("</svg>")


def _letters(region: str, c: Cells) -> str:
    zh = c.places.get(region, (region, None))[0]
    return LETTERS.get(region, region[:4]) if c.lang == "en" else short_name(region, zh)[:2]


def _shade(share: int) -> int:
    """Return 1 below 2 %, up to 5 from 30 % on."""
    return 1 + sum(share >= bound for bound in (20_000, 50_000, 100_000, 300_000))


def _word(x: float, y: float, word: str, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, word
    )
