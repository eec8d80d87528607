"""The API: resources of the board below ``/v1``."""

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from liandong.console.posted import same_site
from liandong.console.reading import Reader
from liandong.console.render import api_html
from liandong.service.problems import for_program
from liandong.service.v1.books import books
from liandong.service.v1.deciding import deciding, working
from liandong.service.v1.describing import OPENAPI, PROBLEMS, listed
from liandong.service.v1.loads import KINDS, loads
from liandong.service.v1.once import once
from liandong.service.v1.saying import done
from liandong.service.v1.steps import trying
from liandong.service.v1.tables import tables
from liandong.service.v1.views import named, views


def v1(reader: Reader) -> APIRouter:
    """Return the routes of the API over one board."""

    async def fit(request: Request) -> None:
        """Refuse what another site sends, and content that is no JSON where that is wanted."""
        if request.method != "POST":
            return
        same_site(request)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        wanted = KINDS if request.url.path == "/v1/loads" else ("application/json", "")
        if kind not in wanted:
            raise HTTPException(415)

    router = APIRouter(
        prefix="/v1", route_class=once(reader), responses=PROBLEMS, dependencies=[Depends(fit)]
    )

    @router.get("", include_in_schema=False)
    def index(request: Request) -> Response:
        """List the resources, for people and for programs."""
        lang, theme = request.state.lang, request.state.theme
        found = listed(request.app.openapi(), lang)
        if for_program(request):
            return done({"resources": found, "openapi": OPENAPI})
        return HTMLResponse(api_html(found, lang, theme))

    for part in (named, tables, views, trying, books, deciding, working, loads):
        part(router, reader)
    return router
