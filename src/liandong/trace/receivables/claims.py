"""Who has a claim on which invoice, from when to when: pledges, and discounts of vouchers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.graphs.components import components
from liandong.step import Tables
from liandong.step.totals import must_fit, size
from liandong.trace.receivables.acts import china_days

Int = NDArray[np.int64]
NEVER = np.iinfo(np.int64).max
"""The day on which what has not ended ends."""
_COLUMNS = {
    "thing": pa.string(), "thing_id": pa.string(), "claim": pa.string(), "kind": pa.string(),
    "lender": pa.string(), "begin": pa.int64(), "end": pa.int64(), "amount": pa.int64(),
    "voucher": pa.string(),
}  # fmt: skip


def claims(tables: Tables) -> pa.Table:
    """Return all claims on invoices.

    Returns
    -------
    pyarrow.Table
        ``thing`` (one of an invoice, whatever its ids: the fingerprint where one is known),
        ``thing_id`` (the invoice), ``claim`` (project or act), ``kind``, ``lender``, ``begin`` and
        ``end`` (days since 1970; the end is the first day after it), ``amount`` in fen (null: the
        whole invoice) and ``voucher`` (null for a pledge); sorted by thing, begin and claim.
    """
    rows = pa.concat_tables([_pledges(tables["pledge"]), _discounts(tables)])
    order = ("thing", "begin", "kind", "claim", "thing_id", "voucher")
    return rows.sort_by([(n, "ascending") for n in order]).combine_chunks()


def data_claims(pledge: pa.Table) -> pa.Table:
    """Return all pledges of data; the columns are those of :func:`claims`.

    Parameters
    ----------
    pledge
        The table ``data_pledge``. Pledges that share an id or a fingerprint are on one thing.
    """
    names = pa.chunked_array(
        [c for n in ("asset_id", "fingerprint") for c in pledge[n].chunks], pa.string()
    ).combine_chunks().dictionary_encode().indices.to_numpy()  # fmt: skip
    n = len(pledge)
    label = components(names[:n].astype(np.int64), names[n:].astype(np.int64), len(names))
    thing = pa.array(label[names[:n]]).cast(pa.string())
    begin, released, over = (
        pledge[c].cast(pa.int32()).cast(pa.int64()) for c in ("pledged_on", "released_on", "until")
    )
    end = pc.min_element_wise(released, pc.add(over, 1))
    rows = _table(
        thing=thing, thing_id=pledge["asset_id"], claim=pledge["pledge_id"],
        kind=pa.repeat("pledge", n), lender=pledge["lender_id"], begin=begin,
        end=pc.fill_null(end, NEVER), amount=pledge["secured"], voucher=pa.nulls(n, pa.string()),
    )  # fmt: skip
    order = ("thing", "begin", "claim")
    return rows.sort_by([(n, "ascending") for n in order]).combine_chunks()


def _table(**columns: pa.Array | pa.ChunkedArray) -> pa.Table:
    return pa.table({n: columns[n].cast(kind) for n, kind in _COLUMNS.items()})


def _pledges(pledge: pa.Table) -> pa.Table:
    n = len(pledge)
    days = (pledge[c].cast(pa.int32()).cast(pa.int64()) for c in ("pledged_on", "released_on"))
    begin, end = days
    return _table(
        thing=pledge["fingerprint"], thing_id=pledge["invoice_id"], claim=pledge["project_id"],
        kind=pa.repeat("pledge", n), lender=pledge["lender_id"], begin=begin,
        end=pc.fill_null(end, NEVER), amount=pa.nulls(n, pa.int64()),
        voucher=pa.nulls(n, pa.string()),
    )  # fmt: skip


def _discounts(tables: Tables) -> pa.Table:
    """Return a claim for each discount and voucher that was issued on an invoice."""
    rows = financed(tables)
    rows = rows.filter(pc.is_valid(rows["thing"]))
    keys = ["act_id", "voucher_id", "thing", "thing_id", "lender", "begin"]
    found = rows.group_by(keys, use_threads=False).aggregate([("end", "max"), ("amount", "sum")])
    return _table(
        thing=found["thing"], thing_id=found["thing_id"], claim=found["act_id"],
        kind=pa.repeat("discount", len(found)), lender=found["lender"], begin=found["begin"],
        end=found["end_max"], amount=found["amount_sum"], voucher=found["voucher_id"],
    )  # fmt: skip


def financed(tables: Tables) -> pa.Table:
    """Return the lots that discounts made, but not those of what had been discounted before.

    Returns
    -------
    pyarrow.Table
        ``act_id``, ``voucher_id``, ``parent_id`` (the lot it was taken from), ``lender``, ``begin``
        and ``end`` (days since 1970; a discount ends when all of it is settled or cancelled,
        whoever holds it then), ``amount``, and the invoice of the voucher: ``thing``, ``thing_id``.
    """
    lot, act = tables["voucher_lot"], tables["voucher_act"]
    root = _roots(lot, act)
    begin, end = _spans(lot, tables["voucher_move"], act, root)
    invoice, thing = _invoices(lot, act, tables["pledge"])
    own = pa.array(np.flatnonzero(root == np.arange(len(root))))
    mine = lot.take(own)
    names = ("act_id", "voucher_id", "parent_id", "amount")
    return pa.table({
        **{n: mine[n] for n in names}, "lender": mine["holder_id"],
        "begin": pa.array(begin).take(own), "end": pa.array(end).take(own),
        "thing": thing.take(own), "thing_id": invoice.take(own),
    })  # fmt: skip


def _at(ids: pa.ChunkedArray, among: pa.ChunkedArray) -> Int:
    """Return where each id stands among others, -1 for none."""
    return np.asarray(pc.fill_null(pc.index_in(ids, value_set=among), -1).to_numpy(), np.int64)


def _roots(lot: pa.Table, act: pa.Table) -> Int:
    """Return for each lot the first discounted one on the way to it from its issue, or -1."""
    kind = act["kind"].take(pc.index_in(lot["act_id"], value_set=act["act_id"]))
    discounted = pc.equal(kind, "discount").to_numpy()
    parent, depth = _at(lot["parent_id"], lot["lot_id"]), lot["depth"].to_numpy()
    root = np.full(len(lot), -1)
    for level in range(1, int(depth.max(initial=0)) + 1):
        here = np.flatnonzero(depth == level)
        above = root[parent[here]]
        root[here] = np.where(above >= 0, above, np.where(discounted[here], here, -1))
    return root


def _spans(lot: pa.Table, move: pa.Table, act: pa.Table, root: Int) -> tuple[Int, Int]:
    """Return for each discounted lot its day, and the day on which the last of it ended."""
    day = china_days(act["at"])
    begin = day[_at(lot["act_id"], act["act_id"])]
    end = begin.copy()
    last = move.filter(pc.is_null(move["child_id"]))
    of = root[_at(last["lot_id"], lot["lot_id"])]
    np.maximum.at(end, of[of >= 0], day[_at(last["act_id"], act["act_id"])][of >= 0])
    alive = (root >= 0) & (lot["left"].to_numpy() > 0)
    end[root[alive]] = NEVER
    return begin, end


def _invoices(lot: pa.Table, act: pa.Table, pledge: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Return the invoice of each lot's voucher, and what names it whatever its ids."""
    first = lot.filter(pc.equal(lot["depth"], 0))
    issue = act.take(pc.index_in(first["act_id"], value_set=act["act_id"]))
    at = pc.index_in(lot["voucher_id"], value_set=first["voucher_id"])
    invoice = issue["invoice_id"].take(at)
    printed = pledge["fingerprint"].take(pc.index_in(invoice, value_set=pledge["invoice_id"]))
    return invoice.combine_chunks(), pc.coalesce(printed, invoice).combine_chunks()


def gross(invoice: pa.Table, ids: pa.ChunkedArray) -> Int:
    """Return what each invoice comes to with tax, less what red-letter ones took back; -1: unknown.

    Raises
    ------
    DataError
        If all amounts together are more than can be summed safely.
    """
    must_fit(size(invoice["net"], invoice["tax"]), "invoice")
    whole = np.add(*(invoice[n].to_numpy() for n in ("net", "tax")))
    wanted = pc.unique(ids)
    total = np.zeros(len(wanted), np.int64)
    there = _at(invoice["invoice_id"], wanted)
    good = (there >= 0) & pc.equal(invoice["status"], "valid").to_numpy()
    total[there[good]] = whole[good]
    back = _at(invoice["ref"], wanted)
    red = (back >= 0) & pc.equal(invoice["status"], "red").to_numpy()
    np.subtract.at(total, back[red], np.abs(whole[red]))
    known = np.zeros(len(wanted), bool)
    known[there[there >= 0]] = True
    return np.where(known, np.maximum(total, 0), -1)[_at(ids, wanted)]
