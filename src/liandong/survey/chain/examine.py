"""What the network shows of each firm: its place, and what happens if it stops."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.graphs.components import components
from liandong.kernels.graphs.cutting import both_ways, cuts
from liandong.kernels.graphs.dominating import beneath, dominators
from liandong.kernels.graphs.downstream import downstream
from liandong.kernels.graphs.rippling import Supply, alone, room, tally
from liandong.kernels.graphs.strong import grouped, strong_components
from liandong.survey.chain.needs import Needs, supply_of
from liandong.survey.chain.network import Int, Network, sums
from liandong.survey.chain.rules import ChainRule


class Place(NamedTuple):
    """Where each firm stands, by firm; see the table ``chain_node``.

    Attributes
    ----------
    layer, circle, cut_off, dominated
        As in the table.
    circles, bridges, parts
        Circles of two firms or more, ties whose loss parts the network, and its parts.
    largest
        Firms of the largest part.
    """

    layer: Int
    circle: Int
    cut_off: Int
    dominated: Int
    circles: int
    bridges: int
    parts: int
    largest: int


class Stops(NamedTuple):
    """What happens if firms stop.

    Attributes
    ----------
    supply, tie
        What ripples spread on, and the tie of the needs that each of its ties is.
    stops
        Ties whose buyer stops if the seller alone does.
    granted
        By firm: part of what its buyers ask others for that these have to spare, ppm.
    able
        How many firms stop another at all.
    firm, others, first_day, loss
        The firms that were made to stop, how many others stop, when first, and what these lose.
    """

    supply: Supply
    tie: Int
    stops: NDArray[np.bool_]
    granted: Int
    able: int
    firm: Int
    others: Int
    first_day: Int
    loss: Int


def place(net: Network) -> Place:
    """Return where each firm stands among the others."""
    count = len(net.ids)
    first = grouped(net.seller, count)[0]
    label, _ = strong_components(first, net.buyer)
    members = np.bincount(label, minlength=1)
    low, high = np.minimum(net.seller, net.buyer), np.maximum(net.seller, net.buyer)
    pair = np.sort(low * count + high)
    pair = pair[np.append(True, pair[1:] != pair[:-1])[: len(pair)]]
    cut_off, bridge = cuts(*both_ways(pair // max(count, 1), pair % max(count, 1), count))
    fed = np.zeros(len(members), bool)
    fed[label[net.buyer][label[net.seller] != label[net.buyer]]] = True
    above, order = dominators(first, net.buyer, ~fed[label])
    whole = _parts(pair, count)
    return Place(
        downstream(first, net.buyer, label, np.zeros(count, np.int64))[0], members[label], cut_off,
        beneath(above, order, (net.final > 0).astype(np.int64)),
        int((members > 1).sum()), int(bridge.sum()), len(whole), int(whole.max(initial=0)),
    )  # fmt: skip


def _parts(pair: Int, count: int) -> Int:
    """Return the sizes of the parts the network falls into."""
    root = components(pair // max(count, 1), pair % max(count, 1), count)
    sizes = np.bincount(root)
    return sizes[sizes > 0]


def daily(net: Network, rule: ChainRule) -> Int:
    """Return the sales of a day of each firm."""
    return (net.sold + net.final) // rule.days


def stop_each(net: Network, needs: Needs, rule: ChainRule) -> Stops:
    """Make those stop, each alone, who stop another at all: first those with most below them."""
    supply, tie = supply_of(net, needs, rule)
    rate, until = int(rule.resupply), rule.horizon
    day, granted = alone(supply, rate, until)
    stops, count, sales = day < until, len(net.ids), daily(net, rule)
    seller = net.seller[needs.tie[tie]]
    first = grouped(seller[stops], count)[0]
    to = supply.buyer[supply.need[stops]]
    label, _ = strong_components(first, to)
    most = downstream(first, to, label, sales)[1]
    able = np.flatnonzero(np.diff(first))
    chosen = able[np.lexsort((able, -most[able]))][: rule.runs]
    found = tally(supply, room(supply), chosen, sales, rate, until)
    return Stops(supply, tie, stops, granted, len(able), chosen, *found)


def sole_counts(net: Network, needs: Needs, rule: ChainRule) -> tuple[Int, Int]:
    """Return by firm its single-source inputs, and its buyers with no other source."""
    sole = needs.sole(rule).astype(np.int64)
    count = len(net.ids)
    return sums(net.buyer[needs.tie], sole, count), sums(net.seller[needs.tie], sole, count)
