"""Working off what waits: agree, refuse, review, hand on and withdraw, by the forms of a page.

Whoever serves the console acts.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from liandong.console.posted import form_of
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.store.mandates import Mandates
from liandong.texts import both

ROOM = "/inbox"
LONGEST_REASON = 1_000
"""Characters of a reason at most."""


def inboxing(reader: Reader) -> APIRouter:
    """Return the route ``POST /inbox/{verb}``, which leads back to the page."""
    router = APIRouter(include_in_schema=False)

    async def act(request: Request) -> Response:
        query = Query(await form_of(request, reader), request.url.path, request.path_params)
        verb = query.choice("verb", VERBS)
        await run_in_threadpool(VERBS[verb], reader.board.powers, query)
        return RedirectResponse(ROOM, 303)

    router.add_api_route(f"{ROOM}/{{verb}}", act, methods=["POST"])
    return router


def _reason(query: Query) -> str:
    return query.text("reason", most=LONGEST_REASON)


def _delegate(mine: Mandates, query: Query) -> None:
    until = query.day("until")
    if until is None:
        raise wrong("until", "–", both("advice.day"))
    limit, total = query.text("limit") or None, query.text("total_limit") or None
    mine.delegate(query.text("power"), query.text("to"), until, limit=limit, total_limit=total)


VERBS: dict[str, Callable[[Mandates, Query], object]] = {
    "agree": lambda mine, q: mine.agree(q.whole("act", 0)),
    "decline": lambda mine, q: mine.decline(q.whole("act", 0), _reason(q)),
    "review": lambda mine, q: mine.review(q.whole("act", 0), _reason(q)),
    "delegate": _delegate,
    "revoke": lambda mine, q: mine.revoke(q.text("power"), _reason(q)),
}
"""What the buttons of the page do."""
