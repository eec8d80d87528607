"""Events as numbers: subjects and counterparties in the order they came, choices as bits."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.layout import ABSENT, KNOWN_BIT, Events, Int
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
        self._masks: dict[tuple[str, str | None], int] = {}

    @property
    def subjects(self) -> int:
        """How many subjects there have been."""
        return len(self._subjects)

    def subject(self, name: str) -> int:
        """Return the number of a subject."""
        return self._subjects.one(name)

    def other(self, name: str | None) -> int:
        """Return the number of a counterparty."""
        return ABSENT if name is None else self._others.one(name)

    def mask(self, kind: str, tag: str | None, amount: int | None) -> int:
        """Return the mask of an event."""
        bits = self._masks.get((kind, tag))
        if bits is None:
            held = (w.holds(kind, tag) << n for n, w in enumerate(self._choices))
            bits = self._masks[kind, tag] = sum(held)
        return bits if amount is None else bits | 1 << KNOWN_BIT

    def events(self, table: pa.Table, first: int) -> Events:
        """Return the rows of ``watch_event`` as numbers, running from ``first``.

        Subjects and counterparties may be dictionaries, as Parquet can give them: that is quicker.
        """
        amount = pc.fill_null(table["amount"], 0).to_numpy()
        return Events(
            self._subjects.column(table["subject_id"]), micros(table["at"]), amount,
            self._others.column(table["other_id"]), self.bits(table),
            np.arange(first, first + len(table)),
        )  # fmt: skip

    def bits(self, table: pa.Table) -> Int:
        """Return the masks of rows; of kinds and tags only those are read that choices name."""
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
