"""What is posted to the console: forms of its own pages, and JSON of programs.

A form of another site is refused: its browser says where it is from, and JSON from there is not
let through.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.errors import RefusedError, UsageError
from liandong.texts import both

MOST_BYTES = 1 << 16
Given = dict[str, Any]


async def form_of(request: Request, reader: Reader) -> dict[str, str]:
    """Return what a form of our own pages says; RefusedError if it may be of another site."""
    _own(request, reader, needed=True)
    text = (await _body(request)).decode("utf-8", "replace")
    return dict(parse_qsl(text))


def form(
    router: APIRouter, path: str, reader: Reader, act: Callable[[Reader, Query], Response]
) -> None:
    """Let a path take forms of our own pages; what it does is done beside the loop."""

    async def answer(request: Request) -> Response:
        query = Query(await form_of(request, reader), request.url.path, request.path_params)
        return await run_in_threadpool(lambda: act(reader.of(request.state.caller), query))

    router.add_api_route(path, answer, methods=["POST"])


async def object_of(request: Request, reader: Reader) -> Given:
    """Return the JSON object of a request: empty without a body."""
    _own(request, reader, needed=False)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    body = await _body(request)
    # A page of another site can send forms and texts unasked, but not JSON.
    if kind != "application/json":
        raise wrong("content-type", kind or "–", both("advice.known", known="application/json"))
    try:
        given = json.loads(body or b"{}")
    except ValueError as error:
        raise UsageError(what=both("fault.not_json"), remedy=both("advice.json")) from error
    if not isinstance(given, dict):
        raise UsageError(what=both("fault.not_json"), remedy=both("advice.json"))
    return given


def same_site(request: Request, reader: Reader) -> None:
    """Refuse what a page of another site sends."""
    _own(request, reader, needed=False)


def _own(request: Request, reader: Reader, *, needed: bool) -> None:
    origin = request.headers.get("origin")
    if not origin and not needed:
        return
    if not origin or urlsplit(origin).netloc != request.headers.get("host"):
        reason = both("refusal.other_site")
        raise RefusedError(actor=reader.board.actor, action=request.url.path, reason=reason)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            what = both("fault.too_long", name="body")
            raise UsageError(what=what, remedy=both("advice.length", most=MOST_BYTES))
    return body
