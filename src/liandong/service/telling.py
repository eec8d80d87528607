"""Each request told: an id that names it, a line in the log, a count, and a span."""

import random
import re
import secrets
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.service import logs
from liandong.service.figures import Figures
from liandong.spans import answered, request_span

HEAD = "x-request-id"
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
"""Ids of others that are taken on."""
NO_ROUTE = "(none)"
"""Told where an address belongs to no route: there are endlessly many of those."""
_IDS = random.Random(secrets.randbits(256))  # noqa: S311 - names, no secrets; asking the system takes long


class Telling:
    """ASGI middleware; outside all others but the one that knows who asks from where.

    Parameters
    ----------
    app
        What comes after it.
    figures
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self.app = app
        self.figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        heads = Headers(scope=scope)
        given = heads.get(HEAD, "")
        name = given if SANE.fullmatch(given) else f"{_IDS.getrandbits(128):032x}"
        scope.setdefault("state", {})["request_id"] = name
        logs.REQUEST_ID.set(name)
        with request_span(scope["method"], heads) as trace, self.figures.open.track_inprogress():
            logs.TRACE_ID.set(trace)
            await self._told(scope, receive, send)

    async def _told(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status, size, first = time.monotonic(), 500, 0, 0.0

        async def named(message: Message) -> None:
            nonlocal status, size, first
            if message["type"] == "http.response.start":
                status, first = message["status"], time.monotonic()
                own = HEAD.encode(), scope["state"]["request_id"].encode()
                message["headers"] = [*message["headers"], own]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            route = route_of(scope)
            self.figures.answered(
                scope["method"], route, status, (first or time.monotonic()) - began
            )
            answered(scope["method"], route, status)
            caller = scope["state"].get("caller")
            about = {"method": scope["method"], "route": route, "status": status, "bytes": size}
            logs.told(about | {"actor": caller and caller.actor}, began)


def route_of(scope: Scope) -> str:
    """Return the template of the address that was asked for, such as ``/firm/{party_id}``."""
    if "route" in scope:
        return str(scope["route"].path)
    return str(scope["root_path"] or NO_ROUTE) if "endpoint" in scope else NO_ROUTE
