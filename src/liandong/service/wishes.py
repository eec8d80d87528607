"""How somebody wants to see pages: as asked for and remembered, or as his browser prefers.

The language of what else is answered goes by the same; without any of these, by the setting.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liandong.texts import LANGUAGES

THEMES = ("light", "dark", "system")
WISHES = {"lang": LANGUAGES, "theme": THEMES}
"""What may be asked for by a parameter of that name, which a cookie of that name remembers."""
_YEAR = 365 * 24 * 3600


class Wishes:
    """ASGI middleware that puts ``lang`` and ``theme`` into the request's state.

    The theme is empty for that of the reader's system.

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
        asked = {n: v for n in WISHES if (v := ask.query_params.get(n)) in WISHES[n]}
        known = {n: asked.get(n) or ask.cookies.get(n, "") for n in WISHES}
        browser = preferred(ask.headers.get("accept-language", ""))
        lang = choose([known["lang"], *browser], self.default)
        theme = known["theme"] if known["theme"] in THEMES[:2] else ""
        scope.setdefault("state", {}).update(lang=lang, theme=theme)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Language"] = lang
                headers.add_vary_header("Accept-Language, Cookie")
                for name, value in asked.items():
                    _remember(scope, headers, name, value)
            await send(message)

        return await self.app(scope, receive, told)


def _remember(scope: Scope, headers: MutableHeaders, name: str, value: str) -> None:
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
