"""Parties joined by guarantees, control or ownership: who stands and falls together."""

from datetime import date
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

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
        Ownership of less, or of an unknown share, does not join.
    on
        Only ties in force on this day; None takes all.
    """

    kinds: tuple[Tie, ...] = ("controls", "guarantees", "owns")
    least_share: Rate = Field(default=Rate(500_000), ge=0, le=1_000_000)
    on: date | None = None


def _ties(tables: Tables, rule: GroupsRule) -> pa.Table:
    """Return the ties that join, as pairs of parties."""
    e, p = tables["edge"], tables["party"]
    joins = pc.is_in(e["kind"], value_set=pa.array(rule.kinds, pa.string()))
    enough = pc.fill_null(pc.greater_equal(e["share"], int(rule.least_share)), fill_value=False)
    joins = pc.and_(joins, pc.or_(pc.not_equal(e["kind"], "owns"), enough))
    # A bank or a guarantee fund ties thousands of firms that have nothing to do with each other.
    public = p.filter(pc.is_in(p["kind"], value_set=pa.array(["bank", "fund", "government"])))
    for end in ("src", "dst"):
        joins = pc.and_not(joins, pc.is_in(e[end], value_set=public["party_id"]))
    if rule.on is not None:
        day = pa.scalar(rule.on)
        ended = pc.fill_null(pc.less(e["valid_to"], day), fill_value=False)
        joins = pc.and_(joins, pc.and_not(pc.less_equal(e["valid_from"], day), ended))
    return e.filter(joins).select(["src", "dst"])


def _start(tables: Tables, rule: GroupsRule) -> Tables:
    """Label everybody who has a tie with his own number in the order of ids."""
    ties = _ties(tables, rule)
    ends = pa.chunked_array([*ties["src"].chunks, *ties["dst"].chunks], pa.string())
    ids = pc.unique(ends).sort()
    return {"label": pa.table({"party_id": ids, "label": np.arange(len(ids))})}


def _offers(tables: Tables, rule: GroupsRule) -> Tables:
    """Offer the lesser label of each tie's ends to whoever gave the greater one its name."""
    ties, state = _ties(tables, rule), tables["label"]
    label = state["label"].to_numpy()
    src, dst = (
        label[pc.index_in(ties[end], value_set=state["party_id"]).to_numpy()]
        for end in ("src", "dst")
    )
    offers = pa.table({"to": np.maximum(src, dst), "label": np.minimum(src, dst)})
    return {"offer": _least(offers.filter(pc.not_equal(offers["to"], offers["label"])))}


def _least(offers: pa.Table) -> pa.Table:
    least = offers.group_by("to", use_threads=False).aggregate([("label", "min")])
    return least.rename_columns(["to", "label"])


def _merge(left: Tables, right: Tables) -> Tables:
    return {"offer": _least(pa.concat_tables([left["offer"], right["offer"]]))}


def _advance(state: Tables, merged: Tables, rule: GroupsRule) -> tuple[Tables, bool]:  # noqa: ARG001 - the signature of an advance
    """Take the least label offered and follow labels to their end: few rounds do for any chain."""
    label, offer = state["label"]["label"].to_numpy().copy(), merged["offer"]
    label[offer["to"].to_numpy()] = offer["label"].to_numpy()
    while not np.array_equal(label, label[label]):
        label = label[label]
    return {"label": state["label"].set_column(1, "label", pa.array(label))}, not len(offer)


@rounds(
    reads=("edge", "party"),
    writes=("party_group",),
    split=("edge",),
    rule=GroupsRule,
    start=_start,
    partial=_offers,
    merge=_merge,
    advance=_advance,
)
def groups(tables: Tables, rule: GroupsRule) -> Tables:  # noqa: ARG001 - the signature of a finish
    """Find the connected groups of at least two parties; a group is named after its first member.

    Ties join whatever their direction. Banks, guarantee funds and governments join nobody.
    """
    ids, label = tables["label"]["party_id"], tables["label"]["label"].to_numpy()
    size = np.bincount(label, minlength=len(label))[label]
    grouped = size > 1
    return output(
        "party_group",
        party_id=ids.filter(pa.array(grouped)),
        group_id=ids.take(pa.array(label[grouped])),
        size=size[grouped],
    )
