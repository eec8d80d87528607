"""Light or dark: as chosen and remembered, or as the reader's system has it."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.service.language import remember

COOKIE = "theme"
"""Name of the cookie that remembers the choice."""
THEMES = ("light", "dark", "system")


class Theme:
    """ASGI middleware that puts ``theme`` into the request's state; empty for the system's.

    Parameters
    ----------
    app
        What comes after it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        ask = HTTPConnection(scope)
        asked = ask.query_params.get(COOKIE, "")
        chosen = asked if asked in THEMES else ask.cookies.get(COOKIE, "")
        theme = chosen if chosen in THEMES[:2] else ""
        scope.setdefault("state", {})["theme"] = theme

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and asked in THEMES:
                remember(scope, MutableHeaders(scope=message), COOKIE, asked)
            await send(message)

        return await self.app(scope, receive, told)
