"""What a trace found, in the currency of each loan: what was exchanged keeps its worth."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.texts import both
from liandong.trace.log import Log

Int = NDArray[np.int64]


class Exchanged(NamedTuple):
    """What rows of sums are in the currency of the account, and what was lost in exchange.

    Attributes
    ----------
    moved, held, debts, lots, left
        By row of these: what arrived or is there, in hundredths of the account's currency.
    lost, lots_lost
        By row of ``moved`` and by lot: what was lost in exchange on the way, in the currency of
        the loan; a gain is below nothing.
    """

    moved: Int
    held: Int
    debts: Int
    lots: Int
    left: Int
    lost: Int
    lots_lost: Int


class Sums(NamedTuple):
    """Where money of loans is and how it came there, in the currency of each loan.

    Attributes
    ----------
    moved
        Shape (rows, 3): transfer, 1 + loan, how much of it left the payer.
    held, debts
        Shape (rows, 3): node, 1 + loan, how much of it is there, or paid debts of it.
    lots
        The lots in a list of one; empty for methods without.
    exchanged
        None if nothing was exchanged.
    """

    moved: Int
    held: Int
    debts: Int
    lots: list[Any]
    exchanged: Exchanged | None = None

    def lost(self, loans: int) -> Int:
        """Return by loan what was lost in exchange."""
        total = np.zeros(loans, np.int64)
        if self.exchanged is not None:
            np.add.at(total, self.moved[:, 1] - 1, self.exchanged.lost)
        return total


def home(log: Log, loan: Int, node: Int) -> NDArray[np.bool_]:
    """Tell whether nodes are in the currency of the loan (from 0)."""
    same: NDArray[np.bool_] = log.currency[node] == log.currency[len(log.accounts) + loan]
    return same


def valued(log: Log, found: tuple[Any, ...]) -> Sums:
    """Value what a method found in the currency of each loan.

    Parameters
    ----------
    log
        The transfers.
    found
        ``moved, held, debts`` as kernels return them, and of lots themselves and what was taken
        of their parents.

    Raises
    ------
    InvariantError
        If the parts that are valued are not what the method found.
    """
    moved, held, debts, *lots = found
    if not len(log.currency):
        return Sums(moved, held, debts, lots[:1])
    return _of_lots(log, held, debts, *lots) if lots else _of_moves(log, moved, held, debts)


def _of_lots(log: Log, held: Int, debts: Int, lots: Any, taken: Int) -> Sums:  # noqa: ANN401 - of compiled code, loaded late
    from liandong.kernels.money.queues import NO_DEBT, by_flow
    from liandong.kernels.money.worth import of_lots

    node, loan = lots.account.astype(np.int64), lots.origin.astype(np.int64)
    at_home = home(log, loan - 1, node)
    worth, left, lost = of_lots(lots.amount, taken, lots.parent, at_home)
    origins = 2 + len(log.loans)
    told = [by_flow(lots.flow, lots.origin, x, origins) for x in (worth + lost, lost, lots.amount)]
    paid = lots.paid != NO_DEBT
    parts = []
    for rows, of in ((held, ~paid), (debts, paid)):
        there, value = (_by_pair(log, rows, node[of], loan[of], x[of]) for x in (lots.left, left))
        _must_be(log, rows, there)
        parts.append(np.column_stack([rows[:, :2], value]))
    exchanged = Exchanged(
        told[2][:, 2], held[:, 2], debts[:, 2], lots.amount, lots.left, told[1][:, 2], lost
    )
    lots = lots._replace(amount=worth, left=left)
    return Sums(told[0], parts[0], parts[1], [lots], exchanged)


def _by_pair(log: Log, rows: Int, node: Int, loan: Int, amount: Int) -> Int:
    """Add up amounts by the pairs of node and loan of some rows."""
    width = 1 + len(log.loans)
    order = np.argsort(rows[:, 0] * width + rows[:, 1])
    at = np.searchsorted((rows[:, 0] * width + rows[:, 1])[order], node * width + loan)
    total = np.zeros(len(rows) + 1, np.int64)
    np.add.at(total, np.append(order, len(rows))[at], amount)
    return total[:-1]


def _of_moves(log: Log, moved: Int, held: Int, debts: Int) -> Sums:
    from liandong.kernels.money.worth import of_moves

    flow, loan, taken, arrived, banked = moved.T.copy()
    width, lent = 1 + len(log.loans), np.flatnonzero((log.origin > 0) & (log.opening > 0))
    giver, taker = log.legs[2, flow] * width + loan, log.legs[3, flow] * width + loan
    start = lent * width + log.origin[lent]
    asked = [rows[:, 0] * width + rows[:, 1] for rows in (held, debts)]
    pools = np.unique(np.concatenate([giver, taker, start, *asked]))
    opening = np.zeros(len(pools), np.int64)
    opening[np.searchsorted(pools, start)] = log.opening[lent]
    ends = np.searchsorted(pools, giver), np.searchsorted(pools, taker)
    at_home = home(log, pools % width - 1, pools // width)
    worth, lost, ended = of_moves(ends, (taken, arrived, banked), opening, at_home)
    parts = []
    for rows, names, (there, value) in zip(
        (held, debts), asked, (ended[:2], ended[2:]), strict=True
    ):
        at = np.searchsorted(pools, names)
        _must_be(log, rows, there[at])
        parts.append(np.column_stack([rows[:, :2], value[at]]))
    none = np.zeros(0, np.int64)
    exchanged = Exchanged(arrived, held[:, 2], debts[:, 2], none, none, lost, none)
    return Sums(np.column_stack([flow, loan, worth]), parts[0], parts[1], [], exchanged)


def _must_be(log: Log, rows: Int, there: Int) -> None:
    """Refuse a valuation of other sums than the method found."""
    for k in np.flatnonzero(rows[:, 2] != there)[:1]:
        raise InvariantError(
            what=both("fault.loan_off", paid=rows[k, 2], found=there[k]),
            row=log.loans[int(rows[k, 1]) - 1].as_py(),
        )
