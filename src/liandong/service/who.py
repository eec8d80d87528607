"""Who makes a request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from liandong.caller import Caller


class Who:
    """ASGI middleware that puts the ``caller`` into the request's state.

    Parameters
    ----------
    app
        What comes after it.
    actor
        Who acts where nobody has to log in: whoever serves the board.
    """

    def __init__(self, app: ASGIApp, actor: str) -> None:
        self.app = app
        self.actor = actor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope.setdefault("state", {})["caller"] = Caller(self.actor)
        await self.app(scope, receive, send)
