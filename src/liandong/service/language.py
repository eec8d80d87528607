"""The language of an answer: asked for, remembered, preferred by the browser, or the setting."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.texts import LANGUAGES

COOKIE = "lang"
"""Name of the cookie that remembers the choice."""
_YEAR = 365 * 24 * 3600


class Language:
    """ASGI middleware that puts ``lang`` into the request's state.

    Parameters
    ----------
    app
        What comes after it.
    default
        Language if nothing else names one.
    """

    def __init__(self, app: ASGIApp, default: str) -> None:
        self.app = app
        self.default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        ask = HTTPConnection(scope)
        asked = ask.query_params.get("lang", "")
        lang = choose(
            [
                asked,
                ask.cookies.get(COOKIE, ""),
                *preferred(ask.headers.get("accept-language", "")),
            ],
            self.default,
        )
        scope.setdefault("state", {})["lang"] = lang

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Language"] = lang
                headers.add_vary_header("Accept-Language, Cookie")
                if asked == lang:
                    remember(scope, headers, COOKIE, lang)
            await send(message)

        return await self.app(scope, receive, told)


def remember(scope: Scope, headers: MutableHeaders, name: str, value: str) -> None:
    """Have the browser keep how somebody wants to see pages."""
    kept = f"{name}={value}; Path=/; Max-Age={_YEAR}; SameSite=Lax; HttpOnly"
    kept += "; Secure" if scope.get("scheme") == "https" else ""
    headers.append("Set-Cookie", kept)


def choose(wanted: list[str], default: str) -> str:
    """Return the first language of ours in ``wanted``."""
    return next((w for w in wanted if w in LANGUAGES), default)


def preferred(header: str) -> list[str]:
    """Return the languages of an ``Accept-Language`` header, best first, without regions.

    Examples
    --------
    >>> preferred("en;q=0.5, zh-CN, fr;q=0")
    ['zh', 'en']
    """
    found = []
    for part in header.split(","):
        name, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        if weight > 0:
            found.append((weight, name.split("-")[0].lower()))
    return [name for _, name in sorted(found, key=lambda f: -f[0])]
