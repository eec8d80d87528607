"""Who asks, and how, where a reverse proxy asks for somebody else."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

HERE = ("127.0.0.1", 0)


class Forwarded:
    """ASGI middleware that takes the word of proxies that are trusted, and of nobody else.

    Whoever comes through a socket of the file system is on this machine.

    Parameters
    ----------
    app
        What comes after it.
    proxies
        Addresses and networks of proxies.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        trusted = ProxyHeadersMiddleware(cast("Any", app), [*proxies]) if proxies else app
        self.app = cast("ASGIApp", trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and not scope.get("client"):
            scope["client"] = HERE
        await self.app(scope, receive, send)
