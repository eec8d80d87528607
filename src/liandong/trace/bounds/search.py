"""From a log to bounds: numbers of places in, bounds and what limits them out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.graphs.bounding import THERE
from liandong.kernels.graphs.bounding import bounds as bound
from liandong.kernels.graphs.temporal import NOWHERE, Network, balances, network
from liandong.trace.bounds.plain import plain
from liandong.trace.log import Log

Int = NDArray[np.int64]


class Found(NamedTuple):
    """Bounds of some money.

    Attributes
    ----------
    rows
        Shape (places, 5): place, least, most, what was paid out in all, and how many refunds that
        the money can reach count as ordinary transfers.
    limits
        Shape (limits, 6): place, side (0 least, 1 most), flow, whether it is a balance, account,
        and the amount.
    """

    rows: Int
    limits: Int


class Finder:
    """Finds bounds in one log.

    Parameters
    ----------
    log
        The transfers.
    """

    def __init__(self, log: Log) -> None:
        self._log, self._plain = log, plain(log)
        p = self._plain
        self._flows = p.src, p.dst, p.amount
        self._held = balances(*self._flows, p.opening)

    def of(self, loans: list[int], places: Int | None) -> Found:
        """Bound the money of loans together; loans and places are given by number.

        Places are accounts, and behind them repaid loans and overdrafts; None looks at all that can
        be reached.
        """
        start = len(self._log.accounts) + np.array(loans)
        supply = self._plain.opening[start]
        start, supply = start[supply > 0], supply[supply > 0]
        net = network(self._flows, self._held, start, supply, len(self._plain.opening))
        place, nodes, ends = self._where(net, places)
        least, most, limits = bound(net, supply, nodes, ends)
        loose = self._plain.loose[net.row[net.row != NOWHERE]].sum()
        paid, loose = (np.full(len(place), x) for x in (supply.sum(), loose))
        rows = np.column_stack([place, least, most, paid, loose])
        return Found(rows, self._named(net, place, limits))

    def _where(self, net: Network, place: Int | None) -> tuple[Int, Int, Int]:
        """Return the places to look at, their nodes one behind the other, and where each ends."""
        by_place = np.argsort(self._plain.place, kind="stable")
        of_place = self._plain.place[by_place]
        if place is None:
            place = np.unique(self._plain.place[net.last != NOWHERE])
            place = place[place >= 0]
        first, end = (np.searchsorted(of_place, place, side) for side in ("left", "right"))
        size = end - first
        ends = np.append(0, np.cumsum(size))
        step = np.arange(ends[-1]) - np.repeat(ends[:-1], size)
        return place, by_place[np.repeat(first, size) + step], ends

    def _named(self, net: Network, place: Int, limits: Int) -> Int:
        """Say what limits in terms of flows and accounts; parts of one flow are added up."""
        event, kept = np.divmod(limits[:, 2], 2)
        amount = np.where(kept == 1, net.balance[event], net.amount[event // 2])
        # What is empty lets nothing through, which nobody has to be told.
        full = amount > 0
        limits, event, kept, amount = limits[full], event[full], kept[full], amount[full]
        row = net.row[event // 2]
        flow = self._plain.row[row]
        # The second part of a flow is paid by its payee, to where money waits or debts are paid.
        onward = (row > 0) & (flow == self._plain.row[row - 1])
        account = self._log.legs[np.where(onward, 1, event % 2), flow]
        side = limits[:, 1] == THERE
        keys = np.column_stack([place[limits[:, 0]], side, flow, kept, account])
        keys, group = np.unique(keys, axis=0, return_inverse=True)
        total = np.zeros(len(keys), np.int64)
        np.add.at(total, group.ravel(), amount)
        return np.column_stack([keys, total])
