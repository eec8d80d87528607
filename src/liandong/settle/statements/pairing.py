"""From tables to pairs: ids and references become numbers, kernels pair them."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.pairing.single import OPEN, Lines, by_amount
from liandong.kernels.pairing.sums import CROWDED, NOT_ONE, by_sum
from liandong.settle.statements.states import (
    CROWD,
    NOTHING,
    OTHER_ACCOUNT,
    OTHER_AMOUNT,
    SEVERAL,
    TAKEN,
)

if TYPE_CHECKING:
    from liandong.settle.statements.reconcile import ReconcileRule

Int = NDArray[np.int64]
Mask = NDArray[np.bool_]
REFERENCE, AMOUNT, SUM = range(3)


class Found(NamedTuple):
    """Pairs, and why the rest has none.

    Attributes
    ----------
    line, entry, method, choices
        Shape (pairs,): row of the bank's line and of the line of the books, how they were found,
        and how many lines of the books fit as well.
    state
        By row of the bank's lines and of the books': why it has no pair.
    """

    line: Int
    entry: Int
    method: Int
    choices: Int
    state: tuple[Int, Int]

    def paired(self, entries: int) -> tuple[Mask, Mask]:
        """Mask of the bank's lines, and of the ``entries`` lines of the books, in a pair."""
        masks = np.zeros(len(self.state[0]), bool), np.zeros(entries, bool)
        masks[0][self.line], masks[1][self.entry] = True, True
        return masks


def find(bank: pa.Table, books: pa.Table, accounts: pa.Array, rule: "ReconcileRule") -> Found:
    """Pair the lines of both sides.

    Parameters
    ----------
    bank
        Rows of table ``bank_line``.
    books
        Lines of the books as :func:`.legs` returns them, debits first.
    accounts
        Ids of all accounts that either side names.
    rule
        What counts as the same payment.
    """
    sides = _lines(bank, accounts), _lines(books, accounts)
    state = np.full(len(bank), NOTHING), np.full(len(books), NOTHING)
    line, entry = _by_reference(bank, books, sides, state[0])
    pairs = [(line, entry, np.full(len(line), REFERENCE), np.ones(len(line), np.int64))]
    left = _rest(bank["line_id"], line), _rest(books["entry_id"], entry)
    near, choices = by_amount(sides[0].at(left[0]), sides[1].at(left[1]), rule.early, rule.late)
    one = np.flatnonzero(near != OPEN)
    pairs.append((left[0][one], left[1][near[one]], np.full(len(one), AMOUNT), choices[one]))
    left = np.delete(left[0], one), np.delete(left[1], near[one])
    if rule.most > 1:
        pairs += _by_sums(sides, left, state, rule)
    line, entry, method, choices = (np.concatenate(part) for part in zip(*pairs, strict=True))
    return Found(line, entry, method, choices, state)


def _lines(table: pa.Table, accounts: pa.Array) -> Lines:
    account = pc.index_in(table["account_id"], value_set=accounts).to_numpy()
    day = table["day"].cast(pa.int32()).to_numpy()
    return Lines(account.astype(np.int64), table["amount"].to_numpy(), day.astype(np.int64))


def _rest(ids: pa.ChunkedArray, paired: Int) -> Int:
    """Return the rows that are not paired, in the order of their ids."""
    open_ = np.ones(len(ids), bool)
    open_[paired] = False
    rows = np.flatnonzero(open_)
    order: Int = pc.sort_indices(ids.take(pa.array(rows))).to_numpy()
    return rows[order]


def _by_reference(
    bank: pa.Table, books: pa.Table, sides: tuple[Lines, Lines], state: Int
) -> tuple[Int, Int]:
    """Pair lines with the entries that they name; note what is wrong with the others."""
    named, same = np.full(len(bank), OPEN), np.zeros(len(bank), bool)
    debits = pc.sum(books["debit"]).as_py() or 0
    for first, end in ((0, debits), (debits, len(books))):  # an entry has two sides at most
        ids = books["entry_id"].slice(first, end - first).combine_chunks()
        at = pc.fill_null(pc.index_in(bank["ref"], value_set=ids, skip_nulls=True), OPEN)
        row = at.to_numpy().astype(np.int64)
        here = (row != OPEN) & ~same
        row += first
        account = here & _equal(sides, row, here, "account")
        fits = account & _equal(sides, row, here, "amount")
        state[here & ~account & (named == OPEN)] = OTHER_ACCOUNT
        state[account] = OTHER_AMOUNT
        named[here & (fits | (named == OPEN))] = row[here & (fits | (named == OPEN))]
        same |= fits
    state[same] = TAKEN
    line = np.flatnonzero(same)
    often = np.bincount(named[line], minlength=len(books))[named[line]] > 1
    line = np.concatenate([line[~often], _first_of(bank, named, line[often])])
    return line, named[line]


def _equal(sides: tuple[Lines, Lines], row: Int, here: Mask, name: str) -> Mask:
    found = np.zeros(len(here), bool)
    at = np.flatnonzero(here)
    found[at] = getattr(sides[0], name)[at] == getattr(sides[1], name)[row[at]]
    return found


def _first_of(bank: pa.Table, named: Int, line: Int) -> Int:
    """Return, of lines that name the same entry, the first one by day and id."""
    lines = bank.select(["day", "line_id"]).take(pa.array(line))
    by_day = pc.sort_indices(lines, [("day", "ascending"), ("line_id", "ascending")])
    order: Int = line[by_day.to_numpy()]
    _, first = np.unique(named[order], return_index=True)
    return order[first]


def _by_sums(
    sides: tuple[Lines, Lines], left: tuple[Int, Int], state: tuple[Int, Int], rule: "ReconcileRule"
) -> list[tuple[Int, Int, Int, Int]]:
    """Pair sums: a line of the bank with entries, then an entry with lines of the bank."""
    pairs = []
    for whole, windows in ((0, (rule.early, rule.late)), (1, (rule.late, rule.early))):
        part = 1 - whole
        mine, others = left[whole], left[part]
        whole_of, found = by_sum(
            sides[whole].at(mine), sides[part].at(others), *windows, rule.most, rule.crowd
        )
        used = np.flatnonzero(whole_of != OPEN)
        both = mine[whole_of[used]], others[used]
        count = np.full(len(used), SUM), np.ones(len(used), np.int64)
        pairs.append((both[whole], both[part], *count))
        state[whole][mine[found == NOT_ONE]] = SEVERAL
        state[whole][mine[found == CROWDED]] = CROWD
        rest = np.delete(mine, np.flatnonzero(found > 0)), np.delete(others, used)
        left = (rest[whole], rest[part])
    return pairs
