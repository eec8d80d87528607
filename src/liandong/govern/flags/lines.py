"""Expense lines as arrays, and what a flag finds among them."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.govern.flags.rules import ExpenseRule
from liandong.kernels.flags.grouping import grouped

Int = NDArray[np.int64]
Bool = NDArray[np.bool_]


class Hits(NamedTuple):
    """The rows that a kind of flag finds.

    Attributes
    ----------
    code
        The code of its reason: ``flags.`` and what the flag is called.
    kind
        Whom it is about: ``staff``, ``vendor`` or ``unit``.
    rows
        Shape (hits,), rows of the expense lines.
    group
        Shape (hits,), rows of one group make one flag.
    value
        Shape (hits,), the greatest of a group is the value of its flag; nan: it has none.
    """

    code: str
    kind: str
    rows: Int
    group: Int
    value: NDArray[np.float64]


class Column(NamedTuple):
    """A column of text as numbers: ``code`` is -1 where it is null."""

    code: Int
    words: pa.Array


def coded(column: pa.ChunkedArray) -> Column:
    """Return a column of text as numbers and the words they stand for."""
    whole = pc.dictionary_encode(column).combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # no chunk at all
        whole = pa.array([], pa.string()).dictionary_encode()
    code = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Column(code, whole.dictionary)


@dataclass(frozen=True)
class Lines:
    """Expense lines column by column; texts are numbers with their words beside them."""

    table: pa.Table
    staff_table: pa.Table
    vendor_table: pa.Table
    rule: ExpenseRule

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def unit(self) -> Column:
        """The unit of each line."""
        return coded(self.table["unit_id"])

    @cached_property
    def staff(self) -> Column:
        """Who claimed each line."""
        return coded(self.table["staff_id"])

    @cached_property
    def vendor(self) -> Column:
        """Who was paid by each line; -1: nobody knows."""
        return coded(self.table["vendor_id"])

    @cached_property
    def invoice(self) -> Column:
        """The invoice of each line; -1: none."""
        return coded(self.table["invoice_no"])

    @cached_property
    def shared_invoices(self) -> Int:
        """The rows whose vendor and invoice other rows have, too."""
        given = np.flatnonzero((self.vendor.code >= 0) & (self.invoice.code >= 0))
        same = grouped(self.vendor.code[given], self.invoice.code[given])
        return given[same.rows(same.size > 1)]

    @cached_property
    def category(self) -> Column:
        """The category of each line."""
        return coded(self.table["category"])

    @cached_property
    def amount(self) -> Int:
        """Amounts in fen."""
        found: Int = self.table["amount"].to_numpy()
        return found

    @cached_property
    def day(self) -> Int:
        """Days since 1970."""
        found: Int = pc.cast(self.table["spent_on"], pa.int32()).to_numpy().astype(np.int64)
        return found

    def of(self, names: tuple[str, ...]) -> Bool:
        """Tell which lines are of one of these categories."""
        own = pc.is_in(self.category.words, value_set=pa.array(names, pa.string()))
        inside: Bool = own.to_numpy(zero_copy_only=False)[self.category.code]
        return inside

    def says(self, words: tuple[str, ...]) -> Bool:
        """Tell in which lines the text has one of some words; each distinct text is read once."""
        text = coded(self.table["text"])
        found = np.zeros(len(text.words) + 1, bool)  # the last one is that of no text
        for word in words:
            found[:-1] |= pc.match_substring(text.words, word).to_numpy(zero_copy_only=False)
        return found[text.code]

    def hits(
        self, code: str, kind: str, rows: Int, group: Int | None = None, value: object = np.nan
    ) -> Hits:
        """Return what was found; without ``group`` all rows of one subject make one flag."""
        own = getattr(self, kind).code[rows] if group is None else group
        return Hits(code, kind, rows, own, np.broadcast_to(np.asarray(value, float), rows.shape))
