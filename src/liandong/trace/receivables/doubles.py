"""Receivables on which two lenders have a claim at the same time."""

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.overlaps import earliest_overlap
from liandong.step import Rule, Tables, fold, output
from liandong.step.reasons import Reasons
from liandong.trace.receivables.acts import china_days
from liandong.trace.receivables.claims import NEVER, claims, data_claims, financed, gross
from liandong.types import stable_id

Int = NDArray[np.int64]


@fold(
    reads=(
        "pledge", "invoice", "voucher_act", "voucher_lot", "voucher_move", "voucher_fault",
        "data_pledge",
    ),
    writes=("pledged_twice",),
)  # fmt: skip
def pledged_twice(tables: Tables, rule: Rule) -> Tables:  # noqa: ARG001 - it has no choices
    """Find two claims that are live at once on one invoice, lot of a voucher, or data asset.

    A pledge is a claim on a whole invoice until it is released; the discount of a voucher, on the
    invoice that the voucher was issued on, until all of it is settled or cancelled. Two pledges,
    or a pledge and a discount, do not go together; a pledge and a discount of one lender are one
    claim told twice. Discounts of several vouchers on one invoice go together as long as the
    vouchers are not over more than the invoice (with tax, less what red-letter invoices took
    back). Pledges of one fingerprint are on one invoice. Each claim is told with the earliest that
    it overlaps with.

    On a lot, two claims are a discount that was done and one of what it took to another lender,
    which therefore could not be done. One that only repeats what was done is not told, nor is one
    over more than there ever was.

    Data are the same by their fingerprint, whatever their ids, and by their id, whatever has become
    of the content. A second pledge of the same id may be one that was agreed on behind the first.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    found = pa.concat_tables([_on_invoices(tables), _on_lots(tables), _on_data(tables)])
    return {"pledged_twice": found.sort_by("pair_id")}


def _on_invoices(tables: Tables) -> pa.Table:
    rows = claims(tables)
    worth = gross(tables["invoice"], rows["thing_id"])
    over = _over(tables, rows, worth)
    thing, lender, voucher = (_code(rows[n]) for n in ("thing", "lender", "voucher"))
    begin, end = rows["begin"].to_numpy(), rows["end"].to_numpy()
    pledge = pc.equal(rows["kind"], "pledge").to_numpy()
    # Discounts go together if the invoice carries their vouchers, or if they are of one voucher.
    version = np.where(pledge, -1, np.where(over > 0, 1 + voucher, 0))
    # A discount ends on the day it is settled, but it counts on the day it begins.
    last = np.where(pledge, end, np.maximum(end, begin + 1))
    other = earliest_overlap(thing, begin, last, lender, pledge.astype(np.int64), version)
    later = np.flatnonzero(other >= 0)
    one, two = rows.take(pa.array(other[later])), rows.take(pa.array(later))
    why = Reasons(len(later))
    why.add("trace.pledged_while", begin[later] - begin[other[later]])
    why.add("trace.pledged_whole", 0, pledge[later] | pledge[other[later]])
    why.add("trace.pledged_over", over[later], ~(pledge[later] | pledge[other[later]]))
    why.add("trace.pledged_other_id", 0, pc.not_equal(one["thing_id"], two["thing_id"]).to_numpy())
    why.add("trace.pledged_same_lender", 0, pc.equal(one["lender"], two["lender"]).to_numpy())
    return _pairs("invoice", two["thing_id"], worth[later], one, two, why)


def _over(tables: Tables, rows: pa.Table, worth: Int) -> Int:
    """Return by how much the vouchers on the invoice of each claim exceed it, 0 if not or unknown.

    What was cancelled of a voucher does not count.
    """
    act, lot = tables["voucher_act"], tables["voucher_lot"]
    issue = act.filter(pc.and_(pc.equal(act["kind"], "issue"), pc.is_valid(act["invoice_id"])))
    done = issue.filter(pc.is_in(issue["act_id"], value_set=lot["act_id"]))
    vouchers = done["voucher_id"]
    stands = done["amount"].to_numpy().copy()
    of = pc.index_in(lot["voucher_id"], value_set=vouchers)
    known = of.is_valid().to_numpy()
    np.subtract.at(stands, of.drop_null().to_numpy(), lot["cancelled"].to_numpy()[known])
    names = pc.unique(rows["thing_id"])
    total = np.zeros(len(names) + 1, np.int64)
    at = pc.fill_null(pc.index_in(done["invoice_id"], value_set=names), len(names)).to_numpy()
    np.add.at(total, at, stands)
    mine = total[pc.index_in(rows["thing_id"], value_set=names).to_numpy()]
    return np.where(worth >= 0, np.maximum(mine - worth, 0), 0)


def _code(column: pa.ChunkedArray) -> Int:
    coded = column.combine_chunks().dictionary_encode().indices
    return np.asarray(pc.fill_null(coded, -1).to_numpy(), np.int64)


def _on_lots(tables: Tables) -> pa.Table:
    """Pair discounts that could not be done with those that had taken the same lot before."""
    act, lot, fault = tables["voucher_act"], tables["voucher_lot"], tables["voucher_fault"]
    short = pc.and_(pc.equal(fault["kind"], "discount"), pc.equal(fault["fault"], "more_than_held"))
    refused = fault.filter(short).sort_by("act_id")
    tried = act.take(pc.index_in(refused["act_id"], value_set=act["act_id"]))
    taken = _taken(tables) if len(refused) else {}
    worth = dict(zip(*(lot[n].to_pylist() for n in ("lot_id", "amount")), strict=True))
    pairs = []
    days = china_days(tried["at"]).tolist()
    for one, held, day in zip(tried.to_pylist(), refused["held"].to_pylist(), days, strict=True):
        named = one["lot_id"] if one["lot_id"] in worth else f"{one['lot_id']}#1"
        key = (named,) if one["lot_id"] else (one["voucher_id"], one["from_party"])
        live = [r for r in taken.get(key, ()) if r["order"] < _order(one) and r["end"] > day]
        before = [r for r in live if r["lender"] != one["to_party"]]
        sent = any((r["lender"], r["amount"]) == (one["to_party"], one["amount"]) for r in live)
        # More than there ever was is a slip of the pen, and so is what was sent twice.
        if before and not sent and one["amount"] <= held + sum(r["amount"] for r in before):
            mine = {**one, "begin": day, "lot_id": before[0]["parent_id"], "held": held}
            pairs.append((before[0], {**mine, "worth": worth[mine["lot_id"]]}))
    return _lot_pairs(pairs)


Key = tuple[str, ...]
Found = dict[str, Any]


def _taken(tables: Tables) -> dict[Key, list[Found]]:
    """Return what discounts took, in order, by lot and by voucher and holder."""
    acts = tables["voucher_act"]
    act = {r["act_id"]: r for r in acts.filter(pc.equal(acts["kind"], "discount")).to_pylist()}
    found = [{**r, "order": _order(act[r["act_id"]])} for r in financed(tables).to_pylist()]
    taken: dict[Key, list[Found]] = defaultdict(list)
    for r in sorted(found, key=lambda r: (r["order"], r["parent_id"])):
        taken[r["parent_id"],].append(r)
        taken[r["voucher_id"], act[r["act_id"]]["from_party"]].append(r)
    return taken


def _order(act: Found) -> tuple[object, ...]:
    return act["at"], act["seq"], act["act_id"]


def _on_data(tables: Tables) -> pa.Table:
    rows = data_claims(tables["data_pledge"])
    thing, lender, claim = (_code(rows[n]) for n in ("thing", "lender", "claim"))
    begin, end = rows["begin"].to_numpy(), rows["end"].to_numpy()
    other = earliest_overlap(thing, begin, end, claim, claim, np.full(len(rows), -1))
    later = np.flatnonzero(other >= 0)
    one, two = rows.take(pa.array(other[later])), rows.take(pa.array(later))
    why, same = Reasons(len(later)), pc.equal(one["thing_id"], two["thing_id"]).to_numpy()
    why.add("trace.pledged_while", begin[later] - begin[other[later]])
    why.add("trace.pledged_other_id", 0, ~same)
    why.add("trace.pledged_behind", 0, same)
    why.add("trace.pledged_same_lender", 0, lender[later] == lender[other[later]])
    return _pairs("data", two["thing_id"], np.full(len(later), -1), one, two, why)


def _lot_pairs(pairs: list[tuple[Found, Found]]) -> pa.Table:
    one = pa.table({
        "claim": pa.array([a["act_id"] for a, _ in pairs], pa.string()),
        "kind": pa.repeat("discount", len(pairs)),
        "lender": pa.array([a["lender"] for a, _ in pairs], pa.string()),
        "begin": pa.array([a["begin"] for a, _ in pairs], pa.int64()),
        "end": pa.array([a["end"] for a, _ in pairs], pa.int64()),
        "amount": pa.array([a["amount"] for a, _ in pairs], pa.int64()),
    })  # fmt: skip
    two = pa.table({
        "claim": pa.array([b["act_id"] for _, b in pairs], pa.string()),
        "kind": one["kind"],
        "lender": pa.array([b["to_party"] for _, b in pairs], pa.string()),
        "begin": pa.array([b["begin"] for _, b in pairs], pa.int64()),
        "end": pa.repeat(pa.scalar(NEVER, pa.int64()), len(pairs)),
        "amount": pa.array([b["amount"] for _, b in pairs], pa.int64()),
    })  # fmt: skip
    why = Reasons(len(pairs))
    why.add("trace.pledged_while", np.array([b["begin"] - a["begin"] for a, b in pairs], np.int64))
    why.add("trace.pledged_gone", np.array([b["amount"] - b["held"] for _, b in pairs], np.int64))
    lots = pa.array([b["lot_id"] for _, b in pairs], pa.string())
    worth = np.array([b["worth"] for _, b in pairs], np.int64)
    return _pairs("lot", lots, worth, one, two, why)


def _pairs(
    thing: str, ids: pa.Array | pa.ChunkedArray, worth: Int, one: pa.Table, two: pa.Table,
    why: Reasons,
) -> pa.Table:  # fmt: skip
    """Return pairs of claims as rows of the table."""
    told: dict[str, object] = {}
    for side, rows in (("a", one), ("b", two)):
        end = rows["end"].to_numpy()
        until = pa.array(np.minimum(end, 2**31 - 1).astype(np.int32), mask=end == NEVER)
        told |= {
            f"claim_{side}": rows["claim"], f"kind_{side}": rows["kind"],
            f"lender_{side}": rows["lender"], f"amount_{side}": rows["amount"],
            f"from_{side}": rows["begin"].cast(pa.int32()).cast(pa.date32()),
            f"until_{side}": until.cast(pa.date32()),
        }  # fmt: skip
    keys = zip(*(c.to_pylist() for c in (ids, one["claim"], two["claim"])), strict=True)
    made = output(
        "pledged_twice",
        pair_id=[stable_id("pledged_twice", thing, *key) for key in keys],
        thing=[thing] * len(ids), thing_id=ids, amount=pa.array(worth, mask=worth < 0),
        **told, reasons=why.column(),
    )  # fmt: skip
    return made["pledged_twice"]
