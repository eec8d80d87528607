"""Jobs in the books: asked for, taken by one service, told of, cancelled, ended.

Services may be many; a board has one writer at a time, so one job at a time is taken, the oldest
first. Whoever has taken it says again and again that it lives; one that no longer does is broken.
"""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from liandong.errors import NotFoundError
from liandong.schema.sql import METADATA
from liandong.schema.tables.jobs import OPEN
from liandong.store import acts, authority
from liandong.store.store import Store
from liandong.texts import both

JOB = METADATA.tables["service_job"]
CANCEL = "job.cancel"
"""What it takes to cancel what somebody else has asked for, where somebody is named for it."""
LOST = 20.0
"""Seconds without a sign of life after which a job is broken."""
Row = dict[str, Any]


class Jobs:
    """The jobs of a board, as somebody asks for them.

    Parameters
    ----------
    store, actor
        Where they are kept, and who is acting.
    own
        Whether he sees none but his own.
    """

    def __init__(self, store: Store, actor: str, *, own: bool = False) -> None:
        self._store = store
        self.actor = actor
        self._seen = JOB.c.actor == actor if own else sa.true()

    # ── seeing ───────────────────────────────────────────────────────────────────────────────

    def one(self, job_id: str) -> Row:
        """Return a job; NotFoundError if there is none."""
        found = self._rows(JOB.c.job_id == job_id)
        if not found:
            raise NotFoundError(kind=both("kind.job"), name=job_id, remedy=both("advice.jobs"))
        return found[0]

    def open(self) -> list[Row]:
        """Return those that have not ended, in their order."""
        return self._rows(JOB.c.state.in_(OPEN))

    def ended(self, most: int, skip: int = 0, before: int | None = None) -> list[Row]:
        """Return those that have ended, newest first; those that changed ``before`` a change."""
        query = sa.select(JOB).where(JOB.c.state.not_in(OPEN))
        if before is not None:
            query = query.where(JOB.c.change < before)
        return self._read(query.order_by(JOB.c.change.desc()).limit(most).offset(skip))

    def count(self) -> int:
        """Return how many have ended."""
        query = sa.select(sa.func.count()).where(JOB.c.state.not_in(OPEN), self._seen)
        with self._store.books.engine.begin() as c:
            return int(c.execute(query).scalar() or 0)

    def since(self, change: int) -> list[Row]:
        """Return those that have changed after a change, in the order of their last one."""
        return self._read(sa.select(JOB).where(JOB.c.change > change).order_by(JOB.c.change))

    def last_change(self) -> int:
        """Return the number of the last change of any job, 0 if there are none."""
        with self._store.books.engine.begin() as c:
            return int(c.execute(sa.select(sa.func.max(JOB.c.change))).scalar() or 0)

    def _rows(self, condition: sa.ColumnElement[bool]) -> list[Row]:
        return self._read(sa.select(JOB).where(condition).order_by(JOB.c.asked_at, JOB.c.job_id))

    def _read(self, query: sa.Select[Any]) -> list[Row]:
        with self._store.books.engine.begin() as c:
            found = [dict(r) for r in c.execute(query.where(self._seen)).mappings()]
        return [{**r, "args": json.loads(r["args"])} for r in found]

    # ── asking ───────────────────────────────────────────────────────────────────────────────

    def ask(self, kind: str, what: str, args: Mapping[str, Any], actions: tuple[str, ...]) -> str:
        """Ask for a job; return its id.

        Parameters
        ----------
        kind, what
            ``run`` and a step, ``load`` and a source, or ``loop``.
        args
            What it takes, as JSON; kept, so never anything secret.
        actions
            Of the list of powers: whoever has none of them is refused now and not hours later.

        Raises
        ------
        RefusedError
            If the actor has no power for one of ``actions``.
        """
        job_id = secrets.token_hex(8)
        with self._changing() as (c, change):
            for action in actions:
                authority.begins(c, self.actor, action)
            row = {
                "job_id": job_id, "kind": kind, "what": what, "actor": self.actor,
                "args": json.dumps(args, ensure_ascii=False, sort_keys=True), "state": "queued",
                "done": 0, "total": 0, "asked_at": datetime.now(UTC), "change": change,
            }  # fmt: skip
            c.execute(sa.insert(JOB), row)
        return job_id

    def cancel(self, job_id: str) -> Row:
        """Cancel a job, which ends at once if it waits and soon if it runs; return it.

        Nothing happens to one that has ended.

        Raises
        ------
        NotFoundError
            If there is none.
        RefusedError
            If somebody else asked for it and the actor may not cancel that.
        """
        self.one(job_id)  # which he has to see
        with self._changing() as (c, change):
            found = c.execute(sa.select(JOB).where(JOB.c.job_id == job_id)).mappings().first()
            if found is not None and found["state"] in OPEN and not found["cancelled_by"]:
                if found["actor"] != self.actor:
                    authority.need(c, self.actor, CANCEL, authority.About(job_id))
                values: Row = {"cancelled_by": self.actor, "change": change}
                if found["state"] == "queued":
                    values |= {"state": "cancelled", "ended_at": datetime.now(UTC)}
                c.execute(sa.update(JOB).where(JOB.c.job_id == job_id).values(**values))
                acts.record(c, self.actor, CANCEL, job_id, {"what": found["what"]})
        return self.one(job_id)

    # ── working ──────────────────────────────────────────────────────────────────────────────

    def take(self) -> Row | None:
        """Take the next job, unless one is being done; nobody else takes the same."""
        if not self._rows(JOB.c.state == "queued"):
            return None  # most looks end here, without a lock
        with self._changing() as (c, change):
            if c.execute(sa.select(JOB.c.job_id).where(JOB.c.state == "running")).first():
                return None
            order = (JOB.c.asked_at, JOB.c.job_id)
            query = sa.select(JOB.c.job_id).where(JOB.c.state == "queued").order_by(*order)
            job_id = c.execute(query.limit(1)).scalar()
            now = datetime.now(UTC)
            values = {"state": "running", "started_at": now, "beat_at": now, "change": change}
            c.execute(sa.update(JOB).where(JOB.c.job_id == job_id).values(**values))
        return self.one(str(job_id)) if job_id else None

    def beat(self, job_id: str) -> bool:
        """Say that a job lives; tell whether it is to go on: nobody cancelled it or gave it up."""
        going = (JOB.c.job_id == job_id) & (JOB.c.state == "running")
        wanted = going & JOB.c.cancelled_by.is_(None)
        with self._store.books.writing() as c:
            living = sa.update(JOB).where(wanted).values(beat_at=datetime.now(UTC))
            return bool(c.execute(living).rowcount)

    def tell(self, job_id: str, said: str, done: int, total: int) -> None:
        """Say how far a job is."""
        self._set(job_id, said=said, done=done, total=total)

    def plan(self, job_id: str, stages: list[str]) -> None:
        """Say of what stages a job is, in order: they are kept with what it takes."""
        args = {**self.one(job_id)["args"], "stages": stages}
        self._set(job_id, args=json.dumps(args, ensure_ascii=False, sort_keys=True))

    def end(
        self, job_id: str, state: str, error: Mapping[str, str] | None = None, **said: str
    ) -> None:
        """Say how a job ended, and why if not well; one that has ended stays as it is.

        Parameters
        ----------
        **said
            ``run``: the run that it made.
        """
        said |= {f"error_{lang}": words for lang, words in (error or {}).items()}
        self._set(job_id, state=state, ended_at=datetime.now(UTC), **said)

    def lost(self, seconds: float = LOST) -> list[str]:
        """Mark jobs as broken that gave no sign of life for some seconds; return their ids."""
        late = (JOB.c.state == "running") & (
            JOB.c.beat_at < datetime.now(UTC) - timedelta(seconds=seconds)
        )
        found = [r["job_id"] for r in self._rows(late)]
        for job_id in found:
            self.end(job_id, "broken", both("fault.job_broken"))
        return found

    def _set(self, job_id: str, **values: Any) -> None:  # noqa: ANN401 - columns
        running = (JOB.c.job_id == job_id) & (JOB.c.state == "running")
        with self._changing() as (c, change):
            values |= {"change": change, "beat_at": datetime.now(UTC)}
            c.execute(sa.update(JOB).where(running).values(**values))

    @contextmanager
    def _changing(self) -> Iterator[tuple[sa.Connection, int]]:
        """One transaction in which nobody else changes jobs, and the number of the change."""
        with self._store.books.writing() as c:
            if c.dialect.name == "postgresql":
                c.execute(sa.text("LOCK TABLE service_job IN SHARE ROW EXCLUSIVE MODE"))
            last = c.execute(sa.select(sa.func.max(JOB.c.change))).scalar()
            yield c, (last or 0) + 1
