"""Lots in queues: the money of many origins followed through transfers in one pass.

Which money leaves an account first is a method: ``fifo`` the oldest, ``lifo`` the newest,
``clean_first`` what is not traced and then the oldest traced, ``taint_first`` the other way round.

Origin 0 is money that is not traced; 1, 2, ... are the traced origins.
"""

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.money.lotfound import Traced, followed
from liandong.kernels.money.lotmemory import FIRST_ROOM, start
from liandong.kernels.money.lotrows import FIFO, METHODS, Flows, Method
from liandong.kernels.money.lottold import NO_DEBT, Lots, by_flow

__all__ = ["FIRST_ROOM", "METHODS", "NO_DEBT", "Lots", "Traced", "by_flow", "trace"]

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

NOTHING = np.empty(0, np.int64)


def trace(
    src: Int32, dst: Int32, amount: Int, undoes: Int, opening: Int, origin: Int, facility: Int,
    rule: Method = FIFO,
) -> Traced:  # fmt: skip
    """Send transfers through accounts that are emptied by a method.

    Parameters
    ----------
    src, dst
        Shape (flows,), payer and payee of each transfer, in order of time.
    amount
        Shape (flows,), not negative. A transfer of nothing or to oneself does nothing. Where money
        is exchanged, shape (2, flows): what leaves the payer and what reaches the payee, each in
        his own currency. A transfer in which they differ gives none back and is not given back.
    undoes
        Shape (flows,), the earlier transfer between the same two accounts, the other way round,
        that this one gives back; or -1. May be empty if no transfer gives one back.
    opening, origin
        Shape (accounts,), money at the start and its origin. Below nothing is a debt, which must
        be within the facility and have origin 0.
    facility
        Shape (accounts,), how far below nothing an account may go, not negative.
    rule
        One of ``METHODS``: which money leaves first.

    Returns
    -------
    moved
        Shape (rows, 3): flow, traced origin, how much of it the flow moved; one row for a pair.
    held
        Shape (rows, 3): account, traced origin, how much of it is there at the end.
    balance
        Shape (accounts,), money of all origins at the end, less debts.
    short
        Shape (accounts,), what an account paid out beyond what it held and its facility.
    debts
        Shape (rows, 3): account, traced origin, how much of it paid debts of the account. It is
        not in ``held``: the two together are all that was there at the start.
    lots
        All traced lots.
    taken
        Shape (lots,), how much was taken of its parent for it, which differs from its amount where
        money was exchanged; empty if it was nowhere.

    Notes
    -----
    The sum of all amounts, opening ones and facilities too, must be below 2^62: then nothing can
    overflow.

    What an account pays beyond what it holds is money of origin 0: a debt within its facility, and
    short beyond. What reaches an account in debt pays the oldest debt first.

    A transfer that gives one back returns the origins of the original in proportion (largest
    remainder, ties to what was moved first, origin 0 last), as far as the payee still holds them,
    to where they were: before what was there then, behind (``lifo``) what came since. What is
    beyond that is an ordinary transfer.

    Money is exchanged lot by lot in the order in which they leave: when c of an amount a have left,
    floor(c r / a) of the r that arrive have arrived.
    """
    amount, arrives = amount if amount.ndim > 1 else (amount, NOTHING)
    kept = amount.copy() if len(undoes) else amount
    flows = Flows(src, dst, amount, undoes, kept, arrives)
    # Room that is not used takes no memory: this is for more rows than nearly all logs need.
    memory = start(opening, origin, facility, FIRST_ROOM + len(src) // 4)
    return followed(flows, memory, rule, 1 + int(origin.max(initial=0)))
