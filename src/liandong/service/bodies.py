"""What is sent with a request: not too much, and not too slowly."""

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.service import problems

MOST_BYTES = 1 << 20
"""Of a form, or of JSON."""
AROUND = 1 << 16
"""What a form has around a file."""
SHORT = ("", "application/json", "application/x-www-form-urlencoded")
"""Kinds of bodies that are never long."""
PATIENCE = 30.0
"""Seconds from one part of a body to the next."""


class Bodies:
    """ASGI middleware that takes no body that is too long or does not come.

    Parameters
    ----------
    app
        What comes after it.
    most
        Bytes of a file, or of rows.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most + AROUND

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        heads = Headers(scope=scope)
        kind = heads.get("content-type", "").partition(";")[0].strip().lower()
        most = MOST_BYTES if kind in SHORT else self.most
        said = heads.get("content-length", "0")
        if not said.isdecimal() or int(said) > most:
            request = Request(scope, receive)
            return await problems.http(request, HTTPException(413))(scope, receive, send)
        left, more = most, True

        async def measured() -> Message:
            nonlocal left, more
            if not more:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), PATIENCE)
            except TimeoutError:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            left -= len(message.get("body", b""))
            more = message.get("more_body", False)
            if left < 0:
                raise HTTPException(413, headers={"Connection": "close"})
            return message

        return await self.app(scope, measured, send)
