"""Which transfers of one moment get in each other's way."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.trace.log import Log
from liandong.trace.order import moments

Int = NDArray[np.int64]


def moments_of(flow: pa.Table, log: Log) -> Int:
    """Return of the transfers of a log which time and number each is of, see :func:`moments`."""
    at, seq = flow["at"].cast(pa.int64()).to_numpy(), flow["seq"].to_numpy()
    return moments(at[log.row], seq[log.row])


def entangled(moment: Int, log: Log) -> Int:
    """Return by transfer the first one it is entangled with, -1 if there is no other.

    Two transfers are if they are of one moment and of one account, or both are with a third. Who
    pays first matters, and so does who is paid first: what came first may leave first. Loans pay
    out whatever comes, and what reaches a sink stays: these tie nothing together.
    """
    from liandong.kernels.graphs.components import components

    count, legs = len(moment), log.legs[2:]
    moves = (legs[0] != legs[1]) & (log.amount > 0)
    account = np.arange(len(log.opening)) < len(log.accounts)
    ties = (moves & (account & ~log.sinks)[legs]).ravel()
    key = (moment * len(log.opening) + legs).ravel()[ties]
    flow = np.tile(np.arange(count), 2)[ties]
    shared, at = np.unique(key, return_inverse=True)
    first = components(flow, count + at, count + len(shared))[:count]
    others = np.bincount(first, minlength=count)[first]
    return np.where(others > 1, first, -1)


def reached(moment: Int, log: Log, followed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return by node whether money of a loan that is followed may ever reach it, in any order."""
    from liandong.kernels.money.spreading import arrivals

    never = np.int64(len(moment) + 1)
    source = np.append(False, followed)[log.origin] & (log.opening > 0)
    first, before = np.where(source, np.int64(-1), never), np.empty(0, np.int64)
    while not np.array_equal(first, before):
        before = first.copy()
        arrivals(log.legs[2], log.legs[3], moment, first)
    told: NDArray[np.bool_] = first < never
    return told
