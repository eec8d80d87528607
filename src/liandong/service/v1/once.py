"""Requests with an ``Idempotency-Key``: the same one again is answered, and not done again."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from liandong.console.query import LONGEST
from liandong.console.reading import Reader
from liandong.store.answers import LEASE, Answer, Key, claim, doing, keep, renew
from liandong.store.books import Books

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
"""Header of an answer that was given before."""
MOST_BYTES = 64 << 20
"""Of a body."""
_KEPT = ("content-type", "location", "etag")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = Callable[..., Any]
_REPEATABLE: set[str] = set()
_DIRECT: set[Endpoint] = set()


def repeatable(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint whose work, done twice, is done once: its ids come from what it is about."""
    _REPEATABLE.add(endpoint.__name__)
    return endpoint


def direct(endpoint: Endpoint) -> Endpoint:
    """Mark an endpoint that reads its own address: to have it read before takes the most time."""
    _DIRECT.add(endpoint)
    return endpoint


def once(reader: Reader) -> type[APIRoute]:
    """Return the kind of routes that look at the key of a request."""

    class Once(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            return super().matches(_as_get(scope))

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            await super().handle(_as_get(scope), receive, send)

        def get_route_handler(self) -> Handler:
            handler: Handler = super().get_route_handler()
            if self.endpoint in _DIRECT:
                return self.endpoint  # it takes a request alone

            async def answer(request: Request) -> Response:
                if request.method != "POST" or HEADER not in request.headers:
                    return await handler(request)
                books, key = reader.board.store.books, await _key(request)
                again = self.name in _REPEATABLE
                return await _answered(books, key, lambda: handler(request), again=again)

            return answer

    return Once


def _as_get(scope: Scope) -> Scope:
    """Return what is asked for: with HEAD the same as with GET; the server leaves out the body."""
    return {**scope, "method": "GET"} if scope.get("method") == "HEAD" else scope


async def _key(request: Request) -> Key:
    if int(request.headers.get("content-length", 0)) > MOST_BYTES:
        raise HTTPException(413)
    caller, word = request.state.caller, request.headers[HEADER]
    scope = "" if caller.scope is None else sorted(caller.scope)  # one token's is not another's
    about = f"{request.method} {request.url.path}?{request.url.query} {scope}\n"
    told = hashlib.sha256(about.encode())
    told.update(await request.body())
    if not 0 < len(word) <= LONGEST:
        raise HTTPException(400)
    return Key(caller.actor, word, told.hexdigest())


async def _answered(
    books: Books, key: Key, handle: Callable[[], Awaitable[Response]], *, again: bool
) -> Response:
    known = await run_in_threadpool(claim, books, key, repeatable=again)
    if known is not None:
        return Response(known.body, known.status, {**known.head, REPLAYED: "true"})
    answer = None
    try:
        async with _going_on(books, key):
            with doing(key):
                made = await handle()
        head = {n: v for n, v in made.headers.items() if n in _KEPT}
        answer = Answer(made.status_code, head, bytes(made.body))
        return made
    finally:
        await run_in_threadpool(keep, books, key, answer)


@asynccontextmanager
async def _going_on(books: Books, key: Key) -> AsyncIterator[None]:
    """Say again and again that somebody works on a request."""

    async def say() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 4)
            await run_in_threadpool(renew, books, key)

    task = asyncio.create_task(say())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
