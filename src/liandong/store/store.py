"""A store: books and lake together, one writer at a time, and nothing half-visible.

A run writes its Parquet first; then one SQL commit names the snapshots, adds the book rows, closes
the run and records the act. A process that dies leaves a run marked ``running``, which the next
writer marks ``broken``.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from copy import copy
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import sqlalchemy as sa

from liandong.caller import Scope
from liandong.errors import BoardError, LiandongError, NotFoundError, StorageError
from liandong.schema.sql import METADATA
from liandong.schema.tables import table
from liandong.step import Rule, Run, Step, Tables
from liandong.store import acts, authority, runs
from liandong.store.books import Books, connect, content_id, reaching, rows_id, shown, url_of
from liandong.store.lake import Lake, Snapshot
from liandong.store.ledger.ledger import entered, opened
from liandong.store.ledger.posting import Posting
from liandong.store.locks import advisory_holder, advisory_lock, file_holder, file_lock
from liandong.store.looking import Looks
from liandong.store.migrate import migrate
from liandong.store.related import by_accounts
from liandong.texts import both

RUN = METADATA.tables["run"]
HEAD = METADATA.tables["head"]
SNAPSHOT = METADATA.tables["snapshot"]
META = METADATA.tables["meta"]
CASE = METADATA.tables["case"]
WATCH_STATE = METADATA.tables["watch_state"]
Counts = dict[str, int]
"""What was counted, by name."""


class Store:
    """Books and lake of one board.

    Parameters
    ----------
    location
        Folder of a board, or a ``postgresql://`` URL.
    lake
        Folder of the lake for a board in PostgreSQL; remembered in its books.
    create
        Make the board if there is none.
    workers
        Files written at a time.
    """

    def __init__(
        self, location: str, lake: Path | None = None, *, create: bool = True, workers: int = 1
    ) -> None:
        self.folder = None if location.startswith("postgresql") else Path(location)
        self.location = shown(location)
        if self.folder is not None:
            _need_folder(self.folder, location, create=create)
        engine = connect(url_of(location))
        try:
            with reaching(location):
                migrate(engine, self.location, create=create)
        except LiandongError:
            engine.dispose()
            raise
        self.books = Books(engine)
        self.looks = Looks(engine)
        self.posting = Posting()
        try:
            self.lake = Lake(self._lake_folder(lake), workers)
        except BoardError:
            engine.dispose()
            raise

    def _lake_folder(self, wanted: Path | None) -> Path:
        if self.folder is not None:
            return self.folder / "lake"
        known = self.books.rows("meta", name="lake")
        if known:
            there = Path(known[0]["value"])
            if wanted is not None and wanted.absolute() != there:
                what = both("fault.other_lake", there=there, wanted=wanted)
                raise BoardError(board=self.location, what=what, remedy=both("advice.other_lake"))
            return there
        chosen = lake_of(self.location, wanted)
        with self.books.writing() as c:
            c.execute(sa.insert(META), {"name": "lake", "value": str(chosen)})
        return chosen

    def within(self, scope: Scope, *, login: bool) -> Self:
        """Return the same store for whoever may do only what a scope has; None: anything."""
        found = copy(self)
        found.books = self.books.within(scope, login=login)
        return found

    def close(self) -> None:
        """Give the connections back."""
        self.looks.close()
        self.books.engine.dispose()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def state(self) -> int:
        """Return the number of the last act; every change is one, so it names a state."""
        return self.now()[0]

    def changes(self) -> int:
        """Return how many changes of alerts all watches have told; these are no acts."""
        return self.now()[1]

    def now(self) -> tuple[int, int]:
        """Return both, which name all there is to be seen; quick, for each request asks."""
        return self.looks.once("now", self._now)

    def _now(self) -> tuple[int, int]:
        told = sa.select(sa.func.sum(WATCH_STATE.c.changes)).scalar_subquery()
        with self.books.engine.begin() as c:
            found = c.execute(sa.select(acts.LAST, told)).one()
        return int(found[0] or 0), int(found[1] or 0)

    def heads(self, name: str) -> list[dict[str, Any]]:
        """Return the current snapshots of a lake table, in order of part."""
        query = (
            sa.select(SNAPSHOT)
            .join(HEAD, (HEAD.c.snapshot_id == SNAPSHOT.c.snapshot_id))
            .where(HEAD.c.table_name == name)
            .order_by(HEAD.c.part)
        )
        with self.books.engine.begin() as c:
            return [dict(r) for r in c.execute(query).mappings()]

    def snapshots(self) -> dict[str, set[str]]:
        """Return the ids of the current snapshots by table of the lake."""
        found: dict[str, set[str]] = {}
        with self.books.engine.begin() as c:
            for name, snapshot in c.execute(sa.select(HEAD.c.table_name, HEAD.c.snapshot_id)):
                found.setdefault(name, set()).add(snapshot)
        return found

    def read(self, name: str) -> pa.Table:
        """Return the current rows of any table."""
        if table(name).home == "books":
            return self.books.read(name)
        return self.lake.read(name, [h["path"] for h in self.heads(name)])

    def inputs(self, step: Step) -> tuple[Tables, dict[str, list[str]]]:
        """Return what ``step`` reads: the tables, and their snapshot ids or content hashes."""
        tables = {n: self.read(n) for n in step.reads}
        ids = {
            n: [h["snapshot_id"] for h in self.heads(n)]
            if table(n).home == "lake"
            else [content_id(t)]
            for n, t in tables.items()
        }
        return tables, ids

    def runs(self, **equal: object) -> list[Run]:
        """Return runs, oldest first."""
        found = map(runs.read, self.books.rows("run", **equal))
        return sorted(found, key=lambda r: (r.started_at, r.run_id))

    def run(self, run_id: str) -> Run:
        """Return one run, by its id or the beginning of it; NotFoundError otherwise."""
        return self.looks.once(("run", run_id), lambda: runs.named(self.books, run_id))

    def makers(self, snapshots: frozenset[str]) -> dict[str, Run]:
        """Return the run that first made each of some snapshots, by snapshot."""
        return self.looks.once(("makers", snapshots), lambda: runs.makers(self.books, snapshots))

    # ── writing ──────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def writer(self, actor: str) -> Iterator[None]:
        """Be the only writer; marks the runs of processes that died as broken first."""
        with self._lock():
            self.lake.sweep()
            self._mark_broken(actor)
            yield

    def _lock(self) -> AbstractContextManager[None]:
        if self.folder is None:
            return advisory_lock(self.books.engine, self.location)
        return file_lock(self.folder / "writer.lock", self.location)

    def who_writes(self) -> str | None:
        """Return which process writes right now; None: nobody does."""
        if self.folder is None:
            return advisory_holder(self.books.engine)
        return file_holder(self.folder / "writer.lock")

    def _mark_broken(self, actor: str) -> None:
        dead = self.books.rows("run", status="running")
        if not dead:
            return
        with self.books.writing() as c:
            for r in dead:
                ended = {"status": "broken", "ended_at": datetime.now(UTC)}
                c.execute(sa.update(RUN).where(RUN.c.run_id == r["run_id"]).values(**ended))
                acts.record(c, actor, "run.broken", r["run_id"], {"step": r["step"]})

    def perform(
        self, run: Run, work: Callable[[], tuple[Tables, Counts]], *, dry_run: bool = False
    ) -> Run:
        """Begin, work, finish, unless it is done; what goes wrong is recorded and raised again.

        Parameters
        ----------
        run
            As :meth:`Run.start` made it.
        work
            Makes the tables to write, and counts that are not rows of tables.
        dry_run
            Work, but write nothing.

        Raises
        ------
        StorageError
            If the disk or the database refuses; nothing becomes visible.
        """
        if dry_run:
            tables, counts = work()
            return _ended(run, "dry", tables, counts)
        if done := self._done(run):
            return done
        try:
            self.begin(run)
            tables, counts = work()
            return self.finish(run, tables, counts)
        except BaseException as error:
            # On a full disk the mark "running" stays; the next writer turns it into "broken".
            said = error.elsewhere() if isinstance(error, LiandongError) else error
            with suppress(OSError, sa.exc.DBAPIError):
                self.fail(run, f"{type(error).__name__}: {said}")
            if isinstance(error, OSError | sa.exc.OperationalError):
                raise StorageError(board=self.location, what=str(error)) from error
            raise

    def _done(self, run: Run) -> Run | None:
        """Return the earlier run of the same id if its results are still the current ones."""
        found = self.runs(run_id=run.run_id, status="done")
        for earlier in found:
            if all(self._shows(t, run.part, s) for t, s in (earlier.outputs or {}).items()):
                return replace(earlier, again=True)
        return None

    def _shows(self, name: str, part: str, snapshot: str) -> bool:
        """Tell whether a snapshot is the current one of its part, and still there."""
        return any(
            h["part"] == part
            and h["snapshot_id"] == snapshot
            and self.lake.holds(h["path"], h["bytes"])
            for h in self.heads(name)
        )

    def keep_rule(self, *rules: Rule) -> None:
        """Keep the text of rules, so that what went by them can be read again years later."""
        rows = {rule.id: rule.row() for rule in rules}
        with self.books.writing() as c:
            self.books.append(c, "rule", [*rows.values()])

    def begin(self, run: Run) -> None:
        """Record that ``run`` has started; an earlier attempt of the same id is replaced."""
        with self.books.writing() as c:
            authority.begins(c, run.actor, run.step)
            c.execute(sa.delete(RUN).where(RUN.c.run_id == run.run_id))
            c.execute(sa.insert(RUN), runs.row(run))
            acts.record(c, run.actor, "run.start", run.run_id, {"step": run.step})

    def finish(self, run: Run, out: Tables, counts: Counts) -> Run:
        """Write the tables ``out`` and close ``run`` in one commit.

        Raises
        ------
        ConflictError
            If a book row exists with other content; nothing becomes visible.
        """
        lake = {n: t for n, t in out.items() if table(n).home == "lake"}
        snapshots = [self.lake.write(n, run.part, t) for n, t in lake.items()]
        done = _ended(run, "done", out, counts)
        done = replace(done, outputs={s.table_name: s.snapshot_id for s in snapshots})
        self._commit(done, snapshots, {n: t for n, t in out.items() if n not in lake})
        return done

    def _commit(self, run: Run, snapshots: list[Snapshot], rows: Tables) -> None:
        with self.books.writing() as c:
            written = {*rows, *(s.table_name for s in snapshots)}
            authority.need_tables(c, run.actor, run.part, written)
            for s in snapshots:
                self.books.append(c, "snapshot", [_snapshot_row(c, s, run.run_id)])
                here = (HEAD.c.table_name == s.table_name) & (HEAD.c.part == s.part)
                c.execute(sa.delete(HEAD).where(here))
                head = {"table_name": s.table_name, "part": s.part, "snapshot_id": s.snapshot_id}
                c.execute(sa.insert(HEAD), head)
            # Accounts are there before anything is posted to them.
            new = {name: self._add(c, name, rows[name], run.run_id) for name in sorted(rows)}
            added = {name: rows_id(name, found) for name, found in new.items()}
            authority.admit(c, run.actor, {n: new[n] for n in authority.LISTS & new.keys()})
            entries = new.get("entry", [])
            ties = by_accounts(
                self, c, lambda: (e[s] for e in entries for s in ("debit", "credit"))
            )
            about = authority.About(run.part, authority.booked(entries), related=ties)
            authority.need(c, run.actor, run.step, about)
            c.execute(sa.update(RUN).where(RUN.c.run_id == run.run_id).values(**runs.row(run)))
            body = {
                "step": run.step,
                "part": run.part,
                "rows": {n: h for n, h in added.items() if h},
                "outputs": run.outputs or {},
                "counts": run.counts or {},
                "inputs": run.inputs,
                "rule": run.rule_id,
                "version": run.version,
            }
            acts.record(c, run.actor, "run.done", run.run_id, body)

    def _add(
        self, c: sa.Connection, name: str, data: pa.Table, run_id: str
    ) -> list[dict[str, Any]]:
        """Add rows of a run to the books; return the new ones."""
        if name == "entry":
            return entered(self, c, data, run_id)
        rows = _signed(name, data, run_id)
        return opened(self, c, rows) if name == "account" else self.books.append(c, name, rows)

    def case(self, c: sa.Connection, case_id: str) -> dict[str, Any]:
        """Return a case as it is inside the transaction ``c``; NotFoundError if there is none."""
        # Two who decide at once take turns (SQLite has one writer anyway).
        query = sa.select(CASE).where(CASE.c.case_id == case_id).with_for_update()
        found = c.execute(query).mappings().first()
        if found is None:
            remedy = both("advice.list_cases")
            raise NotFoundError(kind=both("kind.case"), name=case_id, remedy=remedy)
        return dict(found)

    def set_case(self, c: sa.Connection, case: dict[str, Any]) -> bool:
        """Change a case inside the transaction ``c``; tell whether it was there."""
        here = sa.update(CASE).where(CASE.c.case_id == case["case_id"])
        return bool(c.execute(here.values(**case)).rowcount)

    def fail(self, run: Run, error: str) -> None:
        """Record that ``run`` ended in an error and wrote nothing."""
        ended = {"status": "failed", "ended_at": datetime.now(UTC), "error": error}
        with self.books.writing() as c:
            c.execute(sa.update(RUN).where(RUN.c.run_id == run.run_id).values(**ended))
            acts.record(c, run.actor, "run.failed", run.run_id, {"step": run.step, "error": error})


def _ended(run: Run, status: str, out: Tables, counts: Counts) -> Run:
    rows = {n: len(t) for n, t in out.items()}
    return replace(run, status=status, ended_at=datetime.now(UTC), counts={**rows, **counts})


def need_free(folder: Path, location: str) -> None:
    """Refuse to make a board where anything is already; BoardError names the place."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        what, remedy = both("fault.occupied"), both("advice.empty_folder")
        raise BoardError(board=location, what=what, remedy=remedy)


def _need_folder(folder: Path, location: str, *, create: bool) -> None:
    if (folder / "books.sqlite").exists():
        return
    if not create:
        remedy = both("advice.init_board")
        raise NotFoundError(kind=both("kind.board"), name=location, remedy=remedy)
    need_free(folder, location)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(board=location, what=str(error)) from error


def lake_of(location: str, wanted: Path | None) -> Path:
    """Return where the lake of a new board in PostgreSQL lies: where it is wanted, or at home."""
    database = sa.make_url(location).database or "postgres"
    return (wanted or Path.home() / ".liandong" / "lakes" / database).absolute()


def _signed(name: str, data: pa.Table, run_id: str) -> list[dict[str, Any]]:
    """Return the rows of a book table with the run that writes them."""
    own = {"run_id": run_id} if "run_id" in table(name).names else {}
    return [{**row, **own} for row in data.to_pylist()]


def _snapshot_row(c: sa.Connection, s: Snapshot, run_id: str) -> dict[str, Any]:
    """Row of ``snapshot``; the run that first made this content keeps the credit."""
    first = sa.select(SNAPSHOT.c.run_id).where(SNAPSHOT.c.snapshot_id == s.snapshot_id)
    return {**asdict(s), "run_id": c.execute(first).scalar() or run_id}
