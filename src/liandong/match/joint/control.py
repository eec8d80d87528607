"""Who is controlled by whom: ties and stakes added up to groups under one controller."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.components import components

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

TIES = ("controls", "directs", "owns")
"""Kinds of ties that can be control."""

PUBLIC = ("bank", "fund", "government")
"""Whoever they hold has nothing to do with the others they hold."""


@dataclass(frozen=True)
class Control:
    """Parties in groups under one controller.

    Attributes
    ----------
    ids
        All parties, in order.
    label
        Number of the first party of the group of each.
    head
        Number of the controller of each: the first member that no other member controls.
    ties
        By kind of tie, whether a tie of that kind binds each party to its group.
    """

    ids: pa.Array
    label: Int
    head: Int
    ties: dict[str, Bool]

    def of(self, party: pa.ChunkedArray) -> Int:
        """Return the number of each party, all of which must be known."""
        return _numbers(party, self.ids)


def control(
    edge: pa.Table,
    party: pa.Table,
    more: pa.ChunkedArray,
    day: date,
    share: int,
    kinds: tuple[str, ...] = TIES,
) -> Control:
    """Find the groups under one controller on a day.

    Everybody controls what he is tied to by one of ``kinds``, and those of which he and what he
    controls hold more than ``share`` together; and so on along the chain. As a group only grows by
    what is added to it, the order of adding does not matter.

    Parameters
    ----------
    edge, party
        Tables.
    more
        Parties that shall have a number even without a tie.
    share
        Holding more than this, ppm, is control.
    kinds
        Kinds of ties that are control by themselves; stakes (``owns``) always count.
    """
    live = _in_force(edge, party, day)
    ends = pa.chunked_array(
        [c for column in (live["src"], live["dst"], more) for c in column.chunks], pa.string()
    )
    ids = pc.unique(ends).sort()
    src, dst = (_numbers(live[end], ids) for end in ("src", "dst"))
    own = pc.equal(live["kind"], "owns").to_numpy()
    part = np.where(own, pc.fill_null(live["share"], 0).to_numpy(), 0)
    joined = pc.is_in(live["kind"], value_set=pa.array(kinds, pa.string())).to_numpy() & ~own
    while True:
        label = components(src[joined], dst[joined], len(ids))
        outweighs = own & (_together(label[src] * len(ids) + dst, part) > share)
        if not (outweighs & ~joined).any():
            break
        joined |= outweighs
    bound = live.filter(pa.array(joined))
    src, dst = src[joined], dst[joined]
    return Control(ids, label, _heads(label, src, dst), _kinds(bound["kind"], src, dst, len(ids)))


def _numbers(column: pa.ChunkedArray, ids: pa.Array) -> Int:
    return np.asarray(pc.index_in(column, value_set=ids).to_numpy(), np.int64)


def _in_force(edge: pa.Table, party: pa.Table, day: date) -> pa.Table:
    """Return the ties of the day, the newest of each kind between two private parties."""
    ended = pc.fill_null(pc.less(edge["valid_to"], pa.scalar(day)), fill_value=False)
    here = pc.and_not(pc.less_equal(edge["valid_from"], pa.scalar(day)), ended)
    public = party.filter(pc.is_in(party["kind"], value_set=pa.array(PUBLIC)))["party_id"]
    for end in ("src", "dst"):
        here = pc.and_not(here, pc.is_in(edge[end], value_set=public))
    keys = ["src", "dst", "kind"]
    live = edge.filter(here)
    newest = live.group_by(keys, use_threads=False).aggregate([("valid_from", "max")])
    columns = [*keys, "valid_from"]
    return live.join(newest.rename_columns(columns), columns, join_type="inner", use_threads=False)


def _together(key: Int, part: Int) -> Int:
    """Return the sum of all parts with the same key, for each of them."""
    found, at = np.unique(key, return_inverse=True)
    total = np.zeros(len(found), np.int64)
    np.add.at(total, at, part)
    return np.asarray(total[at])


def _heads(label: Int, src: Int, dst: Int) -> Int:
    """Return the first member of each group that nobody controls; in a circle the first of all."""
    free = np.ones(len(label), bool)
    free[dst[src != dst]] = False
    head = np.full(len(label), len(label))
    np.minimum.at(head, label[free], np.flatnonzero(free))
    return np.where(head < len(label), head, label)[label]


def _kinds(kind: pa.ChunkedArray, src: Int, dst: Int, count: int) -> dict[str, Bool]:
    """Tell by kind of tie which parties it binds."""
    out = {}
    for name in TIES:
        rows = pc.equal(kind, name).to_numpy()
        bound = np.zeros(count, bool)
        bound[src[rows]] = bound[dst[rows]] = True
        out[name] = bound
    return out
