"""A witness that logs ask over HTTP: C2SP tlog-witness 1.0.

There is no one to log in: a request is as good as the signature on its checkpoint.
"""

from threading import Lock

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from liandong.govern.log.notes import MOST
from liandong.store.witness import Answer, Witness

TEXT = "text/plain; charset=utf-8"
KINDS = {409: "text/x.tlog.size"}
"""Kinds of bodies by status, other than plain text."""


def create_witness(witness: Witness) -> FastAPI:
    """Make the application that answers ``POST /add-checkpoint``.

    Parameters
    ----------
    witness
        Who signs; those who ask at once take turns.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    turn = Lock()

    def add(text: str) -> Answer:
        with turn:
            return witness.add(text)

    @app.post("/add-checkpoint")
    async def add_checkpoint(request: Request) -> Response:
        """Sign a checkpoint that goes on from the last one, or say why not."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MOST:
                return Response("the request is too long\n", 413, {"Content-Type": TEXT})
        status, said = await run_in_threadpool(add, body.decode("utf-8", "replace"))
        return Response(said, status, {"Content-Type": KINDS.get(status, TEXT)})

    return app
