"""What each buyer needs, from whom it comes, and how long he lasts without it."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.rippling import WHOLE, Supply
from liandong.kernels.graphs.strong import grouped
from liandong.survey.chain.network import Int, Network, numbers, part_of, ppm, sums
from liandong.survey.chain.rules import ChainRule


class Needs(NamedTuple):
    """Inputs of all buyers: a need is all that one buyer buys of one industry.

    Attributes
    ----------
    tie, of
        Ties with sellers of a known industry, and the need that each serves.
    part
        Share of these ties in their needs, ppm.
    buyer, trade
        By need.
    amount
        Fen by need.
    cost
        Share of the need in the buyer's purchases, ppm.
    critical
        Whether the buyer stops without it.
    stock
        Days, in ppm of a day.
    replaceable
        Ppm.
    """

    tie: Int
    of: Int
    part: Int
    buyer: Int
    trade: Int
    amount: Int
    cost: Int
    critical: NDArray[np.bool_]
    stock: Int
    replaceable: Int

    def sole(self, rule: ChainRule) -> NDArray[np.bool_]:
        """Tell of each tie whether a critical input comes from it alone."""
        return (self.part >= int(rule.sole)) & self.critical[self.of]


def needs_of(net: Network, told: pa.Table, rule: ChainRule) -> Needs:
    """Return the needs of all buyers.

    Parameters
    ----------
    told
        ``input_need``: what is known of inputs. Industries are cut as those of the network; of
        several rows for one input the most critical and the least stock and substitution count.
    """
    count = max(len(net.trade.names), 1)
    trade = net.trade.code[net.seller]
    tie = np.flatnonzero(trade >= 0)
    key, of = np.unique(net.buyer[tie] * count + trade[tie], return_inverse=True)
    buyer, kind = key // count, key % count
    amount = sums(of, net.amount[tie], len(key))
    # Ties without an amount share what they serve evenly.
    weight = np.where(amount[of] > 0, net.amount[tie], 1)
    part = ppm(weight, sums(of, weight, len(key))[of])
    cost = ppm(amount, net.bought[buyer])
    critical = cost >= int(rule.critical)
    stock = np.full(len(key), rule.stock_days * WHOLE)
    replaceable = np.full(len(key), int(rule.replaceable))
    _described(net, told, rule, key, (critical, stock, replaceable))
    return Needs(tie, of, part, buyer, kind, amount, cost, critical, stock, replaceable)


def _described(
    net: Network, told: pa.Table, rule: ChainRule, key: Int,
    figures: tuple[NDArray[np.bool_], Int, Int],
) -> None:  # fmt: skip
    """Put what ``input_need`` says in the place of what the rule assumes."""
    critical, stock, replaceable = figures
    industry = pc.utf8_slice_codeunits(told["industry"], 0, rule.letters)
    buyer, trade = (
        numbers(told["party_id"], net.ids),
        numbers(industry, pa.array(net.trade.names, pa.string())),
    )
    wanted = buyer * max(len(net.trade.names), 1) + trade
    at = np.searchsorted(key, wanted)
    known = (buyer >= 0) & (trade >= 0)
    known[known] &= key[np.minimum(at[known], len(key) - 1)] == wanted[known]
    rows = np.flatnonzero(known)
    at = at[rows]
    critical[at] = False
    np.logical_or.at(critical, at, told["critical"].to_numpy()[rows])
    days = np.rint(told["stock_days"].cast(pa.float64()).to_numpy() * WHOLE)[rows]
    part = told["replaceable"].cast(pa.float64()).to_numpy()[rows]
    for figure, value in ((stock, days), (replaceable, part)):
        said = ~np.isnan(value)
        figure[at[said]] = np.iinfo(np.int64).max
        np.minimum.at(figure, at[said], value[said].astype(np.int64))


def supply_of(net: Network, needs: Needs, rule: ChainRule) -> tuple[Supply, Int]:
    """Return the critical ties as the ripple takes them, and which ties of the needs these are."""
    row = np.flatnonzero(needs.critical[needs.of])
    kept, of = np.unique(needs.of[row], return_inverse=True)
    count, trades = len(net.ids), len(net.trade.names)
    first, order = grouped(net.seller[needs.tie[row]], count)
    row, of = row[order], of[order]
    made_in = np.where(net.trade.code < 0, trades, net.trade.code)
    own = part_of(net.sold + net.final, int(rule.spare))
    return Supply(
        first, of, needs.part[row], net.amount[needs.tie[row]],
        needs.buyer[kept], needs.trade[kept], needs.stock[kept], needs.replaceable[kept],
        own, sums(made_in, own, trades + 1), made_in,
    ), row  # fmt: skip
