"""Jobs over HTTP: ``/v1/jobs``, what becomes of them as it happens, and ``/v1/uploads``."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi import Query as Asks
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from liandong.board import Board
from liandong.console.jobdesk import LOOP, ask_load, ask_loop, ask_run, jobs_of
from liandong.console.posted import object_of, upload_of
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.errors import UsageError
from liandong.schema.tables.jobs import OPEN
from liandong.service.stream import Event, Look, events
from liandong.service.v1.cursor import LONGEST, cursor, misfit, opened
from liandong.service.v1.describing import PROBLEMS
from liandong.service.v1.once import once
from liandong.service.v1.saying import JOBS, about, body, done, operation, queued
from liandong.step.rule import complaint
from liandong.store.jobs import CANCEL, Jobs, Row
from liandong.texts import both

MOST = 100
"""Ended jobs that a list holds at most."""
_about = partial(operation, tag="jobs")
_NOTHING = body({"type": "object", "maxProperties": 0})
_FILE = body({"type": "string", "format": "binary"}, "application/octet-stream")
DIGITS = 18
"""A mark has fewer digits."""
Id = Annotated[str, Path(max_length=64)]


class Wanted(BaseModel):
    """What a job is to do.

    Attributes
    ----------
    kind
        ``run`` a step, ``load`` a source, or run the whole ``loop`` of the demonstration.
    step, values, dry_run
        Of a run: the name of the step, values of its rule, whether nothing is written.
    source, upload, import_, options, mapping
        Of a load: a source or table; the id of a file handed in, or a name in the folder of
        imports; what the source takes; which column is which field.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Literal["run", "load", "loop"]
    step: str = ""
    values: dict[str, Any] = {}
    dry_run: bool = False
    source: str = ""
    upload: str = ""
    import_: str = Field("", alias="import")
    options: dict[str, str | int | bool] = {}
    mapping: dict[str, Any] = {}

    def ask(self, board: Board) -> str:
        """Ask for it; return the id of the job."""
        if self.kind == "run":
            return ask_run(board, self.step, self.values, dry_run=self.dry_run)
        if self.kind == "load":
            return ask_load(board, self.source, self.model_dump(by_alias=True))
        return ask_loop(board)

    @property
    def action(self) -> str:
        """What it takes, as scopes of tokens name it."""
        return {"run": self.step, "load": f"load.{self.source}"}.get(self.kind, LOOP)


class OfJobs(BaseModel):
    """Which jobs are shown."""

    limit: Annotated[int, Field(ge=0, le=MOST)] | Literal[""] | None = Field(
        "", description="ended jobs at most; all that are open are told"
    )
    cursor: str = Field("", max_length=LONGEST, description="`next` of the page before")


class Listed(BaseModel):
    """Jobs, and how to go on."""

    open: list[dict[str, Any]]
    ended: list[dict[str, Any]]
    next: str | None = Field(description="cursor of the next page; null: this is the last one")


def jobs(reader: Reader) -> APIRouter:
    """Return the routes of jobs."""
    router = APIRouter(route_class=once(reader), responses=PROBLEMS)

    def mine(request: Request) -> Jobs:
        caller = request.state.caller
        return jobs_of(reader.of(caller).board, caller.sight)

    @router.post(JOBS, status_code=202, **body(Wanted.model_json_schema()), **_about("job_ask"))
    async def ask(request: Request) -> Response:
        """Ask for a run or a load; it goes on by itself, and its address says how it goes."""
        wanted = _wanted(await object_of(request))
        found = reader.of(request.state.caller).may(wanted.action)
        board = (await run_in_threadpool(found.whole, wanted.action)).board
        return await run_in_threadpool(lambda: queued(board, wanted.ask(board)))

    @router.get(JOBS, **about("jobs", "jobs", Listed))
    def listed(request: Request, _: Annotated[OfJobs, Asks()]) -> Response:
        """Return the jobs that have not ended, and page by page those that have, newest first."""
        found, query = mine(request), Query(request.query_params)
        limit, word = query.whole("limit", MOST, high=MOST), query.text("cursor", most=LONGEST)
        (before,) = opened(JOBS, word, 1) if word else (None,)
        if not isinstance(before, int | None):
            raise misfit(word)
        rows = found.ended(limit + 1, before=before)
        more = limit and len(rows) > limit
        after = cursor(JOBS, [rows[limit - 1]["change"]]) if more else None
        return done({"open": found.open(), "ended": rows[:limit], "next": after})

    @router.get(f"{JOBS}/events", **_about("jobs_events"))
    async def all_events(request: Request, since: str = "") -> StreamingResponse:
        """Tell of all jobs: ``state`` when one has another state, ``progress`` in between."""
        return _events(request, since, _looking(mine(request)))

    @router.get(f"{JOBS}/{{job_id}}", **about("job", "jobs"))
    def one(request: Request, job_id: Id) -> Response:
        """Return a job."""
        return done(mine(request).one(job_id))

    @router.get(f"{JOBS}/{{job_id}}/events", **_about("job_events"))
    async def its_events(request: Request, job_id: Id, since: str = "") -> StreamingResponse:
        """Tell of one job until it has ended."""
        found = mine(request)
        await run_in_threadpool(found.one, job_id)  # an unknown one is no empty stream
        return _events(request, since, _looking(found, job_id))

    @router.post(f"{JOBS}/{{job_id}}/cancel", **_NOTHING, **about("job_cancel", "jobs"))
    async def cancel(request: Request, job_id: Id) -> Response:
        """Cancel a job."""
        await object_of(request)
        reader.of(request.state.caller).may(CANCEL)
        return done(await run_in_threadpool(mine(request).cancel, job_id))

    @router.post("/v1/uploads", status_code=201, **_FILE, **_about("upload"))
    async def upload(request: Request, name: str) -> dict[str, str]:
        """Hand in a file, as the body, to have it loaded; it is kept for a day."""
        return {"upload": await upload_of(request, reader, name)}

    return router


def _wanted(given: dict[str, Any]) -> Wanted:
    try:
        return Wanted.model_validate(given)
    except ValueError as error:
        first = error.errors()[0]  # type: ignore[attr-defined] # of pydantic, a ValueError
        where = ".".join(map(str, first["loc"])) or "-"
        what = both("fault.rule_value", where=where, why=complaint(first))
        known = both("advice.takes", names=", ".join(Wanted.model_fields))
        raise UsageError(what=what, remedy=known) from error


def _looking(found: Jobs, only: str = "") -> Look:
    """Return what says how jobs have changed; the mark of an event is the number of a change.

    Whoever comes without a mark is told of all that go on.
    """
    states: dict[str, str] = {}
    ended = False

    def event(job: Row) -> Event:
        nonlocal ended
        name = "progress" if states.get(job["job_id"]) == job["state"] else "state"
        states[job["job_id"]] = job["state"]
        ended = ended or (bool(only) and job["state"] not in OPEN)
        return Event(str(job["change"]), name, job)

    def look(seen: str) -> list[Event] | None:
        if ended:
            return None
        if only and not states:
            rows = [found.one(only)]  # which may have ended long ago
        elif seen or states:
            rows = found.since(_number(seen))
        else:
            rows = sorted(found.open(), key=lambda j: int(j["change"]))
        return [event(job) for job in rows if only in {"", job["job_id"]}]

    return look


def _events(request: Request, since: str, look: Look) -> StreamingResponse:
    _number(request.headers.get("last-event-id", since))  # a wrong one is no empty stream
    return events(request, since, look)


def _number(mark: str) -> int:
    if mark and not (mark.isascii() and mark.isdigit() and len(mark) < DIGITS):
        raise wrong("since", mark[:40], both("advice.number", low=0, high="9" * (DIGITS - 1)))
    return int(mark or 0)
