"""Measures of the company a firm keeps: tenure and quality of its partners, place among firms."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.assess.measures.invoices import Columns, Float, Side, Trade, share
from liandong.assess.measures.months import Int
from liandong.kernels.graphs import network

Bool = NDArray[np.bool_]

HUB = 200
"""Partners that deal with more firms than this tie nobody together (grid, toll, households)."""
DAMPING, ROUNDS = 0.85, 20


class Pairs(NamedTuple):
    """What each firm did with each other party in the year.

    ``firm`` and ``other`` are numbers of parties, ``amount`` is fen above 0; in order of both.
    """

    firm: Int
    other: Int
    amount: Int

    def weigh(self, values: Float, firms: int) -> Float:
        """Return the mean of ``values`` of the pairs by firm, weighted by amount."""
        some = ~np.isnan(values)
        firm, amount = self.firm[some], self.amount[some].astype(np.float64)
        whole = np.bincount(firm, amount, firms)
        return share(np.bincount(firm, amount * values[some], firms), whole)


def network_measures(trade: Trade, troubled: pa.Array, window: int) -> Columns:
    """Return measures of partners and of the network, one value a firm; NaN where undefined.

    Parameters
    ----------
    trade
        All invoices of the firms.
    troubled
        Ids of parties that are known to be in trouble.
    window
        Months of the year that counts.
    """
    sales, bought = _pairs(trade.sales, window), _pairs(trade.bought, window)
    firms, parties = trade.firms, len(trade.names)
    bad = pc.is_in(trade.names, value_set=troubled).to_numpy(zero_copy_only=False)
    all_pairs = Pairs(*(np.concatenate(c) for c in zip(sales, bought, strict=True)))
    tie = np.unique(all_pairs.firm * parties + all_pairs.other)
    firm, other = tie // parties, tie % parties
    # A tie of two firms stands in the invoices of both.
    met = np.bincount(other, minlength=parties)
    wide = met[other] - 1 > 0
    columns = {
        **_side(trade.sales, sales, met, trade, window, "buyer"),
        **_side(trade.bought, bought, met, trade, window, "supplier"),
        "partner_trouble": all_pairs.weigh(bad[all_pairs.other].astype(np.float64), firms),
        "partner_void_share": _void_elsewhere(trade, tie, window),
        "partners_shared": np.bincount(firm[wide], minlength=firms).astype(np.float64),
    }
    return columns | _place(trade, firm, other, sales, bought)


def _pairs(side: Side, window: int) -> Pairs:
    return Pairs(*side.where((side.month < window) & (side.status != 1)).partners())


def _side(side: Side, pairs: Pairs, met: Int, trade: Trade, window: int, who: str) -> Columns:
    """How long partners have been known, how many stayed, and how much is with known names."""
    firms, parties = trade.firms, len(trade.names)
    counted = side.where(side.status != 1)
    key, place = np.unique(counted.firm * parties + counted.other, return_inverse=True)
    first, years = np.zeros(len(key), np.int64), np.zeros((2, len(key)), bool)
    np.maximum.at(first, place, counted.month)
    for i in range(2):
        years[i, place[counted.month // window == i]] = True
    now = np.searchsorted(key, pairs.firm * parties + pairs.other)
    old, stayed = (
        np.bincount((key // parties)[mask], minlength=firms)
        for mask in (years[1], years.all(axis=0))
    )
    return {
        f"{who}_tenure": pairs.weigh(first[now].astype(np.float64), firms),
        f"{who}_retention": share(stayed, old),
        f"{who}_reach": pairs.weigh((met[pairs.other] > 1).astype(np.float64), firms),
    }


def _void_elsewhere(trade: Trade, tie: Int, window: int) -> Float:
    """Return how many of its partners' invoices with other firms are void, each partner once."""
    firms, parties = trade.firms, len(trade.names)
    all_of, void = np.zeros(len(tie), np.int64), np.zeros(len(tie), np.int64)
    for side in (trade.sales, trade.bought):
        year = side.where(side.month < window)
        key = year.firm * parties + year.other
        at = np.searchsorted(tie, key)
        here = np.append(tie, -1)[at] == key
        np.add.at(all_of, at[here], year.number[here])
        here &= year.status == 1
        np.add.at(void, at[here], year.number[here])

    def elsewhere(number: Int) -> Int:
        by_partner, by_firm = np.zeros(parties, np.int64), np.zeros(firms, np.int64)
        np.add.at(by_partner, tie % parties, number)
        np.add.at(by_firm, tie // parties, by_partner[tie % parties] - number)
        return by_firm

    return share(elsewhere(void), elsewhere(all_of))


def _place(trade: Trade, firm: Int, other: Int, sales: Pairs, bought: Pairs) -> Columns:
    """Core, reach and rank of each firm among all parties."""
    firms, parties = trade.firms, len(trade.names)
    both = np.unique(np.concatenate([firm * parties + other, other * parties + firm]))
    begin, near, _ = network.neighbours(both // parties, both % parties, parties)
    # Buyers pay sellers; what a firm bought of another one stands in the sales of that one.
    strange = bought.other >= firms
    payer = np.concatenate([sales.other, bought.firm[strange]])
    payee = np.concatenate([sales.firm, bought.other[strange]])
    amount = np.concatenate([sales.amount, bought.amount[strange]])
    starts, paid, order = network.neighbours(payer, payee, parties)
    rank = network.rank(starts, paid, amount[order].astype(np.float64), DAMPING, ROUNDS)
    return {
        "network_core": network.cores(begin, near)[:firms].astype(np.float64),
        "network_reach": network.reach(begin, near, firms, HUB).astype(np.float64),
        "network_rank": rank[:firms],
    }
