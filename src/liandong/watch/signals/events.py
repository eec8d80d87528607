"""What the tables of a board tell as watched events, so that windows and signals can look at it."""

import pyarrow as pa
import pyarrow.compute as pc

from liandong.schema.arrow import build, empty
from liandong.step import NoRule, Tables, each

_MOMENT = pa.timestamp("us", "UTC")
_MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"


@each(
    reads=("invoice", "flow", "signal", "event", "edge", "bank_account"),
    writes=("watch_event",),
    split=("invoice", "flow", "signal", "event", "edge"),
)
def events(tables: Tables, rule: NoRule) -> Tables:  # noqa: ARG001 - there is nothing to set
    """Turn invoices, payments, measures, court cases and guarantees into watched events.

    ``invoice``: of the seller, net, with its status as tag. ``payment_out`` and ``payment_in``:
    of the owners of both accounts, with the kind of transfer as tag; transfers between accounts
    of one owner and amounts in other currencies than yuan are left out. Measures: the source is
    the kind and the measure the tag; the amount is fen where the unit is yuan, and otherwise the
    nearest whole number. They happen on the last day of their month, or when they were seen if
    their period is no month; a measure that has neither is no event. ``default``, ``lawsuit``,
    ``enforcement``, ``penalty``, ``closure``, ``listing``: as in the table ``event``.
    ``guarantee``: of the guarantor, to the debtor, from the day it holds.
    """
    parts = [
        _invoices(tables["invoice"]),
        *_payments(tables["flow"], tables["bank_account"]),
        _measures(tables["signal"]),
        _happened(tables["event"]),
        _guarantees(tables["edge"]),
    ]
    return {"watch_event": pa.concat_tables([empty("watch_event"), *parts])}


def _moment(days: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(pc.cast(days, pa.timestamp("us")), _MOMENT)


def _named(*parts: object) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(*parts, ":")


def _rows(kind: object, source: object, count: int, **columns: object) -> pa.Table:
    """Return events of one origin; a text stands for all of them."""
    same = {"kind": kind, "source": source}
    wide = {n: pa.repeat(v, count) if isinstance(v, str) else v for n, v in same.items()}
    return build("watch_event", {"seq": pa.repeat(0, count), **wide, **columns})


def _invoices(invoice: pa.Table) -> pa.Table:
    at = _moment(invoice["date"])
    return _rows(
        "invoice", "invoice", len(invoice),
        event_id=_named("invoice", invoice["invoice_id"]), at=at, seen_at=at,
        subject_id=invoice["seller"], other_id=invoice["buyer"], amount=invoice["net"],
        tag=invoice["status"],
    )  # fmt: skip


def _payments(flow: pa.Table, account: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return what was paid and what was received, of accounts in yuan."""
    yuan = account.filter(pc.fill_null(pc.equal(account["currency"], "CNY"), fill_value=True))
    src, dst = (_owner(flow[c], yuan) for c in ("src_account", "dst_account"))
    inner = pc.fill_null(pc.equal(src, dst), fill_value=False)
    received = pc.coalesce(flow["received"], flow["amount"])
    return (
        _paid("payment_out", flow, src, dst, flow["amount"], inner),
        _paid("payment_in", flow, dst, src, received, inner),
    )


def _owner(accounts: pa.ChunkedArray, account: pa.Table) -> pa.ChunkedArray:
    return account["party_id"].take(pc.index_in(accounts, value_set=account["account_id"]))


def _paid(
    kind: str, flow: pa.Table, subject: pa.ChunkedArray, other: pa.ChunkedArray,
    amount: pa.ChunkedArray, inner: pa.ChunkedArray,
) -> pa.Table:  # fmt: skip
    own = pc.and_(pc.is_valid(subject), pc.invert(inner))
    rows, at = flow.filter(own), flow["at"].filter(own)
    return _rows(
        kind, "flow", len(rows),
        event_id=_named("flow", rows["flow_id"], kind), seq=rows["seq"], at=at, seen_at=at,
        subject_id=subject.filter(own), other_id=other.filter(own), amount=amount.filter(own),
        tag=rows["kind"],
    )  # fmt: skip


def _measures(signal: pa.Table) -> pa.Table:
    monthly = pc.match_substring_regex(signal["period"], _MONTH)
    text = pc.if_else(monthly, pc.binary_join_element_wise(signal["period"], "01", "-"), None)
    after = pc.ceil_temporal(
        pc.cast(text, pa.date32()), unit="month", ceil_is_strictly_greater=True
    )
    end = pc.cast(pc.subtract(pc.cast(after, pa.int32()), pa.scalar(1, pa.int32())), pa.date32())
    at = pc.coalesce(end, signal["seen_at"])
    dated = pc.is_valid(at)
    rows, at = signal.filter(dated), at.filter(dated)
    yuan = pc.fill_null(pc.equal(rows["unit"], "yuan"), fill_value=False)
    factor = pc.if_else(yuan, pa.scalar(100.0), pa.scalar(1.0))
    return _rows(
        rows["source"], "signal", len(rows),
        event_id=_named("signal", *(rows[n] for n in ("party_id", "source", "measure", "period"))),
        at=_moment(at), seen_at=_moment(pc.coalesce(rows["seen_at"], at)),
        subject_id=rows["party_id"], tag=rows["measure"],
        amount=pc.cast(pc.round(pc.multiply(rows["value"], factor)), pa.int64()),
    )  # fmt: skip


def _happened(event: pa.Table) -> pa.Table:
    return _rows(
        event["kind"], "event", len(event),
        event_id=_named("event", event["event_id"]), at=_moment(event["at"]),
        seen_at=_moment(pc.coalesce(event["seen_at"], event["at"])),
        subject_id=event["party_id"], amount=event["amount"],
    )  # fmt: skip


def _guarantees(edge: pa.Table) -> pa.Table:
    rows = edge.filter(pc.equal(edge["kind"], "guarantees"))
    at = _moment(rows["valid_from"])
    return _rows(
        "guarantee", "edge", len(rows),
        event_id=_named("edge", rows["src"], rows["dst"], pc.cast(rows["valid_from"], pa.string())),
        at=at, seen_at=at, subject_id=rows["src"], other_id=rows["dst"], amount=rows["weight"],
    )  # fmt: skip
