"""The sealed log as files that anybody may fetch: C2SP tlog-tiles, and a proof of each act."""

import re

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response

from liandong.console.reading import Reader
from liandong.errors import NotFoundError
from liandong.service.v1.describing import PROBLEMS
from liandong.texts import both

TILE = re.compile(r"(\d{1,2}|entries)/(x\d{3}/)*\d{3}(\.p/\d{1,3})?")
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
SOON = {"Cache-Control": "no-cache"}


def tilelog(reader: Reader) -> APIRouter:
    """Return the routes below ``/log``."""
    router = APIRouter(prefix="/log", responses=PROBLEMS)

    @router.get("/checkpoint")
    def checkpoint() -> Response:
        """Return the checkpoint as it was signed."""
        note = reader.board.log.files.note()
        if note is None:
            raise _absent("checkpoint")
        return PlainTextResponse(str(note), headers=SOON)

    @router.get("/tile/{path:path}")
    def tile(path: str) -> Response:
        """Return a tile of hashes, or a bundle of entries."""
        file = reader.board.log.files.folder / "tile" / path
        if not TILE.fullmatch(path) or not file.is_file():
            raise _absent(path)
        return Response(file.read_bytes(), media_type="application/octet-stream", headers=FOREVER)

    @router.get("/proof/{seq}")
    def proof(seq: int) -> Response:
        """Return the proof that an act is in the log."""
        name = f'attachment; filename="act-{seq}.tlog-proof"'
        told = str(reader.board.log.proof(seq))
        return PlainTextResponse(told, headers={**SOON, "Content-Disposition": name})

    @router.get("/entry/{seq}")
    def entry(seq: int) -> Response:
        """Return the bytes of a sealed act: what a proof is of."""
        name = f'attachment; filename="act-{seq}.json"'
        told = reader.board.log.entry(seq)
        headers = {**SOON, "Content-Disposition": name}
        return Response(told, media_type="application/json", headers=headers)

    return router


def _absent(name: str) -> NotFoundError:
    return NotFoundError(kind=both("kind.log_entry"), name=name, remedy=both("advice.seal", size=0))
