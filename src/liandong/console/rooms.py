"""The addresses of the console: every page as HTML, and as JSON with ``format=json``.

Pages with blocks give each of these lists as a file, too: ``format=csv&block=NAME``.
"""

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from liandong.console import render
from liandong.console.exporting import exported
from liandong.console.pages import PAGES, Page
from liandong.console.plain import plain_json
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader, Reading
from liandong.texts import both

STATIC = Path(__file__).parent / "static"
"""Folder of style sheets, scripts and the vendored libraries."""
FORMATS = ("html", "json", "csv")
FOR_ALL = ("account", "powers", "inbox", "purpose")
"""Pages for those, too, whom nobody lets see the board: what they lack, and whom to ask."""
_EDITION = secrets.token_hex(4)
"""Answers depend on the program, too, which may change with a restart."""


def rooms(reader: Reader) -> APIRouter:
    """Return the routes of all pages over one board."""
    router = APIRouter(include_in_schema=False)
    for page in PAGES:
        router.add_api_route(page.path, _answer(page, reader), methods=["GET", "HEAD"])
    return router


def _answer(page: Page, reader: Reader) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        reading = reader.of(request.state.caller).now(blind=page.name in FOR_ALL)
        lang = request.state.lang
        headers = {"ETag": etag(request, reading), "Cache-Control": "private, no-cache"}
        if page.live:
            headers = {"Cache-Control": "no-store"}
        elif request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        path = quote(request.scope["path"])  # it comes unquoted, and is an address again
        query = Query(request.query_params, path, request.path_params)
        wanted = query.choice("format", FORMATS, "html")
        data = page.data(reading, query)
        if data.get("unfinished"):
            headers = {"Cache-Control": "no-store"}  # the same address soon has another answer
        if block := _block(page, query, wanted):
            taken = data[block]
            exported(reading, f"{page.name}/{block}", len(taken))
            name = f'attachment; filename="{page.name}-{block}.{wanted}"'
            headers = {**headers, "Content-Disposition": name}
            data = taken if isinstance(taken, dict) else {block: taken}
        if wanted == "json":
            return Response(plain_json(data), media_type="application/json", headers=headers)
        if wanted == "csv":
            sheet = render.sheet(data.get(block) or [], lang)
            return Response(sheet, media_type="text/csv; charset=utf-8", headers=headers)
        return HTMLResponse(render.html(page, data, query, reading, lang), headers=headers)

    return answer


def etag(request: Request, reading: Reading) -> str:
    """Return the mark of what whoever asks is told: another one when it may have changed."""
    known = f"{reading.state}.{reading.live}-{_EDITION}-{request.state.lang}-{_person(request)}"
    return f'W/"{known}"'


def _person(request: Request) -> str:
    """Return what stands for whoever asks: the next one at the same screen is shown his own."""
    return hashlib.sha256(repr(request.state.caller).encode()).hexdigest()[:8]


def _block(page: Page, query: Query, wanted: str) -> str:
    """Return the list that is asked for as a file; a CSV file needs one, a JSON file may."""
    block = query.choice("block", page.blocks) if page.blocks else ""
    if wanted == "csv" and not block:
        known = ", ".join(page.blocks) or "–"
        raise wrong("block", query.text("block"), both("advice.known", known=known))
    return block if wanted != "html" else ""
