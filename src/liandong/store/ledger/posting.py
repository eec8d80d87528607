"""Posting in a transaction of the books: read what is touched, judge in order, write at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.kernels.ledger.posting import (
    ALONE,
    FREE,
    LINKED,
    OK,
    OPEN_END,
    RESULTS,
    Accounts,
    Ints,
    Names,
    post,
)
from liandong.schema.sql import PAGE
from liandong.schema.tables.ledger import ACCOUNT, COUNTERS, ENTRY
from liandong.store.ledger import paging, tables
from liandong.store.wire import together
from liandong.types import CHINA, EPOCH

PHASES = pa.array(ENTRY.field("phase").choices)
CAPPED = (None, *ACCOUNT.field("capped").choices)
_TICK = timedelta(microseconds=1)
_LONG_AGO = date.min
_MANY = 1_000
"""Texts for which it pays to start what does many at once."""


@dataclass(frozen=True)
class Posted:
    """What became of a batch.

    Attributes
    ----------
    result
        One of :data:`RESULTS` an item.
    entry
        What is to be written, in order, with its book times.
    text
        ``entry`` as :func:`.tables.told` has it.
    digest
        Hash of it.
    changed
        Which of the pages that are kept it changes.
    state
        Which posting this was, and the last book time after it.
    """

    result: list[str]
    entry: pa.Table
    text: bytes
    digest: str
    changed: Ints
    state: tuple[int, datetime | None]


@dataclass(frozen=True)
class Asked:
    """What the books were asked for a batch: their state, and entries and reservations it names."""

    state: Callable[[], tables.State]
    known: Callable[[], pa.Table]
    waits: Callable[[], list[Any]]


class Posting:
    """Posts batches; between two it keeps the accounts it has seen, if nobody else has posted.

    Whoever uses it holds a transaction that may write; the database lets only one post at a time.
    """

    def __init__(self) -> None:
        self._number = 0
        self._kept: tuple[int, datetime | None] | None = None
        self._forget(None)

    def _forget(self, due: datetime | None) -> None:
        self._due = due
        self._units: dict[str, int] = {}
        self._index: dict[str, int] = {}
        # The first page stands for all accounts that are not there.
        self._pages = np.array([-1])
        self._counters = np.zeros((PAGE, len(COUNTERS)), np.int64)
        self._unit = np.full(PAGE, -1)
        self._capped = np.full(PAGE, FREE)

    def keep(self, posted: Posted) -> None:
        """Rely on what was read and made for ``posted``: its transaction is committed."""
        self._kept = posted.state

    def judge(
        self,
        c: sa.Connection,
        batch: pa.Table,
        linked: np.ndarray[Any, Any],
        asked: Asked,
        *,
        run: bool = False,
    ) -> Posted:
        """Judge a batch; reservations that timed out are void first, unless it is that of a run.

        Parameters
        ----------
        batch
            Rows of ``entry``; the book time is filled in here.
        linked
            ``ALONE``, ``LINKED`` or ``OPEN_END`` an item.
        asked
            What :func:`asking` asked for it in this transaction.
        """
        last, closed = asked.state()
        # Another thread may come between a commit and its being kept: numbers tell them apart.
        if self._kept != (self._number, last):
            self._forget(tables.due(c))
        self._number += 1
        now = datetime.now(UTC)
        over = tables.NO_ENTRIES if run else self._timed_out(c, now, closed)
        items = batch
        if len(over):
            items = pa.concat_tables([over, batch])
            linked = np.concatenate([np.full(len(over), ALONE), linked])
            asked = asking(c, items)
        found, changed = self._judge(c, items, linked, asked, closed)
        ok = found == OK
        entry = items if ok.all() else items.filter(pa.array(ok))
        first = now if last is None else max(now, last + _TICK)
        entry = _booked(entry, first)
        text = tables.told(entry)
        if len(entry):
            last = entry["book_time"][-1].as_py()
        result = [RESULTS[k] for k in found[len(over) :].tolist()]
        return Posted(result, entry, text, tables.digest(text), changed, (self._number, last))

    def write(self, c: sa.Connection, posted: Posted, *, final: bool = False) -> None:
        """Write what was judged, if there is anything.

        Parameters
        ----------
        final
            Nothing is read in this transaction any more: what follows, too, is sent on one way.
        """
        last, changed = posted.state[1], posted.changed
        if last is None or not len(posted.entry):
            return
        tables.add_entries(c, posted.entry, posted.text)
        if final:
            c.get_execution_options()["after"].enter_context(together(c))
        begun = tables.set_reservations(c, posted.entry)
        self._due = min([t for t in (self._due, begun) if t], default=None)
        pages = self._counters.reshape(-1, PAGE, len(COUNTERS))[changed]
        paging.write(c, self._pages[changed].tolist(), pages, last)

    def _timed_out(self, c: sa.Connection, now: datetime, closed: date | None) -> pa.Table:
        """Return entries that end the reservations whose time is over."""
        if self._due is None or now < self._due:
            return tables.NO_ENTRIES
        ids = tables.overdue(c, now)
        self._due = tables.due(c, now)
        return _voiding(tables.entries(c, ids)().sort_by("entry_id"), now, closed)

    def _judge(
        self,
        c: sa.Connection,
        items: pa.Table,
        linked: np.ndarray[Any, Any],
        asked: Asked,
        closed: date | None,
    ) -> tuple[Ints, Ints]:
        """Return the result of each item, and which of the pages that are kept they change."""
        known = asked.known()
        rows = pa.concat_tables([known, items]) if len(known) else items
        names = _coded(rows["entry_id"], rows["ref"])
        debit, credit = self._places(c, rows["debit"], rows["credit"])
        held = Names(np.full(len(names.texts), -1), np.zeros(len(names.texts), np.bool_))
        held.holds[names.codes[0][: len(known)]] = np.arange(len(known))
        open_ = {r[0] for r in asked.waits()}
        if open_:
            held.waits[:] = [n in open_ for n in names.texts]
        whole = np.concatenate([np.full(len(known), ALONE), linked])
        found = post(
            self._items(rows, debit, credit, names.codes, whole), len(known), held,
            Accounts(self._counters, self._unit, self._capped),
            (closed - EPOCH.date()).days if closed else -(2**62),
        )  # fmt: skip
        ok = np.flatnonzero(found == OK) + len(known)
        return found, np.unique(np.concatenate([debit[ok], credit[ok]]) // PAGE)

    def _items(
        self, rows: pa.Table, debit: Ints, credit: Ints, names: list[Any], linked: Ints
    ) -> Ints:
        phase = pc.index_in(rows["phase"], value_set=PHASES)
        return np.array([
            debit, credit, _ints(rows["amount"]),
            self._unit_of(rows["unit"]), _ints(phase), _ints(rows["event_time"]),
            _coded(rows["agreement"]).codes[0], names[1], _ints(rows["until"]), names[0], linked,
        ])  # fmt: skip

    def _unit_of(self, values: pa.ChunkedArray) -> np.ndarray[Any, Any]:
        coded = _coded(values)
        own = [self._units.setdefault(u, len(self._units)) for u in coded.texts]
        return np.asarray(np.array(own, np.int64)[coded.codes[0]])

    def _places(self, c: sa.Connection, *columns: pa.ChunkedArray) -> list[Ints]:
        """Return where accounts are kept, after reading those that are not; 0 for unknown ones."""
        coded = _coded(*columns)
        found = [*map(self._index.get, coded.texts)]
        if None in found:
            self._read(c, [a for a, at in zip(coded.texts, found, strict=True) if at is None])
            found = [self._index.get(a, 0) for a in coded.texts]
        places = np.array(found, np.int64)
        return [places[codes] for codes in coded.codes]

    def _read(self, c: sa.Connection, ids: list[str]) -> None:
        """Read accounts, and the pages of those in it that are not kept yet."""
        names = ("a.account_id", "a.unit", "a.capped", "p.place")
        both = "account a JOIN balance_place p ON p.account_id = a.account_id"
        rows = tables.having(c, names, both, "a.account_id", ids)()
        pages = sorted({r[3] // PAGE for r in rows}.difference(self._pages.tolist()))
        if pages:
            kept = len(pages) * PAGE
            counters = paging.read(c, pages).reshape(-1, len(COUNTERS))
            self._pages = np.concatenate([self._pages, pages])
            self._counters = np.concatenate([self._counters, counters])
            self._unit = np.concatenate([self._unit, np.full(kept, -1)])
            self._capped = np.concatenate([self._capped, np.full(kept, FREE)])
        slot = {page: k for k, page in enumerate(self._pages.tolist())}
        for account, unit, capped, place in rows:
            at = slot[place // PAGE] * PAGE + place % PAGE
            self._index[account] = at
            self._unit[at] = self._units.setdefault(unit, len(self._units))
            self._capped[at] = CAPPED.index(capped)


@dataclass(frozen=True)
class _Coded:
    texts: list[str]
    codes: list[Any]


def _coded(*columns: pa.ChunkedArray) -> _Coded:
    """Give each text of some columns a number, the same in all of them, -1 where there is none."""
    if sum(map(len, columns)) < _MANY:
        lists = [c.to_pylist() for c in columns]
        texts = [t for t in dict.fromkeys(chain(*lists)) if t is not None]
        index = {**dict(zip(texts, range(len(texts)), strict=True)), None: -1}
        return _Coded(texts, [np.array([*map(index.__getitem__, v)], np.int64) for v in lists])
    whole = pa.chunked_array([x for c in columns for x in c.chunks], pa.string()).combine_chunks()
    found = whole.dictionary_encode()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    ends = np.cumsum([len(c) for c in columns])[:-1]
    return _Coded(found.dictionary.to_pylist(), np.split(codes, ends))


def _ints(values: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """Return numbers, days or moments as whole numbers, -1 where there is none."""
    if values.null_count == len(values):
        return np.full(len(values), -1)
    if not values.null_count:
        return np.asarray(values.to_numpy().astype(np.int64))
    if pa.types.is_date(values.type):
        values = pc.cast(values, pa.int32())
    return np.asarray(pc.fill_null(pc.cast(values, pa.int64()), -1).to_numpy())


def asking(c: sa.Connection, items: pa.Table) -> Asked:
    """Ask the books for what posting items needs; from now on nobody else posts."""
    ids, refs = items["entry_id"].to_pylist(), []
    if items["ref"].null_count < len(items):
        ending = items.filter(pc.is_in(items["phase"], value_set=tables.ENDING))
        refs = pc.drop_null(ending["ref"]).unique().to_pylist()
    return Asked(
        tables.locking(c),
        tables.entries(c, list({*ids, *refs}) if refs else ids),
        tables.having(c, ("entry_id",), "reservation", "entry_id", refs),
    )


def _voiding(begun: pa.Table, now: datetime, closed: date | None) -> pa.Table:
    """Return entries that end reservations."""
    day = max(now.astimezone(CHINA).date(), (closed or _LONG_AGO) + timedelta(days=1))
    ended = {
        "entry_id": pc.binary_join_element_wise("timeout", begun["entry_id"], ":"),
        "phase": pa.array(["void"] * len(begun), pa.string()),
        "event_time": pa.repeat(pa.scalar(day), len(begun)),
        "ref": begun["entry_id"],
        **{n: pa.nulls(len(begun), tables.SCHEMA.field(n).type)
           for n in ("run_id", "until", "book_time")},
    }  # fmt: skip
    return pa.table({**{n: begun[n] for n in begun.column_names}, **ended}, tables.SCHEMA)


def _booked(entry: pa.Table, first: datetime) -> pa.Table:
    """Return entries with book times, a microsecond apart."""
    start = (first - EPOCH) // _TICK
    at = pa.array(start + np.arange(len(entry))).cast(pa.timestamp("us", tz="UTC"))
    return entry.set_column(entry.column_names.index("book_time"), "book_time", at)


def linked(marks: Iterable[bool], ends: Iterable[int]) -> np.ndarray[Any, Any]:
    """Return how items hang together.

    Parameters
    ----------
    marks
        Whether an item stands or falls with the next one.
    ends
        Number of the last item of each call: nothing comes after it.
    """
    found = np.where(np.fromiter(marks, np.bool_), LINKED, ALONE)
    last = np.fromiter(ends, np.int64)
    found[last] = np.where(found[last] == LINKED, OPEN_END, ALONE)
    return found
