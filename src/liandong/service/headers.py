"""Headers that keep a browser from doing what no page of ours asks for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Sent with every answer; nothing inline runs, and nothing is fetched from elsewhere."""

HTTPS = {"Strict-Transport-Security": "max-age=31536000"}
"""Sent as well where the browser came by https: it is not to come otherwise again."""

_RAW = [(n.lower().encode(), v.encode()) for n, v in HEADERS.items()]
_RAW_HTTPS = [*_RAW, *((n.lower().encode(), v.encode()) for n, v in HTTPS.items())]


class SecurityHeaders:
    """ASGI middleware that adds :data:`HEADERS`.

    Parameters
    ----------
    app
        What comes after it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                # No answer has any of them already, so nothing need be looked for.
                more = _RAW_HTTPS if scope.get("scheme") == "https" else _RAW
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)
