"""Who makes a request."""

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from liandong.caller import Caller
from liandong.store import Store
from liandong.store.sighting import sight_of

ANYBODY = frozenset({"/health", "/ready"})
"""Addresses that say how the service is, even when the books cannot say who may see what."""


class Who:
    """ASGI middleware that puts the ``caller`` into the request's state.

    Parameters
    ----------
    app
        What comes after it.
    store
        Where it is written who may see what.
    actor
        Who acts where nobody has to log in: whoever serves the board.
    """

    def __init__(self, app: ASGIApp, store: Store, actor: str) -> None:
        self.app = app
        self.store = store
        self.actor = actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"] not in ANYBODY:
            sight = await run_in_threadpool(sight_of, self.store, self.actor)
            scope.setdefault("state", {})["caller"] = Caller(self.actor, sight)
        await self.app(scope, receive, send)
