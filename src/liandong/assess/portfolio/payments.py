"""What the board knows of the payments on loans: what is owed, and for how long one is overdue."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NEVER = -1
"""Month of a last payment that never was."""
KINDS = ("disbursement", "repayment", "interest")


class Paid(NamedTuple):
    """Payments on loans by a day, one entry a loan.

    Attributes
    ----------
    back
        Principal paid back, fen.
    last
        Month of the last payment of principal or interest, months since 1970, or NEVER.
    seen
        Whether the board shows any transfer of the loan.
    """

    back: Int
    last: Int
    seen: Bool


def payments(flow: pa.Table, as_of: date) -> pa.Table:
    """Return the transfers of loans until the end of ``as_of`` (UTC), added up by loan and kind."""
    end = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=1)
    some = pc.and_(pc.is_valid(flow["loan_id"]), pc.less(flow["at"], pa.scalar(end)))
    rows = flow.filter(pc.and_(some, pc.is_in(flow["kind"], value_set=pa.array(KINDS))))
    return _grouped(rows.select(["loan_id", "kind", "amount", "at"]))


def merged(parts: pa.Table) -> pa.Table:
    """Return what :func:`payments` of all parts together gives."""
    return _grouped(parts)


def _grouped(rows: pa.Table) -> pa.Table:
    found = rows.group_by(["loan_id", "kind"], use_threads=False)
    sums = found.aggregate([("amount", "sum"), ("at", "max")])
    return sums.rename_columns(["loan_id", "kind", "amount", "at"]).select(rows.column_names)


def paid(sums: pa.Table, loans: pa.Array) -> Paid:
    """Look up the payments of ``loans`` in what :func:`payments` gives."""
    back, last = np.zeros(len(loans), np.int64), np.full(len(loans), NEVER)
    seen = np.zeros(len(loans), bool)
    for kind in KINDS:
        own = sums.filter(pc.equal(sums["kind"], kind))
        at = pc.index_in(loans, value_set=own["loan_id"].combine_chunks())
        here = pc.is_valid(at).to_numpy(zero_copy_only=False)
        rows = own.take(pc.drop_null(at))
        seen |= here
        if kind == "repayment":
            back[here] = rows["amount"].to_numpy()
        if kind != "disbursement":
            last[here] = np.maximum(last[here], months(rows["at"].cast(pa.date32())))
    return Paid(back, last, seen)


def months(days: pa.ChunkedArray) -> Int:
    """Return the calendar month of each date, months since 1970-01."""
    return np.asarray(days.to_numpy().astype("datetime64[M]").astype(np.int64))


def past_due(start: Int, end: Int, last: Int, every: int, due_day: int, as_of: date) -> Int:
    """Return the days since the first payment that was due and did not come; 0 if none was.

    A payment is due on ``due_day`` of every ``every``-th month after that of the start, at the
    latest in the last month; any payment in a month, or after it, is that month's.

    Parameters
    ----------
    start, end, last
        Shape (n,), months since 1970: of the start, of the last payment due, and of the last
        payment made (NEVER if none was).
    every, due_day
        Months between payments, and day of the month, 1 to 28.
    """
    done = np.maximum(last - start, 0) // every
    first = np.minimum(start + every * (done + 1), np.maximum(end, start + 1))
    due = first.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + due_day - 1
    return np.asarray(np.maximum((as_of - date(1970, 1, 1)).days - due, 0), np.int64)
