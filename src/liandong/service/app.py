"""The application: middleware, routes and answers to errors, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from liandong import __version__, spans
from liandong.board import open as open_board
from liandong.config import settings_now
from liandong.console.acting import acting
from liandong.console.casedesk import handling
from liandong.console.inboxing import inboxing
from liandong.console.purposes import purposes
from liandong.console.reading import Reader
from liandong.console.rooms import STATIC, rooms
from liandong.console.starting import starting
from liandong.errors import LiandongError
from liandong.service import problems
from liandong.service.bodies import Bodies
from liandong.service.changes import changes
from liandong.service.figures import Figures, metrics
from liandong.service.forwarded import Forwarded
from liandong.service.headers import SecurityHeaders
from liandong.service.health import health
from liandong.service.identity.account import account
from liandong.service.identity.gate import Gate
from liandong.service.identity.login import logging_in
from liandong.service.jobs import jobs
from liandong.service.telling import Telling
from liandong.service.tilelog import tilelog
from liandong.service.v1 import v1
from liandong.service.v1.describing import OPENAPI, describe
from liandong.service.who import Who
from liandong.service.wishes import Wishes
from liandong.service.working import Worker

LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
"""Names under which the service answers: another name is somebody's rebound address."""


def create_app(
    location: str, *, lang: Literal["zh", "en"] | None = None, actor: str | None = None,
    login: bool = False,
) -> FastAPI:  # fmt: skip
    """Make the application that shows the board at ``location``.

    Parameters
    ----------
    location
        Folder of a board, or a ``postgresql://`` URL.
    lang
        Language for readers whose browser names none of ours; by default that of the settings.
    actor
        Who acts where nobody has to log in; by default that of the settings.
    login
        Whether everybody has to log in, even if the board has no people yet.

    Raises
    ------
    NotFoundError
        If there is no board.
    """
    settings, figures = settings_now(), Figures()
    reader = Reader(open_board(location, lang=lang, actor=actor, create=False))
    worker = Worker(location, reader.board)
    gate = Gate(reader.board, settings, login=login)

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        if spans.wanted():
            spans.export()
        # The first query loads what DuckDB needs; nobody should have to wait for it.
        reader.now().rows("SELECT seq FROM act LIMIT 1")
        worker.start()
        yield
        worker.stop()
        reader.close()

    app = FastAPI(
        title="liandong",
        openapi_url=OPENAPI,
        version=__version__,
        docs_url=None,  # both viewers load scripts from other hosts
        redoc_url=None,
        lifespan=closing,
        middleware=[
            Middleware(Forwarded, proxies=settings.proxies),
            Middleware(Telling, figures=figures),
            Middleware(SecurityHeaders),
            Middleware(Wishes, default=lang or settings.lang),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_HOSTS, *gate.hosts]),
            Middleware(Who, gate=gate),
            Middleware(Bodies, most=settings.upload_mb << 20),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
    )
    app.include_router(v1(reader))  # first: programs ask most often, and routes are tried in turn
    app.include_router(health(reader))
    app.include_router(metrics(reader, figures))
    app.include_router(changes(reader))
    app.include_router(jobs(reader))
    app.include_router(tilelog(reader))
    app.include_router(logging_in(gate))
    app.include_router(account(gate, reader))
    app.include_router(rooms(reader))
    app.include_router(handling(reader))
    app.include_router(acting(reader))
    app.include_router(inboxing(reader))
    app.include_router(purposes(reader))
    app.include_router(starting(reader))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(LiandongError, problems.known)
    app.add_exception_handler(HTTPException, problems.http)
    app.add_exception_handler(RequestValidationError, problems.unfit)
    app.add_exception_handler(Exception, problems.unknown)
    describe(app)
    return app
