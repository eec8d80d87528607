"""The owners of a company as layers of a drawing: the company below, those behind it above."""

from collections import defaultdict
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from liandong.console import formats
from liandong.console.cells import Cells
from liandong.console.drawing import short

Row = dict[str, Any]
TIES = 60
"""Ties drawn; those that carry most of the company."""
WIDE, HIGH = 150, 34
"""Size of the box of a party."""
STEP, RISE = 172, 104
"""From box to box, and from layer to layer."""
EDGE = 24


def layers(party: str, ties: list[Row], most: int = TIES) -> dict[str, Any]:
    """Lay out the ties of a company.

    Parameters
    ----------
    party
        The company.
    ties
        Rows of ``ownership_tie``.
    most
        So many ties are drawn at most, those that carry most first.

    Returns
    -------
    dict
        ``nodes``: ``party_id``, ``layer`` (0 is the company), ``place`` in it; ``ties``: ``src``,
        ``dst``, ``low``, ``high``, ``circular``; ``hidden``: how many ties are not drawn.
    """
    order = sorted(ties, key=lambda t: (-max(t["carried"], t["high"] if t["depth"] == 1 else 0),
                                        t["src"], t["dst"]))  # fmt: skip
    drawn = _joined(party, order[:most])
    layer = _depths(party, drawn)
    places: dict[int, int] = defaultdict(int)
    nodes = []
    for name in sorted(layer, key=lambda n: (layer[n], -_carried(n, drawn), n)):
        nodes.append({"party_id": name, "layer": layer[name], "place": places[layer[name]]})
        places[layer[name]] += 1
    kept = ("src", "dst", "low", "high", "circular")
    shown = [{k: t[k] for k in kept} for t in drawn]
    return {"nodes": nodes, "ties": shown, "hidden": len(ties) - len(shown)}


def _carried(name: str, ties: list[Row]) -> int:
    return sum(t["carried"] for t in ties if t["src"] == name)


def _joined(party: str, ties: list[Row]) -> list[Row]:
    """Return the ties that lead to the company over others that are drawn, too."""
    reached, before = {party}, 0
    while len(reached) != before:
        before = len(reached)
        reached |= {t["src"] for t in ties if t["dst"] in reached}
    return [t for t in ties if t["dst"] in reached]


def _depths(party: str, ties: list[Row]) -> dict[str, int]:
    """Return how many ties each party is away from the company."""
    found, edge = {party: 0}, [party]
    while edge:
        edge = sorted({t["src"] for t in ties if t["dst"] in edge} - found.keys())
        depth = max(found.values()) + 1
        found |= dict.fromkeys(edge, depth)
    return found


def owner_graph(data: dict[str, Any], c: Cells) -> Markup:
    """Draw the layers; ties in circles are red, and every box leads to the page of its party."""
    graph, names = data["graph"], data["names"]
    count: dict[int, int] = defaultdict(int)
    for n in graph["nodes"]:
        count[n["layer"]] += 1
    deep, broad = max(count, default=0), max(count.values(), default=1)
    width, height = broad * STEP + 2 * EDGE, deep * RISE + HIGH + 2 * EDGE
    at = {}
    for n in graph["nodes"]:
        start = (width - count[n["layer"]] * STEP) / 2 + (STEP - WIDE) / 2
        at[n["party_id"]] = start + n["place"] * STEP, EDGE + (deep - n["layer"]) * RISE
    inside = [_arrow(t, at, c) for t in graph["ties"]]
    for n in graph["nodes"]:
        row = {**names.get(n["party_id"], {}), "party_id": n["party_id"], "layer": n["layer"]}
        inside.append(_box(row, at[n["party_id"]], c))
    head = Markup('<svg class="drawing owners" viewBox="0 0 {0} {1}" width="{0}"{2}>')
    label = Markup(' role="group" aria-label="{}"').format(c.t("owners_graph"))
    shown = head.format(width, height, label) + _TIP
    return shown + Markup("").join(inside) + Markup("</svg>")


_TIP = Markup(
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path d="M0 0 L8 4 L0 8 z" class="tip"/></marker></defs>'
)


def _arrow(tie: Row, at: dict[str, tuple[float, float]], c: Cells) -> Markup:
    (x1, y1), (x2, y2) = at[tie["src"]], at[tie["dst"]]
    x1, x2 = x1 + WIDE / 2, x2 + WIDE / 2
    share = between(tie["low"], tie["high"])
    if tie["src"] == tie["dst"]:
        ends = [f"{x1 + dx:.0f} {y1 - dy}" for dx, dy in ((40, 0), (60, 34), (10, 34), (20, 0))]
        path = f"M{ends[0]} C{' '.join(ends[1:])}"
        middle = (x1 + 34, y1 - 28)
    elif y1 < y2:
        y1 += HIGH
        path = f"M{x1:.0f} {y1} L{x2:.0f} {y2}"
        middle = (x1 + (x2 - x1) * 0.4, y1 + (y2 - y1) * 0.4)
    else:  # against the layers: around, so that it does not hide what runs with them
        side = x1 + WIDE / 2, x2 + WIDE / 2
        far = max(side) + 26
        y1, y2 = y1 + HIGH / 2, y2 + HIGH / 2
        path = f"M{side[0]:.0f} {y1} C{far:.0f} {y1} {far:.0f} {y2} {side[1]:.0f} {y2}"
        middle = (far - 8, (y1 + y2) / 2)
    look = "circular" if tie["circular"] else "tie"
    told = f"{tie['src']} → {tie['dst']} {share}"
    told += f" ({c.t('owners_circular')})" if tie["circular"] else ""
    return Markup(
        '<path d="{}" class="{}" marker-end="url(#tip)"><title>{}</title></path>'
        '<text x="{:.0f}" y="{:.0f}" text-anchor="middle" class="{}">{}</text>'
    ).format(path, look, told, middle[0], middle[1] + 4, look, share)


def _box(row: Row, at: tuple[float, float], c: Cells) -> Markup:
    name = row["party_id"]
    title = (row.get("name_en") if c.lang == "en" else None) or row.get("name") or name
    look = "self" if row["layer"] == 0 else "person" if row.get("kind") == "person" else "firm"
    return Markup(
        '<a href="{}"><rect x="{:.0f}" y="{:.0f}" width="{}" height="{}" rx="{}" class="box {}"/>'
        '<text x="{:.0f}" y="{:.0f}" text-anchor="middle" class="name">{}'
        "<title>{} · {}</title></text></a>"
    ).format(
        c.href(f"/owners/{quote(name, safe='')}"), at[0], at[1], WIDE, HIGH,
        HIGH // 2 if look == "person" else 4, look, at[0] + WIDE / 2, at[1] + HIGH / 2 + 4,
        short(title, WIDE - 4), title, name,
    )  # fmt: skip


def between(low: int, high: int) -> str:
    """Write a share, or the two ends of one.

    Examples
    --------
    >>> between(250_000, 250_000), between(250_000, 500_000)
    ('25.00%', '25.00%–50.00%')
    """
    ends = [formats.rate(low), formats.rate(high)]
    return ends[0] if low == high else "–".join(ends)
