"""What the forms of the first run and of jobs do: hand in files, ask for jobs, cancel them."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from liandong.board import Board
from liandong.console.forms import values_of
from liandong.console.jobdesk import LOOP, WORLD, ask_load, ask_loop, ask_run, jobs_of
from liandong.console.mapped import SAID, Draft
from liandong.console.posted import file_of, form
from liandong.console.query import Query, wrong
from liandong.console.reading import Reader
from liandong.schema.tables import TABLES
from liandong.step.registry import step
from liandong.texts import both

JOBS, START = "/jobs", "/start"
MOST_FIRMS = 200_000
"""Firms of a world that somebody may ask for on a page."""


def starting(reader: Reader) -> APIRouter:
    """Return the routes that the pages of jobs and of the first run post to."""
    router = APIRouter(include_in_schema=False)

    form(router, f"{JOBS}/begin", reader, _begin)
    form(router, f"{JOBS}/{{job_id}}/cancel", reader, _cancel)
    form(router, f"{START}/world", reader, _world)
    form(router, f"{START}/loop", reader, lambda r, _: _to(ask_loop(_board(r, LOOP))))
    form(router, f"{START}/import", reader, _import)
    form(router, f"{START}/load", reader, _load)

    @router.post(f"{START}/file")
    async def file(request: Request) -> Response:
        """Keep a file, and lead to what it might be."""
        upload = await file_of(request, reader)
        return RedirectResponse(f"{START}/file?{urlencode({'upload': upload})}", 303)

    @router.get(f"{START}/mapping.toml")
    def mapping(request: Request) -> Response:
        """Return the mapping of an address as the file that the command line takes."""
        query = Query(request.query_params)
        draft = _draft(query)
        name = f'attachment; filename="{draft.table}.toml"'
        headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
        return Response(draft.toml(), media_type="application/toml", headers=headers)

    return router


def _board(reader: Reader, action: str) -> Board:
    """Return the board for what a job is to do, which concerns all of it."""
    return reader.may(action).whole(action).board


def _to(job_id: str) -> Response:
    return RedirectResponse(f"{JOBS}?{urlencode({'job': job_id})}", 303)


def _begin(reader: Reader, query: Query) -> Response:
    chosen = step(query.text("step"))
    dry_run = query.choice("how", ("run", "dry"), "run") == "dry"
    values = values_of(chosen, query.given)
    return _to(ask_run(_board(reader, chosen.name), chosen.name, values, dry_run=dry_run))


def _cancel(reader: Reader, query: Query) -> Response:
    return _to(jobs_of(reader.board, reader.caller.sight).cancel(query.text("job_id"))["job_id"])


def _world(reader: Reader, query: Query) -> Response:
    options = {
        "firms": query.whole("firms", 300, low=100, high=MOST_FIRMS),
        "months": query.whole("months", 36, low=18, high=120),  # a model needs a year of outcomes
        "seed": query.whole("seed", 1),
        "statistics": True,
    }
    return _to(ask_load(_board(reader, f"load.{WORLD}"), WORLD, {"options": options}))


def _import(reader: Reader, query: Query) -> Response:
    source, given = query.text("source"), {"import": query.text("name")}
    return _to(ask_load(_board(reader, f"load.{source}"), source, given))


def _load(reader: Reader, query: Query) -> Response:
    draft = _draft(query)
    options = {n: v for n, v in draft.given(query).items() if n != "mapping"}
    given = {"upload": query.text("upload"), "options": options, "mapping": draft.mapping()}
    return _to(ask_load(_board(reader, f"load.{draft.table}"), draft.table, given))


def _draft(query: Query) -> Draft:
    name = query.choice(SAID, TABLES)
    draft = Draft.of(query, name) if name else None
    if draft is None:
        raise wrong(SAID, name, both("advice.known", known=", ".join(TABLES)))
    return draft
