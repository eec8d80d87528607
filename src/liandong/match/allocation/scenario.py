"""Scenarios: what an allocation would be under another rule, beside the one that is real."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, model_validator

from liandong.errors import DataError, UnfitError
from liandong.match.allocation.allocate import allocate
from liandong.match.allocation.rules import AllocateRule
from liandong.schema.arrow import build
from liandong.schema.field import MONEY_MOST
from liandong.schema.tables import table
from liandong.step import Tables, fold
from liandong.texts import both
from liandong.types import PPM, Money, Rate

PAIR = ["project_id", "product_id"]


class CapacityChange(BaseModel):
    """Another capacity of a product.

    Exactly one of ``capacity`` and ``share`` is given.

    Attributes
    ----------
    product_id
        The product; empty for all of them.
    capacity
        What it may give out instead.
    share
        The part of its own capacity that it may give out instead; 150 % is more than today.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    product_id: str = ""
    capacity: Money | None = Field(default=None, ge=0, le=MONEY_MOST)
    share: Rate | None = Field(default=None, ge=0, le=100 * PPM)

    @model_validator(mode="after")
    def _one(self) -> "CapacityChange":
        if (self.capacity is None) == (self.share is None):
            raise UnfitError(what=both("unfit.capacity_share"))
        return self


class ExploreRule(AllocateRule):
    """An allocation to be tried: the rule of an allocation with a name and other capacities.

    Attributes
    ----------
    name
        What the scenario is called; a later one of the same day and name takes its place.
    capacities
        Changes of the products' capacities, one after the other.
    """

    name: str = Field(pattern=r"^[\w.+-]{1,40}$")
    capacities: tuple[CapacityChange, ...] = ()


@fold(
    reads=tuple(dict.fromkeys((*allocate.reads, "offer"))),
    writes=("scenario", "scenario_limit", "scenario_offer"),
    rule=ExploreRule,
    part=("as_of", "name"),
    needs={**allocate.needs, "offer": "match.allocate"},
)
def explore(tables: Tables, rule: ExploreRule) -> Tables:
    """Allocate under another rule and hold the outcome against the real offers.

    The same computation as ``match.allocate``, written to tables of its own: a scenario is never
    paid out. ``scenario_offer`` has a row for every project and product that gets money here or
    in reality; ``change`` is about the project as a whole, so that an offer which moves to another
    product is ``moved`` on both rows.

    Raises
    ------
    DataError
        As :data:`liandong.match.allocate`; also if a change names a product that is not there, or
        an offer a project that was not quoted.

    Examples
    --------
    >>> from liandong import match
    >>> rule = match.ExploreRule.make(as_of="2024-12-31", name="more", budget="105 万元")
    >>> match.explore.part_of(rule)
    'match.explore@2024-12-31@more'
    """
    given = {**tables, "product": with_capacities(tables["product"], rule.capacities)}
    found = allocate(*(given[n] for n in allocate.reads), rule=rule)
    today = pc.equal(tables["offer"]["as_of"], pa.scalar(rule.as_of))
    pairs = _compared(found["offer"], tables["offer"].filter(today))
    return {
        **_summary(found["allocation"], pairs, rule),
        **_same(found["allocation_limit"], "scenario_limit", rule),
        **_pairs(found["offer"], pairs, rule),
    }


def with_capacities(product: pa.Table, changes: tuple[CapacityChange, ...]) -> pa.Table:
    """Return the products with other capacities; DataError if a change names one that is absent."""
    ids, capacity = product["product_id"].to_pylist(), product["capacity"].to_pylist()
    for change in changes:
        if change.product_id and change.product_id not in ids:
            what = both("fault.change_product", product=change.product_id)
            raise DataError(file="product", what=what, remedy=both("advice.name_product"))
        for i, own in enumerate(ids):
            if change.product_id in {"", own}:
                share = PPM if change.share is None else int(change.share)
                whole = int(capacity[i]) * share // PPM
                capacity[i] = min(whole, MONEY_MOST) if change.capacity is None else change.capacity
    at = product.column_names.index("capacity")
    return product.set_column(at, "capacity", pa.array(capacity, pa.int64()))


def _compared(found: pa.Table, real: pa.Table) -> pa.Table:
    """Return the pairs that get money in one of two allocations, and what becomes of each.

    Columns ``project_id``, ``product_id``, ``amount``, ``before``, ``change``, ``gain`` (that of
    the whole project) and ``row`` (of ``found``: the pair itself, or else the project's first).
    """
    pairs = _paid(found, "amount").join(_paid(real, "before"), PAIR, join_type="full outer")
    for name in ("amount", "before"):
        filled = pc.fill_null(pairs[name], 0)
        pairs = pairs.set_column(pairs.column_names.index(name), name, filled)
    sums = pairs.group_by("project_id").aggregate([("amount", "sum"), ("before", "sum")])
    whole = sums.take(pc.index_in(pairs["project_id"], value_set=_flat(sums["project_id"])))
    new, old = (whole[f"{n}_sum"].to_numpy() for n in ("amount", "before"))
    other = pc.not_equal(pairs["amount"], pairs["before"])
    moved = whole["project_id"].combine_chunks()
    moves = pc.is_in(moved, value_set=_flat(pairs.filter(other)["project_id"])).to_numpy(
        zero_copy_only=False
    )
    change = np.select(
        [old == 0, new == 0, new > old, new < old, moves],
        ["gained", "lost", "more", "less", "moved"], "same",
    )  # fmt: skip
    pairs = pairs.append_column("change", pa.array(change.tolist(), pa.string()))
    pairs = pairs.append_column("gain", pa.array(new - old))
    return pairs.append_column("row", _rows(found, pairs))


def _paid(offer: pa.Table, name: str) -> pa.Table:
    paid = offer.filter(pc.greater(offer["amount"], 0)).select([*PAIR, "amount"])
    return paid.rename_columns([*PAIR, name])


def _flat(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def _rows(found: pa.Table, pairs: pa.Table) -> pa.Array:
    """Return the row of ``found`` that is about each pair, or else about its project."""
    here, wanted = (
        _flat(pc.binary_join_element_wise(*(t[c] for c in PAIR), "\0")) for t in (found, pairs)
    )
    own = pc.index_in(wanted, value_set=here)
    first = pc.index_in(pairs["project_id"], value_set=_flat(found["project_id"]))
    row = pc.coalesce(own, _flat(first))
    if row.null_count:
        lost = pairs.filter(pc.is_null(row))["project_id"]
        raise DataError(
            file="offer",
            what=both("fault.offer_unquoted", project=pc.min(lost).as_py()),
            remedy=both("advice.run_first", step="match.allocate"),
        )
    return row


def _summary(allocation: pa.Table, pairs: pa.Table, rule: ExploreRule) -> Tables:
    each = pairs.group_by("project_id").aggregate([("change", "min"), ("gain", "min")])
    counts = {r["values"]: r["counts"] for r in pc.value_counts(each["change_min"]).to_pylist()}
    gain = each["gain_min"].to_numpy()
    terms = {n: v for n, v in rule.plain().items() if n not in {"as_of", "name"}}
    return _same(
        allocation, "scenario", rule,
        gained=[counts.get("gained", 0)],
        lost=[counts.get("lost", 0)],
        changed=[sum(counts.get(c, 0) for c in ("more", "less", "moved"))],
        more=[int(gain[gain > 0].sum())],
        less=[int(-gain[gain < 0].sum())],
        terms=[json.dumps(terms, ensure_ascii=False, sort_keys=True)],
    )  # fmt: skip


def _same(data: pa.Table, name: str, rule: ExploreRule, **more: object) -> Tables:
    """Return a table of the scenario that has the columns of a table of the allocation."""
    shared = {n: data[n] for n in table(name).names if n in data.column_names}
    return {name: build(name, {**shared, "name": pa.repeat(rule.name, len(data)), **more})}


def _pairs(found: pa.Table, pairs: pa.Table, rule: ExploreRule) -> Tables:
    rows = found.take(pairs["row"])
    paid = pc.greater(pairs["amount"], 0)
    own = {n: pairs[n] for n in (*PAIR, "change", "amount", "before")}
    own["rate"] = pc.if_else(paid, rows["rate"], None)
    own["value"] = pc.if_else(paid, rows["value"], 0)
    return _same(rows, "scenario_offer", rule, **own)
