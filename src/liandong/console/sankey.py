"""The money of one loan as a Sankey diagram: accounts in layers, every band with its exact sum."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Move = tuple[str, str, int]
"""Payer, payee, and how much money of the loan went."""

LAYERS = 6
"""Layers drawn; what comes later is one band behind them."""
WIDTH = 7
"""Accounts drawn in a layer; the smaller ones are one band."""
SMALLEST = 80
"""An account is drawn by itself if one part in so many of the money came to it."""


@dataclass(eq=False)
class Visit:
    """One stay of money at an account.

    Money that comes back to an account comes to a new visit of a later layer: no band ever runs
    backwards, and yet each visit gives away or holds exactly what it got.

    Attributes
    ----------
    account, layer
        Where, and how many transfers away from the lender at least.
    got, left
        What came in, and what of it is still there.
    """

    account: str
    layer: int
    got: int = 0
    left: int = 0


@dataclass
class Flowing:
    """Visits and what went between them, while the moves are read in order of time."""

    visits: dict[str, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    links: dict[tuple[Visit, Visit], int] = field(default_factory=lambda: defaultdict(int))

    def move(self, src: str, dst: str, amount: int) -> None:
        """Send ``amount``, oldest visits of the payer first."""
        for visit, part in self._take(src, amount):
            to = self._arrive(dst, visit.layer)
            to.got += part
            to.left += part
            self.links[visit, to] += part

    def _take(self, account: str, amount: int) -> list[tuple[Visit, int]]:
        stays = self.visits[account]
        if not stays:  # who gives without having got is where the money comes from
            stays.append(Visit(account, 0))
        if stays[0].layer == 0:
            stays[0].got += amount
            return [(stays[0], amount)]
        parts = []
        for visit in stays:
            part = min(visit.left, amount)
            visit.left -= part
            amount -= part
            if part:
                parts.append((visit, part))
        return parts

    def _arrive(self, account: str, after: int) -> Visit:
        stays = self.visits[account]
        later = [v for v in stays if v.layer > after]
        if not later:
            later = [Visit(account, after + 1)]
            stays.extend(later)
        return min(later, key=lambda v: v.layer)


def sankey(
    moves: Iterable[Move], layers: int = LAYERS, width: int = WIDTH, smallest: int = SMALLEST
) -> dict[str, Any]:
    """Lay out moves in order of time.

    Parameters
    ----------
    moves
        As table ``trail`` has them for one loan, in order of ``step``.
    layers, width
        Most layers, and most accounts in each.
    smallest
        An account is drawn by itself if one part in so many of the money came to it.

    Returns
    -------
    dict
        ``nodes``: ``account`` (empty for a band of others), ``accounts`` in it, ``layer``,
        whether it is the borrower who got it ``again``, ``amount`` that came, ``left`` there.
        ``links``: ``source`` and ``target`` (numbers of nodes), ``amount``. Amounts are fen and add
        up exactly: a node passes on or keeps what it got, and what all keep is what was paid out.
    """
    flowing = Flowing()
    for src, dst, amount in moves:
        flowing.move(src, dst, amount)
    visits = [v for stays in flowing.visits.values() for v in stays]
    place = _places(visits, layers, width, smallest)
    names = sorted(set(place.values()))
    number = {name: i for i, name in enumerate(names)}
    nodes = [_node(name, [v for v in visits if place[v] == name], flowing, place) for name in names]
    links: dict[tuple[int, int], int] = defaultdict(int)
    for (a, b), amount in flowing.links.items():
        if place[a] != place[b]:  # not inside the band of later ones
            links[number[place[a]], number[place[b]]] += amount
    found = [{"source": a, "target": b, "amount": n} for (a, b), n in sorted(links.items())]
    return {"nodes": nodes, "links": found}


def _places(
    visits: list[Visit], layers: int, width: int, smallest: int
) -> dict[Visit, tuple[int, str]]:
    """Say for each visit which node draws it: layer, and account or nothing for the others."""
    by_layer = defaultdict(list)
    for v in visits:
        by_layer[min(v.layer, layers + 1)].append(v)
    place = {}
    least = max((v.got for v in visits), default=0) // smallest
    for layer, stays in by_layer.items():
        stays.sort(key=lambda v: (-v.got, v.account))
        large = sum(v.got >= least for v in stays)
        shown = width if len(stays) <= width else width - 1
        shown = 0 if layer > layers else min(shown, large if len(stays) - large > 1 else shown)
        place.update({v: (layer, v.account if i < shown else "") for i, v in enumerate(stays)})
    return place


def _node(
    name: tuple[int, str], stays: list[Visit], flowing: Flowing, place: dict[Visit, tuple[int, str]]
) -> dict[str, Any]:
    inside = sum(n for (a, b), n in flowing.links.items() if place[a] == place[b] == name)
    return {
        "account": name[1],
        "layer": name[0],
        "accounts": len({v.account for v in stays}),
        "again": any(v.layer > 1 and flowing.visits[v.account][0].layer == 1 for v in stays),
        "amount": sum(v.got for v in stays) - inside,
        "left": sum(v.left for v in stays),
    }
