"""Events as numbers: subjects and counterparties in the order they came, choices as bits."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams.layout import ABSENT, KNOWN, Events, Int
from liandong.watch.windows.ledger import micros
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
        self._subjects: dict[str, int] = {}
        self._others: dict[str, int] = {}
        self._masks: dict[tuple[str, str | None], int] = {}

    @property
    def subjects(self) -> int:
        """How many subjects there have been."""
        return len(self._subjects)

    def subject(self, name: str) -> int:
        """Return the number of a subject."""
        return self._subjects.setdefault(name, len(self._subjects))

    def other(self, name: str | None) -> int:
        """Return the number of a counterparty."""
        return ABSENT if name is None else self._others.setdefault(name, len(self._others))

    def mask(self, kind: str, tag: str | None, amount: int | None) -> int:
        """Return the mask of an event."""
        bits = self._masks.get((kind, tag))
        if bits is None:
            held = (w.holds(kind, tag) << n for n, w in enumerate(self._choices))
            bits = self._masks[kind, tag] = sum(held)
        return bits if amount is None else bits | 1 << KNOWN

    def events(self, table: pa.Table, first: int) -> Events:
        """Return the rows of ``watch_event`` as numbers, running from ``first``.

        Subjects and counterparties may be dictionaries, as Parquet can give them: that is quicker.
        """
        amount = pc.fill_null(table["amount"], 0).to_numpy()
        return Events(
            _numbers(table["subject_id"], self._subjects), micros(table["at"]), amount,
            _numbers(table["other_id"], self._others), self._bits(table),
            np.arange(first, first + len(table)),
        )  # fmt: skip

    def _bits(self, table: pa.Table) -> Int:
        known = pc.is_valid(table["amount"]).to_numpy()
        mask: Int = known.astype(np.int64) << KNOWN
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


def encoded(ids: pa.ChunkedArray) -> pa.DictionaryArray:
    """Return names as numbers into a list of them; names that came so are not looked at again."""
    if pa.types.is_dictionary(ids.type):
        # Many pieces share few lists, and only different lists have to be put together.
        alike: list[list[pa.DictionaryArray]] = []
        for piece in ids.chunks:
            if not alike or not alike[-1][0].dictionary.equals(piece.dictionary):
                alike.append([])
            alike[-1].append(piece)
        joined = [pa.concat_arrays(pieces) for pieces in alike]
        return pa.chunked_array(joined, ids.type).combine_chunks()
    return pa.chunked_array(ids.chunks, pa.string()).combine_chunks().dictionary_encode()


def _numbers(ids: pa.ChunkedArray, known: dict[str, int]) -> Int:
    """Return the numbers of names, ABSENT of none; new names get the next."""
    coded = encoded(ids)
    numbers = [known.setdefault(a, len(known)) for a in coded.dictionary.to_pylist()]
    # One more in the end, which the index -1 of a null finds.
    rows = pc.fill_null(coded.indices, -1).to_numpy()
    found: Int = np.array([*numbers, ABSENT], np.int64)[rows]
    return found
