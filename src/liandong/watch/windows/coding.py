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

    def events(self, table: pa.Table, coded: pa.Table) -> Events:
        """Return the rows of ``watch_event`` as numbers, running from 0.

        Parameters
        ----------
        coded
            The same rows; subjects and counterparties may be dictionaries, as Parquet can give
            them: that is quicker.
        """
        subject, other = (_quicker(n, coded, table) for n in ("subject_id", "other_id"))
        return Events(
            self._subjects.column(subject), micros(table["at"]), amounts(table),
            self._others.column(other), self.masks(table), np.arange(len(table)),
        )  # fmt: skip

    def masks(self, table: pa.Table) -> Int:
        """Return the masks of rows; of kinds and tags only those are read that choices name."""
        mask = np.full(len(table), 1 << KNOWN_BIT)
        if table["amount"].null_count:
            mask *= pc.is_valid(table["amount"]).to_numpy()
        for n, where in enumerate(self._choices):
            held = np.ones(len(table), np.bool_)
            if where.kinds:
                held &= _among(table["kind"], where.kinds)
            if where.tags:
                held &= _among(table["tag"], where.tags)
            mask |= held.astype(np.int64) << n
        return mask


def amounts(table: pa.Table) -> Int:
    """Return the amounts of events, 0 where there is none."""
    column = table["amount"]
    found: Int = (pc.fill_null(column, 0) if column.null_count else column).to_numpy()
    return found


def _quicker(name: str, coded: pa.Table, table: pa.Table) -> pa.ChunkedArray:
    """Return a column of texts, as dictionaries if it came so."""
    there = name in coded.column_names and pa.types.is_dictionary(coded[name].type)
    return (coded if there else table)[name]


def _among(column: pa.ChunkedArray, names: tuple[str, ...]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.is_in(column, value_set=pa.array(names, pa.string())).to_numpy()
    return found
