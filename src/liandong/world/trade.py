"""Who supplies whom, and the invoices that follow."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.activity import seasons
from liandong.world.arrays import (
    Bools,
    Floats,
    Ints,
    chance,
    dates,
    fen,
    numbered,
    pick,
    share_of,
    total,
)
from liandong.world.firms import Cast, Firms
from liandong.world.industries import CONSTRUCTION, affinity, trait
from liandong.world.months import Months
from liandong.world.plan import Plan

MOST_SUPPLIERS = 100
LARGE = 1e7
"""Revenue in yuan from which the number of suppliers grows with its square root."""
ATTRACTION = 0.7
"""Elasticity of the weight of a seller to its revenue."""
CANDIDATES = 4
LOCAL = 0.55
"""Share of the candidates in the buyer's own region."""
MOST_PURCHASES = 0.68
"""Purchases of a firm over its revenue, at most."""
SHELL_PURCHASES = 0.1
PULL = 0.7
"""Elasticity of a firm's purchases to its own business."""


@dataclass(frozen=True)
class Links:
    """Supply links as arrays, by seller and buyer.

    Attributes
    ----------
    seller, buyer
        Numbers of parties; buyers may be firms, households or governments.
    yearly
        Sales over the link in the first year, yuan.
    often
        Probability that a month brings an invoice.
    """

    seller: Ints
    buyer: Ints
    yearly: Floats
    often: Floats


def draw_links(firms: Firms, cast: Cast, plan: Plan, rng: Generator) -> Links:
    """Link each firm to a few suppliers, best one stage up the chain and close by.

    What a firm does not sell to firms goes to the households or the government of its region.
    """
    seller, buyer = _pairs(firms, rng)
    yearly = _amounts(firms, plan, seller, buyer, rng)
    worth = yearly > 1_000
    seller, buyer, yearly = seller[worth], buyer[worth], yearly[worth]
    rest = firms.revenue - total(seller, yearly, len(firms))
    public = (firms.industry == CONSTRUCTION) | chance(rng, 0.08, len(firms))
    last = np.where(public, cast.government, cast.household) + firms.region
    often = np.clip(0.25 + 0.12 * np.log10(yearly / 1e4), 0.2, 1.0)
    return Links(
        np.concatenate([seller, np.arange(len(firms))]), np.concatenate([buyer, last]),
        np.concatenate([yearly, rest]), np.concatenate([often, np.ones(len(firms))]),
    )  # fmt: skip


def _pairs(firms: Firms, rng: Generator) -> tuple[Ints, Ints]:
    """Distinct pairs of seller and buyer: of some candidates drawn by size the best match wins."""
    count = len(firms)
    mean = 1.2 * np.log10(firms.revenue / 5e4) + np.sqrt(firms.revenue / LARGE)
    buyer = np.repeat(np.arange(count), 1 + np.minimum(rng.poisson(mean), MOST_SUPPLIERS))
    by_region = np.argsort(firms.region, kind="stable")
    edges = np.concatenate([[0.0], np.cumsum(firms.revenue[by_region] ** ATTRACTION)])
    begin = np.searchsorted(firms.region[by_region], np.arange(firms.region.max() + 2))
    local = chance(rng, LOCAL, len(buyer) * CANDIDATES).reshape(-1, CANDIDATES)
    home = firms.region[buyer][:, None]
    low = np.where(local, edges[begin[home]], 0.0)
    high = np.where(local, edges[begin[home + 1]], edges[-1])
    spot = np.searchsorted(edges, low + rng.random(local.shape) * (high - low), "right") - 1
    found = by_region[np.minimum(spot, count - 1)]
    fit = affinity()[firms.industry[found], firms.industry[buyer][:, None]]
    best = (fit * rng.exponential(1.0, fit.shape)).argmax(axis=1)
    seller = found[np.arange(len(buyer)), best]
    pairs = np.unique((seller * count + buyer)[seller != buyer])
    return pairs // count, pairs % count


def _amounts(firms: Firms, plan: Plan, seller: Ints, buyer: Ints, rng: Generator) -> Floats:
    """Yearly sales by pair: a buyer's needs by the size of the sellers, within what those sell."""
    count = len(firms)
    needs = firms.revenue * rng.uniform(0.3, 1.0, count) * MOST_PURCHASES
    needs[plan.shells] = firms.revenue[plan.shells] * SHELL_PURCHASES
    weight = firms.revenue[seller] ** ATTRACTION * rng.lognormal(0, 0.7, len(seller))
    yearly = needs[buyer] * weight / total(buyer, weight, count)[buyer]
    most = trait("to_firms")[firms.industry] * firms.revenue
    # One customer takes no more than half of what a firm sells to firms.
    yearly = np.minimum(yearly, most[seller] * 0.5)
    sold = total(seller, yearly, count)
    return np.asarray(yearly * np.minimum(1.0, most / np.maximum(sold, 1.0))[seller])


def pulled(links: Links, course: Floats) -> Floats:
    """Return sales by link and month without seasons: the seller's course, drawn by the buyer's."""
    count = len(course)
    drawn = course[np.minimum(links.buyer, count - 1)] ** PULL
    drawn[links.buyer >= count] = 1.0
    return np.asarray(links.yearly[:, None] / 12 * course[links.seller] * drawn)


def firm_months(codes: Ints, values: Floats, count: int) -> Floats:
    """Return sums by firm and month of ``values`` (link, month); no code from ``count`` on."""
    own = codes < count
    columns = [total(codes[own], column, count) for column in values[own].T]
    return np.column_stack(columns)


@dataclass(frozen=True)
class Invoices:
    """Invoices as arrays in order of date.

    Attributes
    ----------
    seller, buyer
        Numbers of parties.
    day, month
        Date, as day since 1970-01-01 and as month of the world.
    net, tax
        Fen.
    status
        Index into ``STATUS``.
    ref
        Number of the invoice that a red-letter one takes back, else -1.
    """

    seller: Ints
    buyer: Ints
    day: Ints
    month: Ints
    net: Ints
    tax: Ints
    status: Ints
    ref: Ints

    @property
    def ids(self) -> pa.Array:
        """Invoice ids in order."""
        return self.ids_from(0)

    def ids_from(self, before: int) -> pa.Array:
        """Return invoice ids in order where so many invoices came before."""
        return numbered("V", np.arange(before + 1, before + len(self.net) + 1), 8)


STATUS = ("valid", "void", "red")
VALID, VOID, RED = range(3)


def draw_invoices(
    links: Links, firms: Firms, course: Floats, months: Months, rng: Generator
) -> Invoices:
    """Draw the invoices of all links: seasons, noise, void ones, and red-letter ones with a ref."""
    expected = pulled(links, course) * seasons(months)[firms.industry[links.seller]]
    happens = rng.random(expected.shape) < links.often[:, None]
    link, month = np.nonzero(happens & (expected > 1.0))
    noise = rng.lognormal(-0.03, 0.25, len(link))
    net = fen(expected[link, month] / links.often[link] * noise)
    seller = links.seller[link]
    small = firms.size == 0
    rate = np.where(small, 10_000, trait("vat")[firms.industry].astype(np.int64))[seller]
    day = months.day(month, rng.random(len(link)))
    # A firm in trouble has more invoices cancelled.
    trouble = np.clip(1 - course[seller, month], 0, 0.6)
    draw = rng.random(len(link))
    void, red = draw < 0.02 + 0.06 * trouble, draw > 0.99 - 0.04 * trouble
    plain = Invoices(
        seller, links.buyer[link], day, month, net, share_of(net, rate),
        np.where(void, VOID, VALID), np.full(len(link), -1),
    )  # fmt: skip
    return _with_red(plain, red, months, rng)


def _with_red(plain: Invoices, red: Bools, months: Months, rng: Generator) -> Invoices:
    """Add red-letter invoices, for all or a part, weeks after the marked ones; sort by date."""
    rows = np.flatnonzero(red)
    day = plain.day[rows] + rng.integers(5, 45, len(rows))
    part = rng.integers(100_000, 900_000, len(rows))
    part[chance(rng, 0.6, len(rows))] = 1_000_000
    rows, day, part = (a[day < months.end] for a in (rows, day, part))
    back = Invoices(
        plain.seller[rows], plain.buyer[rows], day, months.of(day),
        -share_of(plain.net[rows], part), -share_of(plain.tax[rows], part),
        np.full(len(rows), RED), rows,
    )  # fmt: skip
    both = {n: np.concatenate([getattr(plain, n), getattr(back, n)]) for n in vars(plain)}
    order = np.argsort(both["day"], kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    both["ref"] = np.where(both["ref"] < 0, -1, place[both["ref"]])
    return Invoices(**{n: a[order] for n, a in both.items()})


def invoice_table(invoices: Invoices, cast: Cast, before: int = 0) -> pa.Table:
    """Return ``invoice``; ids are numbered on from those of so many invoices before."""
    ids = invoices.ids_from(before)
    return build("invoice", {
        "invoice_id": ids,
        "seller": pick(cast.ids, invoices.seller),
        "buyer": pick(cast.ids, invoices.buyer),
        "date": dates(invoices.day),
        "net": invoices.net,
        "tax": invoices.tax,
        "status": pick(STATUS, invoices.status),
        "ref": pick(ids, invoices.ref),
    })  # fmt: skip
