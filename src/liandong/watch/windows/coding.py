"""Events as numbers: subjects and counterparties in the order they came, choices as bits."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.layout import KNOWN_BIT, Events, Int
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.naming import Names
from liandong.watch.windows.rules import Where


class Coding:
    """Numbers for what events name.

    Parameters
    ----------
    choices
        Which events the bits of a mask stand for.
    """

    def __init__(self, choices: tuple[Where, ...]) -> None:
        self._choices = choices
        self._subjects, self._others = Names(), Names()

    @property
    def subjects(self) -> int:
        """How many subjects there have been."""
        return len(self._subjects)

    @property
    def names(self) -> tuple[Names, Names]:
        """Those of subjects and of counterparties."""
        return self._subjects, self._others

    def bits(self, kind: str, tag: str | None) -> int:
        """Return the mask of an event, but for the bit of its amount."""
        return sum(w.holds(kind, tag) << n for n, w in enumerate(self._choices))

    def events(self, table: pa.Table, first: int) -> Events:
        """Return the rows of ``watch_event`` as numbers, running from ``first``.

        Subjects and counterparties may be dictionaries, as Parquet can give them: that is quicker.
        """
        amount = pc.fill_null(table["amount"], 0).to_numpy()
        return Events(
            self._subjects.column(table["subject_id"]), micros(table["at"]), amount,
            self._others.column(table["other_id"]), self._bits(table),
            np.arange(first, first + len(table)),
        )  # fmt: skip

    def _bits(self, table: pa.Table) -> Int:
        known = pc.is_valid(table["amount"]).to_numpy()
        mask: Int = known.astype(np.int64) << KNOWN_BIT
        for n, where in enumerate(self._choices):
            held = np.ones(len(table), np.bool_)
            if where.kinds:
                held &= _among(table["kind"], where.kinds)
            if where.tags:
                held &= _among(table["tag"], where.tags)
            mask |= held.astype(np.int64) << n
        return mask


def _among(column: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_in(column, value_set=pa.array(names, pa.string())).to_numpy()
    return found
