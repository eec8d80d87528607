"""What firms need, and the few suppliers without whom many would stop."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Ints, choose, pick, total
from liandong.world.industries import CODES
from liandong.world.rule import planted_count
from liandong.world.truth import Fact

if TYPE_CHECKING:
    from liandong.world.economy import Economy

ALONE = 0.97
"""Share of an input from which a supplier is planted as its only one."""
LEAST_BUYERS, LARGE = 4, 0.05
"""Buyers that hang on a planted supplier, and the share of its industry from which one is large."""
NOISE = 0.03
SUBSTITUTES, SIZE, BRIDGE = "substitutes", "large", "articulation"
"""Why somebody looks like a chokepoint without being one."""


class Hung(NamedTuple):
    """Needs by row, and who was planted.

    Attributes
    ----------
    link
        The link that each need was drawn for.
    critical, stock, replaceable
        Whether the buyer stops without it, days in stock, ppm that others could supply.
    chokepoints
        Firms.
    decoys
        Firms by what makes them look like chokepoints.
    """

    link: Ints
    critical: Bools
    stock: Ints
    replaceable: Ints
    chokepoints: Ints
    decoys: dict[str, Ints]


def draw(e: "Economy") -> Hung:
    """Draw what sole suppliers' buyers need of them."""
    firms, links, failures, rng = e.firms, e.links, e.failures, e.rng["chain"]
    count = planted_count(e.rule.chokepoints, len(firms))
    among = np.flatnonzero(links.buyer < len(firms))
    open_still = failures.closed >= e.months.count
    among = among[open_still[links.seller[among]] & open_still[links.buyer[among]]]
    seller, buyer, yearly = (a[among] for a in (links.seller, links.buyer, links.yearly))
    need = buyer * len(CODES) + firms.industry[seller]
    whole = total(need, yearly, len(firms) * len(CODES))[need]
    sole = yearly >= ALONE * whole
    weight = firms.revenue / total(firms.industry, firms.revenue, len(CODES))[firms.industry]
    hang = np.bincount(seller[sole], minlength=len(firms))
    large = np.flatnonzero((weight > LARGE) & (hang > 0))
    able = np.setdiff1d(np.flatnonzero(hang >= LEAST_BUYERS), large)
    chosen = choose(rng, able, 2 * count)
    planted, with_others = np.sort(chosen[:count]), np.sort(chosen[count:])
    ties = np.bincount(np.concatenate([seller, buyer]), minlength=len(firms))
    lone = sole & (ties[buyer] == 1) & ~np.isin(seller, np.concatenate([chosen, large]))
    holds = choose(rng, np.unique(seller[lone]), count)
    groups = (
        (sole & np.isin(seller, planted), True, (5, 20), (0, 100_000)),
        (sole & np.isin(seller, with_others), True, (30, 60), (980_000, 1_000_000)),
        (np.isin(seller, large), False, (30, 60), (500_000, 1_000_000)),
        (lone & np.isin(seller, holds), False, (10, 60), (200_000, 1_000_000)),
        (sole & (rng.random(len(sole)) < NOISE), True, (30, 60), (980_000, 1_000_000)),
    )
    rows, critical, stock, part = (np.concatenate(c) for c in zip(*(
        (np.flatnonzero(here), np.full(here.sum(), stops),
         rng.integers(*days, here.sum()), rng.integers(*shares, here.sum()))
        for here, stops, days, shares in groups
    ), strict=True))  # fmt: skip
    first = np.unique(need[rows], return_index=True)[1]  # who comes first has said it
    return Hung(
        among[rows[first]], critical[first], stock[first], part[first], planted,
        {SUBSTITUTES: with_others, SIZE: large, BRIDGE: np.sort(holds)},
    )  # fmt: skip


def _table(e: "Economy") -> pa.Table:
    seller, buyer = e.links.seller[e.hung.link], e.links.buyer[e.hung.link]
    return build("input_need", {
        "party_id": pick(e.cast.ids, buyer),
        "industry": pick(CODES, e.firms.industry[seller]),
        "critical": e.hung.critical,
        "stock_days": e.hung.stock.astype(np.float64),
        "replaceable": e.hung.replaceable.astype(np.int32),
        "source": ["survey"] * len(seller),
    })  # fmt: skip


def facts(e: "Economy") -> list[Fact]:
    """Return the chokepoints with their buyers, and those that only look like one."""
    day, found, ids = int(e.months.end) - 1, [], e.cast.ids
    for firm in e.hung.chokepoints:
        rows = e.hung.link[e.links.seller[e.hung.link] == firm]
        buyers = [ids[int(b)].as_py() for b in np.sort(e.links.buyer[rows])]
        yearly = int(np.rint(e.links.yearly[rows].sum() * 100))
        name = ids[int(firm)].as_py()
        found.append(Fact("chokepoint", name, None, day, yearly, {"buyers": buyers}))
    return found + [
        Fact("chain_decoy", ids[int(firm)].as_py(), None, day, None, {"why": why})
        for why, decoys in e.hung.decoys.items() for firm in decoys
    ]  # fmt: skip


TABLES = {"input_need": _table}
"""How the tables of this topic are made."""
