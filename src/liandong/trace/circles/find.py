"""All circles of transfers in a log: what left an account and came back to it in time."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables, fold
from liandong.trace.circles.judge import Known, judged
from liandong.trace.circles.rule import HOUR, CirclesRule, must_be_few
from liandong.trace.currency import must_not_exchange
from liandong.trace.log import read_log, up_to

Int = NDArray[np.int64]


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
    flow, ends = flow.take(log.row), log.legs[:2]
    at = flow["at"].cast(pa.int64()).to_numpy()
    found = _search(ends, at, len(log.accounts), rule)
    must_be_few(len(found), rule)
    return judged(flow, found, Known(tables, rule), rule)


def may_be_legs(flow: pa.Table, rule: CirclesRule) -> pa.Table:
    """Return the transfers that may be legs of a circle."""
    known = pc.is_in(flow["kind"], value_set=pa.array(rule.kinds, pa.string()))
    large = pc.greater_equal(flow["amount"], int(rule.least))
    other = pc.not_equal(flow["src_account"], flow["dst_account"])
    return flow.filter(pc.and_(pc.and_(known, large), other))


def _search(ends: Int, at: Int, accounts: int, rule: CirclesRule) -> Int:
    # Compiled code takes a second to load: only a search needs it.
    from liandong.kernels.cycles import feed, new_pad, with_room

    src, dst = (np.ascontiguousarray(e) for e in ends)
    window, width = with_room(src, dst, accounts), rule.hours * HOUR
    rows = (src, dst, np.ascontiguousarray(at))
    return feed(window, new_pad(accounts), rows, 0, width, width, rule.legs, rule.most)[0]
