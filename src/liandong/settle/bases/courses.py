"""How loans went: what was owed on them day by day, when they defaulted, what came in later."""

from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.step import Tables

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

NEVER = 10**7
"""A day after all others."""
SEEN = ("disbursement", "repayment", "interest")
KINDS = (*SEEN, "reversal")


def payments(flow: pa.Table) -> pa.Table:
    """Return the transfers of loans, and those that take a transfer back."""
    some = pc.is_in(flow["kind"], value_set=pa.array(KINDS))
    own = pc.or_(pc.is_valid(flow["loan_id"]), pc.equal(flow["kind"], KINDS[-1]))
    rows = flow.filter(pc.and_(some, own))
    return rows.select(["flow_id", "loan_id", "kind", "amount", "at", "ref"])


class Cells(NamedTuple):
    """Amounts by loan and month, in that order: only those that are not 0.

    Attributes
    ----------
    loan, month
        Row of the loan; months since 1970-01.
    amount
        Fen.
    """

    loan: Int
    month: Int
    amount: Int


class Courses:
    """Loans in order of their ids, with the payments on them until the end of a day.

    Attributes
    ----------
    loans
        The loans that had begun by then.
    start, due, amount
        First day, day on which the last is due (since 1970-01-01), and fen lent.
    fell, told
        Day of default (NEVER if none is known), and fen that the event says (-1: it says none).
    seen
        Whether the board shows any transfer of the loan.
    row, day, back
        Payments of principal, by loan and day: each with its loan, and fen by which it lowered
        the debt. No more is paid back than was lent.
    """

    def __init__(self, tables: Tables, as_of: date) -> None:
        loan = tables["loan"]
        loan = loan.filter(pc.less_equal(loan["start"], pa.scalar(as_of)))
        self.loans = loan.sort_by("loan_id").combine_chunks()
        self.start, self.amount = _days(self.loans["start"]), self.loans["amount"].to_numpy()
        self.due = _later(self.start, self.loans["term_months"].to_numpy())
        day = tables["paid"]["at"].cast(pa.date32())
        paid = tables["paid"].filter(pc.less_equal(day, pa.scalar(as_of)))
        own = pc.is_in(paid["kind"], value_set=pa.array(SEEN))
        self.seen = self._among(paid.filter(own)["loan_id"])
        self.row, self.day, self.back = self._paid_back(paid)
        self.fell, self.told = self._defaults(tables["event"], as_of)

    @cached_property
    def _ids(self) -> pa.Array:
        return self.loans["loan_id"].combine_chunks()

    def _among(self, ids: pa.ChunkedArray) -> Bool:
        found = pc.is_in(self._ids, value_set=pc.drop_null(ids))
        return np.asarray(found.to_numpy(zero_copy_only=False), bool)

    def _rows(self, ids: pa.ChunkedArray | pa.Array) -> Int:
        """Return the row of each loan, -1 for none."""
        found = pc.fill_null(pc.index_in(ids, value_set=self._ids, skip_nulls=True), -1)
        return np.asarray(found.to_numpy(), np.int64)

    def _paid_back(self, paid: pa.Table) -> tuple[Int, Int, Int]:
        one = paid.filter(pc.equal(paid["kind"], "repayment")).combine_chunks()
        undone = paid.filter(pc.equal(paid["kind"], "reversal"))
        at = pc.index_in(undone["ref"], value_set=one["flow_id"], skip_nulls=True)
        rows = np.concatenate([self._rows(one["loan_id"]), self._rows(one["loan_id"].take(at))])
        taken = -np.abs(undone["amount"].to_numpy())
        sums = np.concatenate([one["amount"].to_numpy(), taken])
        day = np.concatenate([_days(one["at"]), _days(undone["at"])])
        here = rows >= 0
        rows, day, sums = rows[here], day[here], sums[here]
        order = np.lexsort((day, rows))
        rows, day, sums = rows[order], np.maximum(day, self.start[rows])[order], sums[order]
        paid_by_then = np.clip(_running(rows, sums), 0, self.amount[rows])
        return rows, day, _changes(rows, paid_by_then)

    def _defaults(self, event: pa.Table, as_of: date) -> tuple[Int, Int]:
        """Return the first day of default of each loan, and what was owed as its event says.

        An event is of the loan that it refers to; if it refers to none, of all loans of the party
        that had begun by then and on which something was owed.
        """
        seen = pc.less_equal(pc.coalesce(event["seen_at"], event["at"]), pa.scalar(as_of))
        known = pc.and_(seen, pc.less_equal(event["at"], pa.scalar(as_of)))
        event = event.filter(pc.and_(known, pc.equal(event["kind"], "default")))
        own = event.filter(pc.is_valid(event["ref"]))
        free = event.filter(pc.is_null(event["ref"])).select(["party_id", "at"])
        lent = pa.table({"party_id": self.loans["party_id"], "row": np.arange(len(self.loans))})
        joined = lent.join(free, "party_id", join_type="inner") if len(free) else None
        rows, day = self._rows(own["ref"]), _days(own["at"])
        told = pc.fill_null(own["amount"], -1).to_numpy()
        if joined is not None:
            other, then = joined["row"].to_numpy(), _days(joined["at"])
            owing = (self.start[other] <= then) & (self.owed(other, then) > 0)
            rows, day = np.append(rows, other[owing]), np.append(day, then[owing])
            told = np.append(told, np.full(int(owing.sum()), -1))
        fell, said = np.full(len(self.loans), NEVER), np.full(len(self.loans), -1)
        # The first day counts, and of several events of that day the one that says most.
        order = np.lexsort((told, -day))
        rows, day, told = (x[order][rows[order] >= 0] for x in (rows, day, told))
        fell[rows], said[rows] = np.maximum(day, self.start[rows]), told
        return fell, said

    def owed(self, rows: Int, day: Int) -> Int:
        """Return what was owed on loans at the end of days, fen."""
        key = self.row * NEVER + self.day
        total = np.append(0, np.cumsum(self.back))
        until = np.searchsorted(key, rows * NEVER + day, "right")
        begin = np.searchsorted(self.row, rows)
        return np.asarray(self.amount[rows] - (total[until] - total[begin]), np.int64)

    @cached_property
    def exposure(self) -> Int:
        """What was owed at the end of the day of default, 0 where there was none.

        Where the board shows no transfer of a loan it is what the event says, or all that was lent.
        """
        rows = np.flatnonzero(self.fell < NEVER)
        owed = self.owed(rows, self.fell[rows])
        said = np.minimum(self.told[rows], self.amount[rows])
        found = np.zeros(len(self.loans), np.int64)
        found[rows] = np.where(~self.seen[rows] & (said >= 0), said, owed)
        return found

    def losses(self) -> Cells:
        """Return net losses by month: exposures, and below 0 what was paid back later."""
        rows = np.flatnonzero(self.exposure)
        late = self.day > self.fell[self.row]
        row = np.append(rows, self.row[late])
        month = months(np.append(self.fell[rows], self.day[late]))
        return summed(Cells(row, month, np.append(self.exposure[rows], -self.back[late])))

    def lent(self) -> Cells:
        """Return what was lent, in the month of each loan."""
        return Cells(np.arange(len(self.amount)), months(self.start), self.amount)


def months(days: Int) -> Int:
    """Return the months of days, both since 1970."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def summed(cells: Cells) -> Cells:
    """Add up amounts of the same loan and month."""
    order = np.lexsort((cells.month, cells.loan))
    loan, month, amount = (x[order] for x in cells)
    new = np.append(True, (np.diff(loan) != 0) | (np.diff(month) != 0))[: len(loan)]
    first = np.flatnonzero(new)
    sums = np.add.reduceat(amount, first) if len(first) else amount
    return Cells(loan[first], month[first], sums)


def _days(column: pa.ChunkedArray) -> Int:
    return np.asarray(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), np.int64)


def _later(start: Int, term: Int) -> Int:
    """Return the same day of the month some months later, or the last one of that month."""
    first = months(start)
    begin, then, after = ((first + k).astype("datetime64[M]").astype("datetime64[D]")
                          .astype(np.int64) for k in (0, term, term + 1))  # fmt: skip
    return np.asarray(np.minimum(then + start - begin, after - 1), np.int64)


def _running(rows: Int, sums: Int) -> Int:
    """Return sums up to each entry within its loan; entries are in order of loans."""
    total = np.cumsum(sums)
    begin = np.searchsorted(rows, rows)
    return np.asarray(total - np.append(0, total)[begin], np.int64)


def _changes(rows: Int, values: Int) -> Int:
    """Return by how much each value is above the one before it in its loan, the first above 0."""
    before = np.append(0, values)[: len(values)]
    begins = np.append(True, np.diff(rows) != 0)[: len(rows)]
    return np.asarray(values - np.where(begins, 0, before), np.int64)
