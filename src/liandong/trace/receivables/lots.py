"""What acts made of vouchers, and the proof that no fen of it is lost."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.errors import InvariantError
from liandong.texts import both
from liandong.trace.receivables.acts import KIND, NONE, Acts

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Book:
    """Acts and what came of them.

    Attributes
    ----------
    acts
        The acts.
    lots, moves, fault, held
        As :func:`liandong.kernels.money.vouchers.run` returns them.
    """

    acts: Acts
    lots: Int
    moves: Int
    fault: Int
    held: Int

    @cached_property
    def _issues(self) -> Int:
        return np.flatnonzero((self.acts.numbers[:, 0] == KIND["issue"]) & (self.fault == 0))

    def _of_issue(self, column: int) -> Int:
        found = np.full(len(self.acts.vouchers), NONE)
        found[self.acts.numbers[self._issues, 1]] = self.acts.numbers[self._issues, column]
        return found

    @cached_property
    def issuer(self) -> Int:
        """Number of the issuer of each voucher, NONE of one that was never issued."""
        return self._of_issue(4)

    @cached_property
    def issued(self) -> Int:
        """What each voucher was issued over, fen; NONE of one that was never issued."""
        return self._of_issue(6)

    @cached_property
    def due(self) -> Int:
        """Due day of each voucher, NONE of one that was never issued."""
        return self._of_issue(7)


def lot_ids(book: Book) -> pa.Array:
    """Return the id of each lot: the act that made it, and its number among the lots of the act."""
    act = book.acts.rows["act_id"].combine_chunks().take(pa.array(book.lots[:, 1]))
    number = pa.array(book.lots[:, 2]).cast(pa.string())
    return pc.binary_join_element_wise(act, number, "#")


def must_conserve(book: Book) -> None:
    """Hold every lot, voucher and holder to what acts alone say.

    Raises
    ------
    InvariantError
        At the first row that does not add up.
    """
    lots, acts = book.lots, book.acts
    face, gone = lots[:, 5], lots[:, 6:10].sum(axis=1)
    _same(face, gone, lot_ids(book))
    _same(_sums(lots[:, 3], lots[:, 6] + lots[:, 8] + lots[:, 9], len(acts.vouchers)),
          np.maximum(book.issued, 0), acts.vouchers)  # fmt: skip
    numbers = acts.numbers[book.fault == 0]
    kind, amount = numbers[:, 0], numbers[:, 6]
    gives, gets = kind != KIND["issue"], kind < KIND["settle"]
    giver = np.where(kind >= KIND["settle"], numbers[:, 5], numbers[:, 4])
    many = len(acts.parties)
    told = _sums(numbers[gets, 5], amount[gets], many) - _sums(giver[gives], amount[gives], many)
    _same(_sums(lots[:, 4], lots[:, 6], many), told, acts.parties)


def _sums(who: Int, amount: Int, many: int) -> Int:
    out = np.zeros(many, np.int64)
    np.add.at(out, who, amount)
    return out


def _same(found: Int, told: Int, ids: pa.Array) -> None:
    for row in np.flatnonzero(found != told)[:1]:
        what = both("fault.voucher_off", found=int(found[row]), told=int(told[row]))
        raise InvariantError(what=what, row=ids[int(row)].as_py())
