"""What is posted to the console: forms of its own pages, and JSON of programs.

A form of another site is refused: its browser says where it is from, and JSON from there is not
let through. A form of somebody who has logged in carries what only our pages know, too.
"""

import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from liandong.config import settings_now
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.errors import RefusedError, UsageError
from liandong.store.uploads import Uploads
from liandong.texts import both

MOST_BYTES = 1 << 16
MOST_FILES = 20
"""In one form."""
MULTIPART = "multipart/form-data"
UPLOAD = "file.upload"
"""What it takes to hand in files, where somebody is named for it."""
TICKET = "ticket"
"""Field of a form with what only our pages know, see :class:`.Caller`."""
Given = dict[str, Any]


async def form_of(request: Request, *, files: bool = False) -> dict[str, str]:
    """Return what a form of our own pages says; RefusedError if it may be of another site.

    Parameters
    ----------
    files
        Whether it may bring files: of each only the SHA-256 is taken, in hex.
    """
    _own(request, needed=True)
    if files and _kind(request) == MULTIPART:
        given = await _hashed(request)
    else:
        given = dict(parse_qsl((await _body(request)).decode("utf-8", "replace")))
    _need_ticket(request, given.pop(TICKET, ""))
    return {**request.query_params, **given}


def form(
    router: APIRouter, path: str, reader: Reader, act: Callable[[Reader, Query], Response], *,
    files: bool = False,
) -> None:  # fmt: skip
    """Let a path take forms of our own pages; what it does is done beside the loop."""

    async def answer(request: Request) -> Response:
        given = await form_of(request, files=files)
        query = Query(given, request.url.path, request.path_params)
        return await run_in_threadpool(lambda: act(reader.of(request.state.caller), query))

    router.add_api_route(path, answer, methods=["POST"])


async def object_of(request: Request) -> Given:
    """Return the JSON object of a request: empty without a body."""
    _own(request, needed=False)
    kind, body = _kind(request), await _body(request)
    # A page of another site can send forms and texts unasked, but not JSON.
    if kind != "application/json":
        raise wrong("content-type", kind or "–", both("advice.known", known="application/json"))
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise UsageError(what=both("fault.not_json"), remedy=both("advice.json")) from error
    if not isinstance(given, dict):
        raise UsageError(what=both("fault.not_json"), remedy=both("advice.json"))
    return given


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


def same_site(request: Request) -> None:
    """Refuse what a page of another site sends."""
    _own(request, needed=False)


def _own(request: Request, *, needed: bool) -> None:
    """Refuse what a page of another site may have sent; a token is nothing that it could use."""
    if request.state.caller.how == "token":
        return
    origin = request.headers.get("origin")
    own = origin and urlsplit(origin).netloc == request.headers.get("host")
    near = request.headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    if not near or not (own or (not origin and not needed)):
        raise _refused(request, "refusal.other_site")


def _need_ticket(request: Request, carried: str) -> None:
    if not hmac.compare_digest(carried.encode(), request.state.caller.ticket.encode()):
        raise _refused(request, "refusal.ticket")


def _refused(request: Request, code: str) -> RefusedError:
    actor = request.state.caller.actor or "–"
    return RefusedError(actor=actor, action=request.url.path, reason=both(code))


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            what = both("fault.too_long", name="body")
            raise UsageError(what=what, remedy=both("advice.length", most=MOST_BYTES))
    return body


async def upload_of(request: Request, reader: Reader, name: str) -> str:
    """Keep the body of a request as a file that was handed in; return its id."""
    _own(request, needed=False)
    return await _kept(request, reader, name, request.stream())


async def file_of(request: Request, reader: Reader) -> str:
    """Keep the file of a form of our own pages; return its id.

    Raises
    ------
    UsageError
        If there is none, or it is too large.
    """
    _own(request, needed=True)
    async with _parts(request, 1) as given:
        _need_ticket(request, str(given.get(TICKET) or ""))
        found = given.get("file")
        if not isinstance(found, UploadFile) or not found.filename:
            raise UsageError(what=both("fault.no_upload"), remedy=both("advice.no_upload"))
        return await _kept(request, reader, found.filename, _read(found))


@asynccontextmanager
async def _parts(request: Request, most: int) -> AsyncGenerator[FormData, None]:
    """Give the parts of a form with at most so many files, which are gone afterwards."""
    try:
        parts = MultiPartParser(request.headers, _bounded(request.stream()), max_files=most)
        given = await parts.parse()
    except (MultiPartException, KeyError) as error:  # of a body of another kind
        raise UsageError(what=both("fault.no_upload"), remedy=both("advice.no_upload")) from error
    try:
        yield given
    finally:
        await given.close()


async def _hashed(request: Request) -> dict[str, str]:
    """Return the fields of a form, and the SHA-256 of each file that it brings."""
    found = {}
    async with _parts(request, MOST_FILES) as given:
        for name, value in given.items():
            if isinstance(value, str):
                found[name] = value
            elif value.filename:
                digest = hashlib.sha256()
                async for part in _read(value):
                    await run_in_threadpool(digest.update, part)
                found[name] = digest.hexdigest()
    return found


async def _kept(request: Request, reader: Reader, name: str, parts: AsyncIterator[bytes]) -> str:
    bound = reader.of(request.state.caller)
    await run_in_threadpool(bound.now)  # nothing is taken from who may not see the board
    board = bound.board
    await run_in_threadpool(board.powers.need, UPLOAD, name[:80])
    with Uploads(board.store, board.actor).writing(name) as (upload_id, file):
        async for part in _bounded(parts):
            await run_in_threadpool(file.write, part)
    return upload_id


async def _read(file: UploadFile) -> AsyncIterator[bytes]:
    while part := await file.read(1 << 20):
        yield part


async def _bounded(parts: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    most = settings_now().upload_mb * 1_000_000
    size = 0
    async for part in parts:
        size += len(part)
        if size > most:
            what, remedy = both("fault.upload_size"), both("advice.upload_size", most=most)
            raise UsageError(what=what, remedy=remedy)
        yield part
