"""Public tenders: honest ones, and those where one owner bids against himself."""

import numpy as np
import pyarrow as pa
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Floats, Ints, chance, dates, fen, numbered, pick
from liandong.world.firms import Cast, Firms
from liandong.world.months import Months
from liandong.world.plan import Plan
from liandong.world.regions import MAINLAND
from liandong.world.ties import Owners
from liandong.world.truth import Fact

FIRMS_A_TENDER = 200
"""Firms per tender and month."""
TENDERS_A_CARTEL = 3


def draw_bids(
    firms: Firms, plan: Plan, owners: Owners, cast: Cast, months: Months, rng: Generator
) -> tuple[pa.Table, list[Fact]]:
    """Return ``bid`` and the connected tenders.

    Honest bidders come from everywhere and the lowest price wins. Cartels bid close together and
    above the estimate; an outsider may bid more.
    """
    honest = max(2, len(firms) // FIRMS_A_TENDER) * months.count
    rigged = np.repeat(np.arange(len(plan.cartels)), TENDERS_A_CARTEL)
    count = honest + len(rigged)
    day = months.day(rng.integers(0, months.count, count), rng.random(count))
    estimate = rng.lognormal(14.5, 1.0, count)
    place = np.empty(count, np.int64)
    place[np.lexsort((rng.random(count), day))] = np.arange(count)
    tender, bidder, price, wins = _honest(firms, honest, estimate, rng)
    parts = [(tender, bidder, price, wins)]
    facts = []
    for cartel, t in zip(rigged, range(honest, count), strict=True):
        members = plan.cartels[cartel]
        parts.append(_rigged(firms, members, t, estimate[t], rng))
        ids = [cast.ids[int(m)].as_py() for m in members]
        owner = cast.ids[cast.person + int(owners.person[members[0]])].as_py()
        name = numbered("N", place[t : t + 1] + 1, 6)[0].as_py()
        facts.append(Fact("connected_tender", name, owner, int(day[t]), None, {"bidders": ids}))
    tender, bidder, price, wins = (np.concatenate(c) for c in zip(*parts, strict=True))
    order = np.lexsort((bidder, place[tender]))
    tender, bidder, price, wins = tender[order], bidder[order], price[order], wins[order]
    buyer = cast.government + rng.integers(0, len(MAINLAND), count)
    table = build("bid", {
        "tender_id": numbered("N", place[tender] + 1, 6),
        "bidder_id": pick(cast.ids, bidder),
        "buyer_id": pick(cast.ids, buyer[tender]),
        "amount": fen(np.rint(price / 100) * 100),
        "at": dates(day[tender]),
        "won": wins.astype(bool),
    })  # fmt: skip
    return table, facts


_Bids = tuple[Ints, Ints, Floats, Ints]
"""tender, bidder, price in yuan, 1 for the winner"""


def _honest(firms: Firms, tenders: int, estimate: Floats, rng: Generator) -> _Bids:
    """Three to six bids a tender of different firms; the lowest wins."""
    tender = np.repeat(np.arange(tenders), rng.integers(3, 7, tenders))
    bidder = rng.integers(0, len(firms), len(tender))
    pairs = np.unique(tender * len(firms) + bidder)
    tender, bidder = pairs // len(firms), pairs % len(firms)
    price = estimate[tender] * rng.uniform(0.84, 1.0, len(tender))
    ranked = np.lexsort((bidder, price, tender))
    wins = np.zeros(len(tender), np.int64)
    wins[ranked[np.unique(tender[ranked], return_index=True)[1]]] = 1
    return tender, bidder, price, wins


def _rigged(firms: Firms, members: Ints, tender: int, estimate: float, rng: Generator) -> _Bids:
    outsider = np.setdiff1d(rng.integers(0, len(firms), 1), members)
    outsider = outsider[chance(rng, 0.4, len(outsider))]
    bidder = np.concatenate([members, outsider])
    winner = rng.integers(0, len(members))
    step = rng.uniform(0.003, 0.012, len(bidder))
    step[winner] = 0.0
    step[len(members) :] = rng.uniform(0.05, 0.1, len(outsider))
    price = estimate * rng.uniform(1.0, 1.08) * (1 + step)
    wins = (np.arange(len(bidder)) == winner).astype(np.int64)
    return np.full(len(bidder), tender), bidder, price, wins
