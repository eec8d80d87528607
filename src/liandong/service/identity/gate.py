"""Who is let in: from the cookie or the token of a request to its caller."""

import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from urllib.parse import quote, urlsplit

from limits import RateLimitItemPerMinute, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter, SlidingWindowCounterRateLimiter
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from liandong.board import Board
from liandong.caller import NOBODY, Caller, covers
from liandong.config import Settings
from liandong.errors import LoginError, RefusedError, TooManyError
from liandong.service.identity.oidc import Provider
from liandong.service.identity.passwords import Passwords
from liandong.service.identity.sealing import Seal
from liandong.store.acts import beyond
from liandong.store.logins import Sessions
from liandong.store.sighting import sight_of
from liandong.texts import both

ALWAYS = frozenset({"/health", "/ready"})
"""Addresses that say how the service is, even when the books cannot say who may see what."""
OPEN = frozenset({"static", "login", "metrics", "oidc", "log"})
"""First parts of the others that are there for everybody: to log in, to check the log.

Who may have its figures, ``metrics`` decides itself."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})
BY_ADDRESS, BY_NAME = parse("60/minute"), parse("20/minute")
"""Attempts to log in that a process looks at; the books count them over all processes."""


class Gate:
    """Lets requests in.

    Parameters
    ----------
    board
        Where people are known.
    settings
        What holds for logging in.
    login
        Whether to have people log in even if there are none yet.

    Attributes
    ----------
    people, sessions
        Who may come, and who has.
    passwords, seal, provider
        What they show: hashed, encrypted, or vouched for by others.
    hosts
        Names under which the service answers, beside those of this machine.
    cookie
        Name of the cookie of a session.
    secure
        Whether browsers come over TLS.
    """

    def __init__(self, board: Board, settings: Settings, *, login: bool = False) -> None:
        self.board, self.settings = board, settings
        self.people, self.sessions = board.people, Sessions(board.store)
        self.seal = Seal(settings)
        self.provider = Provider(settings) if settings.oidc_issuer else None
        if self.provider:
            self.seal.check()
        self.secure = settings.url.startswith("https://")
        named = (urlsplit(settings.url).hostname, *settings.hosts)
        self.hosts = [h for h in named if h]
        self.cookie = "__Host-session" if self.secure else "session"
        self._needed = login or self.provider is not None
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        # Two counters a person: cheaper than the times of all his requests.
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())
        most = settings.requests_per_minute
        self._most = RateLimitItemPerMinute(most) if most else None

    @cached_property
    def passwords(self) -> Passwords:
        """Made when first needed: it hashes once."""
        return Passwords(self.settings)

    def needed(self) -> bool:
        """Tell whether one has to log in; people are never taken away, so yes stays yes."""
        self._needed = self._needed or self.people.any()
        return self._needed

    def at_once(self) -> bool:
        """Tell whether :meth:`caller` answers without waiting for the books."""
        return self.board.store.looks.quick and not self.needed()

    # ── who asks ─────────────────────────────────────────────────────────────────────────────

    def caller(self, ask: Request) -> Caller:
        """Return who makes a request.

        Raises
        ------
        LoginError
            If nobody knows who it is.
        RefusedError
            If his token is not for reading.
        """
        if not self.needed():
            return Caller(self.board.actor, sight_of(self.board.store, self.board.actor))
        if ask.scope["path"].removeprefix("/").partition("/")[0] in OPEN:
            return NOBODY
        kind, _, secret = ask.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return self._program(ask, secret)
        secret = ask.cookies.get(self.cookie, "")
        found = self.sessions.of(secret) if secret else None
        if found is None:
            raise LoginError(reason=both("refusal.no_session"))
        name = found["person"]
        return Caller(
            name, sight_of(self.board.store, name, login=True), "session", ticket=ticket_of(secret)
        )

    def _program(self, ask: Request, secret: str) -> Caller:
        found = self.sessions.bearer(secret)
        if found is None:
            raise LoginError(reason=both("refusal.no_token"))
        name, scope = found["person"], frozenset(found["scope"].split())
        if ask.method in READS and not covers(scope, "read"):
            raise beyond(name, "read", scope)
        return Caller(name, sight_of(self.board.store, name, login=True), "token", scope)

    def count(self, caller: Caller) -> None:
        """Count a request of somebody who has logged in, by session or token.

        Raises
        ------
        TooManyError
            If he has made too many of late.
        """
        most = self._most if caller.how in {"session", "token"} else None
        if most and not self._counter.hit(most, caller.actor):
            raise TooManyError(seconds=most.get_expiry())

    def still(self, ask: Request) -> Callable[[], bool]:
        """Return what tells whether a request would still be let in."""

        def told() -> bool:
            try:
                self.caller(ask)
            except (LoginError, RefusedError):
                return False
            return True

        return told

    # ── letting in ───────────────────────────────────────────────────────────────────────────

    def attempt(self, ask: HTTPConnection, name: str) -> None:
        """Hear an attempt to log in.

        Raises
        ------
        TooManyError
            If there were too many, from there or under this name.
        """
        address = ask.client.host if ask.client else ""
        for most, key in ((BY_ADDRESS, f"address {address}"), (BY_NAME, f"name {name}")):
            if not self._limiter.hit(most, key):
                raise TooManyError(seconds=most.get_expiry())
        if wait := self.sessions.attempt(name, address):
            raise TooManyError(seconds=wait)

    def enter(
        self, ask: HTTPConnection, name: str, how: str, to: str,
        posts: Mapping[str, bool] | None = None,
    ) -> Response:  # fmt: skip
        """Begin a session, end the one before in the same browser, and lead to a page."""
        if before := ask.cookies.get(self.cookie):
            self.sessions.close(before)
        idle = timedelta(minutes=self.settings.session_idle)
        longest = timedelta(minutes=self.settings.session_longest)
        secret = self.sessions.begin(name, how, idle, longest, posts)
        answer = RedirectResponse(local(to), 303)
        self.put(answer, self.cookie, secret)
        return answer

    def put(self, answer: Response, name: str, value: str, seconds: int | None = None) -> None:
        """Have the browser keep a value that scripts cannot see, until it is closed or so long."""
        answer.set_cookie(
            name, value, max_age=seconds, path="/", secure=self.secure, httponly=True,
            samesite="lax",
        )  # fmt: skip

    def drop(self, answer: Response, name: str) -> None:
        """Have the browser forget a value."""
        answer.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def address(self, ask: HTTPConnection, path: str) -> str:
        """Return the whole address of a page, as a provider of identities must know it."""
        return (self.settings.url or str(ask.base_url)).rstrip("/") + path


def ticket_of(secret: str) -> str:
    """Return what the forms of a session carry: no other site can know it."""
    return hmac.new(secret.encode(), b"ticket", sha256).hexdigest()


def local(to: str) -> str:
    """Return an address of this service, or the first page if it could be another one.

    Examples
    --------
    >>> [local(a) for a in ("/firms?page=2", "//evil.example", "https://evil.example", "firms")]
    ['/firms?page=2', '/', '/', '/']
    """
    parts = urlsplit(to)
    odd = "\\" in to or not to.isprintable() or to.startswith("//")
    own = to.startswith("/") and not (parts.scheme or parts.netloc)
    return to if own and not odd else "/"


def came_from(ask: Request) -> str:
    """Return the page of ours whose form was sent, as the browser says, if it is not the first."""
    parts = urlsplit(ask.headers.get("referer", ""))
    back = local(parts._replace(scheme="", netloc="").geturl())
    return back if parts.path != ask.url.path and back != "/" else ""


def login_page(ask: Request) -> str:
    """Return the address at which to log in, and to come back from: to a form, not what it sent."""
    there = ask.url.path + (f"?{ask.url.query}" if ask.url.query else "")
    there = came_from(ask) if ask.method != "GET" else "" if there == "/" else there
    return f"/login?next={quote(there)}" if there else "/login"
