"""What somebody sees personal data for: named by a form, for an hour, and written into the log."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from liandong.console.posted import form
from liandong.console.query import Query
from liandong.console.reading import Reader
from liandong.store.sighting import mask, unmask

ROOM = "/purpose"


def purposes(reader: Reader) -> APIRouter:
    """Return the route that takes a purpose: ``purpose`` begins, and ``end`` ends it."""
    router = APIRouter(include_in_schema=False)
    form(router, ROOM, reader, _name)
    return router


def _name(reader: Reader, query: Query) -> Response:
    store, actor = reader.board.store, reader.board.actor
    if query.text("end"):
        mask(store, actor)
    else:
        unmask(store, actor, query.text("other") or query.text("purpose"))
    return RedirectResponse(ROOM, 303)
