"""What changes on a board, told as it happens: server-sent events."""

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from liandong.console.reading import Reader
from liandong.service.stream import Event, events
from liandong.service.v1.describing import PROBLEMS


def changes(reader: Reader) -> APIRouter:
    """Return the route ``/v1/alerts/events``.

    Each event ``alerts`` says that the alert wall looks different: a watch has told of changes, or
    somebody has acted on the board. Its id names what there is to be seen. Whoever comes with the
    last one, as ``Last-Event-ID`` or ``since``, is told at once if anything has happened in
    between, so that nothing is missed.
    """
    router = APIRouter(responses=PROBLEMS)

    def look(seen: str) -> list[Event]:
        now = reader.mark()
        acts, told = map(int, now.split("."))
        return [] if now == seen else [Event(now, "alerts", {"acts": acts, "changes": told})]

    @router.get("/v1/alerts/events")
    async def told(request: Request, since: str = "") -> StreamingResponse:
        """Tell when alerts change."""
        return events(request, since, look)

    return router
