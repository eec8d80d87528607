"""Ties between parties: owners, control behind nominees, shared addresses, guarantees, supply."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Ints, chance, dates, pick, share_of
from liandong.world.credit import Loans
from liandong.world.firms import Cast, Firms
from liandong.world.plan import Plan
from liandong.world.trade import Links

KNOWN_OWNERS = 0.7
FIRMS_OF_A_PERSON = np.array([0.80, 0.13, 0.04, 0.02, 0.01])
KINDS = ("owns", "controls", "guarantees", "supplies", "same_address")
OWNS, CONTROLS, GUARANTEES, SUPPLIES, SAME_ADDRESS = range(len(KINDS))
NO_SHARE, NO_WEIGHT = -1, 0


@dataclass(frozen=True)
class Owners:
    """Who owns the firms.

    Attributes
    ----------
    person
        Index of the owner by firm, -1 if not known.
    nominee
        Whether the owner controls the firm without holding its shares.
    persons
        How many people there are.
    neighbours
        Pairs of firms at one address, smaller number first, of shape (pairs, 2).
    """

    person: Ints
    nominee: Bools
    persons: int
    neighbours: Ints


def draw_owners(firms: int, groups: list[Ints], rng: Generator) -> Owners:
    """Draw owners, most of them of one firm; each of ``groups`` gets its first firm's."""
    known = np.flatnonzero(chance(rng, KNOWN_OWNERS, firms))
    sizes = 1 + rng.choice(len(FIRMS_OF_A_PERSON), len(known), p=FIRMS_OF_A_PERSON)
    person = np.full(firms, -1)
    person[rng.permutation(known)] = np.repeat(np.arange(len(known)), sizes)[: len(known)]
    for group in groups:
        if person[group[0]] < 0:
            person[group[0]] = person.max() + 1
        person[group[1:]] = person[group[0]]
    people, index = np.unique(person[person >= 0], return_inverse=True)
    # In no order, since the numbers of people must not tell which of them were added last.
    person[person >= 0] = rng.permutation(len(people))[index]
    pairs = rng.choice(firms, (max(1, firms // 60), 2))
    planted = [g[[0, -1]] for g in groups if rng.random() < 0.4]
    neighbours = np.sort(np.vstack([pairs, *planted]), axis=1)
    return Owners(
        person, chance(rng, 0.15, firms), len(people),
        np.unique(neighbours[neighbours[:, 0] != neighbours[:, 1]], axis=0),
    )  # fmt: skip


@dataclass(frozen=True)
class _Edges:
    """Edges of one kind as arrays; ``share`` in ppm or -1, ``weight`` in fen or 0."""

    kind: int
    src: Ints
    dst: Ints
    day: Ints
    share: Ints | int = NO_SHARE
    weight: Ints | int = NO_WEIGHT


def edge_table(
    firms: Firms, owners: Owners, links: Links, loans: Loans, plan: Plan, cast: Cast,
    rng: Generator,
) -> pa.Table:  # fmt: skip
    """Return ``edge`` in the order of kind, parties and day, without repetitions."""
    parts = [
        *_ownership(firms, owners, cast, rng),
        _supplies(firms, links),
        _addresses(firms, owners),
        *_guarantees(firms, loans, plan, cast, rng),
    ]
    names = ("kind", "src", "dst", "day", "share", "weight")
    columns = {
        n: np.concatenate([np.broadcast_to(getattr(p, n), len(p.src)) for p in parts])
        for n in names
    }
    keys = np.column_stack([columns[n] for n in names[:4]])
    rows = np.unique(keys, axis=0, return_index=True)[1]
    kind, src, dst, day, share, weight = (columns[n][rows] for n in names)
    return build("edge", {
        "src": pick(cast.ids, src),
        "dst": pick(cast.ids, dst),
        "kind": pick(KINDS, kind),
        "valid_from": dates(day),
        "share": pa.array(share.astype(np.int32), mask=share == NO_SHARE),
        "weight": pa.array(weight, mask=weight == NO_WEIGHT),
        "source": pick(("registry", "registry", "bank", "invoice", "registry"), kind),
    })  # fmt: skip


def _ownership(firms: Firms, owners: Owners, cast: Cast, rng: Generator) -> list[_Edges]:
    """Persons own firms, or control them through nominees; a few firms have a larger one above."""
    ranked = np.argsort(firms.revenue, kind="stable")
    child = np.flatnonzero(chance(rng, 0.05, len(firms)))
    rank = np.empty(len(firms), np.int64)
    rank[ranked] = np.arange(len(firms))
    child = child[rank[child] < len(firms) - 1]
    above = rng.integers(rank[child] + 1, len(firms))
    parent = np.full(len(firms), -1)
    parent[child] = ranked[above]
    held = np.zeros(len(firms), np.int64)
    held[child] = rng.integers(200, 800, len(child)) * 1_000
    known = owners.person >= 0
    own, rule = np.flatnonzero(known & ~owners.nominee), np.flatnonzero(known & owners.nominee)
    part = (1_000_000 - held[own]) * rng.choice([510, 600, 700, 800, 900, 1_000], len(own)) // 1_000
    person = cast.person + owners.person
    return [
        _Edges(OWNS, person[own], own, firms.founded[own], part),
        _Edges(OWNS, parent[child], child, firms.founded[child], held[child]),
        _Edges(CONTROLS, person[rule], rule, firms.founded[rule]),
    ]


def _supplies(firms: Firms, links: Links) -> _Edges:
    trade = links.buyer < len(firms)
    seller, buyer, yearly = links.seller[trade], links.buyer[trade], links.yearly[trade]
    share = np.rint(yearly / firms.revenue[seller] * 1e6).astype(np.int64)
    since = np.maximum(firms.founded[seller], firms.founded[buyer])
    weight = np.rint(yearly).astype(np.int64) * 100
    return _Edges(SUPPLIES, seller, buyer, since, share, weight)


def _addresses(firms: Firms, owners: Owners) -> _Edges:
    one, other = owners.neighbours.T
    return _Edges(SAME_ADDRESS, one, other, np.maximum(firms.founded[one], firms.founded[other]))


def _guarantees(firms: Firms, loans: Loans, plan: Plan, cast: Cast, rng: Generator) -> list[_Edges]:
    """Return guarantees of the fund, of larger firms, and of the planted rings.

    Ring members guarantee nobody else, so that no other firm gets into a ring.
    """
    fund = np.flatnonzero(chance(rng, 0.15, len(loans)))
    backed = np.flatnonzero(chance(rng, 0.12, len(loans)))
    patron = rng.integers(0, len(firms), len(backed))
    larger = firms.revenue[patron] > firms.revenue[loans.firm[backed]]
    larger &= ~np.isin(patron, np.concatenate(plan.rings))
    backed, patron = backed[larger], patron[larger]
    guarantor = np.concatenate(plan.rings)
    row = ring_loans(loans, np.concatenate([np.roll(r, -1) for r in plan.rings]))
    return [
        _guarantee(np.full(len(fund), cast.fund), loans, fund, 800_000),
        _guarantee(patron, loans, backed, 1_000_000),
        _guarantee(guarantor, loans, row, 1_000_000),
    ]


def ring_loans(loans: Loans, firm: Ints) -> Ints:
    """Return the row of the first loan of each firm; all of them must borrow."""
    first = loans.first
    by_firm = first[np.argsort(loans.firm[first])]
    return by_firm[np.searchsorted(loans.firm[by_firm], firm)]


def _guarantee(src: Ints, loans: Loans, row: Ints, part: int) -> _Edges:
    weight = share_of(loans.amount[row], part)
    return _Edges(GUARANTEES, src, loans.firm[row], loans.day[row], weight=weight)
