"""A log in which nothing is given back, with the same bounds or slightly wider ones.

What gives an earlier transfer back returns money of the same origins in proportion. No flow knows
of origins, but where the payee has paid nothing else since, the money that goes back can be taken
to have waited apart: the payer paid it there, with the rest going on to the payee, and got it back
from there. Then whatever part of it was of a loan, that part returns, and the proportion lies
between what the two parts can be. Anything else that is given back is taken as an ordinary
transfer, whose money may be of any origin: the bounds can only be wider for it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liandong.kernels.temporal import waiting
from liandong.trace.log import Log

Int = NDArray[np.int64]


class Plain(NamedTuple):
    """Transfers in order, between the nodes of a log and further ones where money waits.

    Attributes
    ----------
    src, dst, amount
        Shape (rows,), as in the log, with a row more for each transfer of which a part waits.
    opening
        By node, what it holds at the start.
    row
        Shape (rows,): which transfer of the log a row is, or is part of.
    loose
        Shape (rows,): whether it gives something back that may be of any origin.
    """

    src: Int
    dst: Int
    amount: Int
    opening: Int
    row: Int
    loose: NDArray[np.bool_]


def plain(log: Log) -> Plain:
    """Let what is given back wait apart, where that is so under every rule."""
    src, dst = np.ascontiguousarray(log.legs[2]), np.ascontiguousarray(log.legs[3])
    flows, returns = np.arange(len(src)), log.undoes >= 0
    if not returns.any():
        return Plain(src, dst, log.amount, log.opening, flows, returns)
    waits = waiting(src, dst, log.amount, log.undoes, len(log.opening))
    parts, part = np.unique(log.undoes[waits], return_inverse=True)
    apart = len(log.opening) + np.arange(len(parts))
    back = np.zeros(len(parts), np.int64)
    np.add.at(back, part, log.amount[waits])
    payee = dst[parts]
    src[waits], dst[parts] = apart[part], apart

    def joined(column: Int, more: Int) -> Int:
        return np.insert(column, parts + 1, more)

    return Plain(
        joined(src, apart),
        joined(dst, payee),
        joined(log.amount, log.amount[parts] - back),
        np.append(log.opening, np.zeros(len(parts), np.int64)),
        joined(flows, parts),
        np.insert(returns & ~waits, parts + 1, values=False),
    )
