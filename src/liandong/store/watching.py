"""The books of a watch: its place in the source, its warnings and its state in one commit.

The events taken go to the log first (see :mod:`liandong.store.pieces`). Then one transaction names
how far log and source are good and adds what was said and refused. A process that dies leaves a
tail of the log that no transaction names.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow as pa
import sqlalchemy as sa

from liandong.errors import BoardLockedError, StorageError
from liandong.schema.arrow import build
from liandong.schema.sql import METADATA
from liandong.step import Rule
from liandong.store.books import KEYS_A_QUERY
from liandong.store.bulk import Column, add
from liandong.store.locks import advisory_lock, file_lock
from liandong.store.pieces import Pieces
from liandong.store.store import Store

PIECE_ROWS = 1 << 18
"""Events at which a file of the log is closed: those of the last are judged again after a crash."""
STATE = METADATA.tables["watch_state"]
WARNING = METADATA.tables["live_warning"]
ALERT = METADATA.tables["live_alert"]
CHANGE = METADATA.tables["alert_change"]
REFUSAL = METADATA.tables["watch_refusal"]
NEXT = sa.update(STATE).where(
    STATE.c.watch == sa.bindparam("of"), STATE.c.commits == sa.bindparam("before")
)
"""How a state takes the place of the one before; made once, since that takes longer than to run."""


class Kept(NamedTuple):
    """What is known of a watch when it begins again.

    Attributes
    ----------
    rule
        Text of the rule by which it judged.
    place
        Where it is in its source; None: at the beginning.
    said
        What was said when the last file of the log began; None: there is no log yet.
    before, since
        Events taken before that, file after file, all to be recalled; and since: to be judged once
        more in silence.
    """

    rule: str
    place: str | None
    said: str | None
    before: Iterator[pa.Table]
    since: pa.Table


class Work(NamedTuple):
    """What is committed at once.

    Attributes
    ----------
    taken
        Events, in the order in which they were taken.
    warnings, alerts, refused
        Rows of ``live_warning``, ``alert_change`` and ``watch_refusal`` without ``watch`` and
        ``seq``.
    place
        Where the source goes on.
    clock
        Time of the newest event.
    at
        The moment of the commit.
    size
        Bytes that the windows use.
    said
        What was said before ``taken``, if another file of the log shall begin.
    """

    taken: pa.Table
    warnings: pa.Table
    alerts: pa.Table
    refused: list[dict[str, Any]]
    place: str | None
    clock: datetime | None
    at: datetime
    size: int
    said: str | None


class WatchBooks:
    """State of one watch on a board.

    Parameters
    ----------
    store
        The board's store.
    watch
        Name of the watch.
    kept
        How long before the newest event of all an event may still be needed.

    Attributes
    ----------
    folder
        Of the log.
    """

    def __init__(self, store: Store, watch: str, kept: timedelta) -> None:
        self._store, self.watch = store, watch
        self.keep = kept
        self.folder = store.lake.root / "watch" / quote(watch, safe="")
        self._pieces = Pieces(self.folder)
        self._state: dict[str, Any] = {}
        self._rule = ""

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Be the only process that runs this watch; BoardLockedError names another one."""
        store = self._store
        if store.folder is None:
            with advisory_lock(store.books.engine, store.location, _key(self.watch)):
                yield
        else:
            path = store.folder / f"watch-{quote(self.watch, safe='')}.lock"
            with file_lock(path, store.location):
                yield

    def recover(self) -> Kept | None:
        """Return what is kept; None of a watch that is new."""
        found = self._store.books.rows("watch_state", watch=self.watch)
        self._pieces.close()
        self._pieces = Pieces(self._pieces.folder)
        if not found:
            return None
        self._state = found[0]
        self._rule = self._state["rule"]
        before, since = self._pieces.read(self._state["piece"], self._state["bytes"])
        rule = self._store.books.rows("rule", rule_id=self._rule)[0]["toml"]
        last = self._pieces.last
        return Kept(rule, self._state["place"], last.said if last else None, before, since)

    def judge_by(self, rule: Rule, *parts: Rule) -> None:
        """Name the rule of the commits that follow; keep its text, and those of its parts."""
        self._store.keep_rule(rule, *parts)
        self._rule = rule.id

    @property
    def reach(self) -> int | None:
        """The newest event that the log no longer has, in microseconds; None: it has them all."""
        return self._pieces.reach

    def log(self) -> Iterator[pa.Table]:
        """Return all events of the log, in the order in which they were taken."""
        return self._pieces.events()

    @property
    def rows(self) -> int:
        """How many events the last file of the log has; full at :data:`PIECE_ROWS`."""
        last = self._pieces.last
        return PIECE_ROWS if last is None else last.rows

    @property
    def state(self) -> dict[str, Any]:
        """The row of ``watch_state`` of the last commit; empty before the first."""
        return self._state

    def commit(self, work: Work) -> None:
        """Write all of it, or nothing.

        Raises
        ------
        BoardLockedError
            If another process has committed in between.
        StorageError
            If the disk or the database refuses.
        """
        try:
            piece, size = self._logged(work)
            state = self._next(work, piece, size)
            with self._store.books.writing() as c:
                self._set(c, state)
                add(c, WARNING, self._said(work.warnings))
                self._tell(c, work.alerts)
                add(c, REFUSAL, self._not_taken(work.refused))
        except (OSError, sa.exc.OperationalError) as error:
            raise StorageError(board=self._store.location, what=str(error)) from error
        self._state = state
        if work.clock is not None:
            until = (work.clock - self.keep).timestamp()
            self._pieces.forget(int(until) * 1_000_000)

    def said_after(self, seq: int) -> pa.Table:
        """Return the rows of ``live_warning`` after a number, in order."""
        query = sa.select(WARNING).where(WARNING.c.watch == self.watch, WARNING.c.seq > seq)
        with self._store.books.engine.begin() as c:
            rows = c.execute(query.order_by(WARNING.c.seq)).mappings().all()
        return build("live_warning", {n: [r[n] for r in rows] for n in WARNING.columns.keys()})  # noqa: SIM118 - columns are not a dict

    def close(self) -> None:
        """Close the log."""
        self._pieces.close()

    def _logged(self, work: Work) -> tuple[int, int]:
        if len(work.taken) or work.said is not None:
            return self._pieces.append(work.taken, work.said)
        return self._state.get("piece", 0), self._state.get("bytes", 0)

    def _next(self, work: Work, piece: int, size: int) -> dict[str, Any]:
        old = self._state
        return {
            "watch": self.watch,
            "rule": self._rule,
            "place": work.place,
            "commits": old.get("commits", 0) + 1,
            "taken": old.get("taken", 0) + len(work.taken),
            "refused": old.get("refused", 0) + len(work.refused),
            "warnings": old.get("warnings", 0) + len(work.warnings),
            "changes": old.get("changes", 0) + len(work.alerts),
            "clock": work.clock,
            "seen_at": work.at,
            "size": work.size,
            "piece": piece,
            "bytes": size,
        }

    def _set(self, c: sa.Connection, state: dict[str, Any]) -> None:
        if not self._state:
            c.execute(sa.insert(STATE), state)
            return
        mine = {"of": self.watch, "before": self._state["commits"]}
        if c.execute(NEXT, {**state, **mine}).rowcount != 1:
            raise BoardLockedError(board=self._store.location, holder=self.watch)

    def _tell(self, c: sa.Connection, changes: pa.Table) -> None:
        """Write changes of alerts, and how the alerts look after them."""
        if not len(changes):
            return
        add(c, CHANGE, self._numbered("changes", len(changes), _columns(changes)))
        last = {alert: row for row, alert in enumerate(changes["alert_id"].to_pylist())}
        ids = list(last)
        for i in range(0, len(ids), KEYS_A_QUERY):
            here = ALERT.c.alert_id.in_(ids[i : i + KEYS_A_QUERY])
            c.execute(sa.delete(ALERT).where(ALERT.c.watch == self.watch, here))
        stand = _columns(changes.take(list(last.values())))
        add(c, ALERT, {"watch": [self.watch] * len(ids), **stand})

    def _said(self, warnings: pa.Table) -> dict[str, Column]:
        """Return warnings by column; amendments get ids of their own, by their number."""
        columns = self._numbered("warnings", len(warnings), _columns(warnings))
        ids, amends = (warnings[n].to_pylist() for n in ("warning_id", "amends"))
        again = zip(ids, columns["seq"], amends, strict=True)
        columns["warning_id"] = [
            _amendment(name, self.watch, seq) if amends else name for name, seq, amends in again
        ]
        return columns

    def _not_taken(self, refused: list[dict[str, Any]]) -> dict[str, Column]:
        names = [c.name for c in REFUSAL.columns if c.name not in {"watch", "seq"}]
        columns = {n: [row[n] for row in refused] for n in names}
        return self._numbered("refused", len(refused), columns)

    def _numbered(
        self, counted: str, rows: int, columns: Mapping[str, Column]
    ) -> dict[str, Column]:
        """Return rows with the watch and a number, which goes on from those written before."""
        first = self._state.get(counted, 0) + 1
        return {"watch": [self.watch] * rows, "seq": range(first, first + rows), **columns}


def _columns(rows: pa.Table) -> dict[str, pa.ChunkedArray]:
    return dict(zip(rows.column_names, rows.columns, strict=True))


def _amendment(name: object, watch: str, seq: object) -> str:
    return hashlib.sha256(f"{name}|{watch}|{seq}".encode()).hexdigest()[:20]


def _key(watch: str) -> int:
    """Return the number of a watch's lock in PostgreSQL."""
    return int.from_bytes(hashlib.sha256(watch.encode()).digest()[:4], "little") >> 1
