"""The one order of transfers: by time, number and id, and what may stand before what in a tie."""

import heapq
from collections import Counter, defaultdict
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.texts import both

Int = NDArray[np.int64]
Ties = Literal["stored", "credits_first"]


def in_order(flow: pa.Table, ties: Ties = "stored") -> Int:
    """Return the rows in order of (at, seq, flow_id).

    With ``credits_first``, transfers of the same time and number stand so that an account is paid
    before it pays, where that can be: where they run in a circle, the first id begins.
    """
    order, tie = _by_time(flow)
    tied = np.flatnonzero(tie[:-1] == tie[1:])
    tied = np.union1d(tied, tied + 1)
    # Ids are long to compare: they are looked at only where time and number are the same.
    ids = pa.table({"tie": tie[tied], "id": flow["flow_id"].take(order[tied])})
    keys = [("tie", "ascending"), ("id", "ascending")]
    order[tied] = order[tied][pc.sort_indices(ids, sort_keys=keys).to_numpy()]
    if ties == "credits_first":
        for group in np.split(tied, 1 + np.flatnonzero(np.diff(tie[tied]))):
            order[group] = order[group][_credits_first(flow.take(order[group]))]
    return order


def too_late(at: int, hours: int, remedy: str) -> DataError:
    """Return the refusal of a transfer of ``at`` (microseconds), later than it may be."""
    what = both("fault.too_late", at=str(np.datetime64(at, "us")), hours=hours)
    return DataError(file="flow", what=what, remedy=both(remedy))


def _by_time(flow: pa.Table) -> tuple[Int, Int]:
    """Return the rows in order of (at, seq), and which group of one time and number each is of."""
    at, seq = flow["at"].cast(pa.int64()).to_numpy(), flow["seq"].to_numpy()
    order = np.lexsort((seq, at))
    return order, moments(at[order], seq[order])


def moments(at: Int, seq: Int) -> Int:
    """Return of transfers in order which time and number each is of, counted from 0."""
    new = (np.diff(at) != 0) | (np.diff(seq) != 0)
    return np.concatenate([np.zeros(min(1, len(at)), np.int64), np.cumsum(new)])


def _credits_first(tied: pa.Table) -> list[int]:
    """Return the order of transfers of one moment in which accounts are paid before they pay."""
    back = pc.less(tied["amount"], 0).to_pylist()
    pairs = zip(tied["src_account"].to_pylist(), tied["dst_account"].to_pylist(), strict=True)
    legs = [p[::-1] if b else p for p, b in zip(pairs, back, strict=True)]
    to_come = Counter(dst for src, dst in legs if src != dst)
    waiting = defaultdict(list)
    ready: list[int] = []
    placed: list[int] = []
    done = [False] * len(legs)
    for k, (src, _) in enumerate(legs):
        waiting[src].append(k)
        if not to_come[src]:
            ready.append(k)
    rest = iter(range(len(legs)))
    while len(placed) < len(legs):
        k = heapq.heappop(ready) if ready else next(k for k in rest if not done[k])
        if done[k]:
            continue
        done[k] = True
        placed.append(k)
        src, dst = legs[k]
        if src != dst:
            to_come[dst] -= 1
            if not to_come[dst]:
                for n in waiting[dst]:
                    heapq.heappush(ready, n)
    return placed
