"""The addresses of the console: every page as HTML, and as JSON with ``format=json``."""

import secrets
from collections.abc import Callable
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from liandong.console import render
from liandong.console.pages import PAGES, Page
from liandong.console.query import Query
from liandong.console.reading import Reader

STATIC = Path(__file__).parent / "static"
"""Folder of style sheets, scripts and the vendored libraries."""
FORMATS = ("html", "json")


def rooms(reader: Reader) -> APIRouter:
    """Return the routes of all pages over one board."""
    router = APIRouter(include_in_schema=False)
    # Pages depend on the state of the board and on the program, which may change with a restart.
    edition = secrets.token_hex(4)
    for page in PAGES:
        router.add_api_route(page.path, _answer(page, reader, edition), methods=["GET", "HEAD"])
    return router


def _answer(page: Page, reader: Reader, edition: str) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        reading, lang = reader.now(), request.state.lang
        headers = {
            "ETag": f'W/"{reading.state}-{edition}-{lang}"',
            "Cache-Control": "private, no-cache",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        query = Query(request.query_params, request.url.path, request.path_params)
        wanted = query.choice("format", FORMATS, "html")
        data = page.data(reading, query)
        if wanted == "json":
            return Response(render.plain_json(data), media_type="application/json", headers=headers)
        return HTMLResponse(render.html(page, data, query, reading, lang), headers=headers)

    return answer
