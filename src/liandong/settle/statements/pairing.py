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
    refs = pa.table({"ref": bank["ref"], "line": np.arange(len(bank))})
    ids = pa.table({"ref": books["entry_id"], "entry": np.arange(len(books))})
    named = refs.filter(pc.is_valid(refs["ref"])).join(ids, "ref", join_type="inner")
    line, entry = (named[n].to_numpy() for n in ("line", "entry"))
    account = sides[0].account[line] == sides[1].account[entry]
    fits = account & (sides[0].amount[line] == sides[1].amount[entry])
    for why, here in ((OTHER_ACCOUNT, ~account), (OTHER_AMOUNT, account), (TAKEN, fits)):
        state[line[here]] = why
    line, entry = line[fits], entry[fits]
    often = np.bincount(entry, minlength=len(books))[entry] > 1
    first = np.concatenate([np.flatnonzero(~often), _first_of(bank, line, entry, often)])
    return line[first], entry[first]


def _first_of(bank: pa.Table, line: Int, entry: Int, often: Mask) -> Int:
    """Return, of pairs with the same entry, those whose line is the first by day and id."""
    at = np.flatnonzero(often)
    lines = bank.select(["day", "line_id"]).take(pa.array(line[at]))
    by_day = pc.sort_indices(lines, [("day", "ascending"), ("line_id", "ascending")])
    order: Int = at[by_day.to_numpy()]
    _, first = np.unique(entry[order], return_index=True)
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
