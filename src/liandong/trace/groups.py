"""Parties that belong together: connected components over guarantees, control and ownership."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.step import Rule, Tables, output, rounds
from liandong.types import Rate

Tie = Literal["controls", "guarantees", "supplies", "directs", "same_address"]


class GroupRule(Rule):
    """Which ties bind.

    Attributes
    ----------
    kinds
        Kinds of edges that bind whatever their share.
    owns
        An ownership of at least this share binds.
    as_of
        Only ties in force on this day; None means all.
    """

    kinds: tuple[Tie, ...] = ("guarantees", "controls")
    owns: Rate = Rate(500_000)
    as_of: date | None = None


def _binding(edge: pa.Table, rule: GroupRule) -> pa.Table:
    """Return the ends of the ties that bind."""
    binds = pc.is_in(edge["kind"], value_set=pa.array(rule.kinds, pa.string()))
    enough = pc.fill_null(pc.greater_equal(edge["share"], int(rule.owns)), fill_value=False)
    binds = pc.or_(binds, pc.and_(pc.equal(edge["kind"], "owns"), enough))
    if rule.as_of is not None:
        day = pa.scalar(rule.as_of)
        over = pc.fill_null(pc.less(edge["valid_to"], day), fill_value=False)
        binds = pc.and_(binds, pc.and_not(pc.less_equal(edge["valid_from"], day), over))
    return edge.filter(binds).select(["src", "dst"])


def _start(tables: Tables, rule: GroupRule) -> Tables:
    """Give every party its own label: its number in the order of ids."""
    ends = _binding(tables["edge"], rule)
    ids = pc.unique(
        pa.chunked_array([*ends["src"].chunks, *ends["dst"].chunks], pa.string())
    ).sort()
    return {"label": pa.table({"party_id": ids, "label": np.arange(len(ids))})}


def _offers(tables: Tables, rule: GroupRule) -> Tables:
    """Offer the label of each end to the party that labels the other end: lower ones win later."""
    ends, state = _binding(tables["edge"], rule), tables["label"]
    label = state["label"].to_numpy()
    src, dst = (
        label[pc.index_in(ends[e], value_set=state["party_id"]).to_numpy()] for e in ("src", "dst")
    )
    offers = pa.table({"to": np.maximum(src, dst), "label": np.minimum(src, dst)})
    return {"offer": _lowest(offers.filter(pc.not_equal(offers["to"], offers["label"])))}


def _lowest(offers: pa.Table) -> pa.Table:
    lowest = offers.group_by("to", use_threads=False).aggregate([("label", "min")])
    return lowest.rename_columns(["to", "label"])


def _merge(left: Tables, right: Tables) -> Tables:
    return {"offer": _lowest(pa.concat_tables([left["offer"], right["offer"]]))}


def _advance(state: Tables, merged: Tables, rule: GroupRule) -> tuple[Tables, bool]:  # noqa: ARG001 - a step's signature
    """Take the lowest label offered, then follow labels to their end, so that few rounds do."""
    label = state["label"]["label"].to_numpy().copy()
    label[merged["offer"]["to"].to_numpy()] = merged["offer"]["label"].to_numpy()
    while (label[label] != label).any():
        label = label[label]
    return {"label": state["label"].set_column(1, "label", pa.array(label))}, not len(
        merged["offer"]
    )


@rounds(
    reads=("edge",),
    writes=("party_group",),
    split=("edge",),
    rule=GroupRule,
    start=_start,
    partial=_offers,
    merge=_merge,
    advance=_advance,
)
def groups(tables: Tables, rule: GroupRule) -> Tables:  # noqa: ARG001 - a step's signature
    """Find the groups of parties that guarantees, control and ownership tie together.

    A group is a connected component of the ties that bind, whatever their direction; it is named
    by the least of its members' ids. Parties without such a tie are in no group.
    """
    label = tables["label"]["label"].to_numpy()
    size = np.bincount(label, minlength=len(label))[label]
    grouped = size > 1
    ids = tables["label"]["party_id"]
    return output(
        "party_group",
        party_id=ids.filter(pa.array(grouped)),
        group_id=ids.take(pa.array(label[grouped])),
        size=size[grouped],
    )
