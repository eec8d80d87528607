"""Who makes a request, and what is answered where nobody knows."""

import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.errors import LiandongError, LoginError
from liandong.service import problems
from liandong.service.identity.gate import ALWAYS, READS, Gate, login_page

AGAIN = 5
"""Seconds after which it is asked again whether whoever hears a stream of events may."""


class Who:
    """ASGI middleware that puts the ``caller`` into the request's state.

    Parameters
    ----------
    app
        What comes after it.
    gate
        Who is let in.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            return await self.app(scope, receive, send)
        if scope["method"] in READS:
            with self.gate.board.store.looks.moment():
                return await self._let(Request(scope), receive, send)
        return await self._let(Request(scope), receive, send)

    async def _let(self, ask: Request, receive: Receive, send: Send) -> None:
        scope = ask.scope
        try:
            if self.gate.at_once():  # another thread would cost more than the work
                caller = self.gate.caller(ask)
            else:
                caller = await run_in_threadpool(self.gate.caller, ask)
            scope.setdefault("state", {})["caller"] = caller
            self.gate.count(caller)
        except LiandongError as error:
            return await _turned_away(ask, error)(scope, receive, send)
        if caller.how in {"session", "token"}:
            send = _private(send)
        return await self.app(scope, receive, _while(self.gate.still(ask), send))


def _turned_away(ask: Request, error: LiandongError) -> Response:
    """Answer who is not let in: a browser goes to log in, a program is told to."""
    if not isinstance(error, LoginError) or problems.for_program(ask):
        return problems.known(ask, error)
    if "hx-request" in ask.headers:  # a part of a page is asked for: have all of it asked for
        return Response(status_code=401, headers={"HX-Refresh": "true"})
    return RedirectResponse(login_page(ask), 303)


def _private(send: Send) -> Send:
    """Return what sends an answer that nothing on its way keeps, unless it says how it is kept."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
        await send(message)

    return told


def _while(still: Callable[[], bool], send: Send) -> Send:
    """Return what sends an answer; a stream of events ends when its caller is let in no more."""
    asked, state = time.monotonic(), "other"

    async def told(message: Message) -> None:
        nonlocal asked, state
        if message["type"] == "http.response.start":
            kinds = [v for n, v in message["headers"] if n.lower() == b"content-type"]
            state = "events" if kinds and kinds[0].startswith(b"text/event-stream") else "other"
        elif state == "events" and time.monotonic() > asked + AGAIN:
            asked = time.monotonic()
            if not await run_in_threadpool(still):
                state = "ended"
                message = {"type": "http.response.body", "body": b"", "more_body": False}
                return await send(message)
        if state != "ended":
            await send(message)
        return None

    return told
