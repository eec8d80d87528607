"""Firms and people joined by guarantees, control or ownership: who stands and falls together."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liandong.step import Rule, Tables, output, rounds
from liandong.types import Rate

Tie = Literal["owns", "controls", "guarantees", "supplies", "directs", "same_address"]


class GroupsRule(Rule):
    """Which ties join.

    Attributes
    ----------
    kinds
        Kinds of ties.
    least_share
        Ownership below this share does not join.
    on
        Only ties that hold on this day; None takes all.
    """

    kinds: tuple[Tie, ...] = ("controls", "guarantees", "owns")
    least_share: Rate = Rate(500_000)
    on: date | None = None


def _ties(tables: Tables, rule: GroupsRule) -> pa.Table:
    """Return the ties that join, as pairs of parties."""
    e, p = tables["edge"], tables["party"]
    keep = pc.is_in(e["kind"], value_set=pa.array(rule.kinds, pa.string()))
    small = pc.and_(pc.equal(e["kind"], "owns"), pc.less(e["share"], int(rule.least_share)))
    keep = pc.and_(keep, pc.invert(pc.fill_null(small, fill_value=False)))
    # A bank or a guarantee fund ties thousands of firms that have nothing to do with each other.
    public = p.filter(pc.is_in(p["kind"], value_set=pa.array(["bank", "fund", "government"])))
    for end in ("src", "dst"):
        hub = pc.is_in(e[end], value_set=public["party_id"].combine_chunks())
        keep = pc.and_(keep, pc.invert(hub))
    if rule.on is not None:
        begun = pc.less_equal(e["valid_from"], rule.on)
        ended = pc.fill_null(pc.less(e["valid_to"], rule.on), fill_value=False)
        keep = pc.and_(keep, pc.and_(begun, pc.invert(ended)))
    return e.filter(keep).select(["src", "dst"])


def _start(tables: Tables, rule: GroupsRule) -> Tables:
    """Return everybody who has a tie, each labelled with his own number."""
    ties = _ties(tables, rule)
    names = pc.unique(pa.chunked_array([*ties["src"].chunks, *ties["dst"].chunks], pa.string()))
    names = names.sort()
    return {"label": pa.table({"party_id": names, "label": np.arange(len(names))})}


def _meet(tables: Tables, rule: GroupsRule) -> Tables:
    """Return for each party the least label among those it is tied to in this part."""
    ties, state = _ties(tables, rule), tables["label"]
    names = state["party_id"].combine_chunks()
    label = state["label"].to_numpy()
    src, dst = (pc.index_in(ties[end], value_set=names).to_numpy() for end in ("src", "dst"))
    least = label.copy()
    np.minimum.at(least, src, label[dst])
    np.minimum.at(least, dst, label[src])
    return {"least": pa.table({"label": least})}


def _lesser(left: Tables, right: Tables) -> Tables:
    both = np.minimum(*(t["least"]["label"].to_numpy() for t in (left, right)))
    return {"least": pa.table({"label": both})}


def _advance(state: Tables, merged: Tables, rule: GroupsRule) -> tuple[Tables, bool]:  # noqa: ARG001 - the signature of an advance
    """Take the lesser labels and follow each to its end, so that chains shorten by half a round."""
    old, new = state["label"]["label"].to_numpy(), merged["least"]["label"].to_numpy()
    while not np.array_equal(new, new[new]):
        new = new[new]
    label = state["label"].set_column(1, "label", pa.array(new))
    return {"label": label}, np.array_equal(old, new)


@rounds(
    reads=("edge", "party"),
    writes=("party_group",),
    split=("edge",),
    rule=GroupsRule,
    start=_start,
    partial=_meet,
    merge=_lesser,
    advance=_advance,
)
def groups(tables: Tables, rule: GroupsRule) -> Tables:  # noqa: ARG001 - the signature of a finish
    """Find the connected groups of at least two parties; a group is named after its first member.

    Banks, guarantee funds and governments join nobody.
    """
    found = tables["label"]
    label = found["label"].to_numpy()
    size = np.bincount(label)[label] if len(label) else label
    names = found["party_id"].combine_chunks()
    all_ = pa.table({"party_id": names, "group_id": names.take(pa.array(label)), "size": size})
    # Who is tied to himself alone is no group.
    several = all_.filter(pc.greater(all_["size"], 1))
    return output("party_group", **{n: several[n] for n in several.column_names})
