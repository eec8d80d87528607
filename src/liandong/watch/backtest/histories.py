"""A log that came in order, told subject by subject.

What windows say of a subject depends on its own events alone. Where nothing was late they may
therefore be told one subject after the other: the state of a few of them fits into the memory that
is next to the processor, where that of all does not, and the rows come in the order in which they
are measured.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from liandong.kernels.streams import histories as k
from liandong.kernels.streams.admission import BEFORE_ALL, admit
from liandong.kernels.streams.layout import ABSENT, TAKEN, Events, Int, Values, cut, cut_values
from liandong.schema.arrow import arrow_schema, empty
from liandong.watch.windows.coding import Coding
from liandong.watch.windows.intake import bounds_of
from liandong.watch.windows.ledger import micros
from liandong.watch.windows.naming import Names, encoded
from liandong.watch.windows.plan import Chosen, chosen
from liandong.watch.windows.pools import Pools
from liandong.watch.windows.rules import WindowsRule
from liandong.watch.windows.rules import micros as length

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

Bools = NDArray[np.bool_]
PART = 1 << 16
"""Rows that are read at once."""
SIZE = 1 << 13
"""Events that are told at once: of few subjects, or of a part of the time of one."""
ALWAYS = ("at", "seen_at", "subject_id", "amount")
BY_NAME = ("subject_id", "other_id")


class Piece(NamedTuple):
    """Some events in order of subject: whose, when, when known, and what the windows say.

    ``row`` is the place of each among the events that were taken, in order of time.
    """

    subject: Int
    at: Int
    known: Int
    row: NDArray[np.int32]
    said: Values

    def cut(self, chosen: Bools) -> Self:
        """Return those that are chosen."""
        if chosen.all():
            return self
        rest = {n: getattr(self, n)[chosen] for n in self._fields[:4]}
        return self._replace(**rest, said=cut_values(self.said, chosen))


class Histories:
    """Events of a log, found by subject.

    Attributes
    ----------
    subjects
        Names by number.
    fields
        What was asked for of the events that were taken, in order of time.
    first, last
        When the first and the last event were known, refused or not; None: there is none.
    """

    def __init__(self, rule: WindowsRule, rows: int) -> None:
        self._chosen, self._late = chosen(rule), length(rule.late)
        self._coding = Coding(self._chosen.choices)
        self._bounds, self._clock = bounds_of(rule), BEFORE_ALL
        self._names, self._others = _Numbered(), _Numbered()
        self._rows = np.empty((rows, k.WIDE), np.int64)
        self._subject, self._count = np.empty(rows, np.int32), np.zeros(0, np.int64)
        self._newest, self._taken = BEFORE_ALL, 0
        self._fields: list[pa.Table] = []
        self.first: int | None = None
        self.last: int | None = None

    @property
    def subjects(self) -> pa.Array:
        """Names by number."""
        return self._names.all()

    @property
    def fields(self) -> pa.Table:
        """What was asked for, row by row."""
        return pa.concat_tables(self._fields or [empty("watch_event")]).combine_chunks()

    def __len__(self) -> int:
        return self._taken

    def add(self, events: pa.Table, fields: Sequence[str]) -> bool:
        """Take the next events; tell whether they came in order."""
        if any(events[n].null_count for n in ("at", "seen_at", "subject_id")):
            return False
        at, seen = micros(events["at"]), micros(events["seen_at"])
        if not k.follows(at, seen, self._newest, BEFORE_ALL if self.last is None else self.last):
            return False
        self._newest, self.last = int(at[-1]), int(seen[-1])
        self.first = int(seen[0]) if self.first is None else self.first
        amount = pc.fill_null(events["amount"], 0).to_numpy()
        codes, self._clock = admit(at, seen, amount, self._clock, self._bounds)
        subject = self._names.column(events["subject_id"])
        other = np.broadcast_to(np.int64(ABSENT), len(at))
        if "other_id" in events.column_names:
            other = self._others.column(events["other_id"])
        more = max(0, len(self._names) - len(self._count))
        self._count = np.append(self._count, np.zeros(more, np.int64))
        numbered = Events(subject, at, amount, np.ascontiguousarray(other),
                          self._coding.masks(events), at)  # fmt: skip
        rest = self._rows[self._taken :], self._subject[self._taken :]
        self._taken += k.keep(numbered, seen, codes, *rest, self._count)
        if fields:
            self._fields.append(events.select(fields).filter(pa.array(codes == TAKEN)))
        return True

    def told(self) -> Iterator[Piece]:
        """Yield all that windows say; those of a subject in their order of time."""
        pools, ends = Pools(self._chosen), np.cumsum(self._count)
        order = k.by_subject(self._subject[: self._taken], ends)
        room = Events(*np.empty((len(Events._fields), SIZE), np.int64))
        for low, high, first, is_new in _pieces(ends):
            events = cut(room, slice(high - low))
            subject, known = np.empty((2, high - low), np.int64)
            keys = k.fetch(self._rows, order, ends, low, first, events, subject, known)
            said, done = pools.alone(events, keys, self._late, is_new=is_new)
            yield Piece(subject, events.at, known, order[low:high], said).cut(done == TAKEN)


def _pieces(ends: Int) -> Iterator[tuple[int, int, int, bool]]:
    """Yield where pieces begin and end, the first subject, and whether it is new there.

    A piece ends with a subject, or it is of a single one.
    """
    low, total = 0, int(ends[-1]) if len(ends) else 0
    while low < total:
        first = int(np.searchsorted(ends, low, "right"))
        is_new = low == (ends[first - 1] if first else 0)
        last = int(np.searchsorted(ends, low + SIZE, "right")) - 1
        high = int(ends[last]) if is_new and last >= first else min(low + SIZE, int(ends[first]))
        yield low, high, first, is_new
        low = high


class _Numbered:
    """Numbers for names in the order in which they come, and the names by number."""

    def __init__(self) -> None:
        self._names, self._lists = Names(), [pa.array([], pa.string())]
        self._last: pa.Array | None = None
        self._number = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self._names)

    def all(self) -> pa.Array:
        """Return all names by number."""
        return pa.concat_arrays(self._lists)

    def column(self, texts: pa.ChunkedArray) -> Int:
        """Return the number of each, ABSENT of nulls."""
        coded = encoded(texts)
        # Many parts of a file share one list.
        if self._last is None or not self._last.equals(coded.dictionary):
            self._last, before = coded.dictionary, len(self._names)
            numbers = self._names.column(pa.chunked_array([self._last]))
            newest = np.maximum.accumulate(np.append(before - 1, numbers))
            self._lists.append(self._last.filter(pa.array(numbers > newest[:-1])))
            self._number = np.append(numbers, ABSENT)
        index = coded.indices
        index = index if not index.null_count else pc.fill_null(index, -1)
        found: Int = self._number[index.to_numpy()]
        return found


def histories(
    log: "pa.Table | Dataset", rule: WindowsRule, fields: Sequence[str]
) -> Histories | None:
    """Read a log; None if its events did not come in order, one after the other.

    Parameters
    ----------
    log
        Table ``watch_event``, or a dataset of it: then only columns are read that are needed.
    rule
        The windows.
    fields
        Columns that are asked for beside windows.
    """
    plan = chosen(rule)
    names = list(dict.fromkeys((*ALWAYS, *_read(plan), *fields)))
    if len(plan.choices) > k.MOST_CHOICES or not _fits(log.schema, names):
        return None
    if isinstance(log, pa.Table):
        rows, parts = len(log), iter(log.select(names).to_batches(PART))
    else:
        how = {"use_threads": False, "batch_readahead": 1, "fragment_readahead": 0}
        rows, parts = log.count_rows(), log.to_batches(columns=names, batch_size=PART, **how)
    if rows >= 1 << 31:
        return None
    found = Histories(rule, rows)
    for part in parts:
        if len(part) and not found.add(pa.Table.from_batches([part]), fields):
            return None
    return found


def _read(plan: Chosen) -> list[str]:
    """Return the columns beside those that are always read."""

    def asked(of: str) -> bool:
        return any(getattr(w, of) for w in plan.choices)

    wanted = {"other_id": plan.plan.counter_wide > 0, "kind": asked("kinds"), "tag": asked("tags")}
    return [n for n, is_read in wanted.items() if is_read]


def _fits(schema: pa.Schema, names: Sequence[str]) -> bool:
    """Tell whether columns are there, of the types of the table; names may be of dictionaries."""
    wanted = arrow_schema("watch_event")
    for name in names:
        if name not in schema.names:
            return False
        kind = schema.field(name).type
        if name in BY_NAME and pa.types.is_dictionary(kind):
            kind = kind.value_type
        if kind != wanted.field(name).type:
            return False
    return True
