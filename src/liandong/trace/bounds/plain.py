"""A log in which nothing is given back or owed, with the same bounds or slightly wider ones.

What gives an earlier transfer back returns money of the same origins in proportion. No flow knows
of origins, but where the payee has paid nothing else since, the money that goes back can be taken
to have waited apart: the payer paid it there, with the rest going on to the payee, and got it back
from there. Then whatever part of it was of a loan, that part returns, and the proportion lies
between what the two parts can be. Anything else that is given back is taken as an ordinary
transfer, whose money may be of any origin: the bounds can only be wider for it.

What reaches an account in debt pays the debt: it goes on at once to where paid debts of the account
are.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.graphs.waiting import debts, waiting
from liandong.trace.log import Log

Int = NDArray[np.int64]


class Plain(NamedTuple):
    """Transfers in order, between the nodes of a log and further ones where money waits.

    Attributes
    ----------
    src, dst, amount
        Shape (rows,), as in the log, with a row more for each transfer of which a part waits.
    opening, place
        By node: what it holds at the start, and the place it belongs to (accounts, repaid loans,
        overdrafts of accounts), -1 for none.
    row
        Shape (rows,): which transfer of the log a row is, or is part of.
    loose
        Shape (rows,): whether it gives something back that may be of any origin.
    """

    src: Int
    dst: Int
    amount: Int
    opening: Int
    place: Int
    row: Int
    loose: NDArray[np.bool_]


def plain(log: Log) -> Plain:
    """Let what is given back wait apart, where that is so under every rule, and debts be paid."""
    src, dst = (np.array(x, np.int64) for x in log.legs[2:])
    paid = debts(src, dst, log.amount, log.opening, log.facility)
    waits = waiting(src, dst, log.amount, log.undoes, paid, len(log.opening))
    returned, part = np.unique(log.undoes[waits], return_inverse=True)
    back = np.zeros(len(returned), np.int64)
    np.add.at(back, part, log.amount[waits])
    indebted = np.flatnonzero(paid)
    owing, debtor = np.unique(dst[indebted], return_inverse=True)
    overdraft = len(log.opening) + np.arange(len(owing))
    apart = len(log.opening) + len(owing) + np.arange(len(returned))
    onward = (dst[returned], dst[indebted])
    src[waits], dst[returned] = apart[part], apart
    after = np.concatenate([returned, indebted])

    def joined(column: Int, *more: Int) -> Int:
        return np.insert(column, after + 1, np.concatenate(more))

    return Plain(
        joined(src, apart, onward[1]),
        joined(dst, onward[0], overdraft[debtor]),
        joined(log.amount, log.amount[returned] - back, paid[indebted]),
        np.append(np.maximum(log.opening, 0), np.zeros(len(owing) + len(returned), np.int64)),
        np.concatenate([_places(log), _overdraft(log, owing), np.full(len(returned), -1)]),
        joined(np.arange(len(src)), after),
        np.insert((log.undoes >= 0) & ~waits, after + 1, np.zeros(len(after), bool)),
    )


def _places(log: Log) -> Int:
    """Return the place of each node of a log; money back in a source is with the lender."""
    accounts, loans = np.arange(len(log.accounts)), np.arange(len(log.loans))
    return np.concatenate([accounts, len(accounts) + loans, len(accounts) + loans, [-1]])


def _overdraft(log: Log, account: Int) -> Int:
    return len(log.accounts) + len(log.loans) + account
