"""All circles of transfers in a log: what left an account and came back to it in time."""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables, fold
from liandong.trace.circles.judge import Known, judged
from liandong.trace.circles.rule import HOUR, CirclesRule, must_be_few
from liandong.trace.currency import must_not_exchange
from liandong.trace.log import read_log, up_to

if TYPE_CHECKING:
    from liandong.kernels.graphs.meeting import Pad

Int = NDArray[np.int64]

THREADS = 2
BLOCK = 4_096
"""Closing transfers a thread takes at a time."""


@fold(
    reads=("flow", "bank_account", "loan", "party_group", "trail"),
    writes=("circle", "circle_leg"),
    rule=CirclesRule,
)
def circles(tables: Tables, rule: CirclesRule) -> Tables:
    """Find the circles of transfers: from an account through others back to it, in order of time.

    Legs are later than the one before, never at the same time; no account is passed twice;
    transfers to oneself and amounts that are not positive are no legs. Where several transfers
    between two accounts would do, a circle takes the latest that fits, from its last leg backwards:
    there is one circle for each sequence of accounts and closing transfer.

    A circle is red where one amount went all the way round right after a loan had been paid out,
    orange where it did so with another sign (loan money in the first leg, one owner of several
    accounts, an account of a lender), and otherwise yellow. All that is told as far as
    ``bank_account``, ``party_group``, ``loan`` and ``trail`` know it.

    Raises
    ------
    DataError
        If there are more circles than the rule allows, amounts are too large to be added up, or
        transfers that may be legs are exchanged into another currency: what of a circle is
        retained compares the amounts of its legs.
    """
    flow = may_be_legs(up_to(tables["flow"], rule.until), rule)
    must_not_exchange(flow, tables["bank_account"])
    log = read_log(flow, tables["bank_account"])
    flow = flow.take(log.row)
    at = np.ascontiguousarray(flow["at"].cast(pa.int64()).to_numpy())
    src, dst = (np.ascontiguousarray(end) for end in log.legs[:2])
    found = search(src, dst, at, len(log.accounts), rule)
    return judged(flow, found, Known(tables, rule), rule)


def may_be_legs(flow: pa.Table, rule: CirclesRule) -> pa.Table:
    """Return the transfers that may be legs of a circle."""
    known = pc.is_in(flow["kind"], value_set=pa.array(rule.kinds, pa.string()))
    large = pc.greater_equal(flow["amount"], int(rule.least))
    other = pc.not_equal(flow["src_account"], flow["dst_account"])
    return flow.filter(pc.and_(pc.and_(known, large), other))


def search(src: Int, dst: Int, at: Int, accounts: int, rule: CirclesRule) -> Int:
    """Return the legs of all circles, closing transfer by closing transfer.

    Blocks of closing transfers are searched on ``THREADS`` threads; the result is that of one.

    Parameters
    ----------
    src, dst, at
        Shape (transfers,), payers, payees and microseconds in order of time; all between two
        accounts.
    accounts
        All numbers of accounts are below.

    Returns
    -------
    numpy.ndarray
        Shape (circles, most legs): numbers of the legs in order of time, -1 behind the last.

    Raises
    ------
    DataError
        If there are more circles than the rule allows.
    """
    # Compiled code takes a second to load: only a search needs it.
    from liandong.kernels.graphs.cycles import closed
    from liandong.kernels.graphs.meeting import MOST_LEGS, new_pad
    from liandong.kernels.graphs.window import filled

    window, width = filled(src, dst, at, accounts), rule.hours * HOUR
    pads: SimpleQueue[Pad] = SimpleQueue()
    for _ in range(THREADS):
        pads.put(new_pad(accounts))

    def block(start: int) -> Int:
        pad = pads.get()
        rows = (src[start : start + BLOCK], dst[start : start + BLOCK], at[start : start + BLOCK])
        got = closed(window, pad, rows, start, width, rule.legs, rule.most)
        pads.put(pad)
        return got

    found, count = [np.empty((0, MOST_LEGS), np.int64)], 0
    with ThreadPoolExecutor(THREADS) as pool:
        for got in pool.map(block, range(0, len(src), BLOCK)):
            found.append(got)
            count += len(got)
            if count > rule.most:
                pool.shutdown(cancel_futures=True)
                must_be_few(count, rule)
    return np.concatenate(found)
