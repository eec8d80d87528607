"""The ledger of a board, as one actor posts to it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from liandong.errors import ConflictError, DataError, NotFoundError, RefusedError
from liandong.schema.arrow import arrow_schema, build, conform
from liandong.schema.sql import UtcTime
from liandong.schema.tables.ledger import COUNTERS, REVERSAL
from liandong.schema.validate import need_valid
from liandong.store import acts, authority
from liandong.store.books import rows_id
from liandong.store.ledger import paging, tables
from liandong.store.ledger.folding import folded
from liandong.store.ledger.posting import Posted, asking, linked
from liandong.store.ledger.queue import Queue
from liandong.store.related import by_accounts
from liandong.store.wire import together
from liandong.texts import both
from liandong.types import stable_id, today

if TYPE_CHECKING:
    from liandong.store.store import Store

Row = Mapping[str, Any]
_NEEDED = tuple(f.name for f in arrow_schema("entry") if not f.nullable)
_DIFFERENT = "exists_with_different_"
_POST = "ledger.post"
_CNY = pa.scalar("CNY", pa.string())


class Ledger:
    """Accounts, entries and balances; entries are only ever added.

    Calls of several threads share commits. Each entry has an ``event_time``, when it holds, and a
    ``book_time``, when it was written, which increases strictly.

    Parameters
    ----------
    store, actor
        Where it is, and who acts.
    """

    def __init__(self, store: "Store", actor: str) -> None:
        self._store, self.actor = store, actor
        self._queue: Queue[Sequence[Row] | pa.Table, list[str]] = Queue(self._post)

    def open(self, accounts: pa.Table) -> int:
        """Open accounts; those that are there already with the same content are left alone.

        Parameters
        ----------
        accounts
            Rows of ``account``. With ``capped`` of ``debits`` what is debited, reserved or not,
            never exceeds what was credited, and the other way round.

        Returns
        -------
        int
            How many are new.

        Raises
        ------
        ConflictError
            If an account is there with other content.
        DataError
            If a row is not valid.
        """
        wanted = conform("account", accounts)
        need_valid("account", wanted)
        with self._store.books.writing() as c:
            new = opened(self._store, c, wanted.to_pylist())
            if new:
                ids = sorted(r["account_id"] for r in new)
                authority.need(c, self.actor, "ledger.open")
                body = {"accounts": ids, "rows": rows_id("account", new)}
                acts.record(c, self.actor, "ledger.open", stable_id("open", *ids), body)
        return len(new)

    def post(self, batch: pa.Table) -> pa.Table:
        """Post entries in order; each has a result of its own.

        Parameters
        ----------
        batch
            Rows of ``entry`` without book times. A column ``linked`` says that an entry and the
            next one are posted both or not at all.

        Returns
        -------
        pyarrow.Table
            ``entry_id`` and ``result``, one of :data:`liandong.kernels.ledger.posting.RESULTS`.
            Only ``ok`` has written anything now; ``exists`` had before.

        Raises
        ------
        DataError
            If columns are missing or have no values.
        """
        given = _complete(batch)
        return pa.table({"entry_id": given["entry_id"], "result": self._queue.ask(given)})

    def post_one(self, entry: Row) -> str:
        """Post one entry and return its result; quicker than a batch of one among many callers."""
        for name in _NEEDED:
            if entry.get(name) is None:
                raise _without(name)
        return self._queue.ask([entry])[0]

    def reverse(self, entry_id: str, day: date | None = None) -> str:
        """Post the opposite of an entry, once: what is wrong is never taken away.

        Parameters
        ----------
        entry_id
            What to reverse; a reservation that waits is void instead.
        day
            When it holds; today by default.

        Raises
        ------
        NotFoundError
            If there is no such entry.
        """
        found = self._store.books.rows("entry", entry_id=entry_id)
        if not found:
            remedy = both("advice.known_entry")
            raise NotFoundError(kind=both("kind.entry"), name=entry_id, remedy=remedy)
        old = {n: found[0][n] for n in ("debit", "credit", "amount", "unit", "agreement")}
        new: dict[str, Any] = {
            **old, "entry_id": REVERSAL + entry_id, "phase": "void", "ref": entry_id,
            "event_time": day or today(),
        }  # fmt: skip
        if found[0]["phase"] != "pending":
            new |= {"phase": "posted", "debit": old["credit"], "credit": old["debit"]}
        return self.post_one(new)

    def close(self, day: date) -> None:
        """Close all days up to one: entries that hold then are refused from now on.

        Raises
        ------
        RefusedError
            If a later day has been closed already.
        """
        with self._store.books.writing() as c:
            _, closed = tables.lock(c)
            if closed is not None and day < closed:
                reason = both("refusal.closed_later", day=closed)
                raise RefusedError(actor=self.actor, action="ledger.close", reason=reason)
            authority.need(c, self.actor, "ledger.close", authority.About(day.isoformat()))
            c.execute(sa.update(tables.STATE).values(closed_to=day))
            acts.record(c, self.actor, "ledger.close", day.isoformat(), {})

    def balances(
        self,
        *,
        event: date | None = None,
        book: datetime | None = None,
        account: str | None = None,
    ) -> pa.Table:
        """Return the counters of accounts: now, or as of either time.

        Parameters
        ----------
        event
            Only what holds on this day or before.
        book
            Only what was written by then.
        account
            Only those of this account.

        Returns
        -------
        pyarrow.Table
            Rows of ``balance`` in order; as of a time, those of accounts that were touched.
        """
        own = {"account_id": account} if account else {}
        if event is None and book is None:
            return _counters(self._store.books.rows("balance", **own))
        # Entries of the time before there were book times are older than any.
        asked = [
            *(["event_time <= :event"] if event else []),
            *(["(book_time IS NULL OR book_time <= :book)"] if book else []),
            *([":account IN (debit, credit)"] if account else []),
        ]
        query = sa.text(f"{folded(' AND '.join(asked))} ORDER BY account_id")
        kinds: dict[str, Any] = {"event": sa.Date(), "book": UtcTime(), "account": sa.Text()}
        named = (("event", event), ("book", book), ("account", account))
        given = {n: v for n, v in named if v}
        query = query.bindparams(*(sa.bindparam(n, type_=kinds[n]) for n in given))
        with self._store.books.engine.begin() as c:
            rows = c.execute(query, given).mappings().all()
        return _counters([dict(r) for r in rows if account in {None, r["account_id"]}])

    def _post(self, calls: Sequence[Sequence[Row] | pa.Table]) -> list[list[str]]:
        """Post what several calls ask for in one commit."""
        sizes = [len(call) for call in calls]
        batch = _together(calls)
        names = arrow_schema("entry").names
        marks = batch["linked"].to_numpy() if "linked" in batch.column_names else None
        hangs = linked(
            np.zeros(len(batch), np.bool_) if marks is None else marks,
            [end - 1 for end, size in zip(np.cumsum(sizes).tolist(), sizes, strict=True) if size],
        )
        batch, posting = batch.select(names), self._store.posting
        with self._store.books.writing() as c:
            with together(c):
                asked = asking(c, batch)
                named, upcoming = authority.naming(c, _POST), acts.upcoming(c)
            posted = posting.judge(c, batch, hangs, asked)
            if len(posted.entry):
                self._record(c, posted, named, upcoming)
        posting.keep(posted)
        result, ends = posted.result, np.cumsum(sizes).tolist()
        return [result[end - size : end] for end, size in zip(ends, sizes, strict=True)]

    def _record(
        self,
        c: sa.Connection,
        posted: Posted,
        named: Callable[[], bool],
        upcoming: Callable[[], int],
    ) -> None:
        """Write what may be posted, and the act that it is."""
        listed = named()
        about = _about(self._store, c, posted) if listed else authority.NOTHING
        authority.need(c, self.actor, _POST, about, listed=listed)
        # Using a power is an act, too, which has taken the number.
        seq = None if listed else upcoming()
        self._store.posting.write(c, posted, final=seq is not None)
        acts.record(c, self.actor, _POST, posted.digest, _told(posted), seq=seq)


def _about(store: "Store", c: sa.Connection, posted: Posted) -> authority.About:
    """Return what is decided on: an entry by its id, several by their hash, and their money."""
    ids, unit, amount = (posted.entry[n] for n in ("entry_id", "unit", "amount"))
    money = pc.sum(amount.filter(pc.equal(unit, _CNY))).as_py()
    subject = ids[0].as_py() if len(ids) == 1 else posted.digest
    sides = ("debit", "credit")
    ties = by_accounts(store, c, lambda: (a for s in sides for a in posted.entry[s].to_pylist()))
    return authority.About(subject, money, related=ties)


def _counters(rows: Sequence[Row]) -> pa.Table:
    return build("balance", {n: [r[n] for r in rows] for n in ("account_id", *COUNTERS)})


def _told(posted: Posted) -> dict[str, Any]:
    at = posted.entry["book_time"]
    span = {"first": at[0].as_py().isoformat(), "last": at[-1].as_py().isoformat()}
    return {"entries": len(posted.entry), **span}


def _together(calls: Sequence[Sequence[Row] | pa.Table]) -> pa.Table:
    if len(calls) == 1 and isinstance(calls[0], pa.Table):
        return calls[0]
    found: list[pa.Table] = []
    rows: list[Row] = []
    for call in calls:
        if isinstance(call, pa.Table):
            found += [*([_of_rows(rows)] if rows else []), call]
            rows = []
        else:
            rows += call
    return pa.concat_tables([*found, *([_of_rows(rows)] if rows else [])])


def _of_rows(rows: Sequence[Row]) -> pa.Table:
    # One call for all columns: each costs a fifth of a millisecond, however few the rows.
    kind = pa.struct([*arrow_schema("entry"), pa.field("linked", pa.bool_())])
    made = pa.array([{**r, "run_id": None, "linked": False} for r in rows], kind)
    return pa.Table.from_batches([pa.RecordBatch.from_struct_array(made)])


def _complete(batch: pa.Table) -> pa.Table:
    """Return a batch with all columns, after making sure that what must be there is."""
    given = conform("entry", batch)
    for name in _NEEDED:
        if given[name].null_count:
            raise _without(name)
    # Only a run may sign.
    given = given.set_column(
        given.column_names.index("run_id"), "run_id", pa.nulls(len(given), pa.string())
    )
    alone = pa.nulls(len(batch), pa.bool_()).fill_null(False)  # noqa: FBT003 - the value to fill in
    marks = batch["linked"] if "linked" in batch.column_names else alone
    return given.append_column("linked", marks)


def _without(name: str) -> DataError:
    what = both("fault.entry_without", field=name)
    return DataError(file="entry", what=what, remedy=both("advice.entry_without"))


def opened(store: "Store", c: sa.Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add accounts with counters of nothing; return the new ones."""
    tables.lock(c)
    new = store.books.append(c, "account", rows)
    if new:
        paging.place(c, [r["account_id"] for r in new])
    return new


def entered(store: "Store", c: sa.Connection, data: pa.Table, run_id: str) -> list[dict[str, Any]]:
    """Post all entries of a run, or none; return the new ones.

    Raises
    ------
    ConflictError
        If an entry is there with other content.
    DataError
        If an entry cannot be posted.
    """
    own = data.set_column(data.column_names.index("run_id"), "run_id", pa.repeat(run_id, len(data)))
    posted = store.posting.judge(c, own, np.zeros(len(data), np.int64), asking(c, own), run=True)
    for name, result in zip(data["entry_id"].to_pylist(), posted.result, strict=True):
        if result.startswith(_DIFFERENT):
            field = result.removeprefix(_DIFFERENT)
            raise ConflictError(table="entry", key=name, field=field)
        if result not in {"ok", "exists"}:
            why = both(f"posting.{result}")
            what = both("fault.not_posted", entry=name, why=why)
            raise DataError(file="entry", what=what, remedy=both("advice.not_posted"))
    store.posting.write(c, posted)
    return [*posted.entry.to_pylist()]
