"""Events that came by themselves, in the columns of which a table can be made at any time."""

import numpy as np
import pyarrow as pa

from liandong.kernels.streams.admission import BEFORE_ALL
from liandong.kernels.streams.bound import bound
from liandong.kernels.streams.layout import NOTHING, Int
from liandong.kernels.streams.single import (
    AMOUNTS,
    FIRST,
    HAS_OTHER,
    META,
    NEWEST,
    ROWS,
    SEEN,
    SEQS,
    SORTS,
    TEXTS,
    TIMES,
    WHOLE,
)  # fmt: skip
from liandong.schema.arrow import arrow_schema, build

MOST = 1_024
"""Events of a page."""
BYTES = 24
"""Bytes of a text that there is room for, one event with another."""

Sort = tuple[str, str, str | None]
"""Source, kind and tag of an event: few are different, and they are kept once a page."""


class Page:
    """Room for events, which a kernel fills; nothing is kept of them but numbers and bytes.

    Parameters
    ----------
    first
        The running number of its first event.
    most
        Bytes of the longest text that there must be room for.

    Attributes
    ----------
    sorts
        The number and the bits of each sort of event on it.
    """

    def __init__(self, first: int, most: int = 0) -> None:
        self.sorts: dict[Sort, tuple[int, int]] = {}
        self._meta = np.zeros(META, np.int64)
        self._meta[FIRST], self._meta[NEWEST] = first, BEFORE_ALL
        self._whole = np.empty((WHOLE, MOST), np.int64)
        self._ends = np.zeros((TEXTS, MOST + 1), np.int32)
        self._texts = np.empty((TEXTS, max(BYTES * MOST, most)), np.uint8)

    def __len__(self) -> int:
        return int(self._meta[ROWS])

    @property
    def first(self) -> int:
        """The running number of its first event."""
        return int(self._meta[FIRST])

    @first.setter
    def first(self, number: int) -> None:
        self._meta[FIRST] = number

    @property
    def end(self) -> int:
        """The running number of the event after its last."""
        return self.first + len(self)

    @property
    def newest(self) -> int:
        """The newest time of its events."""
        return int(self._meta[NEWEST])

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        return self._whole.nbytes + self._ends.nbytes + self._texts.nbytes

    def has_room(self, size: int) -> bool:
        """Tell whether there surely is room for one more event with texts of so many bytes."""
        rows = len(self)
        return rows < MOST and int(self._ends[:, rows].max()) + size <= self._texts.shape[1]

    def bound(self) -> Int:
        """Return where its arrays are."""
        return bound(self._meta, self._whole, self._ends, self._texts)

    def events(self) -> pa.Table:
        """Return its events as the table ``watch_event``, without copying numbers or texts.

        What is written on the page afterwards is not in it.
        """
        whole = self._whole[:, : len(self)]
        amount, other = whole[AMOUNTS], whole[HAS_OTHER] == 0
        times = {n: pa.array(whole[c]) for n, c in (("at", TIMES), ("seen_at", SEEN))}
        schema = arrow_schema("watch_event")
        sort = pa.array(whole[SORTS])
        sorts = zip(*self.sorts, strict=True) if self.sorts else ((), (), ())
        names = zip(("source", "kind", "tag"), sorts, strict=True)
        return build(
            "watch_event",
            {
                "event_id": self._text(0), "subject_id": self._text(1),
                "other_id": self._text(2, other), "seq": pa.array(whole[SEQS]),
                "amount": pa.array(amount, mask=amount == NOTHING),
                **{n: c.cast(schema.field(n).type) for n, c in times.items()},
                **{n: pa.array(list(of), pa.string()).take(sort) for n, of in names},
            },
        )  # fmt: skip

    def _text(self, t: int, null: np.ndarray | None = None) -> pa.Array:
        rows = len(self)
        there = None
        if null is not None and null.any():
            there = pa.py_buffer(np.packbits(~null, bitorder="little"))
        ends, data = pa.py_buffer(self._ends[t, : rows + 1]), pa.py_buffer(self._texts[t])
        return pa.StringArray.from_buffers(rows, ends, data, there)
