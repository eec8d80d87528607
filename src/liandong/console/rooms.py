"""The addresses of the console: every page as HTML, and as JSON with ``format=json``.

Pages with blocks give each of these lists as a file, too: ``format=csv&block=NAME``, or
``format=arrow`` as a stream of Arrow; without a block it is the first, the main list of the page.
"""

import hashlib
import secrets
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from liandong.caller import Caller
from liandong.console import render, twin
from liandong.console.blocks import COLUMNS
from liandong.console.exporting import exported
from liandong.console.pages import PAGES, Page
from liandong.console.plain import plain_json
from liandong.console.query import FILE_ROWS, Query
from liandong.console.reading import Reader, Reading, Row
from liandong.console.typed import Rows

STATIC = Path(__file__).parent / "static"
"""Folder of style sheets, scripts and the vendored libraries."""
FORMATS = ("html", "json", "csv", "arrow")
LISTS: dict[str, tuple[Callable[[Rows, str], bytes], str]] = {
    "csv": (
        lambda r, lang: render.sheet(r, lang, r.schema.names),
        "text/csv; charset=utf-8",
    ),
    "arrow": (lambda rows, _: twin.stream(rows), "application/vnd.apache.arrow.stream"),
}
"""Formats of lists: how one is written in a language, and its media type."""
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
            taken = data.get(block)
            exported(reading, f"{page.name}/{block}", len(taken or ()))
            part = f"-first-{FILE_ROWS}" if len(taken or ()) >= FILE_ROWS else ""
            name = f'attachment; filename="{page.name}-{block}{part}.{wanted}"'
            headers = {**headers, "Content-Disposition": name}
            data = taken if isinstance(taken, dict) else {block: taken}
        if wanted == "json":
            return Response(plain_json(data), media_type="application/json", headers=headers)
        if wanted in LISTS:
            write, kind = LISTS[wanted]
            rows = listed(page, block, taken)
            return Response(write(rows, lang), media_type=kind, headers=headers)
        theme = request.state.theme
        return HTMLResponse(render.html(page, data, query, reading, lang, theme), headers=headers)

    return answer


def listed(page: Page, block: str, taken: list[Row] | Row | None) -> Rows:
    """Return what is asked for as rows with their columns: of a map its tiles, of a thing that."""
    name = f"{page.name}/{block}"
    if isinstance(taken, Rows) and name not in COLUMNS:
        return taken
    rows = taken.get("tiles", [taken]) if isinstance(taken, dict) else taken
    return Rows.of(COLUMNS[name], rows or [])


def etag(request: Request, reading: Reading) -> str:
    """Return the mark of what whoever asks is told: another one when it may have changed."""
    person = _person(request.state.caller, request.state.theme)
    known = f"{reading.state}.{reading.live}-{_EDITION}-{request.state.lang}-{person}"
    return f'W/"{known}"'


@lru_cache(maxsize=1000)
def _person(caller: Caller, theme: str) -> str:
    """Return what stands for whoever asks: the next one at the same screen is shown his own."""
    return hashlib.sha256(repr((caller, theme)).encode()).hexdigest()[:8]


def _block(page: Page, query: Query, wanted: str) -> str:
    """Return the list that is asked for as a file; JSON may be of all that the page shows."""
    if wanted == "html":
        return ""
    return query.choice("block", page.blocks, page.blocks[0] if wanted in LISTS else "")
