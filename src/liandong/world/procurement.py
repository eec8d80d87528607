"""Public tenders as whole processes: how long they were open, who was turned away, who won.

Every tender of ``bid`` is one of them. Further ones, in no other table, hold the planted cases of
those indicators that a single process or tenderer can meet; beside each there are a few that look
the same and have a good reason, and many that are as they should be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from liandong.schema.arrow import build
from liandong.world.arrays import Bools, Ints, chance, fen, numbered, pick, times
from liandong.world.regions import MAINLAND
from liandong.world.rule import INNOCENT
from liandong.world.truth import Fact

if TYPE_CHECKING:
    from liandong.world.economy import Economy

METHODS = {"open": "公开招标", "selective": "邀请招标", "limited": "竞争性磋商"}
OFTEN = (0.7, 0.1, 0.2)
BIDDERS, REPEATS = 4, 4
"""Bids for a further process; how often one who is always turned away bids."""
PLAIN = 3
"""Further processes as they should be, for each that is planted."""
ALWAYS_OUT = "R038"
"""The indicator of a tenderer that is turned away in several processes; others look at one."""
TURNED_AWAY = 0.015
"""Share of the bids for the tenders of ``bid`` that lose since they are not valid."""
HOUR = 3_600 * 1_000_000
OPENED = 24 * HOUR, HOUR * 3 // 2
"""Microseconds of a day, and when bids end on it: half past nine in Beijing."""


class Procured(NamedTuple):
    """Processes, their bids and awards, and what was planted among them."""

    tender: pa.Table
    bid: pa.Table
    award: pa.Table
    facts: list[Fact]


@dataclass
class _Processes:
    """Columns by process (``buyer`` … ``number``) and by bid (``process`` … ``won``).

    Attributes
    ----------
    buyer, firm
        Places in the cast.
    end, days
        The day on which bids end, and for how many days they were taken.
    number
        What its id says.
    early
        Hours between a bid and the end; below 0 it came late.
    """

    buyer: Ints
    end: Ints
    days: Ints
    method: Ints
    number: Ints
    process: Ints
    firm: Ints
    amount: Ints
    early: Ints
    valid: Bools
    won: Bools


@dataclass
class _Further:
    """Processes with a row of ``BIDDERS`` bids each, the lowest first; that one wins."""

    rng: Generator
    days: Ints
    method: Ints
    firm: Ints
    amount: Ints
    early: Ints
    made: Bools
    valid: Bools
    won: Bools


def draw_procurement(e: "Economy") -> Procured:
    """Draw the processes of a world."""
    rng, known = e.rng["procurement"], _known(e)
    cases = e.rule.flag_cases
    sizes = {code: cases * (REPEATS if code == ALWAYS_OUT else 1) for code in PLANTS}
    count = (1 + PLAIN) * sum(sizes.values())
    further = _plain(count, len(e.firms), rng)
    parts = np.split(rng.permutation(count), np.cumsum(list(sizes.values())))
    rows = dict(zip(PLANTS, (p.reshape(cases, -1) for p in parts), strict=False))
    for code, plant in PLANTS.items():
        plant(further, rows[code])
    end = rng.integers(e.months.first[0] + 40, e.months.end, count)
    buyer = e.cast.government + rng.integers(0, len(MAINLAND), count)
    every = _joined(known, further, buyer, end)
    facts = [
        _fact(e, every, code, len(known.end) + own)
        for code in PLANTS for own in rows[code][: cases - INNOCENT]
    ]  # fmt: skip
    return Procured(_tenders(e, every), _bids(e, every), _awards(e, every), facts)


def _known(e: "Economy") -> _Processes:
    """Return the tenders of ``bid``; some of the bids that did not win were not valid."""
    bids, rng = e.tenders.bids, e.rng["procurement"]
    names, first, process = np.unique(
        bids["tender_id"].to_numpy(), return_index=True, return_inverse=True
    )
    firm, buyer = (
        pc.index_in(bids[c], value_set=e.cast.ids).to_numpy().astype(np.int64)
        for c in ("bidder_id", "buyer_id")
    )
    won = bids["won"].to_numpy()
    n = len(names)
    return _Processes(
        buyer[first], bids["at"].cast(pa.int32()).to_numpy().astype(np.int64)[first],
        rng.integers(20, 36, n), rng.choice(len(METHODS), n, p=OFTEN), np.arange(1, n + 1),
        process, firm, bids["amount"].to_numpy(), rng.integers(1, 72, len(won)),
        won | ~chance(rng, TURNED_AWAY, len(won)), won,
    )  # fmt: skip


def _plain(count: int, firms: int, rng: Generator) -> _Further:
    """Draw processes as they should be: different firms, and prices that lie apart."""
    shape = count, BIDDERS
    step = rng.integers(1, firms // BIDDERS, shape).cumsum(axis=1)
    share = np.sort(rng.uniform(0.84, 1.0, shape), axis=1)
    won = np.zeros(shape, bool)
    won[:, 0] = True
    return _Further(
        rng, rng.integers(20, 36, count), rng.choice(len(METHODS), count, p=OFTEN),
        (rng.integers(0, firms, count)[:, None] + step) % firms,
        fen(np.rint(rng.lognormal(14.5, 1.0, count)[:, None] * share)),
        rng.integers(1, 72, shape), np.ones(shape, bool), np.ones(shape, bool), won,
    )  # fmt: skip


def _short(f: _Further, rows: Ints) -> None:
    f.days[rows] = f.rng.integers(3, 10, rows.shape)


def _single(f: _Further, rows: Ints) -> None:
    f.made[rows, 1:] = False
    f.method[rows] = 0


def _identical(f: _Further, rows: Ints) -> None:
    f.amount[rows, 2] = f.amount[rows, 1]


def _late(f: _Further, rows: Ints) -> None:
    f.early[rows, 0] = -f.rng.integers(2, 48, rows.shape)


def _all_others(f: _Further, rows: Ints) -> None:
    f.valid[rows, 1:] = False


def _lowest_out(f: _Further, rows: Ints) -> None:
    f.valid[rows, 0] = False
    f.won[rows, 0], f.won[rows, 1] = False, True


def _turned_away(f: _Further, rows: Ints) -> None:
    bids = f.firm[rows]
    own = bids[:, :1, -1:]
    # Where it bids anyway, another one does in its place.
    f.firm[rows] = np.where(bids == own, bids[..., -1:], bids)
    f.firm[rows, -1] = own[..., 0]
    f.valid[rows, -1] = False


def _far_below(f: _Further, rows: Ints) -> None:
    f.amount[rows, 0] = f.amount[rows, 1] // 2


PLANTS: Mapping[str, Callable[[_Further, Ints], None]] = {
    "R003": _short, "R018": _single, "R028": _identical, "R030": _late, "R035": _all_others,
    "R036": _lowest_out, ALWAYS_OUT: _turned_away, "R058": _far_below,
}  # fmt: skip
"""By the indicator that should find it; ``rows`` has a row for each case. R024, R025 and R048 look
at how all of a market bid, and nothing is planted for them."""


def _joined(known: _Processes, f: _Further, buyer: Ints, end: Ints) -> _Processes:
    """Put the further processes behind those of ``bid``, with numbers in no order."""
    before, count = len(known.end), len(end)
    row, column = np.nonzero(f.made)
    further = _Processes(
        buyer, end, f.days, f.method, before + 1 + f.rng.permutation(count), before + row,
        f.firm[row, column], f.amount[row, column], f.early[row, column], f.valid[row, column],
        f.won[row, column],
    )  # fmt: skip
    return _Processes(
        **{n: np.concatenate([c, getattr(further, n)]) for n, c in vars(known).items()}
    )


def _ids(p: _Processes, places: Ints) -> pa.Array:
    return numbered("N", p.number[places], 6)


def _moment(day: Ints, hours: Ints | int) -> pa.Array:
    whole, half_past_nine = OPENED
    return times(day * whole + half_past_nine - hours * HOUR)


def _listed(ids: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('["', ids, '"]', "")


def _fact(e: "Economy", p: _Processes, code: str, own: Ints) -> Fact:
    """Tell what was planted: one process, or one tenderer in several."""
    ids = _ids(p, own).to_pylist()
    bids = np.isin(p.process, own)
    subject = ids[0]
    if code == ALWAYS_OUT:
        out = p.firm[bids & ~p.valid & (p.process == own[0])]
        subject = e.cast.ids[int(out[0])].as_py()
    return Fact(
        "planted_flag", subject, None, int(p.end[own].min()), int(p.amount[bids & p.won].sum()),
        {"code": code, "lines": sorted(ids)},
    )  # fmt: skip


def _tenders(e: "Economy", p: _Processes) -> pa.Table:
    every = np.arange(len(p.end))
    buyer = pick(e.cast.ids, p.buyer)
    return build("tender", {
        "ocid": _ids(p, every), "buyer_id": buyer, "entity_id": buyer,
        "status": ["complete"] * len(every),
        "method": pick(list(METHODS), p.method),
        "method_details": pick(list(METHODS.values()), p.method),
        "start_at": _moment(p.end - p.days, 0), "end_at": _moment(p.end, 0),
        "tenderers": np.bincount(p.process, minlength=len(every)),
    }).sort_by("ocid").combine_chunks()  # fmt: skip


def _bids(e: "Economy", p: _Processes) -> pa.Table:
    ids = pick(e.cast.ids, p.firm)
    return build("tender_bid", {
        "ocid": _ids(p, p.process), "bid_id": ids,
        "status": pick(["disqualified", "valid"], p.valid.astype(np.int64)),
        "at": _moment(p.end[p.process], p.early),
        "amount": p.amount, "currency": ["CNY"] * len(ids), "tenderers": _listed(ids),
    }).sort_by([("ocid", "ascending"), ("bid_id", "ascending")]).combine_chunks()  # fmt: skip


def _awards(e: "Economy", p: _Processes) -> pa.Table:
    """One award a process; the class of its items is the trade of who supplies them."""
    won = np.flatnonzero(p.won)
    trade = numbered("", 10 + e.firms.industry[p.firm[won]], 2)
    return build("tender_award", {
        "ocid": _ids(p, p.process[won]), "award_id": ["1"] * len(won),
        "status": ["active"] * len(won), "amount": p.amount[won], "currency": ["CNY"] * len(won),
        "suppliers": _listed(pick(e.cast.ids, p.firm[won])),
        "classes": _listed(pc.binary_join_element_wise(trade, "000000", "")),
    }).sort_by("ocid").combine_chunks()  # fmt: skip


TABLES: dict[str, Callable[["Economy"], pa.Table]] = {
    "tender": lambda e: e.procurement.tender,
    "tender_bid": lambda e: e.procurement.bid,
    "tender_award": lambda e: e.procurement.award,
}
"""How the tables of this topic are made."""
