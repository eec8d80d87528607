"""Which transfer pays which invoice: between the same parties, of like amount, about that time."""

from collections import defaultdict
from typing import NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables
from liandong.trace.currency import YUAN
from liandong.trace.receivables.acts import china_days
from liandong.types import PPM

Int = NDArray[np.int64]
_APART = "\x1f"


class PaymentTerms(Protocol):
    """When and with how much an invoice is paid: see ``CircularTradeRule``."""

    @property
    def pay_before(self) -> int:
        """Days before the date of an invoice."""

    @property
    def pay_days(self) -> int:
        """Days after it."""

    @property
    def pay_spread(self) -> int:
        """By how much a payment may differ, ppm."""


class Payments(NamedTuple):
    """What is known of the payment of each leg.

    Attributes
    ----------
    flow, day, amount
        Row of the transfer among all, -1 where none is found; its day in China and its amount.
    flow_id
        Its id.
    known
        Whether both parties have accounts here, so that a payment would be seen.
    over
        Whether the time for paying was over when transfers end.
    """

    flow: Int
    day: Int
    amount: Int
    flow_id: pa.Array
    known: NDArray[np.bool_]
    over: NDArray[np.bool_]


def payments(tables: Tables, legs: pa.Table, ring: Int, terms: PaymentTerms) -> Payments:
    """Look for the payment of each leg; a transfer pays one invoice of a ring at most.

    Of several that fit, the one with the nearest day counts, then the earliest, then by id.

    Parameters
    ----------
    tables
        ``flow`` and ``bank_account``.
    legs
        ``seller``, ``buyer``, ``day`` and ``amount``.
    ring
        Ring of each leg.
    """
    flow, account = tables["flow"], tables["bank_account"]
    pairs = pc.binary_join_element_wise(legs["buyer"], legs["seller"], _APART)
    kept, pair = _between(flow, account, pairs)
    rows = flow.take(pa.array(kept))
    found = _matched(legs, pairs, ring, (rows, pair), terms)
    there = found >= 0
    every = china_days(flow["at"])
    last = int(every.max(initial=np.iinfo(np.int32).min))
    both = [
        pc.is_in(legs[n], value_set=account["party_id"]).to_numpy() for n in ("seller", "buyer")
    ]
    at = pa.array(np.where(there, found, 0), mask=~there)
    day, amount = china_days(rows["at"]), rows["amount"].to_numpy()
    return Payments(
        flow=np.where(there, kept[found], -1) if len(kept) else found,
        day=np.where(there, day[found], 0) if len(kept) else np.zeros(len(found), np.int64),
        amount=np.where(there, amount[found], 0) if len(kept) else np.zeros(len(found), np.int64),
        flow_id=rows["flow_id"].combine_chunks().take(at),
        known=both[0] & both[1],
        over=legs["day"].to_numpy() + terms.pay_days <= last,
    )


def _between(
    flow: pa.Table, account: pa.Table, pairs: pa.ChunkedArray
) -> tuple[Int, pa.ChunkedArray]:
    """Return the transfers in yuan between the parties of some pairs, and their pairs."""
    ends = [
        account["party_id"].take(pc.index_in(flow[n], value_set=account["account_id"]))
        for n in ("src_account", "dst_account")
    ]
    pair = pc.binary_join_element_wise(*ends, _APART)
    payer = pc.index_in(flow["src_account"], value_set=account["account_id"])
    yuan = pc.equal(pc.fill_null(account["currency"].take(payer), YUAN), YUAN)
    usable = pc.and_(pc.equal(flow["kind"], "transfer"), pc.is_in(pair, value_set=pairs))
    usable = pc.and_(usable, yuan)
    kept = np.flatnonzero(pc.fill_null(usable, fill_value=False).to_numpy())
    return kept, pair.take(pa.array(kept))


def _matched(
    legs: pa.Table, pairs: pa.ChunkedArray, ring: Int, given: tuple[pa.Table, pa.ChunkedArray],
    terms: PaymentTerms,
) -> Int:  # fmt: skip
    """Return for each leg the row of its payment, -1 without one."""
    rows, pair = given
    candidates: dict[str, list[tuple[int, int, str, int]]] = defaultdict(list)
    told = zip(
        pair.to_pylist(), china_days(rows["at"]).tolist(), rows["amount"].to_pylist(),
        rows["flow_id"].to_pylist(), strict=True,
    )  # fmt: skip
    for i, (name, day, amount, flow_id) in enumerate(told):
        candidates[name].append((day, amount, flow_id, i))
    used, out = set[tuple[int, int]](), np.full(len(legs), -1)
    wanted = zip(
        pairs.to_pylist(), ring.tolist(), legs["day"].to_pylist(), legs["amount"].to_pylist(),
        strict=True,
    )  # fmt: skip
    for k, (name, of, day, amount) in enumerate(wanted):
        near = [
            (abs(d - day), d, flow_id, i) for d, x, flow_id, i in candidates.get(name, ())
            if -terms.pay_before <= d - day <= terms.pay_days
            and abs(x - amount) * PPM <= terms.pay_spread * amount and (of, i) not in used
        ]  # fmt: skip
        if near:
            out[k] = min(near)[-1]
            used.add((of, int(out[k])))
    return out
