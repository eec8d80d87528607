"""Transfers by number, in any order within a bound: loans followed, and what was told put right."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liandong.errors import DataError
from liandong.kernels.money.lotfound import Traced
from liandong.step.totals import SUM_MOST, refuse_large
from liandong.texts import both
from liandong.trace.follow import FollowRule
from liandong.trace.live.nodes import OUTSIDE, Nodes
from liandong.trace.live.queued import Lots, Queued
from liandong.trace.live.rows import NONE, Key, Row, Rows
from liandong.trace.order import too_late

Int = NDArray[np.int64]
Int32 = NDArray[np.int32]

HOUR = 3_600_000_000
"""Microseconds."""
MARK_EVERY = 4_096
"""At least so many rows from one mark to the next, and more where there is much to be copied."""
COPIED_A_ROW = 16
UNDOES = ("refund", "reversal")


NOTHING = np.empty((0, 4), np.int64)
"""No rows of what was told."""
START: Key = (-(1 << 62), 0, "")
"""Before all."""


class Transfer(NamedTuple):
    """A row of the table ``flow``; ``at`` in microseconds."""

    flow_id: str
    src_account: str
    dst_account: str
    amount: int
    at: int
    seq: int
    kind: str
    ref: str | None
    loan_id: str | None

    @property
    def key(self) -> Key:
        """Return its place in the order."""
        return self.at, self.seq, self.flow_id


class Mark(NamedTuple):
    """All as it was before a row."""

    row: int
    lots: Lots


class Told(NamedTuple):
    """What transfers moved of loans, and what had been told otherwise before.

    Attributes
    ----------
    moved, withdrawn
        Shape (rows, 4): row, 1 + loan, fen, and which step of the loan it is.
    own
        Whether all are of one transfer that came last in the order.
    """

    moved: Int
    withdrawn: Int
    own: bool = False


class Stream:
    """Follows loans; keeps marks to go back to as far as a transfer may be late.

    Parameters
    ----------
    rule
        How.
    account
        Table ``bank_account``.
    late
        A transfer may be so many hours older than the newest one.

    Attributes
    ----------
    rows, nodes
        All transfers and whom they run between.
    total
        Fen of all amounts without their signs, with what accounts open with and may owe.
    """

    def __init__(self, rule: FollowRule, account: pa.Table, late: int) -> None:
        self._late = late
        self.rows, self.nodes = Rows(), Nodes(account)
        start = self.nodes.opening, self.nodes.facility
        self.total = sum(int(abs(x)) for part in start for x in part.tolist())
        refuse_large(float(self.total), "bank_account")
        merge = not (rule.lots or rule.backward)
        self._lots = Queued(rule.method, *start, merge=merge)
        self.named: dict[str, tuple[str, int, int]] = {}
        self._kept: list[tuple[int, int, int]] = []
        self._marks = [Mark(0, self._copy())]
        self._last, self._due = START, MARK_EVERY

    def add(self, one: Transfer) -> Told | None:
        """Add a transfer; return what it moved or changed, None if nothing of a loan.

        Raises
        ------
        DataError
            If it is there already or too late, or amounts are too large: then it is not added.
        """
        flow, _, _, amount, at, seq, kind, ref, _ = one
        key = at, seq, flow
        total, rows, n = self.total + abs(amount), self.rows, self.rows.count
        back = ref is not None and (amount < 0 or kind in UNDOES)
        if key <= self._last or back or flow in rows.number or total >= SUM_MOST:
            return self.add_all([one])
        row = self._numbered(one, n)
        rows.make_room(1)
        self._lots.make_room(len(self.nodes.names), len(self.nodes.loans))
        moved = self._lots.enter(rows, row)
        rows.name(flow)
        self.total, self._last = total, key
        if n + 1 >= self._due:
            self._mark(n + 1)
        return Told(moved, NOTHING, own=True) if moved is not None else None

    def add_all(self, some: list[Transfer]) -> Told | None:
        """Add transfers as :meth:`add` does: all, or none."""
        total = self._checked(some)
        count = self.rows.count
        order = sorted(range(len(some)), key=lambda n: some[n].key)
        at = [self.rows.before(some[n].key) for n in order]
        first, was = at[0], None
        if first < count:
            was = self._lots.since(first)
            self._go_back(first)
            self._carry(self._marks[-1].row, first)
        numbered = [self._numbered(one, count + n) for n, one in enumerate(some)]
        self._lots.make_room(len(self.nodes.names), len(self.nodes.loans))
        there = self.rows.insert(
            [numbered[n] for n in order], [some[n].flow_id for n in order], at
        )  # fmt: skip
        self.total, self._last = total, self.rows.key(self.rows.count - 1)
        self._resolve(sorted(r for r in map(self.rows.place, self.named) if r >= first))
        before = self._lots.told_of(was) if was is not None else NOTHING
        if len(before):
            before[:, 0] = there[before[:, 0] - first]
        moved = self._carry(first, self.rows.count)
        return _changed(before, moved)

    def admissible(self) -> int:
        """Return the first row before which a transfer may still come."""
        at = self.rows.columns.at[: self.rows.count]
        return int(np.searchsorted(at, self._last[0] - self._late * HOUR))

    def marked(self) -> tuple[Mark, Int32, Int]:
        """Return how all was before the first row that is :meth:`admissible`, and all rows then.

        In whatever batches they came, it is the same.
        """
        row, end = self.admissible(), self.rows.count
        self._go_back(row)
        self._carry(self._marks[-1].row, row)
        self._forget_names(row)
        mark = Mark(row, self._copy())
        narrow, wide = self.rows.narrow[:, :end].copy(), self.rows.wide[:, :end].copy()
        self._carry(row, end)
        return mark, narrow, wide

    def go_on(self, mark: Mark) -> None:
        """Replay :attr:`rows`, which have been set, from a mark; before it they have happened."""
        self._marks, self._due = [mark], mark.row + MARK_EVERY
        self._lots.make_room(len(self.nodes.names), len(self.nodes.loans))
        self._lots.go_back(mark.lots)
        if self.rows.count:
            self._last = self.rows.key(self.rows.count - 1)
        self._carry(mark.row, self.rows.count)

    def traced(self) -> Traced:
        """Return what the kernel of lots found by now."""
        return self._lots.answer(self.rows, len(self.nodes.loans))

    def _checked(self, some: list[Transfer]) -> int:
        """Return the new total, if all may be added."""
        total = self.total + sum(abs(one.amount) for one in some)
        refuse_large(float(total), "flow")
        ids = [one.flow_id for one in some]
        once = len({*ids}) == len(ids) or max(ids, key=ids.count)
        for name in ids if once is True else [once]:
            if once is not True or name in self.rows.number:
                what = both("fault.flow_twice", flow=name)
                raise DataError(file="flow", what=what, remedy=both("advice.flow_twice"))
        first = min(one.at for one in some)
        if first < self._last[0] - self._late * HOUR:
            raise too_late(first, self._late, "advice.replay_loans")
        return total

    def _numbered(self, one: Transfer, number: int) -> Row:
        """Return a transfer as numbers, as if it gave nothing back."""
        nodes, back = self.nodes, one.amount < 0
        src, dst = nodes.of(one.src_account), nodes.of(one.dst_account)
        giver, taker, lent = src, dst, 0
        if one.loan_id is not None:
            loan = nodes.of_loan(one.loan_id)
            if one.kind == "disbursement":
                giver = nodes.repaid[loan] if back else nodes.source[loan]
                lent = 0 if back else 1 + loan
            elif one.kind == "repayment":
                taker = nodes.repaid[loan]
        if back:
            src, dst, giver, taker = dst, src, taker, giver
        if one.ref is not None and (back or one.kind in UNDOES):
            self.named[one.flow_id] = one.ref, giver, taker
        if giver in nodes.sinks and giver != taker:
            giver = OUTSIDE
        x = abs(one.amount)
        return (src, dst, giver, taker, lent, x, NONE, one.at, one.seq, number)

    def _resolve(self, naming: list[int]) -> None:
        """Find out what rows, in order, give back."""
        c, nodes = self.rows.columns, self.nodes
        for row in naming:
            ref, giver, taker = self.named[self.rows.ids[c.number[row]]]
            original = self.rows.place(ref)
            undoes = (
                0 <= original < row
                and c.payer[row] == c.payee[original]
                and c.payee[row] == c.payer[original]
            )
            if undoes:
                taker, giver = int(c.src[original]), int(c.dst[original])
                taker = int(c.payer[original]) if taker == OUTSIDE else nodes.back.get(taker, taker)
            elif giver in nodes.sinks and giver != taker:
                giver = OUTSIDE
            c.src[row], c.dst[row] = giver, taker
            c.undoes[row] = original if undoes else NONE

    def _copy(self) -> Lots:
        return self._lots.copy(len(self.nodes.names), len(self.nodes.loans))

    def _carry(self, at: int, end: int) -> Int:
        """Let rows happen, and mark on the way; return what they moved."""
        found = [NOTHING]
        while at < end:
            stop = min(end, max(at + 1, self._due))
            self._note(at, stop)
            some = self._lots.carry(self.rows, at, stop)
            if some is not None:
                found.append(some)
            at = stop
            if at >= self._due:
                self._mark(at)
        return np.concatenate(found)

    def _note(self, at: int, end: int) -> None:
        """Note what is kept of the transfers that rows are about to give back."""
        c = self.rows.columns
        undone = c.undoes[at:end]
        for row in np.unique(undone[(undone >= 0) & (undone < at)]).tolist():
            self._kept.append((at, row, int(c.kept[row])))

    def _go_back(self, row: int) -> None:
        """Make all as it was at the latest mark not behind ``row``."""
        while self._marks[-1].row > row:
            self._marks.pop()
        mark = self._marks[-1]
        self._due = mark.row + MARK_EVERY
        c = self.rows.columns
        while self._kept and self._kept[-1][0] >= mark.row:
            _, original, kept = self._kept.pop()
            c.kept[original] = kept
        c.kept[mark.row : self.rows.count] = c.amount[mark.row : self.rows.count]
        self._lots.go_back(mark.lots)

    def _mark(self, row: int) -> None:
        """Note how all is before ``row``, unless that is noted; forget marks that are not needed.

        Marks are kept the sparser the older they are, and one not behind the rows before which a
        transfer may still come.
        """
        if row > self._marks[-1].row:
            self._marks.append(Mark(row, self._copy()))
        first = self.admissible()
        base = max(n for n, mark in enumerate(self._marks) if mark.row <= first)
        kept, last = [self._marks[base]], -1
        for mark in self._marks[base + 1 :]:
            age = (row - mark.row).bit_length()
            if age != last:
                kept.append(mark)
            last = age
        self._marks = kept
        self._due = row + max(MARK_EVERY, self._lots.size() // COPIED_A_ROW)
        self._kept = [note for note in self._kept if note[0] >= kept[0].row]
        self._forget_names(kept[0].row)

    def _forget_names(self, row: int) -> None:
        """Forget what rows named that are before ``row`` and never change again."""
        self.named = {f: v for f, v in self.named.items() if self.rows.place(f) >= row}


def _changed(before: Int, after: Int) -> Told | None:
    """Return the rows that are in one of two only."""
    if not len(before):
        return Told(after, before) if len(after) else None
    both = np.concatenate([before, after])
    _, first, count = np.unique(both, axis=0, return_index=True, return_counts=True)
    alone = np.sort(first[count == 1])
    old = alone[alone < len(before)]
    new = alone[alone >= len(before)] - len(before)
    return Told(after[new], before[old]) if len(alone) else None
