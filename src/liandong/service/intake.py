"""Events over HTTP: ``POST /v1/events``, and the figures of the watch that reads them."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from liandong.delivery import lines
from liandong.service import problems
from liandong.service.app import LOCAL_HOSTS
from liandong.store.spool import Spool

MOST_BYTES = 1 << 23
"""Of one request."""
MOST_BEHIND = 1 << 28
"""Bytes that may wait to be judged; then callers are asked to come again."""
TOLD = 100
"""Refused lines that an answer names."""


class Intake:
    """Writes what comes in to a spool; requests that come together share one write to the disk.

    Parameters
    ----------
    spool
        Where to.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._work = asyncio.Event()

    async def take(self, data: bytes) -> None:
        """Return when lines are on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((data, done))
        self._work.set()
        await done

    async def run(self) -> None:
        """Write what waits, again and again."""
        while True:
            await self._work.wait()
            self._work.clear()
            batch, self._waiting = self._waiting, []
            try:
                await asyncio.to_thread(self._spool.append, b"".join(d for d, _ in batch))
            except OSError as error:
                for _, done in batch:
                    done.set_exception(HTTPException(507, str(error)))
                continue
            for _, done in batch:
                if not done.done():  # the caller may have gone
                    done.set_result(None)


def create_intake(
    spool: Spool | None, figures: Callable[[], str], behind: Callable[[], int]
) -> ASGIApp:
    """Make the application that takes events.

    ``POST /v1/events`` takes lines of JSON with the fields of ``watch_event``. The answer 202 says
    how many are events, and why the others are none; then all are on the disk. The same event sent
    twice counts once. 503 asks to come again when the watch is far behind. ``GET /metrics`` gives
    the figures of the watch.

    Parameters
    ----------
    spool
        Where events go; None: there are only figures.
    figures
        Says them in the text format of Prometheus.
    behind
        Says how many bytes of the spool are not in the books.
    """
    routes = [Route("/metrics", _figures(figures))]
    intake = Intake(spool) if spool is not None else None
    events = _events(intake, behind) if intake is not None else None
    if events is not None:
        routes.append(Route("/v1/events", _Endpoint(events), methods=["POST"]))

    @asynccontextmanager
    async def writing(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(intake.run()) if intake is not None else None
        yield
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOCAL_HOSTS)],
        exception_handlers={HTTPException: problems.http, Exception: problems.unknown},
        lifespan=writing,
    )
    return app if events is None else _shortened(app, events)


class _Endpoint:
    """An application as the end of a route, which takes functions for something else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _shortened(app: ASGIApp, events: ASGIApp) -> ASGIApp:
    """Send events on the shortest way: what all others go through takes longer than the work."""
    hosts = {host.encode() for host in LOCAL_HOSTS}

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        near = (
            scope["type"] == "http"
            and scope["path"] == "/v1/events"
            and scope["method"] == "POST"
            and all(_name(v) in hosts for k, v in scope["headers"] if k == b"host")
        )
        await (events if near else app)(scope, receive, send)

    return door


def _name(host: bytes) -> bytes:
    return host.rpartition(b":")[0] or host


def _events(intake: Intake, behind: Callable[[], int]) -> ASGIApp:
    async def answer(receive: Receive) -> tuple[int, bytes]:
        if behind() > MOST_BEHIND:
            raise HTTPException(503, headers={"Retry-After": "1"})
        data = await _body(receive)
        found, bad = lines.one_by_one(data, "http", "line")
        if data.strip():
            await intake.take(data if data.endswith(b"\n") else data + b"\n")
        told = [{k: r[k] for k in ("place", "reason", "detail", "event_id")} for r in bad[:TOLD]]
        said = {"events": len(found), "refused": len(bad), "why": told}
        return 202 if found or not bad else 422, json.dumps(said, ensure_ascii=False).encode()

    async def events(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body = await answer(receive)
        except HTTPException as error:
            await problems.http(Request(scope), error)(scope, receive, send)
            return
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    return events


async def _body(receive: Receive) -> bytes:
    """Return what was sent, if that is not too much."""
    parts, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > MOST_BYTES:
            raise HTTPException(413)
    return b"".join(parts)


Answer = Callable[[Request], Awaitable[Response]]


def _figures(figures: Callable[[], str]) -> Answer:
    async def metrics(_: Request) -> Response:
        return PlainTextResponse(figures(), media_type="text/plain; version=0.0.4")

    return metrics
