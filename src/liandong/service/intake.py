"""Events over HTTP: ``POST /v1/events``, and the figures of the watch that reads them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from liandong.delivery import lines
from liandong.delivery.source import Refused
from liandong.service import problems
from liandong.service.app import LOCAL_HOSTS
from liandong.store.spool import Spool

PATH = "/v1/events"
INTAKE = "intake"
"""Under which the state of the application has it."""
MOST_BYTES = 1 << 23
"""Of one request."""
MOST_BEHIND = 1 << 28
"""Bytes that may wait to be judged; then callers are asked to come again."""
GATHER = 0.002
"""Seconds from one write to the next, at least: each costs as much as some requests."""
TOLD = 100
"""Refused lines that an answer names."""


class Said(NamedTuple):
    """The answer to lines: a status, and JSON."""

    status: int
    body: bytes


Then = Callable[[Said | HTTPException], None]
"""Called once with what is answered; what went wrong is returned, not raised."""


class Intake:
    """Writes what comes in to a spool; requests that come together share one write to the disk.

    Parameters
    ----------
    spool
        Where to.
    behind
        Says how many bytes of the spool are not in the books.
    """

    def __init__(self, spool: Spool, behind: Callable[[], int]) -> None:
        self._spool, self._behind = spool, behind
        self._waiting: list[tuple[bytes, Said, Then]] = []
        self._disk = ThreadPoolExecutor(1, "spool")
        self._due, self._busy = 0.0, False

    def check(self) -> None:
        """Raise an HTTPException if the watch is far behind."""
        if self._behind() > MOST_BEHIND:
            raise HTTPException(503, headers={"Retry-After": "1"})

    def keep(self, data: bytes, said: Said, then: Then) -> None:
        """Have lines written; what is to be answered is said when they are on the disk.

        To be called in the loop that answers.
        """
        if not data.strip():
            then(said)
            return
        self._waiting.append((data if data.endswith(b"\n") else data + b"\n", said, then))
        if not self._busy:
            self._begin()

    def close(self) -> None:
        """Return when all is written."""
        self._disk.shutdown()

    def _begin(self) -> None:
        """Write what waits as soon as another write is due."""
        self._busy = True
        loop = asyncio.get_running_loop()
        wait = self._due - loop.time()
        if wait > 0:
            loop.call_later(wait, self._write, loop)
        else:
            self._write(loop)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting = self._waiting, []
        self._due = loop.time() + GATHER

        def write() -> None:
            error = None
            try:
                self._spool.append(b"".join([data for data, _, _ in batch]))
            except OSError as full:
                error = HTTPException(507, str(full))
            loop.call_soon_threadsafe(self._written, batch, error)

        self._disk.submit(write)

    def _written(self, batch: list[tuple[bytes, Said, Then]], error: HTTPException | None) -> None:
        self._busy = False
        if self._waiting:
            self._begin()
        loop = asyncio.get_running_loop()
        for _, said, then in batch:  # one that goes wrong is not to keep the others waiting
            loop.call_soon(then, said if error is None else error)


def judged(data: bytes) -> Said:
    """Return what is answered to lines: how many are events, and why the others are none."""
    found, bad = (lines.one_by_one if len(data) < lines.FEW else lines.read)(data, "http", "line")
    return _said(len(found), bad) if bad else _good(len(found))


@cache
def _good(events: int) -> Said:
    return _said(events, [])


def _said(events: int, bad: list[Refused]) -> Said:
    told = [{k: r[k] for k in ("place", "reason", "detail", "event_id")} for r in bad[:TOLD]]
    said = {"events": events, "refused": len(bad), "why": told}
    status = 202 if events or not bad else 422
    return Said(status, json.dumps(said, ensure_ascii=False).encode())


def create_intake(intake: Intake | None, figures: Callable[[], str]) -> Starlette:
    """Make the application that takes events.

    ``POST /v1/events`` takes lines of JSON with the fields of ``watch_event``. The answer 202 says
    how many are events, and why the others are none; then all are on the disk. The same event sent
    twice counts once. 503 asks to come again when the watch is far behind. ``GET /metrics`` gives
    the figures of the watch.

    Parameters
    ----------
    intake
        Where events go; None: there are only figures.
    figures
        Says them in the text format of Prometheus.
    """
    routes = [Route("/metrics", _figures(figures))]
    if intake is not None:
        routes.append(Route(PATH, _events(intake), methods=["POST"]))

    @asynccontextmanager
    async def writing(_: Starlette) -> AsyncIterator[dict[str, Intake | None]]:
        yield {INTAKE: intake}
        if intake is not None:
            intake.close()

    return Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS)],
        exception_handlers={HTTPException: problems.http, Exception: problems.unknown},
        lifespan=writing,
    )


Answer = Callable[[Request], Awaitable[Response]]


def _events(intake: Intake) -> Answer:
    async def events(request: Request) -> Response:
        intake.check()
        data = await _body(request)
        said = await asyncio.to_thread(judged, data)
        done = asyncio.get_running_loop().create_future()

        def then(said: Said | HTTPException) -> None:
            if not done.done():  # the caller may have gone
                done.set_result(said)

        intake.keep(data, said, then)
        answer = await done
        if isinstance(answer, HTTPException):
            raise answer
        return Response(answer.body, answer.status, media_type="application/json")

    return events


async def _body(request: Request) -> bytes:
    """Return what was sent, if that is not too much."""
    parts, size = list[bytes](), 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise HTTPException(413)
    return b"".join(parts)


def _figures(figures: Callable[[], str]) -> Answer:
    async def metrics(_: Request) -> Response:
        return PlainTextResponse(figures(), media_type="text/plain; version=0.0.4")

    return metrics
