"""Server-sent events: what has changed, told as it happens to whoever keeps listening."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, NamedTuple

from fastapi import Request
from fastapi.responses import StreamingResponse

from liandong.console.plain import plain

PAUSE = 0.3
"""Seconds between looks."""
QUIET = 10
"""Seconds without a change after which a comment keeps the connection open."""
LONGEST = 300
"""Seconds of one answer; whoever wants to hear more asks again, from where it ended."""
KIND = "text/event-stream"


class Event(NamedTuple):
    """Something that happened: the mark to come back with, a name, and what JSON says of it."""

    mark: str
    name: str
    data: Any


Look = Callable[[str], Iterable[Event] | None]
"""Called with the last mark; what happened since, or None: there will never be more."""


def events(request: Request, since: str, look: Look) -> StreamingResponse:
    """Answer with events from ``Last-Event-ID`` on, or from ``since`` without it.

    Parameters
    ----------
    look
        Says what happened after a mark; called beside the loop, again and again.
    """
    seen = request.headers.get("last-event-id", since)
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(_told(look, seen), media_type=KIND, headers=headers)


async def _told(look: Look, seen: str) -> AsyncIterator[str]:
    began = last = time.monotonic()
    yield "retry: 1000\n\n"
    while time.monotonic() < began + LONGEST:
        found = await asyncio.to_thread(look, seen)
        if found is None:
            return
        for event in found:
            seen, last = event.mark, time.monotonic()
            data = json.dumps(event.data, ensure_ascii=False, default=plain)
            yield f"id: {event.mark}\nevent: {event.name}\ndata: {data}\n\n"
        if time.monotonic() > last + QUIET:
            last = time.monotonic()
            yield ":\n\n"
        await asyncio.sleep(PAUSE)
