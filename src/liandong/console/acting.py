"""What may be done on a page: ask for other rules of a watch, and decide what others ask for.

Whoever serves the console acts.
"""

import tomllib
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from liandong.console import ruling
from liandong.console.posted import form_of
from liandong.console.query import Query
from liandong.console.reading import Reader
from liandong.errors import UsageError
from liandong.texts import both

ROOM = "/rules/watch"


def acting(reader: Reader) -> APIRouter:
    """Return the routes that change a board."""
    router = APIRouter(include_in_schema=False)

    async def propose(request: Request) -> Response:
        query = Query(await form_of(request, reader), request.url.path)
        return await run_in_threadpool(_propose, reader, query)

    async def decide(request: Request) -> Response:
        query = Query(await form_of(request, reader), request.url.path)
        return await run_in_threadpool(_decide, reader, query)

    router.add_api_route(f"{ROOM}/propose", propose, methods=["POST"])
    router.add_api_route(f"{ROOM}/decide", decide, methods=["POST"])
    return router


def _propose(reader: Reader, query: Query) -> Response:
    reading, watch = reader.now(), query.text("watch")
    kept = ruling.rules_of(reading, watch, reading.board.rule_versions(watch))
    draft = ruling.Draft.of(query)
    if not draft.said:
        raise UsageError(what=both("fault.no_change"), remedy=both("advice.no_change"))
    change = ruling.change(tomllib.loads(kept["toml"]) if kept else {}, draft)
    reading.board.propose_rules(watch, change.saved, draft.reason)
    return _back(watch)


def _decide(reader: Reader, query: Query) -> Response:
    chosen = query.choice("decision", ("approve", "reject"))
    reader.board.decide(query.text("case"), approve=chosen == "approve")
    return _back(query.text("watch"))


def _back(watch: str) -> Response:
    return RedirectResponse(f"{ROOM}?{urlencode({'watch': watch})}#versions", 303)
