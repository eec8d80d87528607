"""What changes on a board, told as it happens: server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from liandong.console.reading import Reader

PAUSE = 0.3
"""Seconds between looks into the books."""
QUIET = 10
"""Seconds without a change after which a comment keeps the connection open."""
LONGEST = 300
"""Seconds of one answer; whoever wants to hear more asks again, from where it ended."""


def changes(reader: Reader) -> APIRouter:
    """Return the route ``/v1/alerts/events``.

    Each event ``alerts`` says that the alert wall looks different: a watch has told of changes, or
    somebody has acted on the board. Its id names what there is to be seen. Whoever comes with the
    last one, as ``Last-Event-ID`` or ``since``, is told at once if anything has happened in
    between, so that nothing is missed.
    """
    router = APIRouter()

    @router.get("/v1/alerts/events")
    async def events(request: Request, since: str = "") -> StreamingResponse:
        """Tell when alerts change."""
        seen = request.headers.get("last-event-id", since)
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(_told(reader, seen), media_type=KIND, headers=headers)

    return router


KIND = "text/event-stream"


async def _told(reader: Reader, seen: str) -> AsyncIterator[str]:
    """Yield an event for each change after a mark."""
    began = last = time.monotonic()
    yield "retry: 1000\n\n"
    while time.monotonic() < began + LONGEST:
        now = await asyncio.to_thread(reader.mark)
        if now != seen:
            seen, last = now, time.monotonic()
            acts, told = map(int, now.split("."))
            data = json.dumps({"acts": acts, "changes": told})
            yield f"id: {now}\nevent: alerts\ndata: {data}\n\n"
        elif time.monotonic() > last + QUIET:
            last = time.monotonic()
            yield ":\n\n"
        await asyncio.sleep(PAUSE)
